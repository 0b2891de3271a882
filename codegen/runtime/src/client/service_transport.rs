//! A transport that never leaves the process: each request goes straight to a service.
//!
//! For tests of whatever uses a generated client, with the generated router, or any other service, in
//! place of a server. No port is bound and nothing is written or parsed as HTTP; what a connection would
//! add is added here: the request has its path in place of the whole URL, and `Host`.

use std::error::Error as StdError;
use std::fmt;

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::{Request, Response, Uri};
use tower_service::Service;

use super::{Transport, TransportError, TransportErrorKind};
use crate::Body;

/// Sends requests to a service in this process. Whatever host a URL names, the service gets the request.
#[derive(Clone)]
pub struct ServiceTransport<S>(S);

impl<S> ServiceTransport<S> {
    /// A transport to `service`, of which each request gets a clone.
    pub fn new(service: S) -> Self {
        Self(service)
    }
}

impl<S, B> Transport for ServiceTransport<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<Box<dyn StdError + Send + Sync>>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    async fn send(&self, mut request: Request<Body>) -> Result<Response<Body>, TransportError> {
        as_received(&mut request)?;
        let mut service = self.0.clone();
        let failed = |error| TransportError::new(TransportErrorKind::Other, error);
        std::future::poll_fn(|cx| service.poll_ready(cx))
            .await
            .map_err(failed)?;
        let response = service.call(request).await.map_err(failed)?;
        Ok(response.map(Body::wrap))
    }
}

/// Makes of a request that is to be sent one that has arrived.
fn as_received(request: &mut Request<Body>) -> Result<(), TransportError> {
    let refused = |error: http::Error| TransportError::new(TransportErrorKind::Request, error);
    if let Some(authority) = request.uri().authority() {
        let host =
            HeaderValue::from_str(authority.as_str()).map_err(|error| refused(error.into()))?;
        request.headers_mut().entry(HOST).or_insert(host);
    }
    if let Some(path) = request.uri().path_and_query().cloned() {
        *request.uri_mut() = Uri::builder()
            .path_and_query(path)
            .build()
            .map_err(refused)?;
    }
    Ok(())
}

impl<S> fmt::Debug for ServiceTransport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceTransport").finish_non_exhaustive()
    }
}
