//! What other programs leave in a storage: names that no key has, links, pipes, sockets.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use rustix::fs::{CWD, FileType, Mode};

use super::{key, open, read};
use crate::driver::{
    AppendOptions, DeleteOptions, DriverError, Key, ListOptions, RenameOptions, StorageDriver,
    StorageDriverExt as _,
};

#[tokio::test]
async fn names_that_no_key_has_are_skipped_and_break_no_page() {
    let root = tempfile::tempdir().unwrap();
    let driver = open(root.path());
    for name in ["a", "b", "z"] {
        driver
            .replace(&key(&format!("d/{name}")), "")
            .await
            .unwrap();
    }
    let directory = root.path().join("d");
    for name in [
        &b"\xff\xfe"[..],
        b"a b",
        b"a\n",
        b"~",
        "é".as_bytes(),
        b"a:b",
        b"-%2e",
    ] {
        fs::write(directory.join(OsStr::from_bytes(name)), "").unwrap();
    }
    fs::create_dir(directory.join(OsStr::from_bytes(b"dir\xff"))).unwrap();
    let whole = driver.list(&key("d"), ListOptions::all()).await.unwrap();
    assert_eq!(whole.names().collect::<Vec<_>>(), ["a", "b", "z"]);
    let page = driver
        .list(&key("d"), ListOptions::page(Some("a"), 2))
        .await
        .unwrap();
    assert_eq!(page.names().collect::<Vec<_>>(), ["b", "z"]);
    assert!(!page.more);
    driver
        .delete_tree(&key("d"), DeleteOptions::durable())
        .await
        .unwrap();
    assert!(!directory.exists());
}

#[tokio::test]
async fn a_link_is_never_followed() {
    let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let driver = open(root.path());
    let secret = outside.path().join("secret");
    fs::write(&secret, "secret").unwrap();
    driver.replace(&key("d/a"), "content").await.unwrap();
    symlink(&secret, root.path().join("d/file")).unwrap();
    symlink(outside.path(), root.path().join("d/out")).unwrap();
    symlink("..", root.path().join("d/up")).unwrap();

    let listing = driver.list(&key("d"), ListOptions::all()).await.unwrap();
    assert_eq!(listing.names().collect::<Vec<_>>(), ["a"]);
    for text in ["d/file", "d/out/secret", "d/up/d/a"] {
        let failed = read(&driver, text).await;
        // Not `NotFound`: something is there, and an operator should hear of it.
        assert!(
            matches!(failed, Err(DriverError::Foreign { .. })),
            "{text}: {failed:?}"
        );
        driver
            .append(&key(text), AppendOptions::at(0))
            .await
            .unwrap_err();
        let to = key("moved");
        driver
            .rename(&key(text), &to, RenameOptions::replace())
            .await
            .unwrap_err();
    }
    driver
        .list(&key("d/out"), ListOptions::all())
        .await
        .unwrap_err();
    driver.replace(&key("d/out/new"), "").await.unwrap_err();
    driver.delete(&key("d/out/secret")).await.unwrap_err();

    driver.replace(&key("d/file"), "ours").await.unwrap();
    assert_eq!(read(&driver, "d/file").await.unwrap(), "ours");
    driver
        .delete_tree(&key("d"), DeleteOptions::durable())
        .await
        .unwrap();
    assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn what_is_neither_file_nor_directory_is_a_fault_and_blocks_nobody() {
    let root = tempfile::tempdir().unwrap();
    let driver = open(root.path());
    driver.replace(&key("d/a"), "").await.unwrap();
    let pipe = root.path().join("d/pipe");
    rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    let _socket = UnixListener::bind(root.path().join("d/socket")).unwrap();
    for text in ["d/pipe", "d/socket"] {
        let failed = read(&driver, text).await;
        assert!(
            matches!(failed, Err(DriverError::Foreign { .. })),
            "{text}: {failed:?}"
        );
        let failed = driver.stat(&key(text)).await;
        assert!(
            matches!(failed, Err(DriverError::Foreign { .. })),
            "{text}: {failed:?}"
        );
    }
    let listing = driver.list(&key("d"), ListOptions::all()).await.unwrap();
    assert_eq!(listing.names().collect::<Vec<_>>(), ["a"]);
}

#[tokio::test]
async fn others_than_owner_and_group_have_no_rights() {
    let root = tempfile::tempdir().unwrap();
    let driver = open(root.path());
    driver.replace(&key("d/a"), "").await.unwrap();
    let appender = driver
        .append(&key("d/b"), AppendOptions::at(0))
        .await
        .unwrap();
    appender.finish().await.unwrap();
    for path in ["d", "d/a", "d/b", ".registry", ".registry/tmp"] {
        let mode = fs::metadata(root.path().join(path))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o007, 0, "{path}: {mode:o}");
    }
}

#[tokio::test]
async fn a_root_is_made_with_all_above_it_and_may_be_reached_by_a_link() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("a/b/root");
    open(&root).replace(&key("x"), "content").await.unwrap();
    symlink(&root, place.path().join("link")).unwrap();
    let driver = open(&place.path().join("link"));
    assert_eq!(read(&driver, "x").await.unwrap(), "content");
}

#[tokio::test]
async fn a_root_that_was_removed_is_a_fault_and_no_empty_directory() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("root");
    let driver = open(&root);
    assert!(driver.stat(&Key::root()).await.unwrap().is_directory());
    fs::remove_dir_all(&root).unwrap();
    fs::create_dir(&root).unwrap();
    let removed = driver.stat(&Key::root()).await;
    assert!(
        matches!(removed, Err(DriverError::Other { .. })),
        "{removed:?}"
    );
}

#[tokio::test]
async fn a_root_that_is_a_file_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    for root in [file.clone(), file.join("below")] {
        let options = super::super::FilesystemOptions::new(root);
        assert!(super::super::Filesystem::open(options).is_err());
    }
}
