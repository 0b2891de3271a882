//! Whatever call to the storage fails, and however: nothing acknowledged is lost, nothing half-made can be
//! seen, and repeating what failed mends it.
//!
//! Each scenario is run with its first call failing, then its second, until a run is through before the
//! fault. A fault is a call that is not made, one whose answer is lost, or the end of the process.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use registry_protocol::{Digest, Reference, UploadId};
use serde_json::{Value, json};

use crate::domain::{Chunk, Namespace, PageRequest, PutManifest, ReferrersRequest, UploadOptions};
use crate::driver::StorageDriver;
use crate::driver::faulty::{Faults, When};
use crate::error::{
    BlobError, ManifestDeleteError, ManifestError, RepositoryError, UploadError, UploadResumeError,
};
use crate::local::Local;
use crate::testing::{
    OCI_MANIFEST, blobs, body, bytes, contents, descriptor, digest, image, index, local, manifests,
    media_type, name, open_options, push_blob, push_image, put, start, storages, tag,
};

const LAYER: &[u8] = b"a layer, pushed in two chunks and completed by a third request";

/// What a scenario is not through with after so many faults has no end.
const MOST_CALLS: usize = 500;

/// Runs a scenario with every fault that it can meet. `arrange` prepares the storage, `act` says whether
/// the client was told of success, `check` gets that and mends what is to be mended. On files only the
/// end of the process is tried, which is what may leave other things behind there than in memory.
async fn with_every_fault<A, B, C>(
    arrange: impl Fn(Local) -> A,
    act: impl Fn(Local) -> B,
    check: impl Fn(Local, bool) -> C,
) where
    A: Future<Output = ()>,
    B: Future<Output = bool>,
    C: Future<Output = ()>,
{
    for (when, kinds) in [(When::Before, 1), (When::After, 1), (When::EverSince, 2)] {
        let mut through = vec![false; kinds];
        for number in 1..MOST_CALLS {
            for (at, (driver, _directory)) in storages().into_iter().take(kinds).enumerate() {
                let healthy = || local(&driver, open_options());
                arrange(healthy()).await;
                let plan = Arc::new(Faults::at(number, when));
                let failing = Arc::new(Faults::around(Arc::clone(&driver), &plan));
                let failing: Arc<dyn StorageDriver> = failing;
                let acknowledged = act(local(&failing, open_options())).await;
                assert!(acknowledged || plan.struck() > 0);
                all_that_is_listed_is_there(&healthy()).await;
                check(healthy(), acknowledged).await;
                all_that_is_listed_is_there(&healthy()).await;
                through[at] = plan.calls() < number;
            }
            if through.iter().all(|through| *through) {
                break;
            }
        }
        assert!(
            through.iter().all(|through| *through),
            "the scenario has an end"
        );
    }
}

async fn all_that_is_listed_is_there(local: &Local) {
    let repositories = local.repositories(PageRequest::first(100)).await.unwrap();
    for name in repositories.items {
        let manifests = local.repository(&name).unwrap().manifests();
        let tags = manifests.tags(PageRequest::first(100)).await.unwrap();
        for tag in tags.items {
            manifests.get_by_tag(&tag).await.unwrap();
        }
        let subject = Digest::sha256(b"subject");
        let request = ReferrersRequest::new(subject, PageRequest::first(100));
        for referrer in manifests.referrers(request).await.unwrap().items {
            manifests.get(&referrer.digest).await.unwrap();
        }
    }
}

async fn nothing(_: Local) {}

/// The blob is there whole, or not at all.
async fn layer_is_there(local: &Local, repository: &str) -> bool {
    match blobs(local, repository).open(&Digest::sha256(LAYER)).await {
        Ok(blob) => {
            assert_eq!(contents(blob).await, LAYER);
            true
        }
        Err(BlobError::Unknown(_) | BlobError::RepositoryUnknown(_)) => false,
        Err(BlobError::Fault(fault)) => panic!("{fault:?}"),
    }
}

async fn push_in_one_go(local: Local, content: &[u8]) -> bool {
    let blobs = blobs(&local, "a");
    let Ok(mut upload) = blobs.start(UploadOptions::default()).await else {
        return false;
    };
    let whole = futures_util::stream::iter([Ok(Bytes::copy_from_slice(content))]);
    let chunk = Chunk::new(whole.boxed(), Some(content.len() as u64));
    upload.write(chunk).await.is_ok() && upload.finish(Digest::sha256(content)).await.is_ok()
}

#[tokio::test]
async fn a_blob_pushed_in_one_go() {
    let push = |local| push_in_one_go(local, LAYER);
    with_every_fault(nothing, push, |local, acknowledged| async move {
        assert!(layer_is_there(&local, "a").await || !acknowledged);
        push_blob(&local, "a", LAYER).await;
        assert!(layer_is_there(&local, "a").await);
    })
    .await;
}

/// Longer than what is kept in memory until it has its place.
fn large() -> Vec<u8> {
    LAYER.repeat(2000)
}

#[tokio::test]
async fn a_large_blob_pushed_in_one_go() {
    let push = |local| async { push_in_one_go(local, &large()).await };
    with_every_fault(nothing, push, |local, acknowledged| async move {
        let digest = Digest::sha256(&large());
        match blobs(&local, "a").open(&digest).await {
            Ok(blob) => assert_eq!(contents(blob).await, large()),
            Err(error) => assert!(!acknowledged, "{error}"),
        }
        assert!(push_in_one_go(local.clone(), &large()).await);
        let blob = blobs(&local, "a").open(&digest).await.unwrap();
        assert_eq!(contents(blob).await, large());
    })
    .await;
}

/// How far a client came with an upload, as it was told.
#[derive(Debug, Default)]
struct Told {
    id: Option<UploadId>,
    size: u64,
    /// It has asked for the end.
    ends: bool,
    done: bool,
}

/// Pushes in chunks from where the upload ends, and notes what it is told.
async fn push_in_chunks(local: &Local, told: &mut Told) -> Option<()> {
    let blobs = blobs(local, "a");
    if told.id.is_none() {
        let upload = blobs.start(UploadOptions::default()).await.ok()?;
        let id = upload.id().clone();
        upload.suspend().await.ok()?;
        told.id = Some(id);
    }
    let id = told.id.clone()?;
    let start = usize::try_from(told.size).unwrap();
    for piece in LAYER[start..].chunks(25) {
        let mut upload = blobs.resume(&id).await.ok()?;
        upload.seek(told.size).await.ok()?;
        upload.write(Chunk::new(body(piece), None)).await.ok()?;
        told.size = upload.suspend().await.ok()?.size;
    }
    let upload = blobs.resume(&id).await.ok()?;
    told.ends = true;
    upload.finish(Digest::sha256(LAYER)).await.ok()?;
    told.done = true;
    Some(())
}

/// What a client does when a request failed: it asks how far the upload is, and goes on or starts anew.
async fn go_on(local: &Local, told: &mut Told) {
    let blobs = blobs(local, "a");
    if let Some(id) = told.id.clone() {
        let damaged = blobs.resume(&id).await;
        let damaged = matches!(damaged, Err(UploadResumeError::Damaged(_)));
        match blobs.status(&id).await {
            Ok(status) if !damaged => {
                assert!(status.size >= told.size, "{told:?} {status:?}");
                told.size = status.size;
            }
            Ok(_) | Err(UploadError::Unknown(_) | UploadError::Damaged(_)) => {
                assert!(told.ends, "{told:?} is lost");
                *told = Told::default();
            }
            Err(UploadError::Fault(fault)) => panic!("{fault:?}"),
        }
    }
    let done = push_in_chunks(local, told).await;
    assert!(done.is_some(), "{told:?}");
}

#[tokio::test]
async fn a_blob_pushed_in_chunks_goes_on_where_it_was() {
    let told = Arc::new(tokio::sync::Mutex::new(Told::default()));
    let reset = |_| async { *told.lock().await = Told::default() };
    let push = |local: Local| async {
        let local = local;
        let mut told = told.lock().await;
        push_in_chunks(&local, &mut told).await;
        told.done
    };
    with_every_fault(reset, push, |local, acknowledged| {
        let told = Arc::clone(&told);
        async move {
            assert!(layer_is_there(&local, "a").await || !acknowledged);
            if !acknowledged {
                go_on(&local, &mut *told.lock().await).await;
            }
            assert!(layer_is_there(&local, "a").await);
        }
    })
    .await;
}

/// All but the last bytes are acknowledged, and these come with the end.
#[tokio::test]
async fn an_upload_completed_with_its_last_bytes_is_gone_on_with_or_gone() {
    let id = || UploadId::parse("upload-0").unwrap();
    let (first, last) = LAYER.split_at(40);
    let arrange = |local: Local| async move {
        let mut upload = start(&blobs(&local, "a")).await;
        upload.write(Chunk::new(body(first), None)).await.unwrap();
        upload.suspend().await.unwrap();
    };
    let complete = |local: Local| async move {
        let Ok(mut upload) = blobs(&local, "a").resume(&id()).await else {
            return false;
        };
        let written = upload.write(Chunk::new(body(last), None)).await.is_ok();
        written && upload.finish(Digest::sha256(LAYER)).await.is_ok()
    };
    with_every_fault(arrange, complete, |local, acknowledged| async move {
        assert!(layer_is_there(&local, "a").await || !acknowledged);
        // Whoever is told how far an upload has come can go on from there.
        match blobs(&local, "a").status(&id()).await {
            Ok(status) => {
                assert!(status.size >= first.len() as u64 && !acknowledged);
                let at = usize::try_from(status.size).unwrap();
                let mut upload = blobs(&local, "a").resume(&id()).await.unwrap();
                upload.seek(status.size).await.unwrap();
                let rest = Chunk::new(body(&LAYER[at..]), None);
                upload.write(rest).await.unwrap();
                upload.finish(Digest::sha256(LAYER)).await.unwrap();
            }
            Err(UploadError::Unknown(_)) => drop(push_blob(&local, "a", LAYER).await),
            Err(other) => panic!("{other:?}"),
        }
        assert!(layer_is_there(&local, "a").await);
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_upload() {
    let id = || UploadId::parse("upload-0").unwrap();
    let arrange = |local: Local| async move {
        let mut upload = blobs(&local, "a")
            .start(UploadOptions::default())
            .await
            .unwrap();
        let chunk = Chunk::new(body(LAYER), None);
        upload.write(chunk).await.unwrap();
        upload.suspend().await.unwrap();
    };
    let act = |local: Local| async move { blobs(&local, "a").cancel(&id()).await.is_ok() };
    with_every_fault(arrange, act, |local, acknowledged| async move {
        match blobs(&local, "a").cancel(&id()).await {
            Ok(()) => assert!(!acknowledged),
            Err(error) => assert!(matches!(error, UploadError::Unknown(_))),
        }
        let gone = blobs(&local, "a").status(&id()).await;
        assert!(matches!(gone, Err(UploadError::Unknown(_))));
    })
    .await;
}

#[tokio::test]
async fn a_mounted_blob() {
    let arrange = |local: Local| async move {
        push_blob(&local, "from", LAYER).await;
    };
    let digest = || Digest::sha256(LAYER);
    let mount = |local: Local| async move {
        let mounted = blobs(&local, "to").mount(&name("from"), &digest()).await;
        mounted.is_ok_and(|mounted| mounted.is_some())
    };
    with_every_fault(arrange, mount, |local, acknowledged| async move {
        assert!(layer_is_there(&local, "from").await);
        assert!(layer_is_there(&local, "to").await || !acknowledged);
        assert!(mount(local.clone()).await);
        assert!(layer_is_there(&local, "to").await);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_blob() {
    let arrange = |local: Local| async move {
        push_blob(&local, "a", LAYER).await;
        push_blob(&local, "b", LAYER).await;
    };
    let digest = || Digest::sha256(LAYER);
    let act = |local: Local| async move { blobs(&local, "a").delete(&digest()).await.is_ok() };
    with_every_fault(arrange, act, |local, acknowledged| async move {
        assert!(!layer_is_there(&local, "a").await || !acknowledged);
        let _ = blobs(&local, "a").delete(&digest()).await;
        assert!(!layer_is_there(&local, "a").await);
        assert!(layer_is_there(&local, "b").await);
    })
    .await;
}

/// An image that is attached to something, and does not state its media type.
fn attached() -> Value {
    let mut image = image(b"{}", &[LAYER]);
    image["subject"] = descriptor(OCI_MANIFEST, b"subject");
    image.as_object_mut().unwrap().remove("mediaType");
    image
}

async fn push_attached(local: &Local) -> bool {
    let reference = Reference::Digest(digest(&attached()));
    let declared = Some(media_type("application/vnd.example"));
    let push = PutManifest::new(reference, declared, bytes(&attached()));
    let push = push.tagged([tag("v1"), tag("v2")]);
    manifests(local, "a").put(push).await.is_ok()
}

#[tokio::test]
async fn a_manifest_with_two_tags_and_a_subject() {
    let arrange = |local: Local| async move {
        push_blob(&local, "a", b"{}").await;
        push_blob(&local, "a", LAYER).await;
    };
    let push = |local: Local| async move { push_attached(&local).await };
    with_every_fault(arrange, push, |local, acknowledged| async move {
        if !acknowledged {
            assert!(push_attached(&local).await);
        }
        let manifests = manifests(&local, "a");
        for name in ["v1", "v2"] {
            let found = manifests.get_by_tag(&tag(name)).await.unwrap();
            assert_eq!(found.content, bytes(&attached()));
            assert_eq!(
                found.descriptor.media_type.as_str(),
                "application/vnd.example"
            );
        }
        let subject = Digest::sha256(b"subject");
        let request = ReferrersRequest::new(subject, PageRequest::first(9));
        assert_eq!(manifests.referrers(request).await.unwrap().items.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_tag_that_moves_points_at_the_old_or_at_the_new() {
    let arrange = |local: Local| async move {
        push_image(&local, "a", "v1", "old").await;
        push_image(&local, "a", "other", "new").await;
    };
    let new = || image(b"{}", &[b"new"]);
    let push =
        |local: Local| async move { put(&manifests(&local, "a"), "v1", &new()).await.is_ok() };
    with_every_fault(arrange, push, |local, acknowledged| async move {
        let found = manifests(&local, "a").get_by_tag(&tag("v1")).await.unwrap();
        let old = image(b"{}", &[b"old"]);
        let is_new = found.content == bytes(&new());
        assert!(is_new || (!acknowledged && found.content == bytes(&old)));
        assert!(push(local.clone()).await);
        let found = manifests(&local, "a").get_by_tag(&tag("v1")).await.unwrap();
        assert_eq!(found.content, bytes(&new()));
    })
    .await;
}

#[tokio::test]
async fn a_deleted_tag() {
    let arrange = |local: Local| async move {
        let image = push_image(&local, "a", "v1", "layer").await;
        put(&manifests(&local, "a"), "v2", &image).await.unwrap();
    };
    let v1 = || Reference::Tag(tag("v1"));
    let act = |local: Local| async move { manifests(&local, "a").delete(&v1()).await.is_ok() };
    with_every_fault(arrange, act, |local, acknowledged| async move {
        let manifests = manifests(&local, "a");
        match manifests.delete(&v1()).await {
            Ok(()) => assert!(!acknowledged),
            Err(error) => assert!(matches!(error, ManifestDeleteError::Unknown(_))),
        }
        let tags = manifests.tags(PageRequest::first(9)).await.unwrap();
        assert_eq!(tags.items, [tag("v2")]);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_manifest() {
    let arrange = |local: Local| async move {
        push_blob(&local, "a", b"{}").await;
        push_blob(&local, "a", LAYER).await;
        assert!(push_attached(&local).await);
        let kept = push_image(&local, "a", "kept", "layer").await;
        put(&manifests(&local, "a"), "index", &index(&[kept]))
            .await
            .unwrap();
    };
    let gone = || Reference::Digest(digest(&attached()));
    let act = |local: Local| async move { manifests(&local, "a").delete(&gone()).await.is_ok() };
    with_every_fault(arrange, act, |local, acknowledged| async move {
        let manifests = manifests(&local, "a");
        match manifests.delete(&gone()).await {
            Ok(()) => assert!(!acknowledged),
            Err(error) => assert!(matches!(error, ManifestDeleteError::Unknown(_)), "{error}"),
        }
        assert!(!manifests.exists(&digest(&attached())).await.unwrap());
        let tags = manifests.tags(PageRequest::first(9)).await.unwrap();
        assert_eq!(tags.items, [tag("index"), tag("kept")]);
        let subject = Digest::sha256(b"subject");
        let request = ReferrersRequest::new(subject, PageRequest::first(9));
        assert!(manifests.referrers(request).await.unwrap().items.is_empty());
    })
    .await;
}

#[tokio::test]
async fn reading_never_takes_a_fault_for_something_that_is_not_there() {
    let arrange = |local: Local| async move {
        let kept = push_image(&local, "a", "kept", "layer").await;
        let mut attached = index(&[kept]);
        attached["subject"] = descriptor(OCI_MANIFEST, b"subject");
        attached["annotations"] = json!({"a": "b"});
        put(&manifests(&local, "a"), "index", &attached)
            .await
            .unwrap();
    };
    with_every_fault(arrange, read_all, |_, _| async {}).await;
}

/// Reads in every way; whether all answers were given. Those that are given are right, the others are
/// faults.
async fn read_all(local: Local) -> bool {
    let (blobs, manifests) = (blobs(&local, "a"), manifests(&local, "a"));
    let layer = Digest::sha256(b"layer");
    let of_blobs = [
        blobs.stat(&layer).await.map(drop),
        blobs.open(&layer).await.map(drop),
        blobs.serve(&layer).await.map(drop),
    ];
    let of_blobs = of_blobs.into_iter().map(|answer| match answer {
        Ok(()) => true,
        Err(BlobError::Fault(_)) => false,
        Err(other) => panic!("{other:?}"),
    });
    let of_manifests = match manifests.get_by_tag(&tag("index")).await {
        Ok(_) => true,
        Err(ManifestError::Fault(_)) => false,
        Err(other) => panic!("{other:?}"),
    };
    let of_tags = match manifests.tags(PageRequest::first(9)).await {
        Ok(page) => {
            assert_eq!(page.items.len(), 2);
            true
        }
        Err(RepositoryError::Fault(_)) => false,
        Err(other) => panic!("{other:?}"),
    };
    let subject = Digest::sha256(b"subject");
    let request = ReferrersRequest::new(subject, PageRequest::first(9));
    // The only possible failures of these are faults.
    let others = [
        manifests
            .referrers(request)
            .await
            .map(|page| page.items.len()),
        local
            .repositories(PageRequest::first(9))
            .await
            .map(|page| page.items.len()),
        manifests
            .exists_by_tag(&tag("index"))
            .await
            .map(usize::from),
    ];
    let others = others.into_iter().map(|answer| match answer {
        Ok(1) => true,
        Ok(number) => panic!("{number} where there is 1"),
        Err(_) => false,
    });
    let all = of_blobs.chain(others).chain([of_manifests, of_tags]);
    all.collect::<Vec<_>>().iter().all(|given| *given)
}
