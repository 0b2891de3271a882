//! The tracker on a socket: called by the generated client (`client`), and by requests that are written by hand
//! (`raw`) or are the examples of the descriptor (`examples`), because what client and server both get wrong neither of
//! them sees.

mod client;
mod examples;
mod raw;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};

use api_runtime::{DateTime, axum, jiff};
use tokio::net::TcpListener;

/// A clock that goes on by a second whenever somebody looks.
fn now() -> DateTime {
    static SECONDS: AtomicI64 = AtomicI64::new(1_796_000_000);
    let seconds = SECONDS.fetch_add(1, Ordering::Relaxed);
    DateTime(jiff::Timestamp::from_second(seconds).expect("a time"))
}

/// A tracker without issues, and where it listens. It ends with the test.
async fn start() -> SocketAddr {
    let app = tracker::app(now).expect("good names");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}
