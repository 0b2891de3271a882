//! HTTP/1.1 by hand, a connection for each request.
//!
//! A client library would mend what is to be tested: it refuses to send what is wrong, and hides what is
//! wrong in an answer, such as the body of an answer to HEAD. All reading is bounded in bytes and in time.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::message::{Answer, Payload, Request};
use crate::tls::{Tls, Trust};

/// Most bytes of the head of an answer.
const HEAD: usize = 64 << 10;

/// Bytes that are read at once.
const PIECE: usize = 16 << 10;

/// Where the server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// `http`, or `https` over TLS.
    scheme: &'static str,
    /// Host and port as they stand in `Host`.
    authority: String,
    /// The host alone.
    host: String,
    /// Host and port to connect to.
    address: String,
    /// Path of the base URL, without a slash at its end.
    prefix: String,
}

/// Bounds of one exchange.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long an answer may take to come.
    pub patience: Duration,
    /// How long a body is read that does not end, and how long is waited for what must not come.
    pub linger: Duration,
    /// How much of a body is read.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(10),
            linger: Duration::from_millis(300),
            body: 1 << 20,
        }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Nobody is there.
    Unreachable(io::Error),
    /// Nothing came, or nothing that is an answer.
    NoAnswer(String),
}

impl Target {
    /// Of a base URL.
    pub fn parse(url: &str) -> Result<Self, String> {
        let schemes = [("http", 80), ("https", 443)];
        let found = schemes.into_iter().find_map(|(scheme, port)| {
            let rest = url.strip_prefix(scheme)?.strip_prefix("://")?;
            Some((scheme, port, rest))
        });
        let Some((scheme, port, rest)) = found else {
            return Err(format!(
                "`{url}` does not begin with `http://` or `https://`"
            ));
        };
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if authority.is_empty() || authority.contains('@') || path.contains(['?', '#', ' ']) {
            return Err(format!("`{url}` is no base URL"));
        }
        let own = authority
            .rsplit_once(':')
            .filter(|(_, port)| !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit()));
        let (host, address) = match own {
            Some((host, _)) => (host, authority.to_owned()),
            None => (authority, format!("{authority}:{port}")),
        };
        Ok(Self {
            scheme,
            authority: authority.to_owned(),
            host: host.trim_matches(['[', ']']).to_owned(),
            address,
            prefix: path.trim_end_matches('/').to_owned(),
        })
    }

    /// The target that a URL of an answer means, below the base URL; `None` where it leads elsewhere.
    /// `from` is the target that was asked for.
    pub(crate) fn below(&self, url: &str, from: &str) -> Option<String> {
        let url = url.split('#').next()?;
        let path = match url.split_once("://") {
            Some((scheme, rest)) => {
                let at = rest.find(['/', '?']).unwrap_or(rest.len());
                let (authority, path) = rest.split_at(at);
                if scheme != self.scheme || !authority.eq_ignore_ascii_case(&self.authority) {
                    return None;
                }
                path.to_owned()
            }
            None if url.starts_with("//") => return None,
            None if url.starts_with('/') => url.to_owned(),
            None if url.starts_with('?') => {
                let path = from.split('?').next().unwrap_or_default();
                return Some(format!("{path}{url}"));
            }
            None => {
                let path = from.split('?').next().unwrap_or_default();
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                return Some(format!("{folder}/{url}"));
            }
        };
        path.strip_prefix(&self.prefix).map(str::to_owned)
    }
}

/// What goes both ways, with TLS or without.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// The way to a server.
#[derive(Debug)]
pub(crate) struct Wire<'o> {
    target: &'o Target,
    tls: Option<Tls>,
    limits: &'o Limits,
}

impl<'o> Wire<'o> {
    /// An error says why there can be none.
    pub(crate) fn new(
        target: &'o Target,
        trust: &Trust,
        limits: &'o Limits,
    ) -> Result<Self, String> {
        let is_tls = target.scheme == "https";
        let tls = is_tls.then(|| Tls::new(&target.host, trust)).transpose()?;
        Ok(Self {
            target,
            tls,
            limits,
        })
    }

    /// Sends a request, with these headers besides its own, and reads the answer.
    pub(crate) async fn exchange(
        &self,
        request: &Request,
        headers: &[(String, String)],
    ) -> Result<Answer, Trouble> {
        let stream = match timeout(self.limits.patience, self.connect()).await {
            Ok(stream) => stream.map_err(Trouble::Unreachable)?,
            Err(_) => return Err(Trouble::Unreachable(io::ErrorKind::TimedOut.into())),
        };
        let (mut reading, mut writing) = tokio::io::split(stream);
        let bytes = written(self.target, request, headers);
        let mut reader = Reader {
            stream: &mut reading,
            buffer: Vec::new(),
            is_ended: false,
        };
        // A server may answer, and close, before it has read everything.
        let send = async {
            let _ = writing.write_all(&bytes).await;
            let _ = writing.flush().await;
            std::future::pending::<()>().await;
        };
        let receive = reader.answer(&request.method, self.limits);
        tokio::select! {
            answer = receive => answer.map_err(Trouble::NoAnswer),
            () = send => Err(Trouble::NoAnswer("nothing was read".to_owned())),
        }
    }

    async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        let stream = TcpStream::connect(&self.target.address).await?;
        Ok(match &self.tls {
            Some(tls) => Box::new(tls.connect(stream).await?),
            None => Box::new(stream),
        })
    }
}

/// The bytes of a request.
fn written(target: &Target, request: &Request, headers: &[(String, String)]) -> Vec<u8> {
    let path = format!("{}{}", target.prefix, request.target);
    let path = if path.starts_with('/') {
        path
    } else {
        format!("/{path}")
    };
    let mut head = format!(
        "{} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
        request.method, target.authority
    );
    for (name, value) in request.headers.iter().chain(headers) {
        head.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
    }
    match &request.body {
        Payload::None => {}
        Payload::Chunked(_) => head.push_str("Transfer-Encoding: chunked\r\n"),
        body => {
            let length = body.len().to_string();
            head.extend(["Content-Length: ", length.as_str(), "\r\n"]);
        }
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    match &request.body {
        Payload::None | Payload::Announced(_) => {}
        Payload::Whole(body) => bytes.extend_from_slice(body),
        Payload::Chunked(body) => {
            for chunk in body.chunks(PIECE) {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
        }
    }
    bytes
}

/// Reads an answer from a connection.
struct Reader<'s, S> {
    stream: &'s mut S,
    /// What has come and was not taken.
    buffer: Vec<u8>,
    is_ended: bool,
}

/// How the end of a body is known.
enum Framing {
    Nothing,
    Length(u64),
    Chunked,
    End,
}

impl<S: tokio::io::AsyncRead + Unpin> Reader<'_, S> {
    async fn answer(&mut self, method: &str, limits: &Limits) -> Result<Answer, String> {
        let mut answer = loop {
            let head = timeout(limits.patience, self.head()).await;
            let head = head.map_err(|_| format!("nothing came in {:?}", limits.patience))??;
            let answer = parsed(&head)?;
            // Those of 100 to 199 precede the answer.
            if !(100..200).contains(&answer.status) {
                break answer;
            }
        };
        let framing = match framing(method, &answer) {
            Ok(framing) => framing,
            Err(fault) => {
                answer.fault = Some(fault);
                Framing::End
            }
        };
        // What has no end is read for a while.
        let patience = match framing {
            Framing::Length(_) => limits.patience,
            Framing::Nothing | Framing::Chunked | Framing::End => limits.linger,
        };
        let is_whole = match framing {
            Framing::Nothing | Framing::End => self.rest(&mut answer, patience, limits.body).await,
            Framing::Length(length) => self.length(&mut answer, length, (patience, limits)).await,
            Framing::Chunked => self.chunks(&mut answer, (limits.patience, limits)).await,
        };
        if !is_whole {
            answer.is_cut = !matches!(framing, Framing::Nothing);
        }
        if !matches!(framing, Framing::Nothing | Framing::End)
            && answer.fault.is_none()
            && !answer.is_cut
            && !self.buffer.is_empty()
        {
            answer.fault = Some(format!("{} bytes follow the body", self.buffer.len()));
        }
        Ok(answer)
    }

    /// The bytes up to the empty line.
    async fn head(&mut self) -> Result<Vec<u8>, String> {
        loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                let rest = self.buffer.split_off(at + 4);
                return Ok(std::mem::replace(&mut self.buffer, rest));
            }
            if self.buffer.len() > HEAD {
                return Err(format!("the head has more than {HEAD} bytes"));
            }
            if !self.more().await {
                return Err(if self.buffer.is_empty() {
                    "the connection was closed without a word".to_owned()
                } else {
                    "the connection was closed within the head".to_owned()
                });
            }
        }
    }

    /// Reads on; `false` at the end.
    async fn more(&mut self) -> bool {
        if self.is_ended {
            return false;
        }
        let mut piece = vec![0; PIECE];
        // A connection that is reset after the answer is an end, too.
        match self.stream.read(&mut piece).await {
            Ok(count) if count > 0 => {
                self.buffer.extend_from_slice(&piece[..count]);
                true
            }
            _ => {
                self.is_ended = true;
                false
            }
        }
    }

    /// Everything up to the end, as far as it comes in time. `false`: there may be more.
    async fn rest(&mut self, answer: &mut Answer, patience: Duration, most: usize) -> bool {
        let mut is_whole = false;
        while self.buffer.len() <= most {
            match timeout(patience, self.more()).await {
                Ok(true) => {}
                Ok(false) => {
                    is_whole = true;
                    break;
                }
                Err(_) => break,
            }
        }
        answer.body.append(&mut self.buffer);
        is_whole
    }

    async fn length(
        &mut self,
        answer: &mut Answer,
        length: u64,
        (patience, limits): (Duration, &Limits),
    ) -> bool {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let most = length.min(limits.body);
        while self.buffer.len() < most {
            if !matches!(timeout(patience, self.more()).await, Ok(true)) {
                let count = self.buffer.len();
                answer.fault = Some(format!("the body ends after {count} of {length} bytes"));
                answer.body.append(&mut self.buffer);
                return true;
            }
        }
        let rest = self.buffer.split_off(most);
        answer.body = std::mem::replace(&mut self.buffer, rest);
        most == length
    }

    async fn chunks(
        &mut self,
        answer: &mut Answer,
        (patience, limits): (Duration, &Limits),
    ) -> bool {
        loop {
            let line = loop {
                if let Some(at) = find(&self.buffer, b"\r\n") {
                    let rest = self.buffer.split_off(at + 2);
                    break std::mem::replace(&mut self.buffer, rest);
                }
                // Between chunks a stream may rest for long.
                let patience = if answer.body.is_empty() {
                    patience
                } else {
                    limits.linger
                };
                match timeout(patience, self.more()).await {
                    Ok(true) => {}
                    Ok(false) => {
                        answer.fault = Some("the body ends within a chunk".to_owned());
                        return true;
                    }
                    Err(_) => return false,
                }
            };
            let line = String::from_utf8_lossy(&line);
            let size = line.split(';').next().unwrap_or_default().trim();
            let Ok(size) = usize::from_str_radix(size, 16) else {
                answer.fault = Some(format!("`{size}` is no size of a chunk"));
                return true;
            };
            let end = size.saturating_add(2);
            while self.buffer.len() < end.min(limits.body) {
                if !matches!(timeout(patience, self.more()).await, Ok(true)) {
                    answer.fault = Some("the body ends within a chunk".to_owned());
                    return true;
                }
            }
            if size == 0 {
                self.buffer.drain(..self.buffer.len().min(2));
                return true;
            }
            let rest = self.buffer.split_off(end.min(self.buffer.len()));
            let mut chunk = std::mem::replace(&mut self.buffer, rest);
            chunk.truncate(size);
            answer.body.append(&mut chunk);
            if answer.body.len() >= limits.body {
                return false;
            }
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn parsed(head: &[u8]) -> Result<Answer, String> {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = first
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split(' ').nth(1))
        .and_then(|status| status.parse().ok())
        .filter(|status| (100..600).contains(status))
        .ok_or_else(|| format!("`{first}` is no status line"))?;
    let mut answer = Answer {
        status,
        ..Answer::default()
    };
    for line in lines.filter(|line| !line.is_empty()) {
        match line.split_once(':') {
            Some((name, value)) if !name.is_empty() && !name.contains([' ', '\t']) => {
                let value = value.trim_matches([' ', '\t']);
                answer.headers.push((name.to_owned(), value.to_owned()));
            }
            _ => return Err(format!("`{line}` is no header")),
        }
    }
    Ok(answer)
}

/// RFC 9112, section 6.3.
fn framing(method: &str, answer: &Answer) -> Result<Framing, String> {
    let coding: Vec<&str> = answer.all("transfer-encoding").collect();
    let mut lengths: Vec<&str> = answer.all("content-length").collect();
    lengths.dedup();
    let length = match lengths.as_slice() {
        [] => None,
        [length] => Some(
            length
                .parse()
                .map_err(|_| format!("`{length}` is no Content-Length"))?,
        ),
        _ => return Err("there are several lengths".to_owned()),
    };
    if method == "HEAD" || matches!(answer.status, 204 | 304) {
        return Ok(Framing::Nothing);
    }
    match (coding.as_slice(), length) {
        ([], Some(length)) => Ok(Framing::Length(length)),
        ([coding], None) if coding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
        ([] | [_], None) => Ok(Framing::End),
        _ => Err("there are a length and a transfer coding".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(method: &str, bytes: &[u8]) -> Result<Answer, String> {
        let mut stream = bytes;
        let mut reader = Reader {
            stream: &mut stream,
            buffer: Vec::new(),
            is_ended: false,
        };
        reader.answer(method, &Limits::default()).await
    }

    #[tokio::test]
    async fn a_body_is_framed_by_its_length_or_by_chunks_or_by_the_end() {
        for bytes in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"[..],
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n2;x\r\nbc\r\n0\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\n\r\nabc",
        ] {
            let answer = read("GET", bytes).await.unwrap();
            assert_eq!((answer.status, &answer.body[..]), (200, &b"abc"[..]));
            assert_eq!(answer.fault, None, "{answer:?}");
        }
    }

    #[tokio::test]
    async fn what_is_wrong_with_the_framing_is_told() {
        for (bytes, fault) in [
            (
                &b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc"[..],
                "after 3 of 4",
            ),
            (
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc",
                "1 bytes follow",
            ),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
                "no size",
            ),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na",
                "within a chunk",
            ),
        ] {
            let answer = read("GET", bytes).await.unwrap();
            let told = answer.fault.clone().unwrap_or_default();
            assert!(told.contains(fault), "{answer:?}");
        }
        assert!(read("GET", b"").await.is_err());
        assert!(read("GET", b"SSH-2.0\r\n\r\n").await.is_err());
    }

    #[tokio::test]
    async fn the_body_of_an_answer_that_has_none_is_seen() {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        let answer = read("HEAD", head).await.unwrap();
        assert_eq!((answer.fault, &answer.body[..]), (None, &b"abc"[..]));
        let none = b"HTTP/1.1 204 No Content\r\n\r\n";
        assert!(read("GET", none).await.unwrap().body.is_empty());
    }

    #[test]
    fn a_base_url_has_a_host_and_may_have_a_path() {
        let target = Target::parse("http://[::1]:5000/api/").unwrap();
        assert_eq!(target.address, "[::1]:5000");
        assert_eq!(
            target.below("/api/v2/x?y=1", "/"),
            Some("/v2/x?y=1".to_owned())
        );
        assert_eq!(
            target.below("http://[::1]:5000/api/v2/", "/"),
            Some("/v2/".to_owned())
        );
        assert_eq!(target.below("http://elsewhere/api/v2/", "/"), None);
        assert_eq!(
            target.below("?last=b", "/v2/l?n=1"),
            Some("/v2/l?last=b".to_owned())
        );
        assert_eq!(
            Target::parse("http://localhost").unwrap().address,
            "localhost:80"
        );
        let secure = Target::parse("https://[::1]").unwrap();
        assert_eq!(
            (secure.address.as_str(), secure.host.as_str()),
            ("[::1]:443", "::1")
        );
        assert_eq!(
            secure.below("https://[::1]/v2/", "/"),
            Some("/v2/".to_owned())
        );
        assert_eq!(secure.below("http://[::1]/v2/", "/"), None);
        for bad in ["ftp://x", "x:80", "http://", "http://u@h", "http://h/a?b"] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
    }
}
