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

    /// Whether a reader has this very version already (section 13.2.2, steps 3 and 4).
    pub(super) fn is_not_modified(&self, etag: Option<&Etag>, modified: Option<&HttpDate>) -> bool {
        match (&self.none_match, &self.modified_since, modified) {
            (Some(tags), ..) => tags.matches_weakly(true, etag),
            (None, Some(since), Some(modified)) => modified.0 <= since.0,
            _ => false,
        }
    }

    /// Whether a writer may go on (section 13.2.2, steps 1 to 3). Nothing is there where there is
    /// neither tag nor date.
    pub(super) fn check_write(
        &self,
        etag: Option<&Etag>,
        modified: Option<&HttpDate>,
    ) -> Result<(), PreconditionFailed> {
        let exists = etag.is_some() || modified.is_some();
        let is_expected = match (&self.matches, &self.unmodified_since, modified) {
            (Some(tags), ..) => tags.matches_strongly(exists, etag),
            (None, Some(since), Some(modified)) => modified.0 <= since.0,
            (None, Some(_), None) => exists,
            (None, None, _) => true,
        };
        let is_new = self
            .none_match
            .as_ref()
            .is_none_or(|tags| !tags.matches_weakly(exists, etag));
        if is_expected && is_new {
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
