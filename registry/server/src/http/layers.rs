//! What every request passes on its way to the router and back.
//!
//! In: a request id, the check of `Host`, the limit of a body that stands still. Back: the id, the
//! configured headers, the line of the access log once the answer is complete. Hazard: hyper lets a
//! request without `Host`, or with two, through; behind a proxy that reads the other one such a
//! request means something else to each of them, so it is refused here and its connection closed.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use api_runtime::{Envelope, RejectionKind, WireError};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::{CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use registry_protocol::OCI_ENVELOPE;
use tokio::time::Instant;
use tower::Service;
use uuid::Uuid;

use super::body::{Counted, Stalled};
use super::connection::Activity;
use crate::config::Config;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request id that is taken from a client.
const LONGEST_ID: usize = 128;

/// The id of a request: the client's own, where it is short and harmless, or a new one. It stands in
/// the extensions of the request, in its `X-Request-Id` header, and in that of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    fn of(headers: &HeaderMap) -> Self {
        let given = headers
            .get(REQUEST_ID)
            .filter(|id| is_harmless(id.as_bytes()));
        Self(given.cloned().unwrap_or_else(|| {
            let id = Uuid::new_v4().simple().to_string();
            HeaderValue::try_from(id).expect("hexadecimal digits are a legal value")
        }))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

fn is_harmless(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:+/=@".contains(byte);
    (1..=LONGEST_ID).contains(&id.len()) && id.iter().all(plain)
}

/// A router and what surrounds it.
#[derive(Debug, Clone)]
pub struct Surround {
    router: Router,
    headers: HeaderMap,
    access_log: bool,
}

impl Surround {
    /// Surrounds `router` as it is configured.
    pub fn new(router: Router, config: &Config) -> Self {
        let mut headers = HeaderMap::new();
        for (name, value) in &config.http.headers {
            headers.append(name, value.clone());
        }
        Self {
            router,
            headers,
            access_log: config.log.access_log,
        }
    }

    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        stall: Duration,
        activity: Arc<Activity>,
    ) -> Result<
        Response<impl http_body::Body<Data = bytes::Bytes, Error = axum::Error> + use<>>,
        Infallible,
    > {
        activity.busy();
        let mut request = request.map(|body| Body::new(Stalled::new(body, stall)));
        let id = RequestId::of(request.headers());
        request.headers_mut().insert(REQUEST_ID, id.0.clone());
        request.extensions_mut().insert(id.clone());
        request.extensions_mut().insert(ConnectInfo(peer));
        let line = self.access_log.then(|| Line::of(&request, peer, &id));
        let mut response = if has_one_host(&request) {
            self.router.clone().call(request).await?
        } else {
            no_host()
        };
        self.add_headers(response.headers_mut(), id);
        let status = response.status();
        Ok(response.map(|body| {
            Counted::new(body, move |bytes| {
                activity.idle();
                if let Some(line) = line {
                    line.answered(status, bytes);
                }
            })
        }))
    }

    fn add_headers(&self, headers: &mut HeaderMap, id: RequestId) {
        for name in self.headers.keys() {
            headers.remove(name);
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        headers.insert(REQUEST_ID, id.0);
    }
}

/// One `Host` that names an authority; HTTP/1.0 need not send any.
fn has_one_host<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => request.version() < Version::HTTP_11,
        (Some(host), None) => is_authority(host.as_bytes()),
        (Some(_), Some(_)) => false,
    }
}

fn is_authority(host: &[u8]) -> bool {
    Authority::try_from(host).is_ok_and(|authority| !authority.as_str().contains('@'))
}

/// The refusal, in the envelope that every failure of the API has.
fn no_host() -> Response<Body> {
    let kind = RejectionKind::BadRequest;
    let reason = "an HTTP/1.1 request has exactly one valid Host header";
    let error = WireError::rejection(OCI_ENVELOPE.rejection(kind), None, Some(reason));
    let body = OCI_ENVELOPE.write(kind.status(), &[error], None);
    let mut response = Response::new(Body::from(body.unwrap_or_default()));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(Envelope::MEDIA_TYPE));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// What the access log says of a request, kept until its answer is complete.
struct Line {
    start: Instant,
    id: RequestId,
    peer: SocketAddr,
    method: http::Method,
    uri: http::Uri,
    user_agent: Option<HeaderValue>,
    /// Status and bytes of the answer; nothing where there was none.
    answer: Option<(u16, u64)>,
}

impl Line {
    fn of<B>(request: &Request<B>, peer: SocketAddr, id: &RequestId) -> Self {
        Self {
            start: Instant::now(),
            id: id.clone(),
            peer,
            method: request.method().clone(),
            uri: request.uri().clone(),
            user_agent: request.headers().get(USER_AGENT).cloned(),
            answer: None,
        }
    }

    fn answered(mut self, status: StatusCode, bytes: u64) {
        self.answer = Some((status.as_u16(), bytes));
    }
}

/// The line is written where it is dropped, so that a request whose client left has one too.
impl Drop for Line {
    fn drop(&mut self) {
        let user_agent = self.user_agent.as_ref();
        let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()));
        tracing::info!(
            target: "access",
            request_id = self.id.as_str(),
            remote = %self.peer,
            method = self.method.as_str(),
            uri = %self.uri,
            status = self.answer.map(|(status, _)| status),
            bytes = self.answer.map(|(_, bytes)| bytes),
            microseconds = u64::try_from(self.start.elapsed().as_micros()).ok(),
            user_agent = user_agent.as_deref(),
            "request"
        );
    }
}
