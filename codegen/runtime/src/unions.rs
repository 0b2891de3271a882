//! Unions in JSON: one of several types, told apart by a tag or by the kind of JSON.
//!
//! A value is read as JSON first and as the type that it is then, so that the tag may stand anywhere.
//! Which code an unknown tag yields is noted beside the error, since errors of serde are texts: reading
//! is one call on one thread (`noting`).

use std::cell::Cell;

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

use crate::strict::Strict;
use crate::{ErrorInfo, Json};

thread_local! {
    static UNKNOWN: Cell<Option<&'static ErrorInfo>> = const { Cell::new(None) };
}

/// A value of a union with a tag, before its type is known.
#[derive(Debug)]
pub struct Tagged {
    key: &'static str,
    content: Option<&'static str>,
    tag: String,
    whole: serde_json::Map<String, Json>,
}

impl Tagged {
    /// Reads an object with the tag `key`, whose value is at `content`, or is the object itself.
    pub fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        key: &'static str,
        content: Option<&'static str>,
    ) -> Result<Self, D::Error> {
        let whole = serde_json::Map::deserialize(deserializer)?;
        let tag = match whole.get(key) {
            Some(Json::String(tag)) => tag.clone(),
            Some(_) => return Err(D::Error::custom(format_args!("`{key}` is no text"))),
            None => return Err(D::Error::missing_field(key)),
        };
        Ok(Self {
            key,
            content,
            tag,
            whole,
        })
    }

    /// The tag.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The value.
    pub fn variant<T: DeserializeOwned, E: Error>(mut self) -> Result<T, E> {
        let Some(content) = self.content else {
            self.whole.remove(self.key);
            return variant(Json::Object(self.whole));
        };
        let value = self.whole.remove(content);
        variant(value.ok_or_else(|| E::missing_field(content))?)
    }

    /// All of it, as it was sent.
    pub fn into_json(self) -> Json {
        Json::Object(self.whole)
    }

    /// No type has this tag. The body of a request is refused with `code`, where there is one.
    pub fn unknown<E: Error>(&self, code: Option<&'static ErrorInfo>) -> E {
        UNKNOWN.set(code);
        E::custom(format_args!("nothing is known of this `{}`", self.key))
    }
}

/// Reads a value of a union without a tag.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
    Json::deserialize(deserializer)
}

/// The value of a variant.
pub fn variant<T: DeserializeOwned, E: Error>(json: Json) -> Result<T, E> {
    T::deserialize(Strict(json)).map_err(E::custom)
}

/// The value is of a kind that no variant of `union` is.
pub fn none_of<E: Error>(union: &str) -> E {
    E::custom(format_args!("a value that is no `{union}`"))
}

/// Reads a value; the code is that of an unknown tag, where one was the reason for an error.
#[cfg(any(feature = "server", feature = "client"))]
pub(crate) fn noting<T, E>(
    read: impl FnOnce() -> Result<T, E>,
) -> Result<T, (E, Option<&'static ErrorInfo>)> {
    UNKNOWN.set(None);
    read().map_err(|error| (error, UNKNOWN.take()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(text: &str, content: Option<&'static str>) -> Result<Tagged, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        Tagged::read(&mut deserializer, "type", content)
    }

    fn value(text: &str, content: Option<&'static str>) -> Result<Json, serde_json::Error> {
        tagged(text, content)?.variant()
    }

    #[test]
    fn a_tag_lies_beside_the_fields_or_beside_the_value() {
        let text = r#"{"a":1,"type":"x","data":[2]}"#;
        assert_eq!(tagged(text, None).unwrap().tag(), "x");
        assert_eq!(
            value(text, None).unwrap().to_string(),
            r#"{"a":1,"data":[2]}"#
        );
        assert_eq!(value(text, Some("data")).unwrap().to_string(), "[2]");
        let whole = tagged(text, Some("data")).unwrap().into_json();
        assert_eq!(whole, serde_json::from_str::<Json>(text).unwrap());
    }

    #[test]
    fn what_has_no_tag_or_no_value_is_an_error() {
        for text in [
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"x"}"#,
            "[]",
            "null",
            "\"x\"",
        ] {
            assert!(value(text, Some("data")).is_err(), "{text}");
        }
    }

    #[cfg(any(feature = "server", feature = "client"))]
    #[test]
    fn the_code_of_an_unknown_tag_goes_with_its_error_alone() {
        static INFO: ErrorInfo = ErrorInfo {
            code: "X",
            status: 400,
            message: "x",
            rejection_detail: false,
            docs: None,
        };
        let refused = || {
            let union = tagged(r#"{"type":"x"}"#, None)?;
            Err::<(), serde_json::Error>(union.unknown(Some(&INFO)))
        };
        let (error, code) = noting(refused).unwrap_err();
        assert_eq!(error.to_string(), "nothing is known of this `type`");
        assert_eq!(code.map(|info| info.code), Some("X"));
        let (_, code) = noting(|| tagged("{}", None)).unwrap_err();
        assert!(code.is_none());
    }
}
