//! Manifests through the client: by tag and by digest, what they refer to, and how they go.

use bytes::Bytes;
use registry_client::digest::Kind;
use registry_client::runtime::{Conditions, Revalidated};
use registry_client::{
    DeleteManifest, DeleteManifestError, Digest, GetManifest, GetManifestError, GetManifestOk,
    GetManifestResponse, ListTags, ListTagsResponse, PutManifest, PutManifestError,
    PutManifestResponse,
};
use serde_json::json;

use super::served::{
    INDEX, MANIFEST, Served, declared, image, in_memory, name, put, reference, serve, tag,
};

const APP: &str = "team/app";

fn get(text: &str) -> GetManifest {
    GetManifest::new(name(APP), reference(text))
}

async fn read(served: &Served, text: &str) -> GetManifestOk {
    let GetManifestResponse::Ok(manifest) = served.client.get_manifest(get(text)).await.unwrap();
    manifest
}

async fn tags(served: &Served) -> Vec<String> {
    let request = ListTags::new(name(APP));
    let ListTagsResponse::Ok(page) = served.client.list_tags(request).await.unwrap();
    page.body.tags.iter().map(ToString::to_string).collect()
}

async fn is_gone(served: &Served, text: &str) -> bool {
    let outcome = served.client.head_get_manifest(get(text)).await;
    outcome.is_err_and(|error| error.status() == Some(404))
}

#[tokio::test]
async fn a_manifest_comes_back_as_it_was_pushed() {
    let served = in_memory().await;
    let blob = served.blob(APP, b"{}").await;
    // Not as a program would write it: the bytes count, not the document.
    let text = format!("\n {}\t", image(&blob, 2));
    let mut request = PutManifest::new(name(APP), reference("v1"), Bytes::from(text.clone()));
    request.content_type = Some(format!("{MANIFEST}; charset=utf-8"));
    let PutManifestResponse::Created(created) = served.client.put_manifest(request).await.unwrap();
    let digest = created.docker_content_digest;
    assert_eq!(digest, Digest::sha256(text.as_bytes()));
    assert!(created.location.as_str().ends_with(digest.as_str()));
    assert_eq!((created.oci_subject, created.oci_tag), (None, None));
    for by in ["v1", digest.as_str()] {
        let manifest = read(&served, by).await;
        assert_eq!(manifest.body, text);
        assert_eq!(manifest.content_type, MANIFEST);
        assert_eq!(manifest.docker_content_digest, digest);
        let head = served.client.head_get_manifest(get(by)).await.unwrap();
        assert_eq!(head.head.content_length(), Some(text.len() as u64));
        let conditions = Conditions::new().if_none_match([&manifest.etag]);
        let again = served.client.get_manifest_if(get(by), &conditions).await;
        assert!(matches!(again.unwrap(), Revalidated::NotModified(_)));
    }
}

#[tokio::test]
async fn a_tag_moves_and_an_old_entity_tag_no_longer_holds() {
    let served = in_memory().await;
    let first = served.image(APP, "latest", b"one").await;
    let old = read(&served, "latest").await.etag;
    let second = served.image(APP, "latest", b"two").await;
    let conditions = Conditions::new().if_none_match([&old]);
    let answer = served
        .client
        .get_manifest_if(get("latest"), &conditions)
        .await;
    let Revalidated::Fresh(GetManifestResponse::Ok(fresh)) = answer.unwrap() else {
        panic!("it has moved")
    };
    assert_eq!(fresh.docker_content_digest, second);
    assert_eq!(
        read(&served, first.as_str()).await.docker_content_digest,
        first
    );
}

#[tokio::test]
async fn a_manifest_by_digest_gets_the_tags_of_the_request() {
    let served = in_memory().await;
    let blob = served.blob(APP, b"{}").await;
    let manifest = image(&blob, 2);
    let digest = Digest::sha256(manifest.to_string().as_bytes());
    let mut request = put(APP, digest.as_str(), &manifest);
    request.tag = Some(
        (0..12)
            .map(|number| tag(&format!("t{number:02}")))
            .collect(),
    );
    let asked = request.tag.clone();
    let PutManifestResponse::Created(created) = served.client.put_manifest(request).await.unwrap();
    assert_eq!(created.oci_tag, asked);
    assert_eq!(tags(&served).await.len(), 12);
    let line = format!("PUT /v2/{APP}/manifests/{digest}?tag=x&tag=y");
    let text = manifest.to_string();
    let headers = format!("Content-Length: {}\r\n", text.len());
    let answer = served.ask(&line, &headers, text.as_bytes()).await;
    assert_eq!(answer.lines("oci-tag"), ["x", "y"], "each has a line");
    assert_eq!(read(&served, "t07").await.docker_content_digest, digest);
}

#[tokio::test]
async fn a_manifest_of_another_digest_than_its_path_is_refused() {
    let served = in_memory().await;
    let blob = served.blob(APP, b"{}").await;
    let wrong = Digest::sha256(b"wrong");
    let request = put(APP, wrong.as_str(), &image(&blob, 2));
    let refused = declared(served.client.put_manifest(request).await);
    assert!(matches!(refused, PutManifestError::DigestInvalid(_)));
    assert!(is_gone(&served, wrong.as_str()).await);
}

#[tokio::test]
async fn everything_that_is_missing_is_named() {
    let served = in_memory().await;
    let there = served.blob(APP, b"there").await;
    served.blob("team/other", b"elsewhere").await;
    let missing = [b"missing 1" as &[u8], b"missing 2", b"elsewhere"].map(Digest::sha256);
    let mut manifest = image(&there, 5);
    let layer = |digest: &Digest| json!({"mediaType": "a/b", "digest": digest, "size": 9});
    manifest["layers"] = missing.iter().chain([&there]).map(layer).collect();
    let refused = declared(served.client.put_manifest(put(APP, "v1", &manifest)).await);
    let PutManifestError::ManifestBlobUnknown(unknown) = refused else {
        panic!("another failure: {refused:?}")
    };
    let named: Vec<_> = unknown.iter().map(|error| error.digest.clone()).collect();
    assert_eq!(named, missing);
    assert!(is_gone(&served, "v1").await);
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [layer(&missing[0])]});
    let refused = declared(served.client.put_manifest(put(APP, "v1", &index)).await);
    assert!(matches!(refused, PutManifestError::ManifestBlobUnknown(_)));
}

#[tokio::test]
async fn what_is_no_manifest_is_refused_with_a_reason() {
    let served = in_memory().await;
    let blob = served.blob(APP, b"{}").await;
    let good = image(&blob, 2).to_string();
    for (content_type, text) in [
        (Some(MANIFEST), "{"),
        (Some(MANIFEST), "[]"),
        (Some(MANIFEST), r#"{"schemaVersion": 2}"#),
        (Some(INDEX), good.as_str()),
        (Some("no media type"), good.as_str()),
        (None, "{}"),
    ] {
        let bytes = Bytes::from(text.to_owned());
        let mut request = PutManifest::new(name(APP), reference("v1"), bytes);
        request.content_type = content_type.map(str::to_owned);
        let refused = declared(served.client.put_manifest(request).await);
        let PutManifestError::ManifestInvalid(failure) = refused else {
            panic!("{content_type:?} {text}: {refused:?}")
        };
        assert!(failure.reason.is_some_and(|reason| !reason.is_empty()));
    }
}

#[tokio::test]
async fn content_of_sha512_is_stored_and_read_under_it() {
    let served = in_memory().await;
    let blob = Digest::of(Kind::Sha512, b"{}");
    served.blob_as(APP, b"{}", blob.clone()).await;
    let manifest = image(&blob, 2);
    let digest = Digest::of(Kind::Sha512, manifest.to_string().as_bytes());
    let mut request = put(APP, digest.as_str(), &manifest);
    request.tag = Some(vec![tag("v1")]);
    let PutManifestResponse::Created(created) = served.client.put_manifest(request).await.unwrap();
    assert_eq!(created.docker_content_digest, digest);
    for by in ["v1", digest.as_str()] {
        assert_eq!(
            read(&served, by).await.docker_content_digest,
            digest,
            "{by}"
        );
    }
}

#[tokio::test]
async fn deleting_a_tag_leaves_the_manifest_and_deleting_the_manifest_takes_all_its_tags() {
    let served = in_memory().await;
    let digest = served.image(APP, "one", b"{}").await;
    for tag in ["two", "three"] {
        served.image(APP, tag, b"{}").await;
    }
    let other = served.image(APP, "other", b"other").await;
    let delete = |text: &str| DeleteManifest::new(name(APP), reference(text));
    served.client.delete_manifest(delete("two")).await.unwrap();
    assert_eq!(tags(&served).await, ["one", "other", "three"]);
    assert!(!is_gone(&served, digest.as_str()).await);
    let unknown = declared(served.client.delete_manifest(delete("two")).await);
    let DeleteManifestError::ManifestUnknown(unknown) = unknown else {
        panic!("another failure: {unknown:?}")
    };
    assert_eq!(unknown.reference, reference("two"));

    let request = delete(digest.as_str());
    served.client.delete_manifest(request).await.unwrap();
    assert!(is_gone(&served, digest.as_str()).await);
    assert!(is_gone(&served, "one").await);
    assert_eq!(tags(&served).await, ["other"]);
    assert!(!is_gone(&served, other.as_str()).await);
}

#[tokio::test]
async fn deletion_is_refused_where_it_is_turned_off() {
    let served = serve("", "storage: inmemory").await;
    let digest = served.image(APP, "v1", b"{}").await;
    for text in ["v1", digest.as_str()] {
        let request = DeleteManifest::new(name(APP), reference(text));
        let refused = declared(served.client.delete_manifest(request).await);
        assert!(matches!(refused, DeleteManifestError::Unsupported(_)));
        assert!(!is_gone(&served, text).await);
    }
}

#[tokio::test]
async fn unknown_manifests_and_unknown_repositories_are_declared_failures() {
    let served = in_memory().await;
    served.image(APP, "v1", b"{}").await;
    let absent = Digest::sha256(b"absent");
    for text in ["v2", absent.as_str()] {
        let refused = declared(served.client.get_manifest(get(text)).await);
        let GetManifestError::ManifestUnknown(failure) = refused else {
            panic!("another failure: {refused:?}")
        };
        assert_eq!(failure.reference, reference(text));
    }
    let request = GetManifest::new(name("team/unknown"), reference("v1"));
    let refused = declared(served.client.get_manifest(request).await);
    assert!(matches!(refused, GetManifestError::NameUnknown(_)));
}

#[tokio::test]
async fn a_tag_is_moved_and_deleted_only_where_it_is_what_the_client_believes() {
    let served = in_memory().await;
    let old = served.image(APP, "v1", b"old").await;
    let blob = served.blob(APP, b"new").await;
    let new = image(&blob, 3).to_string();
    let digest = Digest::sha256(new.as_bytes());
    let put = async |tag: &str, condition: &str| {
        let headers = format!(
            "Content-Type: {MANIFEST}\r\nContent-Length: {}\r\n{condition}\r\n",
            new.len()
        );
        let line = format!("PUT /v2/{APP}/manifests/{tag}");
        let answer = served.ask(&line, &headers, new.as_bytes()).await;
        if answer.status == 412 {
            assert_eq!(answer.code(), "UNSUPPORTED");
        }
        answer.status
    };
    let delete = async |tag: &str, condition: &str| {
        let line = format!("DELETE /v2/{APP}/manifests/{tag}");
        served
            .ask(&line, &format!("{condition}\r\n"), b"")
            .await
            .status
    };
    let is = |digest: &Digest| format!("If-Match: \"{digest}\"");
    assert_eq!(put("v1", &is(&digest)).await, 412);
    assert_eq!(put("v1", "If-None-Match: *").await, 412);
    assert_eq!(put("v2", &is(&old)).await, 412);
    assert_eq!(put("v2", "If-None-Match: *").await, 201);
    assert_eq!(put("v1", &is(&old)).await, 201);
    assert_eq!(put("v1", &is(&old)).await, 412);
    assert_eq!(delete("v1", &is(&old)).await, 412);
    assert_eq!(delete("v3", &is(&old)).await, 404);
    assert_eq!(delete("v1", &is(&digest)).await, 202);
    let by_digest = old.to_string();
    assert_eq!(delete(&by_digest, &is(&digest)).await, 412);
    assert_eq!(delete(&by_digest, &is(&old)).await, 202);
    assert_eq!(tags(&served).await, ["v2"]);
}
