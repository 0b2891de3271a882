//! Lists in one text: elements of a header (RFC 9110, section 5.6.1), values of a query.

use crate::Style;

/// Splits the value of a query parameter. An empty text is an empty list, except where the key is
/// repeated: there each value is an item.
pub(crate) fn split(value: &str, style: Style) -> impl Iterator<Item = &str> {
    let (separator, is_whole) = match style {
        Style::Repeat => (',', true),
        Style::Comma => (',', false),
        Style::Space => (' ', false),
        Style::Pipe => ('|', false),
    };
    let whole = is_whole.then_some(value);
    let parts = (!is_whole && !value.is_empty()).then(|| value.split(separator));
    whole.into_iter().chain(parts.into_iter().flatten())
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
        assert_eq!(split("", Style::Comma).count(), 0);
        assert_eq!(split("", Style::Repeat).collect::<Vec<_>>(), [""]);
        assert_eq!(
            split("a,,b", Style::Comma).collect::<Vec<_>>(),
            ["a", "", "b"]
        );
    }

    #[test]
    fn a_token_has_no_space_and_no_separator() {
        assert!(is_token("bytes"));
        for text in ["", "a b", "a/b", "\"a\"", "a,b", "ä"] {
            assert!(!is_token(text), "{text}");
        }
    }
}
