//! The side of the socket: bytes as they are, and a call to the system in place of a marker.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

use super::Bodies;
use super::ledger::Ledger;
use crate::file::offer::is_marker;
use crate::file::{WINDOW, cut_short};

/// A socket under hyper that sends regions of files where hyper writes their markers.
///
/// Between it and hyper only what passes slices on as they are may stand, as `TokioIo` does.
#[derive(Debug)]
pub struct Transmitter {
    stream: TcpStream,
    ledger: Arc<Ledger>,
    /// Bytes of files that were sent since others had their turn.
    in_a_row: usize,
    waits_for_peer: bool,
}

impl Transmitter {
    /// Wraps a socket. The bodies of what is served on it have to go through the other half.
    pub fn new(stream: TcpStream) -> (Self, Bodies) {
        let ledger = Arc::<Ledger>::default();
        let bodies = Bodies(Arc::clone(&ledger));
        let transmitter = Self {
            stream,
            ledger,
            in_a_row: 0,
            waits_for_peer: false,
        };
        (transmitter, bodies)
    }

    /// Whether the last write is pending because the peer has not taken what was sent before. It may
    /// also be pending because others are to have their turn.
    pub fn waits_for_peer(&self) -> bool {
        self.waits_for_peer
    }

    fn noted<T>(&mut self, written: Poll<T>) -> Poll<T> {
        self.waits_for_peer = written.is_pending();
        if self.waits_for_peer {
            self.in_a_row = 0;
        }
        written
    }

    /// Sends bytes in front of a marker, and tells the system that more follows at once.
    fn poll_send(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_io(cx, |stream| sys::send_with_more(stream, bytes))
    }

    /// Sends up to `length` bytes of the next window.
    fn poll_send_file(&mut self, cx: &mut Context<'_>, length: usize) -> Poll<io::Result<usize>> {
        if self.in_a_row >= WINDOW {
            self.in_a_row = 0;
            self.waits_for_peer = false;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let (file, start, left) = self.ledger.next()?;
        let length = length.min(left);
        let sent = ready!(self.poll_io(cx, |stream| {
            sys::send_file(stream, &file, start, length)
        }));
        Poll::Ready(match sent {
            Ok(0) => Err(cut_short()),
            Ok(sent) => {
                self.ledger.sent(sent);
                self.in_a_row += sent;
                Ok(sent)
            }
            Err(error) => Err(error),
        })
    }

    fn poll_io(
        &mut self,
        cx: &mut Context<'_>,
        mut call: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let is_ready = self.stream.poll_write_ready(cx);
            if let Err(error) = ready!(self.noted(is_ready)) {
                return Poll::Ready(Err(error));
            }
            match self
                .stream
                .try_io(Interest::WRITABLE, || call(&self.stream))
            {
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                    ) => {}
                done => return Poll::Ready(done),
            }
        }
    }
}

impl AsyncRead for Transmitter {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Transmitter {
    /// Bytes that came through here were joined by somebody, who may have joined markers as well.
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.ledger.check_joined()?;
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.noted(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.ledger.check()?;
        let Some(marker) = slices.iter().position(|slice| is_marker(slice)) else {
            let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
            return self.noted(written);
        };
        match slices[..marker].iter().find(|slice| !slice.is_empty()) {
            Some(before) => self.poll_send(cx, before),
            None => self.poll_send_file(cx, slices[marker].len()),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(target_os = "linux")]
mod sys {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::FileExt as _;

    use rustix::io::Errno;
    use rustix::net::{SendFlags, send};
    use tokio::net::TcpStream;

    /// Read at once where that has to be.
    const COPIED: usize = 64 * 1024;

    pub(super) fn send_with_more(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
        Ok(send(stream, bytes, SendFlags::MORE | SendFlags::NOSIGNAL)?)
    }

    pub(super) fn send_file(
        stream: &TcpStream,
        file: &File,
        start: u64,
        length: usize,
    ) -> io::Result<usize> {
        match rustix::fs::sendfile(stream, file, Some(&mut { start }), length) {
            // Not every file system can.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                let mut bytes = vec![0; length.min(COPIED)];
                let read = file.read_at(&mut bytes, start)?;
                Ok(send(stream, &bytes[..read], SendFlags::NOSIGNAL)?)
            }
            sent => Ok(sent?),
        }
    }
}

/// Nobody gets here: no markers are made.
#[cfg(not(target_os = "linux"))]
mod sys {
    use std::fs::File;
    use std::io;

    use tokio::net::TcpStream;

    pub(super) fn send_with_more(_: &TcpStream, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn send_file(_: &TcpStream, _: &File, _: u64, _: usize) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
