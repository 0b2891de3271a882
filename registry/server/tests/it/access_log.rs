//! What the binary logs of requests, and of what it must not say a word.

use std::io::{Read, Write};

use registry_client::Digest;
use serde_json::Value;

use super::binary::{Server, finished, registry};

/// The lines of the access log.
fn access(log: &str) -> Vec<&str> {
    log.lines()
        .filter(|line| line.contains("module=access"))
        .collect()
}

/// The value of a name in a text line, where it needs no quotes.
fn value<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let prefix = format!("{name}=");
    line.split(' ')
        .find_map(|pair| pair.strip_prefix(prefix.as_str()))
}

#[test]
fn each_request_has_a_line_that_says_what_it_was_and_what_came_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(&directory);
    server.ask("GET /v2/", "X-Request-Id: build-7\r\n", b"");
    let generated = server.ask("GET /v2/team%2Fapp/tags/list?n=1", "", b"");
    server.ask(
        "HEAD /v2/_catalog",
        "User-Agent: x\" level=error\ty\r\n",
        b"",
    );
    server.ask("GET /elsewhere", "", b"");
    let digest = Digest::sha256(b"content");
    let upload = format!("POST /v2/a/blobs/uploads/?digest={digest}");
    assert_eq!(server.ask(&upload, "", b"content").status, 201);
    server.ask("GET /v2/", "Host: b\r\n", b"");
    server.signal("TERM");
    let log = server.ended();
    let lines = access(&log);
    let names = [
        "request_id",
        "operation",
        "repository",
        "method",
        "path",
        "status",
        "bytes",
    ];
    let told: Vec<_> = lines
        .iter()
        .map(|line| names.map(|name| value(line, name)))
        .collect();
    let id = generated.header("x-request-id").unwrap();
    let length = generated.body.len().to_string();
    #[rustfmt::skip]
    let expected = [
        [Some("build-7"), Some("check_api"), None, Some("GET"), Some("/v2/"), Some("200"), Some("2")],
        [Some(&*id), Some("list_tags"), Some("team/app"), Some("GET"), Some("/v2/team%2Fapp/tags/list"), Some("404"), Some(&*length)],
        [told[2][0], None, None, Some("HEAD"), Some("/v2/_catalog"), Some("405"), Some("0")],
        [told[3][0], None, None, Some("GET"), Some("/elsewhere"), Some("404"), told[3][6]],
        [told[4][0], Some("upload_blob"), Some("a"), Some("POST"), Some("/v2/a/blobs/uploads/"), Some("201"), Some("0")],
        [told[5][0], None, None, Some("GET"), Some("/v2/"), Some("400"), told[5][6]],
    ];
    assert_eq!(told, expected, "{log}");
    for line in &lines {
        assert!(value(line, "microseconds").is_some(), "{line}");
        assert!(value(line, "remote").unwrap().starts_with("127.0.0.1:"));
        assert_eq!(value(line, "cut"), None, "{line}");
    }
    assert!(
        lines[2].contains("user_agent=\"x\\\" level=error\\ty\""),
        "{}",
        lines[2]
    );
}

#[test]
fn an_answer_that_was_cut_has_a_line_that_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(&directory);
    // More than the system takes before the client reads it.
    let content = vec![7; 64 << 20];
    let digest = Digest::sha256(&content);
    let upload = format!("POST /v2/a/blobs/uploads/?digest={digest}");
    assert_eq!(server.ask(&upload, "", &content).status, 201);
    let mut stream = server.connect();
    write!(
        stream,
        "GET /v2/a/blobs/{digest} HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    .unwrap();
    stream.read_exact(&mut [0; 1000]).unwrap();
    drop(stream);
    server.signal("TERM");
    let log = server.ended();
    let line = access(&log)[1];
    assert_eq!(value(line, "operation"), Some("get_blob"), "{line}");
    assert_eq!(value(line, "status"), Some("200"), "{line}");
    assert_eq!(value(line, "cut"), Some("true"), "{line}");
    let bytes: usize = value(line, "bytes").unwrap().parse().unwrap();
    assert!(bytes < content.len(), "{line}");
}

#[test]
fn an_answer_that_was_cut_within_its_last_bytes_has_a_line_that_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(&directory);
    let content = vec![7; 32 << 20];
    let digest = Digest::sha256(&content);
    let upload = format!("POST /v2/a/blobs/uploads/?digest={digest}");
    assert_eq!(server.ask(&upload, "", &content).status, 201);
    // Parts that the server hands to the connection at once, and many more than its socket takes. A
    // connection can end between two of them as well, so that several are tried.
    let part =
        format!("GET /v2/a/blobs/{digest} HTTP/1.1\r\nHost: a\r\nRange: bytes=0-262143\r\n\r\n");
    for _ in 0..20 {
        let mut stream = server.connect();
        for _ in 0..200 {
            if write!(stream, "{part}").is_err() {
                break;
            }
        }
        stream.read_exact(&mut [0; 1000]).unwrap();
    }
    server.signal("TERM");
    let log = server.ended();
    let lines = access(&log);
    let parts = lines
        .iter()
        .filter(|line| value(line, "status") == Some("206"));
    let (cut, whole): (Vec<&str>, Vec<&str>) =
        parts.partition(|line| value(line, "cut") == Some("true"));
    assert!(!cut.is_empty(), "{log}");
    let bytes = |line: &str| value(line, "bytes").unwrap().parse::<usize>().unwrap();
    assert!(cut.iter().all(|line| bytes(line) < 262_144), "{cut:?}");
    assert!(whole.iter().all(|line| bytes(line) == 262_144), "{whole:?}");
}

#[test]
fn the_access_log_is_json_where_the_log_is() {
    let directory = tempfile::tempdir().unwrap();
    let json = [("REGISTRY_LOG_FORMATTER", "json")];
    let server = Server::start_with(&directory, &json);
    server.ask("GET /v2/a/tags/list", "", b"");
    server.signal("TERM");
    let log = server.ended();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut lines = lines.filter(|line: &Value| line["module"] == "access");
    let line = lines.next().unwrap();
    assert_eq!(line["msg"], "request");
    assert_eq!(line["level"], "info");
    assert_eq!(line["operation"], "list_tags");
    assert_eq!(line["status"], 404);
    assert!(line["bytes"].is_u64() && line["microseconds"].is_u64());
    assert!(lines.next().is_none(), "{log}");
}

#[test]
fn requests_are_not_logged_where_that_is_turned_off() {
    let directory = tempfile::tempdir().unwrap();
    let off = [("REGISTRY_LOG_ACCESSLOG_DISABLED", "true")];
    let server = Server::start_with(&directory, &off);
    assert_eq!(server.ask("GET /v2/", "", b"").status, 200);
    server.signal("TERM");
    let log = server.ended();
    assert_eq!(access(&log).len(), 0, "{log}");
}

/// Stands for anything secret.
const CANARY: &str = "canary5d41402abc";

#[test]
fn what_may_be_secret_in_a_request_or_the_configuration_is_never_logged() {
    let directory = tempfile::tempdir().unwrap();
    let with_password = format!("redis://user:{CANARY}@127.0.0.1");
    let variables = [
        ("REGISTRY_LOG_LEVEL", "debug"),
        ("REGISTRY_HTTP_SECRET", CANARY),
        ("REGISTRY_HTTP_SECRETS", CANARY),
        ("REGISTRY_REDIS_PASSWORD", CANARY),
        ("REGISTRY_REDIS_ADDR", &with_password),
        ("REGISTRY_REPORTING_BUGSNAG_APIKEY", CANARY),
    ];
    let server = Server::start_with(&directory, &variables);
    let started = server.ask("POST /v2/a/blobs/uploads/", "", b"");
    let id = started.header("docker-upload-uuid").unwrap();
    for line in [
        format!("GET /v2/?token={CANARY}"),
        format!("GET http://user:{CANARY}@127.0.0.1/v2/"),
        format!("GET http://user:{CANARY}@127.0.0.1/v2/a/tags/list?n={CANARY}"),
        format!("PATCH /v2/a/blobs/uploads/{id}?_state={CANARY}"),
        format!("PUT /v2/a/blobs/uploads/{id}?_state={CANARY}&digest={CANARY}"),
        format!("POST /v2/a/blobs/uploads/?mount={CANARY}&from={CANARY}"),
        format!("PUT /v2/a/manifests/v1?tag={CANARY}"),
        format!("GET /unknown?password={CANARY}"),
    ] {
        for headers in [
            format!("Authorization: Basic {CANARY}\r\n"),
            format!("Authorization: Bearer {CANARY}\r\nCookie: session={CANARY}\r\n"),
            format!("Proxy-Authorization: Basic {CANARY}\r\nReferer: http://a/?{CANARY}\r\n"),
            format!("Host: user:{CANARY}@a\r\n"),
            format!("Content-Type: {CANARY}\r\nRange: {CANARY}\r\nIf-Match: {CANARY}\r\n"),
        ] {
            server.ask(&line, &headers, CANARY.as_bytes());
        }
    }
    server.signal("TERM");
    let log = server.ended();
    assert_eq!(access(&log).len(), 41, "{log}");
    assert!(!log.contains(CANARY), "{log}");
}

#[test]
fn a_configuration_that_is_refused_is_told_without_its_values() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c.yml");
    for text in [
        format!("proxy: {{remoteurl: 'https://user:{CANARY}@a', username: a, password: {CANARY}}}"),
        format!("http: {{secret: [{CANARY}]}}"),
        format!("http: {{secrett: {CANARY}}}"),
        format!("redis: {{password: {CANARY}}}\nauth: {{token: {{jwks: {CANARY}}}}}"),
        format!("storage: {{s3: {{accesskey: {CANARY}, secretkey: {CANARY}}}}}"),
        format!("notifications: {{endpoints: [{{headers: {{Authorization: [{CANARY}]}}}}]}}"),
    ] {
        std::fs::write(&path, format!("version: 0.1\n{text}\n")).unwrap();
        let refused = finished(registry().arg("serve").arg(&path));
        assert_eq!(refused.status.code(), Some(1), "{text}");
        let message = String::from_utf8(refused.stderr).unwrap();
        assert!(!message.contains(CANARY), "{message}");
        assert_eq!(refused.stdout, b"");
    }
}

#[test]
fn of_a_long_header_the_beginning_is_told_and_of_what_is_no_request_that_there_was_something() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_with(&directory, &[]);
    let header = format!("User-Agent: {}end\r\n", "x".repeat(20_000));
    server.ask("GET /v2/", &header, b"");
    let mut connection = server.connect();
    std::io::Write::write_all(&mut connection, b"no request\r\n\r\n").unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut connection, &mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 400"), "{said}");
    server.signal("TERM");
    let log = server.ended();
    assert!(log.contains("this is no request of HTTP"), "{log}");
    let line = access(&log)[0];
    assert_eq!(value(line, "user_agent"), Some(&*"x".repeat(256)), "{line}");
}
