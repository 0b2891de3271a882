//! What templates can do to a text, beyond what the template language brings along.
//!
//! `statustext` and `removenewlines` are the ones that templates of the kind have had before.

use tera::{Kwargs, State, Tera, TeraResult, Value};

use super::markdown;
use crate::emit::ident::status_phrase;
use crate::emit::text::escape;

/// What each of them makes.
pub(super) const ABOUT: [(&str, &str); 11] = [
    (
        "statustext",
        "The phrase of a status: `404` becomes `Not Found`.",
    ),
    (
        "removenewlines",
        "A text in one line, its lines joined by a space.",
    ),
    (
        "cell",
        "A text that may stand in a cell of a Markdown table.",
    ),
    (
        "text",
        "A text in one line that is no Markdown, such as a title: its signs stand for themselves.",
    ),
    ("sentence", "The first sentence of a text."),
    ("code", "A code span of Markdown."),
    ("fenced", "A code block of Markdown in the language `lang`."),
    ("slug", "The address that code hosts give a heading."),
    (
        "demote",
        "Markdown with its headings below one of the level `by`.",
    ),
    ("concat", "A list, and behind it the list `with`."),
    (
        "bytes",
        "A size in the largest binary unit that divides it.",
    ),
];

/// Adds all filters.
pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("statustext", |status: u16, _: Kwargs, _: &State| {
        status_phrase(status)
    });
    tera.register_filter("removenewlines", |text: &str, _: Kwargs, _: &State| {
        remove_newlines(text)
    });
    tera.register_filter("cell", |text: &str, _: Kwargs, _: &State| cell(text));
    tera.register_filter("text", |text: &str, _: Kwargs, _: &State| escape(text));
    tera.register_filter("sentence", |text: &str, _: Kwargs, _: &State| {
        sentence(text)
    });
    tera.register_filter("code", code);
    tera.register_filter("fenced", fenced);
    tera.register_filter("slug", |text: &str, _: Kwargs, _: &State| {
        markdown::slug(text)
    });
    tera.register_filter("demote", demote);
    tera.register_filter("concat", concat);
    tera.register_filter("bytes", |size: u64, _: Kwargs, _: &State| size_text(size));
}

/// Lines joined, each break with its indentation a single space.
fn remove_newlines(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// A text as it may stand in a cell of a table: in one line, its bars escaped.
fn cell(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}

/// The first sentence of a text.
fn sentence(text: &str) -> String {
    let text = remove_newlines(text);
    match text.find(". ") {
        Some(end) => text[..=end].to_owned(),
        None => text,
    }
}

/// A code span, with enough backticks around it. A value that is no text is written as JSON.
fn code(value: Value, _: Kwargs, _: &State) -> String {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let touches = text.starts_with('`') || text.ends_with('`');
    let pad = if touches { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A code block; `lang` is its language.
fn fenced(text: &str, arguments: Kwargs, _: &State) -> TeraResult<String> {
    let lang = arguments.get::<&str>("lang")?.unwrap_or_default();
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    Ok(format!("{fence}{lang}\n{}\n{fence}", text.trim_end()))
}

/// Headings below one of the level `by`.
fn demote(text: &str, arguments: Kwargs, _: &State) -> TeraResult<String> {
    let by = arguments.get::<usize>("by")?.unwrap_or(1);
    Ok(markdown::demote(text, by))
}

/// A list with another one behind it.
fn concat(list: Vec<Value>, arguments: Kwargs, _: &State) -> TeraResult<Vec<Value>> {
    let mut list = list;
    list.extend(arguments.must_get::<Vec<Value>>("with")?);
    Ok(list)
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// A size in the largest binary unit that divides it.
fn size_text(size: u64) -> String {
    let units = ["KiB", "MiB", "GiB"];
    let (mut number, mut unit) = (size, "bytes");
    for larger in units {
        if number == 0 || number % 1024 != 0 {
            break;
        }
        number /= 1024;
        unit = larger;
    }
    format!("{number} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_no_line_break_and_no_bar() {
        assert_eq!(cell("a `x|y`\n  b\n\nc\n"), "a `x\\|y` b c");
    }

    #[test]
    fn lines_are_joined_with_one_space() {
        assert_eq!(remove_newlines("a\n\t\tb  \n\nc\n"), "a b c");
        assert_eq!(remove_newlines(""), "");
    }

    #[test]
    fn sizes_are_written_in_the_largest_unit_that_fits() {
        assert_eq!(size_text(4 << 20), "4 MiB");
        assert_eq!(size_text(1536), "1536 bytes");
        assert_eq!(size_text(0), "0 bytes");
    }

    #[test]
    fn a_code_span_is_longer_than_the_backticks_within() {
        assert_eq!(longest_run("a``b`"), 2);
    }
}
