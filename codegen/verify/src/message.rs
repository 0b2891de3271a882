//! Requests and answers as they are on the wire.
//!
//! Nothing is checked here: a request may be as wrong as a test wants it, and an answer is kept as it came.

use std::fmt;

/// Bytes of a body that are shown.
const SHOWN: usize = 160;

/// A request, without the headers that whoever runs the tests adds to all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Its method.
    pub(crate) method: String,
    /// Path and query, below the base URL.
    pub(crate) target: String,
    /// Headers, but those of the body's length.
    pub(crate) headers: Vec<(String, String)>,
    /// What follows them.
    pub(crate) body: Payload,
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    /// None, and no word about it.
    None,
    /// Bytes with their length.
    Whole(Vec<u8>),
    /// Bytes in chunks, whose length nobody knows before they end.
    Chunked(Vec<u8>),
    /// A length, and not a byte.
    Announced(u64),
}

impl Payload {
    /// How many bytes it has, or says that it has.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::Whole(bytes) | Self::Chunked(bytes) => bytes.len() as u64,
            Self::Announced(length) => *length,
        }
    }

    /// Whether it has none.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes, as far as there are any.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) | Self::Chunked(bytes) => bytes,
            Self::None | Self::Announced(_) => &[],
        }
    }
}

impl Request {
    /// All values of a header.
    pub(crate) fn all<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        values(&self.headers, name)
    }

    /// The first value of a header.
    pub(crate) fn header<'r>(&'r self, name: &'r str) -> Option<&'r str> {
        self.all(name).next()
    }

    /// The target without the query.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The query, where there is one.
    pub(crate) fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// Sets a header, in place of all of its name.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.into()));
    }

    /// Removes all headers of a name.
    pub(crate) fn remove(&mut self, name: &str) {
        self.headers
            .retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, shortened(&self.target))?;
        for (name, value) in &self.headers {
            write!(f, "\n{name}: {}", shortened(value))?;
        }
        match &self.body {
            Payload::None => Ok(()),
            Payload::Whole(bytes) => {
                write!(f, "\nContent-Length: {}\n\n{}", bytes.len(), shown(bytes))
            }
            Payload::Chunked(bytes) => {
                write!(f, "\nTransfer-Encoding: chunked\n\n{}", shown(bytes))
            }
            Payload::Announced(length) => {
                write!(f, "\nContent-Length: {length}\n\n(nothing is sent)")
            }
        }
    }
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Its headers.
    pub(crate) headers: Vec<(String, String)>,
    /// What follows them, without the framing.
    pub(crate) body: Vec<u8>,
    /// The body went on when enough of it was read.
    pub(crate) is_cut: bool,
    /// What is wrong with the framing.
    pub(crate) fault: Option<String>,
}

impl Answer {
    /// All values of a header.
    pub(crate) fn all<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        values(&self.headers, name)
    }

    /// The first value of a header.
    pub(crate) fn header<'r>(&'r self, name: &'r str) -> Option<&'r str> {
        self.all(name).next()
    }

    /// Status, and what tells something of the body.
    pub(crate) fn summary(&self) -> String {
        let body = shown(&self.body);
        if body.is_empty() {
            return self.status.to_string();
        }
        format!("{} {body}", self.status)
    }
}

fn values<'r>(headers: &'r [(String, String)], name: &'r str) -> impl Iterator<Item = &'r str> {
    headers
        .iter()
        .filter(move |(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// Bytes as people can read them, the first of them.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]);
    let text: String = text.chars().flat_map(printable).collect();
    if bytes.len() > SHOWN {
        format!("{text}... ({} bytes)", bytes.len())
    } else {
        text
    }
}

fn printable(c: char) -> Vec<char> {
    if c.is_control() {
        c.escape_default().collect()
    } else {
        vec![c]
    }
}

/// A text as people can read it, its ends.
pub(crate) fn shortened(text: &str) -> String {
    let chars: Vec<char> = text.chars().flat_map(printable).collect();
    if chars.len() <= 2 * SHOWN {
        return chars.into_iter().collect();
    }
    let (first, last) = (&chars[..SHOWN], &chars[chars.len() - SHOWN / 4..]);
    let [first, last]: [String; 2] = [first, last].map(|part| part.iter().collect());
    format!("{first}[...]{last} ({} characters)", text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_or_unreadable_is_shown_in_part() {
        assert_eq!(shown(b"a\0b\n\xff"), "a\\u{0}b\\n\u{fffd}");
        assert!(shown(&[b'a'; 1000]).ends_with("a... (1000 bytes)"));
        assert_eq!(shortened("abc"), "abc");
        assert!(shortened(&"x".repeat(1000)).ends_with("x (1000 characters)"));
    }

    #[test]
    fn a_header_is_found_by_its_name_in_any_case() {
        let mut request = Request {
            method: "GET".to_owned(),
            target: "/a?b=c".to_owned(),
            headers: vec![("Accept".to_owned(), "x/y".to_owned())],
            body: Payload::None,
        };
        assert_eq!(request.header("accept"), Some("x/y"));
        request.set("ACCEPT", "*/*");
        assert_eq!(request.all("Accept").collect::<Vec<_>>(), ["*/*"]);
        assert_eq!((request.path(), request.query()), ("/a", Some("b=c")));
    }
}
