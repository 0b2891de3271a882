//! The text of one file, its lines, and places in it.
//!
//! The parser counts characters, editors count lines and columns, and slices count bytes. Looking up a
//! byte must not walk the file from its start, or a file of one long line takes quadratic time.

use std::ops::Range;

use super::Span;

/// Characters between two entries of the table of offsets.
const STRIDE: usize = 64;

/// One file.
#[derive(Clone, Debug)]
pub struct File {
    name: String,
    text: String,
    /// Bytes of the byte order mark before the text.
    mark: usize,
    /// Byte offset of every `STRIDE`th character.
    offsets: Vec<usize>,
    /// Byte offset of the start of every line.
    lines: Vec<usize>,
}

impl File {
    /// A file of this name, as it is shown in messages; `mark` bytes stand before its text.
    pub(super) fn new(name: String, text: String, mark: usize) -> Self {
        let characters = text.char_indices().map(|(offset, _)| offset);
        let offsets = characters.step_by(STRIDE).collect();
        let mut lines = vec![0];
        let bytes = text.as_bytes();
        for (offset, &byte) in bytes.iter().enumerate() {
            let ends = byte == b'\n' || byte == b'\r' && bytes.get(offset + 1) != Some(&b'\n');
            if ends {
                lines.push(offset + 1);
            }
        }
        Self {
            name,
            text,
            mark,
            offsets,
            lines,
        }
    }

    /// Its name as it is shown: what was given on the command line, and for an included file its folder
    /// before it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A line, counted from 1, without its end; empty where there is none.
    pub fn line(&self, number: usize) -> &str {
        let Some(&start) = number
            .checked_sub(1)
            .and_then(|index| self.lines.get(index))
        else {
            return "";
        };
        let end = self.lines.get(number).copied().unwrap_or(self.text.len());
        self.text[start..end].trim_end_matches(['\n', '\r'])
    }

    /// Where a piece begins and ends, in bytes from the beginning of the file.
    pub(crate) fn bytes(&self, span: Span) -> Range<usize> {
        let start = self.mark + span.offset;
        start..start + span.length
    }

    /// The number of the line of a byte offset.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|&first| first <= offset)
    }

    /// Byte offset of the start of a line, counted from 1; the end of the text where there is none.
    pub(super) fn start_of(&self, number: usize) -> usize {
        let start = number
            .checked_sub(1)
            .and_then(|index| self.lines.get(index));
        start.copied().unwrap_or(self.text.len())
    }

    /// The text of a piece.
    pub fn slice(&self, span: Span) -> &str {
        self.text
            .get(span.offset..span.offset + span.length)
            .unwrap_or_default()
    }

    /// Byte offset of a character, counted from 0; the end of the text for one that is not there.
    pub(super) fn offset(&self, character: usize) -> usize {
        let Some(&start) = self.offsets.get(character / STRIDE) else {
            return self.text.len();
        };
        let mut rest = self.text[start..].char_indices();
        rest.nth(character % STRIDE)
            .map_or(self.text.len(), |(offset, _)| start + offset)
    }

    /// The piece between two byte offsets, without the blanks at its end.
    pub(super) fn span(&self, file: usize, start: usize, end: usize) -> Span {
        let line = self.line_of(start);
        let first = self.lines[line - 1];
        let piece = self.text.get(start..end.max(start)).unwrap_or_default();
        Span {
            file,
            line,
            column: self.text[first..start].chars().count() + 1,
            offset: start,
            length: piece.trim_end().len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_in_three_ways() {
        let file = File::new("x".to_owned(), "é: 1\r\nb: ü \rc\n".to_owned(), 3);
        assert_eq!(file.lines.len(), 4);
        assert_eq!(
            [file.line(1), file.line(2), file.line(3), file.line(4)],
            ["é: 1", "b: ü ", "c", ""]
        );
        assert_eq!((file.line(0), file.line(5)), ("", ""));
        let at = file.offset(9);
        let span = file.span(3, at, at + 3);
        assert_eq!(
            (span.file, span.line, span.column, span.length),
            (3, 2, 4, 2)
        );
        assert_eq!(file.slice(span), "ü");
        assert_eq!(file.bytes(span), at + 3..at + 5);
    }

    #[test]
    fn every_character_is_found_however_long_the_line() {
        let text: String = "aé".repeat(500);
        let file = File::new("x".to_owned(), text.clone(), 0);
        for (character, (offset, _)) in text.char_indices().enumerate() {
            assert_eq!(file.offset(character), offset);
        }
        assert_eq!(file.offset(1000), text.len());
        assert_eq!(file.offset(5000), text.len());
    }
}
