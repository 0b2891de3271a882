//! The accept loop and its limits, through raw sockets on loopback.
//!
//! Times are real and short; a test asserts that something happened before a limit far larger than
//! the one it is about, never that it took no longer than that one.

use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use registry::config::{self, Limits};
use registry::http::{Accept, Drained, Surround, listen};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// Long enough for anything that is to happen at all, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(20);
/// The limit under test.
pub(crate) const SHORT: Duration = Duration::from_millis(150);

/// Limits that no test reaches unless it makes one shorter.
pub(crate) fn generous() -> Limits {
    Limits {
        connections: 100,
        first_byte: PATIENCE * 3,
        header: PATIENCE * 3,
        idle: PATIENCE * 3,
        stall: PATIENCE * 3,
    }
}

fn router() -> Router {
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/slow", get(|| async { sleep(SHORT * 3).await }))
        .route(
            "/forever",
            get(|| async { std::future::pending::<()>().await }),
        )
        .route(
            "/sink",
            post(|request: Request| async move {
                match to_bytes(request.into_body(), usize::MAX).await {
                    Ok(bytes) => format!("{} bytes", bytes.len()).into_response(),
                    Err(error) => {
                        (axum::http::StatusCode::REQUEST_TIMEOUT, error.to_string()).into_response()
                    }
                }
            }),
        )
        .route("/flood", get(|| async { Body::from(vec![b'x'; 64 << 20]) }))
        .route(
            "/id",
            get(|request: Request| async move {
                request.headers()["x-request-id"]
                    .to_str()
                    .map(str::to_owned)
                    .unwrap_or_default()
            }),
        )
}

pub(crate) struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<Drained>,
}

async fn start(limits: Limits) -> Running {
    start_with(router(), limits).await
}

/// Serves a router.
pub(crate) async fn start_with(router: Router, limits: Limits) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    run(router, listener, address, limits, PATIENCE)
}

fn start_on(
    listener: impl Accept + 'static + Sync,
    address: SocketAddr,
    limits: Limits,
    drain: Duration,
) -> Running {
    run(router(), listener, address, limits, drain)
}

fn run(
    router: Router,
    listener: impl Accept + 'static + Sync,
    address: SocketAddr,
    limits: Limits,
    drain: Duration,
) -> Running {
    let text =
        "version: 0.1\nstorage: inmemory\nhttp: {headers: {X-Content-Type-Options: [nosniff]}}";
    let config = config::parse(text, "test").unwrap().config;
    let surround = Surround::new(router, &config);
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(listen::run(listener, surround, limits, drain, async {
        let _ = stopped.await;
    }));
    Running {
        address,
        stop: Some(stop),
        server,
    }
}

impl Running {
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Begins the drain and waits for its end.
    pub(crate) async fn stop(mut self) -> Drained {
        self.begin_drain();
        timeout(PATIENCE, self.server)
            .await
            .expect("the drain ends")
            .unwrap()
    }

    pub(crate) fn begin_drain(&mut self) {
        drop(self.stop.take());
    }
}

/// Reads until the end of the stream, which must come.
pub(crate) async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let end = timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("the connection ends");
    if let Err(error) = end {
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}");
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends a request whose answer has a short body, and reads that answer.
async fn exchange(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let mut buffer = [0; 4096];
    while !complete(&answer) {
        let read = timeout(PATIENCE, stream.read(&mut buffer))
            .await
            .expect("an answer comes")
            .unwrap();
        assert!(read > 0, "the connection ended within an answer: {answer}");
        answer.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    answer
}

fn complete(answer: &str) -> bool {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    body.len()
        == length
            .expect("a test's answers have a length")
            .parse::<usize>()
            .unwrap()
}

const HELLO: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let server = start(generous()).await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        let answer = exchange(&mut stream, HELLO).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(
            answer.contains("x-content-type-options: nosniff"),
            "{answer}"
        );
        assert!(answer.ends_with("hello"), "{answer}");
    }
    assert_eq!(
        server.stop().await,
        Drained {
            finished: 1,
            cut: 0
        }
    );
}

#[tokio::test]
async fn a_connection_that_sends_nothing_is_closed() {
    let server = start(Limits {
        first_byte: SHORT,
        ..generous()
    })
    .await;
    assert_eq!(rest(&mut server.connect().await).await, "");
}

#[tokio::test]
async fn a_head_that_is_never_complete_is_given_up_however_often_a_byte_comes() {
    let server = start(Limits {
        header: SHORT,
        ..generous()
    })
    .await;
    let (mut reading, mut writing) = server.connect().await.into_split();
    let drip = tokio::spawn(async move {
        // More than the limit, in steps that are each less.
        for byte in "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaa".bytes() {
            if writing.write_all(&[byte]).await.is_err() {
                return true;
            }
            sleep(SHORT / 5).await;
        }
        sleep(SHORT * 4).await;
        writing.write_all(b"\r\n\r\n").await.is_err() || writing.write_all(b"\r\n").await.is_err()
    });
    let mut answer = Vec::new();
    // A reset says the same as an end.
    let _ = timeout(PATIENCE, reading.read_to_end(&mut answer))
        .await
        .expect("the connection ends");
    assert_eq!(answer, b"");
    assert!(drip.await.unwrap(), "the server went on reading");
}

#[tokio::test]
async fn the_second_head_is_limited_like_the_first() {
    let server = start(Limits {
        header: SHORT,
        ..generous()
    })
    .await;
    let mut stream = server.connect().await;
    exchange(&mut stream, HELLO).await;
    sleep(SHORT * 3).await;
    stream
        .write_all(b"GET / HTT")
        .await
        .expect("resting between requests is not limited here");
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn a_connection_that_rests_for_too_long_is_closed() {
    let server = start(Limits {
        idle: SHORT,
        ..generous()
    })
    .await;
    let mut stream = server.connect().await;
    exchange(&mut stream, HELLO).await;
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn no_limit_counts_while_a_request_is_answered() {
    let all = Limits {
        connections: 1,
        first_byte: SHORT,
        header: SHORT,
        idle: SHORT,
        stall: SHORT,
    };
    let server = start(all).await;
    let mut stream = server.connect().await;
    let answer = exchange(&mut stream, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test]
async fn a_body_that_stands_still_fails_and_one_that_trickles_does_not() {
    let server = start(Limits {
        stall: SHORT * 6,
        ..generous()
    })
    .await;
    let head = "POST /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 16\r\n\r\n";
    let mut still = server.connect().await;
    let answer = exchange(&mut still, &format!("{head}1234")).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(
        answer.ends_with("the request body stands still"),
        "{answer}"
    );

    let mut trickle = server.connect().await;
    trickle.write_all(head.as_bytes()).await.unwrap();
    let start = Instant::now();
    for _ in 0..15 {
        trickle.write_all(b"x").await.unwrap();
        sleep(SHORT / 2).await;
    }
    assert!(start.elapsed() > SHORT * 6);
    let answer = exchange(&mut trickle, "x").await;
    assert!(answer.ends_with("16 bytes"), "{answer}");
}

#[tokio::test]
async fn a_client_that_takes_no_more_of_an_answer_is_cut_off() {
    let server = start(Limits {
        stall: SHORT,
        ..generous()
    })
    .await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    sleep(SHORT * 6).await;
    let received = rest(&mut stream).await.len();
    assert!(
        received < 64 << 20,
        "{received} bytes: the whole answer came"
    );
}

#[tokio::test]
async fn connections_over_the_cap_wait_for_a_slot() {
    let server = start(Limits {
        connections: 2,
        ..generous()
    })
    .await;
    let mut first = server.connect().await;
    let mut second = server.connect().await;
    exchange(&mut first, HELLO).await;
    exchange(&mut second, HELLO).await;
    let mut third = server.connect().await;
    third.write_all(HELLO.as_bytes()).await.unwrap();
    let mut byte = [0];
    assert!(
        timeout(SHORT * 2, third.read(&mut byte)).await.is_err(),
        "the cap holds"
    );
    drop(first);
    let read = timeout(PATIENCE, third.read(&mut byte))
        .await
        .expect("the slot is free")
        .unwrap();
    assert_eq!(read, 1);
}

#[tokio::test]
async fn draining_ends_what_rests_and_lets_finish_what_runs() {
    let mut server = start(generous()).await;
    let mut resting = server.connect().await;
    exchange(&mut resting, HELLO).await;
    let fresh = server.connect().await;
    let mut running = server.connect().await;
    running
        .write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    sleep(SHORT).await;
    server.begin_drain();
    assert_eq!(rest(&mut resting).await, "");
    let answer = rest(&mut running).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    let address = server.address;
    assert_eq!(
        server.stop().await,
        Drained {
            finished: 3,
            cut: 0
        }
    );
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
    drop(fresh);
}

#[tokio::test]
async fn a_drain_that_takes_too_long_is_cut() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = start_on(listener, address, generous(), SHORT);
    let mut stuck = server.connect().await;
    stuck
        .write_all(b"GET /forever HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    sleep(SHORT).await;
    assert_eq!(
        server.stop().await,
        Drained {
            finished: 0,
            cut: 1
        }
    );
    assert_eq!(rest(&mut stuck).await, "");
}

/// A listener in front of which accepting fails a few times, as it does without file descriptors.
struct Failing {
    listener: TcpListener,
    errors: Mutex<Vec<i32>>,
}

impl Accept for Failing {
    async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        if let Some(code) = self.errors.lock().unwrap().pop() {
            return Err(io::Error::from_raw_os_error(code));
        }
        self.listener.accept().await
    }
}

#[tokio::test]
async fn accepting_goes_on_after_errors_and_slowly_after_those_that_last() {
    const EMFILE: i32 = 24;
    const ECONNABORTED: i32 = 103;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let errors = Mutex::new(vec![
        ECONNABORTED,
        EMFILE,
        EMFILE,
        EMFILE,
        EMFILE,
        ECONNABORTED,
    ]);
    let start = Instant::now();
    let server = start_on(Failing { listener, errors }, address, generous(), PATIENCE);
    let answer = exchange(&mut server.connect().await, HELLO).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    // 10, 20, 40 and 80 milliseconds; no wait after a connection that was merely gone.
    assert!(
        start.elapsed() >= Duration::from_millis(150),
        "the loop was a busy one"
    );
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = start(generous()).await;
    let mut stream = server.connect().await;
    let head = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nX-Large: {}\r\n\r\n",
        "x".repeat(100_000)
    );
    // The answer may come before all of it is sent.
    let _ = stream.write_all(head.as_bytes()).await;
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn a_request_id_is_taken_from_the_client_where_it_is_harmless() {
    let server = start(generous()).await;
    let mut stream = server.connect().await;
    let request = |id: &str| format!("GET /id HTTP/1.1\r\nHost: a\r\nX-Request-Id: {id}\r\n\r\n");
    let answer = exchange(&mut stream, &request("build-7/step:3")).await;
    assert!(
        answer.contains("x-request-id: build-7/step:3\r\n") && answer.ends_with("build-7/step:3"),
        "{answer}"
    );
    for harmful in ["a b", "\"x\"", &"x".repeat(129)] {
        let answer = exchange(&mut stream, &request(harmful)).await;
        let (_, id) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(id.len(), 32, "{answer}");
        assert!(
            answer.contains(&format!("x-request-id: {id}\r\n")),
            "{answer}"
        );
    }
}
