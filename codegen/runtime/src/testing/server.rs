//! Examples as tests of a server.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};

use super::compare::Compare;
use super::values::body;
use super::{Content, Example, Mismatch, events};
use crate::client::Transport;

/// Most bytes of an answer that is compared.
const LIMIT: u64 = 16 << 20;

/// A server that is held against examples.
#[derive(Debug)]
pub struct Server<T> {
    base: String,
    headers: Vec<(&'static str, String)>,
    transport: T,
}

impl<T: Transport> Server<T> {
    /// The server at `base_url` by a transport: that of a service in this process, or over the network.
    pub fn new(base_url: &str, transport: T) -> Self {
        Self {
            base: base_url.trim_end_matches('/').to_owned(),
            headers: Vec::new(),
            transport,
        }
    }

    /// The same with a header on each request, credentials above all.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Sends the request of the example and compares the answer.
    pub async fn check(&self, example: &Example) -> Result<(), Mismatch> {
        self.check_at(example, example.target).await
    }

    /// The same at another path: one that the server has named itself, which no example can know.
    pub async fn check_at(&self, example: &Example, target: &str) -> Result<(), Mismatch> {
        let compare = Compare {
            example,
            side: "answer",
            varies: example.answer.varies,
        };
        let request = self
            .request(example, target)
            .map_err(|error| compare.differs("the request", "one that HTTP allows", error))?;
        let sent = self.transport.send(request).await;
        let (head, body) = sent
            .map_err(|error| compare.differs("it", "an answer", error))?
            .into_parts();
        let expected = &example.answer;
        let read = match expected.body {
            // What nothing is said of need not even have an end.
            Content::Unsaid => Ok(Bytes::new()),
            // As they need not.
            Content::Events(text) => events::first(body, events::whole(text).len(), LIMIT).await,
            _ => body.collect(LIMIT).await,
        };
        let bytes = read.map_err(|error| compare.differs("the body", "all of it", error))?;
        if head.status.as_u16() != expected.status {
            let got = format!("{} {}", head.status, String::from_utf8_lossy(&bytes));
            return Err(compare.differs("the status", expected.status, got.trim()));
        }
        compare.headers(expected.headers, &head.headers)?;
        compare.body(expected.body, &bytes)
    }

    fn request(
        &self,
        example: &Example,
        target: &str,
    ) -> Result<Request<crate::Body>, http::Error> {
        let content = example.body.as_bytes();
        let mut request = Request::builder()
            .method(example.operation.method)
            .uri(format!("{}{target}", self.base))
            .header("Content-Length", content.len());
        for (name, value) in example.headers {
            request = request.header(*name, *value);
        }
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(*name)?;
            request = request.header(name, HeaderValue::try_from(value)?);
        }
        request.body(body(content))
    }
}
