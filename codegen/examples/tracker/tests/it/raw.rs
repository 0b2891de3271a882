//! Requests byte by byte.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::start;

/// What came back.
struct Answer {
    status: String,
    head: String,
    body: Value,
}

/// Sends a request as Anna: `head` is its first line, and headers.
async fn send(address: SocketAddr, head: &str, body: &str) -> Answer {
    let length = body.len();
    let head = format!(
        "{head}\nHost: tracker\nAuthorization: Bearer anna-token\nConnection: close\nContent-Length: {length}"
    );
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
        body: serde_json::from_str(body).unwrap_or_default(),
    }
}

const JSON: &str = "\nContent-Type: application/json";

async fn create(address: SocketAddr, body: &str) -> Answer {
    send(address, &format!("POST /v1/issues{JSON}"), body).await
}

#[tokio::test]
async fn an_issue_on_the_wire_has_null_where_there_is_nothing() {
    let address = start().await;
    let created = create(
        address,
        r#"{"title": "The door", "labels": ["bug"], "due": "2026-12-24"}"#,
    )
    .await;
    assert_eq!(created.status, "201", "{}", created.body);
    assert!(
        created.head.contains("\r\nlocation: /v1/issues/1\r\n"),
        "{}",
        created.head
    );
    assert!(
        created.head.contains("\r\netag: \"1-1\"\r\n"),
        "{}",
        created.head
    );
    let created_at = created.body["created"].clone();
    assert_eq!(
        created.body,
        json!({
            "number": 1, "title": "The door", "text": null, "state": "open", "priority": "normal",
            "labels": ["bug"], "author": {"login": "anna", "name": "Anna"}, "assignee": null,
            "due": "2026-12-24", "created": created_at, "updated": created_at,
            "comments": "/v1/issues/1/comments"
        })
    );
}

#[tokio::test]
async fn null_and_absent_are_different_changes() {
    let address = start().await;
    create(address, r#"{"title": "a", "text": "b"}"#).await;
    let change = format!("PATCH /v1/issues/1{JSON}");
    let left = send(address, &change, "{}").await;
    assert_eq!(
        (left.status.as_str(), &left.body["text"]),
        ("200", &json!("b"))
    );
    let cleared = send(address, &change, r#"{"text": null}"#).await;
    assert_eq!(
        (cleared.status.as_str(), &cleared.body["text"]),
        ("200", &Value::Null)
    );
    let refused = send(address, &change, r#"{"title": null}"#).await;
    assert_eq!(refused.status, "400", "{}", refused.body);
}

#[tokio::test]
async fn a_query_repeats_a_parameter_and_a_page_leads_to_the_next() {
    let address = start().await;
    for labels in [
        r#"["bug", "docs"]"#,
        r#"["docs"]"#,
        r#"["docs", "wish", "bug"]"#,
    ] {
        create(address, &format!(r#"{{"title": "a", "labels": {labels}}}"#)).await;
    }
    let list = "GET /v1/issues?label=bug&label=docs&limit=1";
    let page = send(address, list, "").await;
    let next = page.body["next"].as_str().expect("there is more");
    assert_eq!(page.body["issues"][0]["number"], 3);
    let page = send(address, &format!("{list}&after={next}"), "").await;
    assert_eq!(page.body["issues"][0]["number"], 1);
    assert_eq!(page.body.get("next"), None);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let address = start().await;
    let post = format!("POST /v1/issues{JSON}");
    let text = "POST /v1/issues\nContent-Type: text/plain";
    let coloured = r#"{"title": "a", "colour": "red"}"#;
    for (head, body, expected) in [
        ("GET /v1/issues?limit=0", "", "400 invalid_request limit"),
        ("GET /v1/issues?state=ajar", "", "400 invalid_request state"),
        ("GET /v1/issues?since=now", "", "400 invalid_request since"),
        ("GET /v1/issues?after=_", "", "400 invalid_request after"),
        ("GET /v1/issues/0", "", "400 invalid_request number"),
        ("GET /v1/issues/7", "", "404 issue_not_found "),
        ("GET /v2/issues", "", "404 not_found "),
        ("PUT /v1/issues", "", "405 method_not_allowed "),
        (text, "a", "415 unsupported_media_type "),
        (&post, "{}", "400 invalid_request "),
        (&post, coloured, "400 invalid_request "),
    ] {
        let answer = send(address, head, body).await;
        let error = &answer.body["errors"][0];
        let code = error["code"].as_str().unwrap_or_default();
        let parameter = error["detail"]["parameter"].as_str().unwrap_or_default();
        let found = format!("{} {code} {parameter}", answer.status);
        assert_eq!(found, expected, "{head}: {error}");
    }
    let allowed = send(address, "PUT /v1/issues", "").await.head;
    assert!(allowed.contains("\r\nallow: get, post\r\n"), "{allowed}");
}

#[tokio::test]
async fn a_change_of_another_version_is_refused() {
    let address = start().await;
    create(address, r#"{"title": "a"}"#).await;
    let change = |etag: &str| format!("PATCH /v1/issues/1{JSON}\nIf-Match: {etag}");
    let first = send(address, &change("\"1-1\""), r#"{"state": "closed"}"#).await;
    assert_eq!(
        (first.status.as_str(), &first.body["state"]),
        ("200", &json!("closed"))
    );
    let second = send(address, &change("\"1-1\""), r#"{"state": "open"}"#).await;
    assert_eq!(
        (second.status.as_str(), &second.body["errors"][0]["code"]),
        ("412", &json!("changed"))
    );
    let unchanged = send(address, "GET /v1/issues/1\nIf-None-Match: \"1-2\"", "").await;
    assert_eq!(unchanged.status, "304", "{}", unchanged.head);
    let gone = send(address, "DELETE /v1/issues/1\nIf-Match: \"1-2\"", "").await;
    assert_eq!(gone.status, "204", "{}", gone.body);
}
