//! The body of a request as it comes off the connection, and what becomes of it when nobody reads on.
//!
//! Hazard: a connection that is closed while unread bytes lie in its buffer is reset, and a reset can
//! overtake the answer: a client that is still sending would see a broken connection instead of the 401
//! or 413 that says why. So what is left of a body is thrown away in the background, some of it and for a
//! short while, as other servers do. Not where the client waits for `100 Continue`: reading on would
//! tell it to send.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::header::EXPECT;
use http::request::Parts;
use http_body_util::BodyDataStream;

/// Most bytes that are thrown away.
const MOST_BYTES: usize = 16 << 20;

/// How long that may take.
const LONGEST: Duration = Duration::from_secs(2);

type Chunks = BodyDataStream<axum::body::Body>;

/// The chunks of a request's body.
pub(super) struct Arriving {
    /// Nothing once the end has been seen.
    chunks: Option<Chunks>,
    is_drained: bool,
}

impl Arriving {
    pub(super) fn new(head: &Parts, body: axum::body::Body) -> Self {
        let is_drained = !head.headers.contains_key(EXPECT);
        Self {
            chunks: Some(BodyDataStream::new(body)),
            is_drained,
        }
    }
}

impl Stream for Arriving {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(chunks) = &mut self.chunks else {
            return Poll::Ready(None);
        };
        let chunk = ready!(chunks.poll_next_unpin(cx));
        if !matches!(chunk, Some(Ok(_))) {
            self.chunks = None;
        }
        Poll::Ready(chunk)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let Some(chunks) = self.chunks.take().filter(|_| self.is_drained) else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(LONGEST, drain(chunks)));
        }
    }
}

async fn drain(mut chunks: Chunks) {
    let mut count = 0_usize;
    while let Some(Ok(chunk)) = chunks.next().await {
        count = count.saturating_add(chunk.len());
        if count > MOST_BYTES {
            break;
        }
    }
}
