//! Request bodies: their media type, their length, and the limits that hold while they arrive.
//!
//! A body over its limit is refused by its announced length before a byte is read; one that announces
//! nothing is cut off. Hazard: a body that ends early must never look complete, since a handler would
//! store it. Whatever is wrong with a body that a handler reads as a stream is remembered, so that the
//! answer says so, whatever the handler makes of the error.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use futures_util::StreamExt;
use http::request::Parts;

use super::Refusal;
use super::arriving::Arriving;
use super::budget::{Crowded, Share};
use crate::{Body, ErrorInfo, ItemError, Operation, RejectionKind};

/// After so many seconds a client that found no room should try again.
const AGAIN: &str = "5";

/// How a body is read.
#[derive(Debug)]
pub struct BodySpec {
    /// Its media types; `*/*` and `image/*` are wildcards.
    pub media_types: &'static [&'static str],
    /// Most bytes, of a stream of values most bytes of each.
    pub limit: Option<u64>,
    /// Code of a body that cannot be parsed.
    pub invalid: Option<&'static ErrorInfo>,
    /// Code of a body over the limit.
    pub too_large: Option<&'static ErrorInfo>,
    /// Its length must be announced.
    pub length_required: bool,
}

impl BodySpec {
    /// Any body, and no code of its own for what is wrong with it.
    pub const ANY: Self = Self {
        media_types: &["*/*"],
        limit: None,
        invalid: None,
        too_large: None,
        length_required: false,
    };
}

/// What is wrong with a body as a whole. It is the inner error of the [`io::Error`] that a handler gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyFault {
    /// It is over its limit.
    TooLarge,
    /// It did not arrive in time.
    Timeout,
    /// There is too much of other bodies in memory.
    Crowded,
    /// It ended early, or its framing is broken.
    Truncated,
    /// An item of it is not what was declared.
    Malformed,
}

impl BodyFault {
    /// The answer to it.
    fn rejection(self) -> RejectionKind {
        match self {
            Self::TooLarge => RejectionKind::TooLarge,
            Self::Timeout => RejectionKind::Timeout,
            Self::Crowded => RejectionKind::Unavailable,
            Self::Truncated | Self::Malformed => RejectionKind::BadBody,
        }
    }

    fn of(error: &io::Error) -> Self {
        let inner = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Self>());
        match inner {
            Some(fault) => *fault,
            None if error.kind() == io::ErrorKind::TimedOut => Self::Timeout,
            None => Self::Truncated,
        }
    }

    fn kind(self) -> io::ErrorKind {
        match self {
            Self::TooLarge => io::ErrorKind::FileTooLarge,
            Self::Timeout => io::ErrorKind::TimedOut,
            Self::Crowded => io::ErrorKind::OutOfMemory,
            Self::Truncated => io::ErrorKind::UnexpectedEof,
            Self::Malformed => io::ErrorKind::InvalidData,
        }
    }
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the body is over its limit",
            Self::Timeout => "the body did not arrive in time",
            Self::Crowded => "too many large bodies arrive at once",
            Self::Truncated => "the body ended early",
            Self::Malformed => "an item of the body cannot be read",
        })
    }
}

impl std::error::Error for BodyFault {}

/// Remembers what went wrong with the body of one request. Clones share it. Most requests have no body, with
/// which nothing can be wrong: then there is no memory either.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(Option<Arc<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    fault: AtomicU8,
    /// Code of a body over its limit.
    too_large: OnceLock<&'static ErrorInfo>,
    /// Code of an item that cannot be read.
    invalid: OnceLock<&'static ErrorInfo>,
}

impl Faults {
    /// What went wrong first.
    pub(super) fn get(&self) -> Option<BodyFault> {
        match self.0.as_ref()?.fault.load(Ordering::Relaxed) {
            1 => Some(BodyFault::TooLarge),
            2 => Some(BodyFault::Timeout),
            3 => Some(BodyFault::Truncated),
            4 => Some(BodyFault::Malformed),
            5 => Some(BodyFault::Crowded),
            _ => None,
        }
    }

    /// The answer to a body that is not read to its end, so that the connection cannot go on.
    pub(super) fn refusal(&self, operation: &'static Operation, fault: BodyFault) -> Refusal {
        let code = self.0.as_ref().and_then(|memory| match fault {
            BodyFault::TooLarge => memory.too_large.get().copied(),
            BodyFault::Malformed => memory.invalid.get().copied(),
            BodyFault::Timeout | BodyFault::Truncated | BodyFault::Crowded => None,
        });
        let reason = fault.to_string();
        let kind = fault.rejection();
        let refusal = Refusal::with_code(operation.envelope, kind, code, Some(&reason)).close();
        if fault == BodyFault::Crowded {
            return refusal.into_answer().constant("Retry-After", AGAIN).into();
        }
        refusal
    }

    /// The code of a body over its limit, where it is not the envelope's.
    pub(super) fn expect(&self, spec: &BodySpec) {
        if let (Some(memory), Some(code)) = (&self.0, spec.too_large) {
            // A body is read once.
            let _ = memory.too_large.set(code);
        }
    }

    /// What is wrong with an item of a stream. `code` is that of an item that cannot be read.
    pub(super) fn item(&self, error: &ItemError, code: Option<&'static ErrorInfo>) {
        match error {
            // That of the body has been remembered.
            ItemError::Io(_) => {}
            ItemError::TooLarge { .. } => self.set(BodyFault::TooLarge),
            ItemError::Malformed(_) => {
                if let (Some(memory), Some(code)) = (&self.0, code) {
                    let _ = memory.invalid.set(code);
                }
                self.set(BodyFault::Malformed);
            }
        }
    }

    fn set(&self, fault: BodyFault) {
        let code = match fault {
            BodyFault::TooLarge => 1,
            BodyFault::Timeout => 2,
            BodyFault::Truncated => 3,
            BodyFault::Malformed => 4,
            BodyFault::Crowded => 5,
        };
        if let Some(memory) = &self.0 {
            // An earlier fault is the cause of a later one.
            let _ = memory
                .fault
                .compare_exchange(0, code, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

/// The body of a request as it arrives, and what is remembered of it. The connection's errors become
/// [`BodyFault`]s.
pub(super) fn incoming(head: &Parts, body: axum::body::Body) -> (Body, Faults) {
    let len = http_body::Body::size_hint(&body).exact();
    if len == Some(0) {
        return (Body::empty(), Faults::default());
    }
    let faults = Faults(Some(Arc::default()));
    let stream = Arriving::new(head, body).map(|chunk| chunk.map_err(|error| io_error(&error)));
    (guarded(len, stream.boxed(), None, &faults), faults)
}

/// `body` with a limit.
pub(super) fn limited(body: Body, limit: u64, faults: &Faults) -> Body {
    let len = body.len();
    guarded(len, body.into_stream(), Some(limit), faults)
}

/// `body` with its bytes counted as they come. They stay counted as long as a clone of `share` is there.
pub(super) fn counted(body: Body, share: Share, faults: &Faults) -> Body {
    let len = body.len();
    let faults = faults.clone();
    let chunks = body.into_stream().then(move |chunk| {
        let (share, faults) = (share.clone(), faults.clone());
        async move {
            let chunk = chunk?;
            share.take(chunk.len()).await.map_err(|Crowded| {
                faults.set(BodyFault::Crowded);
                io::Error::new(BodyFault::Crowded.kind(), BodyFault::Crowded)
            })?;
            Ok(chunk)
        }
    });
    Body::stream(len, chunks.boxed())
}

/// An `io::Error` that was the cause keeps its kind, which says whether it is a timeout.
fn io_error(error: &axum::Error) -> io::Error {
    let fault = find_timeout(error).unwrap_or(BodyFault::Truncated);
    io::Error::new(fault.kind(), fault)
}

fn find_timeout(error: &(dyn std::error::Error + 'static)) -> Option<BodyFault> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::TimedOut) {
            return Some(BodyFault::Timeout);
        }
        cause = error.source();
    }
    None
}

/// A stream that fails where it is longer than `limit` or shorter than `len`, and ends there.
fn guarded(
    len: Option<u64>,
    stream: crate::BodyStream,
    limit: Option<u64>,
    faults: &Faults,
) -> Body {
    let state = (Some(stream), 0_u64, faults.clone());
    let stream = futures_util::stream::unfold(state, move |(stream, read, faults)| async move {
        let mut stream = stream?;
        let (chunk, read) = match stream.next().await {
            Some(Ok(chunk)) => {
                let read = read.saturating_add(chunk.len() as u64);
                if limit.is_none_or(|limit| read <= limit) {
                    return Some((Ok(chunk), (Some(stream), read, faults)));
                }
                (Err(BodyFault::TooLarge), read)
            }
            Some(Err(error)) => (Err(BodyFault::of(&error)), read),
            None if len.is_some_and(|len| read < len) => (Err(BodyFault::Truncated), read),
            None => return None,
        };
        let chunk = chunk.map_err(|fault| {
            faults.set(fault);
            io::Error::new(fault.kind(), fault)
        });
        Some((chunk, (None, read, faults)))
    });
    Body::stream(len, stream.boxed())
}
