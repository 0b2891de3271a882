//! Ranges: the runtime answers them by itself.

use super::wire::Server;

async fn library() -> Server {
    let server = Server::start().await;
    server.library.put_scan("a", "1", b"0123456789");
    server.library.put_scan("a", "0", b"");
    server
}

#[tokio::test]
async fn a_part_is_answered_with_its_place() {
    let server = library().await;
    for (range, content_range, body) in [
        ("bytes=2-4", "bytes 2-4/10", "234"),
        ("bytes=7-", "bytes 7-9/10", "789"),
        ("bytes=-3", "bytes 7-9/10", "789"),
        ("bytes=-30", "bytes 0-9/10", "0123456789"),
        ("bytes=0-18446744073709551615", "bytes 0-9/10", "0123456789"),
        ("bytes=9-9", "bytes 9-9/10", "9"),
    ] {
        let answer = server
            .send(&format!("GET /shelves/a/scans/1\nRange: {range}"), b"")
            .await;
        assert_eq!(
            (answer.status, answer.header("content-range")),
            (206, Some(content_range)),
            "{range}"
        );
        assert_eq!(answer.text(), body, "{range}");
        assert_eq!(
            answer.header("content-length"),
            Some(body.len().to_string().as_str()),
            "{range}"
        );
        assert!(answer.header("etag").is_some(), "{range}");
    }
}

#[tokio::test]
async fn what_is_no_part_of_it_cannot_be_satisfied() {
    let server = library().await;
    for range in ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=4-2"] {
        let answer = server
            .send(&format!("GET /shelves/a/scans/1\nRange: {range}"), b"")
            .await;
        assert_eq!(
            (answer.status, answer.codes()),
            (416, vec!["BAD_RANGE".to_owned()]),
            "{range}"
        );
        assert_eq!(
            answer.header("content-range"),
            Some("bytes */10"),
            "{range}"
        );
    }
    let answer = server
        .send("GET /shelves/a/scans/0\nRange: bytes=0-", b"")
        .await;
    assert_eq!(
        (answer.status, answer.header("content-range")),
        (416, Some("bytes */0"))
    );
}

#[tokio::test]
async fn other_units_several_ranges_and_head_get_the_whole() {
    let server = library().await;
    for head in [
        "GET /shelves/a/scans/1",
        "GET /shelves/a/scans/1\nRange: pages=1-2",
        "GET /shelves/a/scans/1\nRange: bytes=0-1,3-4",
        "HEAD /shelves/a/scans/1\nRange: bytes=0-1",
    ] {
        let answer = server.send(head, b"").await;
        assert_eq!(
            (answer.status, answer.header("accept-ranges")),
            (200, Some("bytes")),
            "{head}"
        );
        assert_eq!(answer.header("content-length"), Some("10"), "{head}");
    }
}

#[tokio::test]
async fn a_range_of_another_version_gets_the_whole() {
    let server = library().await;
    let tag = server
        .send("HEAD /shelves/a/scans/1", b"")
        .await
        .header("etag")
        .expect("a tag")
        .to_owned();
    for (version, status) in [
        (tag.as_str(), 206),
        ("\"other\"", 200),
        (&format!("W/{tag}"), 200),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 200),
    ] {
        let answer = server
            .send(
                &format!("GET /shelves/a/scans/1\nRange: bytes=2-4\nIf-Range: {version}"),
                b"",
            )
            .await;
        assert_eq!(answer.status, status, "{version}");
    }
}

#[tokio::test]
async fn a_condition_comes_before_the_range() {
    let server = library().await;
    let tag = server
        .send("HEAD /shelves/a/scans/1", b"")
        .await
        .header("etag")
        .expect("a tag")
        .to_owned();
    for (condition, status) in [
        (format!("If-None-Match: {tag}"), 304),
        ("If-Match: \"other\"".to_owned(), 412),
        (format!("If-Match: {tag}"), 416),
    ] {
        let head = format!("GET /shelves/a/scans/1\nRange: bytes=20-\n{condition}");
        assert_eq!(server.send(&head, b"").await.status, status, "{condition}");
    }
}
