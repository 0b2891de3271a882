//! A bad line: a proxy that cuts connections after some bytes, in either direction.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A line to a server. It is there until it is dropped.
pub(crate) struct Line {
    pub(crate) host: String,
    cuts: Arc<AtomicUsize>,
    running: JoinHandle<()>,
}

/// After how many bytes a connection is cut.
#[derive(Clone, Copy)]
pub(crate) struct Cut {
    /// From the client to the server.
    pub(crate) up: usize,
    /// From the server to the client.
    pub(crate) down: usize,
}

impl Line {
    /// A line to `host` that cuts each connection, at most `times` of them.
    pub(crate) async fn to(host: &str, cut: Cut, times: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let left = Arc::new(AtomicUsize::new(times));
        let cuts = Arc::new(AtomicUsize::new(0));
        let (server, counted) = (host.to_owned(), Arc::clone(&cuts));
        let running = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(&server).await else {
                    return;
                };
                let (left, cuts) = (Arc::clone(&left), Arc::clone(&counted));
                tokio::spawn(join(client, server, cut, left, cuts));
            }
        });
        Self {
            host: address.to_string(),
            cuts,
            running,
        }
    }

    /// How many connections were cut.
    pub(crate) fn cuts(&self) -> usize {
        self.cuts.load(Ordering::Relaxed)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// Joins two connections until one ends or is cut; both end then.
async fn join(
    client: TcpStream,
    server: TcpStream,
    cut: Cut,
    left: Arc<AtomicUsize>,
    cuts: Arc<AtomicUsize>,
) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let was_cut = tokio::select! {
        was_cut = pass(from_client, to_server, cut.up, &left) => was_cut,
        was_cut = pass(from_server, to_client, cut.down, &left) => was_cut,
    };
    if was_cut {
        cuts.fetch_add(1, Ordering::Relaxed);
    }
}

/// Passes bytes on; true if it was cut after `limit` of them.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    limit: usize,
    left: &AtomicUsize,
) -> bool {
    let mut buffer = vec![0; 16 << 10];
    let mut passed = 0;
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let over = (passed + read).saturating_sub(limit);
        let take = |left: usize| left.checked_sub(1);
        if over > 0
            && left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                .is_ok()
        {
            let _ = to.write_all(&buffer[..read - over.min(read)]).await;
            return true;
        }
        passed += read;
        if to.write_all(&buffer[..read]).await.is_err() {
            return false;
        }
    }
    // The other direction may still have something to say.
    let _ = to.shutdown().await;
    std::future::pending().await
}
