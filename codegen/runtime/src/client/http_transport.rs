//! The usual transport: HTTP/1.1 over TCP or TLS, by reqwest and rustls with ring.
//!
//! Bodies stream in both directions. reqwest's own redirects are off, since it would carry headers of
//! the API to other hosts. No total timeout and no read timeout is set: reqwest counts the time in
//! which a long body is sent as time in which nothing was read.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, Once, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as _, Frame, SizeHint};

use super::{Transport, TransportError, TransportErrorKind};
use crate::Body;

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// After how long an idle connection is probed, so that a peer that is gone is noticed.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Makes ring the process's provider of cryptography, once. A provider that the process has installed
/// itself stays.
pub fn init() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that there is one already, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    });
}

/// Sends requests over the network.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
}

impl HttpTransport {
    /// A transport that trusts what the system trusts and uses the proxies that the environment names.
    pub fn new() -> Result<Self, TransportError> {
        Self::from_builder(
            reqwest::Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .tcp_keepalive(KEEPALIVE),
        )
    }

    /// A transport with settings of its own: roots, proxies, timeouts. Its redirect policy is replaced.
    pub fn from_builder(builder: reqwest::ClientBuilder) -> Result<Self, TransportError> {
        init();
        let client = builder
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| TransportError::new(TransportErrorKind::Other, error))?;
        Ok(Self { client })
    }
}

impl Transport for HttpTransport {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let request = request.map(outgoing);
        let request = reqwest::Request::try_from(request)
            .map_err(|error| TransportError::new(TransportErrorKind::Request, error))?;
        let response = self
            .client
            .execute(request)
            .await
            .map_err(transport_error)?;
        Ok(http::Response::from(response).map(Body::wrap))
    }
}

/// An empty body is none at all: a GET then has neither length nor transfer coding.
fn outgoing(body: Body) -> reqwest::Body {
    if body.is_end_stream() {
        reqwest::Body::default()
    } else {
        reqwest::Body::wrap(Shared(Mutex::new(body)))
    }
}

fn transport_error(error: reqwest::Error) -> TransportError {
    let kind = if error.is_builder() {
        TransportErrorKind::Request
    } else if error.is_timeout() && !error.is_connect() {
        TransportErrorKind::Timeout
    } else if error.is_connect() {
        TransportErrorKind::Connect
    } else if error.is_request() || error.is_body() {
        TransportErrorKind::Interrupted
    } else {
        TransportErrorKind::Other
    };
    // The URL may carry a signature; what was called is known to the caller anyway.
    let error: Box<dyn StdError + Send + Sync> = Box::new(error.without_url());
    TransportError::new(kind, error)
}

/// reqwest wants bodies that are `Sync`, though it never shares one. Polling goes through `&mut` and
/// takes no lock; only a look at the size does, which nobody contends for.
struct Shared(Mutex<Body>);

impl Shared {
    fn with<R>(&self, read: impl FnOnce(&Body) -> R) -> R {
        read(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl http_body::Body for Shared {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let body = self
            .get_mut()
            .0
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        Pin::new(body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.with(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.with(http_body::Body::size_hint)
    }
}
