//! What the registry answers to requests that no client of the API would send: malformed values, unknown
//! paths and methods, odd encodings, HEAD. Each is a line of text, and each answer is held to what all
//! answers have in common (see `served`).

use super::served::{Answer, Served, in_memory};

const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// Sends each line, and compares status and code.
async fn expect(served: &Served, table: &[(&str, u16, &str)]) {
    for (line, status, code) in table {
        let answer = served.ask(line, "", b"").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (*status, *code),
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_malformed_name_on_a_known_shape_is_said_to_be_one() {
    let served = in_memory().await;
    let long = "a".repeat(256);
    for name in [
        "Team/app",
        "a..b",
        "-a",
        "a-",
        "team/_x",
        "a//b",
        ".",
        "..",
        "a/..",
        "a%2F..",
        "%2e%2e",
        "a%20b",
        "a%00",
        "a%FF",
        "a%252Fb",
        "a%zz",
        "a%",
        "ä",
        "a+b",
        "a:b",
        "a/../../etc",
        &long,
    ] {
        for (method, rest) in [
            ("GET", "tags/list"),
            ("GET", "manifests/latest"),
            ("PUT", "manifests/latest"),
            ("DELETE", "manifests/latest"),
            ("GET", "blobs/{digest}"),
            ("DELETE", "blobs/{digest}"),
            ("POST", "blobs/uploads/"),
            ("POST", "blobs/uploads"),
            ("PATCH", "blobs/uploads/0c4a1b6e"),
            ("GET", "referrers/{digest}"),
            ("GET", "_oci/ext/discover"),
        ] {
            let line = format!("{method} /v2/{name}/{}", rest.replace("{digest}", DIGEST));
            expect(&served, &[(&line, 400, "NAME_INVALID")]).await;
        }
    }
}

#[tokio::test]
async fn a_malformed_value_is_said_with_the_code_of_its_format() {
    let served = in_memory().await;
    let tag = format!("GET /v2/a/manifests/{}", "t".repeat(129));
    let upper = format!("GET /v2/a/blobs/{}", DIGEST.replace("44136fa", "44136FA"));
    expect(
        &served,
        &[
            ("GET /v2/a/blobs/sha256:abc", 400, "DIGEST_INVALID"),
            (
                "GET /v2/a/blobs/md5:d41d8cd98f00b204e9800998ecf8427e",
                400,
                "DIGEST_INVALID",
            ),
            ("GET /v2/a/blobs/latest", 400, "DIGEST_INVALID"),
            ("GET /v2/a/blobs/%20", 400, "DIGEST_INVALID"),
            (&upper, 400, "DIGEST_INVALID"),
            ("DELETE /v2/a/blobs/x", 400, "DIGEST_INVALID"),
            ("GET /v2/a/referrers/latest", 400, "DIGEST_INVALID"),
            ("GET /v2/a/manifests/sha256:abc", 400, "DIGEST_INVALID"),
            ("PUT /v2/a/manifests/sha256:abc", 400, "DIGEST_INVALID"),
            ("DELETE /v2/a/manifests/a:b", 400, "DIGEST_INVALID"),
            ("GET /v2/a/manifests/.hidden", 400, "TAG_INVALID"),
            ("GET /v2/a/manifests/a%2Fb", 400, "TAG_INVALID"),
            ("GET /v2/a/manifests/%2e%2e", 400, "TAG_INVALID"),
            (&tag, 400, "TAG_INVALID"),
            ("PUT /v2/a/manifests/-x", 400, "TAG_INVALID"),
            ("GET /v2/a/blobs/uploads/-x", 404, "BLOB_UPLOAD_INVALID"),
            ("GET /v2/a/blobs/uploads/%2e%2e", 404, "BLOB_UPLOAD_INVALID"),
            ("GET /v2/a/tags/list?n=-1", 400, "PAGINATION_NUMBER_INVALID"),
            ("GET /v2/a/tags/list?n=x", 400, "PAGINATION_NUMBER_INVALID"),
            (
                "GET /v2/a/tags/list?n=1.5",
                400,
                "PAGINATION_NUMBER_INVALID",
            ),
            ("GET /v2/a/tags/list?n=", 400, "PAGINATION_NUMBER_INVALID"),
            (
                "GET /v2/a/tags/list?n=0x10",
                400,
                "PAGINATION_NUMBER_INVALID",
            ),
            (
                "GET /v2/a/tags/list?n=1&n=2",
                400,
                "PAGINATION_NUMBER_INVALID",
            ),
            ("GET /v2/a/tags/list?n=%zz", 400, "UNSUPPORTED"),
            ("GET /v2/_catalog?n=-1", 400, "PAGINATION_NUMBER_INVALID"),
            ("GET /v2/_catalog?last=A", 400, "NAME_INVALID"),
            ("GET /v2/a/tags/list?last=.x", 400, "TAG_INVALID"),
            ("POST /v2/a/blobs/uploads/?digest=x", 400, "DIGEST_INVALID"),
            ("POST /v2/a/blobs/uploads/?mount=x", 400, "DIGEST_INVALID"),
            (
                "POST /v2/a/blobs/uploads/?digest-algorithm=md5",
                400,
                "DIGEST_INVALID",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn parameters_of_a_mount_are_checked_and_so_is_whether_they_go_together() {
    let served = in_memory().await;
    let line = format!("POST /v2/a/blobs/uploads/?mount={DIGEST}&from=A");
    expect(&served, &[(&line, 400, "NAME_INVALID")]).await;
    let line = format!("POST /v2/a/blobs/uploads/?mount={DIGEST}&digest={DIGEST}");
    expect(&served, &[(&line, 400, "UNSUPPORTED")]).await;
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once() {
    let served = in_memory().await;
    let answer = served.ask("GET /v2/A/blobs/x", "", b"").await;
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let codes: Vec<_> = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["code"])
        .collect();
    assert_eq!(codes, ["NAME_INVALID", "DIGEST_INVALID"]);
    assert_eq!(body["errors"][0]["detail"]["parameter"], "name");
}

#[tokio::test]
async fn a_path_that_the_api_does_not_have_is_not_found() {
    let served = in_memory().await;
    for path in [
        "/",
        "/v1/",
        "/v2x",
        "/v2/a",
        "/v2/a/b",
        "/v2/a/tags",
        "/v2/a/tags/list/",
        "/v2/tags/list",
        "/v2/_catalog/",
        "/v2/a/blobs/",
        "/v2/a/manifests/",
        "/v2/a/blobs/uploads/x/",
        "//v2/",
        "/V2/",
        "/v2/_oci/ext",
        "/v2%2F",
        "/debug/health",
        "/v2/./_catalog",
        "/v2/a/../_catalog",
    ] {
        for method in ["GET", "PUT"] {
            let line = format!("{method} {path}");
            expect(&served, &[(&line, 404, "UNSUPPORTED")]).await;
        }
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_named_with_those_that_it_has() {
    let served = in_memory().await;
    let blob = format!("/v2/a/blobs/{DIGEST}");
    for (path, allow) in [
        ("/v2/", "GET, HEAD"),
        ("/v2", "GET, HEAD"),
        ("/v2/_catalog", "GET"),
        ("/v2/a/tags/list", "GET"),
        ("/v2/a/manifests/v1", "GET, HEAD, PUT, DELETE"),
        (blob.as_str(), "GET, HEAD, DELETE"),
        ("/v2/a/blobs/uploads/", "POST"),
        ("/v2/a/blobs/uploads", "POST"),
        ("/v2/a/blobs/uploads/x", "GET, HEAD, PATCH, PUT, DELETE"),
        // The path decides before anything in it is looked at.
        ("/v2/A/blobs/uploads/x", "GET, HEAD, PATCH, PUT, DELETE"),
        ("/v2/_oci/ext/discover", "GET"),
    ] {
        for method in ["OPTIONS", "TRACE", "PROPFIND", "get"] {
            let answer = served.ask(&format!("{method} {path}"), "", b"").await;
            let found = (answer.status, answer.code());
            assert_eq!(found, (405, "UNSUPPORTED".to_owned()), "{method} {path}");
            assert_eq!(answer.header("allow").unwrap(), allow, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn values_are_decoded_once_behind_the_split() {
    let served = in_memory().await;
    served.image("team/app", "v1.2", b"{}").await;
    let colon = DIGEST.replace(':', "%3A");
    for path in [
        "/v2/team/app/manifests/v1%2E2",
        "/v2/te%61m/app/manifests/v1.2",
        "/v2/team/app/tags/list?n=%31",
        "/v2/team/app/tags/l%69st",
        "/v2/team%2Fapp/tags/list",
        &format!("/v2/team/app/blobs/{colon}"),
    ] {
        assert_eq!(
            served.ask(&format!("GET {path}"), "", b"").await.status,
            200,
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_answer_to_head_has_the_headers_of_get_and_no_body() {
    let served = in_memory().await;
    let digest = served.image("team/app", "v1", b"some bytes").await;
    let blob = registry_client::Digest::sha256(b"some bytes");
    for (path, status) in [
        ("/v2/".to_owned(), 200),
        ("/v2/team/app/manifests/v1".to_owned(), 200),
        (format!("/v2/team/app/manifests/{digest}"), 200),
        (format!("/v2/team/app/blobs/{blob}"), 200),
        (format!("/v2/team/app/referrers/{digest}"), 200),
        ("/v2/team/app/manifests/v2".to_owned(), 404),
        ("/v2/other/manifests/v2".to_owned(), 404),
        (format!("/v2/team/app/blobs/{digest}"), 404),
        ("/v2/A/manifests/v1".to_owned(), 400),
        ("/v2/team/app/tags/list".to_owned(), 405),
        ("/unknown".to_owned(), 404),
    ] {
        let head = served.ask(&format!("HEAD {path}"), "", b"").await;
        assert_eq!(head.status, status, "{path}");
        let get = served.ask(&format!("GET {path}"), "", b"").await;
        if status == 405 {
            assert_eq!(head.header("allow").unwrap(), "GET");
            continue;
        }
        assert_eq!(get.status, status, "{path}");
        for name in [
            "content-length",
            "content-type",
            "docker-content-digest",
            "etag",
        ] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
        assert!(head.header("content-length").is_some(), "{path}");
    }
}

#[tokio::test]
async fn parts_and_conditions_of_a_blob_are_answered_as_http_has_them() {
    let served = in_memory().await;
    let digest = served.blob("a", b"0123456789").await;
    let tag = format!("\"{digest}\"");
    let own = format!("If-None-Match: {tag}\r\n");
    let both = format!("Range: bytes=0-1\r\n{own}");
    let is_same = format!("If-Match: {tag}\r\nRange: bytes=2-4\r\n");
    for (headers, status, range, body) in [
        ("Range: bytes=2-4\r\n", 206, Some("bytes 2-4/10"), "234"),
        ("Range: bytes=-2\r\n", 206, Some("bytes 8-9/10"), "89"),
        ("Range: bytes=10-\r\n", 416, Some("bytes */10"), ""),
        ("Range: lines=1-2\r\n", 200, None, "0123456789"),
        ("Range: bytes=4-2\r\n", 416, Some("bytes */10"), ""),
        (
            "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n",
            200,
            None,
            "0123456789",
        ),
        ("If-None-Match: *\r\n", 304, None, ""),
        ("If-None-Match: \"x\"\r\n", 200, None, "0123456789"),
        (own.as_str(), 304, None, ""),
        (both.as_str(), 304, None, ""),
        (is_same.as_str(), 206, Some("bytes 2-4/10"), "234"),
        ("If-Match: \"x\"\r\nRange: bytes=2-4\r\n", 412, None, ""),
    ] {
        let answer = served
            .ask(&format!("GET /v2/a/blobs/{digest}"), headers, b"")
            .await;
        assert_eq!(answer.status, status, "{headers}");
        assert_eq!(
            answer.header("content-range").as_deref(),
            range,
            "{headers}"
        );
        if status >= 400 {
            let code = if status == 416 {
                "RANGE_INVALID"
            } else {
                "UNSUPPORTED"
            };
            assert_eq!(answer.code(), code);
            continue;
        }
        assert_eq!(answer.body, body.as_bytes(), "{headers}");
        assert_eq!(answer.header("etag").unwrap(), tag, "{headers}");
    }
}

#[tokio::test]
async fn a_range_is_of_no_account_to_head() {
    let served = in_memory().await;
    let digest = served.blob("a", b"0123456789").await;
    let line = format!("HEAD /v2/a/blobs/{digest}");
    let answer = served.ask(&line, "Range: bytes=2-4\r\n", b"").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-length").unwrap(), "10");
    assert_eq!(answer.header("content-range"), None);
}

#[tokio::test]
async fn parameters_that_the_api_does_not_know_are_ignored() {
    let served = in_memory().await;
    for path in ["/v2/?a=b", "/v2/_catalog?x&n=1&y=%20", "/v2/_catalog?&&n=1"] {
        let answer = served.ask(&format!("GET {path}"), "", b"").await;
        assert_eq!(answer.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_request_has_exactly_one_valid_host() {
    let served = in_memory().await;
    for hosts in [
        "",
        "Host: a\r\nHost: a\r\n",
        "Host: \r\n",
        "Host: a b\r\n",
        "Host: a/b\r\n",
        "Host: u@a\r\n",
    ] {
        for path in ["/v2/", "/elsewhere"] {
            let head = format!("GET {path} HTTP/1.1\r\n{hosts}\r\n");
            let answer = Answer::parse(&served.send(head.as_bytes(), b"").await);
            answer.check(false);
            assert_eq!(answer.status, 400, "{hosts:?}");
            assert_eq!(answer.code(), "UNSUPPORTED", "{hosts:?}");
            assert_eq!(answer.header("connection").unwrap(), "close");
        }
    }
    for host in ["a", "a:5000", "127.0.0.1:5000", "[::1]:5000"] {
        let head = format!("GET /v2/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = Answer::parse(&served.send(head.as_bytes(), b"").await);
        assert_eq!(answer.status, 200, "{host}");
    }
    let old = served.send(b"GET /v2/ HTTP/1.0\r\n\r\n", b"").await;
    assert_eq!(Answer::parse(&old).status, 200);
}
