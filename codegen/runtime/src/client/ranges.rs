//! Parts of a body (RFC 9110, section 14) as a client asks for them, and their answers.
//!
//! Whoever asks for a part must look at what came: a server may answer with the whole. Content-Range is
//! checked against what was asked for and against the length of the body, so that nobody writes bytes
//! to the wrong place.

use std::future::Future;

use http::header::{CONTENT_RANGE, HeaderName, IF_RANGE, RANGE};

use super::{DecodeError, Error, Reply};
use crate::range::ContentRange;
use crate::{Body, Etag, Scalar};

/// A request for a part of a body.
#[derive(Clone, Debug)]
pub struct RangeRequest {
    what: What,
    if_range: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum What {
    From(u64),
    Between(u64, u64),
    Last(u64),
}

impl RangeRequest {
    /// All bytes from the position `first` on, counted from 0.
    pub fn from(first: u64) -> Self {
        Self {
            what: What::From(first),
            if_range: None,
        }
    }

    /// The bytes from `first` up to `last`, both included.
    pub fn between(first: u64, last: u64) -> Self {
        Self {
            what: What::Between(first, last),
            if_range: None,
        }
    }

    /// The last `count` bytes.
    pub fn last(count: u64) -> Self {
        Self {
            what: What::Last(count),
            if_range: None,
        }
    }

    /// Only if the body still has this entity tag; else the whole is wanted. A weak tag never holds.
    #[must_use]
    pub fn if_range(mut self, tag: &Etag) -> Self {
        self.if_range = Some(tag.to_text());
        self
    }

    pub(super) fn write(&self, mut write: impl FnMut(&HeaderName, &str)) {
        let range = match self.what {
            What::From(first) => format!("bytes={first}-"),
            What::Between(first, last) => format!("bytes={first}-{last}"),
            What::Last(count) => format!("bytes=-{count}"),
        };
        write(&RANGE, &range);
        if let Some(tag) = &self.if_range {
            write(&IF_RANGE, tag);
        }
    }

    /// Whether `part` is what was asked for. It may be shorter than that, but not begin elsewhere.
    fn is_answered_by(&self, part: &PartRange) -> bool {
        match self.what {
            What::From(first) => part.first == first,
            What::Between(first, last) => part.first == first && part.last <= last,
            What::Last(count) => part
                .total
                .is_none_or(|total| part.first >= total.saturating_sub(count)),
        }
    }
}

/// Which bytes an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartRange {
    /// Position of the first, counted from 0.
    pub first: u64,
    /// Position of the last.
    pub last: u64,
    /// How many bytes the whole has, where the server knows.
    pub total: Option<u64>,
}

impl PartRange {
    /// How many bytes these are.
    #[expect(clippy::len_without_is_empty, reason = "it never is")]
    pub fn len(&self) -> u64 {
        self.last - self.first + 1
    }
}

/// The answer to a request for a part.
#[derive(Debug)]
pub enum Partial<R> {
    /// The whole, whatever was asked for.
    Whole(R),
    /// Some bytes: the answer as it would be for the whole, but with these bytes as its body.
    Part(PartRange, R),
    /// None of the bytes is there: 416. How many there are, where the server says so.
    Unsatisfiable(Option<u64>),
}

/// Reads the answer to `range`; `decode` reads that of the whole.
pub async fn partial<R, E, F>(
    range: &RangeRequest,
    reply: Reply,
    decode: impl FnOnce(Reply) -> F,
) -> Result<Partial<R>, Error<E>>
where
    F: Future<Output = Result<R, Error<E>>>,
{
    match reply.status() {
        206 => {
            let part = part(range, &reply)?;
            let reply =
                reply.read_as_whole(|body| Body::stream(Some(part.len()), body.into_stream()));
            decode(reply)
                .await
                .map(|answer| Partial::Part(part, answer))
        }
        416 => Ok(Partial::Unsatisfiable(match content_range(&reply) {
            Some(ContentRange::Unsatisfied(total)) => Some(total),
            _ => None,
        })),
        _ => decode(reply).await.map(Partial::Whole),
    }
}

fn content_range(reply: &Reply) -> Option<ContentRange> {
    let text = reply.head().headers().get(CONTENT_RANGE)?.to_str().ok()?;
    ContentRange::parse(text)
}

fn part(range: &RangeRequest, reply: &Reply) -> Result<PartRange, DecodeError> {
    let refused = |why: &'static str| DecodeError::new(206, "Content-Range", why);
    let Some(ContentRange::Part(bytes, total)) = content_range(reply) else {
        return Err(refused("is missing or malformed"));
    };
    let part = PartRange {
        first: bytes.start,
        last: bytes.end - 1,
        total,
    };
    if !range.is_answered_by(&part) {
        return Err(refused("is not what was asked for"));
    }
    match reply.head().content_length() {
        Some(len) if len != part.len() => Err(refused("does not fit the length of the body")),
        _ => Ok(part),
    }
}
