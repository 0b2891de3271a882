//! URLs of an API's own operations, typed, and how they are written into an answer.
//!
//! A server makes a [`Location`] from the URL struct of an operation: path and query as the API
//! declares them. Where the server is reachable, behind which host and prefix, is known to one place
//! alone, the [`UrlWriter`] of the answer. A client gets a text and takes it as it is: what a server
//! made up must come back to it unchanged.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Invalid, Scalar};

/// Where an operation of this API is reached: its URL, or the text that a server sent for it.
#[derive(Clone)]
pub struct Location<U> {
    typed: Option<U>,
    text: String,
}

impl<U> Location<U> {
    /// What a server sent. It is not looked into.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self {
            typed: None,
            text: text.into(),
        }
    }

    /// The operation's URL, where it was made from one.
    pub fn typed(&self) -> Option<&U> {
        self.typed.as_ref()
    }

    /// The text: path and query of the operation, or what a server sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<U: fmt::Display> From<U> for Location<U> {
    fn from(url: U) -> Self {
        Self {
            text: url.to_string(),
            typed: Some(url),
        }
    }
}

impl<U> fmt::Display for Location<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<U> fmt::Debug for Location<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// By the text alone.
impl<U> PartialEq for Location<U> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<U> Eq for Location<U> {}

impl<U> Scalar for Location<U> {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let is_uri = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_uri {
            Ok(Self::from_text(text))
        } else {
            Err(Invalid::new("is not a URL"))
        }
    }

    fn write(&self, out: &mut String) {
        out.push_str(&self.text);
    }
}

/// In a body a location is its path and query: only headers are written for a host.
impl<U> Serialize for Location<U> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, U> Deserialize<'de> for Location<U> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::format::deserialize(deserializer, PhantomData, "URL")
    }
}

/// Writes locations for one request: puts the prefix under which the API is mounted, and the origin
/// where URLs are to be absolute, before path and query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlWriter {
    origin: Option<String>,
    prefix: String,
}

impl UrlWriter {
    /// Relative URLs (RFC 3986, section 4.2: an absolute path) behind `prefix`, which is empty or
    /// `/segment..` without a last slash. They are the safest: no scheme and no host can be wrong.
    pub fn new(prefix: &str) -> Self {
        Self {
            origin: None,
            prefix: prefix.trim_end_matches('/').to_owned(),
        }
    }

    /// Absolute URLs at `origin`: `https://host[:port]`.
    #[must_use]
    pub fn at_origin(mut self, origin: &str) -> Self {
        self.origin = Some(origin.trim_end_matches('/').to_owned());
        self
    }

    /// The URL to send for `location`. One that was no operation's URL is sent as it is.
    pub fn write<U>(&self, location: &Location<U>) -> String {
        if location.typed.is_none() {
            return location.text.clone();
        }
        let origin = self.origin.as_deref().unwrap_or_default();
        format!("{origin}{}{}", self.prefix, location.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct TestUrl(u8);

    impl fmt::Display for TestUrl {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "/v1/a/{}?x=%2F", self.0)
        }
    }

    #[test]
    fn a_location_is_written_behind_prefix_and_origin() {
        let location = Location::from(TestUrl(7));
        assert_eq!(location.as_str(), "/v1/a/7?x=%2F");
        assert_eq!(location.typed().map(|url| url.0), Some(7));
        assert_eq!(UrlWriter::default().write(&location), "/v1/a/7?x=%2F");
        assert_eq!(UrlWriter::new("/x/").write(&location), "/x/v1/a/7?x=%2F");
        let absolute = UrlWriter::new("/x").at_origin("https://h:1/");
        assert_eq!(absolute.write(&location), "https://h:1/x/v1/a/7?x=%2F");
    }

    #[test]
    fn what_a_server_sent_stays_as_it_is() {
        let location = Location::<TestUrl>::parse("https://h/up?_state=a%2fb").unwrap();
        assert!(location.typed().is_none());
        assert_eq!(location.to_text(), "https://h/up?_state=a%2fb");
        assert_eq!(
            UrlWriter::new("/x").write(&location),
            "https://h/up?_state=a%2fb"
        );
    }

    #[test]
    fn text_that_no_header_may_hold_is_no_location() {
        for text in ["", "/a b", "/a\r\nX: y", "/\u{e4}"] {
            assert!(Location::<TestUrl>::parse(text).is_err(), "{text:?}");
        }
    }
}
