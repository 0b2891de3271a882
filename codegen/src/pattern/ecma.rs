//! A pattern in the words of JSON Schema: a regular expression of ECMA-262 that holds for the whole text.
//!
//! It is written anew from what the parser understood, because the same text means different things: `\d`
//! is every digit of Unicode here and ten of them there, and `(?s)` is unknown there. Only what JavaScript
//! and Python read alike is written.

use std::fmt::Write as _;

use regex_automata::util::syntax;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::MAX_PATTERN;

/// What has a meaning outside of brackets.
const SPECIAL: &str = r"\^$.*+?()[]{}|/";

/// What has a meaning between brackets.
const SPECIAL_IN_CLASS: &str = r"\^-[]";

/// The pattern, anchored; `None` for one that has no such form.
pub fn ecma(pattern: &str) -> Option<String> {
    if pattern.len() > MAX_PATTERN {
        return None;
    }
    let config = syntax::Config::new().nest_limit(100);
    let hir = syntax::parse_with(pattern, &config).ok()?;
    let mut out = String::from("^");
    write_hir(&hir, Around::Anchors, &mut out)?;
    out.push('$');
    Some(out)
}

/// What an expression stands in, and so whether it needs a group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// `^` and `$`, which belong to one alternative only.
    Anchors,
    /// A group, where all may stand.
    Group,
    /// Others before and behind it.
    Concat,
    /// A repetition of it.
    Repetition,
}

fn write_hir(hir: &Hir, around: Around, out: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty if around == Around::Repetition => out.push_str("(?:)"),
        HirKind::Empty => {}
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            let is_one = text.chars().count() == 1;
            grouped(around == Around::Repetition && !is_one, out, |out| {
                text.chars().for_each(|c| push(c, SPECIAL.contains(c), out));
                Some(())
            })?;
        }
        HirKind::Class(class) => write_class(class, out)?,
        HirKind::Look(look) => out.push_str(match look {
            Look::Start => "^",
            Look::End => "$",
            Look::WordAscii => r"\b",
            Look::WordAsciiNegate => r"\B",
            _ => return None,
        }),
        HirKind::Repetition(repetition) => {
            grouped(around == Around::Repetition, out, |out| {
                write_hir(&repetition.sub, Around::Repetition, out)?;
                out.push_str(&times(repetition));
                Some(())
            })?;
        }
        HirKind::Capture(capture) => write_hir(&capture.sub, around, out)?,
        HirKind::Concat(parts) => grouped(around == Around::Repetition, out, |out| {
            parts
                .iter()
                .try_for_each(|part| write_hir(part, Around::Concat, out))
        })?,
        HirKind::Alternation(parts) => grouped(around != Around::Group, out, |out| {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push('|');
                }
                write_hir(part, Around::Group, out)?;
            }
            Some(())
        })?,
    }
    Some(())
}

fn grouped(
    is_needed: bool,
    out: &mut String,
    inner: impl FnOnce(&mut String) -> Option<()>,
) -> Option<()> {
    out.push_str(if is_needed { "(?:" } else { "" });
    inner(out)?;
    out.push_str(if is_needed { ")" } else { "" });
    Some(())
}

/// Which way is tried first means nothing for a whole text.
fn times(repetition: &Repetition) -> String {
    match (repetition.min, repetition.max) {
        (0, None) => "*".to_owned(),
        (1, None) => "+".to_owned(),
        (0, Some(1)) => "?".to_owned(),
        (min, None) => format!("{{{min},}}"),
        (min, Some(max)) if min == max => format!("{{{min}}}"),
        (min, Some(max)) => format!("{{{min},{max}}}"),
    }
}

fn write_class(class: &Class, out: &mut String) -> Option<()> {
    let mut class = match class {
        Class::Unicode(class) => class.clone(),
        // Bytes beyond ASCII are no characters.
        Class::Bytes(class) => class.to_unicode_class()?,
    };
    // What goes up to the last character is easier to read by what it lacks.
    let is_negated = class
        .ranges()
        .last()
        .is_some_and(|range| range.end() == char::MAX);
    if is_negated {
        class.negate();
    }
    match (class.ranges(), is_negated) {
        ([], true) => out.push_str(r"[\s\S]"),
        // Nothing ever matches.
        ([], false) => out.push_str(r"[^\s\S]"),
        ([one], false) if one.start() == one.end() => {
            push(one.start(), SPECIAL.contains(one.start()), out);
        }
        (ranges, _) => {
            out.push_str(if is_negated { "[^" } else { "[" });
            for range in ranges {
                let (start, end) = (range.start(), range.end());
                push(start, SPECIAL_IN_CLASS.contains(start), out);
                if start != end {
                    out.push_str(if u32::from(end) - u32::from(start) > 1 {
                        "-"
                    } else {
                        ""
                    });
                    push(end, SPECIAL_IN_CLASS.contains(end), out);
                }
            }
            out.push(']');
        }
    }
    Some(())
}

/// A character; one that nobody sees, as its number.
fn push(c: char, is_special: bool, out: &mut String) {
    match u32::from(c) {
        number @ (0..=0x1F | 0x7F..=0xA0 | 0xAD | 0x2028 | 0x2029 | 0xFEFF) => {
            let _ = write!(out, r"\u{number:04x}");
        }
        _ if is_special => out.extend(['\\', c]),
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Dfa;

    #[test]
    fn what_both_languages_read_alike_stays_nearly_as_it_is() {
        for (pattern, expected) in [
            ("[a-z]+(-[a-z]+)*", "^[a-z]+(?:-[a-z]+)*$"),
            ("a|bc", "^(?:a|bc)$"),
            ("(a|bc){2,3}x?", "^(?:a|bc){2,3}x?$"),
            ("[^/:]+", "^[^/:]+$"),
            ("(?s).+", r"^[\s\S]+$"),
            (r"\.\-/", r"^\.-\/$"),
            ("", "^$"),
            ("[ab]", "^[ab]$"),
            ("(?i)k", "^[Kk\u{212a}]$"),
            (r"\x00", r"^\u0000$"),
            ("(?-u:[a-c])", "^[a-c]$"),
            (r"(?-u:\b)a", r"^\ba$"),
            ("[[:^ascii:]]", r"^[^\u0000-\u007f]$"),
        ] {
            assert_eq!(ecma(pattern).as_deref(), Some(expected), "{pattern}");
        }
    }

    #[test]
    fn what_has_no_such_form_has_none() {
        for pattern in ["(?m)^a", r"\ba", r"(?-u:\b{start})a", "("] {
            assert_eq!(ecma(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn what_is_written_accepts_the_same_texts() {
        let texts = [
            "", "a", "ab", "a-b", "-", "a/b", "é", "1", "١", "\n", "aaa", "x]", "^",
        ];
        for pattern in [
            "[a-z]+(-[a-z]+)*",
            r"\d+",
            r"\w*",
            r"[\^\]\-x]+",
            "(a|b|ab)*",
            ".",
            "(?s).",
            "(a?){2}",
            "([0-9]|[a-f]){1,2}",
        ] {
            let dfa = Dfa::compile(pattern).expect("legal");
            let written = regex::Regex::new(&ecma(pattern).expect("it has a form")).expect("legal");
            for text in texts {
                let is_match = dfa.matches(text.as_bytes());
                assert_eq!(written.is_match(text), is_match, "{pattern} and {text:?}");
            }
        }
    }
}
