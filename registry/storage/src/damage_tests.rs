//! Storage that was damaged: emptied files, links that lead elsewhere, what no registry puts there. What is
//! missing is told to be missing, so that clients push it again; other content is never handed out.

use std::sync::Arc;

use registry_protocol::digest::Kind;
use registry_protocol::{Digest, Reference};
use serde_json::json;

use crate::domain::{ManifestService, Namespace, PageRequest};
use crate::driver::filesystem::tests::touch;
use crate::driver::{Durability, Filesystem, FilesystemOptions, StorageDriver, StorageDriverExt};
use crate::error::{BlobError, ManifestError, ManifestPutError, RepositoryError};
use crate::layout::paths;
use crate::local::Local;
use crate::testing::{
    OCI_LAYER, blobs, contents, digest, image, local, manifests, name, open_options, push_blob,
    push_image, put, storages, tag,
};

/// What a manifest lacks, as its push is told.
async fn missing(
    manifests: &Arc<dyn ManifestService>,
    reference: &str,
    document: &serde_json::Value,
) -> Vec<Digest> {
    match put(manifests, reference, document).await {
        Ok(_) => Vec::new(),
        Err(ManifestPutError::Unverified(error)) => error.missing,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn content_that_a_crash_emptied_is_missing_until_it_is_pushed_again() {
    for (driver, _directory) in storages() {
        let local = local(&driver, open_options());
        let image = push_image(&local, "a", "v1", "layer").await;
        let layer = Digest::sha256(b"layer");
        let (blobs, manifests) = (blobs(&local, "a"), manifests(&local, "a"));
        driver.replace(&paths::blob_data(&layer), "").await.unwrap();
        let unknown = |error| matches!(error, BlobError::Unknown(_));
        assert!(unknown(blobs.stat(&layer).await.unwrap_err()));
        assert!(unknown(blobs.open(&layer).await.unwrap_err()));
        assert!(blobs.mount(&name("a"), &layer).await.unwrap().is_none());
        assert_eq!(
            missing(&manifests, "v2", &image).await,
            std::slice::from_ref(&layer)
        );
        push_blob(&local, "a", b"layer").await;
        blobs.stat(&layer).await.unwrap();
        assert!(missing(&manifests, "v2", &image).await.is_empty());

        let manifest = paths::blob_data(&digest(&image));
        driver.replace(&manifest, "").await.unwrap();
        let other = crate::testing::local(&driver, open_options());
        let other = crate::testing::manifests(&other, "a");
        let gone = other.get(&digest(&image)).await;
        assert!(matches!(gone, Err(ManifestError::Unknown(_))));
        put(&manifests, "v1", &image).await.unwrap();
        other.get(&digest(&image)).await.unwrap();
        // There is one blob without a byte.
        let nothing = push_blob(&local, "a", b"").await;
        assert_eq!(blobs.stat(&nothing).await.unwrap().size, 0);
    }
}

#[tokio::test]
async fn content_of_another_length_than_its_manifest_says_is_missing_unless_the_manifest_is_wrong()
{
    for (driver, directory) in storages() {
        let local = local(&driver, open_options());
        push_blob(&local, "a", b"{}").await;
        let layer = push_blob(&local, "a", b"layer").await;
        let manifests = manifests(&local, "a");
        let right = image(b"{}", &[b"layer"]);
        let mut wrong = right.clone();
        wrong["layers"][0] = json!({"mediaType": OCI_LAYER, "digest": layer.as_str(), "size": 6});
        assert!(missing(&manifests, "wrong", &wrong).await.is_empty());

        driver
            .replace(&paths::blob_data(&layer), "lay")
            .await
            .unwrap();
        assert_eq!(
            missing(&manifests, "right", &right).await,
            std::slice::from_ref(&layer)
        );
        if directory.is_some() {
            // It was found out, and remembered as long as the file is the same.
            let unknown = blobs(&local, "a").stat(&layer).await;
            assert!(matches!(unknown, Err(BlobError::Unknown(_))));
            let unknown = blobs(&local, "a").open(&layer).await;
            assert!(matches!(unknown, Err(BlobError::Unknown(_))));
        }
        push_blob(&local, "a", b"layer").await;
        blobs(&local, "a").stat(&layer).await.unwrap();
        assert!(missing(&manifests, "right", &right).await.is_empty());
    }
}

#[tokio::test]
async fn a_link_to_other_content_never_leads_there() {
    for (driver, _directory) in storages() {
        let local = local(&driver, open_options());
        let (a, one) = (name("a"), push_blob(&local, "a", b"one").await);
        let two = push_blob(&local, "a", b"two").await;
        let link = paths::layer_link(&a, &one);
        driver.replace(&link, two.to_string()).await.unwrap();
        let blobs = blobs(&local, "a");
        let blob = blobs.open(&one).await.unwrap();
        assert_eq!(contents(blob).await, b"one");
        // One that leads to another algorithm may be distribution's.
        let alias = Digest::of(Kind::Sha512, b"one");
        for (target, is_right) in [(&two, false), (&one, true), (&two, false)] {
            let link = paths::layer_link(&a, &alias);
            driver.replace(&link, target.to_string()).await.unwrap();
            for _ in 0..2 {
                assert_eq!(blobs.stat(&alias).await.is_ok(), is_right);
                assert_eq!(blobs.open(&alias).await.is_ok(), is_right);
            }
            let mounted = blobs.mount(&a, &alias).await.unwrap();
            assert_eq!(mounted.is_some(), is_right);
        }
    }
}

#[tokio::test]
async fn a_link_of_a_revision_to_another_manifest_never_leads_there() {
    for (driver, _directory) in storages() {
        let local = local(&driver, open_options());
        let images = [
            push_image(&local, "a", "v1", "one").await,
            push_image(&local, "a", "v2", "two").await,
        ];
        let [one, two] = images.each_ref().map(digest);
        let link = paths::revision_link(&name("a"), &one);
        driver.replace(&link, two.to_string()).await.unwrap();
        let manifest = manifests(&local, "a").get(&one).await.unwrap();
        assert_eq!(Digest::sha256(&manifest.content), one);
    }
}

fn filesystem(root: &std::path::Path) -> (Arc<dyn StorageDriver>, Local) {
    let options = FilesystemOptions::new(root).durability(Durability::None);
    let driver: Arc<dyn StorageDriver> = Arc::new(Filesystem::open(options).unwrap());
    let local = local(&driver, open_options());
    (driver, local)
}

#[tokio::test]
async fn links_of_the_file_system_among_the_tags_are_passed_over() {
    let root = tempfile::tempdir().unwrap();
    let (_, local) = filesystem(root.path());
    let image = push_image(&local, "a", "v1", "layer").await;
    let path = |key: &crate::driver::Key| root.path().join(key.as_str());
    let current = |text: &str| path(&paths::tag_current(&name("a"), &tag(text)));
    let (v1, v2, v3) = (current("v1"), current("v2"), current("v3"));
    touch::link(&v1, &v2);
    touch::link(v1.parent().unwrap(), v3.parent().unwrap());

    let manifests = manifests(&local, "a");
    let listed = manifests.tags(PageRequest::first(9)).await.unwrap();
    assert_eq!(listed.items, [tag("v1")]);
    let reference = Reference::Digest(digest(&image));
    manifests.delete(&reference).await.unwrap();
    let listed = manifests.tags(PageRequest::first(9)).await.unwrap();
    assert!(listed.items.is_empty());
}

#[tokio::test]
async fn nothing_is_said_to_be_missing_where_the_storage_itself_is() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("root");
    let (_, local) = filesystem(&root);
    let image = push_image(&local, "a", "v1", "layer").await;
    touch::replace(&root);
    let (blobs, manifests) = (blobs(&local, "a"), manifests(&local, "a"));
    let layer = Digest::sha256(b"layer");
    assert!(matches!(blobs.stat(&layer).await, Err(BlobError::Fault(_))));
    assert!(matches!(blobs.open(&layer).await, Err(BlobError::Fault(_))));
    let by_tag = manifests.get_by_tag(&tag("v1")).await;
    assert!(matches!(by_tag, Err(ManifestError::Fault(_))));
    let by_digest = manifests.get(&digest(&image)).await;
    assert!(matches!(by_digest, Err(ManifestError::Fault(_))));
    let tags = manifests.tags(PageRequest::first(9)).await;
    assert!(matches!(tags, Err(RepositoryError::Fault(_))));
    let repositories = local.repositories(PageRequest::first(9)).await;
    repositories.unwrap_err();
}
