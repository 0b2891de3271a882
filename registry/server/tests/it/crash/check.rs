//! Holds what is found after a restart to the ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use bytes::Bytes;
use futures_util::TryStreamExt;
use registry_client::runtime::{DeclaredError, Error};
use registry_client::{
    Client, CompleteUpload, CompleteUploadError, Digest, GetBlob, GetBlobResponse, GetManifest,
    GetManifestResponse, GetUpload, GetUploadResponse, ListReferrers, ListReferrersResponse,
    ListRepositories, ListRepositoriesResponse, ListTags, ListTagsResponse, Name, Reference, Tag,
    UploadId,
};
use serde_json::Value as Json;

use super::ledger::{Ledger, Thing, Upload, Value};
use super::work::{SUBJECT, span};

type Found = BTreeMap<Thing, Bytes>;

pub(super) async fn all(client: &Client, ledger: &mut Ledger) {
    for (name, id) in ledger.gone.split_off(0) {
        assert_eq!(held(client, &name, &id).await, None, "{id} had ended");
    }
    let mut found = Found::new();
    for thing in ledger.things() {
        let value = read(client, &thing).await;
        ledger.find(&thing, value.clone());
        found.extend(value.map(|value| (thing, value)));
    }
    manifests_are_complete(&found);
    lists_are_right(client, ledger, &found).await;
    for (id, upload) in std::mem::take(&mut ledger.uploads) {
        if goes_on(client, &id, &upload).await {
            let digest = Digest::sha256(&upload.content);
            let blob = Thing::Blob(upload.name, digest);
            let value = read(client, &blob).await;
            assert_eq!(value.as_ref(), Some(&upload.content), "{blob:?}");
            ledger.settle(&[(blob, value)]);
        }
    }
}

/// What was found; nothing only where the server says so.
fn there<R, E: Debug + DeclaredError>(outcome: Result<R, Error<E>>) -> Option<R> {
    match outcome {
        Ok(answer) => Some(answer),
        Err(failure) if failure.status() == Some(404) => None,
        Err(failure) => panic!("{failure:?}"),
    }
}

async fn read(client: &Client, thing: &Thing) -> Value {
    let (name, reference) = match thing {
        Thing::Blob(name, digest) => {
            let request = GetBlob::new(name.clone(), digest.clone());
            let GetBlobResponse::Ok(content) = there(client.get_blob(request).await)? else {
                panic!("{thing:?} is elsewhere")
            };
            return Some(content.body.collect(1 << 20).await.unwrap());
        }
        Thing::Manifest(name, digest) => (name, Reference::from(digest.clone())),
        Thing::Tag(name, tag) => (name, Reference::from(tag.clone())),
    };
    let request = GetManifest::new(name.clone(), reference);
    let GetManifestResponse::Ok(manifest) = there(client.get_manifest(request).await)?;
    assert_eq!(
        manifest.docker_content_digest,
        Digest::sha256(&manifest.body)
    );
    Some(manifest.body)
}

/// Every manifest that can be fetched can be pulled.
fn manifests_are_complete(found: &Found) {
    for (thing, bytes) in found {
        if matches!(thing, Thing::Blob(..)) {
            continue;
        }
        let manifest: Json = serde_json::from_slice(bytes).unwrap();
        let digest = manifest["layers"][0]["digest"].as_str().unwrap();
        let digest = Digest::parse(digest).unwrap();
        let blob = Thing::Blob(thing.name().clone(), digest);
        assert!(found.contains_key(&blob), "{thing:?} lacks {blob:?}");
    }
}

/// Lists show what can be fetched, all of it and nothing else.
async fn lists_are_right(client: &Client, ledger: &Ledger, found: &Found) {
    let pages = client.list_repositories_pages(ListRepositories::new());
    let pages: Vec<_> = pages.try_collect().await.unwrap();
    let listed = pages
        .iter()
        .flat_map(|ListRepositoriesResponse::Ok(page)| page.body.repositories.clone());
    let listed: BTreeSet<Name> = listed.collect();
    let ever: BTreeSet<Name> = ledger.things().iter().map(|it| it.name().clone()).collect();
    assert!(listed.is_subset(&ever), "{listed:?} of {ever:?}");
    let now: BTreeSet<Name> = found.keys().map(|it| it.name().clone()).collect();
    assert!(now.is_subset(&listed), "{now:?} of {listed:?}");
    for name in listed {
        assert_eq!(tags(client, &name).await, expected_tags(found, &name));
        let attached = expected_referrers(found, &name);
        assert_eq!(referrers(client, &name).await, attached, "{name}");
    }
}

fn expected_tags(found: &Found, name: &Name) -> Vec<Tag> {
    let tags = found.keys().filter_map(|thing| match thing {
        Thing::Tag(of, tag) if of == name => Some(tag.clone()),
        _ => None,
    });
    tags.collect()
}

async fn tags(client: &Client, name: &Name) -> Vec<Tag> {
    let pages = client.list_tags_pages(ListTags::new(name.clone()));
    let pages: Vec<_> = pages.try_collect().await.unwrap();
    let tags = pages
        .into_iter()
        .flat_map(|ListTagsResponse::Ok(page)| page.body.tags);
    tags.collect()
}

fn expected_referrers(found: &Found, name: &Name) -> Vec<Digest> {
    let attached = found.iter().filter_map(|(thing, bytes)| match thing {
        Thing::Manifest(of, digest) if of == name => {
            let manifest: Json = serde_json::from_slice(bytes).unwrap();
            manifest.get("subject").map(|_| digest.clone())
        }
        _ => None,
    });
    attached.collect()
}

async fn referrers(client: &Client, name: &Name) -> Vec<Digest> {
    let request = ListReferrers::new(name.clone(), Digest::sha256(SUBJECT));
    let pages: Vec<_> = client
        .list_referrers_pages(request)
        .try_collect()
        .await
        .unwrap();
    let listed = pages
        .into_iter()
        .flat_map(|ListReferrersResponse::Ok(page)| page.body.manifests);
    listed.map(|descriptor| descriptor.digest).collect()
}

/// The last position that an upload holds.
async fn held(client: &Client, name: &Name, id: &UploadId) -> Option<usize> {
    let request = GetUpload::new(name.clone(), id.clone());
    let GetUploadResponse::NoContent(open) = there(client.get_upload(request).await)?;
    let (_, last) = open.range.as_str().split_once('-').unwrap();
    Some(last.parse().unwrap())
}

/// An upload is open, holds at least what was acknowledged, and can be completed; whether it is. One
/// whose end was asked for may have ended.
async fn goes_on(client: &Client, id: &UploadId, upload: &Upload) -> bool {
    let Some(last) = held(client, &upload.name, id).await else {
        assert!(upload.ending, "{id} is gone: {} of it", upload.size);
        return false;
    };
    assert!(last + 1 >= upload.size, "{id}: {last} of {}", upload.size);
    // Nothing and one byte are written the same.
    let starts = if last == 0 {
        vec![0, 1]
    } else {
        vec![last + 1]
    };
    for first in starts {
        let digest = Digest::sha256(&upload.content);
        let body = upload.content.slice(first..);
        let is_more = !body.is_empty();
        let mut request = CompleteUpload::new(upload.name.clone(), id.clone(), digest, body.into());
        request.content_range = is_more.then(|| span(first, upload.content.len()));
        match client.complete_upload(request).await {
            Ok(_) => return true,
            Err(Error::Declared(CompleteUploadError::OutOfOrder(_))) if first == 0 => {}
            Err(failure) => panic!("{id}: {failure:?}"),
        }
    }
    panic!("{id} begins neither at 0 nor at 1");
}
