//! What every request passes on its way to the router and back.
//!
//! In: a request id, the limit of a body that stands still. Back: the id, the configured headers, the
//! entry of the access log once the answer is complete.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};

use api_runtime::server::{LONGEST_ID, TellOperation};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Buf;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::Body as _;
use hyper::body::Incoming;
use tower::Service;
use uuid::Uuid;
use uuid::fmt::Simple;

use super::access_log::Entry;
use super::body::{Counted, Stalled};
use super::connection::Connection;
use crate::config::Config;
use crate::telemetry;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: the client's own, where it is short and harmless, or a new one. It stands in the
/// `X-Request-Id` header of the request and of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// Makes ids: random ones at first, and then counted, since random numbers cost a system call each.
#[derive(Debug)]
struct Ids {
    series: u64,
    next: AtomicU64,
}

impl Ids {
    fn new() -> Self {
        let (series, next) = Uuid::new_v4().as_u64_pair();
        let next = AtomicU64::new(next);
        Self { series, next }
    }

    fn of(&self, headers: &HeaderMap) -> RequestId {
        let given = headers
            .get(REQUEST_ID)
            .filter(|id| is_harmless(id.as_bytes()));
        RequestId(given.cloned().unwrap_or_else(|| {
            let next = self.next.fetch_add(1, Ordering::Relaxed);
            let id = Uuid::from_u64_pair(self.series, next);
            let mut digits = [0; Simple::LENGTH];
            let id = id.simple().encode_lower(&mut digits);
            HeaderValue::from_str(id).expect("hexadecimal digits are a legal value")
        }))
    }
}

fn is_harmless(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:+/=@".contains(byte);
    (1..=LONGEST_ID).contains(&id.len()) && id.iter().all(plain)
}

/// A router and what surrounds it.
#[derive(Debug)]
pub struct Surround {
    router: Router,
    ids: Ids,
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
            // Without this the router would be put together anew with each request.
            router: router.with_state(()),
            ids: Ids::new(),
            headers,
            access_log: config.log.access_log,
        }
    }

    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        connection: Connection,
    ) -> Result<
        Response<impl http_body::Body<Data = impl Buf + Send + use<>, Error = axum::Error> + use<>>,
        Infallible,
    > {
        let Connection {
            peer,
            remote,
            stall,
            activity,
            bodies,
        } = connection;
        activity.busy();
        let mut request = request.map(|body| {
            if body.is_end_stream() {
                Body::empty()
            } else {
                Body::new(Stalled::new(body, stall))
            }
        });
        let id = self.ids.of(request.headers());
        request.headers_mut().insert(REQUEST_ID, id.0.clone());
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut entry = if self.access_log {
            Entry::begin(&request, remote, &id)
        } else {
            None
        };
        if entry.is_some() {
            request.extensions_mut().insert(TellOperation);
        }
        let answering = self.router.clone().call(request);
        let mut response = telemetry::on_behalf(id.0.clone(), answering).await?;
        self.add_headers(response.headers_mut(), id);
        if let Some(entry) = &mut entry {
            entry.answered(&response);
        }
        Ok(response.map(|body| {
            let sent = move |bytes, is_whole| {
                if let Some(entry) = entry {
                    entry.sent(bytes, is_whole);
                }
            };
            Counted::new(bodies.outgoing(body), move || activity.idle(), sent)
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
