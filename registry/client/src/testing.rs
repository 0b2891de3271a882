//! A network and a clock for the unit tests: every answer is a function of the request, and an hour passes
//! at once.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use api_runtime::Body;
use api_runtime::client::{CallInfo, Transport, TransportError};
use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _};
use http::{Request, Response};

use crate::clock::Clock;

/// What a test sees of a request.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Method and URL.
    pub(crate) line: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Bytes,
}

type Answer = dyn Fn(&Seen) -> Result<Response<Body>, TransportError> + Send + Sync;

/// Answers, and remembers what it was asked.
#[derive(Clone)]
pub(crate) struct Script {
    answer: Arc<Answer>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Script {
    pub(crate) fn new(
        answer: impl Fn(&Seen) -> Result<Response<Body>, TransportError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            answer: Arc::new(answer),
            seen: Arc::default(),
        }
    }

    /// What was asked since the last look.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

impl Transport for Script {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (parts, body) = request.into_parts();
        // So that others get a turn, as they do on a network.
        tokio::task::yield_now().await;
        let authorization = parts.headers.get(http::header::AUTHORIZATION);
        let seen = Seen {
            line: format!("{} {}", parts.method, parts.uri),
            authorization: authorization.map(|value| value.to_str().unwrap().to_owned()),
            body: body.collect(1 << 20).await.unwrap(),
        };
        self.seen.lock().unwrap().push(seen.clone());
        (self.answer)(&seen)
    }
}

/// An answer with headers and a body.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Body> {
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Body::from(body.to_owned())).unwrap()
}

/// A request as a generated client makes it.
pub(crate) fn request(method: &str, url: &str, access: &[&str]) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(url)
        .body(Body::empty())
        .unwrap();
    request.extensions_mut().insert(CallInfo {
        operation: None,
        access: access.iter().map(|&one| one.to_owned()).collect(),
        foreign: false,
    });
    request
}

/// A clock that is set by hand, and on which waiting takes no time. Chance is always the same.
#[derive(Debug, Default)]
pub(crate) struct TestClock {
    now: Mutex<Duration>,
    slept: Mutex<Vec<Duration>>,
}

impl TestClock {
    pub(crate) fn advance(&self, duration: Duration) {
        *self.now.lock().unwrap() += duration;
    }

    /// How long was waited, each time, since the last look.
    pub(crate) fn slept(&self) -> Vec<Duration> {
        std::mem::take(&mut *self.slept.lock().unwrap())
    }
}

impl Clock for TestClock {
    fn now(&self) -> Duration {
        *self.now.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.slept.lock().unwrap().push(duration);
        self.advance(duration);
        std::future::ready(()).boxed()
    }

    fn chance(&self) -> f64 {
        0.5
    }

    fn unix(&self) -> Duration {
        Duration::from_secs(1_000_000_000) + self.now()
    }
}
