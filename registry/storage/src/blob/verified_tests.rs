//! When a file is handed out as it is, and when its content is looked at first.

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use registry_protocol::Digest;

use super::verified::{GENERATION, Verified};
use crate::domain::Blob;
use crate::driver::{
    Durability, Filesystem, FilesystemOptions, ReadOptions, StorageDriver, StorageDriverExt,
};
use crate::layout::paths;
use crate::local::Local;
use crate::testing::{blobs, contents, in_memory, local, open_options, push_blob};

const LONG: usize = 300_000;

fn long() -> Vec<u8> {
    b"some layer ".iter().copied().cycle().take(LONG).collect()
}

fn driver(root: &tempfile::TempDir) -> Arc<dyn StorageDriver> {
    let options = FilesystemOptions::new(root.path()).durability(Durability::None);
    Arc::new(Filesystem::open(options).unwrap())
}

/// A registry as another process would open it.
fn open(root: &tempfile::TempDir) -> Local {
    local(&driver(root), open_options())
}

async fn blob(local: &Local, digest: &Digest) -> Box<dyn Blob> {
    blobs(local, "a").open(digest).await.unwrap()
}

async fn is_handed_out(local: &Local, digest: &Digest) -> bool {
    let blob = blob(local, digest).await;
    blob.file(&(0..blob.length())).is_some()
}

/// Reads some bytes of a blob; how many came before an error.
async fn read(
    local: &Local,
    digest: &Digest,
    range: std::ops::Range<u64>,
) -> Result<Vec<u8>, usize> {
    let (mut pieces, mut read) = (blob(local, digest).await.read(range), Vec::new());
    loop {
        match pieces.try_next().await {
            Ok(Some(piece)) => read.extend_from_slice(&piece),
            Ok(None) => return Ok(read),
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "{error}");
                return Err(read.len());
            }
        }
    }
}

/// Changes a byte, in a later tick of the file system's clock.
async fn flip(root: &tempfile::TempDir, digest: &Digest) {
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (driver, key) = (driver(root), paths::blob_data(digest));
    let content = driver.read(&key, ReadOptions::new(u64::MAX)).await.unwrap();
    let mut content = content.to_vec();
    content[5] = !content[5];
    driver.replace(&key, content).await.unwrap();
}

#[tokio::test]
async fn a_file_is_handed_out_from_its_push_on_and_after_a_restart_once_it_was_read_whole() {
    let root = tempfile::tempdir().unwrap();
    let pushed = open(&root);
    let digest = push_blob(&pushed, "a", &long()).await;
    assert!(is_handed_out(&pushed, &digest).await);
    for reads_whole in [true, false] {
        let restarted = open(&root);
        assert!(!is_handed_out(&restarted, &digest).await);
        let range = if reads_whole { 0..LONG as u64 } else { 11..22 };
        let expected = &long()[usize::try_from(range.start).unwrap()..]
            [..usize::try_from(range.end - range.start).unwrap()];
        assert_eq!(read(&restarted, &digest, range).await.unwrap(), expected);
        assert!(is_handed_out(&restarted, &digest).await);
    }
}

#[tokio::test]
async fn a_file_that_was_written_to_is_read_through_the_hash_and_never_to_its_end() {
    let root = tempfile::tempdir().unwrap();
    let local = open(&root);
    let digest = push_blob(&local, "a", &long()).await;
    flip(&root, &digest).await;
    for _ in 0..2 {
        assert!(!is_handed_out(&local, &digest).await);
        assert!(read(&local, &digest, 0..LONG as u64).await.unwrap_err() < LONG);
        assert_eq!(read(&local, &digest, 100..200).await, Err(0));
    }
    flip(&root, &digest).await;
    assert!(!is_handed_out(&local, &digest).await);
    assert_eq!(read(&local, &digest, 0..LONG as u64).await.unwrap(), long());
    assert!(is_handed_out(&local, &digest).await);
}

#[tokio::test]
async fn a_copy_that_was_there_before_is_not_taken_for_what_was_pushed() {
    let root = tempfile::tempdir().unwrap();
    let digest = push_blob(&open(&root), "a", &long()).await;
    flip(&root, &digest).await;
    let local = open(&root);
    push_blob(&local, "b", &long()).await;
    assert!(!is_handed_out(&local, &digest).await);
}

#[tokio::test]
async fn a_small_blob_is_hashed_each_time() {
    let root = tempfile::tempdir().unwrap();
    let local = open(&root);
    let digest = push_blob(&local, "a", b"0123456789").await;
    for _ in 0..2 {
        assert!(!is_handed_out(&local, &digest).await);
        assert_eq!(contents(blob(&local, &digest).await).await, b"0123456789");
    }
    flip(&root, &digest).await;
    assert_eq!(read(&local, &digest, 0..10).await, Err(0));
    assert_eq!(read(&local, &digest, 0..2).await, Err(0));
}

#[tokio::test]
async fn a_storage_without_files_hands_none_out() {
    let local = in_memory();
    let digest = push_blob(&local, "a", &long()).await;
    assert!(!is_handed_out(&local, &digest).await);
    assert_eq!(read(&local, &digest, 0..LONG as u64).await.unwrap(), long());
    assert_eq!(read(&local, &digest, 1..3).await.unwrap(), b"om");
}

#[test]
fn what_nobody_asks_for_is_forgotten_in_the_end_and_never_more_kept_than_two_generations() {
    let file = Arc::new(tempfile::tempfile().unwrap());
    let verified = Verified::default();
    let digest = |number: usize| Digest::sha256(&number.to_le_bytes());
    for number in 0..3 * GENERATION {
        verified.record(&digest(number), &file);
        // It is asked for now and then.
        assert!(number % 1000 > 0 || verified.knows(&digest(0), &file));
    }
    assert!(verified.knows(&digest(0), &file));
    assert!(!verified.knows(&digest(1), &file));
    assert!(verified.knows(&digest(3 * GENERATION - 1), &file));
    assert!(verified.len() <= 2 * GENERATION);
}
