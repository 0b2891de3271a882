//! Conditional requests (RFC 9110, section 13) as a client sends them, and their answers.

use std::future::Future;

use http::header::{HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};

use super::{Error, Head, Reply};
use crate::{Etag, HttpDate, Scalar};

/// Conditions of a request. Without any the request is an ordinary one.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    headers: Vec<(HeaderName, String)>,
}

impl Conditions {
    /// No condition.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is there must have one of these tags.
    #[must_use]
    pub fn if_match<'e>(self, tags: impl IntoIterator<Item = &'e Etag>) -> Self {
        self.tags(IF_MATCH, tags)
    }

    /// Something must be there.
    #[must_use]
    pub fn if_exists(self) -> Self {
        self.with(IF_MATCH, "*".to_owned())
    }

    /// What is there must have none of these tags.
    #[must_use]
    pub fn if_none_match<'e>(self, tags: impl IntoIterator<Item = &'e Etag>) -> Self {
        self.tags(IF_NONE_MATCH, tags)
    }

    /// Nothing must be there.
    #[must_use]
    pub fn if_absent(self) -> Self {
        self.with(IF_NONE_MATCH, "*".to_owned())
    }

    /// It must have been modified since.
    #[must_use]
    pub fn if_modified_since(self, date: HttpDate) -> Self {
        self.with(IF_MODIFIED_SINCE, date.to_text())
    }

    /// It must not have been modified since.
    #[must_use]
    pub fn if_unmodified_since(self, date: HttpDate) -> Self {
        self.with(IF_UNMODIFIED_SINCE, date.to_text())
    }

    fn tags<'e>(self, name: HeaderName, tags: impl IntoIterator<Item = &'e Etag>) -> Self {
        let tags: Vec<String> = tags.into_iter().map(Scalar::to_text).collect();
        self.with(name, tags.join(", "))
    }

    fn with(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn write(&self, mut write: impl FnMut(&HeaderName, &str)) {
        for (name, value) in &self.headers {
            write(name, value);
        }
    }
}

/// The answer to a conditional read.
#[derive(Debug)]
pub enum Revalidated<R> {
    /// What the caller has is out of date; this is what is there.
    Fresh(R),
    /// What the caller has still holds: 304.
    NotModified(NotModified),
    /// What is there is not what the caller believes, by `If-Match` or `If-Unmodified-Since`: 412.
    Refused,
}

/// What 304 says: headers that may be newer than those that the caller has.
#[derive(Debug)]
pub struct NotModified {
    /// Its headers.
    pub head: Head,
}

impl NotModified {
    /// The entity tag that still holds.
    pub fn etag(&self) -> Option<Etag> {
        self.head.header_optional("ETag").ok().flatten()
    }
}

/// The answer to a conditional write.
#[derive(Debug)]
pub enum Guarded<R> {
    /// The condition held.
    Done(R),
    /// It did not, and nothing was done: 412.
    Refused,
}

/// Reads the answer to a conditional read; `decode` reads what is neither 304 nor 412.
pub async fn revalidated<R, E, F>(
    reply: Reply,
    decode: impl FnOnce(Reply) -> F,
) -> Result<Revalidated<R>, Error<E>>
where
    F: Future<Output = Result<R, Error<E>>>,
{
    if reply.status() == 304 {
        let (head, _) = reply.into_parts();
        return Ok(Revalidated::NotModified(NotModified { head }));
    }
    if reply.status() == 412 {
        return Ok(Revalidated::Refused);
    }
    decode(reply).await.map(Revalidated::Fresh)
}

/// Reads the answer to a conditional write; `decode` reads what is no 412.
pub async fn guarded<R, E, F>(
    reply: Reply,
    decode: impl FnOnce(Reply) -> F,
) -> Result<Guarded<R>, Error<E>>
where
    F: Future<Output = Result<R, Error<E>>>,
{
    if reply.status() == 412 {
        return Ok(Guarded::Refused);
    }
    decode(reply).await.map(Guarded::Done)
}
