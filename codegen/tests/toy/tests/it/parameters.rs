//! Parameters: where they stand, how often, and what is answered when they are wrong.

use super::wire::Server;

#[tokio::test]
async fn words_of_the_api_may_stand_in_a_value_that_spans_segments() {
    let server = Server::start().await;
    for shelf in ["books", "scans/scans", "a/books/b", "shelves/x/scans"] {
        server
            .send(
                &format!("PUT /shelves/{shelf}/scans/0a\nContent-Type: application/octet-stream"),
                b"pages",
            )
            .await;
        let answer = server
            .send(&format!("GET /shelves/{shelf}/scans/0a"), b"")
            .await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, "pages"),
            "{shelf}"
        );
    }
}

#[tokio::test]
async fn escapes_are_decoded_once_behind_the_split() {
    let server = Server::start().await;
    server.library.put_scan("a/b", "1", b"x");
    assert_eq!(
        server
            .send("GET /shelves/a%2Fb/scans/%31", b"")
            .await
            .status,
        200
    );
    for path in [
        "/shelves/a%252Fb/scans/1",
        "/shelves/%ff/scans/1",
        "/shelves/a%2/scans/1",
        "/shelves/a%00/scans/1",
    ] {
        let answer = server.send(&format!("GET {path}"), b"").await;
        assert_eq!(
            (answer.status, answer.codes()),
            (400, vec!["BAD_SHELF".to_owned()]),
            "{path}"
        );
    }
}

#[tokio::test]
async fn all_that_is_wrong_is_answered_at_once() {
    let server = Server::start().await;
    let answer = server.send("GET /shelves?n=51&last=UPPER", b"").await;
    assert_eq!(answer.codes(), ["BAD_SHELF", "BAD_PAGE_SIZE"]);
    assert_eq!(answer.status, 400, "that of the first code");
    let detail = &answer.json()["errors"][1]["detail"];
    assert_eq!(detail["parameter"], "n");
    assert!(detail["reason"].is_string(), "{detail}");
    assert!(!answer.text().contains("51"), "the value is not repeated");
}

#[tokio::test]
async fn a_parameter_that_is_there_twice_is_refused() {
    let server = Server::start().await;
    let answer = server.send("GET /shelves?n=1&n=1", b"").await;
    assert_eq!(
        (answer.status, answer.codes()),
        (422, vec!["BAD_PAGE_SIZE".to_owned()])
    );
    let answer = server
        .send(
            "POST /shelves/a/books/annals:lend\nX-Reader: a\nX-Reader: b",
            b"",
        )
        .await;
    assert_eq!(answer.codes(), ["BAD_REQUEST"]);
}

#[tokio::test]
async fn a_required_header_has_its_bounds() {
    let server = Server::start().await;
    for (head, reason) in [
        ("POST /shelves/a/books/annals:lend", "is missing"),
        (
            "POST /shelves/a/books/annals:lend\nX-Reader: 12345678901",
            "is longer than 10 characters",
        ),
    ] {
        let answer = server.send(head, b"").await;
        assert_eq!(
            (answer.status, answer.codes()),
            (400, vec!["BAD_REQUEST".to_owned()]),
            "{head}"
        );
        let detail = &answer.json()["errors"][0]["detail"];
        assert_eq!(
            (&detail["parameter"], &detail["reason"]),
            (&"X-Reader".into(), &reason.into())
        );
    }
}

#[tokio::test]
async fn a_broken_query_is_refused_even_where_nobody_asks_for_it() {
    let server = Server::start().await;
    let answer = server.send("GET /shelves?other=%zz", b"").await;
    assert_eq!(
        (answer.status, answer.codes()),
        (400, vec!["BAD_REQUEST".to_owned()])
    );
    assert_eq!(
        server.send("GET /shelves?other=1&&=", b"").await.status,
        200
    );
}

#[tokio::test]
async fn lists_and_defaults_reach_the_handler() {
    let server = Server::start().await;
    server
        .send("GET /shelves?kinds=novel,other,history", b"")
        .await;
    let calls = server.library.calls();
    assert!(
        calls.iter().any(|call| call.contains("Novel")
            && call.contains("other")
            && call.contains("History")),
        "{calls:?}"
    );
}

#[tokio::test]
async fn access_is_declared_with_the_values_of_the_request() {
    let server = Server::start().await;
    server.send("POST /shelves/a/scans/?from=b%2Fc", b"").await;
    server
        .send("POST /shelves/a/scans/?from=b&scan=0f", b"")
        .await;
    let calls = server.library.calls();
    let wants: Vec<_> = calls.iter().filter(|call| call.contains("wants")).collect();
    assert_eq!(
        wants[0],
        r#"copy_scan wants ["shelf:a:write", "shelf:b/c:read"]"#
    );
    assert_eq!(
        wants[1],
        r#"copy_scan wants ["shelf:a:write", "shelf:b:read", "scan:0f:read"]"#
    );
}

#[tokio::test]
async fn a_path_may_end_with_a_slash_where_that_is_declared() {
    let server = Server::start().await;
    for path in ["/search", "/search/"] {
        let head = format!("POST {path}\nContent-Type: application/x-www-form-urlencoded");
        assert_eq!(server.send(&head, b"words=x").await.status, 200, "{path}");
    }
}
