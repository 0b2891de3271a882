//! Conditional requests, and HEAD.

use super::wire::Server;

const BOOK: &[u8] = br#"{"title":"Annals","pages":3,"kind":"history"}"#;
const PUT: &str = "PUT /shelves/a/books/annals\nContent-Type: application/json";
const GET: &str = "GET /shelves/a/books/annals";

/// Writes the book; its entity tag.
async fn written(server: &Server, head: &str) -> String {
    let answer = server.send(head, BOOK).await;
    answer.header("etag").expect("a tag").to_owned()
}

#[tokio::test]
async fn a_reader_who_has_it_is_told_so() {
    let server = Server::start().await;
    let tag = written(&server, PUT).await;
    for (condition, status) in [
        (format!("If-None-Match: {tag}"), 304),
        (format!("If-None-Match: \"other\", W/{tag}"), 304),
        ("If-None-Match: *".to_owned(), 304),
        ("If-None-Match: \"other\"".to_owned(), 200),
        (format!("If-Match: {tag}"), 200),
        (format!("If-Match: {tag}\nIf-None-Match: {tag}"), 304),
        // There is no date to compare with.
        (
            "If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT".to_owned(),
            200,
        ),
    ] {
        let answer = server.send(&format!("{GET}\n{condition}"), b"").await;
        assert_eq!(answer.status, status, "{condition}");
        assert_eq!(answer.header("etag"), Some(tag.as_str()), "{condition}");
        if status == 304 {
            assert!(
                answer.body.is_empty() && answer.header("content-type").is_none(),
                "{answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_reader_who_believes_in_something_else_is_refused() {
    let server = Server::start().await;
    let tag = written(&server, PUT).await;
    for condition in [
        "If-Match: \"other\"".to_owned(),
        format!("If-Match: W/{tag}"),
        // First what must be there, then what the reader has (RFC 9110, section 13.2.2).
        format!("If-Match: \"other\"\nIf-None-Match: {tag}"),
    ] {
        let answer = server.send(&format!("{GET}\n{condition}"), b"").await;
        assert_eq!(answer.status, 412, "{condition}");
        assert_eq!(answer.codes(), ["CHANGED"], "{condition}");
    }
}

#[tokio::test]
async fn a_writer_who_was_too_slow_is_refused() {
    let server = Server::start().await;
    let tag = written(&server, &format!("{PUT}\nIf-None-Match: *")).await;
    for (condition, status) in [
        ("If-None-Match: *".to_owned(), 412),
        ("If-Match: \"other\"".to_owned(), 412),
        (format!("If-Match: W/{tag}"), 412),
        (format!("If-Match: {tag}"), 201),
        ("If-Match: *".to_owned(), 201),
    ] {
        let answer = server.send(&format!("{PUT}\n{condition}"), BOOK).await;
        assert_eq!(answer.status, status, "{condition}");
        if status == 412 {
            assert_eq!(answer.codes(), ["CHANGED"], "{condition}");
        }
    }
    let fresh = "PUT /shelves/a/books/other\nContent-Type: application/json\nIf-Match: *";
    assert_eq!(server.send(fresh, BOOK).await.status, 412);
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let server = Server::start().await;
    server.send(PUT, BOOK).await;
    let get = server.send(GET, b"").await;
    let head = server.send("HEAD /shelves/a/books/annals", b"").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in ["content-length", "content-type", "etag", "x-library"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
        assert!(get.header(name).is_some(), "{name}");
    }
    let missing = server.send("HEAD /shelves/a/books/none", b"").await;
    assert_eq!((missing.status, missing.body.len()), (404, 0));
    assert!(
        missing
            .header("content-length")
            .is_some_and(|length| length != "0")
    );
}

#[tokio::test]
async fn an_answer_without_content_says_no_length() {
    let server = Server::start().await;
    server.send(PUT, BOOK).await;
    for method in ["GET", "HEAD"] {
        let head = format!("{method} /shelves/a/books/annals\nIf-None-Match: *");
        let answer = server.send(&head, b"").await;
        assert_eq!(answer.status, 304, "{method}");
        assert_eq!(answer.header("content-length"), None, "{method}");
        assert_eq!(answer.header("transfer-encoding"), None, "{method}");
    }
}
