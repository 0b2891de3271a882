//! Repositories whose names are words of the API: every route works for each of them.

use bytes::Bytes;
use registry_client::{
    AppendUpload, CancelUpload, CompleteUpload, DeleteBlob, DeleteManifest, Digest, GetBlob,
    GetManifest, GetUpload, ListReferrers, ListRepositories, ListRepositoriesResponse,
    ListRepositoryExtensions, ListTags, ListTagsResponse, MountBlob, MountBlobResponse, Name,
    Reference, StartUpload, StartUploadResponse, UploadId,
};

use super::served::{Served, image, in_memory, name, reference};

const NAMES: [&str; 12] = [
    "team/blobs/app",
    "team/manifests/app",
    "tags/list",
    "blobs/uploads",
    "manifests/manifests",
    "a/uploads/b",
    "blobs",
    "uploads/blobs/uploads",
    "referrers/tags/list/referrers",
    "v2/v2",
    "oci/ext/discover",
    "a/blobs/uploads/b/tags/list",
];

/// From where blobs are mounted.
const SOURCE: &str = "source";

#[tokio::test]
async fn every_route_works_for_a_repository_whose_name_is_made_of_words_of_the_api() {
    let served = in_memory().await;
    for text in NAMES {
        blobs(&served, text).await;
        uploads(&served, &name(text)).await;
        manifests(&served, text).await;
    }
    let ListRepositoriesResponse::Ok(page) = served
        .client
        .list_repositories(ListRepositories::new())
        .await
        .unwrap();
    let mut expected = NAMES.to_vec();
    expected.push(SOURCE);
    expected.sort_unstable();
    let found: Vec<_> = page.body.repositories.iter().map(Name::as_str).collect();
    assert_eq!(found, expected);
}

async fn blobs(served: &Served, text: &str) {
    let client = &served.client;
    let digest = served.blob(text, b"a blob").await;
    let get = GetBlob::new(name(text), digest.clone());
    client.get_blob(get.clone()).await.unwrap();
    client
        .delete_blob(DeleteBlob::new(name(text), digest.clone()))
        .await
        .unwrap();
    client.head_get_blob(get.clone()).await.unwrap_err();
    served.blob(SOURCE, b"a blob").await;
    let mut mount = MountBlob::new(name(text), digest);
    mount.from = Some(name(SOURCE));
    let mounted = client.mount_blob(mount).await.unwrap();
    assert!(matches!(mounted, MountBlobResponse::Created(_)), "{text}");
    client.head_get_blob(get).await.unwrap();
}

async fn start(served: &Served, name: &Name) -> UploadId {
    let request = StartUpload::new(name.clone());
    let StartUploadResponse::Accepted(started) = served.client.start_upload(request).await.unwrap();
    let expected = format!("/v2/{name}/blobs/uploads/{}", started.docker_upload_uuid);
    assert!(
        started.location.as_str().ends_with(&expected),
        "{started:?}"
    );
    started.docker_upload_uuid
}

async fn uploads(served: &Served, name: &Name) {
    let client = &served.client;
    let id = start(served, name).await;
    let body = Bytes::from_static(b"an upload");
    let append = AppendUpload::new(name.clone(), id.clone(), body.clone().into());
    client.append_upload(append).await.unwrap();
    client
        .get_upload(GetUpload::new(name.clone(), id.clone()))
        .await
        .unwrap();
    let digest = Digest::sha256(&body);
    let last = CompleteUpload::new(name.clone(), id, digest, Bytes::new().into());
    client.complete_upload(last).await.unwrap();
    let id = start(served, name).await;
    let cancel = CancelUpload::new(name.clone(), id);
    client.cancel_upload(cancel).await.unwrap();
}

async fn manifests(served: &Served, text: &str) {
    let client = &served.client;
    let name = name(text);
    let blob = served.blob(text, b"{}").await;
    let created = served.manifest(text, "list", &image(&blob, 2)).await;
    let digest = created.docker_content_digest;
    for by in [reference("list"), Reference::from(digest.clone())] {
        let get = GetManifest::new(name.clone(), by);
        client.get_manifest(get.clone()).await.unwrap();
        client.head_get_manifest(get).await.unwrap();
    }
    let ListTagsResponse::Ok(page) = client.list_tags(ListTags::new(name.clone())).await.unwrap();
    assert_eq!(page.body.name, name);
    assert_eq!(page.body.tags.len(), 1);
    let referrers = ListReferrers::new(name.clone(), digest);
    client.list_referrers(referrers).await.unwrap();
    let extensions = ListRepositoryExtensions::new(name.clone());
    client.list_repository_extensions(extensions).await.unwrap();
    let delete = DeleteManifest::new(name, reference("list"));
    client.delete_manifest(delete).await.unwrap();
}
