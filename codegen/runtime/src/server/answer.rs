//! Answers as generated code makes them: status, headers and body, not yet bound to a request.
//!
//! The builder methods never fail; a value that HTTP does not allow is remembered and makes the answer an
//! internal error, so that generated code is one chain. URLs stay typed until `respond` knows prefix and
//! host.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use crate::events::Named;
use crate::{
    Body, BodyStream, Envelope, ErrorCode, Event, Items, Location, RejectionKind, Scalar, Source,
    Style, WireError, list,
};

/// An answer on its way out. In a box, since it goes through more hands than its making costs.
#[derive(Debug)]
pub struct Answer {
    pub(super) parts: Box<Parts>,
}

/// What an answer consists of.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// Headers that are URLs of the API's own operations.
    pub(super) urls: Vec<(HeaderName, Url)>,
    pub(super) body: Payload,
    /// Why it is an internal error: for the log.
    pub(super) cause: Option<Source>,
    /// The connection cannot be used again.
    pub(super) closes: bool,
}

/// The URL of one of the API's own operations.
#[derive(Debug)]
pub(super) struct Url {
    pub(super) location: Location<String>,
    /// It is a link of this relation.
    pub(super) rel: Option<&'static str>,
}

/// What follows the headers.
#[derive(Debug)]
pub(super) enum Payload {
    Empty,
    Body(Body),
    /// Events, between which a comment may be sent.
    Events(Body),
    Failure(&'static Envelope, Vec<WireError>),
}

impl Answer {
    /// An answer of `status` with neither headers nor body.
    pub fn new(status: u16) -> Self {
        let parts = Box::new(Parts {
            status,
            headers: HeaderMap::new(),
            urls: Vec::new(),
            body: Payload::Empty,
            cause: None,
            closes: false,
        });
        Self { parts }
    }

    /// Of an answer that may have any status of a class: it is none of these, which are those of other answers
    /// that say more.
    #[must_use]
    pub fn except(self, statuses: &[u16]) -> Self {
        if statuses.contains(&self.parts.status) {
            let reason = format!("an answer {} is more than its status", self.parts.status);
            return self.broken(reason);
        }
        self
    }

    /// A failure with one error.
    pub fn error<C: ErrorCode>(status: u16, envelope: &'static Envelope, error: &C) -> Self {
        Self::new(status).failure(envelope, vec![WireError::of(error)])
    }

    /// A failure with several errors of one code.
    pub fn errors<'e, C: ErrorCode + 'e>(
        status: u16,
        envelope: &'static Envelope,
        errors: impl IntoIterator<Item = &'e C>,
    ) -> Self {
        Self::new(status).failure(envelope, errors.into_iter().map(WireError::of).collect())
    }

    /// Adds a header with a constant value.
    #[must_use]
    pub fn constant(mut self, name: &str, value: &'static str) -> Self {
        self.push_text(name, Bytes::from_static(value.as_bytes()));
        self
    }

    /// Adds a header that the server has by itself.
    pub(super) fn with(mut self, name: HeaderName, value: String) -> Self {
        self.append(name, value.into());
        self
    }

    /// Without what describes its body.
    pub(super) fn without_content(mut self) -> Self {
        let is_kept = |name: &HeaderName| !name.as_str().starts_with("content-");
        let all = std::mem::take(&mut self.parts.headers);
        self.parts.urls.retain(|(name, _)| is_kept(name));
        let mut last = None;
        for (name, value) in all {
            // A name stands before the first of its values only.
            last = name.or(last);
            if let Some(name) = last.clone().filter(is_kept) {
                self.parts.headers.append(name, value);
            }
        }
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header<V: Scalar>(mut self, name: &str, value: &V) -> Self {
        self.push_text(name, value.to_text());
        self
    }

    /// Adds a header where there is a value.
    #[must_use]
    pub fn header_optional<V: Scalar>(self, name: &str, value: &Option<V>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    /// Adds a list: a line for each item, or one line with all of them. An empty list is an empty header, since
    /// it may be required. One that would be read as another list makes the answer an internal error.
    #[must_use]
    pub fn header_list<V: Scalar>(mut self, name: &str, values: &[V], style: Style) -> Self {
        let texts: Vec<String> = values.iter().map(Scalar::to_text).collect();
        match list::header_lines(&texts, style) {
            Ok(lines) => {
                for line in lines {
                    self.push_text(name, line);
                }
                self
            }
            Err(why) => self.broken(format!("the header `{name}`: {why}")),
        }
    }

    /// As [`Answer::header_list`], where there is a list. Of an empty one that has a line for each item there is
    /// none.
    #[must_use]
    pub fn header_list_optional<V: Scalar>(
        self,
        name: &str,
        values: &Option<Vec<V>>,
        style: Style,
    ) -> Self {
        match values {
            Some(values) if values.is_empty() && style == Style::Repeat => self,
            Some(values) => self.header_list(name, values, style),
            None => self,
        }
    }

    /// Adds a header for each entry of a map; its name stands between `before` and `after`.
    #[must_use]
    pub fn header_prefix<V: Scalar>(
        mut self,
        before: &str,
        after: &str,
        values: &BTreeMap<String, V>,
    ) -> Self {
        for (name, value) in values {
            self.push_text(&format!("{before}{name}{after}"), value.to_text());
        }
        self
    }

    /// Adds the URL of an operation.
    #[must_use]
    pub fn location<U>(mut self, name: &str, location: &Location<U>) -> Self {
        self.push_url(name, None, location);
        self
    }

    /// As [`Answer::location`], where there is one.
    #[must_use]
    pub fn location_optional<U>(self, name: &str, location: &Option<Location<U>>) -> Self {
        match location {
            Some(location) => self.location(name, location),
            None => self,
        }
    }

    /// Adds the URL of an operation as a link.
    #[must_use]
    pub fn link<U>(mut self, name: &str, rel: &'static str, location: &Location<U>) -> Self {
        self.push_url(name, Some(rel), location);
        self
    }

    /// As [`Answer::link`], where there is one.
    #[must_use]
    pub fn link_optional<U>(
        self,
        name: &str,
        rel: &'static str,
        location: &Option<Location<U>>,
    ) -> Self {
        match location {
            Some(location) => self.link(name, rel, location),
            None => self,
        }
    }

    /// A JSON body.
    #[must_use]
    pub fn json<V: Serialize>(self, media_type: impl Into<Bytes>, value: &V) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => self.bytes(media_type, bytes.into()),
            Err(error) => self.broken(error),
        }
    }

    /// A form body.
    #[must_use]
    pub fn form<V: Serialize>(self, media_type: impl Into<Bytes>, value: &V) -> Self {
        match crate::form::to_string(value) {
            Ok(text) => self.text(media_type, text),
            Err(error) => self.broken(error),
        }
    }

    /// A text body.
    #[must_use]
    pub fn text(self, media_type: impl Into<Bytes>, text: String) -> Self {
        self.bytes(media_type, text.into())
    }

    /// A body of bytes.
    #[must_use]
    pub fn bytes(self, media_type: impl Into<Bytes>, bytes: Bytes) -> Self {
        self.stream(media_type, Body::from(bytes))
    }

    /// A body that is sent as it comes.
    #[must_use]
    pub fn stream(mut self, media_type: impl Into<Bytes>, body: Body) -> Self {
        self.media_type(media_type);
        self.parts.body = Payload::Body(body);
        self
    }

    /// A stream of values, each as JSON in a line of its own. One that fails breaks the connection off.
    #[must_use]
    pub fn json_lines<V: Serialize + 'static>(
        self,
        media_type: impl Into<Bytes>,
        items: Items<V>,
    ) -> Self {
        let lines = logged(crate::json_lines::write(items));
        self.stream(media_type, Body::stream(None, lines))
    }

    /// A stream of events. One that fails breaks the connection off.
    #[must_use]
    pub fn events<E: Named + 'static>(
        mut self,
        media_type: impl Into<Bytes>,
        events: Items<Event<E>>,
    ) -> Self {
        self.media_type(media_type);
        self.parts.body = Payload::Events(Body::stream(None, logged(crate::events::write(events))));
        self
    }

    /// A failure: errors in an envelope.
    #[must_use]
    pub fn failure(mut self, envelope: &'static Envelope, errors: Vec<WireError>) -> Self {
        self.parts.body = Payload::Failure(envelope, errors);
        self
    }

    fn media_type(&mut self, media_type: impl Into<Bytes>) {
        self.append(CONTENT_TYPE, media_type.into());
    }

    fn push_text(&mut self, name: &str, value: impl Into<Bytes>) {
        if let Some(name) = self.name(name) {
            self.append(name, value.into());
        }
    }

    fn push_url<U>(&mut self, name: &str, rel: Option<&'static str>, location: &Location<U>) {
        let location = untyped(location);
        if let Some(name) = self.name(name) {
            self.parts.urls.push((name, Url { location, rel }));
        }
    }

    fn name(&mut self, name: &str) -> Option<HeaderName> {
        let name = HeaderName::from_bytes(name.as_bytes());
        name.map_err(|error| self.note(error)).ok()
    }

    fn append(&mut self, name: HeaderName, value: Bytes) {
        match HeaderValue::from_maybe_shared(value) {
            Ok(value) => {
                self.parts.headers.append(name, value);
            }
            Err(error) => self.note(error),
        }
    }

    fn broken(mut self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.note(error);
        self
    }

    fn note(&mut self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) {
        if self.parts.cause.is_none() {
            self.parts.cause = Some(Source::new(error));
        }
    }
}

/// A body whose failure nobody else would hear of: its head has been sent.
pub(super) fn logged(chunks: BodyStream) -> BodyStream {
    let log = |error: &std::io::Error| tracing::warn!(%error, "a stream of an answer broke off");
    chunks.inspect_err(log).boxed()
}

/// A location whose type no longer matters: only whether it is a URL of the API.
fn untyped<U>(location: &Location<U>) -> Location<String> {
    let text = location.as_str().to_owned();
    match location.typed() {
        Some(_) => Location::from(text),
        None => Location::from_text(text),
    }
}

/// The answer to what nobody declared. `source` goes to the log, nothing of it to the client.
pub fn internal(envelope: &'static Envelope, source: Source) -> Answer {
    let kind = RejectionKind::Internal;
    let error = WireError::bare(envelope.rejection(kind));
    let mut answer = Answer::new(kind.status()).failure(envelope, vec![error]);
    answer.parts.cause = Some(source);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_a_header_cannot_hold_is_an_internal_error() {
        let lists = |items: &[&str], style| {
            let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
            Answer::new(200).header_list_optional("x-list", &Some(items), style)
        };
        for style in [Style::Repeat, Style::Comma] {
            let good = lists(&["a", "b c"], style);
            assert!(good.parts.cause.is_none() && !good.parts.headers.is_empty());
            let bad = lists(&["a,b"], style);
            assert!(bad.parts.cause.is_some() && bad.parts.headers.is_empty());
        }
        assert!(lists(&[], Style::Repeat).parts.headers.is_empty());
        assert_eq!(lists(&[], Style::Comma).parts.headers.len(), 1);
    }
}
