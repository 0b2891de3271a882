//! What is kept of manifests that were read, and what must not be.

use std::sync::Arc;

use registry_protocol::Reference;

use crate::driver::recording::Recording;
use crate::driver::{Operation, StorageDriver, StorageDriverExt};
use crate::error::{FaultKind, ManifestError};
use crate::layout::paths;
use crate::testing::{
    bytes, digest, in_memory, local, manifests, memory, open_options, push_image, tag,
};

#[tokio::test]
async fn of_a_manifest_that_was_read_the_links_alone_are_read_again() {
    let recording = Arc::new(Recording::default());
    let driver: Arc<dyn StorageDriver> = Arc::new(Recording::around(memory(), &recording));
    let local = local(&driver, open_options());
    let image = push_image(&local, "a", "v1", "layer").await;
    let manifests = manifests(&local, "a");
    let mut read = Vec::new();
    for _ in 0..2 {
        recording.clear();
        let manifest = manifests.get_by_tag(&tag("v1")).await.unwrap();
        assert_eq!(manifest.content, bytes(&image));
        let calls = recording.calls();
        assert!(calls.iter().all(|call| call.operation == Operation::Read));
        read.push(calls.into_iter().map(|call| call.key).collect::<Vec<_>>());
    }
    let content = paths::blob_data(&digest(&image));
    assert_eq!((read[0].len(), &read[0][2]), (3, &content));
    assert_eq!(read[1], read[0][..2]);
}

/// CVE-2026-35172 in distribution: what was deleted in one repository came back when it was read in another.
#[tokio::test]
async fn what_is_deleted_in_one_repository_does_not_come_back_through_another() {
    let local = in_memory();
    let image = push_image(&local, "a", "v1", "layer").await;
    push_image(&local, "b", "v1", "layer").await;
    let (a, b) = (manifests(&local, "a"), manifests(&local, "b"));
    let digest = digest(&image);
    a.get(&digest).await.unwrap();
    a.delete(&Reference::Digest(digest.clone())).await.unwrap();
    for _ in 0..2 {
        let gone = a.get(&digest).await;
        assert!(matches!(gone, Err(ManifestError::Unknown(_))), "{gone:?}");
        let gone = a.get_by_tag(&tag("v1")).await;
        assert!(matches!(gone, Err(ManifestError::Unknown(_))), "{gone:?}");
        assert!(!a.exists(&digest).await.unwrap());
        b.get(&digest).await.unwrap();
    }
    let elsewhere = manifests(&local, "c").get(&digest).await;
    let elsewhere = matches!(elsewhere, Err(ManifestError::RepositoryUnknown(_)));
    assert!(elsewhere, "a digest alone opens nothing");
}

#[tokio::test]
async fn bytes_are_checked_whenever_they_come_from_the_storage() {
    let driver = memory();
    let first = local(&driver, open_options());
    let image = push_image(&first, "a", "v1", "layer").await;
    let read = manifests(&first, "a").get_by_tag(&tag("v1")).await.unwrap();
    let mut content = bytes(&image).to_vec();
    content[30] ^= 1;
    let data = paths::blob_data(&digest(&image));
    driver.replace(&data, content).await.unwrap();
    let kept = manifests(&first, "a").get_by_tag(&tag("v1")).await.unwrap();
    assert_eq!(kept, read, "what was checked is still good");

    let second = local(&driver, open_options());
    for _ in 0..2 {
        let damaged = manifests(&second, "a").get_by_tag(&tag("v1")).await;
        let Err(ManifestError::Fault(fault)) = damaged else {
            panic!("it was handed out: {damaged:?}")
        };
        assert_eq!(fault.kind(), FaultKind::Damaged);
    }
}
