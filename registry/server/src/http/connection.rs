//! One connection: HTTP/1.1 through hyper, under time limits that hyper does not have.
//!
//! hyper knows one timer, which runs from the end of an answer to the end of the next head, and is set anew
//! with each request; here the waits in it are told apart (first byte, head, rest between requests), and a
//! client that stops taking an answer is noticed. The clock is looked at when a limit may have passed, not
//! per byte nor per request. Hazard: hyper's timer is off, so nothing but this stops a client that is slow.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use api_runtime::server::transmit::{Bodies, Transmitter};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;

use super::layers::Surround;
use crate::config::Limits;

/// A connection that rests while the server drains is closed this soon.
const REST_WHILE_DRAINING: Duration = Duration::from_secs(1);

/// The most that the head of a request may have; over it hyper answers 431.
const LARGEST_HEAD: usize = 64 * 1024;

/// So much is read from a connection at once, and may lie in its buffer while nothing more comes: with hyper's own
/// 400 KiB some hundred clients that stand still would take more memory than all others.
const READ_AT_ONCE: usize = 128 * 1024;

/// Serves one connection to its end: the client's, a limit's, or that of the drain.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    surround: Arc<Surround>,
    mut limits: Limits,
    mut draining: watch::Receiver<bool>,
) {
    // Answers are written whole; waiting for more only delays them. A failure costs speed alone.
    let _ = stream.set_nodelay(true);
    let activity = Arc::new(Activity::new());
    let (stream, bodies) = Transmitter::new(stream);
    let io = TokioIo::new(Watched {
        stream,
        activity: Arc::clone(&activity),
    });
    let about = Connection {
        peer,
        remote: peer.to_string().into(),
        stall: limits.stall,
        activity: Arc::clone(&activity),
        bodies,
    };
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        // Whoever has said all may close its half and still wants the answer. One that is gone for good is
        // noticed where something is written to it.
        .half_close(true)
        .max_buf_size(READ_AT_ONCE)
        .max_header_size(LARGEST_HEAD)
        .serve_connection(
            io,
            service_fn(move |request| {
                let (surround, about) = (Arc::clone(&surround), about.clone());
                async move { surround.answer(request, about).await }
            }),
        );
    tokio::pin!(connection);
    let mut check = activity.start;
    let mut told = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => return report(peer, ended),
            _ = draining.wait_for(|draining| *draining), if !told => {
                told = true;
                connection.as_mut().graceful_shutdown();
                limits.first_byte = limits.first_byte.min(REST_WHILE_DRAINING);
                limits.idle = limits.idle.min(REST_WHILE_DRAINING);
                check = Instant::now();
            }
            () = tokio::time::sleep_until(check) => match activity.next_check(&limits) {
                Ok(instant) => check = instant,
                Err(limit) => {
                    tracing::debug!(%peer, limit, "connection closed: it took too long");
                    return;
                }
            },
        }
    }
}

/// What has to be known of a connection to answer a request on it.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    /// The same as text.
    pub(super) remote: Arc<str>,
    /// How long a request's body may stand still.
    pub(super) stall: Duration,
    pub(super) activity: Arc<Activity>,
    /// What answers have to go through.
    pub(super) bodies: Bodies,
}

fn report(peer: SocketAddr, ended: hyper::Result<()>) {
    if let Err(error) = ended {
        if error.is_parse() {
            // hyper has answered it by itself, so that it has no entry in the access log.
            tracing::info!(%peer, %error, "refused: this is no request of HTTP, or its head is too large");
            return;
        }
        // Clients leave in all kinds of ways; none of them is the operator's concern.
        tracing::debug!(%peer, %error, "connection ended early");
    }
}

/// What a connection is doing, and since when.
#[derive(Debug)]
pub(super) struct Activity {
    start: Instant,
    phase: AtomicU8,
    /// Milliseconds from the start to the beginning of the phase.
    since: AtomicU64,
    /// Milliseconds from the start to the write that is still waiting, plus one; 0 if none is.
    blocked: AtomicU64,
}

/// No byte has come yet.
const NEW: u8 = 0;
/// Part of a head has come.
const HEAD: u8 = 1;
/// A request is being answered.
const BUSY: u8 = 2;
/// Between two requests.
const IDLE: u8 = 3;

impl Activity {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            phase: AtomicU8::new(NEW),
            since: AtomicU64::new(0),
            blocked: AtomicU64::new(0),
        }
    }

    /// A request begins: its head is complete.
    pub(super) fn busy(&self) {
        self.phase.store(BUSY, Ordering::Relaxed);
    }

    /// A request ended: its answer is complete or given up.
    pub(super) fn idle(&self) {
        self.enter(IDLE);
    }

    fn received(&self) {
        let phase = self.phase.load(Ordering::Relaxed);
        if phase == NEW || phase == IDLE {
            self.enter(HEAD);
        }
    }

    fn enter(&self, phase: u8) {
        self.since.store(self.now(), Ordering::Relaxed);
        self.phase.store(phase, Ordering::Relaxed);
    }

    /// Something was written, or is blocked by the client.
    fn written(&self, blocked: bool) {
        if !blocked {
            self.blocked.store(0, Ordering::Relaxed);
            // The end of an answer is taken before it is sent: the rest begins when it has gone.
            if self.phase.load(Ordering::Relaxed) == IDLE {
                self.enter(IDLE);
            }
        } else if self.blocked.load(Ordering::Relaxed) == 0 {
            self.blocked.store(self.now() + 1, Ordering::Relaxed);
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX - 1)
    }

    /// When to look again, or the name of the limit that has passed. A phase that begins after this
    /// look ends no sooner than the shortest limit from now, so looking then is soon enough.
    fn next_check(&self, limits: &Limits) -> Result<Instant, &'static str> {
        let now = Instant::now();
        let shortest = limits
            .header
            .min(limits.idle)
            .min(limits.first_byte)
            .min(limits.stall);
        let mut next = now + shortest;
        let since = self.start + Duration::from_millis(self.since.load(Ordering::Relaxed));
        let blocked = self.blocked.load(Ordering::Relaxed).checked_sub(1);
        let phase = match self.phase.load(Ordering::Relaxed) {
            // An answer is still on its way, as slowly as the client takes it.
            IDLE if blocked.is_some() => None,
            NEW => Some((self.start + limits.first_byte, "first byte")),
            HEAD => Some((since + limits.header, "header")),
            IDLE => Some((since + limits.idle, "idle")),
            _ => None,
        };
        let blocked = blocked.map(|since| {
            let since = self.start + Duration::from_millis(since);
            (since + limits.stall, "stall")
        });
        for (deadline, limit) in [phase, blocked].into_iter().flatten() {
            if deadline <= now {
                return Err(limit);
            }
            next = next.min(deadline);
        }
        Ok(next)
    }
}

/// A stream that tells what it does.
#[derive(Debug)]
struct Watched {
    stream: Transmitter,
    activity: Arc<Activity>,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.activity.received();
        }
        polled
    }
}

impl Watched {
    fn wrote<T>(&self, polled: Poll<T>) -> Poll<T> {
        self.activity
            .written(polled.is_pending() && self.stream.waits_for_peer());
        polled
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.wrote(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
