//! The archive on a socket: called by the generated client (`client`), and by requests that are written by hand
//! (`raw`) or are the examples of the descriptor (`examples`), because what client and server both get wrong neither of
//! them sees.

mod client;
mod examples;
mod raw;

use std::net::SocketAddr;
use std::time::Duration;

use api_runtime::{DateTime, axum, jiff};
use tokio::net::TcpListener;

/// A pace at which a job is through at once.
const FAST: Duration = Duration::ZERO;
/// A pace at which a job never gets to its second piece.
const SLOW: Duration = Duration::from_hours(24);

/// It is always the same time.
fn now() -> DateTime {
    DateTime(jiff::Timestamp::from_second(1_796_000_000).expect("a time"))
}

/// An empty archive, and where it listens. It ends with the test.
async fn start(pace: Duration) -> SocketAddr {
    let app = recordings::app(now, pace, "secret");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}
