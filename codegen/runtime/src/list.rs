//! Lists in one text: elements of a header (RFC 9110, section 5.6.1), values of a query.

use crate::Style;

/// What separates the items of a list in a query, the one that is written first. Of a comma an escape is part
/// of an item, as in a URI template (RFC 6570); a space and a `|` can stand in a query as escapes only, so that
/// no item can hold one (OpenAPI 3.1, `spaceDelimited` and `pipeDelimited`).
pub(crate) fn separators(style: Style) -> &'static [&'static str] {
    match style {
        Style::Repeat => &[],
        Style::Comma => &[","],
        Style::Space => &["%20", "+"],
        Style::Pipe => &["%7C", "%7c", "|"],
    }
}

/// The items of a value in a query, still percent-encoded. An empty value is an empty list, except where the
/// key is repeated: there each value is an item.
pub(crate) fn items(value: &str, style: Style) -> impl Iterator<Item = &str> {
    let separators = separators(style);
    let mut rest = Some(value).filter(|value| separators.is_empty() || !value.is_empty());
    std::iter::from_fn(move || {
        let text = rest?;
        let found = separators.iter();
        let found = found.filter_map(|sign| Some((text.find(sign)?, sign.len())));
        let (end, length) = found.min().unwrap_or((text.len(), 0));
        rest = (length > 0).then(|| &text[end + length..]);
        Some(&text[..end])
    })
}

/// Why a list cannot stand in one value of a query so that the same list is read.
#[cfg(any(test, feature = "client"))]
pub(crate) fn unsendable(texts: &[String], style: Style) -> Option<&'static str> {
    let has = |sign| texts.iter().any(|text| text.contains(sign));
    match style {
        Style::Repeat => None,
        _ if texts.len() == 1 && texts.iter().all(String::is_empty) => {
            Some("a list of one empty item cannot be told from an empty list")
        }
        Style::Space if has(' ') => Some("an item with a space cannot stand in the list"),
        Style::Pipe if has('|') => Some("an item with a `|` cannot stand in the list"),
        _ => None,
    }
}

/// The lines of a header for a list: one for each item, or one with all of them. An empty list is an empty line,
/// since it may be required. Nothing of an item could be escaped (RFC 9110, section 5.6.1, knows quoted strings
/// only where the item is one by itself), so that a list is refused which would be read as another one.
#[cfg(any(feature = "client", feature = "server", test))]
pub(crate) fn header_lines(texts: &[String], style: Style) -> Result<Vec<String>, &'static str> {
    let lines = match style {
        Style::Repeat if !texts.is_empty() => texts.to_vec(),
        _ => vec![texts.join(", ")],
    };
    let read = crate::Param {
        name: "",
        invalid: None,
        style,
        checks: &[],
    };
    match read.parse_header_list::<String>(&lines) {
        Ok(read) if read == texts => Ok(lines),
        _ => Err("no item may be empty, hold what separates items, or have white space around it"),
    }
}

/// The elements of a header's line: separated by commas outside of quoted strings, without the white
/// space around them, empty ones left out. A quoted string that is not closed takes the rest.
pub(crate) fn elements(line: &str) -> impl Iterator<Item = &str> {
    pieces(line, b',').filter(|element| !element.is_empty())
}

/// The pieces of `text` between separators that are not in a quoted string, trimmed.
pub(crate) fn pieces(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (piece, after) = text.split_at(unquoted(text, separator).unwrap_or(text.len()));
        rest = after.get(1..);
        Some(piece.trim_matches([' ', '\t']))
    })
}

/// Where the first separator outside of quoted strings is.
pub(crate) fn unquoted(text: &str, separator: u8) -> Option<usize> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            byte if byte == separator && !is_quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// The text of a token or a quoted string (section 5.6.4).
pub(crate) fn unquote(text: &str) -> std::borrow::Cow<'_, str> {
    let Some(inner) = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
    else {
        return text.into();
    };
    if !inner.contains('\\') {
        return inner.into();
    }
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        let kept = if character == '\\' {
            characters.next()
        } else {
            Some(character)
        };
        out.extend(kept);
    }
    out.into()
}

/// Whether `text` is a token (section 5.6.2).
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_holds_a_list_only_if_the_same_list_is_read() {
        let lines = |texts: &[&str], style| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            header_lines(&texts, style).ok()
        };
        let one = |line: &str| Some(vec![line.to_owned()]);
        assert_eq!(lines(&["a", "b c"], Style::Comma), one("a, b c"));
        assert_eq!(lines(&[], Style::Repeat), one(""));
        assert_eq!(
            lines(&["a", "b"], Style::Repeat).map(|all| all.len()),
            Some(2)
        );
        assert_eq!(
            lines(&[r#"299 - "a, b""#], Style::Repeat),
            one(r#"299 - "a, b""#)
        );
        for bad in ["a,b", " a", "a ", ""] {
            for style in [Style::Repeat, Style::Comma, Style::Space, Style::Pipe] {
                assert_eq!(lines(&["x", bad], style), None, "{bad:?} {style:?}");
            }
        }
        assert_eq!(lines(&["a|b"], Style::Pipe), None);
        assert_eq!(lines(&["a b"], Style::Space), None);
    }

    #[test]
    fn a_comma_in_quotes_separates_nothing() {
        let all = |line| elements(line).collect::<Vec<_>>();
        assert_eq!(all(r#" a ,, "b,\",c" ,	d"#), ["a", r#""b,\",c""#, "d"]);
        assert_eq!(all(r#"a, "b, c"#), ["a", r#""b, c"#]);
        assert_eq!(all(" , ,"), [""; 0]);
        assert_eq!(all(r"a\,b"), [r"a\", "b"]);
    }

    #[test]
    fn quotes_and_backslashes_are_taken_away() {
        assert_eq!(unquote("token"), "token");
        assert_eq!(unquote(r#""a b""#), "a b");
        assert_eq!(unquote(r#""a \"b\" \\""#), r#"a "b" \"#);
        assert_eq!(unquote("\""), "\"");
    }

    #[test]
    fn an_empty_value_is_an_empty_list_unless_the_key_is_repeated() {
        let all = |value, style| items(value, style).collect::<Vec<_>>();
        assert_eq!(all("", Style::Comma), [""; 0]);
        assert_eq!(all("", Style::Repeat), [""]);
        assert_eq!(all("a,,b%2C", Style::Comma), ["a", "", "b%2C"]);
        assert_eq!(all("a%20b+c", Style::Space), ["a", "b", "c"]);
        assert_eq!(all("a%7cb|c%7C", Style::Pipe), ["a", "b", "c", ""]);
        assert_eq!(all("a,b%20c", Style::Repeat), ["a,b%20c"]);
    }

    #[test]
    fn what_would_be_read_as_another_list_is_told() {
        let is_sendable = |texts: &[&str], style| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            unsendable(&texts, style).is_none()
        };
        for style in [Style::Comma, Style::Space, Style::Pipe] {
            assert!(!is_sendable(&[""], style));
            assert!(is_sendable(&["", ""], style) && is_sendable(&["a,b"], style));
        }
        assert!(!is_sendable(&["a b"], Style::Space) && is_sendable(&["a b"], Style::Pipe));
        assert!(!is_sendable(&["a|b"], Style::Pipe) && is_sendable(&["a|b"], Style::Space));
        assert!(is_sendable(&[""], Style::Repeat));
    }

    #[test]
    fn a_token_has_no_space_and_no_separator() {
        assert!(is_token("bytes"));
        for text in ["", "a b", "a/b", "\"a\"", "a,b", "ä"] {
            assert!(!is_token(text), "{text}");
        }
    }
}
