//! A server with one fault: what the library answers, changed on the way. It writes bytes, since no library
//! would send what is wrong with some answers.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::server::listen;

/// An answer in pieces.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How many bytes more than there are `Content-Length` announces.
    pub(crate) missing: usize,
}

/// A fault: in the head of the request, as it reaches the server, and in the answer to that head.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) request: fn(String) -> String,
    pub(crate) reply: fn(&str, &mut Reply),
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.headers
            .retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Puts another text in the place of one in the body.
    pub(crate) fn replace(&mut self, old: &str, new: &str) {
        let text = String::from_utf8_lossy(&self.body).replace(old, new);
        self.body = text.into_bytes();
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines.filter_map(|line| line.split_once(": "));
        let mut reply = Self {
            status,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: bytes[end + 4..].to_vec(),
            missing: 0,
        };
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = dechunked(&reply.body);
            reply.remove("transfer-encoding");
        }
        Some(reply)
    }

    fn write(&self, is_head: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} X\r\n", self.status);
        for (name, value) in &self.headers {
            if is_head || !name.eq_ignore_ascii_case("content-length") {
                head.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
            }
        }
        if !is_head && !matches!(self.status, 204 | 304) {
            let length = (self.body.len() + self.missing).to_string();
            head.extend(["content-length: ", length.as_str(), "\r\n"]);
        }
        head.push_str("\r\n");
        [head.as_bytes(), &self.body].concat()
    }
}

fn dechunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let size = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let size = usize::from_str_radix(size.trim(), 16).expect("a size");
        if size == 0 {
            break;
        }
        out.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 2 + size + 2..];
    }
    out
}

/// Starts a server that has this fault in front of a good one.
pub(crate) async fn start(good: SocketAddr, fault: Fault) -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client, good, fault));
        }
    });
    address
}

async fn serve(client: TcpStream, good: SocketAddr, fault: Fault) -> Option<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four: &[u8]| four == b"\r\n\r\n") {
            break at + 4;
        }
        if from_client.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let (mut from_good, mut to_good) = TcpStream::connect(good).await.ok()?.into_split();
    let sent = (fault.request)(head.clone());
    to_good.write_all(sent.as_bytes()).await.ok()?;
    // The rest of the body, as long as somebody sends it.
    let rest = bytes.split_off(end);
    let pass = tokio::spawn(async move {
        to_good.write_all(&rest).await?;
        tokio::io::copy(&mut from_client, &mut to_good).await
    });
    let mut answer = Vec::new();
    let _ = from_good.read_to_end(&mut answer).await;
    let mut reply = Reply::parse(&answer)?;
    (fault.reply)(&head, &mut reply);
    let bytes = reply.write(head.starts_with("HEAD "));
    let _ = to_client.write_all(&bytes).await;
    let _ = to_client.shutdown().await;
    pass.abort();
    Some(())
}
