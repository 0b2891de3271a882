//! The files of a descriptor and places in them.

/// A piece of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Which file, by its number in the list of those read; the root file is 0.
    pub file: usize,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// Offset of the first byte in the file.
    pub offset: usize,
    /// Length in bytes; the piece never ends behind the last line of what it marks.
    pub length: usize,
}
