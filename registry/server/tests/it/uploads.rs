//! Uploads through the client: every way in which a blob enters a repository, and how each fails.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use registry_client::{
    Algorithm, AppendUpload, AppendUploadError, AppendUploadResponse, Body, ByteSpan, CancelUpload,
    CancelUploadError, CancelUploadResponse, Client, CompleteUpload, CompleteUploadError,
    CompleteUploadResponse, Digest, GetBlob, GetBlobError, GetUpload, GetUploadError,
    GetUploadResponse, MountBlob, MountBlobResponse, StartUpload, StartUploadResponse, UploadBlob,
    UploadBlobError, UploadStarted,
};

use super::served::{Served, declared, in_memory, name};

const APP: &str = "team/app";

pub(crate) async fn start(client: &Client) -> UploadStarted {
    let request = StartUpload::new(name(APP));
    let StartUploadResponse::Accepted(started) = client.start_upload(request).await.unwrap();
    started
}

pub(crate) fn append(started: &UploadStarted, body: impl Into<Body>) -> AppendUpload {
    AppendUpload::new(name(APP), started.docker_upload_uuid.clone(), body.into())
}

pub(crate) fn chunk(started: &UploadStarted, first: usize, bytes: &'static str) -> AppendUpload {
    let mut request = append(started, Bytes::from(bytes));
    request.content_range = Some(span(first, bytes.len()));
    request
}

pub(crate) fn complete(
    started: &UploadStarted,
    digest: Digest,
    body: &'static str,
) -> CompleteUpload {
    let id = started.docker_upload_uuid.clone();
    CompleteUpload::new(name(APP), id, digest, Bytes::from(body).into())
}

fn span(first: usize, length: usize) -> ByteSpan {
    ByteSpan::parse(&format!("{first}-{}", first + length - 1)).unwrap()
}

pub(crate) fn status(started: &UploadStarted) -> GetUpload {
    GetUpload::new(name(APP), started.docker_upload_uuid.clone())
}

/// What the upload holds, as its status says.
pub(crate) async fn held(client: &Client, started: &UploadStarted) -> String {
    let GetUploadResponse::NoContent(open) = client.get_upload(status(started)).await.unwrap();
    assert_eq!(open.docker_upload_uuid, started.docker_upload_uuid);
    open.range.into_string()
}

pub(crate) async fn stored(served: &Served, digest: &Digest) -> bool {
    let request = GetBlob::new(name(APP), digest.clone());
    match served.client.head_get_blob(request).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.status(), Some(404), "{error}");
            false
        }
    }
}

#[tokio::test]
async fn a_blob_comes_in_one_request() {
    let served = in_memory().await;
    let digest = Digest::sha256(b"whole");
    let created = served.blob_as(APP, b"whole", digest.clone()).await;
    assert_eq!(created.docker_content_digest, digest);
    assert!(created.location.as_str().ends_with(digest.as_str()));
    assert!(stored(&served, &digest).await);
}

#[tokio::test]
async fn a_blob_comes_with_the_request_that_completes_its_upload() {
    let served = in_memory().await;
    let digest = Digest::sha256(b"monolithic");
    let started = start(&served.client).await;
    assert_eq!(started.range.as_str(), "0-0");
    let request = complete(&started, digest.clone(), "monolithic");
    let at = served.client.at(&started.location);
    let CompleteUploadResponse::Created(created) = at.complete_upload(request).await.unwrap();
    assert_eq!(created.docker_content_digest, digest);
    assert_eq!(created.docker_upload_uuid, Some(started.docker_upload_uuid));
    assert!(stored(&served, &digest).await);
}

#[tokio::test]
async fn a_blob_comes_in_chunks_each_of_which_says_where_it_belongs() {
    let served = in_memory().await;
    let client = &served.client;
    let started = start(client).await;
    assert_eq!(held(client, &started).await, "0-0");
    for (first, bytes, range) in [(0, "one ", "0-3"), (4, "two ", "0-7")] {
        let request = chunk(&started, first, bytes);
        let AppendUploadResponse::Extended(extended) = client.append_upload(request).await.unwrap();
        assert_eq!(extended.range.as_str(), range);
        assert_eq!(held(client, &started).await, range);
    }
    let digest = Digest::sha256(b"one two three");
    let mut last = complete(&started, digest.clone(), "three");
    last.content_range = Some(span(8, 5));
    client.complete_upload(last).await.unwrap();
    assert!(stored(&served, &digest).await);
}

#[tokio::test]
async fn a_blob_comes_as_a_stream_of_unknown_length() {
    let served = in_memory().await;
    let started = start(&served.client).await;
    let pieces = stream::iter([Ok("a"), Ok("bc"), Ok("def")]);
    let body = Body::stream(None, pieces.map(|piece| piece.map(Bytes::from)).boxed());
    let request = append(&started, body);
    let at = served.client.at(&started.location);
    let AppendUploadResponse::Extended(extended) = at.append_upload(request).await.unwrap();
    assert_eq!(extended.range.as_str(), "0-5");
    let digest = Digest::sha256(b"abcdef");
    let at = served.client.at(&extended.location);
    at.complete_upload(complete(&started, digest.clone(), ""))
        .await
        .unwrap();
    assert!(stored(&served, &digest).await);
}

#[tokio::test]
async fn a_chunk_out_of_order_is_refused_with_where_to_go_on() {
    let served = in_memory().await;
    let client = &served.client;
    let started = start(client).await;
    client
        .append_upload(chunk(&started, 0, "0123"))
        .await
        .unwrap();
    for first in [0, 2, 5] {
        let refused = client.append_upload(chunk(&started, first, "xxxx")).await;
        let AppendUploadError::OutOfOrder(failure) = declared(refused) else {
            panic!("another failure")
        };
        assert_eq!(failure.range.as_str(), "0-3");
        let location = failure.location;
        assert!(
            location
                .as_str()
                .ends_with(started.docker_upload_uuid.as_str())
        );
        assert_eq!(failure.docker_upload_uuid, started.docker_upload_uuid);
    }
    let mut last = complete(&started, Digest::sha256(b"0123xxxx"), "xxxx");
    last.content_range = Some(span(9, 4));
    let refused = declared(client.complete_upload(last).await);
    assert!(matches!(refused, CompleteUploadError::OutOfOrder(_)));
    assert_eq!(
        held(client, &started).await,
        "0-3",
        "nothing of them was kept"
    );
}

#[tokio::test]
async fn of_one_chunk_that_comes_twice_at_one_time_one_is_taken() {
    let served = in_memory().await;
    let client = &served.client;
    let started = start(client).await;
    let send = || client.append_upload(chunk(&started, 0, "0123"));
    let (one, two) = tokio::join!(send(), send());
    let (taken, refused) = if one.is_ok() { (one, two) } else { (two, one) };
    taken.unwrap();
    assert!(matches!(
        declared(refused),
        AppendUploadError::OutOfOrder(_)
    ));
    assert_eq!(held(client, &started).await, "0-3");
}

#[tokio::test]
async fn a_body_of_another_length_than_its_range_is_refused() {
    let served = in_memory().await;
    let client = &served.client;
    let started = start(client).await;
    let mut request = append(&started, Bytes::from_static(b"12345"));
    request.content_range = Some(span(0, 3));
    let refused = declared(client.append_upload(request).await);
    assert!(matches!(refused, AppendUploadError::SizeInvalid(_)));
    for bytes in [&b"12"[..], b"1234"] {
        let pieces = stream::iter([Ok(Bytes::from_static(bytes))]);
        let mut request = append(&started, Body::stream(None, pieces.boxed()));
        request.content_range = Some(span(0, 3));
        let refused = declared(client.append_upload(request).await);
        assert!(matches!(refused, AppendUploadError::SizeInvalid(_)));
    }
    assert_eq!(held(client, &started).await, "0-0");
}

#[tokio::test]
async fn a_wrong_digest_stores_nothing_and_ends_the_upload() {
    let served = in_memory().await;
    let wrong = Digest::sha256(b"something else");
    let body = Bytes::from_static(b"bytes").into();
    let request = UploadBlob::new(name(APP), wrong.clone(), body);
    let refused = declared(served.client.upload_blob(request).await);
    let UploadBlobError::DigestInvalid(failure) = refused else {
        panic!("another failure: {refused:?}")
    };
    assert_eq!(failure.digest, Some(Digest::sha256(b"bytes")));

    let started = start(&served.client).await;
    let request = complete(&started, wrong.clone(), "bytes");
    let refused = declared(served.client.complete_upload(request).await);
    assert!(matches!(refused, CompleteUploadError::DigestInvalid(_)));
    let gone = declared(served.client.get_upload(status(&started)).await);
    assert!(matches!(gone, GetUploadError::BlobUploadUnknown(_)));
    assert!(!stored(&served, &wrong).await);
    assert!(!stored(&served, &Digest::sha256(b"bytes")).await);
}

#[tokio::test]
async fn a_cancelled_upload_is_gone_for_every_request() {
    let served = in_memory().await;
    let client = &served.client;
    let started = start(client).await;
    client
        .append_upload(append(&started, Bytes::from_static(b"x")))
        .await
        .unwrap();
    let cancel = CancelUpload::new(name(APP), started.docker_upload_uuid.clone());
    let CancelUploadResponse::NoContent(gone) = client.cancel_upload(cancel.clone()).await.unwrap();
    assert_eq!(gone.docker_upload_uuid, started.docker_upload_uuid);
    let unknown = declared(client.cancel_upload(cancel).await);
    assert!(matches!(unknown, CancelUploadError::BlobUploadUnknown(_)));
    let unknown = declared(client.get_upload(status(&started)).await);
    assert!(matches!(unknown, GetUploadError::BlobUploadUnknown(_)));
    let unknown = declared(
        client
            .append_upload(append(&started, Bytes::from_static(b"y")))
            .await,
    );
    assert!(matches!(unknown, AppendUploadError::BlobUploadUnknown(_)));
    let request = complete(&started, Digest::sha256(b"x"), "");
    let unknown = declared(client.complete_upload(request).await);
    assert!(matches!(unknown, CompleteUploadError::BlobUploadUnknown(_)));
}

#[tokio::test]
async fn an_upload_of_another_repository_is_unknown() {
    let served = in_memory().await;
    let started = start(&served.client).await;
    let request = GetUpload::new(name("team/other"), started.docker_upload_uuid);
    let unknown = declared(served.client.get_upload(request).await);
    assert!(matches!(unknown, GetUploadError::BlobUploadUnknown(_)));
}

#[tokio::test]
async fn the_request_that_completes_an_upload_may_be_sent_again() {
    let served = in_memory().await;
    let started = start(&served.client).await;
    let digest = Digest::sha256(b"once");
    for _ in 0..2 {
        let request = complete(&started, digest.clone(), "once");
        let CompleteUploadResponse::Created(created) =
            served.client.complete_upload(request).await.unwrap();
        assert_eq!(created.docker_content_digest, digest);
    }
}

#[tokio::test]
async fn where_an_upload_is_unknown_its_body_is_looked_at_before_it_counts_as_repeated() {
    let served = in_memory().await;
    let digest = served.blob(APP, b"the blob").await;
    let never = format!("PUT /v2/{APP}/blobs/uploads/never?digest={digest}");
    for (body, status) in [
        ("", 201),
        ("the blob", 201),
        ("blob", 201),
        ("the", 404),
        ("something else", 404),
        ("another!", 404),
    ] {
        let length = format!("Content-Length: {}\r\n", body.len());
        let chunks = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        let chunks = if body.is_empty() {
            "0\r\n\r\n"
        } else {
            &chunks
        };
        for (headers, body) in [(&*length, body), ("Transfer-Encoding: chunked\r\n", chunks)] {
            let answer = served.ask(&never, headers, body.as_bytes()).await;
            assert_eq!(answer.status, status, "{headers}{body}");
            if status == 404 {
                assert_eq!(answer.code(), "BLOB_UPLOAD_UNKNOWN");
            }
        }
    }
}

#[tokio::test]
async fn an_upload_may_be_of_any_algorithm_announced_or_not() {
    use registry_client::digest::Kind;
    let served = in_memory().await;
    for (announced, kind) in [
        (Some("sha512"), Kind::Sha512),
        (Some("sha384"), Kind::Sha384),
        (None, Kind::Sha512),
        (Some("sha512"), Kind::Sha256),
    ] {
        let mut request = StartUpload::new(name(APP));
        request.digest_algorithm = announced.map(|text| Algorithm::parse(text).unwrap());
        let StartUploadResponse::Accepted(started) =
            served.client.start_upload(request).await.unwrap();
        let request = append(&started, Bytes::from_static(b"some "));
        served.client.append_upload(request).await.unwrap();
        let digest = Digest::of(kind, b"some bytes");
        let request = complete(&started, digest.clone(), "bytes");
        let CompleteUploadResponse::Created(created) =
            served.client.complete_upload(request).await.unwrap();
        assert_eq!(created.docker_content_digest, digest);
        assert!(stored(&served, &digest).await);
    }
}

#[tokio::test]
async fn a_blob_is_mounted_where_it_can_be_and_otherwise_an_upload_opens() {
    let served = in_memory().await;
    let known = served.blob("team/source", b"shared").await;
    let unknown = Digest::sha256(b"nobody has this");
    for (digest, from, mounted) in [
        (&known, Some("team/source"), true),
        (&known, None, true),
        (&known, Some("team/nowhere"), false),
        (&unknown, Some("team/source"), false),
        (&unknown, None, false),
    ] {
        let target = format!("team/{}", from.map_or("none", |from| &from[5..]));
        let mut request = MountBlob::new(name(&format!("{target}-{mounted}")), digest.clone());
        request.from = from.map(name);
        let target = request.name.clone();
        let has = || {
            served
                .client
                .head_get_blob(GetBlob::new(target.clone(), digest.clone()))
        };
        match served.client.mount_blob(request).await.unwrap() {
            MountBlobResponse::Created(created) => {
                assert!(mounted, "{digest} from {from:?}");
                assert_eq!(created.docker_content_digest, *digest);
                assert_eq!(created.docker_upload_uuid, None);
                has().await.unwrap();
            }
            MountBlobResponse::Accepted(started) => {
                assert!(!mounted, "{digest} from {from:?}");
                assert_eq!(started.range.as_str(), "0-0");
                let missing = has().await.unwrap_err();
                assert_eq!(missing.status(), Some(404));
            }
        }
    }
}

#[tokio::test]
async fn a_blob_is_not_read_through_a_repository_that_does_not_have_it() {
    let served = in_memory().await;
    let digest = served.blob("team/source", b"mine").await;
    served.blob(APP, b"another").await;
    let request = GetBlob::new(name(APP), digest.clone());
    let refused = declared(served.client.get_blob(request).await);
    let GetBlobError::BlobUnknown(unknown) = refused else {
        panic!("another failure: {refused:?}")
    };
    assert_eq!(unknown.digest, digest);
}
