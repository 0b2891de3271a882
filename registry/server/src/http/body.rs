//! Bodies as they pass through: requests that must not stand still, answers that are accounted for.
//!
//! Neither changes a byte, neither copies one.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
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
    /// The body of an answer. Calls `taken` when nothing more of it is wanted, and `sent` when nothing more of
    /// it can be sent, with the number of bytes that were, and whether that was all of it.
    pub(super) struct Counted<B: Body, T: FnOnce(), S: FnOnce(u64, bool)> {
        #[pin]
        body: B,
        bytes: u64,
        taken: Option<T>,
        account: Arc<Account<S>>,
    }

    impl<B: Body, T: FnOnce(), S: FnOnce(u64, bool)> PinnedDrop for Counted<B, T, S> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.body.is_end_stream() {
                this.account.ends_at(*this.bytes);
            }
            if let Some(taken) = this.taken.take() {
                taken();
            }
        }
    }
}

impl<B: Body, T: FnOnce(), S: FnOnce(u64, bool)> Counted<B, T, S> {
    pub(super) fn new(body: B, taken: T, sent: S) -> Self {
        let account = Account {
            whole: OnceLock::new(),
            sent: AtomicU64::new(0),
            done: Some(sent),
        };
        // A body whose length is known is not asked for more once that has come.
        if let Some(length) = body.size_hint().exact() {
            account.ends_at(length);
        }
        Self {
            body,
            bytes: 0,
            taken: Some(taken),
            account: Arc::new(account),
        }
    }
}

impl<B: Body, T: FnOnce(), S: FnOnce(u64, bool)> Body for Counted<B, T, S> {
    type Data = Piece<B::Data, S>;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.body.poll_frame(cx));
        if frame.is_none() {
            this.account.ends_at(*this.bytes);
        }
        let piece = |data: B::Data| {
            *this.bytes += data.remaining() as u64;
            let account = Arc::clone(this.account);
            Piece { data, account }
        };
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What became of an answer; it is closed when the body is gone and all pieces of it.
struct Account<S: FnOnce(u64, bool)> {
    /// The length of the body, once that is known.
    whole: OnceLock<u64>,
    sent: AtomicU64,
    done: Option<S>,
}

impl<S: FnOnce(u64, bool)> Account<S> {
    fn ends_at(&self, length: u64) {
        // Whoever says so first, and the others say the same.
        let _ = self.whole.set(length);
    }
}

impl<S: FnOnce(u64, bool)> Drop for Account<S> {
    fn drop(&mut self) {
        let sent = *self.sent.get_mut();
        let is_whole = self.whole.get() == Some(&sent);
        if let Some(done) = self.done.take() {
            done(sent, is_whole);
        }
    }
}

/// A piece of an answer. hyper keeps it until it is written, and advances over what was.
pub(super) struct Piece<D, S: FnOnce(u64, bool)> {
    data: D,
    account: Arc<Account<S>>,
}

impl<D: Buf, S: FnOnce(u64, bool)> Buf for Piece<D, S> {
    fn remaining(&self) -> usize {
        self.data.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.data.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.data.advance(count);
        self.account.sent.fetch_add(count as u64, Ordering::Relaxed);
    }
}
