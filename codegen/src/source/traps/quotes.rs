//! What quotes do: escapes, and where they end.

use std::ops::Range;

use super::{Stop, Trap};

pub(super) fn find(stop: &Stop<'_>) -> Option<Trap> {
    let said = |part: &str| stop.said.contains(part);
    let rest = &stop.file.text()[stop.offset..];
    if said("escape") || said("hexadecimal") {
        return escape(rest, stop.offset);
    }
    if said("after double-quoted scalar") {
        // The parser calls single quotes so, too.
        let before = &stop.file.text()[..stop.offset];
        let single = before.ends_with('\'');
        let trap = Trap::help(if single {
            "the text ended at this quote: within single quotes one of their kind is written twice, `''`"
        } else {
            "the text ended at this quote: put all of it in quotes, in single ones where it has double ones"
        });
        let quote = if single { '\'' } else { '"' };
        let start = before.strip_suffix(quote)?.rfind(quote)?;
        return Some(trap.near(start..start + 1, "the text began at this one"));
    }
    let is_open = said("quoted scalar") && rest.starts_with(['"', '\'']);
    is_open.then(|| {
        Trap::help("the quote that begins here is not closed, or a line of its text is not indented enough")
    })
}

/// A text in double quotes, which is all of `text` up to them, with an escape that is none.
fn escape(text: &str, offset: usize) -> Option<Trap> {
    let (inner, escapes) = double_quoted(text)?;
    let bad = escapes
        .iter()
        .find(|escape| !is_escape(&inner[(*escape).clone()]))?;
    // Its quotes and what is between them.
    let whole = offset..offset + inner.len() + 2;
    let (start, end) = (offset + 1 + bad.start, offset + 1 + bad.end);
    let trap = Trap::help("in double quotes a backslash begins an escape: put the text in single quotes, or write `\\\\`")
        .at(whole)
        .near(start..end, "there is no such escape");
    // Single quotes leave every backslash as it is, which is wrong for an escape that is meant.
    let is_plain = escapes
        .iter()
        .all(|escape| !is_escape(&inner[escape.clone()]) && !is_complete(&inner[escape.clone()]));
    let replacement =
        (is_plain && !inner.contains(['\'', '\n', '\r'])).then(|| format!("'{inner}'"));
    Some(Trap {
        replacement,
        ..trap
    })
}

/// What is within the double quotes at the beginning of a text, and each backslash with what follows it.
fn double_quoted(text: &str) -> Option<(&str, Vec<Range<usize>>)> {
    let inner = text.strip_prefix('"')?;
    let mut escapes = Vec::new();
    let mut characters = inner.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((&inner[..at], escapes)),
            '\\' => {
                let (next, c) = characters.next()?;
                let wanted = inner[next + c.len_utf8()..].chars().take(digits(c));
                let length: usize = wanted
                    .take_while(char::is_ascii_hexdigit)
                    .map(char::len_utf8)
                    .sum();
                escapes.push(at..next + c.len_utf8() + length);
            }
            _ => {}
        }
    }
    None
}

/// Whether YAML knows this escape, which begins with its backslash.
fn is_escape(escape: &str) -> bool {
    match escape.chars().nth(1) {
        Some(c) if digits(c) == 0 => "0abt\tnvfre \"/\\N_LP\n\r".contains(c),
        _ => is_complete(escape) && code(escape).is_some_and(|code| char::from_u32(code).is_some()),
    }
}

/// Whether an escape with digits has all of them.
fn is_complete(escape: &str) -> bool {
    let wanted = escape.chars().nth(1).map_or(0, digits);
    wanted > 0 && escape.len() == 2 + wanted
}

fn code(escape: &str) -> Option<u32> {
    u32::from_str_radix(escape.get(2..)?, 16).ok()
}

/// How many digits follow the letter of an escape.
fn digits(letter: char) -> usize {
    match letter {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_in_double_quotes_is_told_and_single_quotes_are_offered_where_they_mean_the_same()
    {
        let trap = escape(r#""\d+", x"#, 10).unwrap();
        assert_eq!(trap.at, Some(10..15));
        assert_eq!(trap.near.unwrap().0, 11..13);
        assert_eq!(trap.replacement.as_deref(), Some(r"'\d+'"));
        for (text, bad) in [
            (r#""a\nb\d""#, r"\d"),
            (r#""it's \w""#, r"\w"),
            (r#""C:\\x \Users""#, r"\U"),
            (r#""\n \ud83d""#, r"\ud83d"),
            (r#""x\ud83d""#, r"\ud83d"),
        ] {
            let trap = escape(text, 0).unwrap();
            assert_eq!(&text[trap.near.unwrap().0], bad, "{text}");
            assert_eq!(trap.replacement, None, "{text}");
        }
        assert_eq!(escape(r#""\n \x41 \u00e9""#, 0), None);
        assert_eq!(escape(r#""\d"#, 0), None);
    }
}
