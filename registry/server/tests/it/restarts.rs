//! What stays: an upload across connections, and everything across restarts of the server; and what does
//! not, because it never was complete.

use std::time::Duration;

use bytes::Bytes;
use registry_client::{
    CompleteUploadResponse, DeleteManifest, Digest, GetBlob, GetBlobResponse, GetUploadError,
};
use serde_json::json;

use super::served::{Answer, Served, declared, image, in_memory, name, read_all, reference, serve};
use super::uploads::{append, chunk, complete, held, start, status, stored};

async fn on_disk(directory: &tempfile::TempDir) -> Served {
    let root = directory.path().to_str().unwrap();
    serve(
        "",
        &format!("storage: {{filesystem: {{rootdirectory: '{root}'}}, delete: {{enabled: true}}}}"),
    )
    .await
}

#[tokio::test]
async fn an_upload_goes_on_where_it_was_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let served = on_disk(&directory).await;
    let started = start(&served.client).await;
    let untouched = start(&served.client).await;
    served
        .client
        .append_upload(chunk(&started, 0, "before "))
        .await
        .unwrap();
    served.stop().await;

    let served = on_disk(&directory).await;
    assert_eq!(held(&served.client, &started).await, "0-6");
    assert_eq!(held(&served.client, &untouched).await, "0-0");
    let request = append(&started, Bytes::from_static(b"and "));
    served.client.append_upload(request).await.unwrap();
    served.stop().await;

    let served = on_disk(&directory).await;
    let digest = Digest::sha256(b"before and after");
    let request = complete(&started, digest.clone(), "after");
    let CompleteUploadResponse::Created(created) =
        served.client.complete_upload(request).await.unwrap();
    assert_eq!(created.docker_content_digest, digest);
    served.stop().await;

    let served = on_disk(&directory).await;
    let request = GetBlob::new(name("team/app"), digest);
    let GetBlobResponse::Ok(content) = served.client.get_blob(request).await.unwrap() else {
        panic!("it is here")
    };
    let bytes = content.body.collect(100).await.unwrap();
    assert_eq!(&bytes[..], b"before and after");
}

#[tokio::test]
async fn everything_that_was_acknowledged_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let served = on_disk(&directory).await;
    let digest = served.image("team/app", "kept", b"a layer").await;
    served.image("team/app", "moved", b"another").await;
    served.image("team/app", "moved", b"a layer").await;
    served.image("team/app", "dropped", b"another").await;
    served.image("other", "v1", b"another").await;
    let delete = DeleteManifest::new(name("team/app"), reference("dropped"));
    served.client.delete_manifest(delete).await.unwrap();
    let mut artifact = image(&Digest::sha256(b"another"), 7);
    artifact["subject"] = json!({"mediaType": "a/b", "digest": digest, "size": 9});
    let attached = served.manifest("team/app", "signed", &artifact).await;
    served.stop().await;

    let served = on_disk(&directory).await;
    let get = |path: &str| {
        let line = format!("GET /v2/{path}");
        let served = &served;
        async move { String::from_utf8(served.ask(&line, "", b"").await.body).unwrap() }
    };
    assert_eq!(
        get("_catalog").await,
        r#"{"repositories":["other","team/app"]}"#
    );
    assert_eq!(
        get("team/app/tags/list").await,
        r#"{"name":"team/app","tags":["kept","moved","signed"]}"#
    );
    let expected = image(&Digest::sha256(b"a layer"), 7).to_string();
    assert_eq!(get("team/app/manifests/moved").await, expected);
    assert_eq!(get(&format!("team/app/manifests/{digest}")).await, expected);
    let blob = Digest::sha256(b"a layer");
    assert_eq!(get(&format!("team/app/blobs/{blob}")).await, "a layer");
    let referrers = get(&format!("team/app/referrers/{digest}")).await;
    assert!(
        referrers.contains(attached.docker_content_digest.as_str()),
        "{referrers}"
    );
}

#[tokio::test]
async fn what_a_broken_stream_brought_is_kept_and_the_rest_is_sent_later() {
    let directory = tempfile::tempdir().unwrap();
    let served = on_disk(&directory).await;
    let started = start(&served.client).await;
    let id = started.docker_upload_uuid.as_str();
    let answer = truncated(
        &served,
        &format!("PATCH /v2/team/app/blobs/uploads/{id}"),
        "",
    )
    .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (400, "SIZE_INVALID")
    );
    assert_eq!(held(&served.client, &started).await, "0-4");
    let digest = Digest::sha256(b"firstlast");
    let request = complete(&started, digest.clone(), "last");
    served.client.complete_upload(request).await.unwrap();
    assert!(stored(&served, &digest).await);
}

/// Announces ten bytes, sends five, and closes its side.
async fn truncated(served: &Served, line: &str, headers: &str) -> Answer {
    use tokio::io::AsyncWriteExt;
    let mut stream = tokio::net::TcpStream::connect(served.address)
        .await
        .unwrap();
    let head = format!("{line} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n{headers}\r\nfirst");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let bytes = read_all(&mut stream).await;
    Answer::parse(&bytes)
}

#[tokio::test]
async fn a_blob_whose_bytes_do_not_all_arrive_is_not_stored() {
    let served = in_memory().await;
    let digest = Digest::sha256(b"first");
    let line = format!("POST /v2/team/app/blobs/uploads/?digest={digest}");
    assert_eq!(truncated(&served, &line, "").await.status, 400);
    assert!(!stored(&served, &digest).await);

    let started = start(&served.client).await;
    let id = started.docker_upload_uuid.as_str();
    let line = format!("PUT /v2/team/app/blobs/uploads/{id}?digest={digest}");
    assert_eq!(truncated(&served, &line, "").await.status, 400);
    assert!(!stored(&served, &digest).await);
}

#[tokio::test]
async fn an_upload_that_nobody_goes_on_with_is_purged() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().to_str().unwrap();
    let purging = |section: &str| {
        format!(
            "storage: {{filesystem: {{rootdirectory: '{root}'}}, \
             maintenance: {{uploadpurging: {{{section}}}}}}}"
        )
    };
    let served = serve("", &purging("enabled: false, age: 0s")).await;
    let started = start(&served.client).await;
    served
        .client
        .append_upload(chunk(&started, 0, "bytes"))
        .await
        .unwrap();
    assert_eq!(held(&served.client, &started).await, "0-4");
    served.stop().await;

    let served = serve("", &purging("age: 0s, interval: 1ms")).await;
    let mut asked = 0;
    let failed = loop {
        match served.client.get_upload(status(&started)).await {
            Ok(_) => assert!(asked < 1000, "it is still there"),
            failed => break declared(failed),
        }
        asked += 1;
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let is_gone = matches!(failed, GetUploadError::BlobUploadUnknown(_));
    assert!(is_gone, "{failed:?}");
    served.stop().await;
}
