//! Redirects of one call.
//!
//! Only GET and HEAD are sent again, so nothing is written twice or in another place than was meant.
//! Whoever leaves the API's own host takes along no more than what a plain fetch needs, and does not
//! get the rest back when a later redirect returns: by then the URL was chosen by somebody else.

use http::header::{
    ACCEPT, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LOCATION, RANGE,
    USER_AGENT,
};
use http::{Method, Request, Response, StatusCode};
use reqwest::Url;

use super::call::CallInfo;
use super::target::{resolve, same_origin};
use super::{Call, MAX_REDIRECTS, TransportError, TransportErrorKind};
use crate::Body;

/// What another host may see.
const HARMLESS: [HeaderName; 6] = [
    ACCEPT,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    IF_RANGE,
    RANGE,
    USER_AGENT,
];

/// One call on its way, from redirect to redirect.
pub(super) struct Trip {
    method: Method,
    headers: HeaderMap,
    info: CallInfo,
    may_follow: bool,
    hops: usize,
}

impl Trip {
    /// The trip of `call`, which begins on a foreign host or at home.
    pub(super) fn new(call: &Call, foreign: bool) -> Self {
        let is_fetch = matches!(call.method, Method::GET | Method::HEAD);
        Self {
            method: call.method.clone(),
            headers: call.headers.clone(),
            info: CallInfo {
                operation: call.operation,
                access: call.access.clone(),
                foreign,
            },
            may_follow: is_fetch && !call.keeps_redirects && call.body.len() == Some(0),
            hops: 0,
        }
    }

    /// Whether the request goes, or went, to another host than the API's.
    pub(super) fn foreign(&self) -> bool {
        self.info.foreign
    }

    /// Where `response`, which came from `url`, sends us; `None` where it is the answer.
    pub(super) fn next(
        &mut self,
        url: &Url,
        response: &Response<Body>,
    ) -> Result<Option<Url>, TransportError> {
        if !self.may_follow || !is_redirect(response.status()) {
            return Ok(None);
        }
        let Some(location) = response.headers().get(LOCATION) else {
            return Ok(None);
        };
        self.hops += 1;
        if self.hops > MAX_REDIRECTS {
            return Err(refused("more redirects than are followed"));
        }
        let location = std::str::from_utf8(location.as_bytes()).map_err(refused)?;
        let next = resolve(url, location).map_err(refused)?;
        if url.scheme() == "https" && next.scheme() != "https" {
            return Err(refused("from https to http"));
        }
        if !self.info.foreign && !same_origin(url, &next) {
            self.info.foreign = true;
            self.headers = harmless(&self.headers);
        }
        Ok(Some(next))
    }

    /// The request to the next place.
    pub(super) fn request(&self, url: &Url) -> Result<Request<Body>, TransportError> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(url.as_str())
            .body(Body::empty())
            .map_err(|error| TransportError::new(TransportErrorKind::Request, error))?;
        *request.headers_mut() = self.headers.clone();
        request.extensions_mut().insert(self.info.clone());
        Ok(request)
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    )
}

fn harmless(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in HARMLESS {
        for value in headers.get_all(&name) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

fn refused(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TransportError {
    TransportError::new(TransportErrorKind::Redirect, source)
}
