//! In which order things go: what leads to something is gone, for good, before that is; and nothing else
//! is touched. A thing is there by its link alone; what lies around that may go at any time.

use std::sync::{Arc, Mutex};

use registry_protocol::{Digest, Reference};
use serde_json::json;

use crate::driver::filesystem::Step;
use crate::driver::filesystem::tests::ledger::Ledger;
use crate::driver::{Filesystem, FilesystemOptions, Key, StorageDriver};
use crate::layout::paths;
use crate::local::Local;
use crate::testing::{
    OCI_MANIFEST, blobs, descriptor, digest, image, local, manifests, name, open_options,
    push_blob, put, tag,
};

/// A disk of which nothing was seen. Uploads are of no interest here, nor is whether the remains of what
/// has lost its link are still in their directory.
fn unseen() -> Ledger {
    Ledger::sparing(|key| {
        let (name, digest) = (name("a"), Digest::sha256(b"any"));
        let uploads = paths::of_uploads(&name);
        let revisions = paths::revision(&name, &digest).parent();
        let layers = paths::layer(&name, &digest).parent();
        let remains = [Some(paths::tags(&name)), revisions, layers];
        let of_uploads = uploads.iter().any(|of| key == of || key.is_below(of));
        of_uploads || remains.iter().flatten().any(|of| of == key)
    })
}

/// A registry with an image under two tags, whose disk is watched from now on.
async fn watched(root: &tempfile::TempDir) -> (Local, Arc<Mutex<Ledger>>) {
    let ledger = Arc::new(Mutex::new(unseen()));
    let sees = Arc::clone(&ledger);
    let options = FilesystemOptions::new(root.path()).probe(Arc::new(move |step| {
        let mut ledger = sees.lock().unwrap();
        check(&ledger, step);
        ledger.see(step);
        Ok(())
    }));
    let driver: Arc<dyn StorageDriver> = Arc::new(Filesystem::open(options).unwrap());
    let local = local(&driver, open_options());
    push_blob(&local, "a", b"{}").await;
    for name in ["v1", "v2"] {
        put(&manifests(&local, "a"), name, &attached())
            .await
            .unwrap();
    }
    *ledger.lock().unwrap() = unseen();
    (local, ledger)
}

fn attached() -> serde_json::Value {
    let mut image = image(b"{}", &[]);
    image["subject"] = descriptor(OCI_MANIFEST, b"subject");
    image["annotations"] = json!({"a": "b"});
    image
}

/// The key that a step takes away.
fn taken(step: &Step) -> Option<&Key> {
    let aside = Key::parse(".registry").unwrap();
    match step {
        Step::Unlink(key) => Some(key).filter(|key| !key.is_below(&aside)),
        Step::Rename { from, to, .. } => to.is_below(&aside).then_some(from),
        _ => None,
    }
}

/// A revision goes only when it is certain that its tags and its place among the referrers are gone.
fn check(ledger: &Ledger, step: &Step) {
    let revision = paths::revision_link(&name("a"), &digest(&attached()));
    let takes_it = |key: &Key| *key == revision || revision.is_below(key);
    if !taken(step).is_some_and(takes_it) {
        return;
    }
    ledger.assert_durable();
}

/// What was taken away since, in order.
fn order(ledger: &Mutex<Ledger>) -> Vec<String> {
    let ledger = ledger.lock().unwrap();
    ledger.assert_durable();
    let taken = ledger.steps.iter().filter_map(taken);
    taken.map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_manifest_goes_after_all_that_leads_to_it() {
    let root = tempfile::tempdir().unwrap();
    let (local, ledger) = watched(&root).await;
    let gone = Reference::Digest(digest(&attached()));
    manifests(&local, "a").delete(&gone).await.unwrap();
    let order = order(&ledger);
    let position = |part: &str| order.iter().position(|key| key.contains(part)).unwrap();
    let revision = position("/revisions/");
    for before in ["/tags/v1", "/tags/v2", "referrers"] {
        assert!(position(before) < revision, "{order:#?}");
    }
    assert!(
        !order.iter().any(|key| key.contains("v2/blobs")),
        "{order:#?}"
    );
}

#[tokio::test]
async fn a_tag_and_a_blob_go_alone() {
    let root = tempfile::tempdir().unwrap();
    let (local, ledger) = watched(&root).await;
    let gone = Reference::Tag(tag("v1"));
    manifests(&local, "a").delete(&gone).await.unwrap();
    let gone = order(&ledger);
    assert!(gone.iter().all(|key| key.contains("/tags/v1")), "{gone:#?}");
    assert!(!gone.is_empty());

    *ledger.lock().unwrap() = unseen();
    let blob = Digest::sha256(b"{}");
    blobs(&local, "a").delete(&blob).await.unwrap();
    let gone = order(&ledger);
    let layer = paths::layer(&name("a"), &blob);
    assert!(
        gone.iter().all(|key| key.contains(layer.as_str())),
        "{gone:#?}"
    );
    assert!(!gone.is_empty());
}
