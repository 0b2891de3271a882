//! Gives up on a connection where nothing moves.
//!
//! There is a limit on standing still, none on the whole: a large blob over a thin line is no fault. Until
//! the head of the answer is there, a chunk of the request's body that the connection took counts as
//! movement; then each chunk of the answer.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use api_runtime::Body;
use api_runtime::client::{Transport, TransportError, TransportErrorKind};
use futures_util::future::{Either, select};
use futures_util::{StreamExt as _, stream};
use http::{Request, Response};

use crate::clock::Clock;

/// A transport that gives up.
pub(crate) struct Idle<T> {
    inner: T,
    limit: Duration,
    clock: Arc<dyn Clock>,
}

impl<T> Idle<T> {
    pub(crate) fn new(inner: T, limit: Duration, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner,
            limit,
            clock,
        }
    }
}

impl<T: Transport> Transport for Idle<T> {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let moved = Arc::new(AtomicU64::new(0));
        let request = request.map(|body| counted(body, &moved));
        let mut sending = std::pin::pin!(self.inner.send(request));
        loop {
            let before = moved.load(Ordering::Relaxed);
            match select(sending, self.clock.sleep(self.limit)).await {
                Either::Left((answer, _)) => {
                    let (limit, clock) = (self.limit, &self.clock);
                    return answer.map(|answer| answer.map(|body| limited(body, limit, clock)));
                }
                Either::Right(((), still)) if moved.load(Ordering::Relaxed) > before => {
                    sending = still;
                }
                Either::Right(_) => {
                    let kind = TransportErrorKind::Timeout;
                    return Err(TransportError::new(kind, stands_still()));
                }
            }
        }
    }
}

/// Counts the chunks that are taken. A body in memory goes as it is, since it may be sent again.
fn counted(body: Body, moved: &Arc<AtomicU64>) -> Body {
    if body.try_clone().is_some() {
        return body;
    }
    let moved = Arc::clone(moved);
    let count = move |chunk: &io::Result<_>| {
        if chunk.is_ok() {
            moved.fetch_add(1, Ordering::Relaxed);
        }
    };
    Body::stream(body.len(), body.into_stream().inspect(count).boxed())
}

fn limited(body: Body, limit: Duration, clock: &Arc<dyn Clock>) -> Body {
    if body.try_clone().is_some() {
        return body;
    }
    let len = body.len();
    let state = (body.into_stream(), Arc::clone(clock));
    let chunks = stream::unfold(Some(state), move |state| async move {
        let (mut chunks, clock) = state?;
        match select(chunks.next(), clock.sleep(limit)).await {
            Either::Left((None, _)) => None,
            Either::Left((Some(chunk), _)) => Some((chunk, Some((chunks, clock)))),
            Either::Right(_) => Some((Err(stands_still()), None)),
        }
    });
    Body::stream(len, chunks.boxed())
}

fn stands_still() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "nothing moved for too long")
}

impl<T> fmt::Debug for Idle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idle")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
