//! Uploads whose connection is cut in the middle, finished in both ways: from where the status says, and
//! by repeating what failed; the blob is compared with what was to be sent.

use bytes::Bytes;
use registry_client::{Digest, GetBlob, GetBlobResponse, UploadStarted};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::served::{Answer, Served, name, read_all, serve};
use super::uploads::{append, held, start};

/// Large enough to go through a file, with a different byte everywhere.
fn content() -> Bytes {
    let line = |number: u32| format!("line {number}\n").into_bytes();
    (0..20_000).flat_map(line).collect()
}

/// How much the upload holds before, and how much arrives of the request that is cut.
const BEFORE: usize = 70_001;
const ARRIVES: usize = 33_333;

/// A part of a request, and nothing more; the answer to it.
async fn cut(served: &Served, line: &str, headers: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let head = format!("{line} HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    stream.shutdown().await.unwrap();
    let bytes = read_all(&mut stream).await;
    Answer::parse(&bytes)
}

/// An upload that holds a part, after a request for the rest was cut.
async fn interrupted(served: &Served, method: &str, framing: &str) -> UploadStarted {
    let content = content();
    let started = start(&served.client).await;
    let request = append(&started, content.slice(..BEFORE));
    served.client.append_upload(request).await.unwrap();
    let line = line(&started, method);
    let part = &content[BEFORE..BEFORE + ARRIVES];
    let rest = content.len() - BEFORE;
    let answer = match framing {
        "length" => cut(served, &line, &format!("Content-Length: {rest}\r\n"), part).await,
        "range" => {
            let last = content.len() - 1;
            let headers = format!("Content-Length: {rest}\r\nContent-Range: {BEFORE}-{last}\r\n");
            cut(served, &line, &headers, part).await
        }
        _ => {
            let mut chunk = format!("{ARRIVES:x}\r\n").into_bytes();
            chunk.extend_from_slice(part);
            cut(served, &line, "Transfer-Encoding: chunked\r\n", &chunk).await
        }
    };
    let found = (answer.status, answer.code());
    assert_eq!(found, (400, "SIZE_INVALID".to_owned()), "{line} {framing}");
    started
}

fn line(started: &UploadStarted, method: &str) -> String {
    let id = &started.docker_upload_uuid;
    let query = match method {
        "PUT" => format!("?digest={}", Digest::sha256(&content())),
        _ => String::new(),
    };
    format!("{method} /v2/team/app/blobs/uploads/{id}{query}")
}

/// Sends what is missing from `first` on, and compares the blob.
async fn finish(served: &Served, started: &UploadStarted, method: &str, first: usize) {
    let content = content();
    let rest = &content[first..];
    let headers = format!(
        "Content-Length: {}\r\nContent-Range: {first}-{}\r\n",
        rest.len(),
        content.len() - 1
    );
    let line = line(started, method);
    let answer = served.ask(&line, &headers, rest).await;
    if method == "PATCH" {
        assert_eq!(answer.status, 202, "{line}: {answer:?}");
        let answer = served.ask(&self::line(started, "PUT"), "", b"").await;
        assert_eq!(answer.status, 201, "{answer:?}");
    } else {
        assert_eq!(answer.status, 201, "{line}: {answer:?}");
    }
    let request = GetBlob::new(name("team/app"), Digest::sha256(&content));
    let GetBlobResponse::Ok(blob) = served.client.get_blob(request).await.unwrap() else {
        panic!("it is here")
    };
    assert_eq!(blob.body.collect(1 << 20).await.unwrap(), content);
}

#[tokio::test]
async fn a_request_that_was_cut_is_gone_on_with_or_repeated_and_the_blob_is_right() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().to_str().unwrap();
    let files = format!("storage: {{filesystem: {{rootdirectory: '{root}'}}}}");
    for storage in [super::served::MEMORY, &files] {
        for method in ["PATCH", "PUT"] {
            for framing in ["length", "range", "chunks"] {
                // A storage of its own each, so that no blob is there before.
                let storage = storage.replace(root, &format!("{root}/{method}-{framing}"));
                let served = serve("", &storage).await;
                let started = interrupted(&served, method, framing).await;
                let end = BEFORE + ARRIVES;
                let expected = format!("0-{}", end - 1);
                assert_eq!(held(&served.client, &started).await, expected);
                finish(&served, &started, method, end).await;
                served.stop().await;

                let storage = storage.replace(method, &format!("again-{method}"));
                let served = serve("", &storage).await;
                let started = interrupted(&served, method, framing).await;
                // Nobody has asked how far it came.
                finish(&served, &started, method, BEFORE).await;
                served.stop().await;
            }
        }
    }
}
