//! What a push costs in waits for the disk, and what the disk has at each answer and whenever one of its
//! steps fails.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use registry_protocol::Digest;
use serde_json::json;
use tempfile::TempDir;

use crate::domain::{Chunk, PageRequest, UploadOptions};
use crate::driver::filesystem::tests::ledger::Ledger;
use crate::driver::filesystem::{Probe, Step};
use crate::driver::{Filesystem, FilesystemOptions, Key, StorageDriver};
use crate::error::BlobError;
use crate::layout::paths;
use crate::local::Local;
use crate::testing::{
    OCI_MANIFEST, blobs, bytes, chunk, contents, descriptor, image, local, long, manifests, name,
    open_options, push_blob, put, start, tag,
};

/// What an upload holds is promised by nobody, until a client was told how much it is.
fn is_of_an_upload(key: &Key) -> bool {
    ["a", "b", "before", "large", "new"]
        .iter()
        .any(|repository| {
            paths::of_uploads(&name(repository))
                .iter()
                .any(|of| key == of || key.is_below(of))
        })
}

/// Content is durable before a link to it can be seen, and a manifest before its tag.
fn check_order(ledger: &Ledger, step: &Step) {
    let Step::Rename { to, .. } = step else {
        return;
    };
    let unsynced = |part: &str| {
        let all = ledger.files.iter().chain(&ledger.directories);
        let mut all = all.filter(|key| !is_of_an_upload(key));
        all.any(|key| key.as_str().contains(part))
    };
    if to.name() == Some("link") {
        assert!(!unsynced("v2/blobs"), "{to}: {ledger:#?}");
    }
    if ["before", "v1"]
        .iter()
        .any(|set| *to == paths::tag_current(&name("a"), &tag(set)))
    {
        assert!(!unsynced("/revisions"), "{to}: {ledger:#?}");
    }
}

fn opened(root: &TempDir, probe: Probe) -> Local {
    let options = FilesystemOptions::new(root.path()).probe(probe);
    let driver: Arc<dyn StorageDriver> = Arc::new(Filesystem::open(options).unwrap());
    local(&driver, open_options())
}

/// A registry whose disk is watched. Something was pushed to it before.
async fn watched(root: &TempDir) -> (Local, Arc<Mutex<Ledger>>) {
    let ledger = Arc::new(Mutex::new(Ledger::sparing(is_of_an_upload)));
    let sees = ledger.clone();
    let local = opened(
        root,
        Arc::new(move |step| {
            let mut ledger = sees.lock().unwrap();
            check_order(&ledger, step);
            ledger.see(step);
            Ok(())
        }),
    );
    push_blob(&local, "a", b"before").await;
    // Its directory for uploads is there from now on, and lasts once something beside it does.
    push_blob(&local, "a", &long()).await;
    let mut image = image(b"before", &[]);
    image["annotations"] = json!({"pushed": "before"});
    put(&manifests(&local, "a"), "before", &image)
        .await
        .unwrap();
    ledger.lock().unwrap().take_syncs();
    (local, ledger)
}

/// Syncs and waits since the last call, when nothing could be lost any more.
#[track_caller]
fn cost(ledger: &Mutex<Ledger>) -> (usize, usize) {
    let mut ledger = ledger.lock().unwrap();
    ledger.assert_durable();
    ledger.take_syncs()
}

#[tokio::test]
async fn starting_an_upload_and_dropping_its_remains_waits_for_no_disk() {
    let root = tempfile::tempdir().unwrap();
    let (local, ledger) = watched(&root).await;
    start(&blobs(&local, "a")).await.suspend().await.unwrap();
    start(&blobs(&local, "new")).await.suspend().await.unwrap();
    assert_eq!(ledger.lock().unwrap().take_syncs(), (0, 0));
    push_blob(&local, "new", b"content").await;
    cost(&ledger);
}

#[tokio::test]
async fn a_small_push_is_seven_syncs_in_three_waits() {
    let root = tempfile::tempdir().unwrap();
    let (local, ledger) = watched(&root).await;
    // Of the bytes of its digest the first two have a directory of their own.
    for content in [b"small".to_vec(), vec![7; 64 * 1024]] {
        push_blob(&local, "a", &content).await;
        let (syncs, waits) = cost(&ledger);
        assert!((5..=7).contains(&syncs) && waits == 3, "{syncs} in {waits}");
    }
    // The same once more, and in another repository.
    push_blob(&local, "a", b"small").await;
    assert_eq!(cost(&ledger), (3, 2));
    push_blob(&local, "b", b"small").await;
    assert_eq!(cost(&ledger).1, 2);
}

#[tokio::test]
async fn pushes_of_all_kinds_are_durable_when_they_are_answered() {
    let root = tempfile::tempdir().unwrap();
    let (local, ledger) = watched(&root).await;
    for (length, most) in [(64 * 1024 + 1, 3), (8 * 1024 * 1024 + 1, 5)] {
        push_blob(&local, "a", &vec![1; length]).await;
        let (_, waits) = cost(&ledger);
        assert!(waits <= most, "{waits} for {length} bytes");
    }

    let blobs_of_a = blobs(&local, "a");
    let upload = start(&blobs_of_a).await;
    let id = upload.id().clone();
    upload.suspend().await.unwrap();
    let mut upload = blobs_of_a.resume(&id).await.unwrap();
    upload.write(chunk(b"chunk")).await.unwrap();
    upload.suspend().await.unwrap();
    // Now the client knows what the upload holds, and so the record has to last as well.
    assert_eq!(ledger.lock().unwrap().take_syncs().1, 2);
    let unsynced = |ledger: &Ledger| ledger.files.iter().any(is_of_an_upload);
    assert!(!unsynced(&ledger.lock().unwrap()));
    let mut upload = blobs_of_a.resume(&id).await.unwrap();
    upload.write(chunk(b" and another")).await.unwrap();
    upload.suspend().await.unwrap();
    assert_eq!(ledger.lock().unwrap().take_syncs().1, 3);
    let upload = blobs_of_a.resume(&id).await.unwrap();
    upload
        .finish(Digest::sha256(b"chunk and another"))
        .await
        .unwrap();
    cost(&ledger);
}

#[tokio::test]
async fn a_manifest_and_its_tag_wait_four_times() {
    let root = tempfile::tempdir().unwrap();
    let (local, ledger) = watched(&root).await;
    let mut image = image(b"before", &[b"before"]);
    image["subject"] = descriptor(OCI_MANIFEST, b"subject");
    put(&manifests(&local, "a"), "v1", &image).await.unwrap();
    let (syncs, waits) = cost(&ledger);
    assert!(syncs <= 24 && waits == 4, "{syncs} in {waits}");
    // Its content is there already when another tag moves to it.
    put(&manifests(&local, "a"), "before", &image)
        .await
        .unwrap();
    assert_eq!(cost(&ledger).1, 3);
}

#[tokio::test]
async fn a_mount_waits_twice() {
    let root = tempfile::tempdir().unwrap();
    let (local, ledger) = watched(&root).await;
    push_blob(&local, "b", b"other").await;
    cost(&ledger);
    let digest = Digest::sha256(b"before");
    let mounted = blobs(&local, "b").mount(&name("a"), &digest).await.unwrap();
    assert!(mounted.is_some());
    assert_eq!(cost(&ledger), (3, 2));
}

/// A registry on whose disk one step fails, counted from when the number is set to 0; and whether that was
/// a sync that somebody had to wait for.
fn failing(root: &TempDir, at: usize) -> (Local, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (count, syncs) = (Arc::new(AtomicUsize::new(usize::MAX / 2)), Arc::default());
    let (counted, failed): (_, Arc<AtomicUsize>) = (count.clone(), Arc::clone(&syncs));
    let probe: Probe = Arc::new(move |step| {
        if counted.fetch_add(1, Ordering::SeqCst) + 1 != at {
            return Ok(());
        }
        if matches!(step, Step::SyncFile(_) | Step::SyncDirectory(_)) {
            failed.fetch_add(1, Ordering::SeqCst);
        }
        Err(io::Error::from(rustix::io::Errno::IO))
    });
    (opened(root, probe), count, syncs)
}

/// A configuration, and a layer that is too long to be kept in memory.
fn contents_of_image() -> [Vec<u8>; 2] {
    [b"{}".to_vec(), vec![7; 64 * 1024 + 1]]
}

fn an_image() -> serde_json::Value {
    let [config, layer] = contents_of_image();
    image(&config, &[&layer])
}

fn in_one_piece(content: &[u8]) -> Chunk {
    let content = Bytes::copy_from_slice(content);
    Chunk::new(Box::pin(futures_util::stream::iter([Ok(content)])), None)
}

async fn push_all(local: &Local) -> bool {
    let blobs = blobs(local, "a");
    for content in contents_of_image() {
        let Ok(mut upload) = blobs.start(UploadOptions::default()).await else {
            return false;
        };
        let written = upload.write(in_one_piece(&content)).await;
        let finished = upload.finish(Digest::sha256(&content)).await;
        if written.is_err() || finished.is_err() {
            return false;
        }
    }
    let pushed = put(&manifests(local, "a"), "v1", &an_image()).await;
    pushed.is_ok()
}

/// Everything that can be seen is whole; whether all is there.
async fn all_is_there(local: &Local) -> bool {
    for content in contents_of_image() {
        match blobs(local, "a").open(&Digest::sha256(&content)).await {
            Ok(blob) => assert_eq!(contents(blob).await, content),
            Err(BlobError::Unknown(_) | BlobError::RepositoryUnknown(_)) => return false,
            Err(BlobError::Fault(fault)) => panic!("{fault:?}"),
        }
    }
    let manifests = manifests(local, "a");
    let tags = manifests.tags(PageRequest::first(9)).await.unwrap();
    for tag in &tags.items {
        let found = manifests.get_by_tag(tag).await.unwrap();
        assert_eq!(found.content, bytes(&an_image()));
    }
    tags.items == [tag("v1")]
}

#[tokio::test]
async fn whatever_step_of_the_disk_fails_a_push_fails_or_is_whole_and_can_be_repeated() {
    let mut failures = 0;
    for number in 1.. {
        let root = tempfile::tempdir().unwrap();
        let (local, count, failed_syncs) = failing(&root, number);
        push_blob(&local, "before", b"before").await;
        count.store(0, Ordering::SeqCst);
        let acknowledged = push_all(&local).await;
        let steps = count.swap(usize::MAX / 2, Ordering::SeqCst);
        assert!(
            failed_syncs.load(Ordering::SeqCst) == 0 || !acknowledged,
            "step {number}"
        );
        drop(local);
        let again = opened(&root, Arc::new(|_| Ok(())));
        assert!(all_is_there(&again).await || !acknowledged, "step {number}");
        assert!(push_all(&again).await, "step {number}");
        assert!(all_is_there(&again).await, "step {number}");
        failures += usize::from(!acknowledged);
        if steps < number {
            break;
        }
    }
    assert!(failures > 20, "{failures}");
}

/// A registry whose disk is watched, and where the first sync of a directory of that name waits for `go`
/// to be dropped, or fails where there is none to wait for.
fn held_up(
    root: &TempDir,
    directory: Key,
    go: Option<std::sync::mpsc::Receiver<()>>,
) -> (Local, Arc<Mutex<Ledger>>) {
    let ledger = Arc::new(Mutex::new(Ledger::sparing(is_of_an_upload)));
    let (sees, go) = (ledger.clone(), Mutex::new(Some(go)));
    let probe: Probe = Arc::new(move |step| {
        if *step == Step::SyncDirectory(directory.clone()) {
            let first = go.lock().unwrap().take();
            match first {
                Some(Some(go)) => drop(go.recv()),
                Some(None) => return Err(io::Error::from(rustix::io::Errno::IO)),
                None => {}
            }
        }
        sees.lock().unwrap().see(step);
        Ok(())
    });
    (opened(root, probe), ledger)
}

#[tokio::test]
async fn a_manifest_makes_sure_of_a_layer_that_is_seen_before_it_is_durable() {
    let [config, layer] = contents_of_image();
    let link = paths::layer_link(&name("a"), &Digest::sha256(&layer));
    for fails in [false, true] {
        let root = tempfile::tempdir().unwrap();
        let (go, waits) = std::sync::mpsc::channel::<()>();
        let waits = (!fails).then_some(waits);
        let (local, ledger) = held_up(&root, link.parent().unwrap(), waits);
        push_blob(&local, "a", &config).await;
        let pushing = tokio::spawn({
            let (blobs, layer) = (blobs(&local, "a"), layer.clone());
            async move {
                let mut upload = start(&blobs).await;
                upload.write(in_one_piece(&layer)).await.unwrap();
                upload.finish(Digest::sha256(&layer)).await
            }
        });
        let seen = root.path().join(link.as_str());
        for _ in 0..10_000 {
            if seen.exists() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        put(&manifests(&local, "a"), "v1", &an_image())
            .await
            .unwrap();
        ledger.lock().unwrap().assert_durable();
        drop(go);
        assert_eq!(pushing.await.unwrap().is_err(), fails);
    }
}
