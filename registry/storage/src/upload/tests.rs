//! Tests of uploads, over the whole crate and a storage in memory.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use registry_protocol::digest::Kind;
use registry_protocol::{Algorithm, Digest};

use crate::domain::{BlobService, Chunk, UploadOptions};
use crate::driver::{ReadOptions, StorageDriver, StorageDriverExt};
use crate::error::{
    BlobError, FaultKind, UploadError, UploadFinishError, UploadResumeError, UploadSeekError,
    UploadWriteError,
};
use crate::layout::paths;
use crate::local::Local;
use crate::options::Options;
use crate::testing::{
    blobs, body, broken, chunk, contents, in_memory, local, long, memory, name, open_options,
    push_blob, start, storages,
};

const TEXT: &[u8] = b"some bytes that are going to be a blob, in several pieces";

async fn check_blob(blobs: &Arc<dyn BlobService>, digest: &Digest) {
    let blob = blobs.open(digest).await.unwrap();
    assert_eq!(blob.length(), TEXT.len() as u64);
    assert_eq!(blob.digest(), digest);
    assert_eq!(contents(blob).await, TEXT);
}

#[tokio::test]
async fn what_is_uploaded_becomes_a_blob_and_the_upload_is_gone() {
    let blobs = blobs(&in_memory(), "a/b");
    let mut upload = start(&blobs).await;
    let id = upload.id().clone();
    assert_eq!(upload.started_at().to_string(), "2027-01-15T08:00:00Z");
    assert_eq!(upload.write(chunk(TEXT)).await.unwrap(), TEXT.len() as u64);
    let digest = Digest::sha256(TEXT);
    let stored = upload.finish(digest.clone()).await.unwrap();
    assert_eq!(
        (stored.digest, stored.size),
        (digest.clone(), TEXT.len() as u64)
    );
    check_blob(&blobs, &digest).await;
    assert!(matches!(
        blobs.status(&id).await,
        Err(UploadError::Unknown(_))
    ));
    assert!(matches!(
        blobs.resume(&id).await,
        Err(UploadResumeError::Unknown(_))
    ));
}

#[tokio::test]
async fn an_upload_goes_on_in_another_process() {
    for (driver, _directory) in storages() {
        resumed_by_others(&driver).await;
    }
}

async fn resumed_by_others(driver: &Arc<dyn StorageDriver>) {
    for kind in Kind::ALL {
        let first = blobs(&local(driver, open_options()), "a");
        let hint = UploadOptions::new(Some(Algorithm::from(kind)));
        let mut upload = first.start(hint).await.unwrap();
        let id = upload.id().clone();
        upload.write(chunk(&TEXT[..20])).await.unwrap();
        assert_eq!(upload.suspend().await.unwrap().size, 20);
        for (from, to) in [(20, 21), (21, 21), (21, TEXT.len())] {
            let next = blobs(&local(driver, open_options()), "a");
            assert_eq!(next.status(&id).await.unwrap().size, from as u64);
            let mut upload = next.resume(&id).await.unwrap();
            assert_eq!(upload.size(), from as u64);
            upload.write(chunk(&TEXT[from..to])).await.unwrap();
            upload.suspend().await.unwrap();
        }
        let last = blobs(&local(driver, open_options()), "a");
        let digest = Digest::of(kind, TEXT);
        let upload = last.resume(&id).await.unwrap();
        upload.finish(digest.clone()).await.unwrap();
        check_blob(&last, &digest).await;
    }
}

#[tokio::test]
async fn the_digest_may_be_of_another_algorithm_than_was_announced() {
    for kind in Kind::ALL {
        let blobs = blobs(&in_memory(), "a");
        let mut upload = start(&blobs).await;
        upload.write(chunk(TEXT)).await.unwrap();
        let digest = Digest::of(kind, TEXT);
        upload.finish(digest.clone()).await.unwrap();
        check_blob(&blobs, &digest).await;
    }
}

#[tokio::test]
async fn an_empty_upload_is_the_empty_blob() {
    for kind in Kind::ALL {
        let blobs = blobs(&in_memory(), "a");
        let digest = Digest::of(kind, b"");
        start(&blobs).await.finish(digest.clone()).await.unwrap();
        assert_eq!(blobs.stat(&digest).await.unwrap().size, 0);
        assert!(
            contents(blobs.open(&digest).await.unwrap())
                .await
                .is_empty()
        );
    }
}

#[tokio::test]
async fn a_wrong_digest_drops_the_upload() {
    let blobs = blobs(&in_memory(), "a");
    let mut upload = start(&blobs).await;
    let id = upload.id().clone();
    upload.write(chunk(TEXT)).await.unwrap();
    let wrong = Digest::sha256(b"other bytes");
    let error = upload.finish(wrong.clone()).await.unwrap_err();
    assert!(matches!(error, UploadFinishError::Digest(error)
        if error.actual == Digest::sha256(TEXT) && error.expected == wrong));
    assert!(matches!(
        blobs.status(&id).await,
        Err(UploadError::Unknown(_))
    ));
    for digest in [wrong, Digest::sha256(TEXT)] {
        assert!(matches!(
            blobs.stat(&digest).await,
            Err(BlobError::RepositoryUnknown(_))
        ));
    }
}

#[tokio::test]
async fn after_a_cut_connection_one_goes_on_from_the_status() {
    let blobs = blobs(&in_memory(), "a");
    let upload = start(&blobs).await;
    let id = upload.id().clone();
    upload.suspend().await.unwrap();
    for (from, to) in [(0, 11), (11, 30)] {
        let mut upload = blobs.resume(&id).await.unwrap();
        let cut = Chunk::new(broken(&TEXT[from..to]), None);
        assert!(matches!(
            upload.write(cut).await,
            Err(UploadWriteError::Body(_))
        ));
        drop(upload);
        assert_eq!(blobs.status(&id).await.unwrap().size, to as u64);
    }
    let mut upload = blobs.resume(&id).await.unwrap();
    upload.seek(30).await.unwrap();
    upload.write(chunk(&TEXT[30..])).await.unwrap();
    upload.finish(Digest::sha256(TEXT)).await.unwrap();
    check_blob(&blobs, &Digest::sha256(TEXT)).await;
}

#[tokio::test]
async fn after_a_cut_connection_the_same_request_may_just_be_repeated() {
    for acknowledged in [0, 9] {
        let blobs = blobs(&in_memory(), "a");
        let mut upload = start(&blobs).await;
        let id = upload.id().clone();
        upload.write(chunk(&TEXT[..acknowledged])).await.unwrap();
        upload.suspend().await.unwrap();
        for cut in [12, 40, 10] {
            let mut upload = blobs.resume(&id).await.unwrap();
            assert_eq!(upload.size(), acknowledged as u64);
            let cut = Chunk::new(broken(&TEXT[acknowledged..cut]), None);
            upload.write(cut).await.unwrap_err();
        }
        let mut upload = blobs.resume(&id).await.unwrap();
        upload.write(chunk(&TEXT[acknowledged..])).await.unwrap();
        upload.finish(Digest::sha256(TEXT)).await.unwrap();
        check_blob(&blobs, &Digest::sha256(TEXT)).await;
    }
}

#[tokio::test]
async fn a_chunk_in_the_wrong_place_is_refused_and_told_where_to_go_on() {
    let blobs = blobs(&in_memory(), "a");
    let mut upload = start(&blobs).await;
    let id = upload.id().clone();
    upload.write(chunk(&TEXT[..10])).await.unwrap();
    upload.suspend().await.unwrap();
    let mut upload = blobs.resume(&id).await.unwrap();
    let cut = Chunk::new(broken(&TEXT[10..20]), None);
    upload.write(cut).await.unwrap_err();
    drop(upload);
    // Both ends are right as long as nobody was told of the second.
    for end in [10, 20] {
        blobs.resume(&id).await.unwrap().seek(end).await.unwrap();
    }
    let mut upload = blobs.resume(&id).await.unwrap();
    for wrong in [0, 15, 21, u64::MAX] {
        let error = upload.seek(wrong).await.unwrap_err();
        assert!(matches!(error, UploadSeekError::OutOfOrder { size: 20 }));
    }
    upload.seek(20).await.unwrap();
    upload.write(chunk(&TEXT[20..])).await.unwrap();
    upload.finish(Digest::sha256(TEXT)).await.unwrap();
    check_blob(&blobs, &Digest::sha256(TEXT)).await;
}

#[tokio::test]
async fn of_a_chunk_that_is_not_as_long_as_promised_nothing_is_kept() {
    let blobs = blobs(&in_memory(), "a");
    let mut upload = start(&blobs).await;
    upload.write(chunk(&TEXT[..10])).await.unwrap();
    for promised in [0, 5, 21] {
        let lying = Chunk::new(body(&TEXT[10..30]), Some(promised));
        let error = upload.write(lying).await.unwrap_err();
        assert!(matches!(error, UploadWriteError::Length { expected, .. } if expected == promised));
        assert_eq!(upload.size(), 10);
    }
    let honest = Chunk::new(body(&TEXT[10..]), Some(TEXT.len() as u64 - 10));
    upload.write(honest).await.unwrap();
    upload.finish(Digest::sha256(TEXT)).await.unwrap();
    check_blob(&blobs, &Digest::sha256(TEXT)).await;
}

#[tokio::test]
async fn a_blob_beyond_the_limit_is_refused() {
    let options = Options {
        blob_limit: Some(20),
        ..open_options()
    };
    let blobs = blobs(&local(&memory(), options), "a");
    let mut upload = start(&blobs).await;
    upload.write(chunk(&TEXT[..20])).await.unwrap();
    let error = upload.write(chunk(&TEXT[20..21])).await.unwrap_err();
    assert!(matches!(error, UploadWriteError::TooLarge { limit: 20 }));
    upload.finish(Digest::sha256(&TEXT[..20])).await.unwrap();
}

#[tokio::test]
async fn what_was_written_and_not_saved_is_not_there() {
    let blobs = blobs(&in_memory(), "a");
    let mut upload = start(&blobs).await;
    let id = upload.id().clone();
    upload.write(chunk(TEXT)).await.unwrap();
    drop(upload);
    assert_eq!(blobs.status(&id).await.unwrap().size, 0);
    let mut upload = blobs.resume(&id).await.unwrap();
    upload.write(chunk(&TEXT[..3])).await.unwrap();
    upload.finish(Digest::sha256(&TEXT[..3])).await.unwrap();
}

#[tokio::test]
async fn a_second_writer_waits_and_does_not_wait_for_ever() {
    let options = Options {
        upload_wait: Duration::from_millis(30),
        ..open_options()
    };
    let blobs = blobs(&local(&memory(), options), "a");
    let mut first = start(&blobs).await;
    let id = first.id().clone();
    let error = blobs.resume(&id).await.unwrap_err();
    assert!(
        matches!(error, UploadResumeError::Fault(fault) if fault.kind() == FaultKind::Unavailable)
    );
    let error = blobs.cancel(&id).await.unwrap_err();
    assert!(matches!(error, UploadError::Fault(_)));
    assert_eq!(blobs.status(&id).await.unwrap().size, 0);

    let mut second = blobs.resume(&id);
    assert!((&mut second).now_or_never().is_none());
    first.write(chunk(&TEXT[..10])).await.unwrap();
    first.suspend().await.unwrap();
    assert_eq!(second.await.unwrap().size(), 10);
}

#[tokio::test]
async fn writers_of_one_upload_do_not_mix() {
    for (driver, _directory) in storages() {
        eight_writers(driver).await;
    }
}

async fn eight_writers(driver: Arc<dyn StorageDriver>) {
    let blobs = blobs(&local(&driver, open_options()), "a");
    let upload = start(&blobs).await;
    let id = upload.id().clone();
    upload.suspend().await.unwrap();
    let writing = (0..8_u8).map(|writer| {
        let (blobs, id) = (Arc::clone(&blobs), id.clone());
        tokio::spawn(async move {
            let mut upload = blobs.resume(&id).await.unwrap();
            let pieces = futures_util::stream::iter((0..10).map(move |_| vec![writer; 10]));
            let pieces = pieces.then(|piece| async move {
                tokio::task::yield_now().await;
                Ok(piece.into())
            });
            upload
                .write(Chunk::new(pieces.boxed(), None))
                .await
                .unwrap();
            upload.suspend().await.unwrap();
        })
    });
    for writer in writing.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(blobs.status(&id).await.unwrap().size, 800);
    let data = paths::upload_data(&name("a"), &id);
    let content = driver.read(&data, ReadOptions::new(800)).await.unwrap();
    let mut order: Vec<u8> = content.chunks(100).map(|run| run[0]).collect();
    assert!(
        content
            .chunks(100)
            .all(|run| run.iter().all(|byte| *byte == run[0]))
    );
    order.sort_unstable();
    assert_eq!(order, [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test]
async fn when_the_request_is_dropped_what_came_is_still_kept() {
    let blobs = blobs(&in_memory(), "a");
    let mut upload = start(&blobs).await;
    let id = upload.id().clone();
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    let body = futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|item| (item, receiver))
    });
    sender.send(Ok(TEXT[..20].to_vec().into())).unwrap();
    {
        let writing = upload.write(Chunk::new(body.boxed(), None));
        tokio::pin!(writing);
        let _ = tokio::time::timeout(Duration::from_millis(20), writing).await;
    }
    drop(upload);
    // The writer still has the upload.
    assert_eq!(blobs.status(&id).await.unwrap().size, 0);
    sender.send(Ok(TEXT[20..30].to_vec().into())).unwrap();
    drop(sender);
    let mut upload = blobs.resume(&id).await.unwrap();
    upload.seek(30).await.unwrap();
    upload.write(chunk(&TEXT[30..])).await.unwrap();
    upload.finish(Digest::sha256(TEXT)).await.unwrap();
    check_blob(&blobs, &Digest::sha256(TEXT)).await;
}

#[tokio::test]
async fn one_digest_completed_twice_at_once_is_one_blob() {
    for (driver, _directory) in storages() {
        eight_pushes(local(&driver, open_options())).await;
    }
}

async fn eight_pushes(local: Local) {
    for content in [TEXT.to_vec(), long()] {
        let finishing = (0..8).map(|at| {
            let (local, content) = (local.clone(), content.clone());
            let repository = if at % 2 == 0 { "even" } else { "odd" };
            tokio::spawn(async move { push_blob(&local, repository, &content).await })
        });
        for done in finishing.collect::<Vec<_>>() {
            done.await.unwrap();
        }
        for repository in ["even", "odd"] {
            let blob = blobs(&local, repository);
            let blob = blob.open(&Digest::sha256(&content)).await.unwrap();
            assert!(contents(blob).await == content);
        }
    }
}

#[tokio::test]
async fn a_bad_copy_is_replaced_by_the_next_push() {
    let driver = memory();
    let local = local(&driver, open_options());
    let digest = push_blob(&local, "a", TEXT).await;
    let data = paths::blob_data(&digest);
    // Small content is compared, of long content the length.
    for bad in [&TEXT[..5], &[0; TEXT.len()]] {
        driver.replace(&data, bad.to_vec()).await.unwrap();
        push_blob(&local, "b", TEXT).await;
        check_blob(&blobs(&local, "a"), &digest).await;
    }
    let digest = push_blob(&local, "a", &long()).await;
    let data = paths::blob_data(&digest);
    driver.replace(&data, long()[1..].to_vec()).await.unwrap();
    push_blob(&local, "b", &long()).await;
    let blob = blobs(&local, "a").open(&digest).await.unwrap();
    assert!(contents(blob).await == long());
}

#[tokio::test]
async fn an_upload_belongs_to_its_repository() {
    let local = in_memory();
    let upload = start(&blobs(&local, "a")).await;
    let id = upload.id().clone();
    upload.suspend().await.unwrap();
    let other = blobs(&local, "a/b");
    assert!(matches!(
        other.status(&id).await,
        Err(UploadError::Unknown(_))
    ));
    assert!(matches!(
        other.resume(&id).await,
        Err(UploadResumeError::Unknown(_))
    ));
    assert!(matches!(
        other.cancel(&id).await,
        Err(UploadError::Unknown(_))
    ));
    blobs(&local, "a").status(&id).await.unwrap();
}

#[tokio::test]
async fn a_cancelled_upload_is_gone() {
    let local = in_memory();
    let blobs = blobs(&local, "a");
    let mut upload = start(&blobs).await;
    let id = upload.id().clone();
    upload.write(chunk(TEXT)).await.unwrap();
    upload.cancel().await.unwrap();
    assert!(matches!(
        blobs.cancel(&id).await,
        Err(UploadError::Unknown(_))
    ));
    let upload = start(&blobs).await;
    let id = upload.id().clone();
    upload.suspend().await.unwrap();
    blobs.cancel(&id).await.unwrap();
    assert!(matches!(
        blobs.resume(&id).await,
        Err(UploadResumeError::Unknown(_))
    ));
}

#[tokio::test]
async fn an_upload_whose_bytes_are_lost_is_damaged() {
    let driver = memory();
    let blobs = blobs(&local(&driver, open_options()), "a");
    let mut upload = start(&blobs).await;
    let id = upload.id().clone();
    upload.write(chunk(TEXT)).await.unwrap();
    upload.suspend().await.unwrap();
    let data = paths::upload_data(&name("a"), &id);
    driver.replace(&data, TEXT[..5].to_vec()).await.unwrap();
    assert!(matches!(
        blobs.resume(&id).await,
        Err(UploadResumeError::Damaged(_))
    ));
    assert!(matches!(
        blobs.status(&id).await,
        Err(UploadError::Damaged(_))
    ));
    driver.delete(&data).await.unwrap();
    let upload = blobs.resume(&id).await.unwrap();
    let error = upload.finish(Digest::sha256(TEXT)).await.unwrap_err();
    assert!(matches!(error, UploadFinishError::Damaged(_)));
}

#[tokio::test]
async fn a_foreign_hash_state_is_made_good_by_reading_again() {
    let driver = memory();
    let blobs = blobs(&local(&driver, open_options()), "a");
    let mut upload = start(&blobs).await;
    let id = upload.id().clone();
    upload.write(chunk(&TEXT[..20])).await.unwrap();
    upload.suspend().await.unwrap();
    let state = paths::hash_state(&name("a"), &id, Kind::Sha256, 20);
    driver
        .replace(&state, &b"sha\x03 of another program"[..])
        .await
        .unwrap();
    let mut upload = blobs.resume(&id).await.unwrap();
    upload.write(chunk(&TEXT[20..])).await.unwrap();
    upload.finish(Digest::sha256(TEXT)).await.unwrap();
    check_blob(&blobs, &Digest::sha256(TEXT)).await;
}
