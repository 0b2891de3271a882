//! Uploads to registries that do less, or other things, than ours.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use registry_client::runtime::{Transport, TransportError};
use registry_client::{Body, Digest, Error, PushOptions, Pushed, Registry};

use crate::script::{Script, Seen, answer};
use crate::served::name;

const UP: &str = "/v2/a/blobs/uploads/1";

/// Pushes `0123456789`, two bytes a time, without asking first, to a registry that answers as `answer` does.
async fn pushed(
    chunk: u64,
    answer: impl FnMut(&Seen) -> Response<Body> + Send + 'static,
) -> (Result<Pushed, Error>, Vec<String>) {
    let script = Script::new(answer);
    let bytes = Bytes::from_static(b"0123456789");
    let digest = Digest::sha256(&bytes);
    let mut options = PushOptions::default();
    options.check = false;
    options.chunk = Some(chunk);
    let registry = script.registry();
    let pushed = registry
        .push_blob(&name("a"), &digest, &bytes, &options)
        .await;
    let short = |line: String| line.split("?digest=").next().unwrap_or_default().to_owned();
    (pushed, script.lines().into_iter().map(short).collect())
}

fn started() -> Response<Body> {
    answer(202, &[("location", UP)], "")
}

fn error(status: u16, code: &str) -> Response<Body> {
    let body = format!(r#"{{"errors": [{{"code": "{code}", "message": ""}}]}}"#);
    answer(status, &[("content-type", "application/json")], body)
}

#[tokio::test]
async fn only_a_location_is_needed() {
    let (outcome, lines) = pushed(4, |seen| match seen.line.as_str() {
        line if line.starts_with("POST") => started(),
        line if line.starts_with("PATCH") => answer(202, &[], ""),
        _ => answer(201, &[], ""),
    })
    .await;
    assert_eq!(outcome.unwrap(), Pushed::Sent);
    let patch = format!("PATCH {UP}");
    assert_eq!(
        lines,
        [
            "POST /v2/a/blobs/uploads/",
            &patch,
            &patch,
            &patch,
            &format!("PUT {UP}")
        ]
    );
}

#[tokio::test]
async fn each_answer_may_move_the_upload_and_its_query_is_kept() {
    let mut number = 0;
    let (outcome, lines) = pushed(5, move |seen| {
        number += 1;
        let location = format!("/elsewhere/{number}?_state=s%2F{number}");
        match &seen.line {
            line if line.starts_with("PUT") => answer(201, &[], ""),
            _ => answer(202, &[("location", &location)], ""),
        }
    })
    .await;
    outcome.unwrap();
    assert_eq!(lines[1], "PATCH /elsewhere/1?_state=s%2F1");
    assert_eq!(lines[2], "PATCH /elsewhere/2?_state=s%2F2");
    assert!(
        lines[3].starts_with("PUT /elsewhere/3?_state=s%2F3&digest=sha256"),
        "{}",
        lines[3]
    );
}

#[tokio::test]
async fn a_chunk_is_as_long_as_the_registry_wants_it() {
    let mut sizes = Vec::new();
    let (outcome, _) = pushed(2, move |seen| match &seen.line {
        line if line.starts_with("POST") => {
            answer(202, &[("location", UP), ("oci-chunk-min-length", "4")], "")
        }
        line if line.starts_with("PATCH") => {
            sizes.push(seen.body.len());
            answer(202, &[], "")
        }
        _ => {
            assert_eq!(sizes, [4, 4, 2]);
            answer(201, &[], "")
        }
    })
    .await;
    outcome.unwrap();
}

/// A registry that keeps what it is sent and answers each `PATCH` with `trouble`, if that is not `None`;
/// it says honestly how much it holds.
fn troubled(
    mut trouble: impl FnMut(usize) -> Option<Response<Body>> + Send + 'static,
    keeps: bool,
) -> impl FnMut(&Seen) -> Response<Body> + Send + 'static {
    let mut held = String::new();
    let mut patches = 0;
    move |seen| {
        let range = format!("0-{}", held.len().saturating_sub(1));
        let here = [("location", UP), ("range", range.as_str())];
        match seen.line.split(' ').next().unwrap() {
            "POST" => {
                held.clear();
                started()
            }
            "GET" => answer(204, &here, ""),
            "PATCH" => {
                let begin = seen.header("content-range").split('-').next().unwrap();
                if begin != held.len().to_string() {
                    return answer(416, &here, "");
                }
                patches += 1;
                let answered = trouble(patches);
                if answered.is_none() || keeps {
                    held.push_str(std::str::from_utf8(&seen.body).unwrap());
                }
                answered.unwrap_or_else(|| answer(202, &[], ""))
            }
            "PUT" => {
                let body = std::str::from_utf8(&seen.body).unwrap();
                assert_eq!(held.clone() + body, "0123456789");
                answer(201, &[], "")
            }
            "DELETE" => answer(204, &[], ""),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn after_trouble_the_registry_is_asked_how_much_it_has() {
    for status in [401, 408, 429, 500, 502, 503, 504] {
        for keeps in [true, false] {
            for chunk in [1, 3] {
                let trouble = move |patch| (patch % 2 == 1).then(|| answer(status, &[], ""));
                let (outcome, lines) = pushed(chunk, troubled(trouble, keeps)).await;
                assert_eq!(outcome.unwrap(), Pushed::Sent, "{status} {keeps}");
                assert!(lines.contains(&format!("GET {UP}")), "{status}");
            }
        }
    }
}

#[tokio::test]
async fn a_chunk_out_of_order_goes_where_the_answer_says() {
    // The registry already has some bytes of an upload that seems new.
    for had in ["0", "01", "01234"] {
        let mut held = had.to_owned();
        let (outcome, lines) = pushed(3, move |seen| {
            let range = format!("0-{}", held.len() - 1);
            match seen.line.split(' ').next().unwrap() {
                "POST" => started(),
                "PATCH" => {
                    let begin = seen.header("content-range").split('-').next().unwrap();
                    if begin != held.len().to_string() {
                        return answer(416, &[("location", UP), ("range", &range)], "");
                    }
                    held.push_str(std::str::from_utf8(&seen.body).unwrap());
                    answer(202, &[], "")
                }
                "PUT" => {
                    assert_eq!(held, "0123456789");
                    answer(201, &[], "")
                }
                other => panic!("{other}: it was told"),
            }
        })
        .await;
        outcome.unwrap();
        assert!(lines.len() > 3, "{had}");
    }
}

#[tokio::test]
async fn an_upload_that_is_gone_is_begun_again_a_few_times() {
    for gone in [
        (404, "BLOB_UPLOAD_UNKNOWN"),
        (404, ""),
        (400, "BLOB_UPLOAD_INVALID"),
    ] {
        let once = move |patch| (patch == 2).then(|| error(gone.0, gone.1));
        let (outcome, lines) = pushed(3, troubled(once, false)).await;
        assert_eq!(outcome.unwrap(), Pushed::Sent);
        let posts = |lines: &[String]| lines.iter().filter(|line| line.starts_with("POST")).count();
        assert_eq!(posts(&lines), 2);
        let always = move |_| Some(error(gone.0, gone.1));
        let (outcome, lines) = pushed(3, troubled(always, false)).await;
        let why = outcome.unwrap_err();
        assert!(matches!(why, Error::GaveUp { failures: 4, .. }), "{why}");
        assert_eq!(why.status(), Some(gone.0));
        assert_eq!(posts(&lines), 4);
    }
}

#[tokio::test]
async fn what_will_not_get_better_is_an_error_and_the_upload_is_cancelled() {
    for status in [400, 403, 405, 413, 507] {
        let (outcome, lines) = pushed(3, move |seen| match seen.line.split(' ').next().unwrap() {
            "POST" => started(),
            "DELETE" => answer(204, &[], ""),
            _ => error(status, "DENIED"),
        })
        .await;
        let why = outcome.unwrap_err();
        assert_eq!((why.status(), why.has_code("DENIED")), (Some(status), true));
        assert_eq!(lines[1..], [format!("PATCH {UP}"), format!("DELETE {UP}")]);
    }
}

/// A registry that says nothing to the end of an upload.
#[derive(Clone)]
struct Silent(Script);

impl Transport for Silent {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let is_end = request.method() == Method::DELETE;
        let answer = self.0.send(request).await;
        if is_end {
            std::future::pending().await
        } else {
            answer
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_has_failed_does_not_wait_long_for_the_upload_to_be_cancelled() {
    let refused = |seen: &Seen| match seen.line.split(' ').next().unwrap() {
        "POST" => started(),
        "DELETE" => error(503, "UNAVAILABLE"),
        _ => error(403, "DENIED"),
    };
    // It is not tried again,
    let (outcome, lines) = pushed(3, refused).await;
    assert_eq!(outcome.unwrap_err().status(), Some(403));
    assert_eq!(lines[1..], [format!("PATCH {UP}"), format!("DELETE {UP}")]);
    // and not waited for as any other answer is.
    let script = Script::new(refused);
    let registry = Registry::builder("https://r.example")
        .idle_timeout(Duration::from_hours(1))
        .build_with(Silent(script.clone()))
        .unwrap();
    let bytes = Bytes::from_static(b"0123456789");
    let digest = Digest::sha256(&bytes);
    let mut options = PushOptions::default();
    options.check = false;
    let (name, begun) = (name("a"), tokio::time::Instant::now());
    let outcome = registry.push_blob(&name, &digest, &bytes, &options).await;
    assert_eq!(outcome.unwrap_err().status(), Some(403));
    assert!(script.lines().last().unwrap().starts_with("DELETE"));
    assert!(begun.elapsed() < Duration::from_mins(1));
}

#[tokio::test]
async fn a_closing_answer_that_was_lost_is_found_out_by_looking_at_the_blob() {
    for is_there in [true, false] {
        let mut puts = 0;
        let (outcome, lines) = pushed(100, move |seen| {
            match seen.line.split(' ').next().unwrap() {
                "POST" => started(),
                "PUT" => {
                    puts += 1;
                    if puts == 1 {
                        answer(504, &[], "")
                    } else {
                        answer(201, &[], "")
                    }
                }
                "GET" => answer(404, &[], ""),
                "HEAD" => answer(if is_there { 200 } else { 404 }, &[], ""),
                other => panic!("{other}"),
            }
        })
        .await;
        assert_eq!(outcome.unwrap(), Pushed::Sent);
        let puts = lines.iter().filter(|line| line.starts_with("PUT")).count();
        assert_eq!(puts, if is_there { 1 } else { 2 });
    }
}

#[tokio::test]
async fn trouble_without_an_end_is_given_up() {
    let always = |_| Some(answer(500, &[], ""));
    let (outcome, lines) = pushed(3, troubled(always, false)).await;
    let why = outcome.unwrap_err();
    assert!(matches!(why, Error::GaveUp { failures: 50, .. }), "{why}");
    assert!(lines.len() < 200);
}

#[tokio::test]
async fn a_registry_that_asks_for_too_much_patience_is_not_waited_for() {
    let late = |_| Some(answer(429, &[("retry-after", "3600")], ""));
    let (outcome, lines) = pushed(3, troubled(late, false)).await;
    let why = outcome.unwrap_err();
    assert_eq!(
        why.refused().unwrap().retry_after().unwrap().as_secs(),
        3600
    );
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.starts_with("PATCH"))
            .count(),
        1
    );
}

#[tokio::test]
async fn an_upload_is_not_followed_to_another_host() {
    for location in [
        "https://evil.example/up",
        "//evil.example/up",
        "http://r.example/up",
        "https://r.example:444/up",
    ] {
        let (outcome, lines) = pushed(3, move |_| answer(202, &[("location", location)], "")).await;
        let why = outcome.unwrap_err();
        assert!(matches!(why, Error::ForeignLocation { .. }), "{why}");
        assert_eq!(lines.len(), 1);
    }
}

#[tokio::test]
async fn lies_about_what_an_upload_holds_end_somehow() {
    for range in ["0-99", "5-9", "nonsense", "0-0", "0-18446744073709551615"] {
        let (outcome, lines) = pushed(3, move |seen| match seen.line.split(' ').next().unwrap() {
            "POST" => started(),
            "DELETE" => answer(204, &[], ""),
            "HEAD" => answer(404, &[], ""),
            "GET" => answer(204, &[("range", range)], ""),
            _ => answer(416, &[("range", range), ("location", UP)], ""),
        })
        .await;
        outcome.unwrap_err();
        assert!(lines.len() < 200, "{range}: {}", lines.len());
    }
}

#[tokio::test]
async fn a_registry_that_is_still_writing_is_given_the_time() {
    const LEN: usize = 3 << 20;
    // After a cut it knows of nothing, the first times that it is asked; then it has all but the last byte.
    for (asks, resent) in [(0, 1), (1, 1), (3, 1), (4, LEN)] {
        let mut asked = 0;
        let mut patches = Vec::new();
        let script = Script::new(move |seen| match seen.line.split(' ').next().unwrap() {
            "POST" => started(),
            "PATCH" => {
                patches.push(seen.body.len());
                answer(if patches.len() == 1 { 502 } else { 202 }, &[], "")
            }
            "GET" => {
                asked += 1;
                let held = if asked > asks { LEN - 2 } else { 0 };
                answer(204, &[("range", &format!("0-{held}"))], "")
            }
            "PUT" => {
                assert_eq!(patches, [LEN, resent], "{asks}");
                answer(201, &[], "")
            }
            other => panic!("{other}"),
        });
        let bytes = crate::served::bytes(LEN);
        let digest = Digest::sha256(&bytes);
        let mut options = PushOptions::default();
        options.check = false;
        let pushed = script
            .registry()
            .push_blob(&name("a"), &digest, &bytes, &options)
            .await;
        assert_eq!(pushed.unwrap(), Pushed::Sent);
    }
}

#[tokio::test]
async fn an_upload_that_takes_everything_and_does_not_grow_is_given_up() {
    let (outcome, lines) = pushed(3, |seen| match seen.line.split(' ').next().unwrap() {
        "POST" => started(),
        "DELETE" => answer(204, &[], ""),
        _ => answer(202, &[("range", "0-1")], ""),
    })
    .await;
    let why = outcome.unwrap_err();
    assert!(matches!(why, Error::Unexpected(_)), "{why}");
    assert_eq!(lines.len(), 4);
}

#[tokio::test]
async fn nothing_can_be_pushed_in_spite_of_trouble() {
    let mut puts = 0;
    let script = Script::new(move |seen| match seen.line.split(' ').next().unwrap() {
        "POST" => started(),
        "GET" => answer(204, &[("range", "0-0")], ""),
        "PUT" => {
            puts += 1;
            answer([416, 502, 416, 502, 201][puts - 1], &[("range", "0-0")], "")
        }
        other => panic!("{other}"),
    });
    let digest = Digest::sha256(b"");
    let mut options = PushOptions::default();
    options.check = false;
    let registry = script.registry();
    let pushed = registry
        .push_blob(&name("a"), &digest, &Bytes::new(), &options)
        .await;
    assert_eq!(pushed.unwrap(), Pushed::Sent);
}
