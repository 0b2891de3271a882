//! Messages whose parts do not fit together: two lengths, wrong chunks, bodies that break off. A proxy in
//! front may read each of them otherwise, so none is ever taken for two requests, and what did not arrive
//! whole stores nothing.
//!
//! What is no HTTP at all is answered by hyper, with a status and no body; the rest with the envelope.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use registry_client::Digest;

use super::served::{Answer, Served, in_memory, read_all, serve};
use super::uploads::{held, start, stored};

/// A request that would be answered if it were taken for one.
const SMUGGLED: &str = "GET /v2/_catalog HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// How many answers came, and the status of the first.
async fn answers(served: &Served, bytes: &[u8]) -> (usize, u16) {
    let answer = served.send(bytes, b"").await;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let heads = text.matches("HTTP/1.1 ").count();
    (heads, Answer::parse(&answer).status)
}

#[tokio::test]
async fn transfer_encoding_alone_frames_a_body_beside_a_length_and_the_connection_ends() {
    let served = in_memory().await;
    let digest = Digest::sha256(b"hello");
    for framing in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Content-Length: 99\r\nTransfer-Encoding: chunked",
        "Content-Length: 0\r\ntransfer-encoding: CHUNKED",
    ] {
        let request = format!(
            "POST /v2/team/app/blobs/uploads/?digest={digest} HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n\
             5\r\nhello\r\n0\r\n\r\n{SMUGGLED}"
        );
        assert_eq!(
            answers(&served, request.as_bytes()).await,
            (1, 201),
            "{framing}"
        );
        let bytes = served.send(request.as_bytes(), b"").await;
        let answer = Answer::parse(&bytes);
        assert_eq!(answer.header("connection").unwrap(), "close", "{framing}");
    }
}

#[tokio::test]
async fn a_head_that_is_no_head_ends_the_connection_and_nothing_behind_it_is_read() {
    let served = in_memory().await;
    for head in [
        "GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 4\r\n\r\nabc",
        "GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
        "GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc",
        "GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n",
        "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        "GET /v2/ HTTP/1.1\r\nHost: a\r\nX-Folded: a\r\n b\r\n\r\n",
        "GET /v2/ HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        "GET /v2/\0 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /v2/ HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n",
        "GET /v2/ HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET /v2/ HTTP/1.1\r\nHost: a\r\n: nameless\r\n\r\n",
        "GET  /v2/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /v2/ HTTP/3.7\r\nHost: a\r\n\r\n",
        "GET /v2/ x HTTP/1.1\r\nHost: a\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}",
    ] {
        let bytes = format!("{head}{SMUGGLED}");
        assert_eq!(
            answers(&served, bytes.as_bytes()).await,
            (1, 400),
            "{head:?}"
        );
    }
}

#[tokio::test]
async fn equal_lengths_are_one_and_lines_may_end_in_a_line_feed_alone() {
    let served = in_memory().await;
    for head in [
        "GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        // RFC 9112 lets a server take them so.
        "GET /v2/ HTTP/1.1\nHost: a\n\n",
        "GET /v2/ HTTP/1.1\r\nHost: a\nX: b\r\n\n",
    ] {
        let bytes = format!("{head}{SMUGGLED}");
        assert_eq!(
            answers(&served, bytes.as_bytes()).await,
            (2, 200),
            "{head:?}"
        );
    }
}

#[tokio::test]
async fn a_chunk_that_is_none_fails_its_request_and_ends_the_connection() {
    let served = in_memory().await;
    let digest = Digest::sha256(b"hello");
    for body in [
        "x\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "5 5\r\nhello\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "\r\n5\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
    ] {
        let request = format!(
            "POST /v2/team/app/blobs/uploads/?digest={digest} HTTP/1.1\r\nHost: a\r\n\
             Transfer-Encoding: chunked\r\n\r\n{body}{SMUGGLED}"
        );
        assert_eq!(
            answers(&served, request.as_bytes()).await,
            (1, 400),
            "{body:?}"
        );
        assert!(!stored(&served, &digest).await, "{body:?}");
    }
}

/// Sends what is only the beginning of a request, and closes this side of the connection.
async fn broken_off(served: &Served, request: &str) -> Answer {
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let bytes = read_all(&mut stream).await;
    Answer::parse(&bytes)
}

#[tokio::test]
async fn bytes_whose_beginning_has_the_digest_are_not_the_blob() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().to_str().unwrap();
    let rest = format!("storage: {{filesystem: {{rootdirectory: '{root}'}}}}");
    for storage in [super::served::MEMORY, &rest] {
        let served = serve("", storage).await;
        let digest = Digest::sha256(b"hello");
        let started = start(&served.client).await;
        let id = &started.docker_upload_uuid;
        let post = format!("POST /v2/team/app/blobs/uploads/?digest={digest}");
        let put = format!("PUT /v2/team/app/blobs/uploads/{id}?digest={digest}");
        for line in [post, put] {
            for rest in [
                "Content-Length: 6\r\n\r\nhello",
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                "Transfer-Encoding: chunked\r\n\r\n6\r\nhello",
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
            ] {
                let request = format!("{line} HTTP/1.1\r\nHost: a\r\n{rest}");
                let answer = broken_off(&served, &request).await;
                let found = (answer.status, answer.code());
                assert_eq!(found, (400, "SIZE_INVALID".to_owned()), "{line} {rest}");
                assert!(!stored(&served, &digest).await, "{line} {rest}");
            }
        }
        served.stop().await;
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_leaves_an_upload_that_goes_on_and_no_blob() {
    let served = in_memory().await;
    let digest = Digest::sha256(b"hello");
    let started = start(&served.client).await;
    let id = &started.docker_upload_uuid;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let head = format!(
        "PUT /v2/team/app/blobs/uploads/{id}?digest={digest} HTTP/1.1\r\nHost: a\r\n\
         Content-Length: 9\r\n\r\nhello"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    drop(stream);
    let mut asked = 0;
    while held(&served.client, &started).await != "0-4" {
        asked += 1;
        assert!(asked < 10_000, "what came is not kept");
        tokio::task::yield_now().await;
    }
    assert!(!stored(&served, &digest).await);
    let line = format!("PUT /v2/team/app/blobs/uploads/{id}?digest={digest}");
    assert_eq!(served.ask(&line, "", b"").await.status, 201);
    assert!(stored(&served, &digest).await);
}
