//! Tests of how an upload begins: as one file, which becomes a directory with the first bytes to be kept.

use std::sync::Arc;

use registry_protocol::digest::Kind;
use registry_protocol::{Digest, UploadId};

use crate::domain::{BlobService, Chunk, UploadOptions};
use crate::driver::{StorageDriver, StorageDriverExt};
use crate::error::{FaultKind, UploadError, UploadWriteError};
use crate::layout::paths;
use crate::testing::{
    blobs, body, broken, chunk, contents, local, long, name, open_options, start, storages,
};

/// Whether there is a start of its own, and whether there is a directory.
async fn forms(driver: &Arc<dyn StorageDriver>, id: &UploadId) -> (bool, bool) {
    let start = paths::upload_start(&name("a"), id);
    let directory = paths::upload(&name("a"), id);
    let start = driver.exists(&start).await.unwrap();
    (start, driver.exists(&directory).await.unwrap())
}

/// Starts an upload and lets go of it, as a request does.
async fn started(blobs: &Arc<dyn BlobService>) -> UploadId {
    let upload = start(blobs).await;
    upload.suspend().await.unwrap().id
}

async fn finished(blobs: &Arc<dyn BlobService>, id: &UploadId, more: &[u8], content: &[u8]) {
    let mut upload = blobs.resume(id).await.unwrap();
    upload.write(chunk(more)).await.unwrap();
    let digest = Digest::sha256(content);
    upload.finish(digest.clone()).await.unwrap();
    let blob = blobs.open(&digest).await.unwrap();
    assert!(contents(blob).await == content);
}

#[tokio::test]
async fn an_upload_is_one_file_until_something_of_it_is_kept() {
    for (driver, _directory) in storages() {
        let blobs = blobs(&local(&driver, open_options()), "a");
        let id = started(&blobs).await;
        assert_eq!(forms(&driver, &id).await, (true, false));
        assert_eq!(blobs.status(&id).await.unwrap().size, 0);
        let start = paths::upload_start(&name("a"), &id);
        let time = driver.open(&start).await.unwrap().len();
        finished(&blobs, &id, b"small", b"small").await;
        assert_eq!(forms(&driver, &id).await, (false, false));

        let id = started(&blobs).await;
        let mut upload = blobs.resume(&id).await.unwrap();
        upload.write(chunk(b"kept")).await.unwrap();
        upload.suspend().await.unwrap();
        assert_eq!(forms(&driver, &id).await, (false, true));
        let start = paths::upload_started_at(&name("a"), &id);
        assert_eq!(driver.open(&start).await.unwrap().len(), time);
        finished(&blobs, &id, b" bytes", b"kept bytes").await;
        assert_eq!(forms(&driver, &id).await, (false, false));
    }
}

#[tokio::test]
async fn whatever_ends_an_upload_takes_both_of_its_forms() {
    for (driver, _directory) in storages() {
        let blobs = blobs(&local(&driver, open_options()), "a");
        for content in [b"small".to_vec(), long()] {
            let id = started(&blobs).await;
            let mut upload = blobs.resume(&id).await.unwrap();
            upload.write(chunk(&content)).await.unwrap();
            let wrong = Digest::sha256(b"other");
            upload.finish(wrong).await.unwrap_err();
            assert_eq!(forms(&driver, &id).await, (false, false));

            let id = started(&blobs).await;
            let mut upload = blobs.resume(&id).await.unwrap();
            upload.write(chunk(&content)).await.unwrap();
            upload.cancel().await.unwrap();
            assert_eq!(forms(&driver, &id).await, (false, false));
            let gone = blobs.cancel(&id).await;
            assert!(matches!(gone, Err(UploadError::Unknown(_))));
        }
    }
}

#[tokio::test]
async fn what_a_request_left_that_was_killed_goes_with_the_upload() {
    for (driver, _directory) in storages() {
        let blobs = blobs(&local(&driver, open_options()), "a");
        for next in [b"small".to_vec(), long()] {
            let id = started(&blobs).await;
            let data = paths::upload_data(&name("a"), &id);
            driver.replace(&data, vec![1; 100_000]).await.unwrap();
            assert_eq!(blobs.status(&id).await.unwrap().size, 0);
            finished(&blobs, &id, &next, &next).await;
            assert_eq!(forms(&driver, &id).await, (false, false));
        }
    }
}

#[tokio::test]
async fn no_state_counts_that_was_saved_without_the_start() {
    for (driver, _directory) in storages() {
        let blobs = blobs(&local(&driver, open_options()), "a");
        let id = started(&blobs).await;
        let mut hasher = registry_protocol::digest::Hasher::new(Kind::Sha256);
        hasher.update(b"others");
        for (key, content) in [
            (paths::upload_data(&name("a"), &id), b"others".to_vec()),
            (
                paths::hash_state(&name("a"), &id, Kind::Sha256, 6),
                hasher.save(),
            ),
        ] {
            driver.replace(&key, content).await.unwrap();
        }
        assert_eq!(blobs.status(&id).await.unwrap().size, 0);
        let mut upload = blobs.resume(&id).await.unwrap();
        let cut = Chunk::new(broken(b"not the others, "), None);
        let cut = upload.write(cut).await;
        assert!(matches!(cut, Err(UploadWriteError::Body(_))));
        drop(upload);
        assert_eq!(blobs.status(&id).await.unwrap().size, 16);
        finished(&blobs, &id, b"but these", b"not the others, but these").await;
    }
}

#[tokio::test]
async fn of_two_processes_the_one_that_comes_late_takes_nothing_back() {
    for (driver, _directory) in storages() {
        let blobs_of = || blobs(&local(&driver, open_options()), "a");
        let (first, second) = (blobs_of(), blobs_of());
        let id = started(&first).await;
        let mut late = second.resume(&id).await.unwrap();
        let mut upload = first.resume(&id).await.unwrap();
        upload.write(chunk(b"acknowledged")).await.unwrap();
        upload.suspend().await.unwrap();
        let refused = late.write(Chunk::new(body(long()), None)).await;
        assert!(
            matches!(refused, Err(UploadWriteError::Fault(fault)) if fault.kind() == FaultKind::Unavailable)
        );
        drop(late);
        finished(&second, &id, b"", b"acknowledged").await;
    }
}

#[tokio::test]
async fn an_upload_that_distribution_started_is_gone_on_with() {
    for (driver, _directory) in storages() {
        let blobs = blobs(&local(&driver, open_options()), "a");
        let id = UploadId::parse("0d9c1b3e-7d39-4f4c-8f57-2a4f3f0a8a55").unwrap();
        let start = paths::upload_started_at(&name("a"), &id);
        driver
            .replace(&start, "2026-11-30T07:00:00Z")
            .await
            .unwrap();
        let data = paths::upload_data(&name("a"), &id);
        driver.replace(&data, "").await.unwrap();
        let status = blobs.status(&id).await.unwrap();
        assert_eq!(status.started_at.to_string(), "2026-11-30T07:00:00Z");
        let mut upload = blobs.resume(&id).await.unwrap();
        upload.write(chunk(b"one ")).await.unwrap();
        upload.suspend().await.unwrap();
        finished(&blobs, &id, b"two", b"one two").await;
        assert_eq!(forms(&driver, &id).await, (false, false));
    }
}

#[tokio::test]
async fn an_algorithm_that_was_announced_is_known_to_the_next_request() {
    for (driver, _directory) in storages() {
        let blobs = blobs(&local(&driver, open_options()), "a");
        let algorithm = registry_protocol::Algorithm::parse("sha512").unwrap();
        let upload = blobs.start(UploadOptions::new(Some(algorithm))).await;
        let id = upload.unwrap().suspend().await.unwrap().id;
        assert_eq!(forms(&driver, &id).await, (false, true));
        let mut upload = blobs.resume(&id).await.unwrap();
        upload.write(chunk(long())).await.unwrap();
        upload.suspend().await.unwrap();
        let length = long().len() as u64;
        let state = paths::hash_state(&name("a"), &id, Kind::Sha512, length);
        assert!(driver.exists(&state).await.unwrap());
    }
}
