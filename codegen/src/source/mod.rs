//! The files of a descriptor, the tree they are merged to, and places in them.
//!
//! Reading has bounds for everything that a file can make large: bytes, depth, number of values, number
//! of files. An included file lies under the folder of the root file, links followed.

mod bodies;
mod merge;
mod parse;
mod read;
mod text;
mod traps;
mod tree;

pub use text::File;
pub use tree::{Entry, Node, Value};

use std::collections::BTreeMap;
use std::path::{Path as FilePath, PathBuf};

use crate::diag::{At, Diagnostics, Place, Side};

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
    /// Length in bytes.
    pub length: usize,
}

/// All files of a descriptor and the tree they are merged to.
#[derive(Clone, Debug)]
pub struct Sources {
    files: Vec<File>,
    paths: Vec<PathBuf>,
    root: Node,
    whole: bool,
    /// What the files hold that examples name.
    bodies: BTreeMap<String, Vec<u8>>,
}

impl Sources {
    /// Reads a file, or the `api.yaml` of a folder, and what it includes.
    pub fn read(path: &FilePath, problems: &mut Diagnostics) -> Self {
        read::read(path, problems)
    }

    /// Takes a text in place of a file; it has no folder to include files from.
    pub fn of_text(name: &str, text: &str, problems: &mut Diagnostics) -> Self {
        read::of_text(name, text, problems)
    }

    /// The files; the root file is the first.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Where the files were read from, the root file first. Empty for a text.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The merged descriptor.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The merged descriptor, to be changed.
    pub(crate) fn root_mut(&mut self) -> &mut Node {
        &mut self.root
    }

    /// Whether all files were read and parsed, so that what is missing is missing in the descriptor.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// What is in a file that an example names.
    pub(crate) fn body(&self, name: &str) -> Option<&[u8]> {
        self.bodies.get(name).map(Vec::as_slice)
    }

    /// The text of a piece.
    pub fn slice(&self, span: Span) -> &str {
        self.files
            .get(span.file)
            .map_or("", |file| file.slice(span))
    }

    /// Where a place is.
    pub fn span(&self, place: &Place) -> Span {
        match place {
            Place::Span(span) => *span,
            Place::At(at) => self.span_at(at),
            Place::Word(at, word) => self.span_of(at, word),
        }
    }

    fn span_of(&self, at: &At, word: &str) -> Span {
        let node = self.root.at(&at.path);
        let written = node.map(|node| node.get("type").unwrap_or(node));
        let Some(text) = written.filter(|node| node.text().is_some()) else {
            return self.span_at(at);
        };
        if word.is_empty() {
            return text.span;
        }
        let (span, text) = (text.span, self.slice(text.span));
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let is_whole = |start: &usize| {
            !text[..*start].ends_with(is_word) && !text[start + word.len()..].starts_with(is_word)
        };
        let mut found = text.match_indices(word).map(|(start, _)| start);
        match found.find(is_whole) {
            // In one line alone is it as many columns further as there are characters.
            Some(start) if !text[..start].contains('\n') => Span {
                column: span.column + text[..start].chars().count(),
                offset: span.offset + start,
                length: word.len(),
                ..span
            },
            _ => span,
        }
    }

    fn span_at(&self, at: &At) -> Span {
        let mut node = &self.root;
        let mut key = node.span;
        for step in at.path.steps() {
            let Some(next) = node.step(step) else {
                // Nothing is there: the key of what is around it says more than all its lines.
                return key;
            };
            key = match step {
                crate::diag::Step::Key(text) => {
                    node.entry(text).map_or(next.span, |entry| entry.key)
                }
                crate::diag::Step::Index(_) => next.span,
            };
            node = next;
        }
        match at.side {
            Side::Key => key,
            Side::Value => node.span,
        }
    }
}
