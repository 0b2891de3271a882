//! Examples as tests of a client.

use std::fmt::{Debug, Display};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use http::request::Parts;
use http::{Request, Response};
use serde::de::DeserializeOwned;

use super::compare::Compare;
use super::values::{body, json};
use super::{Content, Example, Mismatch, events};
use crate::client::{Caller, Error, Transport, TransportError, TransportErrorKind};
use crate::events::Named;
use crate::{Body, Event, Items};

/// Where the server would be.
const BASE: &str = "http://example.test";

/// Most bytes of a request that is compared.
const LIMIT: u64 = 16 << 20;

/// Takes the place of the network: remembers what is sent, and answers as the example says.
#[derive(Clone, Debug)]
pub struct Play {
    example: &'static Example,
    /// Path and query that are sent.
    target: &'static str,
    /// The body that is sent.
    body: Content,
    seen: Arc<Mutex<Option<(Parts, Bytes)>>>,
}

impl Play {
    /// The play of an example.
    pub fn new(example: &'static Example) -> Self {
        Self {
            example,
            target: example.target,
            body: example.body,
            seen: Arc::default(),
        }
    }

    /// The same where the client sends this in place of the example's own: it writes the defaults that the
    /// example leaves out.
    #[must_use]
    pub fn sending(self, target: &'static str, body: Content) -> Self {
        Self {
            target,
            body,
            ..self
        }
    }

    /// What a client sends its calls by.
    pub fn caller(&self) -> Result<Caller<Self>, Mismatch> {
        Caller::with_transport(BASE, self.clone())
            .map_err(|error| self.compare().differs("the base", BASE, error))
    }

    fn compare(&self) -> Compare<'static> {
        Compare {
            example: self.example,
            side: "client",
            varies: &[],
        }
    }

    /// Compares the request that the client has sent.
    pub fn sent(&self) -> Result<(), Mismatch> {
        let compare = self.compare();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((head, body)) = seen.take() else {
            return Err(compare.differs("the request", "one", "none"));
        };
        let method = self.example.operation.method;
        if head.method.as_str() != method {
            return Err(compare.differs("the method", method, head.method));
        }
        let target = head
            .uri
            .path_and_query()
            .map_or("", |target| target.as_str());
        compare.target(self.target, target)?;
        compare.headers(self.example.headers, &head.headers)?;
        compare.body(self.body, &body)
    }

    /// Compares a value of the answer.
    pub fn same<V: PartialEq + Debug>(
        &self,
        what: &str,
        got: &V,
        expected: &V,
    ) -> Result<(), Mismatch> {
        if got == expected {
            return Ok(());
        }
        let shown = |value: &V| format!("{value:?}");
        Err(self.compare().differs(what, shown(expected), shown(got)))
    }

    /// Compares a body that is a stream.
    pub async fn same_body(&self, got: Body) -> Result<(), Mismatch> {
        let read = got.collect(LIMIT).await;
        let compare = self.compare();
        let bytes = read.map_err(|error| compare.differs("the body", "all of it", error))?;
        compare.body(self.example.answer.body, &bytes)
    }

    /// Compares a body that is a stream of values, which are read from the lines of the example.
    pub async fn same_items<V: PartialEq + Debug + DeserializeOwned>(
        &self,
        got: Items<V>,
        lines: &str,
    ) -> Result<(), Mismatch> {
        let expected: Vec<V> = lines.lines().map(json).collect();
        let read: Result<Vec<V>, _> = got.try_collect().await;
        match read {
            Ok(items) => self.same("the body", &items, &expected),
            Err(error) => Err(self.compare().differs("the body", lines, error)),
        }
    }

    /// Compares a stream of events. `told` is a list: of each the value, its id and its time to wait.
    pub async fn same_events<E: Named + PartialEq + Debug>(
        &self,
        got: Items<Event<E>>,
        told: &str,
    ) -> Result<(), Mismatch> {
        let expected: Vec<Event<E>> = events::told(told);
        let read: Result<Vec<Event<E>>, _> = got.try_collect().await;
        match read {
            Ok(events) => self.same("the body", &events, &expected),
            Err(error) => Err(self.compare().differs("the body", told, error)),
        }
    }

    /// Whether the failure has the code of the example.
    pub fn failed<E: Display>(&self, error: &E, code: &str) -> Result<(), Mismatch> {
        let got = error.to_string();
        if got.split(':').next() == Some(code) {
            return Ok(());
        }
        Err(self.compare().differs("the failure", code, got))
    }

    /// The answer is another one than the example has.
    pub fn unexpected<A: Debug, E: Debug>(&self, answer: &Result<A, Error<E>>) -> Mismatch {
        let status = self.example.answer.status;
        self.compare()
            .differs("the answer", status, format!("{answer:?}"))
    }
}

impl Transport for Play {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (head, sent) = request.into_parts();
        let failed = |error| TransportError::new(TransportErrorKind::Interrupted, error);
        let bytes = sent
            .collect(LIMIT)
            .await
            .map_err(|error| failed(Box::new(error)))?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((head, bytes));
        let answer = &self.example.answer;
        let mut response = Response::builder().status(answer.status);
        for (name, value) in answer.headers.iter().chain(answer.others) {
            response = response.header(*name, *value);
        }
        response
            .body(body(answer.body.as_bytes()))
            .map_err(|error| TransportError::new(TransportErrorKind::Other, error))
    }
}
