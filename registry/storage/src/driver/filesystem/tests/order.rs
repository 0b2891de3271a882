//! The order of writes, syncs and renames, against a disk that loses what is not synced.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::super::{Durability, Filesystem, FilesystemOptions, Step};
use super::ledger::Ledger;
use super::{key, probed};
use crate::driver::{
    AppendOptions, Change, DeleteOptions, DriverError, Key, PutOptions, RenameOptions,
    StorageDriver, StorageDriverExt as _,
};

fn watched(root: &Path) -> (Filesystem, Arc<Mutex<Ledger>>) {
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let sees = ledger.clone();
    let driver = probed(root, move |step| {
        sees.lock().unwrap().see(step);
        Ok(())
    });
    (driver, ledger)
}

/// The steps since the last call, without the names of temporary files.
fn shown(ledger: &Mutex<Ledger>) -> Vec<String> {
    let steps = std::mem::take(&mut ledger.lock().unwrap().steps);
    let name = |key: &Key| {
        let aside = key.is_below(&super::key(".registry/tmp"));
        if aside {
            "aside".to_owned()
        } else {
            key.to_string()
        }
    };
    let shown = steps.iter().map(|step| match step {
        Step::MakeDirectory(key) => format!("mkdir {}", name(key)),
        Step::Create(key) => format!("create {}", name(key)),
        Step::Write { key, offset, len } => format!("write {} {offset}+{len}", name(key)),
        Step::Reserve { key, offset, len } => format!("reserve {} {offset}+{len}", name(key)),
        Step::Cut { key, len } => format!("cut {} {len}", name(key)),
        Step::SyncFile(key) => format!("sync {}", name(key)),
        Step::SyncDirectory(key) => format!("sync {}/", name(key)),
        Step::Rename { from, to, .. } => format!("rename {} {}", name(from), name(to)),
        Step::Link { from, to } => format!("link {} {}", name(from), name(to)),
        Step::Unlink(key) => format!("unlink {}", name(key)),
        Step::RemoveTree(key) => format!("remove {}", name(key)),
    });
    shown.collect()
}

#[tokio::test]
async fn a_put_syncs_the_file_then_names_it_then_syncs_every_new_directory() {
    let root = tempfile::tempdir().unwrap();
    let (driver, ledger) = watched(root.path());
    driver.replace(&key("a/first"), "x").await.unwrap();
    shown(&ledger);
    driver.replace(&key("a/b/c/tag"), "content").await.unwrap();
    let expected = [
        "create aside",
        "write aside 0+7",
        "sync aside",
        "mkdir a/b",
        "mkdir a/b/c",
        "rename aside a/b/c/tag",
        "sync a/b/c/",
        "sync a/b/",
        "sync a/",
    ];
    assert_eq!(shown(&ledger), expected);
    driver.replace(&key("a/b/c/tag"), "content").await.unwrap();
    let expected = [
        "create aside",
        "write aside 0+7",
        "sync aside",
        "rename aside a/b/c/tag",
        "sync a/b/c/",
    ];
    assert_eq!(shown(&ledger), expected);
}

#[tokio::test]
async fn an_upload_is_synced_before_it_is_renamed_and_both_directories_after() {
    let root = tempfile::tempdir().unwrap();
    let (driver, ledger) = watched(root.path());
    driver.replace(&key("up/started"), "").await.unwrap();
    shown(&ledger);
    let (from, to) = (key("up/data"), key("blobs/x/data"));
    let mut appender = driver.append(&from, AppendOptions::at(0)).await.unwrap();
    appender.write("content".into()).await.unwrap();
    appender.finish().await.unwrap();
    let expected = [
        "create up/data",
        "write up/data 0+7",
        "sync up/data",
        "sync up/",
    ];
    assert_eq!(shown(&ledger), expected);
    driver
        .rename(&from, &to, RenameOptions::create())
        .await
        .unwrap();
    let expected = [
        "mkdir blobs",
        "mkdir blobs/x",
        "rename up/data blobs/x/data",
        "sync blobs/x/",
        "sync blobs/",
        "sync ./",
        "sync up/",
    ];
    assert_eq!(shown(&ledger), expected);
}

#[tokio::test]
async fn nothing_that_was_acknowledged_is_lost_after_any_operation() {
    let root = tempfile::tempdir().unwrap();
    let (driver, ledger) = watched(root.path());
    let check = || ledger.lock().unwrap().assert_durable();
    driver.create(&key("a/b/c"), "content").await.unwrap();
    check();
    driver.create(&key("a/b/c"), "content").await.unwrap_err();
    check();
    let data = key("up/1/data");
    let mut appender = driver.append(&data, AppendOptions::at(0)).await.unwrap();
    for _ in 0..2 {
        appender
            .write(vec![1; 3 * 1024 * 1024].into())
            .await
            .unwrap();
        appender.sync().await.unwrap();
        check();
    }
    appender.finish().await.unwrap();
    let appender = driver
        .append(&data, AppendOptions::cut_to(9))
        .await
        .unwrap();
    appender.finish().await.unwrap();
    check();
    driver
        .rename(&data, &key("d/e/f"), RenameOptions::replace())
        .await
        .unwrap();
    check();
    driver.delete(&key("a/b/c")).await.unwrap();
    check();
    driver
        .delete_tree(&key("d"), DeleteOptions::durable())
        .await
        .unwrap();
    check();
    driver.create(&key("d/e/f"), "content").await.unwrap();
    check();
}

#[tokio::test]
async fn a_tree_is_out_of_sight_before_anything_in_it_is_removed() {
    let root = tempfile::tempdir().unwrap();
    let (driver, ledger) = watched(root.path());
    driver.replace(&key("a/b/c"), "content").await.unwrap();
    shown(&ledger);
    driver
        .delete_tree(&key("a/b"), DeleteOptions::durable())
        .await
        .unwrap();
    let expected = [
        "unlink a/b",
        "rename a/b aside",
        "sync a/",
        "unlink aside",
        "remove aside",
    ];
    assert_eq!(shown(&ledger), expected);
}

#[tokio::test]
async fn a_file_in_place_of_a_tree_is_just_unlinked() {
    let root = tempfile::tempdir().unwrap();
    let (driver, ledger) = watched(root.path());
    for (options, expected) in [
        (DeleteOptions::durable(), &["unlink a/b", "sync a/"][..]),
        (DeleteOptions::volatile(), &["unlink a/b"]),
    ] {
        driver.replace(&key("a/b"), "content").await.unwrap();
        shown(&ledger);
        driver.delete_tree(&key("a/b"), options).await.unwrap();
        assert_eq!(shown(&ledger), expected);
    }
}

#[tokio::test]
async fn a_directory_that_another_writer_could_not_sync_is_synced_by_the_next() {
    let root = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let broken = Arc::new(Mutex::new(true));
    let (sees, breaks) = (ledger.clone(), broken.clone());
    let driver = probed(root.path(), move |step| {
        if matches!(step, Step::SyncDirectory(_)) && *breaks.lock().unwrap() {
            return Err(io::Error::other("broken"));
        }
        sees.lock().unwrap().see(step);
        Ok(())
    });
    driver.create(&key("a/b/c/first"), "").await.unwrap_err();
    *broken.lock().unwrap() = false;
    shown(&ledger);
    driver.create(&key("a/b/c/second"), "").await.unwrap();
    let synced: Vec<_> = shown(&ledger);
    for directory in ["sync a/b/c/", "sync a/b/", "sync a/", "sync ./"] {
        assert!(
            synced.iter().any(|step| step == directory),
            "{directory} of {synced:?}"
        );
    }
    ledger.lock().unwrap().assert_durable();
}

#[tokio::test]
async fn finding_a_file_there_is_answered_only_when_it_is_durable() {
    let root = tempfile::tempdir().unwrap();
    let (driver, ledger) = watched(root.path());
    driver.create(&key("a/tag"), "content").await.unwrap();
    shown(&ledger);
    driver.create(&key("a/tag"), "content").await.unwrap_err();
    let steps = shown(&ledger);
    assert_eq!(
        steps[3..],
        ["rename aside a/tag", "sync a/", "unlink aside"]
    );
}

#[tokio::test]
async fn without_durability_nothing_is_synced() {
    let root = tempfile::tempdir().unwrap();
    let options = FilesystemOptions::new(root.path()).durability(Durability::None);
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let sees = ledger.clone();
    let driver = Filesystem::open(options.probe(Arc::new(move |step| {
        sees.lock().unwrap().steps.push(step.clone());
        Ok(())
    })));
    let driver = driver.unwrap();
    driver.create(&key("a/b"), "content").await.unwrap();
    let mut appender = driver
        .append(&key("c"), AppendOptions::at(0))
        .await
        .unwrap();
    appender.write("content".into()).await.unwrap();
    appender.finish().await.unwrap();
    driver
        .delete_tree(&key("a"), DeleteOptions::durable())
        .await
        .unwrap();
    let steps = shown(&ledger);
    assert!(
        steps.len() > 5 && steps.iter().all(|step| !step.starts_with("sync")),
        "{steps:?}"
    );
}

#[tokio::test]
async fn a_volatile_file_is_not_synced_and_its_directories_are_when_they_are_needed() {
    let root = tempfile::tempdir().unwrap();
    let (driver, ledger) = watched(root.path());
    driver.replace(&key("a/first"), "x").await.unwrap();
    shown(&ledger);
    let volatile = PutOptions::volatile();
    let _ = std::mem::replace(&mut *ledger.lock().unwrap(), Ledger::sparing(|_| true));
    driver
        .put(&key("a/b/c/start"), "x".into(), volatile)
        .await
        .unwrap();
    let expected = [
        "create aside",
        "write aside 0+1",
        "mkdir a/b",
        "mkdir a/b/c",
        "link aside a/b/c/start",
    ];
    assert_eq!(shown(&ledger), expected);
    driver.replace(&key("a/b/d"), "x").await.unwrap();
    assert_eq!(
        shown(&ledger)[3..],
        ["rename aside a/b/d", "sync a/b/", "sync a/"]
    );
    driver.replace(&key("a/b/c/start"), "x").await.unwrap();
    assert_eq!(
        shown(&ledger)[3..],
        ["rename aside a/b/c/start", "sync a/b/c/", "sync a/b/"]
    );
    driver.replace(&key("a/b/c/start"), "x").await.unwrap();
    assert_eq!(
        shown(&ledger)[3..],
        ["rename aside a/b/c/start", "sync a/b/c/"]
    );
}

#[tokio::test]
async fn of_a_tree_that_is_deleted_nothing_stays_to_be_synced() {
    let root = tempfile::tempdir().unwrap();
    let (driver, ledger) = watched(root.path());
    driver.replace(&key("a/x"), "x").await.unwrap();
    let _ = std::mem::replace(&mut *ledger.lock().unwrap(), Ledger::sparing(|_| true));
    for name in ["a/b", "a/b-c"] {
        let file = key(name).child("file").unwrap();
        driver
            .put(&file, "x".into(), PutOptions::volatile())
            .await
            .unwrap();
    }
    shown(&ledger);
    driver
        .delete_tree(&key("a/b"), DeleteOptions::volatile())
        .await
        .unwrap();
    assert_eq!(
        shown(&ledger),
        [
            "unlink a/b",
            "rename a/b aside",
            "unlink aside",
            "remove aside"
        ]
    );
    driver.replace(&key("a/b/file"), "x").await.unwrap();
    driver.replace(&key("a/b/file"), "x").await.unwrap();
    let steps = shown(&ledger);
    assert_eq!(
        steps.iter().filter(|step| *step == "sync a/").count(),
        1,
        "{steps:?}"
    );
    driver.replace(&key("a/b-c/file"), "x").await.unwrap();
    assert_eq!(
        shown(&ledger)[3..],
        ["rename aside a/b-c/file", "sync a/b-c/", "sync a/"]
    );
}

#[tokio::test]
async fn stages_are_synced_side_by_side_and_one_after_the_other() {
    let root = tempfile::tempdir().unwrap();
    let (driver, ledger) = watched(root.path());
    driver.replace(&key("up/started"), "").await.unwrap();
    driver.replace(&key("tags/v1"), "old").await.unwrap();
    driver
        .replace(&key("blobs/kept/data"), "kept")
        .await
        .unwrap();
    shown(&ledger);
    let data = key("up/data");
    let mut appender = driver.append(&data, AppendOptions::at(0)).await.unwrap();
    appender.write("content".into()).await.unwrap();
    assert_eq!(appender.close().await.unwrap(), 7);
    assert_eq!(shown(&ledger), ["create up/data", "write up/data 0+7"]);
    let stages = vec![
        vec![
            Change::Rename(key("up/data"), key("blobs/x/data")),
            Change::Put(key("blobs/y/data"), "y".into()),
            Change::Keep(key("blobs/kept/data")),
        ],
        vec![Change::Put(key("tags/v1"), "new".into())],
    ];
    driver.publish(stages).await.unwrap();
    ledger.lock().unwrap().assert_durable();
    let steps = shown(&ledger);
    let mut stages: Vec<Vec<String>> = steps
        .chunk_by(|one, next| one.starts_with("sync") == next.starts_with("sync"))
        .map(<[String]>::to_vec)
        .collect();
    for syncs in stages.iter_mut().skip(1).step_by(2) {
        syncs.sort_unstable();
    }
    let expected = [
        vec![
            "create aside",
            "write aside 0+1",
            "create aside",
            "write aside 0+3",
        ],
        vec![
            "sync aside",
            "sync aside",
            "sync blobs/kept/",
            "sync up/data",
        ],
        vec![
            "mkdir blobs/x",
            "rename up/data blobs/x/data",
            "mkdir blobs/y",
            "rename aside blobs/y/data",
        ],
        vec!["sync blobs/", "sync blobs/x/", "sync blobs/y/", "sync up/"],
        vec!["rename aside tags/v1"],
        vec!["sync tags/"],
    ];
    assert_eq!(stages, expected);
}

#[tokio::test]
async fn room_is_put_aside_as_what_is_announced_comes_and_given_back_if_the_rest_does_not() {
    const MIB: u64 = 1024 * 1024;
    static ONE: [u8; 1 << 20] = [1; 1 << 20];
    let root = tempfile::tempdir().unwrap();
    let (driver, ledger) = watched(root.path());
    let data = key("data");
    let announced = AppendOptions::at(0).expecting(Some(300 * MIB));
    let reserved = |piece: &'static [u8], pieces: usize| {
        let (driver, ledger, data) = (&driver, &ledger, &data);
        async move {
            shown(ledger);
            let mut appender = driver.append(data, announced).await.unwrap();
            for _ in 0..pieces {
                appender.write(Bytes::from_static(piece)).await.unwrap();
            }
            let end = appender.close().await.unwrap();
            assert_eq!(end, (piece.len() * pieces) as u64);
            let mut steps = shown(ledger);
            if steps.iter().any(|step| step.starts_with("reserve")) {
                assert_eq!(steps.pop(), Some(format!("cut data {end}")));
            }
            steps.retain(|step| step.starts_with("reserve"));
            driver.delete(data).await.unwrap();
            steps
        }
    };
    // Who has brought little has no more than that, whatever is announced.
    assert_eq!(reserved(b"content", 1).await, [""; 0]);
    let aside = |offset, len| format!("reserve data {}+{}", offset * MIB, len * MIB);
    let doubled = [
        aside(0, 2),
        aside(2, 4),
        aside(6, 8),
        aside(14, 16),
        aside(30, 32),
        aside(62, 64),
    ];
    assert_eq!(reserved(&ONE, 63).await, doubled);
}

#[tokio::test]
async fn what_is_not_going_to_fit_is_refused_before_anything_of_it_comes() {
    let root = tempfile::tempdir().unwrap();
    let (driver, _) = watched(root.path());
    let options = AppendOptions::at(0).expecting(Some(1 << 60));
    let refused = driver.append(&key("data"), options).await;
    assert!(matches!(refused, Err(DriverError::NoSpace { .. })));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn room_that_a_killed_process_put_aside_is_given_back_when_its_file_is_touched() {
    use rustix::fs::FallocateFlags;
    use std::os::unix::fs::MetadataExt;
    let root = tempfile::tempdir().unwrap();
    let (driver, _) = watched(root.path());
    let blocks = |name: &str| root.path().join(name).metadata().unwrap().blocks();
    let left = |name: &str| {
        let file = std::fs::File::create(root.path().join(name)).unwrap();
        std::fs::write(root.path().join(name), "content").unwrap();
        rustix::fs::fallocate(&file, FallocateFlags::KEEP_SIZE, 0, 8 << 20).unwrap();
        assert!(blocks(name) >= 16_384, "this file system reserves nothing");
    };
    let few = 1024;
    for length in [7, 3] {
        left("data");
        let options = AppendOptions::cut_to(length);
        let appender = driver.append(&key("data"), options).await.unwrap();
        assert!(blocks("data") < few);
        assert_eq!(appender.close().await.unwrap(), length);
    }
    left("data");
    let stages = vec![vec![Change::Rename(key("data"), key("blob"))]];
    driver.publish(stages).await.unwrap();
    assert!(blocks("blob") < few);
    let blob = std::fs::read(root.path().join("blob")).unwrap();
    assert_eq!(blob, b"content");
}
