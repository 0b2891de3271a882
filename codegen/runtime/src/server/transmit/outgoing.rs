//! Bodies on their way to hyper: bytes as they are, and markers with what they stand for.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http_body::{Frame, SizeHint};

use super::ledger::Ledger;
use crate::file::offer::{self, Window, is_marker, marker};

/// Where the bodies of one connection go through.
#[derive(Clone, Debug)]
pub struct Bodies(pub(super) Arc<Ledger>);

impl Bodies {
    /// Makes the body of an answer one that the connection's transmitter sends. It is the last step:
    /// layers that look at bodies are inside.
    pub fn outgoing(&self, body: axum::body::Body) -> Outgoing {
        Outgoing {
            body,
            ledger: Arc::clone(&self.0),
        }
    }
}

type Polled<D> = Poll<Option<Result<Frame<D>, axum::Error>>>;

/// The body of an answer, for hyper on a connection with a [`Transmitter`](super::Transmitter).
#[derive(Debug)]
pub struct Outgoing {
    body: axum::body::Body,
    ledger: Arc<Ledger>,
}

impl Outgoing {
    /// What the body yields, and what it gives away meanwhile.
    fn poll_inner(&mut self, cx: &mut Context<'_>) -> (Polled<Bytes>, Option<Window>) {
        let mut poll = || http_body::Body::poll_frame(Pin::new(&mut self.body), cx);
        // Other systems have no such call, or another one.
        if cfg!(target_os = "linux") {
            offer::during(poll)
        } else {
            (poll(), None)
        }
    }

    /// The piece for a marker, if it is the one that came with `window`.
    fn region(&self, frame: &Frame<Bytes>, window: Window) -> Result<Frame<Piece>, axum::Error> {
        let length = window.len();
        let is_whole = |bytes: &Bytes| std::ptr::eq(bytes.as_ref(), marker(length));
        if !frame.data_ref().is_some_and(is_whole) || !self.ledger.push(window) {
            return Err(changed());
        }
        Ok(Frame::data(Piece(Kind::Marker {
            left: length,
            ledger: Arc::clone(&self.ledger),
        })))
    }
}

impl http_body::Body for Outgoing {
    type Data = Piece;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled<Piece> {
        let (polled, window) = self.poll_inner(cx);
        Poll::Ready(Some(match (polled, window) {
            (Poll::Ready(Some(Ok(frame))), Some(window)) => self.region(&frame, window),
            (_, Some(_)) => Err(changed()),
            (Poll::Ready(Some(Ok(frame))), None) => {
                if frame.data_ref().is_some_and(|bytes| is_marker(bytes)) {
                    Err(changed())
                } else {
                    Ok(frame.map_data(|bytes| Piece(Kind::Bytes(bytes))))
                }
            }
            (Poll::Ready(Some(Err(error))), None) => Err(error),
            (Poll::Ready(None), None) => return Poll::Ready(None),
            (Poll::Pending, None) => return Poll::Pending,
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn changed() -> axum::Error {
    axum::Error::new(io::Error::other(
        "a layer took the marker of a region of a file for bytes",
    ))
}

/// A piece of a body: bytes, or what stands for a part of a file.
pub struct Piece(Kind);

enum Kind {
    Bytes(Bytes),
    Marker { left: usize, ledger: Arc<Ledger> },
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        match &self.0 {
            Kind::Bytes(bytes) => bytes.remaining(),
            Kind::Marker { left, .. } => *left,
        }
    }

    fn chunk(&self) -> &[u8] {
        match &self.0 {
            Kind::Bytes(bytes) => bytes.chunk(),
            Kind::Marker { left, .. } => marker(*left),
        }
    }

    fn advance(&mut self, count: usize) {
        match &mut self.0 {
            Kind::Bytes(bytes) => bytes.advance(count),
            Kind::Marker { left, ledger } => {
                *left = left.saturating_sub(count);
                ledger.claim(count);
            }
        }
    }
}

impl Drop for Kind {
    fn drop(&mut self) {
        if let Self::Marker { left: 1.., ledger } = self {
            ledger.abandon();
        }
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Piece")
            .field("is_marker", &matches!(self.0, Kind::Marker { .. }))
            .field("remaining", &self.remaining())
            .finish()
    }
}
