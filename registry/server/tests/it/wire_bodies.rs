//! Bodies on the wire: limits that hold before a byte is read, `Expect: 100-continue`, chunks that are
//! announced wrongly, and headers that a client cannot leave out.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::served::{Answer, MANIFEST, PATIENCE, Served, in_memory, read_all};

const LIMIT: usize = 4 << 20;

#[tokio::test]
async fn a_manifest_over_its_limit_is_refused_by_its_announced_length() {
    let served = in_memory().await;
    let headers = format!(
        "Content-Type: {MANIFEST}\r\nContent-Length: {}\r\n",
        LIMIT + 1
    );
    // None of the body is ever sent.
    let answer = served.ask("PUT /v2/a/manifests/v1", &headers, b"").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (413, "MANIFEST_INVALID")
    );
}

#[tokio::test]
async fn a_manifest_over_its_limit_is_refused_when_it_announces_nothing() {
    let served = in_memory().await;
    let headers = format!("Content-Type: {MANIFEST}\r\nTransfer-Encoding: chunked\r\n");
    for (extra, status) in [(0, 400), (1, 413)] {
        let mut body = format!("{:x}\r\n", LIMIT + extra).into_bytes();
        body.resize(body.len() + LIMIT + extra, b' ');
        body.extend_from_slice(b"\r\n0\r\n\r\n");
        let answer = served.ask("PUT /v2/a/manifests/v1", &headers, &body).await;
        let found = (answer.status, answer.code());
        assert_eq!(
            found,
            (status, "MANIFEST_INVALID".to_owned()),
            "{extra} over the limit"
        );
    }
}

#[tokio::test]
async fn the_largest_manifest_is_taken() {
    let served = in_memory().await;
    let blob = served.blob("a", b"{}").await;
    let mut text = super::served::image(&blob, 2).to_string();
    text.extend(std::iter::repeat_n(' ', LIMIT - text.len()));
    let headers = format!("Content-Type: {MANIFEST}\r\nContent-Length: {LIMIT}\r\n");
    let answer = served
        .ask("PUT /v2/a/manifests/v1", &headers, text.as_bytes())
        .await;
    assert_eq!(answer.status, 201);
    let answer = served.ask("GET /v2/a/manifests/v1", "", b"").await;
    assert_eq!(answer.body, text.as_bytes());
}

/// Sends a head that waits for permission to send its body, and reads until the next end of a head.
async fn waiting(served: &Served, line: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let head = format!(
        "{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\
         Content-Type: application/octet-stream\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut first = Vec::new();
    while !first.ends_with(b"\r\n\r\n") {
        let byte = timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap();
        first.push(byte);
    }
    (stream, String::from_utf8(first).unwrap())
}

#[tokio::test]
async fn a_client_that_waits_is_refused_without_being_asked_for_its_body() {
    let served = in_memory().await;
    for (line, status) in [
        ("PUT /v2/A/manifests/v1", 400),
        ("PUT /v2/unknown", 404),
        ("PUT /v2/a/tags/list", 405),
        (
            "PATCH /v2/a/blobs/uploads/0c4a1b6e-5f5d-4c0e-9f6b-3b1f6d0a7c11",
            404,
        ),
        ("POST /v2/a/blobs/uploads/?digest=x", 400),
    ] {
        let (_, head) = waiting(&served, line).await;
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status} ")),
            "{line}: {head}"
        );
    }
}

#[tokio::test]
async fn a_client_that_waits_is_asked_for_a_body_that_is_wanted() {
    let served = in_memory().await;
    let started = super::uploads::start(&served.client).await;
    let line = format!("PATCH {}", path(started.location.as_str()));
    let (mut stream, head) = waiting(&served, &line).await;
    assert!(head.starts_with("HTTP/1.1 100 "), "{head}");
    stream.write_all(b"bytes").await.unwrap();
    let rest = read_all(&mut stream).await;
    let answer = Answer::parse(&rest);
    assert_eq!(answer.status, 202);
    assert_eq!(answer.header("range").unwrap(), "0-4");
}

/// The path of a location that may have a host.
fn path(location: &str) -> &str {
    &location[location.find("/v2/").unwrap()..]
}

#[tokio::test]
async fn a_chunk_that_is_announced_wrongly_is_refused_and_the_upload_stays() {
    let served = in_memory().await;
    let started = super::uploads::start(&served.client).await;
    let line = format!("PATCH {}", path(started.location.as_str()));
    for (range, status, code) in [
        ("0-9", 400, "SIZE_INVALID"),
        ("0-3", 400, "SIZE_INVALID"),
        ("4-0", 416, "RANGE_INVALID"),
        ("5-9", 416, "RANGE_INVALID"),
        // Wrong in both ways: where to go on is what helps.
        ("5-5", 416, "RANGE_INVALID"),
        ("bytes 0-4/5", 400, "UNSUPPORTED"),
        ("x", 400, "UNSUPPORTED"),
        ("0-9999999999999999999", 400, "UNSUPPORTED"),
    ] {
        let headers = format!("Content-Range: {range}\r\nContent-Length: 5\r\n");
        let answer = served.ask(&line, &headers, b"bytes").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{range}"
        );
        if status == 416 {
            assert_eq!(answer.header("range").unwrap(), "0-0", "{range}");
            let location = answer.header("location").unwrap();
            assert_eq!(location, path(started.location.as_str()), "{range}");
        }
        assert_eq!(
            super::uploads::held(&served.client, &started).await,
            "0-0",
            "{range}"
        );
    }
    let headers = "Content-Range: 0-4\r\nContent-Length: 5\r\n";
    assert_eq!(served.ask(&line, headers, b"bytes").await.status, 202);
}

#[tokio::test]
async fn an_upload_is_not_completed_without_its_digest_and_stays() {
    let served = in_memory().await;
    let started = super::uploads::start(&served.client).await;
    let line = format!("PUT {}", path(started.location.as_str()));
    for query in ["", "?digest=", "?digest=sha256:abc", "?digest=md5:abc"] {
        let answer = served.ask(&format!("{line}{query}"), "", b"").await;
        let found = (answer.status, answer.code());
        assert_eq!(found, (400, "DIGEST_INVALID".to_owned()), "{query}");
    }
    super::uploads::held(&served.client, &started).await;
}

#[tokio::test]
async fn an_upload_takes_bytes_of_any_media_type_and_of_none() {
    let served = in_memory().await;
    let started = super::uploads::start(&served.client).await;
    let line = format!("PATCH {}", path(started.location.as_str()));
    for headers in [
        "Content-Length: 1\r\n",
        "Content-Length: 1\r\nContent-Type: application/octet-stream\r\n",
        "Content-Length: 1\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        "Content-Length: 1\r\nContent-Type: text/plain; charset=utf-8\r\n",
        "Content-Length: 1\r\nContent-Type: rubbish\r\n",
    ] {
        let answer = served.ask(&line, headers, b"x").await;
        assert_eq!(answer.status, 202, "{headers}");
    }
}

#[tokio::test]
async fn one_connection_carries_refusals_and_answers_in_turn() {
    let served = in_memory().await;
    let requests = "PUT /v2/A/manifests/v1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}\
                    GET /v2/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let bytes = served.send(requests.as_bytes(), b"").await;
    let text = String::from_utf8(bytes).unwrap();
    let heads = text.match_indices("HTTP/1.1 ");
    let statuses: Vec<_> = heads.map(|(at, _)| &text[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["400", "200"], "{text}");
}

#[tokio::test]
async fn a_body_that_stands_still_is_given_up_and_what_came_of_an_upload_is_kept() {
    let served = super::served::serve("limits: {stall: 100ms}", super::served::MEMORY).await;
    let started = super::uploads::start(&served.client).await;
    let upload = format!("PATCH {}", path(started.location.as_str()));
    for line in [upload.as_str(), "PUT /v2/a/manifests/v1"] {
        let headers = "Content-Length: 10\r\n";
        let answer = served.ask(line, headers, b"first").await;
        let found = (answer.status, answer.code());
        assert_eq!(found, (408, "UNAVAILABLE".to_owned()), "{line}");
    }
    assert_eq!(super::uploads::held(&served.client, &started).await, "0-4");
}
