//! Tests of uploads that are cut, fail in the middle, or hold what nobody was told of.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use registry_protocol::Digest;

use crate::domain::{BlobService, Chunk};
use crate::driver::filesystem::{Probe, Step};
use crate::driver::{Filesystem, FilesystemOptions, StorageDriver, StorageDriverExt};
use crate::error::{FaultKind, UploadWriteError};
use crate::layout::paths;
use crate::testing::{
    blobs, body, broken, chunk, contents, local, long, name, open_options, start, storages,
};

/// How an upload that was cut is brought to its end.
#[derive(Debug, Clone, Copy)]
enum End {
    /// From where the registry says that it is.
    GoOn,
    /// With the same request once more.
    Repeat,
    /// As it was acknowledged, though more came.
    AsAcknowledged,
}

#[tokio::test]
async fn an_upload_that_was_cut_becomes_the_blob_that_was_meant() {
    for (driver, _directory) in storages() {
        let blobs = blobs(&local(&driver, open_options()), "a");
        for end in [End::GoOn, End::Repeat, End::AsAcknowledged] {
            for (acknowledged, cut) in [(0, 5), (0, 150_000), (9, 70_000), (90_000, 90_001)] {
                cut_and_brought_to_an_end(&blobs, end, acknowledged, cut).await;
            }
        }
    }
}

async fn cut_and_brought_to_an_end(
    blobs: &Arc<dyn BlobService>,
    end: End,
    acknowledged: usize,
    cut: usize,
) {
    let mut whole = long();
    let mut upload = start(blobs).await;
    let id = upload.id().clone();
    upload.write(chunk(&whole[..acknowledged])).await.unwrap();
    upload.suspend().await.unwrap();
    let mut upload = blobs.resume(&id).await.unwrap();
    let announced = Some((whole.len() - acknowledged) as u64);
    let broken = Chunk::new(broken(&whole[acknowledged..cut]), announced);
    upload.write(broken).await.unwrap_err();
    drop(upload);
    let from = match end {
        End::GoOn => blobs.status(&id).await.unwrap().size,
        End::Repeat | End::AsAcknowledged => acknowledged as u64,
    };
    let mut upload = blobs.resume(&id).await.unwrap();
    upload.seek(from).await.unwrap();
    if matches!(end, End::AsAcknowledged) {
        whole.truncate(acknowledged);
    } else {
        let from = usize::try_from(from).unwrap();
        assert_eq!(
            from,
            if matches!(end, End::GoOn) {
                cut
            } else {
                acknowledged
            }
        );
        upload.write(chunk(&whole[from..])).await.unwrap();
    }
    let digest = Digest::sha256(&whole);
    upload.finish(digest.clone()).await.unwrap();
    let blob = blobs.open(&digest).await.unwrap();
    assert!(
        contents(blob).await == whole,
        "{end:?} {acknowledged} {cut}"
    );
}

#[tokio::test]
async fn bytes_that_nobody_was_told_of_are_no_part_of_the_blob() {
    for (driver, _directory) in storages() {
        let blobs = blobs(&local(&driver, open_options()), "a");
        for (lost, others) in [(long(), vec![2; 100]), (long(), vec![1; 100_000])] {
            let mut upload = start(&blobs).await;
            let id = upload.id().clone();
            upload.write(chunk(&lost)).await.unwrap();
            drop(upload);
            let mut upload = blobs.resume(&id).await.unwrap();
            assert_eq!(upload.size(), 0);
            upload.write(chunk(&others)).await.unwrap();
            let digest = Digest::sha256(&others);
            upload.finish(digest.clone()).await.unwrap();
            let blob = blobs.open(&digest).await.unwrap();
            assert!(contents(blob).await == others);
        }
        // Nor are those that came to the file in another way.
        let mut upload = start(&blobs).await;
        let id = upload.id().clone();
        upload.write(chunk("told")).await.unwrap();
        upload.suspend().await.unwrap();
        let data = paths::upload_data(&name("a"), &id);
        driver.replace(&data, "told and more").await.unwrap();
        let upload = blobs.resume(&id).await.unwrap();
        let digest = Digest::sha256(b"told");
        upload.finish(digest.clone()).await.unwrap();
        let blob = blobs.open(&digest).await.unwrap();
        assert_eq!(contents(blob).await, b"told");
    }
}

#[tokio::test]
async fn after_a_failed_write_an_upload_is_what_it_was_before() {
    for (driver, _directory) in storages() {
        let blobs = blobs(&local(&driver, open_options()), "a");
        for before in [0, 10, 80_000] {
            let whole = long();
            let mut upload = start(&blobs).await;
            upload.write(chunk(&whole[..before])).await.unwrap();
            for wrong in [&whole[..7], &whole[..130_000]] {
                let lying = Chunk::new(body(wrong), Some(wrong.len() as u64 + 1));
                upload.write(lying).await.unwrap_err();
                assert_eq!(upload.size(), before as u64);
            }
            upload.write(chunk(&whole[before..])).await.unwrap();
            let digest = Digest::sha256(&whole);
            upload.finish(digest.clone()).await.unwrap();
            let blob = blobs.open(&digest).await.unwrap();
            assert!(contents(blob).await == whole, "{before}");
        }
    }
}

#[tokio::test]
async fn what_no_longer_fits_on_the_disk_takes_no_room_afterwards() {
    for before in [0, 10, 80_000] {
        let root = tempfile::tempdir().unwrap();
        let probe: Probe = Arc::new(|step| match step {
            Step::Write { offset, len, .. } if offset + len > 2_000_000 => {
                Err(rustix::io::Errno::NOSPC.into())
            }
            _ => Ok(()),
        });
        let options = FilesystemOptions::new(root.path()).probe(probe);
        let driver: Arc<dyn StorageDriver> = Arc::new(Filesystem::open(options).unwrap());
        let blobs = blobs(&local(&driver, open_options()), "a");
        let whole = long();
        let mut upload = start(&blobs).await;
        let id = upload.id().clone();
        upload.write(chunk(&whole[..before])).await.unwrap();
        upload.suspend().await.unwrap();
        let mut upload = blobs.resume(&id).await.unwrap();
        let pieces = (0..40).map(|_| Ok(Bytes::from(vec![0; 100_000])));
        let much = Chunk::new(futures_util::stream::iter(pieces).boxed(), None);
        // It is written behind the answer, and what failed is told at the latest in the end.
        let failed = match upload.write(much).await {
            Ok(_) => upload.suspend().await.unwrap_err(),
            Err(UploadWriteError::Fault(fault)) => {
                drop(upload);
                fault
            }
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(failed.kind(), FaultKind::Full);
        let data = driver.stat(&paths::upload_data(&name("a"), &id)).await;
        let left = data.map_or(0, |stat| stat.len);
        assert_eq!(left, before as u64);
        let mut upload = blobs.resume(&id).await.unwrap();
        upload.write(chunk(&whole[before..])).await.unwrap();
        let digest = Digest::sha256(&whole);
        upload.finish(digest.clone()).await.unwrap();
        let blob = blobs.open(&digest).await.unwrap();
        assert!(contents(blob).await == whole, "{before}");
    }
}

#[tokio::test]
async fn what_was_received_is_written_when_nothing_more_comes() {
    let directory = tempfile::tempdir().unwrap();
    let whole = long();
    let (written, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let options = FilesystemOptions::new(directory.path()).probe(Arc::new(move |step| {
        if let Step::Write { offset, len, .. } = step {
            written.send(offset + len).unwrap();
        }
        Ok(())
    }));
    let driver: Arc<dyn StorageDriver> = Arc::new(Filesystem::open(options).unwrap());
    let blobs = blobs(&local(&driver, open_options()), "a");
    let mut upload = start(&blobs).await;
    // The client goes on when all that it sent so far is in the file: less than would be written otherwise.
    let beginning = 100_000;
    let (go_on, wait) = tokio::sync::oneshot::channel::<()>();
    let rest = futures_util::stream::once(async move {
        wait.await.unwrap();
        Ok(Bytes::new())
    });
    let pieces = body(&whole[..beginning])
        .chain(rest)
        .chain(body(&whole[beginning..]));
    let writing = upload.write(Chunk::new(pieces.boxed(), None));
    let watching = async {
        while seen.recv().await.unwrap() < beginning as u64 {}
        go_on.send(()).unwrap();
    };
    let (size, ()) = tokio::join!(writing, watching);
    assert_eq!(size.unwrap(), whole.len() as u64);
    let digest = Digest::sha256(&whole);
    upload.finish(digest.clone()).await.unwrap();
    assert_eq!(contents(blobs.open(&digest).await.unwrap()).await, whole);
}

#[tokio::test]
async fn a_status_waits_for_who_only_looks_at_the_upload() {
    let whole = long();
    for (driver, _directory) in storages() {
        let blobs = blobs(&local(&driver, open_options()), "a");
        let mut upload = start(&blobs).await;
        let id = upload.id().clone();
        let cut = Chunk::new(broken(&whole[..100_000]), Some(whole.len() as u64));
        upload.write(cut).await.unwrap_err();
        drop(upload);
        let looks = blobs.resume(&id).await.unwrap();
        // The other is polled first, and finds the upload taken.
        let (status, ()) = tokio::join!(biased; blobs.status(&id), async { drop(looks) });
        assert_eq!(status.unwrap().size, 100_000);
    }
}
