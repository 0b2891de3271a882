//! What the mock answers, byte by byte: methods, paths, ranges, choices, and streams that are gone on with.

use std::net::SocketAddr;

use serde_json::Value as Json;

use super::server::{answer, loaded, mock};

async fn recordings() -> SocketAddr {
    mock(loaded("examples/recordings/spec")).await
}

/// Sends requests by somebody who is known, and compares the beginning of the answer and pieces of it.
async fn answers(address: SocketAddr, cases: &[(&str, u16, &[&str])]) {
    for (request, status, pieces) in cases {
        let got = answer(address, &format!("{request}\nAuthorization: Bearer all")).await;
        let start = format!("HTTP/1.1 {status} ");
        assert!(got.starts_with(&start), "{request}: {got}");
        for piece in *pieces {
            assert!(got.contains(piece), "{request}: {piece} is not in {got}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_refused_in_the_envelope() {
    let refused = "\r\n\r\n{\"error\":{\"code\":";
    answers(
        recordings().await,
        &[
            ("GET /nowhere", 404, &["application/json", refused]),
            (
                "PATCH /v1/recordings",
                405,
                &["allow: GET, HEAD\r\n", refused],
            ),
            (
                "OPTIONS /v1/recordings",
                405,
                &["allow: GET, HEAD\r\n", refused],
            ),
            ("GET /v1/jobs/1/levels\nACCEPT: x/y", 406, &[refused]),
        ],
    )
    .await;
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let address = recordings().await;
    let get = answer(address, "GET /v1/recordings\nAuthorization: Bearer all").await;
    let head = answer(address, "HEAD /v1/recordings\nAuthorization: Bearer all").await;
    let (fields, body) = get.split_once("\r\n\r\n").unwrap();
    let without_date = |head: &str| {
        let lines = head.lines().filter(|line| !line.starts_with("date: "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(without_date(head.trim_end()), without_date(fields));
    assert!(!body.is_empty() && head.ends_with("\r\n\r\n"), "{head}");
}

#[tokio::test]
async fn names_of_headers_and_media_types_have_no_case() {
    answers(
        recordings().await,
        &[
            (
                "GET /v1/jobs/1/levels\naCCEPT: TEXT/csv",
                200,
                &["content-type: text/csv\r\n"],
            ),
            (
                "GET /v1/recordings/other\nRANGE: bytes=1-2",
                206,
                &["content-range: bytes 1-2/7\r\n"],
            ),
            (
                "GET /v1/recordings/other\nrange: bytes=7-",
                416,
                &["content-range: bytes */7\r\n"],
            ),
            ("GET /v1/jobs/1\nPREFER: Status=404", 404, &["NOT_FOUND"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_stream_goes_on_behind_the_event_that_was_seen() {
    let address = recordings().await;
    let watch = "GET /v1/jobs/1:watch\nLAST-EVENT-ID: ";
    answers(
        address,
        &[
            (&format!("{watch}2"), 200, &["\r\n\r\nid: 3\n", "id: 4\n"]),
            // This is another example.
            (&format!("{watch}4"), 204, &[]),
        ],
    )
    .await;
}

#[tokio::test]
async fn the_lines_of_a_stream_in_an_example_may_end_in_crlf() {
    let address = watched(|text| text.replace('\n', "\r\n")).await;
    let watch = "GET /v1/jobs/1:watch";
    answers(
        address,
        &[
            (watch, 200, &["\r\n\r\nid: 1\n", "id: 4\n"]),
            (
                &format!("{watch}\nLast-Event-ID: 1"),
                200,
                &["\r\n\r\nid: 2\n", "id: 4\n"],
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_stream_goes_on_behind_the_last_event_of_an_id() {
    let address = watched(|text| text.replace("id: 2\n", "id: 1\n")).await;
    let behind = "GET /v1/jobs/1:watch\nLast-Event-ID: 1";
    answers(address, &[(behind, 200, &["\r\n\r\nid: 3\n", "id: 4\n"])]).await;
}

/// The mock, where the stream of the example is written in another way.
async fn watched(write: fn(&str) -> String) -> SocketAddr {
    let mut api = loaded("examples/recordings/spec");
    let entries = api.routes.iter_mut().flat_map(|route| &mut route.methods);
    let forms = entries.flat_map(|entry| &mut entry.requests);
    let mut streams = 0;
    for example in forms.flat_map(|form| &mut form.examples) {
        if let Some(Json::String(text)) = example.pointer_mut("/response/body/text")
            && text.starts_with("id: 1\n")
        {
            *text = write(text);
            streams += 1;
        }
    }
    assert_eq!(streams, 1);
    mock(api).await
}

#[tokio::test]
async fn an_event_that_is_made_up_has_an_id() {
    let address = mock(loaded("tests/toy/spec")).await;
    answers(
        address,
        &[
            ("GET /news/ticker", 200, &["\r\n\r\nid: 1\nevent: "]),
            (
                "GET /news/ticker\nLast-Event-ID: 7",
                200,
                &["\r\n\r\nid: 1\nevent: "],
            ),
            (
                "GET /news/ticker\nLast-Event-ID: 1",
                200,
                &["content-length: 0\r\n"],
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_preference_that_makes_no_sense_is_passed_over() {
    let address = mock(loaded("examples/tracker/spec")).await;
    let head = "GET /v1/issues/1\nAuthorization: Bearer x\nPrefer: ";
    for (preferred, status) in [
        ("status=404", "404"),
        ("status = \"503\"; why=so", "503"),
        ("status=many, example=no_such_issue", "404"),
        ("status=418, wait=3", "200"),
    ] {
        let got = answer(address, &format!("{head}{preferred}")).await;
        let expected = format!("HTTP/1.1 {status} ");
        assert!(got.starts_with(&expected), "{preferred}: {got}");
    }
}

#[tokio::test]
async fn a_body_whose_chunks_are_broken_is_not_too_large() {
    let address = mock(loaded("examples/tracker/spec")).await;
    let head = "POST /v1/issues\nAuthorization: Bearer x\nContent-Type: application/json";
    let request = format!("{head}\nTransfer-Encoding: chunked\n\nzz");
    let got = answer(address, &request).await;
    assert!(got.starts_with("HTTP/1.1 400 "), "{got}");
}
