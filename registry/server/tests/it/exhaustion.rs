//! Limits that the system itself sets to the real binary: how many files it may have open, how long a file
//! may be. It answers with failures of its own meanwhile, and goes on afterwards.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use registry_client::Digest;

use super::binary::Server;
use super::served::{Answer, MANIFEST, image};

/// How often something is tried that must happen soon.
const TRIES: usize = 600;

/// The server with a limit of the shell's `ulimit`.
fn limited(directory: &tempfile::TempDir, limit: &str) -> Server {
    let mut command = Command::new("/bin/sh");
    // A file that grows too long is an error where the signal of it is ignored.
    let script = format!("trap '' XFSZ; ulimit {limit} && exec \"$0\" serve");
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_registry")])
        .env_clear();
    Server::spawn(command, directory)
}

fn send(stream: &mut TcpStream, line: &str, headers: &str, body: &[u8]) -> Answer {
    let length = body.len();
    let head = format!("{line} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    // A server that refuses may close before it has read all.
    let _ = stream.write_all(body);
    read(stream)
}

/// Reads one answer, which has a length.
fn read(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).unwrap();
        bytes.extend_from_slice(&buffer[..count]);
        let head = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = head {
            let answer = Answer::parse(&bytes);
            let length: usize = answer.header("content-length").unwrap().parse().unwrap();
            if bytes.len() - end - 4 == length {
                return answer;
            }
        }
        assert!(count > 0, "broken off: {}", String::from_utf8_lossy(&bytes));
    }
}

fn push(stream: &mut TcpStream, bytes: &[u8]) -> Answer {
    let line = format!("POST /v2/a/blobs/uploads/?digest={}", Digest::sha256(bytes));
    send(stream, &line, "", bytes)
}

fn unavailable(answer: &Answer) {
    let found = (answer.status, answer.code());
    assert_eq!(found, (503, "UNAVAILABLE".to_owned()), "{answer:?}");
    let text = String::from_utf8_lossy(&answer.body);
    assert!(!text.contains("os error"), "{text}");
}

#[test]
fn without_files_to_open_it_answers_503_and_goes_on_when_there_are_some_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = limited(&directory, "-n 40");
    let mut stream = server.connect();
    assert_eq!(push(&mut stream, b"a blob").status, 201);
    let connect = |_| server.connect();
    let crowd: Vec<_> = (0..60).map(connect).collect();
    server.read_log_to("cannot accept connections");

    // None is free for a file now, and none comes free.
    let digest = Digest::sha256(b"a blob");
    let get = format!("GET /v2/a/blobs/{digest}");
    unavailable(&send(&mut stream, &get, "", b""));
    unavailable(&push(&mut stream, b"another"));
    let list = "GET /v2/a/tags/list";
    unavailable(&send(&mut stream, list, "", b""));
    assert_eq!(send(&mut stream, "GET /v2/", "", b"").status, 200);

    drop(crowd);
    let mut fresh = server.connect();
    let mut tries = 0;
    while send(&mut fresh, &get, "", b"").status == 503 {
        tries += 1;
        assert!(tries < TRIES, "it does not recover");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(send(&mut fresh, &get, "", b"").body, b"a blob");
    assert_eq!(push(&mut fresh, b"another").status, 201);
    server.signal("TERM");
    assert!(server.wait().success());
}

#[test]
fn a_file_that_the_system_does_not_let_grow_is_a_fault_and_nothing_of_it_stays() {
    let directory = tempfile::tempdir().unwrap();
    // In blocks of 512 bytes: one mebibyte.
    let mut server = limited(&directory, "-f 2048");
    let connect = || server.connect();
    let large = vec![b'x'; 3 << 20];
    unavailable(&push(&mut connect(), &large));
    let mut stream = connect();
    let get = format!("GET /v2/a/blobs/{}", Digest::sha256(&large));
    assert_eq!(send(&mut stream, &get, "", b"").status, 404);
    let small = vec![b'x'; 500_000];
    assert_eq!(push(&mut stream, &small).status, 201);
    let get = format!("GET /v2/a/blobs/{}", Digest::sha256(&small));
    assert_eq!(send(&mut stream, &get, "", b"").body, small);
    server.signal("TERM");
    assert!(server.wait().success());
}

#[test]
fn the_soft_limit_of_open_files_is_raised_to_the_hard_one_and_a_low_one_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let server = limited(&directory, "-Sn 64 && ulimit -Hn 700");
    assert!(server.seen.contains("limit=700"), "{}", server.seen);
    assert!(server.seen.contains("LimitNOFILE"), "{}", server.seen);
    let mut crowd: Vec<_> = (0..200).map(|_| server.connect()).collect();
    let last = crowd.last_mut().unwrap();
    assert_eq!(send(last, "GET /v2/", "", b"").status, 200);
}

#[test]
fn a_manifest_with_a_hundred_tags_needs_few_open_files_and_one_more_tag_is_too_many() {
    let directory = tempfile::tempdir().unwrap();
    let server = limited(&directory, "-n 150");
    let mut stream = server.connect();
    assert_eq!(push(&mut stream, b"{}").status, 201);
    let manifest = image(&Digest::sha256(b"{}"), 2).to_string();
    let digest = Digest::sha256(manifest.as_bytes());
    let headers = format!("Content-Type: {MANIFEST}\r\n");
    let mut put = |tags: usize| {
        let tags: Vec<_> = (0..tags).map(|tag| format!("tag=v{tag}")).collect();
        let line = format!("PUT /v2/a/manifests/{digest}?{}", tags.join("&"));
        send(&mut stream, &line, &headers, manifest.as_bytes())
    };
    let refused = put(101);
    assert_eq!(
        (refused.status, refused.code()),
        (414, "TAG_INVALID".to_owned())
    );
    let answer = put(100);
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.lines("oci-tag").len(), 100);
    let list = send(&mut stream, "GET /v2/a/tags/list", "", b"");
    let list: serde_json::Value = serde_json::from_slice(&list.body).unwrap();
    assert_eq!(list["tags"].as_array().unwrap().len(), 100);
}
