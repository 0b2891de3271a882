//! Pulls from files: every byte is right, or the answer is not complete.

use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use api_runtime::Body;
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use registry::config::Limits;
use registry::http::Drained;
use registry_client::{Digest, UploadBlob, UploadBlobResponse};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::connections::{SHORT, generous, rest, start_with};
use super::served::{Answer, Served, in_time, name, read_all, serve};

const APP: &str = "team/app";
/// Long enough to be sent as a file, in several parts.
const LONG: usize = 1_000_003;
/// Short enough to be read before it is answered.
const SMALL: usize = 5000;

fn content(length: usize) -> Vec<u8> {
    let all: Vec<u8> = (1..=251).collect();
    let mut content = all.repeat(length / all.len() + 1);
    content.truncate(length);
    content
}

async fn on_disk(directory: &tempfile::TempDir) -> Served {
    let root = directory.path().to_str().unwrap();
    serve(
        "",
        &format!("storage: {{filesystem: {{rootdirectory: '{root}'}}}}"),
    )
    .await
}

async fn push(served: &Served, bytes: Vec<u8>) -> Digest {
    let digest = Digest::sha256(&bytes);
    let request = UploadBlob::new(name(APP), digest.clone(), Bytes::from(bytes).into());
    let created = served.client.upload_blob(request).await.unwrap();
    assert!(matches!(created, UploadBlobResponse::Created(_)));
    digest
}

/// The one file of that length.
fn file(directory: &Path, length: usize) -> PathBuf {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in directory.read_dir().unwrap() {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            if metadata.is_dir() {
                directories.push(entry.path());
            } else if metadata.len() == length as u64 {
                found.push(entry.path());
            }
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Changes one byte, in a later tick of the file system's clock.
async fn flip(file: &Path, at: u64) {
    sleep(Duration::from_millis(50)).await;
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(file);
    let file = file.unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[!byte[0]], at).unwrap();
}

fn line(digest: &Digest) -> String {
    format!("GET /v2/{APP}/blobs/{digest}")
}

/// Whatever comes in answer to a GET.
async fn raw(served: &Served, digest: &Digest, header: &str) -> Vec<u8> {
    let line = line(digest);
    let head = format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{header}\r\n");
    served.send(head.as_bytes(), b"").await
}

/// The answer ends before it is complete, and with nothing wrong until then.
fn assert_broken(bytes: &[u8], is_right: impl Fn(&[u8]) -> bool) {
    if bytes.is_empty() {
        return;
    }
    let answer = Answer::parse(bytes);
    let length: usize = answer.header("content-length").unwrap().parse().unwrap();
    assert!(answer.body.len() < length, "{}: complete", answer.status);
    assert!(is_right(&answer.body));
}

async fn assert_served(served: &Served, digest: &Digest, content: &[u8]) {
    let (line, length) = (line(digest), content.len());
    let whole = served.ask(&line, "", b"").await;
    assert_eq!(whole.status, 200);
    assert!(whole.body == content);
    for (range, from, to) in [
        (format!("0-{}", length - 1), 0, length),
        ("1-1".to_owned(), 1, 2),
        (format!("{}-", length / 3), length / 3, length),
        ("-10".to_owned(), length - 10, length),
        (
            format!("{}-{}", length / 4, length / 2),
            length / 4,
            length / 2 + 1,
        ),
    ] {
        let part = served
            .ask(&line, &format!("Range: bytes={range}\r\n"), b"")
            .await;
        assert_eq!(part.status, 206, "{range}");
        assert!(part.body == content[from..to], "{range}");
        let told = format!("bytes {from}-{}/{length}", to - 1);
        assert_eq!(part.header("content-range").unwrap(), told);
    }
    let head = served.ask(&line.replace("GET", "HEAD"), "", b"").await;
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some(length.to_string()))
    );
    let known = format!("If-None-Match: \"{digest}\"\r\n");
    assert_eq!(served.ask(&line, &known, b"").await.status, 304);
}

#[tokio::test]
async fn a_blob_in_a_file_is_served_whole_and_in_parts_before_and_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let mut served = on_disk(&directory).await;
    let mut blobs = Vec::new();
    for length in [SMALL, 64 * 1024, 64 * 1024 + 1, LONG] {
        let digest = push(&served, content(length)).await;
        blobs.push((digest, content(length)));
    }
    for is_restarted in [false, true] {
        if is_restarted {
            served.stop().await;
            served = on_disk(&directory).await;
        }
        // The second time its content is known to be right, the first time perhaps not.
        for _ in 0..2 {
            for (digest, content) in &blobs {
                assert_served(&served, digest, content).await;
            }
        }
    }
}

#[tokio::test]
async fn answers_of_all_kinds_follow_each_other_on_one_connection() {
    let directory = tempfile::tempdir().unwrap();
    let served = on_disk(&directory).await;
    let (long, small) = (content(LONG), content(SMALL));
    let (of_long, of_small) = (
        push(&served, long.clone()).await,
        push(&served, small.clone()).await,
    );
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let mut expected = Vec::new();
    for (digest, range) in [
        (&of_long, ""),
        (&of_small, ""),
        (&of_long, "7-600000"),
        (&of_long, ""),
    ] {
        let header = if range.is_empty() {
            String::new()
        } else {
            format!("Range: bytes={range}\r\n")
        };
        let request = format!("{} HTTP/1.1\r\nHost: a\r\n{header}\r\n", line(digest));
        stream.write_all(request.as_bytes()).await.unwrap();
        expected.extend_from_slice(match (digest == &of_long, range.is_empty()) {
            (false, _) => &small,
            (true, true) => &long,
            (true, false) => &long[7..=600_000],
        });
    }
    let last = format!(
        "{} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        line(&of_small)
    );
    stream.write_all(last.as_bytes()).await.unwrap();
    expected.extend_from_slice(&small);
    let all = read_all(&mut stream).await;
    let mut bodies = Vec::new();
    let mut left = all.as_slice();
    while !left.is_empty() {
        let end = left
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap()
            + 4;
        let answer = Answer::parse(&left[..end]);
        let length: usize = answer.header("content-length").unwrap().parse().unwrap();
        bodies.extend_from_slice(&left[end..end + length]);
        left = &left[end + length..];
    }
    assert!(bodies == expected);
}

#[tokio::test]
async fn a_blob_with_a_wrong_byte_is_never_served_to_its_end() {
    let directory = tempfile::tempdir().unwrap();
    for at in [0, LONG / 2, LONG - 1] {
        let served = on_disk(&directory).await;
        let bytes = content(LONG + at);
        let digest = push(&served, bytes.clone()).await;
        assert_served(&served, &digest, &bytes).await;
        let path = file(directory.path(), bytes.len());
        flip(&path, at as u64).await;
        let is_before = |body: &[u8]| {
            let right = body.len().min(at);
            body[..right] == bytes[..right]
        };
        for _ in 0..2 {
            assert_broken(&raw(&served, &digest, "").await, is_before);
            let part = raw(&served, &digest, "Range: bytes=3-80000\r\n").await;
            assert_broken(&part, |_| true);
        }
        served.stop().await;

        let served = on_disk(&directory).await;
        assert_broken(&raw(&served, &digest, "").await, is_before);
        // What is mended is served again.
        flip(&path, at as u64).await;
        assert_served(&served, &digest, &bytes).await;
        served.stop().await;
    }
}

#[tokio::test]
async fn a_small_blob_with_a_wrong_byte_is_a_failure() {
    let directory = tempfile::tempdir().unwrap();
    let served = on_disk(&directory).await;
    let digest = push(&served, content(SMALL)).await;
    assert_served(&served, &digest, &content(SMALL)).await;
    flip(&file(directory.path(), SMALL), 4).await;
    for header in ["", "Range: bytes=1000-1001\r\n"] {
        let answer = served.ask(&line(&digest), header, b"").await;
        assert_eq!(answer.status, 500);
        assert!(!answer.code().is_empty());
    }
}

#[tokio::test]
async fn a_blob_that_was_cut_or_replaced_is_never_served_to_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let served = on_disk(&directory).await;
    let digest = push(&served, content(LONG)).await;
    let path = file(directory.path(), LONG);
    std::fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(700_000)
        .unwrap();
    assert_broken(&raw(&served, &digest, "").await, |body| {
        body == content(body.len())
    });
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, vec![b'x'; LONG]).unwrap();
    assert_broken(&raw(&served, &digest, "").await, |_| true);
}

#[tokio::test]
async fn a_blob_that_is_not_in_memory_is_served_as_well() {
    let directory = tempfile::tempdir().unwrap();
    let served = on_disk(&directory).await;
    let bytes = content(12 * 1024 * 1024 + 1);
    let digest = push(&served, bytes.clone()).await;
    let cold = || {
        let file = std::fs::File::open(file(directory.path(), bytes.len())).unwrap();
        file.sync_all().unwrap();
        #[cfg(target_os = "linux")]
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    };
    cold();
    assert_served(&served, &digest, &bytes).await;
    cold();
    assert!(served.ask(&line(&digest), "", b"").await.body == bytes);
}

/// Serves a file whose content comes to so many bytes.
fn sending(length: usize) -> Router {
    let file = tempfile::tempfile().unwrap();
    file.write_all_at(&content(length), 0).unwrap();
    let file = Arc::new(file);
    let answer = move || {
        let body = Body::file(file.clone(), 0..length as u64);
        async { axum::body::Body::new(body) }
    };
    Router::new().route("/", get(answer))
}

const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
/// More than fits into the buffers of two sockets.
const HUGE: usize = 64 << 20;

#[tokio::test]
async fn a_client_that_takes_no_more_of_a_file_is_cut_off() {
    let limits = Limits {
        stall: SHORT,
        ..generous()
    };
    let server = start_with(sending(HUGE), limits).await;
    let mut stream = server.connect().await;
    stream.write_all(ASK).await.unwrap();
    sleep(SHORT * 6).await;
    let received = rest(&mut stream).await.len();
    assert!(received < HUGE, "{received} bytes: the whole answer came");
}

#[tokio::test]
async fn a_client_that_takes_a_file_slowly_is_not_cut_off_and_a_drain_waits_for_it() {
    let limits = Limits {
        stall: SHORT * 10,
        ..generous()
    };
    let mut server = start_with(sending(HUGE), limits).await;
    let mut stream = server.connect().await;
    stream.write_all(ASK).await.unwrap();
    let mut first = vec![0; 1 << 20];
    in_time(stream.read_exact(&mut first)).await.unwrap();
    server.begin_drain();
    // Longer than the limit, in steps that are each much less.
    let mut taken = first.len();
    for _ in 0..15 {
        sleep(SHORT).await;
        in_time(stream.read_exact(&mut first)).await.unwrap();
        taken += first.len();
    }
    let last = read_all(&mut stream).await;
    assert!(taken + last.len() > HUGE);
    assert!(last.ends_with(&content(HUGE)[HUGE - 1000..]));
    assert_eq!(
        server.stop().await,
        Drained {
            finished: 1,
            cut: 0
        }
    );
}

/// Answers as one piece, whose end is taken long before it is sent.
fn sending_at_once(length: usize) -> Router {
    let content = Bytes::from(content(length));
    Router::new().route("/", get(move || async { axum::body::Body::from(content) }))
}

#[tokio::test]
async fn the_end_of_an_answer_may_take_longer_than_a_rest_between_requests() {
    let limits = Limits {
        idle: SHORT,
        ..generous()
    };
    for drains in [false, true] {
        let mut server = start_with(sending_at_once(HUGE), limits).await;
        let mut stream = server.connect().await;
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut first = vec![0; 1 << 20];
        in_time(stream.read_exact(&mut first)).await.unwrap();
        if drains {
            server.begin_drain();
        }
        // Longer than a connection may rest, even the second that it may while the server drains.
        sleep(SHORT * 6).await;
        if drains {
            sleep(Duration::from_millis(1500)).await;
        }
        let last = read_all(&mut stream).await;
        assert!(first.len() + last.len() > HUGE, "{} bytes", last.len());
        assert!(last.ends_with(&content(HUGE)[HUGE - 1000..]));
    }
}

#[tokio::test]
async fn a_client_that_has_said_all_and_closes_its_half_gets_its_answers() {
    let directory = tempfile::tempdir().unwrap();
    let served = on_disk(&directory).await;
    let bytes = content(5 * LONG);
    let digest = push(&served, bytes.clone()).await;
    let other = content(3 * LONG);
    let head = |line: &str, length: usize| {
        format!("{line} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n").into_bytes()
    };
    let upload = format!(
        "POST /v2/{APP}/blobs/uploads/?digest={}",
        Digest::sha256(&other)
    );
    let nothing: &[u8] = b"";
    for (line, body, status, answer) in [
        (line(&digest), nothing, 200, &*bytes),
        (upload, &other, 201, nothing),
    ] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(&head(&line, body.len())).await.unwrap();
        stream.write_all(body).await.unwrap();
        stream.shutdown().await.unwrap();
        let found = Answer::parse(&read_all(&mut stream).await);
        assert_eq!(found.status, status, "{line}");
        assert!(found.body == answer, "{line}: {} bytes", found.body.len());
    }
    served.stop().await;
}

#[tokio::test]
async fn a_client_that_leaves_ends_its_connection_and_no_other() {
    let server = start_with(sending(HUGE), generous()).await;
    let mut staying = server.connect().await;
    staying.write_all(ASK).await.unwrap();
    let mut leaving = server.connect().await;
    leaving.write_all(ASK).await.unwrap();
    let mut byte = [0];
    in_time(leaving.read_exact(&mut byte)).await.unwrap();
    drop(leaving);
    let mut all = vec![0; HUGE];
    let read = in_time(staying.read_exact(&mut all)).await;
    assert_eq!(read.map_err(|error: io::Error| error.kind()), Ok(HUGE));
    drop(staying);
    assert_eq!(server.stop().await.cut, 0);
}
