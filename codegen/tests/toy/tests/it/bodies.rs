//! Bodies of every kind, their limits, and what becomes of one that does not arrive.

use api_runtime::server::Settings;

use super::wire::Server;

const JSON: &str = "PUT /shelves/a/books/annals\nContent-Type: application/json; charset=utf-8";

#[tokio::test]
async fn a_verbatim_body_keeps_its_bytes() {
    let server = Server::start().await;
    let spaced = br#" {"pages": 3,  "title":"Annals","kind":"poem","more":1} "#;
    let first = server.send(JSON, spaced).await;
    assert_eq!(
        (first.status, first.header("location")),
        (201, Some("/shelves/a/books/annals"))
    );
    let compact = br#"{"pages":3,"title":"Annals","kind":"poem"}"#;
    let second = server.send(JSON, compact).await;
    assert_ne!(
        first.header("etag"),
        second.header("etag"),
        "the tag is of the bytes"
    );
    let book = server.send("GET /shelves/a/books/annals", b"").await.json();
    assert_eq!(
        book,
        serde_json::json!({"title": "Annals", "pages": 3, "kind": "poem"})
    );
}

#[tokio::test]
async fn a_change_tells_absent_null_and_value_apart() {
    let server = Server::start().await;
    let patch = "PATCH /shelves/a/books/annals\nContent-Type: application/json";
    server
        .send(
            JSON,
            br#"{"title":"A","pages":1,"kind":"novel","subtitle":"old"}"#,
        )
        .await;
    for (body, subtitle) in [
        (&b"{}"[..], Some("old")),
        (br#"{"subtitle":null,"title":"B"}"#, None),
        (br#"{"subtitle":"new"}"#, Some("new")),
    ] {
        let book = server.send(patch, body).await.json();
        assert_eq!(
            book.get("subtitle").and_then(serde_json::Value::as_str),
            subtitle,
            "{book}"
        );
    }
    let answer = server.send(patch, br#"{"title":""}"#).await;
    assert_eq!(
        (answer.status, answer.codes()),
        (400, vec!["BAD_REQUEST".to_owned()])
    );
}

#[tokio::test]
async fn a_form_is_read_with_its_bounds() {
    let server = Server::start().await;
    let head = "POST /search\nContent-Type: application/x-www-form-urlencoded";
    let answer = server.send(head, b"words=two+words&kind=history").await;
    assert_eq!(
        answer.json(),
        serde_json::json!({"titles": ["two words"], "kind": "history"})
    );
    let answer = server.send(head, b"words=x").await;
    assert_eq!(
        answer.json(),
        serde_json::json!({"titles": ["x"], "kind": null})
    );
    assert_eq!(server.send(head, b"words=").await.status, 400);
}

#[tokio::test]
async fn text_is_utf_8() {
    let server = Server::start().await;
    let head = "PUT /labels/a\nContent-Type: text/plain";
    assert_eq!(server.send(head, "Bücher".as_bytes()).await.status, 204);
    let answer = server.send("GET /labels/a", b"").await;
    assert_eq!(answer.text(), "Bücher");
    assert!(
        answer
            .header("content-type")
            .is_some_and(|media| media.starts_with("text/plain"))
    );
}

#[tokio::test]
async fn a_body_of_any_kind_keeps_its_media_type_and_headers_with_a_prefix() {
    let server = Server::start().await;
    let head = "PUT /covers/a\nContent-Type: image/webp\nX-Meta-Author: anna\nX-META-Year: 1999";
    assert_eq!(server.send(head, b"\x00\xff").await.status, 204);
    let answer = server.send("GET /covers/a", b"").await;
    assert_eq!(
        (answer.header("content-type"), &answer.body[..]),
        (Some("image/webp"), &b"\x00\xff"[..])
    );
    assert_eq!(
        (answer.header("x-meta-author"), answer.header("x-meta-year")),
        (Some("anna"), Some("1999"))
    );
    assert_eq!(
        server
            .send("PUT /covers/a\nContent-Type: text/html", b"x")
            .await
            .status,
        415
    );
    let long = server
        .send(
            "PUT /covers/a\nContent-Type: image/png\nX-Meta-A: 123456789012345678901",
            b"x",
        )
        .await;
    assert_eq!(
        (long.status, long.codes()),
        (400, vec!["BAD_REQUEST".to_owned()])
    );
}

#[tokio::test]
async fn an_announced_body_over_the_limit_is_refused_before_it_is_read() {
    let server = Server::start().await;
    let auth = "Host: x\r\nAuthorization: Bearer all\r\n";
    for (head, code) in [
        (
            "PUT /labels/a HTTP/1.1\r\nContent-Type: text/plain",
            "TOO_LARGE",
        ),
        (
            "PUT /covers/a HTTP/1.1\r\nContent-Type: image/png",
            "COVER_TOO_LARGE",
        ),
        ("POST /shelves/a/scans/?id=1 HTTP/1.1", "SCAN_TOO_LARGE"),
    ] {
        // Nothing of the body is sent, and the connection is not kept.
        let answer = server
            .raw(format!("{head}\r\n{auth}Content-Length: 100000\r\n\r\n").as_bytes())
            .await;
        assert_eq!(
            (answer.status, answer.codes()),
            (413, vec![code.to_owned()]),
            "{head}"
        );
        assert_eq!(answer.header("connection"), Some("close"), "{head}");
    }
}

/// A body in chunks of a hundred bytes.
fn chunked(count: usize) -> Vec<u8> {
    let mut body = [b"64\r\n".to_vec(), vec![b'x'; 100], b"\r\n".to_vec()]
        .concat()
        .repeat(count);
    body.extend_from_slice(b"0\r\n\r\n");
    body
}

#[tokio::test]
async fn a_body_that_announces_nothing_is_cut_off_at_its_limit() {
    let server = Server::start().await;
    for (head, code) in [
        ("PUT /labels/a\nContent-Type: text/plain", "TOO_LARGE"),
        ("PUT /covers/a\nContent-Type: image/png", "COVER_TOO_LARGE"),
        ("POST /shelves/a/scans/?id=1", "SCAN_TOO_LARGE"),
    ] {
        let answer = server
            .send(&format!("{head}\nTransfer-Encoding: chunked"), &chunked(50))
            .await;
        assert_eq!(
            (answer.status, answer.codes()),
            (413, vec![code.to_owned()]),
            "{head}"
        );
        assert_eq!(answer.header("connection"), Some("close"), "{head}");
    }
    assert_eq!(
        server.library.scan("a", "1"),
        None,
        "nothing of it was kept"
    );
    let answer = server
        .send(
            "POST /shelves/a/scans/?id=1\nTransfer-Encoding: chunked",
            &chunked(3),
        )
        .await;
    assert_eq!(answer.status, 201);
    assert_eq!(
        server.library.scan("a", "1").map(|bytes| bytes.len()),
        Some(300)
    );
}

#[tokio::test]
async fn bodies_without_a_declared_limit_have_that_of_the_settings() {
    let server = Server::with(Settings::default().body_limit(40)).await;
    server
        .send(JSON, br#"{"title":"A","pages":1,"kind":"novel"}"#)
        .await;
    let patch = "PATCH /shelves/a/books/annals\nContent-Type: application/json";
    assert_eq!(
        server.send(patch, br#"{"title":"short"}"#).await.status,
        200
    );
    let answer = server
        .send(patch, br#"{"title":"much longer than that, it really is"}"#)
        .await;
    assert_eq!(
        (answer.status, answer.codes()),
        (413, vec!["TOO_LARGE".to_owned()])
    );
}

#[tokio::test]
async fn a_length_that_is_required_is_demanded() {
    let server = Server::start().await;
    let head = "PUT /shelves/a/scans/1\nContent-Type: application/octet-stream";
    let answer = server
        .send(&format!("{head}\nTransfer-Encoding: chunked"), &chunked(1))
        .await;
    assert_eq!(
        (answer.status, answer.codes()),
        (411, vec!["BAD_REQUEST".to_owned()])
    );
    let answer = server.send(head, b"12345").await;
    assert_eq!((answer.status, answer.header("x-bytes")), (201, Some("5")));
    let answer = server
        .send(&format!("{head}\nContent-Length: 0"), b"")
        .await;
    assert_eq!((answer.status, answer.header("x-bytes")), (201, Some("0")));
}

#[tokio::test]
async fn a_body_that_ends_early_never_looks_complete() {
    let server = Server::start().await;
    let auth = "Host: x\r\nAuthorization: Bearer all\r\nConnection: close\r\n";
    for (head, sent) in [
        (
            "PUT /shelves/a/scans/1 HTTP/1.1\r\nContent-Type: application/octet-stream\r\nContent-Length: 10\r\n",
            "12345",
        ),
        (
            "POST /shelves/a/scans/?id=1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
            "5\r\n12345\r\n",
        ),
        (
            "POST /shelves/a/scans/?id=1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
            "5\r\n123",
        ),
    ] {
        server
            .cut(format!("{head}{auth}\r\n{sent}").as_bytes())
            .await;
    }
    // Three handlers ran, each to an error.
    server.settled(6).await;
    assert_eq!(server.library.scan("a", "1"), None);
}

#[tokio::test]
async fn a_long_body_streams_through() {
    let server = Server::start().await;
    let body = vec![7; 32 << 20];
    let head = "PUT /shelves/drain/scans/1\nContent-Type: application/octet-stream";
    let answer = server.send(head, &body).await;
    assert_eq!(
        (answer.status, answer.header("x-bytes")),
        (201, Some("33554432"))
    );
}

#[tokio::test]
async fn whoever_is_still_sending_hears_why_it_is_refused() {
    let server = Server::start().await;
    let body = vec![b'x'; 4 << 20];
    for (head, status) in [
        (
            "PUT /covers/a\nContent-Type: image/png\nAuthorization: Bearer all",
            413,
        ),
        (
            "POST /shelves/a/scans/?id=1\nAuthorization: Bearer all",
            413,
        ),
        ("PUT /labels/a\nContent-Type: text/plain", 401),
        ("PUT /labels/UPPER\nContent-Type: text/plain", 400),
        ("PUT /nowhere", 404),
    ] {
        for _ in 0..5 {
            assert_eq!(server.send_all(head, &body).await.status, status, "{head}");
        }
    }
}

#[tokio::test]
async fn an_array_is_no_object() {
    let server = Server::start().await;
    for (head, body, status) in [
        (JSON, r#"["Annals",3,"novel",null]"#, 400),
        (
            "POST /desk/slips\nContent-Type: application/json",
            r#"{"slips":[["anna",1]]}"#,
            400,
        ),
        (
            "POST /desk/questions\nContent-Type: application/json",
            r#"{"about":"slip","reader":"anna","copies":1}"#,
            200,
        ),
        (
            "POST /news/log\nContent-Type: application/x-ndjson",
            r#"{"type":"visit","data":["anna",1]}"#,
            400,
        ),
    ] {
        let answer = server.send(head, body.as_bytes()).await;
        assert_eq!(answer.status, status, "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn an_optional_field_is_not_null() {
    let server = Server::start().await;
    let book = br#"{"title":"A","pages":1,"kind":"novel","subtitle":null}"#;
    let answer = server.send(JSON, book).await;
    assert_eq!(
        (answer.status, answer.codes()),
        (400, vec!["NOT_A_BOOK".to_owned()])
    );
    let patch = "PATCH /shelves/a/books/annals\nContent-Type: application/json";
    assert_eq!(server.send(patch, br#"{"title":null}"#).await.status, 400);
}

#[tokio::test]
async fn what_is_ignored_in_a_body_is_utf_8() {
    let server = Server::start().await;
    for more in [&b"\"\xff\":1"[..], b"\"more\":\"\xff\""] {
        let body = [
            b"{\"title\":\"A\",\"pages\":1,\"kind\":\"novel\",",
            more,
            b"}",
        ]
        .concat();
        let answer = server.send(JSON, &body).await;
        assert_eq!(
            (answer.status, answer.codes()),
            (400, vec!["NOT_A_BOOK".to_owned()])
        );
    }
}
