//! Conditional requests (RFC 9110, section 13): what the client has already, and what it believes that
//! it changes.
//!
//! A read is judged by the entity tag and the date that the handler answered. A write cannot wait for
//! the answer: its handler asks through [`Context::precondition`](super::Context::precondition) before
//! it changes anything.

use std::fmt;

use http::HeaderMap;
use http::header::{HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};

use crate::etag::Tags;
use crate::{Etag, HttpDate, Scalar};

/// The conditions of one request. Dates that cannot be read count as absent (section 13.1.3).
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    matches: Option<Tags>,
    none_match: Option<Tags>,
    modified_since: Option<HttpDate>,
    unmodified_since: Option<HttpDate>,
}

/// A condition of the request does not hold: somebody else was faster. The answer is the envelope's
/// `precondition`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreconditionFailed;

impl fmt::Display for PreconditionFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a condition of the request does not hold")
    }
}

impl std::error::Error for PreconditionFailed {}

impl Conditions {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self {
            matches: tags(headers, &IF_MATCH),
            none_match: tags(headers, &IF_NONE_MATCH),
            modified_since: date(headers, &IF_MODIFIED_SINCE),
            unmodified_since: date(headers, &IF_UNMODIFIED_SINCE),
        }
    }

    /// Whether there are any that a reader can have.
    pub(super) fn are_of_reader(&self) -> bool {
        self.are_of_writer() || self.modified_since.is_some()
    }

    /// Whether there are any that a writer can have.
    pub(super) fn are_of_writer(&self) -> bool {
        self.matches.is_some() || self.none_match.is_some() || self.unmodified_since.is_some()
    }

    /// Whether a reader may have this: it is there, and is what the reader believes to be there (section
    /// 13.2.2, steps 1 and 2).
    pub(super) fn allow_read(&self, etag: Option<&Etag>, modified: Option<&HttpDate>) -> bool {
        self.are_met(true, etag, modified)
    }

    fn are_met(&self, exists: bool, etag: Option<&Etag>, modified: Option<&HttpDate>) -> bool {
        match (&self.matches, &self.unmodified_since, modified) {
            (Some(tags), ..) => tags.matches_strongly(exists, etag),
            (None, Some(since), Some(modified)) => modified.0 <= since.0,
            (None, Some(_), None) => exists,
            (None, None, _) => true,
        }
    }

    /// Whether a reader has this very version already (section 13.2.2, steps 3 and 4).
    pub(super) fn is_not_modified(&self, etag: Option<&Etag>, modified: Option<&HttpDate>) -> bool {
        match (&self.none_match, &self.modified_since, modified) {
            (Some(tags), ..) => tags.matches_weakly(true, etag),
            (None, Some(since), Some(modified)) => modified.0 <= since.0,
            _ => false,
        }
    }

    /// Whether a writer may go on (section 13.2.2, steps 1 to 3). Nothing is there where there is neither tag
    /// nor date.
    pub(super) fn check_write(
        &self,
        etag: Option<&Etag>,
        modified: Option<&HttpDate>,
    ) -> Result<(), PreconditionFailed> {
        let exists = etag.is_some() || modified.is_some();
        let is_new = self
            .none_match
            .as_ref()
            .is_none_or(|tags| !tags.matches_weakly(exists, etag));
        if self.are_met(exists, etag, modified) && is_new {
            Ok(())
        } else {
            Err(PreconditionFailed)
        }
    }
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Tags> {
    // A line that is no text lists a tag that nothing has.
    let lines = headers
        .get_all(name)
        .iter()
        .map(|line| line.to_str().unwrap_or("\""));
    Tags::parse(lines)
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<HttpDate> {
    HttpDate::parse(headers.get(name)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const OLD: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const NEW: &str = "Mon, 07 Nov 1994 08:49:37 GMT";

    fn conditions(name: &'static str, value: &'static str) -> Conditions {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        Conditions::of(&headers)
    }

    fn date(text: &str) -> HttpDate {
        HttpDate::parse(text).expect("a date")
    }

    #[test]
    fn a_date_counts_where_there_is_no_tag_to_compare() {
        for (since, modified, expected) in [
            (NEW, OLD, true),
            (OLD, OLD, true),
            (OLD, NEW, false),
            ("soon", OLD, false),
        ] {
            let them = conditions("if-modified-since", since);
            assert_eq!(
                them.is_not_modified(None, Some(&date(modified))),
                expected,
                "{since} {modified}"
            );
        }
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("\"a\""));
        headers.insert(IF_MODIFIED_SINCE, HeaderValue::from_static(NEW));
        let other = Etag::strong("b").expect("a tag");
        assert!(!Conditions::of(&headers).is_not_modified(Some(&other), Some(&date(OLD))));
    }

    #[test]
    fn what_is_read_is_there_even_without_tag_and_date() {
        for (name, value, expected) in [
            ("if-match", "*", true),
            ("if-match", "\"a\"", false),
            ("if-unmodified-since", OLD, true),
        ] {
            let them = conditions(name, value);
            assert_eq!(them.allow_read(None, None), expected, "{name} {value}");
        }
        let them = conditions("if-unmodified-since", OLD);
        assert!(them.allow_read(None, Some(&date(OLD))));
        assert!(!them.allow_read(None, Some(&date(NEW))));
    }

    #[test]
    fn a_write_is_refused_where_somebody_else_was_there() {
        let tag = Etag::strong("a").expect("a tag");
        for (name, value, etag, expected) in [
            ("if-match", "\"a\"", Some(&tag), Ok(())),
            ("if-match", "\"b\"", Some(&tag), Err(PreconditionFailed)),
            ("if-match", "*", None, Err(PreconditionFailed)),
            ("if-none-match", "*", None, Ok(())),
            ("if-none-match", "*", Some(&tag), Err(PreconditionFailed)),
            (
                "if-none-match",
                "W/\"a\"",
                Some(&tag),
                Err(PreconditionFailed),
            ),
            ("x-other", "*", Some(&tag), Ok(())),
        ] {
            let them = conditions(name, value);
            assert_eq!(
                them.check_write(etag, None),
                expected,
                "{name} {value} {etag:?}"
            );
        }
        let them = conditions("if-unmodified-since", OLD);
        assert_eq!(them.check_write(None, Some(&date(OLD))), Ok(()));
        assert_eq!(
            them.check_write(None, Some(&date(NEW))),
            Err(PreconditionFailed)
        );
    }

    #[test]
    fn a_line_that_is_no_text_matches_nothing() {
        let mut headers = HeaderMap::new();
        headers.insert(
            IF_MATCH,
            HeaderValue::from_bytes(b"\"\xff\"").expect("is allowed"),
        );
        let tag = Etag::strong("a").expect("a tag");
        assert_eq!(
            Conditions::of(&headers).check_write(Some(&tag), None),
            Err(PreconditionFailed)
        );
    }
}
