//! Short files that are read again and again, while others write to them.

use std::fs;
use std::io::Write;
use std::sync::Arc;

use jiff::Timestamp;

use super::super::{Filesystem, FilesystemOptions};
use super::key;
use crate::clock::Clock;
use crate::driver::{ReadOptions, StorageDriver, StorageDriverExt as _};

/// A clock by which every file is old.
#[derive(Debug)]
struct Late;

impl Clock for Late {
    fn now(&self) -> Timestamp {
        Timestamp::MAX
    }
}

async fn read(driver: &Filesystem, limit: u64) -> Option<String> {
    let read = driver.read(&key("d/link"), ReadOptions::new(limit)).await;
    let content = read.ok()?;
    Some(String::from_utf8_lossy(&content).into_owned())
}

#[tokio::test]
async fn a_file_that_is_replaced_or_removed_is_seen_at_once() {
    let root = tempfile::tempdir().unwrap();
    let options = FilesystemOptions::new(root.path()).clock(Arc::new(Late));
    let driver = Filesystem::open(options).unwrap();
    let path = root.path().join("d/link");
    for number in 0..20 {
        let (ours, theirs) = (format!("ours {number:2}"), format!("them {number:2}"));
        driver.replace(&key("d/link"), ours.clone()).await.unwrap();
        for _ in 0..3 {
            assert_eq!(read(&driver, 100).await.as_ref(), Some(&ours));
        }
        // Another process replaces it.
        fs::write(root.path().join("theirs"), &theirs).unwrap();
        fs::rename(root.path().join("theirs"), &path).unwrap();
        for _ in 0..3 {
            assert_eq!(read(&driver, 100).await.as_ref(), Some(&theirs));
        }
        // A limit holds for what is remembered, too.
        assert_eq!(read(&driver, 6).await, None);
        driver.delete(&key("d/link")).await.unwrap();
        assert_eq!(read(&driver, 100).await, None);
    }
}

#[tokio::test]
async fn a_file_that_somebody_writes_to_in_its_place_is_seen_at_once() {
    let root = tempfile::tempdir().unwrap();
    let driver = super::open(root.path());
    driver.replace(&key("d/link"), "0000").await.unwrap();
    let mut options = fs::OpenOptions::new();
    let options = options.write(true);
    for number in 1..100 {
        let text = format!("{number:4}");
        let mut file = options.open(root.path().join("d/link")).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        assert_eq!(read(&driver, 100).await, Some(text));
    }
}
