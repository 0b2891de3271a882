//! Blobs through the client: whole, in parts, under conditions, and gone.

use registry_client::runtime::{Conditions, Partial, RangeRequest, Revalidated};
use registry_client::{
    BlobContent, DeleteBlob, DeleteBlobError, DeleteBlobResponse, Digest, Etag, GetBlob,
    GetBlobError, GetBlobResponse,
};

use super::served::{declared, in_memory, name, serve};

const APP: &str = "team/app";
const BYTES: &[u8] = b"0123456789";

fn get(digest: &Digest) -> GetBlob {
    GetBlob::new(name(APP), digest.clone())
}

async fn text(response: GetBlobResponse) -> String {
    let GetBlobResponse::Ok(content) = response else {
        panic!("it is here: {response:?}")
    };
    body(content).await
}

async fn body(content: BlobContent) -> String {
    let bytes = content.body.collect(100).await.unwrap();
    String::from_utf8(bytes.into()).unwrap()
}

#[tokio::test]
async fn a_blob_is_read_whole_and_its_head_alone() {
    let served = in_memory().await;
    let digest = served.blob(APP, BYTES).await;
    let GetBlobResponse::Ok(content) = served.client.get_blob(get(&digest)).await.unwrap() else {
        panic!("it is here")
    };
    assert_eq!(content.docker_content_digest, digest);
    assert_eq!(content.etag, Etag::strong(digest.as_str()).unwrap());
    assert_eq!(content.body.len(), Some(10));
    assert_eq!(body(content).await, "0123456789");

    let head = served.client.head_get_blob(get(&digest)).await.unwrap();
    assert_eq!(head.head.content_length(), Some(10));
    let header = |name| head.head.headers().get(name).unwrap().to_str().unwrap();
    assert_eq!(header("accept-ranges"), "bytes");
    assert_eq!(header("cache-control"), "max-age=31536000, immutable");
    assert_eq!(header("content-type"), "application/octet-stream");
}

#[tokio::test]
async fn a_part_of_a_blob_is_read() {
    let served = in_memory().await;
    let digest = served.blob(APP, BYTES).await;
    for (range, first, expected) in [
        (RangeRequest::between(2, 4), 2, "234"),
        (RangeRequest::from(7), 7, "789"),
        (RangeRequest::last(3), 7, "789"),
        (RangeRequest::between(8, 99), 8, "89"),
        (RangeRequest::last(99), 0, "0123456789"),
    ] {
        let answer = served.client.get_blob_range(get(&digest), &range).await;
        let Partial::Part(part, response) = answer.unwrap() else {
            panic!("no part for {range:?}")
        };
        assert_eq!((part.first, part.total), (first, Some(10)));
        assert_eq!(text(response).await, expected);
    }
    for range in [RangeRequest::from(10), RangeRequest::last(0)] {
        let answer = served.client.get_blob_range(get(&digest), &range).await;
        assert!(matches!(answer.unwrap(), Partial::Unsatisfiable(Some(10))));
    }
}

#[tokio::test]
async fn a_part_comes_only_while_its_tag_holds() {
    let served = in_memory().await;
    let digest = served.blob(APP, BYTES).await;
    let tag = |text: &str| Etag::strong(text).unwrap();
    for (etag, holds) in [
        (tag(digest.as_str()), true),
        (tag("another"), false),
        (Etag::weak(digest.as_str()).unwrap(), false),
    ] {
        let range = RangeRequest::from(5).if_range(&etag);
        let answer = served.client.get_blob_range(get(&digest), &range).await;
        match answer.unwrap() {
            Partial::Part(_, response) if holds => assert_eq!(text(response).await, "56789"),
            Partial::Whole(response) if !holds => assert_eq!(text(response).await, "0123456789"),
            other => panic!("{etag:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_blob_that_the_client_has_is_not_sent_again() {
    let served = in_memory().await;
    let digest = served.blob(APP, BYTES).await;
    let own = Etag::strong(digest.as_str()).unwrap();
    let weak = Etag::weak(digest.as_str()).unwrap();
    let other = Etag::strong("another").unwrap();
    for (tags, known) in [
        (vec![&own], true),
        (vec![&other, &own], true),
        (vec![&weak], true),
        (vec![&other], false),
    ] {
        let conditions = Conditions::new().if_none_match(tags);
        let answer = served.client.get_blob_if(get(&digest), &conditions).await;
        match answer.unwrap() {
            Revalidated::NotModified(answer) if known => assert_eq!(answer.etag().unwrap(), own),
            Revalidated::Fresh(response) if !known => {
                assert_eq!(text(response).await, "0123456789");
            }
            other => panic!("{conditions:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_unknown_blob_and_an_unknown_repository_are_declared_failures() {
    let served = in_memory().await;
    served.blob(APP, BYTES).await;
    let unknown = Digest::sha256(b"unknown");
    let refused = declared(served.client.get_blob(get(&unknown)).await);
    let GetBlobError::BlobUnknown(failure) = refused else {
        panic!("another failure: {refused:?}")
    };
    assert_eq!(failure.digest, unknown);
    let request = GetBlob::new(name("team/unknown"), unknown);
    let refused = declared(served.client.get_blob(request).await);
    let GetBlobError::NameUnknown(failure) = refused else {
        panic!("another failure: {refused:?}")
    };
    assert_eq!(failure.name, name("team/unknown"));
}

#[tokio::test]
async fn a_deleted_blob_is_gone_from_its_repository_alone() {
    let served = in_memory().await;
    let digest = served.blob(APP, BYTES).await;
    served.blob("team/other", BYTES).await;
    let delete = DeleteBlob::new(name(APP), digest.clone());
    let DeleteBlobResponse::Accepted(gone) =
        served.client.delete_blob(delete.clone()).await.unwrap();
    assert_eq!(gone.docker_content_digest, digest);
    let unknown = declared(served.client.delete_blob(delete).await);
    assert!(matches!(unknown, DeleteBlobError::BlobUnknown(_)));
    let unknown = declared(served.client.get_blob(get(&digest)).await);
    assert!(matches!(unknown, GetBlobError::BlobUnknown(_)));
    let request = GetBlob::new(name("team/other"), digest);
    let kept = served.client.get_blob(request).await.unwrap();
    assert_eq!(text(kept).await, "0123456789");
}

#[tokio::test]
async fn deletion_is_refused_where_it_is_turned_off() {
    let served = serve("", "storage: inmemory").await;
    let digest = served.blob(APP, BYTES).await;
    let request = DeleteBlob::new(name(APP), digest.clone());
    let refused = declared(served.client.delete_blob(request).await);
    let DeleteBlobError::Unsupported(failure) = refused else {
        panic!("another failure: {refused:?}")
    };
    assert!(failure.reason.is_some());
    let line = format!("DELETE /v2/{APP}/blobs/{digest}");
    let answer = served.ask(&line, "", b"").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (405, "UNSUPPORTED")
    );
    assert_eq!(answer.header("allow").unwrap(), "GET, HEAD");
    assert_eq!(
        text(served.client.get_blob(get(&digest)).await.unwrap()).await,
        "0123456789"
    );
}
