//! Answers as generated code makes them: status, headers and body, not yet bound to a request.
//!
//! The builder methods never fail; a value that HTTP does not allow is remembered and makes the answer an
//! internal error, so that generated code is one chain. URLs stay typed until `respond` knows prefix and
//! host.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde::Serialize;

use crate::events::Named;
use crate::{
    Body, BodyStream, Envelope, ErrorCode, Event, Items, Location, RejectionKind, Scalar, Source,
    Style, WireError, list,
};

/// An answer on its way out.
#[derive(Debug)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(HeaderName, Value)>,
    pub(super) body: Payload,
    /// Why it is an internal error: for the log.
    pub(super) cause: Option<Source>,
    /// The connection cannot be used again.
    pub(super) closes: bool,
}

/// The value of a header.
#[derive(Debug)]
pub(super) enum Value {
    Plain(HeaderValue),
    /// The URL of one of the API's own operations.
    Url(Location<String>),
    /// Such a URL as a link of this relation.
    Link(Location<String>, &'static str),
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
        Self {
            status,
            headers: Vec::new(),
            body: Payload::Empty,
            cause: None,
            closes: false,
        }
    }

    /// Of an answer that may have any status of a class: it is none of these, which are those of other answers
    /// that say more.
    #[must_use]
    pub fn except(self, statuses: &[u16]) -> Self {
        if statuses.contains(&self.status) {
            let reason = format!("an answer {} is more than its status", self.status);
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
    pub fn constant(mut self, name: &str, value: &str) -> Self {
        self.push_text(name, value.to_owned());
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
        self.push(name, Value::Url(untyped(location)));
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
        self.push(name, Value::Link(untyped(location), rel));
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
    pub fn json<V: Serialize>(self, media_type: &str, value: &V) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => self.bytes(media_type, bytes.into()),
            Err(error) => self.broken(error),
        }
    }

    /// A form body.
    #[must_use]
    pub fn form<V: Serialize>(self, media_type: &str, value: &V) -> Self {
        match crate::form::to_string(value) {
            Ok(text) => self.text(media_type, text),
            Err(error) => self.broken(error),
        }
    }

    /// A text body.
    #[must_use]
    pub fn text(self, media_type: &str, text: String) -> Self {
        self.bytes(media_type, text.into())
    }

    /// A body of bytes.
    #[must_use]
    pub fn bytes(self, media_type: &str, bytes: Bytes) -> Self {
        self.stream(media_type, Body::from(bytes))
    }

    /// A body that is sent as it comes.
    #[must_use]
    pub fn stream(mut self, media_type: &str, body: Body) -> Self {
        self.media_type(media_type);
        self.body = Payload::Body(body);
        self
    }

    /// A stream of values, each as JSON in a line of its own. One that fails breaks the connection off.
    #[must_use]
    pub fn json_lines<V: Serialize + 'static>(self, media_type: &str, items: Items<V>) -> Self {
        let lines = logged(crate::json_lines::write(items));
        self.stream(media_type, Body::stream(None, lines))
    }

    /// A stream of events. One that fails breaks the connection off.
    #[must_use]
    pub fn events<E: Named + 'static>(mut self, media_type: &str, events: Items<Event<E>>) -> Self {
        self.media_type(media_type);
        self.body = Payload::Events(Body::stream(None, logged(crate::events::write(events))));
        self
    }

    /// A failure: errors in an envelope.
    #[must_use]
    pub fn failure(mut self, envelope: &'static Envelope, errors: Vec<WireError>) -> Self {
        self.body = Payload::Failure(envelope, errors);
        self
    }

    /// The value of a header that is set.
    pub(super) fn get(&self, name: &HeaderName) -> Option<&HeaderValue> {
        self.headers.iter().find_map(|(set, value)| match value {
            Value::Plain(value) if set == name => Some(value),
            _ => None,
        })
    }

    fn media_type(&mut self, media_type: &str) {
        match HeaderValue::from_bytes(media_type.as_bytes()) {
            Ok(value) => self.headers.push((CONTENT_TYPE, Value::Plain(value))),
            Err(error) => self.note(error),
        }
    }

    fn push_text(&mut self, name: &str, value: impl Into<Bytes>) {
        match HeaderValue::from_maybe_shared(value.into()) {
            Ok(value) => self.push(name, Value::Plain(value)),
            Err(error) => self.note(error),
        }
    }

    fn push(&mut self, name: &str, value: Value) {
        match HeaderName::from_bytes(name.as_bytes()) {
            Ok(name) => self.headers.push((name, value)),
            Err(error) => self.note(error),
        }
    }

    fn broken(mut self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.note(error);
        self
    }

    fn note(&mut self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) {
        if self.cause.is_none() {
            self.cause = Some(Source::new(error));
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
    answer.cause = Some(source);
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
            assert!(good.cause.is_none() && !good.headers.is_empty());
            let bad = lists(&["a,b"], style);
            assert!(bad.cause.is_some() && bad.headers.is_empty());
        }
        assert!(lists(&[], Style::Repeat).headers.is_empty());
        assert_eq!(lists(&[], Style::Comma).headers.len(), 1);
    }
}
