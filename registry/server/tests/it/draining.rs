//! How the binary ends: what is running when the signal comes, and what is there when it starts again.

use std::io::{Read, Write};
use std::net::TcpStream;

use registry_client::Digest;

use super::binary::Server;
use super::served::Answer;

/// A connection on which the server waits for the rest of a body; the answer is to follow.
fn waiting(server: &Server, line: &str, length: usize, first: &[u8]) -> TcpStream {
    let mut stream = server.connect();
    write!(
        stream,
        "{line} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    )
    .unwrap();
    let mut answer = [0; 25];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(first).unwrap();
    stream
}

fn rest(stream: &mut TcpStream) -> Answer {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    Answer::parse(&answer)
}

/// The id of a new upload.
fn start(server: &Server) -> String {
    let started = server.ask("POST /v2/a/blobs/uploads/", "", b"");
    assert_eq!(started.status, 202);
    started.header("docker-upload-uuid").unwrap()
}

/// How many bytes an upload has.
fn held(server: &Server, id: &str) -> usize {
    let status = server.ask(&format!("GET /v2/a/blobs/uploads/{id}"), "", b"");
    assert_eq!(status.status, 204, "{status:?}");
    let range = status.header("range").unwrap();
    range.strip_prefix("0-").unwrap().parse::<usize>().unwrap() + 1
}

#[test]
fn transfers_that_are_running_at_the_signal_finish_and_no_new_ones_begin() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Server::start(&directory);
    // More than the system takes before the client reads it.
    let content: Vec<u8> = (0..=250_u8).cycle().take(32 << 20).collect();
    let digest = Digest::sha256(&content);
    let upload = format!("POST /v2/a/blobs/uploads/?digest={digest}");
    assert_eq!(server.ask(&upload, "", &content).status, 201);
    let mut pull = server.connect();
    write!(pull, "GET /v2/a/blobs/{digest} HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut begun = vec![0; 1000];
    pull.read_exact(&mut begun).unwrap();
    let id = start(&server);
    let line = format!("PATCH /v2/a/blobs/uploads/{id}");
    let mut push = waiting(&server, &line, 10, b"first");

    server.signal("TERM");
    server.read_log_to("msg=draining");
    let mut tries = 0;
    while server.try_connect().is_ok() {
        assert!(tries < 1000, "it still listens");
        tries += 1;
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    push.write_all(b" last").unwrap();
    let appended = rest(&mut push);
    assert_eq!(appended.status, 202, "{appended:?}");
    assert_eq!(appended.header("range").unwrap(), "0-9");
    pull.read_to_end(&mut begun).unwrap();
    assert!(Answer::parse(&begun).body == content, "all of it came");
    let log = server.ended();
    assert!(log.contains("msg=stopped"), "{log}");
    assert!(log.contains(" cut=0"), "{log}");
    assert!(!log.contains(" cut=true"), "{log}");

    let server = Server::start(&directory);
    assert_eq!(held(&server, &id), 10);
}

#[test]
fn a_push_that_outlasts_the_drain_is_cut_and_goes_on_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let short = [("REGISTRY_HTTP_DRAINTIMEOUT", "300ms")];
    let server = Server::start_with(&directory, &short);
    let id = start(&server);
    let line = format!("PATCH /v2/a/blobs/uploads/{id}");
    assert_eq!(server.ask(&line, "", b"acknowledged ").status, 202);
    let content = b"acknowledged, then cut, then sent again";
    let content = [&content[..12], b" ", &content[12..]].concat();
    let _push = waiting(&server, &line, content.len() - 13, &content[13..20]);
    server.signal("TERM");
    let log = server.ended();
    assert!(log.contains("msg=stopped"), "{log}");
    assert!(log.contains(" cut=1"), "{log}");
    let is_cut = |line: &str| line.contains("append_upload") && line.contains(" cut=true");
    let cut = log
        .lines()
        .filter(|line| line.contains("method=PATCH") && line.contains(" cut=true"));
    assert_eq!(cut.count(), 1, "{log}");
    assert!(!log.lines().any(is_cut), "nobody answered: {log}");

    let server = Server::start_with(&directory, &short);
    let offset = held(&server, &id);
    assert!((13..=20).contains(&offset), "{offset}");
    let digest = Digest::sha256(&content);
    let line = format!("PUT /v2/a/blobs/uploads/{id}?digest={digest}");
    let headers = format!("Content-Range: {offset}-{}\r\n", content.len() - 1);
    let created = server.ask(&line, &headers, &content[offset..]);
    assert_eq!(created.status, 201, "{created:?}");
    let blob = server.ask(&format!("GET /v2/a/blobs/{digest}"), "", b"");
    assert_eq!(blob.body, content);
}

#[test]
fn what_a_push_that_is_cut_by_the_drain_had_sent_is_kept() {
    const SENT: usize = 20 << 20;
    let directory = tempfile::tempdir().unwrap();
    let short = [("REGISTRY_HTTP_DRAINTIMEOUT", "300ms")];
    let server = Server::start_with(&directory, &short);
    let content: Vec<u8> = (0..=250_u8).cycle().take(2 * SENT).collect();
    let id = start(&server);
    let line = format!("PATCH /v2/a/blobs/uploads/{id}");
    let mut push = waiting(&server, &line, content.len(), &content[..SENT]);
    server.signal("TERM");
    // Until it is cut.
    while push.write_all(b"?").is_ok() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let log = server.ended();
    assert!(log.contains(" cut=1"), "{log}");
    assert!(!log.contains("is lost"), "{log}");

    let server = Server::start_with(&directory, &short);
    // All but what the system had not handed over yet.
    let offset = held(&server, &id);
    assert!(offset > SENT / 2, "{offset}");
}
