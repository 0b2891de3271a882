//! Media types with parameters (RFC 9110, section 8.3.1), and patterns of them.

use std::borrow::Cow;

use crate::Invalid;
use crate::list::{is_token, pieces, unquote};

/// A media type as it was sent: `text/plain; charset=utf-8`. Type and subtype may be `*`, as in Accept.
#[derive(Clone, Copy, Debug)]
pub struct Media<'m> {
    kind: &'m str,
    subtype: &'m str,
    parameters: &'m str,
}

impl<'m> Media<'m> {
    /// Parses a media type. Parameters are looked at only when they are asked for.
    pub fn parse(text: &'m str) -> Result<Self, Invalid> {
        let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
        let (kind, subtype) = essence
            .trim_matches([' ', '\t'])
            .split_once('/')
            .unwrap_or_default();
        if is_token(kind) && is_token(subtype) {
            Ok(Self {
                kind,
                subtype,
                parameters,
            })
        } else {
            Err(Invalid::new("is not a media type"))
        }
    }

    /// Whether it is one of `pattern`: `type/subtype`, `type/*` or `*/*`. Case and parameters do not
    /// count.
    pub fn is(&self, pattern: &str) -> bool {
        let (kind, subtype) = pattern.split_once('/').unwrap_or((pattern, ""));
        (kind == "*" || kind.eq_ignore_ascii_case(self.kind))
            && (subtype == "*" || subtype.eq_ignore_ascii_case(self.subtype))
    }

    /// Type and subtype in lower case, without parameters.
    pub fn essence(&self) -> String {
        format!("{}/{}", self.kind, self.subtype).to_ascii_lowercase()
    }

    /// The value of a parameter, without its quotes. Names have no case; the first of a name counts.
    pub fn parameter(&self, name: &str) -> Option<Cow<'m, str>> {
        self.parameters()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The parameters; what is none is left out.
    pub fn parameters(&self) -> impl Iterator<Item = (&'m str, Cow<'m, str>)> + use<'m> {
        pieces(self.parameters, b';').filter_map(|piece| {
            let (key, value) = piece.split_once('=')?;
            let key = key.trim_end();
            is_token(key).then(|| (key, unquote(value.trim_start())))
        })
    }

    /// The same type with other parameters: what stands behind the first `;`.
    pub(crate) fn with_parameters(self, parameters: &'m str) -> Self {
        Self { parameters, ..self }
    }

    /// How much of it is fixed: 0 for `*/*`, 1 for `type/*`, 2 for `type/subtype`.
    pub(crate) fn precision(&self) -> u8 {
        match (self.kind, self.subtype) {
            ("*", _) => 0,
            (_, "*") => 1,
            _ => 2,
        }
    }

    /// Whether `other` is one of what this pattern means, parameters apart.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        (self.kind == "*" || self.kind.eq_ignore_ascii_case(other.kind))
            && (self.subtype == "*" || self.subtype.eq_ignore_ascii_case(other.subtype))
    }
}

/// Whether the media type `text` is one of `patterns`.
pub fn is_one_of(text: &str, patterns: &[&str]) -> bool {
    Media::parse(text).is_ok_and(|media| patterns.iter().any(|pattern| media.is(pattern)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_and_subtype_are_tokens() {
        assert_eq!(
            Media::parse(" Application/JSON ; charset=utf-8")
                .unwrap()
                .essence(),
            "application/json"
        );
        assert!(Media::parse("application/vnd.x.v1+json").is_ok());
        for text in [
            "", "json", "a/", "/a", "a/b/c", "a b/c", "a/b c", "*", "\u{e4}/x", ";", "a /b",
        ] {
            assert!(Media::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn patterns_match_whatever_the_case_and_the_parameters_are() {
        assert!(is_one_of("Text/Plain; charset=x", &["text/plain"]));
        assert!(is_one_of("image/png", &["text/*", "image/*"]));
        assert!(is_one_of("image/png", &["*/*"]));
        assert!(!is_one_of("image/png", &["text/*", "image/gif"]));
        assert!(!is_one_of("rubbish", &["*/*"]));
        assert!(!is_one_of("image/png", &[]));
    }

    #[test]
    fn parameters_lose_their_quotes() {
        let media = Media::parse(r#"a/b; X="1; \"2\""; y = z ;; =q; k"#).unwrap();
        assert_eq!(media.parameter("x").unwrap(), r#"1; "2""#);
        assert_eq!(media.parameter("Y").unwrap(), "z");
        assert_eq!(media.parameter("k"), None);
        assert_eq!(media.parameters().count(), 2);
    }
}
