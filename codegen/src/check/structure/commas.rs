//! Texts that a comma has cut off: `{description: a, b}`.
//!
//! In braces a comma ends a text, and what follows it is a key without a value, which nobody means. It is
//! told as one problem, for which quotes are the answer, however many commas there are.

use indexmap::IndexMap;

use crate::diag::{Diagnostic, Id, clip};
use crate::source::{Entry, Sources, Span, Value};

/// A text that has been cut, and the keys that are the rest of it.
pub(super) struct Cut<'e> {
    text: Span,
    pub(super) keys: Vec<&'e str>,
}

/// The texts of a map that commas have cut. `is_key` says which of its keys are meant as such.
pub(super) fn find<'e>(
    entries: &'e IndexMap<String, Entry>,
    sources: &Sources,
    is_key: impl Fn(&str) -> bool,
) -> Vec<Cut<'e>> {
    let mut cuts: Vec<Cut<'e>> = Vec::new();
    // The piece that the next key may go on with, and whether it is the end of a text that is cut already.
    let mut before: Option<(Span, bool)> = None;
    for (key, entry) in entries {
        let piece = before.filter(|(text, _)| follows(*text, entry, sources) && !is_key(key));
        before = match (piece, cuts.last_mut()) {
            (Some((text, true)), Some(cut)) => {
                cut.text = joined(cut.text, entry.key);
                cut.keys.push(key);
                Some((joined(text, entry.key), true))
            }
            (Some((text, _)), _) => {
                let text = joined(text, entry.key);
                let keys = vec![key.as_str()];
                cuts.push(Cut { text, keys });
                Some((text, true))
            }
            (None, _) => is_plain(entry, sources).then_some((entry.node.span, false)),
        };
    }
    cuts
}

impl Cut<'_> {
    pub(super) fn problem(&self, sources: &Sources) -> Diagnostic {
        let first = self.keys.first().copied().unwrap_or_default();
        let message = format!(
            "in braces a comma ends a text: `{}` is read as a key",
            clip(first)
        );
        let problem =
            Diagnostic::error(Id::UnquotedText, self.text, message).help("put all of it in quotes");
        let written = sources.slice(self.text);
        // Of a text over several lines only its author knows where they end.
        if written.contains('\n') {
            problem
        } else {
            problem.replace(format!("'{}'", written.replace('\'', "''")))
        }
    }
}

/// Whether an entry is a text without quotes.
fn is_plain(entry: &Entry, sources: &Sources) -> bool {
    matches!(entry.node.value, Value::Text(_))
        && !sources
            .slice(entry.node.span)
            .starts_with(['"', '\'', '|', '>'])
}

/// Whether an entry is a key without a value, behind `text` and a comma.
fn follows(text: Span, entry: &Entry, sources: &Sources) -> bool {
    let start = text.offset + text.length;
    let Some(length) = entry.key.offset.checked_sub(start) else {
        return false;
    };
    let between = Span {
        offset: start,
        length,
        ..text
    };
    // Of a key without a value the place of the value is its own.
    entry.node.value == Value::Null
        && entry.node.span == entry.key
        && text.file == entry.key.file
        && sources.slice(between).trim() == ","
}

/// From the start of one piece to the end of another.
fn joined(first: Span, last: Span) -> Span {
    Span {
        length: last.offset + last.length - first.offset,
        ..first
    }
}
