//! From an answer to a response: what depends on the request that is answered.
//!
//! Conditions and ranges are answered here, URLs get their prefix and host, every failure its envelope,
//! and HEAD the headers of GET. Hazard: a wrong `Content-Length` desynchronises the connection, so it is
//! the body's own, never the handler's.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HOST,
    HeaderName, HeaderValue, LAST_MODIFIED,
};
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode, Version};
use http_body::Frame;

use super::answer::{Payload, Url};
use super::conditional::{Conditions, PreconditionFailed};
use super::context::request_id;
use super::ranges::Asked;
use super::refusal::Refusal;
use super::{Answer, Settings};
use crate::range::{Answer as Part, ContentRange};
use crate::{
    Body, Conditional, Envelope, Etag, HttpDate, Operation, RejectionKind, Scalar, Source,
    UnixTime, UrlWriter,
};

/// What an answer depends on beside itself. Nothing is taken from the request before its answer needs it, which
/// most do not.
pub(super) struct Respond<'s> {
    pub(super) settings: &'s Settings,
    /// What every answer carries.
    pub(super) common: &'s HeaderMap,
    /// The request.
    pub(super) head: &'s Parts,
    /// What it calls.
    pub(super) called: Option<Called>,
}

/// An operation, and the methods of its route.
#[derive(Clone, Copy)]
pub(super) struct Called {
    pub(super) operation: &'static Operation,
    pub(super) allow: &'static str,
}

impl Respond<'_> {
    /// The response.
    pub(super) fn send(&self, mut answer: Answer) -> Response<axum::body::Body> {
        if let Some(source) = answer.parts.cause.take() {
            answer = self.broken(&source, answer);
        }
        let Some(Called { operation, allow }) = self.called else {
            return self.written(answer);
        };
        // An operation that is turned off (RFC 9110, section 15.5.6).
        if answer.parts.status == 405 && !answer.parts.headers.contains_key(ALLOW) {
            answer = answer.with(ALLOW, others(allow, operation.method));
        }
        if answer.parts.status == 200 {
            answer = self.selected(operation, answer);
        }
        let mut response = self.written(answer);
        deprecate(operation, response.headers_mut());
        response
    }

    /// What nobody declared: logged, and answered as such. A condition that does not hold comes this way
    /// too, where the operation has conditions, and is nobody's fault.
    fn broken(&self, source: &Source, answer: Answer) -> Answer {
        let operation = self.called.map(|called| called.operation);
        let envelope = operation.map(|operation| operation.envelope);
        let has_conditions =
            operation.is_some_and(|operation| operation.conditional == Some(Conditional::Write));
        if let Some(envelope) = envelope
            && has_conditions
            && source.error().is::<PreconditionFailed>()
        {
            return precondition_failed(envelope);
        }
        let (id, request_id) = (operation.map(|operation| operation.id), self.request_id());
        tracing::error!(operation = id, request_id, error = %source, "internal error");
        match envelope {
            // An answer with a header that HTTP does not allow.
            Some(envelope) if answer.parts.status < 500 => {
                let mut answer = super::internal(envelope, Source::new("unused"));
                answer.parts.cause = None;
                answer
            }
            _ => answer,
        }
    }

    /// Conditions and ranges of a read (section 13.2.2: conditions first).
    fn selected(&self, operation: &'static Operation, mut answer: Answer) -> Answer {
        let (conditions, range) = (self.conditions(operation), self.range(operation));
        // Most requests ask for neither.
        let is_asked = conditions.is_some() || range.is_some();
        let asked = is_asked.then_some(&answer);
        let etag: Option<Etag> = asked.and_then(|answer| scalar(answer, &ETAG));
        let modified: Option<HttpDate> = asked.and_then(|answer| scalar(answer, &LAST_MODIFIED));
        let conditions = conditions.as_ref();
        if conditions.is_some_and(|them| !them.allow_read(etag.as_ref(), modified.as_ref())) {
            return precondition_failed(operation.envelope);
        }
        if conditions.is_some_and(|them| them.is_not_modified(etag.as_ref(), modified.as_ref())) {
            answer.parts.status = StatusCode::NOT_MODIFIED.as_u16();
            answer.parts.body = Payload::Empty;
            return answer.without_content();
        }
        if !operation.ranges {
            return answer;
        }
        let body = match std::mem::replace(&mut answer.parts.body, Payload::Empty) {
            Payload::Body(body) if body.is_seekable() => body,
            other => {
                answer.parts.body = other;
                return answer;
            }
        };
        let bytes = HeaderValue::from_static("bytes");
        answer.parts.headers.insert(ACCEPT_RANGES, bytes);
        let len = body.len().unwrap_or_default();
        let part = range.map(|range| range.part(len, etag.as_ref(), modified));
        match part {
            None | Some(Part::Whole) => {
                answer.parts.body = Payload::Body(body);
                answer
            }
            Some(Part::Part(range)) => partial(answer, body, range, len),
            Some(Part::Unsatisfiable) => {
                let refusal = Refusal::new(operation.envelope, RejectionKind::Range, None);
                let content_range = ContentRange::Unsatisfied(len).to_string();
                refusal.into_answer().with(CONTENT_RANGE, content_range)
            }
        }
    }

    /// The conditions of a request that reads, where it has some and the API says that they count.
    fn conditions(&self, operation: &Operation) -> Option<Conditions> {
        let is_asked = operation.conditional == Some(Conditional::Read);
        let conditions = is_asked.then(|| Conditions::of(&self.head.headers));
        conditions.filter(Conditions::are_of_reader)
    }

    fn range(&self, operation: &Operation) -> Option<Asked> {
        let is_asked = operation.ranges && self.head.method == Method::GET;
        is_asked.then(|| Asked::of(&self.head.headers)).flatten()
    }

    fn request_id(&self) -> Option<&str> {
        request_id(self.head)
    }

    /// Status, headers and body, as they are sent.
    fn written(&self, answer: Answer) -> Response<axum::body::Body> {
        let answer = *answer.parts;
        let status =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut headers = answer.headers;
        if !answer.urls.is_empty() {
            self.write_urls(answer.urls, &mut headers);
        }
        for (name, value) in self.common {
            headers.insert(name, value.clone());
        }
        let body = match answer.body {
            Payload::Empty => Body::empty(),
            Payload::Body(body) => body,
            Payload::Events(events) => match self.settings.keep_alive {
                Some(after) => {
                    Body::stream(None, crate::events::kept_alive(events.into_stream(), after))
                }
                None => events,
            },
            Payload::Failure(envelope, errors) => {
                let body = envelope.write(answer.status, &errors, self.request_id());
                if let Some(media_type) = envelope.media_type() {
                    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
                }
                body.map_or_else(Body::empty, Body::from)
            }
        };
        let may_have_body = !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        match body.len().filter(|_| may_have_body) {
            Some(len) => headers.insert(CONTENT_LENGTH, number(len)),
            None => headers.remove(CONTENT_LENGTH),
        };
        if answer.closes && self.head.version < Version::HTTP_2 {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let body = if self.head.method == Method::HEAD || !may_have_body {
            axum::body::Body::new(Unsaid)
        } else {
            body.into_axum()
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }

    fn write_urls(&self, urls: Vec<(HeaderName, Url)>, headers: &mut HeaderMap) {
        let writer = writer(self.settings, self.head);
        for (name, Url { location, rel }) in urls {
            let url = writer.write(&location);
            let text = match rel {
                Some(rel) => crate::link::write(&url, rel),
                None => url,
            };
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.append(name, value);
            }
        }
    }
}

/// As http writes it, in one piece of memory less.
fn number(number: u64) -> HeaderValue {
    HeaderValue::try_from(number.to_string()).unwrap_or_else(|_| number.into())
}

/// No body, and no word about its length: from an empty body axum makes a `Content-Length: 0`, which is
/// untrue of an answer to HEAD and not allowed in 204 and 304 (RFC 9110, section 8.6).
struct Unsaid;

impl http_body::Body for Unsaid {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        true
    }
}

fn precondition_failed(envelope: &'static Envelope) -> Answer {
    Refusal::new(envelope, RejectionKind::Precondition, None).into_answer()
}

fn partial(mut answer: Answer, body: Body, range: std::ops::Range<u64>, len: u64) -> Answer {
    let content_range = ContentRange::Part(range.clone(), Some(len)).to_string();
    match body.part(range) {
        Ok(part) => {
            answer.parts.status = StatusCode::PARTIAL_CONTENT.as_u16();
            answer.parts.body = Payload::Body(part);
            answer.with(CONTENT_RANGE, content_range)
        }
        Err(whole) => {
            answer.parts.body = Payload::Body(whole);
            answer
        }
    }
}

/// Says that the operation should not be used any more (RFC 9745), and until when it can be (RFC 8594).
fn deprecate(operation: &Operation, headers: &mut HeaderMap) {
    if let Some(UnixTime(since)) = operation.deprecation
        && let Ok(value) = HeaderValue::try_from(format!("@{since}"))
    {
        headers.insert("deprecation", value);
    }
    if let Some(UnixTime(sunset)) = operation.sunset
        && let Ok(sunset) = u64::try_from(sunset)
        && let Ok(value) = HeaderValue::try_from(
            HttpDate::from(SystemTime::UNIX_EPOCH + Duration::from_secs(sunset)).to_text(),
        )
    {
        headers.insert("sunset", value);
    }
}

/// The methods but the one that does not work.
fn others(allow: &str, method: &str) -> String {
    let others: Vec<&str> = allow.split(", ").filter(|other| *other != method).collect();
    others.join(", ")
}

fn scalar<V: Scalar>(answer: &Answer, name: &HeaderName) -> Option<V> {
    V::parse(answer.parts.headers.get(name)?.to_str().ok()?).ok()
}

/// How URLs are written in the answer to `head`.
fn writer(settings: &Settings, head: &Parts) -> UrlWriter {
    let urls = UrlWriter::new(&settings.prefix);
    if settings.relative {
        return urls;
    }
    let host = || {
        let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = host.or_else(|| head.uri.authority().map(http::uri::Authority::as_str))?;
        Some(format!(
            "{}://{host}",
            head.uri.scheme_str().unwrap_or("http")
        ))
    };
    match settings.base.clone().or_else(host) {
        Some(origin) => urls.at_origin(&origin),
        None => urls,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::testing::{ENVELOPE, OPERATION};

    static WRITE: Operation = Operation {
        conditional: Some(Conditional::Write),
        ..OPERATION
    };

    #[test]
    fn a_condition_that_does_not_hold_is_answered_where_the_api_has_conditions() {
        let (settings, common) = (Settings::default(), HeaderMap::new());
        let (head, ()) = http::Request::new(()).into_parts();
        for (operation, status) in [(&WRITE, 412), (&OPERATION, 500)] {
            let called = Called {
                operation,
                allow: "",
            };
            let respond = Respond {
                settings: &settings,
                common: &common,
                head: &head,
                called: Some(called),
            };
            let answer = super::super::internal(&ENVELOPE, Source::new(PreconditionFailed));
            assert_eq!(respond.send(answer).status().as_u16(), status);
        }
    }
}
