//! Mistakes in YAML that everybody makes once, by the place at which the parser stops.
//!
//! The parser says what it wanted; whoever wrote a text without quotes wants to know that it needs some. Where
//! the mistake lies before the place it is looked for there: `lines` knows indentation and blanks, `quotes`
//! what quotes do.

mod lines;
mod quotes;

use std::ops::Range;

use super::File;

/// What there is to say of a place at which the parser stopped, as pieces of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Trap {
    pub(super) help: String,
    /// The offending piece, where it is not the place at which the parser stopped.
    pub(super) at: Option<Range<usize>>,
    /// What it has to do with.
    pub(super) near: Option<(Range<usize>, &'static str)>,
    /// What would be right instead of the offending piece.
    pub(super) replacement: Option<String>,
}

impl Trap {
    fn help(help: impl Into<String>) -> Self {
        Self {
            help: help.into(),
            ..Self::default()
        }
    }

    fn near(self, piece: Range<usize>, text: &'static str) -> Self {
        Self {
            near: Some((piece, text)),
            ..self
        }
    }

    fn at(self, piece: Range<usize>) -> Self {
        Self {
            at: Some(piece),
            ..self
        }
    }
}

/// Where the parser stopped.
struct Stop<'a> {
    file: &'a File,
    /// Byte offset, and number of its line.
    offset: usize,
    line: usize,
    /// What the parser said.
    said: &'a str,
    /// Where the innermost brackets or braces begin that are open there.
    open: Option<usize>,
}

/// What to do about a text that is no YAML: the parser `said` so at `offset`, and what begins at `open` was
/// in brackets or braces and not closed.
pub(super) fn find(file: &File, offset: usize, said: &str, open: Option<usize>) -> Trap {
    let line = file.line_of(offset);
    let stop = Stop {
        file,
        offset,
        line,
        said,
        open,
    };
    quotes::find(&stop)
        .or_else(|| lines::blanks(&stop))
        .or_else(|| text_without_quotes(&stop).map(Trap::help))
        .or_else(|| lines::comment(&stop))
        .or_else(|| lines::indentation(&stop))
        .unwrap_or_else(|| Trap::help(last_resort(&stop)))
}

/// A text that needs quotes, in the line at which the parser stopped or the one before.
fn text_without_quotes(stop: &Stop<'_>) -> Option<&'static str> {
    [stop.line, stop.line - 1]
        .iter()
        .find_map(|number| of_line(stop.file.line(*number), stop.open.is_some()))
}

fn last_resort(stop: &Stop<'_>) -> &'static str {
    let said = |part: &str| stop.said.contains(part);
    if said("mapping values") || said("placement of ':'") {
        COLON
    } else if said("block scalar") {
        "behind `|` and `>` a text begins in the next line, deeper than its key"
    } else if said("expected ',' or") && stop.file.text()[stop.offset..].starts_with(':') {
        "a comma is missing before this key, or a text with a `:` needs quotes"
    } else {
        "the mistake is here or before: look for a bracket, a quote or a `:`, for tabs, and for indentation"
    }
}

const COLON: &str = "a text with `: ` in it needs quotes; if it has none, look for a bracket or a quote that is still open";

fn of_line(line: &str, is_flow: bool) -> Option<&'static str> {
    values(line).find_map(|value| of_value(value, is_flow))
}

/// What follows each `: ` and `- ` of a line, and each bracket and comma: there a text may begin.
fn values(line: &str) -> impl Iterator<Item = &str> {
    let line = line.trim_start();
    let starts = line
        .match_indices([':', '-', ',', '[', '{'])
        .map(|(at, _)| &line[at + 1..])
        .filter(|rest| rest.starts_with([' ', '*', '@', '`', '%']));
    std::iter::once(line).chain(starts).map(str::trim_start)
}

fn of_value(value: &str, is_flow: bool) -> Option<&'static str> {
    // Up to the end of the text, where it has no quotes.
    let own = value.split([',', '#']).next().unwrap_or_default();
    match value.chars().next()? {
        '@' | '`' => Some("a text that begins with `@` or a backtick needs quotes"),
        '%' => Some("a text that begins with `%` needs quotes"),
        '*' => {
            Some("a text that begins with `*` needs quotes; aliases are not part of the language")
        }
        '"' | '\'' => None,
        '{' | '[' if own.trim_end().ends_with([']', '}']) => None,
        '{' | '[' if !is_flow && own.contains([']', '}']) => {
            Some("a text that begins with `{` or `[` needs quotes")
        }
        _ if is_flow && has_brace(own) => Some(
            "in brackets and braces a text that has some of its own needs quotes, such as '/toys/{toy}'",
        ),
        _ => None,
    }
}

/// Whether a bracket or a brace stands within a word.
fn has_brace(text: &str) -> bool {
    // What stands in quotes is every second piece.
    text.split(['"', '\'']).step_by(2).any(|piece| {
        let inside = piece.trim_start_matches(['{', '[', ' ']);
        inside
            .match_indices(['{', '['])
            .any(|(at, _)| !inside[..at].ends_with([' ', '{', '[']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of a text at the end of which the parser stops.
    fn trap(text: &str, said: &str, open: Option<usize>) -> Trap {
        let file = File::new("x".to_owned(), text.to_owned(), 0);
        find(&file, text.len(), said, open)
    }

    fn told(line: &str, is_flow: bool, word: &str) {
        let help = trap(line, "", is_flow.then_some(0)).help;
        assert!(help.contains(word), "{line}: {help}");
    }

    #[test]
    fn what_a_text_begins_with_is_named() {
        told("\tname: toys", false, "spaces");
        told("  description: @team", false, "`@`");
        told("- `code`", false, "backtick");
        told("  description: 100%", false, "the mistake is here");
        told("  description: %d toys", false, "`%`");
        told("  media_types: [*/*]", true, "`*`");
        told("  - path: {toy}/parts", false, "`{`");
        told("  pattern: [a-z]+", false, "`[`");
        told("  - {path: /toys/{toy}, name: toys}", true, "of its own");
        told(
            "  - {path: '/toys/{toy}', name: [a]",
            true,
            "the mistake is here",
        );
    }

    #[test]
    fn a_colon_within_a_text_is_named_where_the_parser_stops_at_one() {
        let said = "mapping values are not allowed in this context";
        assert_eq!(trap("  description: Note", said, None).help, COLON);
    }
}
