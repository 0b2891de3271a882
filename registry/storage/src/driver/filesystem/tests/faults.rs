//! Every step fails once; what was there before stays, what is there after is whole, and the next try
//! succeeds without a new start.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use rustix::io::Errno;

use super::super::Filesystem;
use super::{key, open, probed, read};
use crate::driver::{
    AppendOptions, Change, DeleteOptions, DriverError, ListOptions, Operation, RenameOptions,
    StorageDriver, StorageDriverExt as _,
};

/// A storage on which the step of a number fails, counted from when `count` is set to 0.
fn failing(root: &Path, number: usize, ever_since: bool) -> (Filesystem, Arc<AtomicUsize>) {
    // Far away, until it is set.
    let count = Arc::new(AtomicUsize::new(usize::MAX / 2));
    let counted = count.clone();
    let driver = probed(root, move |_| {
        let step = counted.fetch_add(1, Ordering::SeqCst) + 1;
        let fails = step == number || (ever_since && step > number && step < usize::MAX / 2);
        if fails {
            Err(io::Error::from(Errno::NOSPC))
        } else {
            Ok(())
        }
    });
    (driver, count)
}

/// What the storage has before each attempt.
async fn prepare(driver: &Filesystem) {
    driver.replace(&key("tag"), "old").await.unwrap();
    driver.replace(&key("up/data"), "upload").await.unwrap();
    driver.replace(&key("tree/a/b"), "leaf").await.unwrap();
}

/// All that a storage is asked to do, one of it at a time.
async fn work(driver: &Filesystem, what: &str) -> Result<(), DriverError> {
    match what {
        "replace" => driver.replace(&key("tag"), "new").await,
        "create" => driver.create(&key("new/place/tag"), "new").await,
        "rename" => {
            let to = key("blobs/x/data");
            driver
                .rename(&key("up/data"), &to, RenameOptions::create())
                .await
        }
        "append" => {
            let options = AppendOptions::cut_to(2);
            let mut appender = driver.append(&key("up/data"), options).await?;
            appender.write(Bytes::from_static(b"date")).await?;
            appender.finish().await.map(drop)
        }
        "upload" => {
            let options = AppendOptions::at(0);
            let mut appender = driver.append(&key("up/2/data"), options).await?;
            appender.write(Bytes::from_static(b"content")).await?;
            appender.finish().await.map(drop)
        }
        "publish" => {
            let content = Change::Rename(key("up/data"), key("blobs/x/data"));
            let tag = Change::Put(key("new/place/tag"), "new".into());
            driver.publish(vec![vec![content], vec![tag]]).await
        }
        "delete" => driver.delete(&key("tag")).await,
        "delete_tree" => {
            driver
                .delete_tree(&key("tree"), DeleteOptions::durable())
                .await
        }
        other => panic!("{other}"),
    }
}

const ALL: [&str; 8] = [
    "replace",
    "create",
    "rename",
    "append",
    "upload",
    "publish",
    "delete",
    "delete_tree",
];

/// What is in a file; a line where there is none.
async fn content_of(driver: &Filesystem, text: &str) -> String {
    match read(driver, text).await {
        Ok(content) => content,
        Err(error) if error.is_not_found() => "-".to_owned(),
        Err(error) => panic!("{error:?}"),
    }
}

/// Nothing is torn, and nothing is gone that was not meant to go.
async fn assert_whole(driver: &Filesystem, what: &str, step: usize) {
    let told = format!("{what}, step {step}");
    let content = |text| content_of(driver, text);
    let tag = content("tag").await;
    match what {
        "replace" => assert!(["old", "new"].contains(&tag.as_str()), "{told}: {tag}"),
        "delete" => assert!(["old", "-"].contains(&tag.as_str()), "{told}: {tag}"),
        _ => assert_eq!(tag, "old", "{told}"),
    }
    let created = content("new/place/tag").await;
    assert!(
        ["-", "new"].contains(&created.as_str()),
        "{told}: {created}"
    );
    let upload = (content("up/data").await, content("blobs/x/data").await);
    match what {
        "rename" | "publish" => {
            assert!(created == "-" || upload.1 == "upload", "{told}: {created}");
            let one = [("upload", "-"), ("-", "upload")];
            assert!(one.contains(&(&upload.0, &upload.1)), "{told}: {upload:?}");
        }
        "append" => {
            // Up to the acknowledged offset.
            assert!(upload.0.starts_with("up"), "{told}: {upload:?}");
        }
        _ => assert_eq!(upload.0, "upload", "{told}"),
    }
    let leaf = content("tree/a/b").await;
    let is_there = what != "delete_tree" || driver.exists(&key("tree")).await.unwrap();
    assert_eq!(leaf, if is_there { "leaf" } else { "-" }, "{told}");
}

#[tokio::test]
async fn a_step_that_fails_once_spoils_nothing_and_the_next_try_succeeds() {
    for what in ALL {
        let mut failures = 0;
        for number in 1.. {
            let root = tempfile::tempdir().unwrap();
            let (driver, count) = failing(root.path(), number, false);
            prepare(&driver).await;
            count.store(0, Ordering::SeqCst);
            let done = work(&driver, what).await;
            let steps = count.swap(usize::MAX / 2, Ordering::SeqCst);
            assert_whole(&driver, what, number).await;
            match done {
                Err(DriverError::NoSpace { .. }) => failures += 1,
                Err(error) => panic!("{what}, step {number}: {error:?}"),
                Ok(()) => {}
            }
            match work(&driver, what).await {
                // It was done, and only its answer failed.
                Err(DriverError::AlreadyExists { .. }) => assert_eq!(what, "create"),
                Err(DriverError::InvalidOffset { .. }) => assert_eq!(what, "upload"),
                Err(DriverError::NotFound { .. }) => {
                    assert!(
                        ["rename", "publish", "delete", "delete_tree"].contains(&what),
                        "{what}"
                    );
                }
                again => again.unwrap_or_else(|error| panic!("{what}, step {number}: {error:?}")),
            }
            if steps < number {
                break;
            }
        }
        assert!(failures >= 2, "{what} failed {failures} times");
    }
}

#[tokio::test]
async fn a_storage_that_died_at_any_step_is_whole_when_it_is_opened_again() {
    for what in ALL {
        for number in 1.. {
            let root = tempfile::tempdir().unwrap();
            let (driver, count) = failing(root.path(), number, true);
            prepare(&driver).await;
            count.store(0, Ordering::SeqCst);
            let done = work(&driver, what).await;
            let steps = count.load(Ordering::SeqCst);
            drop(driver);
            let driver = open(root.path());
            assert_whole(&driver, what, number).await;
            driver
                .sweep(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40))
                .await
                .unwrap();
            let left = std::fs::read_dir(root.path().join(".registry/tmp")).unwrap();
            assert_eq!(left.count(), 0, "{what}, step {number}");
            assert_whole(&driver, what, number).await;
            if steps < number {
                done.unwrap();
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_failed_put_leaves_no_file_behind() {
    for number in 1..=4 {
        let root = tempfile::tempdir().unwrap();
        let (driver, count) = failing(root.path(), number, false);
        prepare(&driver).await;
        count.store(0, Ordering::SeqCst);
        driver.replace(&key("tag"), "new").await.unwrap_err();
        let left = std::fs::read_dir(root.path().join(".registry/tmp")).unwrap();
        assert_eq!(left.count(), 0, "step {number}");
    }
}

#[tokio::test]
async fn after_a_failed_write_an_appender_accepts_nothing_more() {
    let root = tempfile::tempdir().unwrap();
    let (driver, count) = failing(root.path(), 1, false);
    let mut appender = driver
        .append(&key("data"), AppendOptions::at(0))
        .await
        .unwrap();
    appender.write("content".into()).await.unwrap();
    count.store(0, Ordering::SeqCst);
    let failed = appender.sync().await;
    assert!(
        matches!(failed, Err(DriverError::NoSpace { .. })),
        "{failed:?}"
    );
    let failed = appender.sync().await;
    assert!(
        matches!(failed, Err(DriverError::Other { .. })),
        "{failed:?}"
    );
    appender.finish().await.unwrap_err();
    driver
        .append(&key("data"), AppendOptions::cut_to(0))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_sweep_takes_what_is_old_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let driver = open(root.path());
    assert_eq!(driver.sweep(SystemTime::UNIX_EPOCH).await.unwrap(), 0);
    driver.replace(&key("a/b"), "content").await.unwrap();
    let aside = root.path().join(".registry/tmp");
    std::fs::write(aside.join("old"), "half").unwrap();
    std::fs::create_dir_all(aside.join("tree/sub")).unwrap();
    std::fs::write(aside.join("tree/sub/file"), "").unwrap();
    std::os::unix::fs::symlink("../../a", aside.join("link")).unwrap();
    assert_eq!(driver.sweep(SystemTime::UNIX_EPOCH).await.unwrap(), 0);
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40);
    assert_eq!(driver.sweep(later).await.unwrap(), 3);
    assert_eq!(std::fs::read_dir(aside).unwrap().count(), 0);
    assert_eq!(read(&driver, "a/b").await.unwrap(), "content");
}

#[tokio::test]
async fn the_directory_for_temporary_files_is_not_listed_and_may_vanish() {
    let root = tempfile::tempdir().unwrap();
    let driver = open(root.path());
    driver.replace(&key("a"), "1").await.unwrap();
    let listing = driver
        .list(&key(".registry"), ListOptions::all())
        .await
        .unwrap();
    assert_eq!(listing.names().count(), 0);
    std::fs::remove_dir_all(root.path().join(".registry")).unwrap();
    driver.replace(&key("a"), "2").await.unwrap();
    assert_eq!(read(&driver, "a").await.unwrap(), "2");
}

#[tokio::test]
async fn a_file_that_is_cut_while_it_is_read_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let driver = open(root.path());
    driver.replace(&key("a"), "0123456789").await.unwrap();
    let reader = driver.open(&key("a")).await.unwrap();
    let file = std::fs::File::options()
        .write(true)
        .open(root.path().join("a"))
        .unwrap();
    file.set_len(4).unwrap();
    assert_eq!(reader.read_at(0, 4).await.unwrap(), "0123");
    for failed in [reader.read_at(0, 10).await, reader.read_at(4, 1).await] {
        let failed = failed.unwrap_err();
        assert!(matches!(
            failed,
            DriverError::Other {
                operation: Operation::ReadAt,
                ..
            }
        ));
    }
}
