//! Percent-encoding (RFC 3986, section 2.1) of path segments and query components.
//!
//! Decoding happens once, behind the split at `/`, `&` and `=`: what was an escape can then no longer
//! become a separator. A `%` without two hexadecimal digits and escapes that are no UTF-8 are errors,
//! never passed on as they are, since two readers would disagree about them. Encoding is generous: what
//! comes out stands for itself in a path, a query and between the angle brackets of a `Link`.

use std::borrow::Cow;
use std::str;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Invalid, Scalar};

/// Everything but `unreserved` (RFC 3986, section 2.3): a component of a query.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Everything but `pchar` (section 3.3), without the apostrophe, which URL libraries encode by
/// themselves in places.
const SEGMENT: &AsciiSet = &COMPONENT
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// As a segment, but a `/` stands for itself.
const SEGMENTS: &AsciiSet = &SEGMENT.remove(b'/');

/// Appends a value as one segment of a path, or a part of one: its `/` is escaped.
pub fn segment<V: Scalar>(out: &mut String, value: &V) {
    out.extend(utf8_percent_encode(&value.to_text(), SEGMENT));
}

/// Appends a value that may span segments of a path: its `/` separates them.
pub fn segments<V: Scalar>(out: &mut String, value: &V) {
    out.extend(utf8_percent_encode(&value.to_text(), SEGMENTS));
}

/// Appends a key or a value of a query.
pub fn component(out: &mut String, text: &str) {
    out.extend(utf8_percent_encode(text, COMPONENT));
}

/// Decodes a segment of a path. Allocates only where there is an escape.
pub fn decode(text: &str) -> Result<Cow<'_, str>, Invalid> {
    if text.contains('%') {
        decoded(text, false).map(Cow::Owned)
    } else {
        Ok(Cow::Borrowed(text))
    }
}

/// Decodes a key or a value of a query, where `+` is a space (application/x-www-form-urlencoded).
/// Allocates only where something changes.
pub fn decode_component(text: &str) -> Result<Cow<'_, str>, Invalid> {
    if text.contains(['%', '+']) {
        decoded(text, true).map(Cow::Owned)
    } else {
        Ok(Cow::Borrowed(text))
    }
}

fn decoded(text: &str, plus_is_space: bool) -> Result<String, Invalid> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'%' => {
                let [high, low, tail @ ..] = tail else {
                    return Err(bad_escape());
                };
                let (Some(high), Some(low)) = (digit(*high), digit(*low)) else {
                    return Err(bad_escape());
                };
                bytes.push(high << 4 | low);
                rest = tail;
            }
            b'+' if plus_is_space => bytes.push(b' '),
            byte => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| Invalid::new("is not valid UTF-8"))
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

fn bad_escape() -> Invalid {
    Invalid::new("has a `%` without two hexadecimal digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_is_decoded_once() {
        assert_eq!(decode("a%2Fb").unwrap(), "a/b");
        assert_eq!(decode("%252F").unwrap(), "%2F");
        assert_eq!(decode("%C3%A4%c3%a4").unwrap(), "ää");
        assert_eq!(decode("a+b").unwrap(), "a+b");
        assert_eq!(decode_component("a+b%2B").unwrap(), "a b+");
    }

    #[test]
    fn text_without_escapes_is_borrowed() {
        assert!(matches!(
            decode("team/app+x"),
            Ok(Cow::Borrowed("team/app+x"))
        ));
        assert!(matches!(
            decode_component("team"),
            Ok(Cow::Borrowed("team"))
        ));
    }

    #[test]
    fn a_broken_escape_is_an_error() {
        for text in [
            "%", "a%", "%2", "%2x", "%x2", "%%41", "% 41", "%+4", "%\u{e4}1",
        ] {
            assert_eq!(decode(text), Err(bad_escape()), "{text}");
            assert!(decode_component(text).is_err(), "{text}");
        }
        for text in ["%ff", "%C3", "%C3%28", "%ED%A0%80"] {
            assert_eq!(
                decode(text),
                Err(Invalid::new("is not valid UTF-8")),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_encoded_is_decoded_to_the_same() {
        let every: String = (0..0x250).filter_map(char::from_u32).collect();
        let mut path = String::new();
        segment(&mut path, &every);
        assert!(
            !path.contains(['/', '?', '#', '<', '>', '"', ' ', '\\', '\'']),
            "{path}"
        );
        assert_eq!(decode(&path).unwrap(), every);
        let mut query = String::new();
        component(&mut query, &every);
        assert!(!query.contains(['&', '=', '+', '/', '#']), "{query}");
        assert_eq!(decode_component(&query).unwrap(), every);
    }

    #[test]
    fn a_slash_separates_only_in_values_that_span_segments() {
        let value = "team/a:b".to_owned();
        let mut out = String::new();
        segment(&mut out, &value);
        assert_eq!(out, "team%2Fa:b");
        out.clear();
        segments(&mut out, &value);
        assert_eq!(out, "team/a:b");
    }
}
