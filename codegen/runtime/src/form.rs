//! Bodies of the type `application/x-www-form-urlencoded`.

use serde::Serialize;
use serde::de::DeserializeOwned;

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
    }
}
