//! The seam between a client and the network.
//!
//! A transport sends one request and returns the head of its answer with a body that is still
//! arriving. It follows no redirect and adds nothing of the API: `caller` does that. Tests put a
//! transport here that never leaves the process.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use http::{Request, Response};

use crate::Body;

/// Sends requests.
pub trait Transport: Send + Sync + 'static {
    /// Sends `request`, whose URI is absolute, and returns the answer whatever its status is.
    /// A redirect is an answer like any other.
    fn send(
        &self,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Response<Body>, TransportError>> + Send;
}

impl<T: Transport> Transport for Arc<T> {
    fn send(
        &self,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Response<Body>, TransportError>> + Send {
        T::send(self, request)
    }
}

/// There was no answer, or it broke off.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Box<dyn StdError + Send + Sync>,
}

/// What kept the answer away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The request could not be made: a URL or a header value that HTTP does not allow. Nothing was sent.
    Request,
    /// No connection. Nothing was sent.
    Connect,
    /// The other side took too long.
    Timeout,
    /// The connection broke while the request was sent or the answer received.
    Interrupted,
    /// A redirect that is not followed: too many of them, or to a place where nothing may be sent.
    Redirect,
    /// Anything else.
    Other,
}

impl TransportError {
    /// An error of `kind`, caused by `source`.
    pub fn new(
        kind: TransportErrorKind,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            source: source.into(),
        }
    }

    /// What kept the answer away.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the other side certainly saw nothing of the request, so that it may be sent again
    /// whatever it does.
    pub fn is_unsent(&self) -> bool {
        matches!(
            self.kind,
            TransportErrorKind::Request | TransportErrorKind::Connect
        )
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Request => "the request cannot be sent",
            TransportErrorKind::Connect => "no connection",
            TransportErrorKind::Timeout => "timed out",
            TransportErrorKind::Interrupted => "the connection broke",
            TransportErrorKind::Redirect => "a redirect is not followed",
            TransportErrorKind::Other => "the request failed",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}
