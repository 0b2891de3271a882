//! HTTP by hand: a server on a socket, requests as bytes, answers taken apart.

use std::net::SocketAddr;

use api_runtime::server::Settings;
use axum::Router;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::library::{Library, Porter};

/// A running library.
pub(crate) struct Server {
    pub(crate) library: Library,
    pub(crate) address: SocketAddr,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Serves a router on a port of its own, as long as the runtime of the test lasts.
pub(crate) async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("is bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let library = Library::default();
        let router = toy::server::router_with(library.clone(), Porter(library.clone()), settings);
        let address = serve(router).await;
        Self { library, address }
    }

    /// Sends a request with the token that may do all: `head` is its first line without the version, and
    /// headers, a line each.
    pub(crate) async fn send(&self, head: &str, body: &[u8]) -> Answer {
        self.send_as(&format!("{head}\nAuthorization: Bearer all"), body)
            .await
    }

    /// As [`Server::send`], without a token.
    pub(crate) async fn send_as(&self, head: &str, body: &[u8]) -> Answer {
        self.raw(&request(head, body)).await
    }

    /// As [`Server::send_as`] by a client that takes it for a broken connection when it cannot send all.
    pub(crate) async fn send_all(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address)
            .await
            .expect("the server listens");
        stream
            .write_all(&request(head, body))
            .await
            .expect("the server takes all of it");
        let mut answer = Vec::new();
        stream
            .read_to_end(&mut answer)
            .await
            .expect("the server closes in peace");
        Answer::parse(&answer)
    }

    /// Sends bytes and reads until the server closes.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address)
            .await
            .expect("the server listens");
        // A server that has answered and closed early may reset what is still being sent.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        Answer::parse(&answer)
    }

    /// Sends bytes and hangs up for writing; reads what comes, which may be nothing.
    pub(crate) async fn cut(&self, bytes: &[u8]) {
        let mut stream = TcpStream::connect(self.address)
            .await
            .expect("the server listens");
        stream.write_all(bytes).await.expect("the server reads");
        stream.shutdown().await.expect("the stream is open");
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }

    /// Waits until the library was called `count` times.
    pub(crate) async fn settled(&self, count: usize) {
        for _ in 0..500 {
            if self.library.calls().len() >= count {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("too few calls: {:?}", self.library.calls());
    }
}

impl Answer {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("a whole head");
        let head = std::str::from_utf8(&bytes[..end]).expect("text");
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .expect("a status line");
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut answer = Self {
            status: status.parse().expect("a number"),
            headers,
            body: bytes[end + 4..].to_vec(),
        };
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = dechunk(&answer.body);
        }
        answer
    }

    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// All headers of this name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("text")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The codes of a failure, by the envelope that the descriptor declares.
    pub(crate) fn codes(&self) -> Vec<String> {
        assert_eq!(
            self.header("content-type"),
            Some("application/json"),
            "{self:?}"
        );
        let json = self.json();
        let errors = json["errors"].as_array().expect("a list of errors");
        for error in errors {
            assert!(error["message"].is_string(), "{json}");
        }
        errors
            .iter()
            .map(|error| error["code"].as_str().expect("a code").to_owned())
            .collect()
    }
}

/// The bytes of a request after which the connection is closed.
fn request(head: &str, body: &[u8]) -> Vec<u8> {
    let (first, headers) = head.split_once('\n').unwrap_or((head, ""));
    let has_length = headers.to_ascii_lowercase().contains("transfer-encoding") || body.is_empty();
    let length = if has_length {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    let headers: Vec<&str> = headers.lines().filter(|line| !line.is_empty()).collect();
    let headers = headers.join("\r\n");
    let text = format!(
        "{first} HTTP/1.1\r\nHost: library.test\r\nConnection: close\r\n{length}{headers}\r\n\r\n"
    );
    [text.as_bytes(), body].concat()
}

fn dechunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&bytes[..end]).expect("a size");
        let size = usize::from_str_radix(size.trim(), 16).expect("a size");
        if size == 0 {
            break;
        }
        out.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 2 + size + 2..];
    }
    out
}
