//! Reads an answer from a connection.
//!
//! What a server sends is anything. All reading is bounded in bytes and in time: what comes byte by byte, or for
//! ever, is too much, too.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;

use super::{Limits, PIECE};
use crate::message::Answer;

/// Most bytes of the head of an answer.
const HEAD: usize = 64 << 10;

/// Most bytes of a line that frames a chunk.
const LINE: usize = 4 << 10;

/// Reads an answer from a connection.
pub(super) struct Reader<'s, S> {
    stream: &'s mut S,
    /// What has come and was not taken.
    buffer: Vec<u8>,
    is_ended: bool,
}

/// How the end of a body is known.
#[derive(Clone, Copy)]
enum Framing {
    Nothing,
    Length(u64),
    Chunked,
    End,
}

impl<'s, S: AsyncRead + Unpin> Reader<'s, S> {
    pub(super) fn new(stream: &'s mut S) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
            is_ended: false,
        }
    }

    /// The answer to a request of this method. An error says why there is none.
    pub(super) async fn answer(&mut self, method: &str, limits: &Limits) -> Result<Answer, String> {
        let head = timeout(limits.patience, self.last_head()).await;
        let late = |_| format!("no answer came in {:?}", limits.patience);
        let mut answer = head.map_err(late)??;
        let framing = framing(method, &answer).unwrap_or_else(|fault| {
            answer.fault = Some(fault);
            Framing::End
        });
        let read = match framing {
            Framing::Nothing => {
                self.rest(&mut answer, limits).await;
                Ok(true)
            }
            Framing::End => Ok(self.rest(&mut answer, limits).await),
            Framing::Length(length) => self.length(&mut answer, length, limits).await,
            Framing::Chunked => self.chunks(&mut answer, limits).await,
        };
        match read {
            Ok(is_whole) => answer.is_cut = !is_whole,
            Err(fault) => answer.fault = Some(fault),
        }
        let has_end = matches!(framing, Framing::Length(_) | Framing::Chunked);
        let is_over = answer.fault.is_none() && !answer.is_cut;
        if has_end && is_over && !self.buffer.is_empty() {
            answer.fault = Some(format!("{} bytes follow the body", self.buffer.len()));
        }
        Ok(answer)
    }

    /// The head of the answer: those of 100 to 199 precede it.
    async fn last_head(&mut self) -> Result<Answer, String> {
        loop {
            let answer = parsed(&self.head().await?)?;
            if !(100..200).contains(&answer.status) {
                return Ok(answer);
            }
        }
    }

    /// The bytes up to the empty line.
    async fn head(&mut self) -> Result<Vec<u8>, String> {
        loop {
            if let Some(head) = self.up_to(b"\r\n\r\n") {
                return Ok(head);
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

    /// Takes what has come up to this mark, and the mark.
    fn up_to(&mut self, mark: &[u8]) -> Option<Vec<u8>> {
        let at = find(&self.buffer, mark)?;
        let rest = self.buffer.split_off(at + mark.len());
        Some(std::mem::replace(&mut self.buffer, rest))
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

    /// Reads until so many bytes have come; `false` where they do not, or not in time.
    async fn fill(&mut self, count: usize, patience: Duration) -> bool {
        let filling = async {
            while self.buffer.len() < count {
                if !self.more().await {
                    return false;
                }
            }
            true
        };
        timeout(patience, filling).await.unwrap_or(false)
    }

    /// Everything up to the end, as far as it comes in time. `false`: there may be more.
    async fn rest(&mut self, answer: &mut Answer, limits: &Limits) -> bool {
        let reading = async {
            while self.buffer.len() <= limits.body {
                match timeout(limits.linger, self.more()).await {
                    Ok(true) => {}
                    Ok(false) => return true,
                    Err(_) => return false,
                }
            }
            false
        };
        let is_whole = timeout(limits.patience, reading).await.unwrap_or(false);
        answer.body.append(&mut self.buffer);
        is_whole
    }

    /// A body of this length, or the first of it. An error says where it ends instead.
    async fn length(
        &mut self,
        answer: &mut Answer,
        length: u64,
        limits: &Limits,
    ) -> Result<bool, String> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let most = length.min(limits.body);
        if !self.fill(most, limits.patience).await {
            answer.body.append(&mut self.buffer);
            let count = answer.body.len();
            return Err(format!("the body ends after {count} of {length} bytes"));
        }
        let rest = self.buffer.split_off(most);
        answer.body = std::mem::replace(&mut self.buffer, rest);
        Ok(most == length)
    }

    /// A body in chunks, as far as it comes in time: `false` where there may be more.
    async fn chunks(&mut self, answer: &mut Answer, limits: &Limits) -> Result<bool, String> {
        let over = tokio::time::sleep(limits.patience);
        tokio::pin!(over);
        loop {
            // Between chunks a stream may rest for long.
            let patience = if answer.body.is_empty() {
                limits.patience
            } else {
                limits.linger
            };
            let line = tokio::select! {
                biased;
                () = &mut over => return Ok(false),
                line = timeout(patience, self.line()) => line,
            };
            let Ok(line) = line else {
                return Ok(false);
            };
            let size = chunk_size(&line?)?;
            if size == 0 {
                return self.trailers(limits).await.map(|()| true);
            }
            self.chunk(answer, size, limits).await?;
            if answer.body.len() >= limits.body {
                return Ok(false);
            }
        }
    }

    /// A chunk of this size, or as much of it as is read of a body.
    async fn chunk(
        &mut self,
        answer: &mut Answer,
        size: usize,
        limits: &Limits,
    ) -> Result<(), String> {
        let room = limits.body - answer.body.len();
        if size > room {
            let is_there = self.fill(room, limits.patience).await;
            answer.body.append(&mut self.buffer);
            return is_there.then_some(()).ok_or_else(within_chunk);
        }
        if !self.fill(size + 2, limits.patience).await {
            return Err(within_chunk());
        }
        let rest = self.buffer.split_off(size + 2);
        let mut chunk = std::mem::replace(&mut self.buffer, rest);
        let end = chunk.split_off(size);
        answer.body.append(&mut chunk);
        (end == b"\r\n")
            .then_some(())
            .ok_or_else(|| format!("a chunk goes on behind its {size} bytes"))
    }

    /// Behind the last chunk: headers that nobody looks at, and an empty line.
    async fn trailers(&mut self, limits: &Limits) -> Result<(), String> {
        let lines = async {
            let mut room = HEAD;
            loop {
                let line = self.line().await?;
                if line == b"\r\n" {
                    return Ok(());
                }
                room = room
                    .checked_sub(line.len())
                    .ok_or_else(|| format!("more than {HEAD} bytes follow the last chunk"))?;
            }
        };
        timeout(limits.patience, lines)
            .await
            .unwrap_or_else(|_| Err(within_chunk()))
    }

    /// A line, with its end.
    async fn line(&mut self) -> Result<Vec<u8>, String> {
        loop {
            if let Some(line) = self.up_to(b"\r\n") {
                return Ok(line);
            }
            if self.buffer.len() > LINE {
                return Err(format!("a line of a chunk has more than {LINE} bytes"));
            }
            if !self.more().await {
                return Err(within_chunk());
            }
        }
    }
}

fn within_chunk() -> String {
    "the body ends within a chunk".to_owned()
}

/// The size that a line before a chunk says.
fn chunk_size(line: &[u8]) -> Result<usize, String> {
    let line = String::from_utf8_lossy(line);
    let size = line.split(';').next().unwrap_or_default().trim();
    // A sign is no digit, though `from_str_radix` takes one.
    let digits = Some(size).filter(|size| size.bytes().all(|c| c.is_ascii_hexdigit()));
    digits
        .and_then(|size| usize::from_str_radix(size, 16).ok())
        .ok_or_else(|| format!("`{size}` is no size of a chunk"))
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
    let codings: Vec<&str> = answer.all("transfer-encoding").collect();
    let length = length(answer)?;
    if method == "HEAD" || answer.status == 304 {
        return Ok(Framing::Nothing);
    }
    if answer.status == 204 {
        return match (length, codings.as_slice()) {
            (None | Some(0), []) => Ok(Framing::Nothing),
            _ => Err("204 has no body, and announces one".to_owned()),
        };
    }
    match (codings.as_slice(), length) {
        ([], Some(length)) => Ok(Framing::Length(length)),
        ([], None) => Ok(Framing::End),
        ([coding], None) if coding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
        (_, None) => {
            let codings = codings.join(", ");
            Err(format!("nobody asked for the transfer coding `{codings}`"))
        }
        _ => Err("there are a length and a transfer coding".to_owned()),
    }
}

/// What `Content-Length` says, where it is there.
fn length(answer: &Answer) -> Result<Option<u64>, String> {
    let mut lengths: Vec<&str> = answer.all("content-length").collect();
    lengths.dedup();
    match lengths.as_slice() {
        [] => Ok(None),
        [length] => {
            let is_number = length.bytes().all(|c| c.is_ascii_digit());
            let length = length.parse().ok().filter(|_| is_number);
            length
                .map(Some)
                .ok_or_else(|| format!("`{}` is no Content-Length", lengths[0]))
        }
        _ => Err("there are several lengths".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    async fn read(method: &str, bytes: &[u8]) -> Result<Answer, String> {
        let mut stream = bytes;
        let mut reader = Reader::new(&mut stream);
        reader.answer(method, &Limits::default()).await
    }

    #[tokio::test]
    async fn a_body_is_framed_by_its_length_or_by_chunks_or_by_the_end() {
        for bytes in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"[..],
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n2;x\r\nbc\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nY: z\r\n\r\n",
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
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n",
                "no size",
            ),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc0\r\n\r\n",
                "goes on behind its 1 bytes",
            ),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
                "within a chunk",
            ),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
                "nobody asked for the transfer coding `gzip`",
            ),
            (
                b"HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc",
                "`+3` is no Content-Length",
            ),
            (
                b"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n",
                "204 has no body",
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

    /// What comes of an answer that begins like this and goes on with these bytes for ever, one piece in each
    /// pause.
    async fn endless(head: &str, piece: &[u8], pause: Duration) -> Result<Answer, String> {
        let (mut server, mut client) = tokio::io::duplex(1 << 10);
        let sending = async {
            let mut next = head.as_bytes();
            while server.write_all(next).await.is_ok() {
                next = piece;
                tokio::time::sleep(pause).await;
            }
        };
        let mut reader = Reader::new(&mut client);
        let limits = Limits {
            body: 1 << 16,
            ..Limits::default()
        };
        tokio::select! {
            answer = reader.answer("GET", &limits) => answer,
            () = sending => Err("it was not read".to_owned()),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_ends_is_read_for_a_while() {
        let pauses = [1, 200].map(Duration::from_millis);
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        for pause in pauses {
            for (head, piece) in [
                ("HTTP/1.1 100 X\r\n\r\n", "HTTP/1.1 100 X\r\n\r\n"),
                ("HTTP/1.1 200 OK\r\nX: ", "x"),
            ] {
                let answer = endless(head, piece.as_bytes(), pause).await;
                assert!(answer.is_err(), "{answer:?}");
            }
            for (head, piece) in [(chunked, "1\r\na\r\n"), ("HTTP/1.1 200 OK\r\n\r\n", "a")] {
                let answer = endless(head, piece.as_bytes(), pause).await.unwrap();
                assert_eq!((answer.fault, answer.is_cut), (None, true), "{head}");
                assert!(answer.body.len() > 10, "{head}");
            }
        }
        let length = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n";
        let line = format!("{chunked}0");
        let chunk = format!("{chunked}ffff\r\n");
        for head in [length, &line, &chunk] {
            let answer = endless(head, b"0", pauses[1]).await.unwrap();
            assert!(answer.fault.is_some() || answer.is_cut, "{head}");
        }
    }
}
