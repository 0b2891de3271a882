//! A registry that is a function, for what the real one never does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use registry_client::runtime::{Transport, TransportError};
use registry_client::{Body, Registry};

use crate::served::hasty;

/// What came.
pub(crate) struct Seen {
    /// Method, path and query.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default()
    }
}

type Answer = dyn FnMut(&Seen) -> Response<Body> + Send;

/// Answers as a function does, and remembers the lines.
#[derive(Clone)]
pub(crate) struct Script {
    answer: Arc<Mutex<Box<Answer>>>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub(crate) fn new(answer: impl FnMut(&Seen) -> Response<Body> + Send + 'static) -> Self {
        Self {
            answer: Arc::new(Mutex::new(Box::new(answer))),
            lines: Arc::default(),
        }
    }

    pub(crate) fn registry(&self) -> Registry<Self> {
        Registry::builder("https://r.example")
            .retries(hasty())
            .idle_timeout(Duration::from_mins(1))
            .build_with(self.clone())
            .unwrap()
    }

    /// Lines since the last look.
    pub(crate) fn lines(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }
}

impl Transport for Script {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (parts, body) = request.into_parts();
        let host = parts.uri.host().filter(|host| *host != "r.example");
        let path = parts.uri.path_and_query().unwrap();
        let line = format!("{} {}{path}", parts.method, host.unwrap_or_default());
        self.lines.lock().unwrap().push(line.clone());
        let seen = Seen {
            line,
            headers: parts.headers,
            body: body.collect(64 << 20).await.unwrap_or_default(),
        };
        Ok((self.answer.lock().unwrap())(&seen))
    }
}

/// An answer with headers and a body.
pub(crate) fn answer(
    status: u16,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Response<Body> {
    let body: Bytes = body.into();
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Body::from(body)).unwrap()
}

/// An answer whose body breaks off.
pub(crate) fn broken(status: u16, headers: &[(&str, &str)], body: &Bytes) -> Response<Body> {
    use futures_util::{StreamExt as _, stream};
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let chunks = stream::iter([Ok(body.clone()), Err(broken)]).boxed();
    answer(status, headers, "").map(|_| Body::stream(None, chunks))
}
