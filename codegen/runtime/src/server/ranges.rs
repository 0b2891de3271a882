//! What one request asks of a body that can be read from any position.
//!
//! Only GET has ranges (RFC 9110, section 14.2). What a range means is decided in [`crate::range`].

use http::HeaderMap;
use http::header::{IF_RANGE, RANGE};

use crate::range::{Answer, answer, if_range};
use crate::{Etag, HttpDate};

/// What one request asks for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    lines: Vec<String>,
    /// The range counts only for this version.
    only_if: Option<String>,
}

impl Asked {
    /// What `headers` ask for.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let text =
            |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let lines: Vec<String> = headers.get_all(RANGE).iter().map(text).collect();
        let only_if = headers.get(IF_RANGE).map(text);
        (!lines.is_empty()).then_some(Self { lines, only_if })
    }

    /// What is answered of a body of `len` bytes, of the version that tag and date name.
    pub(super) fn part(&self, len: u64, etag: Option<&Etag>, modified: Option<HttpDate>) -> Answer {
        let counts = self
            .only_if
            .as_deref()
            .is_none_or(|line| if_range(line, etag, modified));
        if counts {
            answer(self.lines.iter().map(String::as_str), len)
        } else {
            Answer::Whole
        }
    }
}
