//! HTTP/1.1 by hand, a connection for each request.
//!
//! A client library would mend what is to be tested: it refuses to send what is wrong, and hides what is
//! wrong in an answer, such as the body of an answer to HEAD. Neighbour: `reader`, for answers.

mod reader;

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::message::{Answer, Payload, Request};
use crate::tls::{Tls, Trust};
use reader::Reader;

/// Bytes that are read or written at once.
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
    /// How long the head of an answer may take to come, and then a body whose length it says, or a chunk; and
    /// how long any other body is read.
    pub patience: Duration,
    /// How long a body may rest that need not end, and how long is waited for what must not come.
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
        let mut reader = Reader::new(&mut reading);
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

#[cfg(test)]
mod tests {
    use super::*;

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
