//! Requests byte by byte.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{FAST, SLOW, start};

/// What came back.
struct Answer {
    status: String,
    head: String,
    body: String,
}

impl Answer {
    fn code(&self) -> Value {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["error"]["status"].clone()
    }
}

/// Sends a request with a key: `head` is its first line, and headers.
async fn send(address: SocketAddr, head: &str, body: &str) -> Answer {
    send_as(address, &format!("{head}\nX-API-Key: secret"), body).await
}

/// As [`send`], without the key.
async fn send_as(address: SocketAddr, head: &str, body: &str) -> Answer {
    let length = body.len();
    let head = format!("{head}\nHost: archive\nConnection: close\nContent-Length: {length}");
    let head = head.replacen('\n', " HTTP/1.1\n", 1).replace('\n', "\r\n");
    let request = format!("{head}\r\n\r\n{body}");
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the server listens");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the server reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("the server answers and closes");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a whole head");
    Answer {
        status: head[9..12].to_owned(),
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    }
}

async fn store(address: SocketAddr) {
    let head = "PUT /v1/recordings/a/b\nContent-Type: audio/basic";
    let stored = send(address, head, "0123456789").await;
    assert_eq!(stored.status, "201", "{}", stored.body);
}

#[tokio::test]
async fn ranges_and_conditions_are_answered() {
    let address = start(FAST).await;
    store(address).await;
    let part = send(address, "GET /v1/recordings/a/b\nRange: bytes=2-4", "").await;
    assert_eq!((part.status.as_str(), part.body.as_str()), ("206", "234"));
    assert!(
        part.head.contains("\r\ncontent-range: bytes 2-4/10\r\n"),
        "{}",
        part.head
    );
    let beyond = send(address, "GET /v1/recordings/a/b\nRange: bytes=10-", "").await;
    assert_eq!(
        (beyond.status.as_str(), beyond.code()),
        ("416", json!("OUT_OF_RANGE"))
    );
    let known = send(address, "GET /v1/recordings/a/b\nIf-None-Match: \"v1\"", "").await;
    assert_eq!((known.status.as_str(), known.body.as_str()), ("304", ""));
    let head = send(address, "HEAD /v1/recordings/a/b", "").await;
    assert_eq!((head.status.as_str(), head.body.as_str()), ("200", ""));
    assert!(
        head.head.contains("\r\ncontent-length: 10\r\n"),
        "{}",
        head.head
    );
    let late = send(
        address,
        "PUT /v1/recordings/a/b\nContent-Type: audio/basic\nIf-Match: \"v7\"",
        "x",
    );
    assert_eq!(late.await.status, "412");
}

#[tokio::test]
async fn accept_chooses() {
    let address = start(FAST).await;
    store(address).await;
    for (accept, content_type, start) in [
        ("*/*", "application/json", "[{"),
        (
            "text/html, application/json;q=0.5, text/csv;q=0.9",
            "text/csv",
            "a/b,audio/basic,10\n",
        ),
        ("application/jsonl", "application/jsonl", ""),
    ] {
        let list = send_as(
            address,
            &format!("GET /v1/recordings\nAccept: {accept}"),
            "",
        )
        .await;
        assert_eq!(list.status, "200", "{accept}");
        assert!(
            list.head
                .contains(&format!("\r\ncontent-type: {content_type}")),
            "{}",
            list.head
        );
        assert!(list.head.contains("\r\nvary: accept\r\n"), "{}", list.head);
        assert!(list.body.starts_with(start), "{}", list.body);
    }
    let none = send_as(address, "GET /v1/recordings\nAccept: image/png", "").await;
    assert_eq!(
        (none.status.as_str(), none.code()),
        ("406", json!("NOT_ACCEPTABLE"))
    );
}

#[tokio::test]
async fn a_form_starts_a_job_and_a_verb_stops_it() {
    let address = start(SLOW).await;
    store(address).await;
    let head = "POST /v1/recordings/a/b:measure\nContent-Type: application/x-www-form-urlencoded";
    let begun = send(address, head, "window=16&mark=draft&mark=caf%C3%A9+au+lait").await;
    assert_eq!(begun.status, "202", "{}", begun.body);
    assert!(
        begun.head.contains("\r\nlocation: /v1/jobs/1\r\n"),
        "{}",
        begun.head
    );
    let job: Value = serde_json::from_str(&begun.body).expect("JSON");
    assert_eq!(job["marks"], json!(["draft", "café au lait"]));
    let stopped = send(address, "POST /v1/jobs/1:cancel", "").await;
    let job: Value = serde_json::from_str(&stopped.body).expect("JSON");
    assert_eq!(
        (stopped.status.as_str(), &job["state"]),
        ("200", &json!("cancelled"))
    );
    let again = send(address, "POST /v1/jobs/1:cancel", "").await;
    assert_eq!(
        (again.status.as_str(), again.code()),
        ("409", json!("FAILED_PRECONDITION"))
    );
    let watched = send_as(address, "GET /v1/jobs/1:watch", "").await;
    let content_type = "\r\ncontent-type: text/event-stream\r\n";
    assert!(watched.head.contains(content_type), "{}", watched.head);
    assert!(
        watched.body.contains("event: ended\ndata: cancelled\n\n"),
        "{}",
        watched.body
    );
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let address = start(FAST).await;
    store(address).await;
    let measure =
        "POST /v1/recordings/a/b:measure\nContent-Type: application/x-www-form-urlencoded";
    let picture = "PUT /v1/recordings/a\nContent-Type: image/png";
    for (head, body, expected) in [
        ("GET /v1/recordings/A", "", "400 INVALID_ARGUMENT"),
        ("GET /v1/recordings/none", "", "404 NOT_FOUND"),
        ("GET /v1/recordings/a/b:shred", "", "400 INVALID_ARGUMENT"),
        ("GET /v1/jobs/7", "", "404 NOT_FOUND"),
        ("POST /v1/recordings", "", "405 UNIMPLEMENTED"),
        (picture, "x", "415 BAD_MEDIA_TYPE"),
        (measure, "window=15", "400 INVALID_ARGUMENT"),
        (measure, "window=wide", "400 INVALID_ARGUMENT"),
        (
            "GET /v1/jobs/1:watch\nLast-Event-ID: x",
            "",
            "400 INVALID_ARGUMENT",
        ),
    ] {
        let answer = send(address, head, body).await;
        let code = answer.code();
        let found = format!("{} {}", answer.status, code.as_str().unwrap_or_default());
        assert_eq!(found, expected, "{head}: {}", answer.body);
    }
}

#[tokio::test]
async fn who_has_no_key_may_read() {
    let address = start(FAST).await;
    store(address).await;
    assert_eq!(
        send_as(address, "GET /v1/recordings/a/b", "").await.status,
        "200"
    );
    let refused = send_as(address, "DELETE /v1/recordings/a/b", "").await;
    assert_eq!(
        (refused.status.as_str(), refused.code()),
        ("401", json!("UNAUTHENTICATED"))
    );
    let wrong = send_as(address, "GET /v1/recordings/a/b\nX-API-Key: guessed", "").await;
    assert_eq!(
        (wrong.status.as_str(), wrong.code()),
        ("403", json!("PERMISSION_DENIED"))
    );
}
