//! An answer that has arrived as far as its head, and how its body is read.
//!
//! Whatever is read into memory has a limit, the API's or [`ANSWER_LIMIT`]: a body, or each item of a
//! stream of values. A body that is streamed has none: it is the caller's to stop.

use std::future::Future;

use bytes::Bytes;
use http::Response;
use reqwest::Url;
use serde::de::DeserializeOwned;

use super::{
    ANSWER_LIMIT, CallError, DeclaredError, DecodeError, Error, FAILURE_LIMIT, Failure, Head,
    TransportError, TransportErrorKind,
};
use crate::events::{Named, Said};
use crate::form::Union;
use crate::{Body, CollectError, Event, Invalid, Items, Operation, SuccessStatus, Verbatim};

/// An answer: its head, and a body that may still be arriving.
#[derive(Debug)]
pub struct Reply {
    operation: Option<&'static Operation>,
    head: Head,
    body: Body,
    /// Where its events go on from.
    said: Said,
}

impl Reply {
    pub(super) fn new(
        operation: Option<&'static Operation>,
        foreign: bool,
        url: Url,
        response: Response<Body>,
    ) -> Self {
        let (parts, body) = response.into_parts();
        let head = Head::new(parts.status.as_u16(), parts.headers, url, foreign);
        Self {
            operation,
            head,
            body,
            said: Said::default(),
        }
    }

    /// The same answer, whose events go on from what was said, and say what they do there.
    pub(super) fn going_on(mut self, said: Said) -> Self {
        self.said = said;
        self
    }

    /// What was called.
    pub fn operation(&self) -> Option<&'static Operation> {
        self.operation
    }

    /// Its status.
    pub fn status(&self) -> u16 {
        self.head.status()
    }

    /// Its status, where that is any of a success.
    pub fn success_status(&self) -> Result<SuccessStatus, CallError> {
        let status = self.status();
        SuccessStatus::new(status).ok_or_else(|| {
            let reason = Invalid::new("it is no status of a success");
            DecodeError::new(status, "status", reason).into()
        })
    }

    /// Its headers.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Head and body.
    pub fn into_parts(self) -> (Head, Body) {
        (self.head, self.body)
    }

    /// The head alone.
    pub fn into_bodiless(self) -> Bodiless<()> {
        Bodiless {
            answer: (),
            head: self.head,
        }
    }

    /// The same answer with another status and body: what 206 says is read as 200 says it.
    pub(super) fn read_as_whole(mut self, read: impl FnOnce(Body) -> Body) -> Self {
        self.head = self.head.with_status(200);
        self.body = read(self.body);
        self
    }

    /// The body as it comes.
    pub fn into_body(self) -> Body {
        self.body
    }

    /// A JSON value in each line, as they come, each of at most `limit` bytes.
    pub fn json_lines<V: DeserializeOwned + Send + 'static>(self, limit: Option<u64>) -> Items<V> {
        crate::json_lines::read(self.body, limit.unwrap_or(ANSWER_LIMIT), |_, _| {})
    }

    /// Events as they come, each of at most `limit` bytes.
    pub fn events<E: Named + Send + 'static>(self, limit: Option<u64>) -> Items<Event<E>> {
        crate::events::read(self.body, limit.unwrap_or(ANSWER_LIMIT), self.said)
    }

    /// The whole body, at most `limit` bytes of it.
    pub async fn bytes(self, limit: Option<u64>) -> Result<Bytes, CallError> {
        let status = self.status();
        self.body
            .collect(limit.unwrap_or(ANSWER_LIMIT))
            .await
            .map_err(|error| match error {
                CollectError::Io(error) => {
                    TransportError::new(TransportErrorKind::Interrupted, error).into()
                }
                CollectError::TooLarge { .. } => DecodeError::new(status, "body", error).into(),
            })
    }

    /// A text.
    pub async fn text(self, limit: Option<u64>) -> Result<String, CallError> {
        let status = self.status();
        let bytes = self.bytes(limit).await?;
        String::from_utf8(bytes.into())
            .map_err(|error| DecodeError::new(status, "body", error).into())
    }

    /// A JSON value.
    pub async fn json<V: DeserializeOwned>(self, limit: Option<u64>) -> Result<V, CallError> {
        self.verbatim(limit).await.map(|verbatim| verbatim.value)
    }

    /// A JSON value and the bytes that it was read from.
    pub async fn verbatim<V: DeserializeOwned>(
        self,
        limit: Option<u64>,
    ) -> Result<Verbatim<V>, CallError> {
        let status = self.status();
        let bytes = self.bytes(limit).await?;
        match crate::strict::from_slice(&bytes) {
            Ok(value) => Ok(Verbatim::new(value, bytes)),
            Err(error) => Err(DecodeError::new(status, "body", error).into()),
        }
    }

    /// A form.
    pub async fn form<V: DeserializeOwned>(self, limit: Option<u64>) -> Result<V, CallError> {
        let status = self.status();
        let bytes = self.bytes(limit).await?;
        crate::form::from_bytes(&bytes)
            .map_err(|error| DecodeError::new(status, "body", error).into())
    }

    /// A union in a form.
    pub async fn form_union<V: Union>(self, limit: Option<u64>) -> Result<V, CallError> {
        let status = self.status();
        let bytes = self.bytes(limit).await?;
        crate::form::union_from_bytes(&bytes)
            .map_err(|error| DecodeError::new(status, "body", error).into())
    }

    /// What an answer means that is no success of its operation: a failure that it declares, or none.
    pub async fn failure<E: DeclaredError>(self) -> Error<E> {
        let is_failure = self.status() >= 400;
        let failure = self.into_failure(Some(E::ENVELOPE)).await;
        if is_failure {
            failure.into_error()
        } else {
            Error::Undeclared(failure.into_undeclared())
        }
    }

    /// The answer as an error, whatever it is.
    pub async fn undeclared(self) -> CallError {
        let envelope = self.operation.map(|operation| operation.envelope);
        CallError::Undeclared(self.into_failure(envelope).await.into_undeclared())
    }

    async fn into_failure(self, envelope: Option<&crate::Envelope>) -> Failure {
        let (head, body) = self.into_parts();
        // A failure whose body is too long or breaks off is still that failure.
        let body = body.collect(FAILURE_LIMIT).await.unwrap_or_default();
        Failure::new(head, envelope, body)
    }
}

/// The answer to HEAD: what GET would answer, without the body.
#[derive(Debug)]
pub struct Bodiless<R> {
    /// The operation's answer with an empty body; `()` where that cannot be, since the body is a value.
    pub answer: R,
    /// Status and headers, among them the length that the body would have.
    pub head: Head,
}

/// Reads the answer to HEAD as `decode` reads that to GET.
pub async fn bodiless<R, E, F>(
    reply: Reply,
    decode: impl FnOnce(Reply) -> F,
) -> Result<Bodiless<R>, Error<E>>
where
    F: Future<Output = Result<R, Error<E>>>,
{
    let head = reply.head().clone();
    let answer = decode(reply).await?;
    Ok(Bodiless { answer, head })
}
