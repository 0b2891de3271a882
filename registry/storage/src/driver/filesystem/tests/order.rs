//! The order of writes, syncs and renames, against a disk that loses what is not synced.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::super::{Durability, Filesystem, FilesystemOptions, Step};
use super::{key, probed};
use crate::driver::{AppendOptions, Key, RenameOptions, StorageDriver, StorageDriverExt as _};

/// What a power cut would take away.
#[derive(Debug, Default)]
struct Ledger {
    steps: Vec<Step>,
    files: BTreeSet<Key>,
    directories: BTreeSet<Key>,
}

impl Ledger {
    fn see(&mut self, step: &Step) {
        let parent = |key: &Key| key.parent().unwrap();
        match step {
            Step::MakeDirectory(key) | Step::Unlink(key) => {
                self.directories.insert(parent(key));
            }
            Step::Create(key) => {
                self.directories.insert(parent(key));
                self.files.insert(key.clone());
            }
            Step::Write { key, .. } | Step::Cut { key, .. } => {
                self.files.insert(key.clone());
            }
            Step::SyncFile(key) => {
                self.files.remove(key);
            }
            Step::SyncDirectory(key) => {
                self.directories.remove(key);
            }
            Step::Rename { from, to, .. } => {
                assert!(
                    !self.files.contains(from),
                    "{from} gets a name and is not synced"
                );
                self.directories.extend([parent(from), parent(to)]);
            }
            Step::RemoveTree(_) => {}
        }
        self.steps.push(step.clone());
    }

    /// At an answer nothing may be lost, except what nobody looks for.
    #[track_caller]
    fn assert_durable(&self) {
        let aside = key(".registry");
        let lost = |keys: &BTreeSet<Key>| -> Vec<Key> {
            let lost = keys.iter();
            lost.filter(|key| **key != aside && !key.is_below(&aside))
                .cloned()
                .collect()
        };
        assert!(
            lost(&self.files).is_empty(),
            "{:?} of {:#?}",
            self.files,
            self.steps
        );
        assert!(
            lost(&self.directories).is_empty(),
            "{:?} of {:#?}",
            self.directories,
            self.steps
        );
    }
}

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
        Step::Cut { key, len } => format!("cut {} {len}", name(key)),
        Step::SyncFile(key) => format!("sync {}", name(key)),
        Step::SyncDirectory(key) => format!("sync {}/", name(key)),
        Step::Rename { from, to, .. } => format!("rename {} {}", name(from), name(to)),
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
    driver.delete_tree(&key("d")).await.unwrap();
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
    driver.delete_tree(&key("a/b")).await.unwrap();
    let expected = [
        "rename a/b aside",
        "sync a/",
        "unlink aside",
        "remove aside",
    ];
    assert_eq!(shown(&ledger), expected);
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
    driver.delete_tree(&key("a")).await.unwrap();
    let steps = shown(&ledger);
    assert!(
        steps.len() > 5 && steps.iter().all(|step| !step.starts_with("sync")),
        "{steps:?}"
    );
}
