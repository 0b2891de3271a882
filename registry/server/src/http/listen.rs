//! The accept loop: so many connections and no more, and an orderly end.
//!
//! The loop is our own because `axum::serve` bounds neither connections nor the time to the first
//! byte. Hazards: accepting fails for reasons that pass (no file descriptors left) and must not end
//! the server nor turn the loop into a busy one; a connection that is accepted although no slot is
//! free would defeat the cap, so the slot comes first and the system's queue holds the rest.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::connection;
use super::layers::Surround;
use crate::config::Limits;

/// The first wait after accepting failed; it doubles up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Where connections come from; a test puts failures in front of a real listener.
pub trait Accept: Send {
    /// Waits for a connection. Must be safe to drop before it is ready.
    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send;
}

impl Accept for TcpListener {
    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send {
        Self::accept(self)
    }
}

/// How a drain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were open when the drain began, and ended by themselves.
    pub finished: usize,
    /// Connections that were cut when the time was up.
    pub cut: usize,
}

/// Accepts and serves until `stop` is ready, then lets what is running finish within `drain_timeout`.
pub async fn run(
    listener: impl Accept,
    surround: Surround,
    limits: Limits,
    drain_timeout: Duration,
    stop: impl Future<Output = ()>,
) -> Drained {
    let surround = Arc::new(surround);
    let slots = Arc::new(Semaphore::new(limits.connections));
    let (drain, draining) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut pause = Pause::default();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            (accepted, slot) = next(&listener, &slots, pause.until) => match accepted {
                Ok((stream, peer)) => {
                    pause = Pause::default();
                    let served = connection::serve(stream, peer, Arc::clone(&surround), limits, draining.clone());
                    connections.spawn(async move {
                        served.await;
                        drop(slot);
                    });
                }
                Err(error) => pause.after(&error),
            },
        }
    }
    drop(listener);
    // The receivers live as long as their connections; without any there is nobody to tell.
    let _ = drain.send(true);
    finish(connections, drain_timeout).await
}

/// Waits for a free slot and a connection to put into it.
async fn next(
    listener: &impl Accept,
    slots: &Arc<Semaphore>,
    not_before: Option<Instant>,
) -> (
    io::Result<(TcpStream, SocketAddr)>,
    Option<OwnedSemaphorePermit>,
) {
    if let Some(instant) = not_before {
        tokio::time::sleep_until(instant).await;
    }
    // Nobody closes the semaphore, so there is always a permit in the end.
    let slot = Arc::clone(slots).acquire_owned().await.ok();
    (listener.accept().await, slot)
}

/// When to try again after accepting failed.
#[derive(Debug, Default)]
struct Pause {
    length: Duration,
    // An instant and not a length: other events restart the wait, and must not prolong it.
    until: Option<Instant>,
}

impl Pause {
    fn after(&mut self, error: &io::Error) {
        if is_of_one_connection(error) {
            return;
        }
        self.length = (self.length * 2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        self.until = Some(Instant::now() + self.length);
        tracing::error!(%error, pause = ?self.length, "cannot accept connections");
    }
}

/// The connection was gone before it was accepted: the next one is not affected.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

async fn finish(mut connections: JoinSet<()>, timeout: Duration) -> Drained {
    let open = connections.len();
    let ended = async { while connections.join_next().await.is_some() {} };
    let in_time = tokio::time::timeout(timeout, ended).await.is_ok();
    let cut = if in_time { 0 } else { connections.len() };
    connections.shutdown().await;
    Drained {
        finished: open - cut,
        cut,
    }
}
