//! Regions of files through a router, hyper and a socket: what arrives is what is in the file, or the
//! connection breaks. Layers and wrappers that do wrong are part of it.

#![cfg(all(feature = "server", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, IoSlice, Write as _};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use api_runtime::server::transmit::Transmitter;
use api_runtime::{Body, BodyStream};
use axum::body::Body as AxumBody;
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Long enough for anything that is to happen at all, on a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(1);
const MIB: usize = 1024 * 1024;

/// Never a zero, which is what markers are made of.
fn content(length: usize) -> Vec<u8> {
    let all: Vec<u8> = (1..=251).collect();
    let mut content = all.repeat(length / all.len() + 1);
    content.truncate(length);
    content
}

fn file(length: usize) -> Arc<File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&content(length)).unwrap();
    Arc::new(file)
}

/// How the server is built: what it answers with, and what stands between hyper and the transmitter.
#[derive(Clone)]
struct Setup {
    file: Arc<File>,
    length: u64,
    layer: Layer,
    wrapper: Wrapper,
}

#[derive(Clone)]
enum Layer {
    Nothing,
    /// Notes whether it saw any byte that is not zero.
    Sees(Arc<AtomicBool>),
    /// Changes bytes on their way.
    Changes,
    /// Reads all bytes before it answers.
    Collects,
    /// Holds each frame back until the next one has come.
    HoldsBack,
    /// Says that there are so many bytes less.
    Shortens(u64),
}

#[derive(Clone, Copy, PartialEq)]
enum Wrapper {
    Nothing,
    /// Does not write several slices at once, so that hyper joins them.
    NotVectored,
    /// Says that it does, and joins them itself.
    Joins,
}

fn setup(length: usize) -> Setup {
    Setup {
        file: file(length),
        length: length as u64,
        layer: Layer::Nothing,
        wrapper: Wrapper::Nothing,
    }
}

impl Setup {
    /// Serves so many connections.
    async fn serve(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            for _ in 0..100 {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(self.clone().connection(stream));
            }
        });
        address
    }

    async fn connection(self, stream: TcpStream) {
        stream.set_nodelay(true).unwrap();
        let wrapper = self.wrapper;
        let (inner, bodies) = Transmitter::new(stream);
        let service = service_fn(move |request: Request<Incoming>| {
            let (setup, bodies) = (self.clone(), bodies.clone());
            async move {
                let response = setup.answer(&request).await;
                Ok::<_, Infallible>(response.map(|body| bodies.outgoing(body)))
            }
        });
        let connection = Wrapped { inner, wrapper };
        let served = http1::Builder::new().serve_connection(TokioIo::new(connection), service);
        // How it ended is seen by the client.
        drop(served.await);
    }

    /// `/` is the file, `/START-END` a part of it, `/text` something else.
    async fn answer(&self, request: &Request<Incoming>) -> Response<AxumBody> {
        let path = &request.uri().path()[1..];
        let body = Body::file(self.file.clone(), 0..self.length);
        let body = match path.split_once('-') {
            Some((start, end)) => body
                .part(start.parse().unwrap()..end.parse().unwrap())
                .unwrap(),
            None if path == "text" => Body::from("some text"),
            None => body,
        };
        if request.method() == Method::HEAD {
            let length = body.len().unwrap();
            let response = Response::builder().header("content-length", length);
            return response.body(AxumBody::empty()).unwrap();
        }
        let length = body.len().unwrap();
        let body = AxumBody::new(body);
        let (body, length) = match &self.layer {
            Layer::Nothing => (body, length),
            Layer::Sees(seen) => {
                let seen = seen.clone();
                let seeing = body.map_frame(move |frame| {
                    let bytes = frame.data_ref().unwrap();
                    seen.fetch_or(bytes.iter().any(|byte| *byte != 0), Ordering::Relaxed);
                    frame
                });
                (AxumBody::new(seeing), length)
            }
            Layer::Changes => {
                let changing = body.map_frame(|frame| {
                    frame.map_data(|bytes| bytes.iter().map(|byte| byte | 128).collect::<Bytes>())
                });
                (AxumBody::new(changing), length)
            }
            Layer::Collects => (body.collect().await.unwrap().to_bytes().into(), length),
            Layer::HoldsBack => (AxumBody::from_stream(held_back(body)), length),
            Layer::Shortens(by) => (body, length - by),
        };
        let response = Response::builder().header("content-length", length);
        response.body(body).unwrap()
    }
}

fn held_back(body: AxumBody) -> BodyStream {
    let frames = body.into_data_stream();
    let state = (frames, None::<Bytes>);
    futures_util::stream::unfold(state, |(mut frames, held)| async move {
        let mut held = match held {
            Some(held) => Some(held),
            None => frames.next().await.map(Result::unwrap),
        };
        let next = frames.next().await.map(Result::unwrap);
        let bytes = std::mem::replace(&mut held, next)?;
        Some((Ok(bytes), (frames, held)))
    })
    .boxed()
}

/// What may stand between hyper and the transmitter, and should not.
struct Wrapped {
    inner: Transmitter,
    wrapper: Wrapper,
}

impl AsyncRead for Wrapped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wrapped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.wrapper == Wrapper::Joins {
            let joined: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
            return Pin::new(&mut self.inner).poll_write(cx, &joined);
        }
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.wrapper != Wrapper::NotVectored && self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

fn request(method: &str, path: &str) -> String {
    format!("{method} /{path} HTTP/1.1\r\nHost: a\r\n\r\n")
}

/// The head of the next answer, and the length of its body.
async fn head(stream: &mut TcpStream) -> (String, usize) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map(|length| length.parse().unwrap());
    (head.clone(), length.unwrap())
}

async fn answer(stream: &mut TcpStream) -> Vec<u8> {
    let (head, length) = head(stream).await;
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    body
}

/// All that comes until the connection ends, by whichever side.
async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let reading = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes));
    let ended = reading.await.expect("the connection ends");
    if let Err(error) = ended {
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
    bytes
}

/// Asks for the file, and reads until the connection ends.
async fn broken(setup: Setup) -> Vec<u8> {
    let mut stream = TcpStream::connect(setup.serve().await).await.unwrap();
    let asked = request("GET", "").into_bytes();
    stream.write_all(&asked).await.unwrap();
    rest(&mut stream).await
}

fn body_of(answer: &[u8]) -> &[u8] {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    end.map_or(&[], |end| &answer[end + 4..])
}

#[tokio::test]
async fn the_file_is_sent_and_no_layer_sees_its_bytes() {
    let seen = Arc::<AtomicBool>::default();
    let setup = Setup {
        layer: Layer::Sees(seen.clone()),
        ..setup(3 * MIB + 1)
    };
    let mut stream = TcpStream::connect(setup.serve().await).await.unwrap();
    let asked = request("GET", "");
    stream.write_all(asked.as_bytes()).await.unwrap();
    assert!(answer(&mut stream).await == content(3 * MIB + 1));
    assert!(!seen.load(Ordering::Relaxed), "it was read, not sent");
}

#[tokio::test]
async fn requests_of_all_kinds_follow_each_other_on_one_connection() {
    let length = 2 * MIB + 7;
    let mut stream = TcpStream::connect(setup(length).serve().await)
        .await
        .unwrap();
    let whole = content(length);
    let parts = ["0-1", "262143-262145", "1000000-2000000", "2097158-2097159"];
    for is_pipelined in [false, true] {
        let mut expected = Vec::new();
        for path in ["", "text"].into_iter().chain(parts).chain(["text", ""]) {
            let bytes = match path.split_once('-') {
                Some((start, end)) => whole[start.parse().unwrap()..end.parse().unwrap()].to_vec(),
                None if path == "text" => b"some text".to_vec(),
                None => whole.clone(),
            };
            for method in ["HEAD", "GET"] {
                let asked = request(method, path);
                stream.write_all(asked.as_bytes()).await.unwrap();
                expected.push((method, bytes.clone()));
                if !is_pipelined {
                    check(&mut stream, expected.drain(..)).await;
                }
            }
        }
        check(&mut stream, expected.into_iter()).await;
    }
}

async fn check(stream: &mut TcpStream, expected: impl Iterator<Item = (&str, Vec<u8>)>) {
    for (method, bytes) in expected {
        if method == "HEAD" {
            assert_eq!(head(stream).await.1, bytes.len());
        } else {
            assert!(answer(stream).await == bytes, "{} bytes", bytes.len());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_connections_at_once_and_slow_ones_get_the_right_bytes() {
    let length = 4 * MIB + 3;
    let address = setup(length).serve().await;
    let right = Arc::<AtomicUsize>::default();
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..12 {
        let right = right.clone();
        clients.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            for _ in 0..2 {
                let asked = request("GET", "");
                stream.write_all(asked.as_bytes()).await.unwrap();
                let (_, length) = head(&mut stream).await;
                let mut body = vec![0; length];
                for part in body.chunks_mut(MIB / 2) {
                    if client % 3 == 0 {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    stream.read_exact(part).await.unwrap();
                }
                assert!(body == content(length));
                right.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    assert_eq!(right.load(Ordering::Relaxed), 24);
}

#[tokio::test]
async fn a_client_that_leaves_takes_nothing_from_the_next_one() {
    let length = 16 * MIB;
    let address = setup(length).serve().await;
    for _ in 0..3 {
        let mut leaving = TcpStream::connect(address).await.unwrap();
        let asked = request("GET", "").repeat(2);
        leaving.write_all(asked.as_bytes()).await.unwrap();
        head(&mut leaving).await;
        drop(leaving);
        let mut stream = TcpStream::connect(address).await.unwrap();
        let asked = request("GET", "5-300000");
        stream.write_all(asked.as_bytes()).await.unwrap();
        assert!(answer(&mut stream).await == content(300_000)[5..]);
    }
}

#[tokio::test]
async fn a_file_that_is_cut_while_it_is_sent_ends_the_connection() {
    let setup = setup(32 * MIB);
    let file = setup.file.clone();
    let mut stream = TcpStream::connect(setup.serve().await).await.unwrap();
    let asked = request("GET", "");
    stream.write_all(asked.as_bytes()).await.unwrap();
    let (_, length) = head(&mut stream).await;
    let left = 8 * MIB + 5;
    file.set_len(left as u64).unwrap();
    let body = rest(&mut stream).await;
    assert!(body.len() < length);
    // What was in the socket's buffers before the cut may have come from behind it.
    let common = body.len().min(left);
    assert!(body[..common] == content(common));
}

#[tokio::test]
async fn a_file_that_was_shorter_from_the_start_is_never_a_clean_answer() {
    for left in [0, 1, 300_000] {
        let setup = setup(MIB);
        setup.file.set_len(left).unwrap();
        let answer = broken(setup).await;
        assert!(body_of(&answer).len() as u64 <= left, "{}", answer.len());
    }
}

#[tokio::test]
async fn a_connection_that_joins_what_it_writes_breaks_and_sends_no_zeroes() {
    for wrapper in [Wrapper::NotVectored, Wrapper::Joins] {
        let answer = broken(Setup {
            wrapper,
            ..setup(MIB)
        });
        let answer = answer.await;
        assert!(body_of(&answer).is_empty(), "{} bytes", answer.len());
    }
}

#[tokio::test]
async fn a_layer_that_changes_or_keeps_bytes_breaks_the_connection_and_sends_no_zeroes() {
    for layer in [
        Layer::Changes,
        Layer::HoldsBack,
        Layer::Shortens(MIB as u64 / 2 + 1),
    ] {
        let answer = broken(Setup {
            layer,
            ..setup(2 * MIB)
        });
        let answer = answer.await;
        let body = body_of(&answer);
        assert!(body.len() < 2 * MIB && *body == content(body.len()));
    }
}

#[tokio::test]
async fn a_layer_that_reads_all_bytes_before_it_answers_gets_them() {
    let setup = Setup {
        layer: Layer::Collects,
        ..setup(MIB)
    };
    let mut stream = TcpStream::connect(setup.serve().await).await.unwrap();
    let asked = request("GET", "");
    stream.write_all(asked.as_bytes()).await.unwrap();
    assert!(answer(&mut stream).await == content(MIB));
}

#[tokio::test]
async fn a_file_that_is_not_in_memory_is_sent_as_well() {
    let length = 20 * MIB;
    let setup = setup(length);
    setup.file.sync_all().unwrap();
    rustix::fs::fadvise(&setup.file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    let mut stream = TcpStream::connect(setup.serve().await).await.unwrap();
    let asked = request("GET", "");
    stream.write_all(asked.as_bytes()).await.unwrap();
    assert!(answer(&mut stream).await == content(length));
}

#[tokio::test]
async fn a_file_of_a_system_of_its_own_is_sent_as_well() {
    let expected = std::fs::read("/proc/version").unwrap();
    let setup = Setup {
        file: Arc::new(File::open("/proc/version").unwrap()),
        length: expected.len() as u64,
        ..setup(0)
    };
    let mut stream = TcpStream::connect(setup.serve().await).await.unwrap();
    let asked = request("GET", "");
    stream.write_all(asked.as_bytes()).await.unwrap();
    assert_eq!(answer(&mut stream).await, expected);
}
