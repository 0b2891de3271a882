//! One call: what a generated method makes of its request struct.
//!
//! The builder methods never fail; a value that HTTP does not allow is remembered and becomes the
//! error of [`Caller::send`](super::Caller::send), so that generated code is one chain.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request};
use reqwest::Url;
use serde::Serialize;

use super::{Conditions, RangeRequest, TransportError, TransportErrorKind};
use crate::accept::Offered;
use crate::{Body, Items, Operation, Scalar, Style, list};

/// What a request is about, for whoever stands between the caller and the network. It is among the
/// extensions of each request.
#[derive(Clone, Debug)]
pub struct CallInfo {
    /// What is called. `None` for a URL that is no operation's own, as [`Caller::fetch`] takes.
    ///
    /// [`Caller::fetch`]: super::Caller::fetch
    pub operation: Option<&'static Operation>,
    /// What the caller must be allowed, as the API declares it, with this call's values put in.
    pub access: Arc<[String]>,
    /// The request goes to another host than the API's, because an answer named it. Credentials of the
    /// API must not be added.
    pub foreign: bool,
}

/// A call of an operation: head and body, not yet bound to a host.
pub struct Call {
    pub(super) operation: Option<&'static Operation>,
    pub(super) method: Method,
    pub(super) path_and_query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    pub(super) access: Arc<[String]>,
    pub(super) keeps_redirects: bool,
    /// The header of a key that is still to be made up.
    key: Option<HeaderName>,
    pub(super) fault: Option<TransportError>,
}

impl Call {
    /// A call of `operation`, whose path and query are written already.
    pub fn new(operation: &'static Operation, path_and_query: String) -> Self {
        let mut call = Self::to(Method::GET, path_and_query);
        call.operation = Some(operation);
        match Method::from_bytes(operation.method.as_bytes()) {
            Ok(method) => call.method = method,
            Err(error) => call.note(error),
        }
        call
    }

    /// A call that is no operation's.
    pub(super) fn to(method: Method, path_and_query: String) -> Self {
        Self {
            operation: None,
            method,
            path_and_query,
            headers: HeaderMap::new(),
            body: Body::empty(),
            access: Arc::default(),
            keeps_redirects: false,
            key: None,
            fault: None,
        }
    }

    /// The same call as HEAD.
    #[must_use]
    pub fn head(mut self) -> Self {
        self.method = Method::HEAD;
        self
    }

    /// What the caller must be allowed.
    #[must_use]
    pub fn access(mut self, access: Vec<String>) -> Self {
        self.access = access.into();
        self
    }

    /// Redirects are answers that the operation declares: they are returned, not followed.
    #[must_use]
    pub fn keep_redirects(mut self) -> Self {
        self.keeps_redirects = true;
        self
    }

    /// Refuses a list that its place in the query cannot hold: the server would read another one, or none.
    #[must_use]
    pub fn query_list<V: Scalar>(mut self, name: &str, values: &[V], style: Style) -> Self {
        let texts: Vec<String> = values.iter().map(Scalar::to_text).collect();
        let is_lost = texts.is_empty() && style == Style::Repeat;
        let why = is_lost.then_some("an empty list cannot be sent");
        if let Some(why) = why.or_else(|| list::unsendable(&texts, style)) {
            self.note(format!("`{name}`: {why}"));
        }
        self
    }

    /// As [`Call::query_list`], where there is a list. An empty one may be left out.
    #[must_use]
    pub fn query_list_optional<V: Scalar>(
        self,
        name: &str,
        values: &Option<Vec<V>>,
        style: Style,
    ) -> Self {
        match values {
            Some(values) if !values.is_empty() => self.query_list(name, values, style),
            _ => self,
        }
    }

    /// Sets a header.
    #[must_use]
    pub fn header<V: Scalar>(mut self, name: &str, value: &V) -> Self {
        self.append(name, &value.to_text());
        self
    }

    /// Sets a header with a constant value.
    #[must_use]
    pub fn header_text(mut self, name: &str, value: &str) -> Self {
        self.append(name, value);
        self
    }

    /// Says which body of the answer is wanted.
    #[must_use]
    pub fn accept(self, wanted: impl Offered) -> Self {
        self.header_text(ACCEPT.as_str(), wanted.media_type())
    }

    /// Sets a header where there is a value.
    #[must_use]
    pub fn header_optional<V: Scalar>(self, name: &str, value: &Option<V>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    /// Sets the header with the key by which the server knows a repetition. Where the caller has none,
    /// one is made up when the call is sent; whoever sends the request again sends the same.
    #[must_use]
    pub fn key<V: Scalar>(mut self, name: &str, value: &Option<V>) -> Self {
        match (value, HeaderName::from_bytes(name.as_bytes())) {
            (Some(value), _) => return self.header(name, value),
            (None, Ok(name)) => self.key = Some(name),
            (None, Err(error)) => self.note(error),
        }
        self
    }

    /// Makes up a key by `new`, where there is to be one.
    pub(super) fn fill_key(&mut self, new: impl FnOnce() -> String) {
        if let Some(name) = self.key.take() {
            self.append(name.as_str(), &new());
        }
    }

    /// Sets a header to a list: a line for each item, or one line with all of them. An empty list is an empty
    /// line.
    #[must_use]
    pub fn header_list<V: Scalar>(mut self, name: &str, values: &[V], style: Style) -> Self {
        let texts: Vec<String> = values.iter().map(Scalar::to_text).collect();
        match list::header_lines(&texts, style) {
            Ok(lines) => {
                for line in &lines {
                    self.append(name, line);
                }
            }
            Err(why) => self.note(format!("`{name}`: {why}")),
        }
        self
    }

    /// As [`Call::header_list`], where there is a list.
    #[must_use]
    pub fn header_list_optional<V: Scalar>(
        self,
        name: &str,
        values: &Option<Vec<V>>,
        style: Style,
    ) -> Self {
        match values {
            Some(values) => self.header_list(name, values, style),
            None => self,
        }
    }

    /// Sets a header for each entry of a map; its name stands between `before` and `after`.
    #[must_use]
    pub fn header_prefix<'v, V: Scalar + 'v>(
        mut self,
        before: &str,
        after: &str,
        values: impl IntoIterator<Item = (&'v String, &'v V)>,
    ) -> Self {
        for (name, value) in values {
            self.append(&format!("{before}{name}{after}"), &value.to_text());
        }
        self
    }

    /// Asks for a part of the body.
    #[must_use]
    pub fn range(mut self, range: &RangeRequest) -> Self {
        range.write(|name, value| self.append(name.as_str(), value));
        self
    }

    /// Makes the call conditional.
    #[must_use]
    pub fn conditions(mut self, conditions: &Conditions) -> Self {
        conditions.write(|name, value| self.append(name.as_str(), value));
        self
    }

    /// A JSON body.
    #[must_use]
    pub fn json<V: Serialize>(mut self, media_type: &str, value: &V) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => self.bytes(media_type, bytes.into()),
            Err(error) => {
                self.note(error);
                self
            }
        }
    }

    /// A form body.
    #[must_use]
    pub fn form<V: Serialize>(mut self, media_type: &str, value: &V) -> Self {
        match crate::form::to_string(value) {
            Ok(text) => self.text(media_type, text),
            Err(error) => {
                self.note(error);
                self
            }
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

    /// A body that is sent as it comes. An empty media type is none, and the server has to guess.
    #[must_use]
    pub fn stream(mut self, media_type: &str, body: Body) -> Self {
        match HeaderValue::from_bytes(media_type.as_bytes()) {
            Ok(value) if value.is_empty() => {}
            Ok(value) => drop(self.headers.insert(CONTENT_TYPE, value)),
            Err(error) => self.note(error),
        }
        self.body = body;
        self
    }

    /// A stream of values, each as JSON in a line of its own.
    #[must_use]
    pub fn json_lines<V: Serialize + 'static>(self, media_type: &str, items: Items<V>) -> Self {
        self.stream(
            media_type,
            Body::stream(None, crate::json_lines::write(items)),
        )
    }

    fn append(&mut self, name: &str, value: &str) {
        let name = match HeaderName::from_bytes(name.as_bytes()) {
            Ok(name) => name,
            Err(error) => return self.note(error),
        };
        if value.trim_matches([' ', '\t']) != value {
            return self.note(format!(
                "`{name}`: white space around a value would be lost"
            ));
        }
        match HeaderValue::from_bytes(value.as_bytes()) {
            Ok(value) => drop(self.headers.append(name, value)),
            Err(error) => self.note(error),
        }
    }

    fn note(&mut self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) {
        if self.fault.is_none() {
            self.fault = Some(TransportError::new(TransportErrorKind::Request, error));
        }
    }

    /// The request to `url`.
    pub(super) fn into_request(
        self,
        url: &Url,
        foreign: bool,
    ) -> Result<Request<Body>, TransportError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let mut request = Request::builder()
            .method(self.method)
            .uri(url.as_str())
            .body(self.body)
            .map_err(|error| TransportError::new(TransportErrorKind::Request, error))?;
        *request.headers_mut() = self.headers;
        let info = CallInfo {
            operation: self.operation,
            access: self.access,
            foreign,
        };
        request.extensions_mut().insert(info);
        Ok(request)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may be secret.
        f.debug_struct("Call")
            .field("operation", &self.operation.map(|operation| operation.id))
            .field("method", &self.method)
            .field("path_and_query", &self.path_and_query)
            .finish_non_exhaustive()
    }
}
