//! Bodies as they pass through: requests that must not stand still, answers that are accounted for.
//!
//! Neither changes a byte, neither copies one.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};

pin_project! {
    /// A request body that fails with [`io::ErrorKind::TimedOut`] when it stands still for too long
    /// while somebody reads it. There is no limit to its total time.
    #[derive(Debug)]
    pub struct Stalled<B> {
        #[pin]
        body: B,
        limit: Duration,
        #[pin]
        timer: Sleep,
        // The timer is set again only when a wait begins, not with each frame that is there already.
        waiting: bool,
    }
}

impl<B> Stalled<B> {
    pub(super) fn new(body: B, limit: Duration) -> Self {
        Self {
            body,
            limit,
            timer: tokio::time::sleep(limit),
            waiting: false,
        }
    }
}

impl<B> Body for Stalled<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let mut this = self.project();
        if let Poll::Ready(frame) = this.body.poll_frame(cx) {
            *this.waiting = false;
            return Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other)));
        }
        if !*this.waiting {
            *this.waiting = true;
            this.timer.as_mut().reset(Instant::now() + *this.limit);
        }
        ready!(this.timer.poll(cx));
        let error = io::Error::new(io::ErrorKind::TimedOut, "the request body stands still");
        Poll::Ready(Some(Err(error)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

pin_project! {
    /// The body of an answer. Calls `done` once with the number of bytes that were taken from it,
    /// when it is dropped: complete or given up.
    pub(super) struct Counted<B, F: FnOnce(u64)> {
        #[pin]
        body: B,
        bytes: u64,
        done: Option<F>,
    }

    impl<B, F: FnOnce(u64)> PinnedDrop for Counted<B, F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(done) = this.done.take() {
                done(*this.bytes);
            }
        }
    }
}

impl<B, F: FnOnce(u64)> Counted<B, F> {
    pub(super) fn new(body: B, done: F) -> Self {
        Self {
            body,
            bytes: 0,
            done: Some(done),
        }
    }
}

impl<B: Body<Data = Bytes>, F: FnOnce(u64)> Body for Counted<B, F> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.body.poll_frame(cx));
        if let Some(Ok(data)) = frame
            .as_ref()
            .map(|frame| frame.as_ref().map(Frame::data_ref))
        {
            *this.bytes += data.map_or(0, |data| data.len() as u64);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
