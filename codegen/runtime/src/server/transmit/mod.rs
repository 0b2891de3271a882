//! A connection that has the system send regions of files, which this process then never reads.
//!
//! For plain HTTP/1.1 over TCP, under hyper as it is: [`Transmitter`] goes between hyper and the socket,
//! and each answer's body through [`Bodies::outgoing`], outside of every layer. A body that is a region of
//! a file (see [`Body::file`](crate::Body::file)) then travels as markers, which hyper queues as it queues
//! any bytes, and in place of which the transmitter calls `sendfile`. Any other connection that serves the
//! same router, by TLS or HTTP/2 or another server, gets the bytes.
//!
//! What must never happen is that a marker, which is zeroes, is sent as if it was content. `ledger` keeps
//! the account: hyper may only drop those bytes of a marker for which the transmitter has sent bytes of
//! the file. Whatever copies a marker, or sends less or more than the region, breaks the connection.

mod ledger;
mod outgoing;
mod stream;

pub use outgoing::{Bodies, Outgoing, Piece};
pub use stream::Transmitter;
