//! Bodies of the type `application/x-www-form-urlencoded`.
//!
//! A union has a function of its own to read it: its types read texts (`count=7`), which JSON on the way,
//! as `unions` takes it, would keep them from doing.

use std::str;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::percent::decode_component;
use crate::{ErrorInfo, Invalid};

/// The media type.
pub const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// Writes a value as a form.
pub fn to_string<V: Serialize>(value: &V) -> Result<String, serde_html_form::ser::Error> {
    serde_html_form::to_string(value)
}

/// Reads a value from a form. The error does not show values.
pub fn from_bytes<V: DeserializeOwned>(body: &[u8]) -> Result<V, serde_html_form::de::Error> {
    serde_html_form::from_bytes(body)
}

/// A union that a form can hold: a field says which of its types the others make up.
pub trait Union: Sized {
    /// That field.
    const TAG: &'static str;

    /// Reads the type that the tag names.
    fn read(form: &Tagged) -> Result<Self, Invalid>;
}

/// Reads a union from a form. The error does not show values.
pub fn union_from_bytes<V: Union>(body: &[u8]) -> Result<V, Invalid> {
    V::read(&Tagged::split(body, V::TAG)?)
}

/// A form whose tag is known, and not yet its type.
#[derive(Debug)]
pub struct Tagged {
    key: &'static str,
    tag: String,
    fields: String,
}

impl Tagged {
    /// Takes the tag out, which must be there once.
    fn split(body: &[u8], key: &'static str) -> Result<Self, Invalid> {
        let body = str::from_utf8(body).map_err(|_| Invalid::new("is not UTF-8"))?;
        let (mut tag, mut fields) = (None, String::with_capacity(body.len()));
        for pair in body.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if decode_component(name)? != key {
                fields.push_str(pair);
                fields.push('&');
            } else if tag.replace(decode_component(value)?.into_owned()).is_some() {
                return Err(Invalid::new(format!("duplicate field `{key}`")));
            }
        }
        let Some(tag) = tag else {
            return Err(Invalid::new(format!("missing field `{key}`")));
        };
        Ok(Self { key, tag, fields })
    }

    /// The tag.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The value.
    pub fn variant<V: DeserializeOwned>(&self) -> Result<V, Invalid> {
        from_bytes(self.fields.as_bytes()).map_err(|error| Invalid::new(error.to_string()))
    }

    /// No type has this tag. The body of a request is refused with `code`, where there is one.
    pub fn unknown(&self, code: Option<&'static ErrorInfo>) -> Invalid {
        let invalid = Invalid::new(format!("nothing is known of this `{}`", self.key));
        match code {
            Some(code) => invalid.with_code(code),
            None => invalid,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Grant {
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<u32>,
        #[serde(default)]
        scope: Vec<String>,
    }

    #[test]
    fn a_form_is_written_and_read() {
        let grant = Grant {
            kind: "a b&c".to_owned(),
            count: Some(7),
            scope: vec!["x".to_owned(), "y".to_owned()],
        };
        let text = to_string(&grant).unwrap();
        assert_eq!(text, "kind=a+b%26c&count=7&scope=x&scope=y");
        assert_eq!(from_bytes::<Grant>(text.as_bytes()).unwrap(), grant);
    }

    #[test]
    fn a_form_that_lacks_something_is_an_error() {
        assert!(from_bytes::<Grant>(b"count=1").is_err());
        assert!(from_bytes::<Grant>(b"kind=a&count=x").is_err());
        assert!(from_bytes::<Grant>(&[0xff, b'%', b'=', 0]).is_err());
        assert_eq!(from_bytes::<Grant>(b"kind=a&more=1").unwrap().kind, "a");
        assert!(from_bytes::<Grant>(b"kind=a&kind=b").is_err());
    }

    static UNKNOWN: ErrorInfo = ErrorInfo {
        code: "unknown",
        status: 400,
        message: "unknown",
        rejection_detail: false,
        docs: None,
    };

    #[derive(Debug, PartialEq, Serialize)]
    #[serde(tag = "how")]
    enum Request {
        #[serde(rename = "by grant")]
        Grant(Grant),
        Nothing(Nothing),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}

    impl Union for Request {
        const TAG: &'static str = "how";

        fn read(form: &Tagged) -> Result<Self, Invalid> {
            match form.tag() {
                "by grant" => form.variant().map(Self::Grant),
                "Nothing" => form.variant().map(Self::Nothing),
                _ => Err(form.unknown(Some(&UNKNOWN))),
            }
        }
    }

    fn read(form: &str) -> Result<Request, String> {
        union_from_bytes(form.as_bytes()).map_err(|invalid| invalid.to_string())
    }

    #[test]
    fn a_union_is_written_and_read() {
        let request = Request::Grant(Grant {
            kind: "a".to_owned(),
            count: Some(7),
            scope: vec!["x".to_owned(), "y".to_owned()],
        });
        let text = to_string(&request).unwrap();
        assert_eq!(text, "how=by+grant&kind=a&count=7&scope=x&scope=y");
        assert_eq!(read(&text).unwrap(), request);
        assert_eq!(
            read("scope=x&kind=a&%68ow=by%20grant&scope=y&count=7").unwrap(),
            request
        );
        assert_eq!(read("&how=Nothing&").unwrap(), Request::Nothing(Nothing {}));
    }

    #[test]
    fn a_union_without_a_tag_or_with_another_is_an_error() {
        for (form, expected) in [
            ("", "missing field `how`"),
            ("kind=a", "missing field `how`"),
            ("how=Nothing&how=Nothing", "duplicate field `how`"),
            ("how=secret", "nothing is known of this `how`"),
            ("how", "nothing is known of this `how`"),
            ("how=%", "has a `%` without two hexadecimal digits"),
            ("how=by+grant", "missing field `kind`"),
        ] {
            assert_eq!(read(form).unwrap_err(), expected, "{form}");
        }
        assert!(read("how=Nothing&kind=a").is_err(), "it has no such field");
        assert!(union_from_bytes::<Request>(b"how=\xff").is_err());
        let unknown = union_from_bytes::<Request>(b"how=x").unwrap_err();
        assert_eq!(unknown.code().map(|info| info.code), Some("unknown"));
    }
}
