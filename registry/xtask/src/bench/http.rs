//! HTTP/1.1 by hand on one blocking connection: as little work as possible between server and clock.
//!
//! Bodies are dropped by the kernel (`MSG_TRUNC`), else their copy into this process is what would be
//! measured. Only answers with a Content-Length are understood; a server that sends another form ends
//! the run with an error. Hazard: it shares the processors with the server it measures.

use std::io::{ErrorKind, IoSlice, Read, Write};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::io::{Errno, retry_on_intr};
use rustix::net::RecvFlags;

use super::Result;

/// Nothing that is measured may stand still so long.
const STALL: Duration = Duration::from_mins(1);
/// The longest head, and how much of a small body comes along with it.
const BUFFER: usize = 16 << 10;
/// How much the kernel may drop in one call.
const DROP: usize = 1 << 20;

/// A connection that is kept alive.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// What was received and not yet looked at lies between these two.
    start: usize,
    end: usize,
    /// Never touched: the kernel writes nothing where it drops.
    dropped: Option<Box<[MaybeUninit<u8>]>>,
}

/// The head of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) length: u64,
    pub(super) location: Option<String>,
}

impl Connection {
    pub(super) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, STALL)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(STALL))?;
        stream.set_write_timeout(Some(STALL))?;
        Ok(Self {
            stream,
            buffer: vec![0; BUFFER],
            start: 0,
            end: 0,
            dropped: None,
        })
    }

    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(bytes)?)
    }

    /// Sends all slices behind each other.
    pub(super) fn send_all(&mut self, mut slices: &mut [IoSlice<'_>]) -> Result<()> {
        IoSlice::advance_slices(&mut slices, 0);
        while !slices.is_empty() {
            match self.stream.write_vectored(slices) {
                Ok(0) => return Err("the server takes no more bytes".into()),
                Ok(n) => IoSlice::advance_slices(&mut slices, n),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Receives the head of the next answer.
    pub(super) fn head(&mut self) -> Result<Head> {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
        let mut searched = self.start;
        loop {
            let from = searched.saturating_sub(3).max(self.start);
            let received = &self.buffer[from..self.end];
            if let Some(at) = received.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = parse(&self.buffer[self.start..from + at])?;
                self.start = from + at + 4;
                return Ok(head);
            }
            searched = self.end;
            if self.end == self.buffer.len() {
                if self.start == 0 {
                    return Err("an answer has a head without end".into());
                }
                self.buffer.copy_within(self.start..self.end, 0);
                searched -= self.start;
                self.end -= self.start;
                self.start = 0;
            }
            match self.stream.read(&mut self.buffer[self.end..])? {
                0 => return Err("the server closed the connection".into()),
                n => self.end += n,
            }
        }
    }

    /// Drops a body of `length` bytes. `seen` is told of every piece, and may end it by `false`; then
    /// the connection is of no use any more.
    pub(super) fn skip(&mut self, length: u64, mut seen: impl FnMut(u64) -> bool) -> Result<()> {
        let early = self.take_early(length);
        let mut left = length - early;
        let mut go_on = early == 0 || seen(early);
        while left > 0 && go_on {
            let dropped = self
                .dropped
                .get_or_insert_with(|| Box::new_uninit_slice(DROP));
            let most = usize::try_from(left).unwrap_or(DROP).min(DROP);
            let received = retry_on_intr(|| {
                let buffer = &mut dropped[..most];
                rustix::net::recv(&self.stream, buffer, RecvFlags::TRUNC).map(|(_, n)| n)
            });
            let received = match received {
                Ok(0) => return Err("the server cut a body short".into()),
                Ok(n) => n as u64,
                Err(Errno::AGAIN) => return Err("a body stood still".into()),
                Err(error) => return Err(error.into()),
            };
            left -= received;
            go_on = seen(received);
        }
        Ok(())
    }

    /// Receives a body of `length` bytes, a piece after the other.
    pub(super) fn body(&mut self, length: u64, mut piece: impl FnMut(&[u8])) -> Result<()> {
        let from = self.start;
        let early = self.take_early(length);
        piece(&self.buffer[from..self.start]);
        let mut left = length - early;
        let mut buffer = vec![0; 256 << 10];
        while left > 0 {
            let most = usize::try_from(left)
                .unwrap_or(buffer.len())
                .min(buffer.len());
            match self.stream.read(&mut buffer[..most])? {
                0 => return Err("the server cut a body short".into()),
                n => {
                    piece(&buffer[..n]);
                    left -= n as u64;
                }
            }
        }
        Ok(())
    }

    /// What of a body came with the head.
    fn take_early(&mut self, length: u64) -> u64 {
        let held = (self.end - self.start) as u64;
        let early = held.min(length);
        self.start += usize::try_from(early).unwrap_or(0);
        early
    }

    /// Sends a request and gives the head of its answer, whose body is dropped. `expected` is its
    /// status.
    pub(super) fn exchange(&mut self, request: &[u8], expected: u16) -> Result<Head> {
        self.send(request)?;
        self.expect(expected)
    }

    /// Receives an answer; what its body says is told when the status is another one.
    pub(super) fn expect(&mut self, expected: u16) -> Result<Head> {
        let head = self.head()?;
        if head.status == expected {
            self.skip(head.length, |_| true)?;
            return Ok(head);
        }
        let mut said = Vec::new();
        self.body(head.length.min(1 << 10), |piece| {
            said.extend_from_slice(piece);
        })?;
        let said = String::from_utf8_lossy(&said);
        Err(format!("status {} instead of {expected}: {said}", head.status).into())
    }
}

fn parse(head: &[u8]) -> Result<Head> {
    let text = std::str::from_utf8(head)?;
    let mut lines = text.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok())
        .ok_or("an answer has no status")?;
    let mut parsed = Head {
        status,
        ..Head::default()
    };
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            parsed.length = value.parse()?;
        } else if name.eq_ignore_ascii_case("location") {
            parsed.location = Some(value.to_owned());
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err("an answer without a length".into());
        }
    }
    Ok(parsed)
}

/// A request without a body.
pub(super) fn request(method: &str, path: &str) -> Vec<u8> {
    let accept = "application/vnd.oci.image.manifest.v1+json";
    format!("{method} {path} HTTP/1.1\r\nHost: bench\r\nAccept: {accept}\r\n\r\n").into_bytes()
}

/// The head of a request with a body of `length` bytes, and further lines that end with CRLF.
pub(super) fn request_with(method: &str, path: &str, length: u64, lines: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {length}\r\n{lines}\r\n")
        .into_bytes()
}

/// The path and query of a Location, which may be a whole URL.
pub(super) fn path_of(location: &str) -> &str {
    let Some((_, rest)) = location.split_once("://") else {
        return location;
    };
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn a_head_gives_status_length_and_location() {
        let text = b"HTTP/1.1 202 Accepted\r\ncontent-LENGTH: 17\r\nLocation: /v2/a?b=c\r\nX: y";
        let head = parse(text).unwrap();
        assert_eq!((head.status, head.length), (202, 17));
        assert_eq!(head.location.as_deref(), Some("/v2/a?b=c"));
    }

    #[test]
    fn an_answer_in_chunks_is_refused() {
        assert!(parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked").is_err());
        assert!(parse(b"nonsense").is_err());
    }

    #[test]
    fn a_location_may_be_a_whole_url() {
        assert_eq!(path_of("http://127.0.0.1:5000/v2/x?y=z"), "/v2/x?y=z");
        assert_eq!(path_of("http://127.0.0.1:5000"), "/");
        assert_eq!(path_of("/v2/x"), "/v2/x");
    }

    #[test]
    fn answers_behind_each_other_are_told_apart_and_bodies_dropped_whole() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 16];
            stream.read_exact(&mut request).unwrap();
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n";
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&vec![7; 3_000_000]).unwrap();
            stream
                .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone")
                .unwrap();
        });
        let mut connection = Connection::open(address).unwrap();
        connection.send(&[b'x'; 16]).unwrap();
        let head = connection.head().unwrap();
        let mut dropped = 0;
        connection
            .skip(head.length, |n| {
                dropped += n;
                true
            })
            .unwrap();
        assert_eq!(dropped, 3_000_000);
        let refused = connection.expect(200).unwrap_err().to_string();
        assert!(
            refused.contains("404") && refused.contains("gone"),
            "{refused}"
        );
        server.join().unwrap();
    }
}
