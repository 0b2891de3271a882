//! Every kind of failure has the declared envelope and a declared code, and says nothing of the inside.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::wire::Server;

const BOOK: &[u8] = br#"{"title":"Annals","pages":3,"kind":"history"}"#;

/// First line and headers, body, status, code.
const CASES: [(&str, &[u8], u16, &str); 18] = [
    ("GET /", b"", 404, "NO_SUCH_PLACE"),
    ("GET /shelves/", b"", 404, "NO_SUCH_PLACE"),
    ("GET /nothing/here", b"", 404, "NO_SUCH_PLACE"),
    ("DELETE /shelves", b"", 405, "NO_SUCH_METHOD"),
    ("OPTIONS /shelves", b"", 405, "NO_SUCH_METHOD"),
    ("HEAD /shelves/a/scans/", b"", 405, ""),
    ("GET /labels/UPPER", b"", 400, "BAD_SHELF"),
    ("GET /shelves/a/books/9770140449082", b"", 400, "BAD_BOOK"),
    ("GET /labels/nowhere", b"", 404, "UNKNOWN_SHELF"),
    ("GET /labels/panic", b"", 500, "BROKEN"),
    ("GET /labels/broken", b"", 500, "BROKEN"),
    (
        "PUT /shelves/a/books/annals\nContent-Type: application/json",
        &[b'x'; 2000],
        413,
        "TOO_LARGE",
    ),
    (
        "PUT /shelves/a/books/annals\nContent-Type: application/json",
        b"{",
        400,
        "NOT_A_BOOK",
    ),
    (
        "PATCH /shelves/a/books/annals\nContent-Type: application/json",
        b"{",
        400,
        "BAD_REQUEST",
    ),
    (
        "PUT /shelves/a/books/annals\nContent-Type: text/plain",
        BOOK,
        415,
        "BAD_MEDIA_TYPE",
    ),
    (
        "POST /search\nContent-Type: application/x-www-form-urlencoded",
        b"kind=novel",
        400,
        "BAD_REQUEST",
    ),
    (
        "PUT /labels/a\nContent-Type: text/plain",
        b"\xff",
        400,
        "BAD_REQUEST",
    ),
    (
        "POST /shelves/a/scans/?id=1&from=b",
        b"",
        400,
        "BAD_REQUEST",
    ),
];

#[tokio::test]
async fn every_kind_of_failure_is_the_declared_envelope() {
    let server = Server::start().await;
    for (head, body, status, code) in CASES {
        let answer = server.send(head, body).await;
        assert_eq!(answer.status, status, "{head}: {answer:?}");
        assert_eq!(answer.header("x-library"), Some("toy/1"), "{head}");
        if head.starts_with("HEAD") {
            assert!(answer.body.is_empty(), "{head}");
        } else {
            assert_eq!(answer.codes(), [code], "{head}");
        }
        let text = answer.text();
        assert!(
            !text.contains("secret") && !text.contains("panicked"),
            "{head}: {text}"
        );
    }
}

#[tokio::test]
async fn the_server_goes_on_after_a_panic() {
    let server = Server::start().await;
    assert_eq!(server.send("GET /labels/panic", b"").await.status, 500);
    assert_eq!(server.send("GET /shelves", b"").await.status, 200);
}

#[tokio::test]
async fn access_is_refused_before_a_byte_of_the_body_is_read() {
    let server = Server::start().await;
    // The announced body never comes: the answer does not wait for it.
    let head = "PUT /labels/a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\nConnection: close\r\n";
    for (token, status, code) in [
        ("", 401, "NOT_KNOWN"),
        ("Authorization: Bearer other\r\n", 403, "NOT_ALLOWED"),
        ("Authorization: Bearer later\r\n", 503, "CLOSED"),
        ("Authorization: Bearer broken\r\n", 500, "BROKEN"),
    ] {
        let answer = server.raw(format!("{head}{token}\r\n").as_bytes()).await;
        assert_eq!(
            (answer.status, answer.codes()),
            (status, vec![code.to_owned()]),
            "{token}"
        );
        assert!(!answer.text().contains("secret"), "{answer:?}");
    }
    assert!(
        server
            .library
            .calls()
            .iter()
            .all(|call| call.starts_with("put_label wants"))
    );
}

#[tokio::test]
async fn a_challenge_has_a_header_for_each_way_in() {
    let server = Server::start().await;
    let answer = server.send_as("DELETE /shelves/a/books/annals", b"").await;
    let expected = ["Bearer realm=\"library\"", "Basic realm=\"library\""];
    assert_eq!(
        (answer.status, answer.all("www-authenticate")),
        (401, expected.to_vec())
    );
}

#[tokio::test]
async fn a_wrong_method_is_told_which_there_are() {
    let server = Server::start().await;
    let answer = server.send("POST /shelves/a/books/annals", b"").await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, Some("GET, HEAD, PUT, PATCH, DELETE"))
    );
    let answer = server.send("GET /search", b"").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
}

#[tokio::test]
async fn parameters_are_judged_before_access_and_access_before_the_body() {
    let server = Server::start().await;
    let answer = server
        .send_as("PUT /shelves/UPPER/books/annals", b"{")
        .await;
    assert_eq!(answer.codes(), ["BAD_SHELF"]);
    let answer = server
        .send_as("PUT /shelves/a/books/annals\nContent-Type: image/png", b"{")
        .await;
    assert_eq!(answer.codes(), ["NOT_KNOWN"]);
}

#[tokio::test]
async fn a_failure_of_several_errors_lists_them_all() {
    let server = Server::start().await;
    let book = br#"{"title":"torn","pages":9,"kind":"novel"}"#;
    let answer = server
        .send(
            "PUT /shelves/a/books/annals\nContent-Type: application/json",
            book,
        )
        .await;
    assert_eq!(
        (answer.status, answer.codes()),
        (422, vec!["MISSING_PAGE".to_owned(); 2])
    );
    let pages: Vec<_> = answer.json()["errors"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|error| error["detail"]["page"].clone())
        .collect();
    assert_eq!(pages, [3, 7]);
}

#[tokio::test]
async fn the_envelope_names_the_request_where_it_has_an_id() {
    let server = Server::start().await;
    let answer = server.send("GET /nothing\nX-Request-Id: 17", b"").await;
    assert_eq!(answer.json()["request"], "17");
    assert!(
        server
            .send("GET /nothing", b"")
            .await
            .json()
            .get("request")
            .is_none()
    );
}

#[tokio::test]
async fn a_declared_failure_has_its_headers() {
    let server = Server::start().await;
    let put = "PUT /shelves/a/books/annals\nContent-Type: application/json";
    server
        .send(put, br#"{"title":"lent","pages":9,"kind":"novel"}"#)
        .await;
    let answer = server.send("DELETE /shelves/a/books/annals", b"").await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (409, Some("60"))
    );
    assert_eq!(answer.codes(), ["LENT"]);
    let answer = server
        .send("POST /shelves/a/books/annals:lend\nX-Reader: bob", b"")
        .await;
    assert_eq!(
        (answer.status, answer.codes()),
        (409, vec!["LENT".to_owned()])
    );
}

#[tokio::test]
async fn what_was_streamed_before_a_failure_arrives_and_is_not_taken_for_all() {
    let server = Server::start().await;
    for (scan, arrives) in [("0", "5\r\n01234\r\n"), ("1", "01234")] {
        let mut stream = TcpStream::connect(server.address).await.expect("listens");
        let request = format!(
            "GET /shelves/torn/scans/{scan} HTTP/1.1\r\nHost: library.test\r\nAuthorization: Bearer all\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("is sent");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).expect("is text");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with(&format!("\r\n\r\n{arrives}")), "{answer}");
    }
}
