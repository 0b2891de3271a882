//! Bodies as they pass through: requests that must not stand still, answers that are accounted for.
//!
//! Neither changes a byte, neither copies one.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
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
    /// The body of an answer. Calls `done` once with the number of bytes that were taken from it, and
    /// whether that was all of it, when it is dropped.
    pub(super) struct Counted<B: Body, F: FnOnce(u64, bool)> {
        #[pin]
        body: B,
        bytes: u64,
        // A body whose length is known is not asked for more once that has come.
        expected: Option<u64>,
        has_ended: bool,
        done: Option<F>,
    }

    impl<B: Body, F: FnOnce(u64, bool)> PinnedDrop for Counted<B, F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let is_whole = *this.has_ended
                || *this.expected == Some(*this.bytes)
                || this.body.is_end_stream();
            if let Some(done) = this.done.take() {
                done(*this.bytes, is_whole);
            }
        }
    }
}

impl<B: Body, F: FnOnce(u64, bool)> Counted<B, F> {
    pub(super) fn new(body: B, done: F) -> Self {
        Self {
            expected: body.size_hint().exact(),
            body,
            bytes: 0,
            has_ended: false,
            done: Some(done),
        }
    }
}

impl<B: Body, F: FnOnce(u64, bool)> Body for Counted<B, F> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.body.poll_frame(cx));
        match &frame {
            None => *this.has_ended = true,
            Some(Ok(frame)) => {
                *this.bytes += frame.data_ref().map_or(0, |data| data.remaining() as u64);
            }
            Some(Err(_)) => {}
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
