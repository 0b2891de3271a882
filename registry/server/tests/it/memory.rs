//! What clients that stop in the middle may take of the server's memory, and of everybody's time.

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::served::{Answer, MANIFEST, Served, image, in_memory, in_time};

/// A manifest that is long because of something that nobody reads.
fn padded(blob: &registry_client::Digest, length: usize) -> Vec<u8> {
    let mut manifest = image(blob, 2);
    manifest["annotations"] = json!({"x": "x".repeat(length)});
    serde_json::to_vec(&manifest).unwrap()
}

fn head(tag: &str, length: usize) -> String {
    format!(
        "PUT /v2/a/manifests/{tag} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
         Content-Type: {MANIFEST}\r\nContent-Length: {length}\r\n\r\n"
    )
}

async fn put(served: &Served, tag: &str, body: &[u8]) -> Answer {
    let answer = served.send(head(tag, body.len()).as_bytes(), body).await;
    Answer::parse(&answer)
}

/// Puts a manifest until the answer has this status, which must come.
async fn put_until(served: &Served, status: u16, body: &[u8]) -> Answer {
    for _ in 0..100 {
        let answer = put(served, "large", body).await;
        if answer.status == status {
            return answer;
        }
    }
    panic!("never {status}");
}

#[tokio::test]
async fn large_manifests_that_stand_still_do_not_pile_up_and_keep_no_small_one_out() {
    // With eight of them there is no room for a ninth.
    const LARGE: usize = 4 * 1024 * 1024 - 10_000;
    let served = in_memory().await;
    let blob = served.blob("a", b"{}").await;
    let large = padded(&blob, LARGE);
    let mut standing = Vec::new();
    for _ in 0..8 {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let head = head("large", large.len());
        in_time(stream.write_all(head.as_bytes())).await.unwrap();
        in_time(stream.write_all(&large[..large.len() - 1]))
            .await
            .unwrap();
        standing.push(stream);
    }
    let crowded = put_until(&served, 503, &large).await;
    assert_eq!(crowded.code(), "UNAVAILABLE");
    assert_eq!(crowded.header("retry-after").as_deref(), Some("5"));
    crowded.check(false);
    assert_eq!(put(&served, "small", &padded(&blob, 10)).await.status, 201);
    drop(standing);
    put_until(&served, 201, &large).await;
    served.stop().await;
}
