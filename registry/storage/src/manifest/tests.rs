//! Tests of manifests and tags, over the whole crate and a storage in memory.

use std::sync::Arc;

use bytes::Bytes;
use registry_protocol::digest::Kind;
use registry_protocol::{Digest, Reference};
use serde_json::{Value, json};

use crate::domain::{ManifestService, PageRequest, PutManifest};
use crate::driver::{StorageDriver, StorageDriverExt};
use crate::error::{
    FaultKind, ManifestDeleteError, ManifestError, ManifestPutError, RefusalKind, RepositoryError,
};
use crate::layout::paths;
use crate::local::Local;
use crate::options::Options;
use crate::testing::{
    OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, blobs, bytes, descriptor, digest, image, in_memory, index,
    local, manifests, media_type, memory, name, open_options, push_blob, push_image, put, renamed,
    storages, tag,
};

fn reference(text: &str) -> Reference {
    Reference::parse(text).unwrap()
}

async fn tags(manifests: &Arc<dyn ManifestService>) -> Vec<String> {
    let page = manifests.tags(PageRequest::first(1000)).await.unwrap();
    assert!(!page.more);
    page.items.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_manifest_is_fetched_as_it_was_pushed() {
    let local = in_memory();
    let image = push_image(&local, "a/b", "v1", "layer").await;
    let manifests = manifests(&local, "a/b");
    let by_tag = manifests.get_by_tag(&tag("v1")).await.unwrap();
    let by_digest = manifests.get(&digest(&image)).await.unwrap();
    assert_eq!(by_tag, by_digest);
    assert_eq!(by_tag.content, bytes(&image));
    assert_eq!(by_tag.descriptor.digest, digest(&image));
    assert_eq!(by_tag.descriptor.size, by_tag.content.len() as u64);
    assert_eq!(by_tag.descriptor.media_type, media_type(OCI_MANIFEST));
    assert!(manifests.exists(&digest(&image)).await.unwrap());
    assert!(manifests.exists_by_tag(&tag("v1")).await.unwrap());
    assert!(!manifests.exists_by_tag(&tag("v2")).await.unwrap());
}

#[tokio::test]
async fn a_manifest_is_pushed_and_fetched_under_a_digest_of_any_algorithm() {
    for kind in Kind::ALL {
        let local = in_memory();
        push_blob(&local, "a", b"{}").await;
        let manifests = manifests(&local, "a");
        let image = image(b"{}", &[]);
        let digest = Digest::of(kind, &bytes(&image));
        let push = PutManifest::new(Reference::Digest(digest.clone()), None, bytes(&image));
        let push = push.tagged([tag("x"), tag("y"), tag("x")]);
        let stored = manifests.put(push).await.unwrap();
        assert_eq!(stored.descriptor.digest, digest);
        assert_eq!(stored.tags, [tag("x"), tag("y")]);
        let fetched = manifests.get_by_tag(&tag("y")).await.unwrap();
        assert_eq!(fetched.descriptor.digest, digest);
        assert_eq!(manifests.get(&digest).await.unwrap().content, bytes(&image));
    }
}

#[tokio::test]
async fn a_digest_that_is_not_that_of_the_manifest_is_refused() {
    let local = in_memory();
    let wrong = Digest::sha256(b"something else");
    let result = put(&manifests(&local, "a"), wrong.as_str(), &image(b"{}", &[])).await;
    assert!(matches!(result, Err(ManifestPutError::Digest(error)) if error.expected == wrong));
}

#[tokio::test]
async fn everything_that_is_missing_is_named_once_and_in_order() {
    let local = in_memory();
    push_blob(&local, "a", b"there").await;
    push_blob(&local, "other", b"elsewhere").await;
    let layers: [&[u8]; 5] = [b"one", b"there", b"elsewhere", b"one", b"two"];
    let result = put(&manifests(&local, "a"), "v1", &image(b"{}", &layers)).await;
    let Err(ManifestPutError::Unverified(error)) = result else {
        panic!("{result:?}");
    };
    let missing = [&b"{}"[..], b"one", b"elsewhere", b"two"].map(Digest::sha256);
    assert_eq!(error.missing, missing);
    assert!(
        !manifests(&local, "a")
            .exists_by_tag(&tag("v1"))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn the_manifests_of_an_index_have_to_be_there_unless_it_may_be_sparse() {
    let driver = memory();
    let local = local(&driver, open_options());
    let there = push_image(&local, "a", "there", "layer").await;
    let missing = image(b"{}", &[]);
    let index = index(&[there, missing.clone()]);
    let result = put(&manifests(&local, "a"), "index", &index).await;
    assert!(matches!(result, Err(ManifestPutError::Unverified(error))
        if error.missing == [digest(&missing)]));
    let options = Options {
        sparse_indexes: true,
        ..open_options()
    };
    let sparse = manifests(&crate::testing::local(&driver, options), "a");
    put(&sparse, "index", &index).await.unwrap();
    let fetched = sparse.get_by_tag(&tag("index")).await.unwrap();
    assert_eq!(fetched.descriptor.media_type, media_type(OCI_INDEX));
}

#[tokio::test]
async fn layers_that_lie_elsewhere_and_the_subject_may_be_missing() {
    let local = in_memory();
    push_blob(&local, "a", b"{}").await;
    let foreign = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    let mut layer = descriptor(foreign, b"foreign");
    let mut image = image(b"{}", &[]);
    image["layers"] = json!([layer]);
    image["subject"] = descriptor(OCI_MANIFEST, b"nowhere");
    let result = put(&manifests(&local, "a"), "v1", &image).await;
    assert!(matches!(result, Err(ManifestPutError::Unverified(_))));
    layer["urls"] = json!(["https://example.org/layer"]);
    image["layers"] = json!([layer]);
    let stored = put(&manifests(&local, "a"), "v1", &image).await.unwrap();
    assert_eq!(stored.subject, Some(Digest::sha256(b"nowhere")));
}

#[tokio::test]
async fn too_many_references_and_too_long_a_manifest_are_invalid() {
    let options = Options {
        reference_limit: 2,
        manifest_limit: 2000,
        ..open_options()
    };
    let local = local(&memory(), options);
    let many = image(b"{}", &[b"one", b"two"]);
    let mut long = image(b"{}", &[]);
    long["annotations"] = json!({"a": "b".repeat(2000)});
    for document in [many, long] {
        let result = put(&manifests(&local, "a"), "v1", &document).await;
        assert!(matches!(result, Err(ManifestPutError::Invalid(_))));
    }
}

#[tokio::test]
async fn the_media_type_of_the_push_is_found_again() {
    let local = in_memory();
    push_blob(&local, "a", b"{}").await;
    let manifests = manifests(&local, "a");
    let mut unstated = image(b"{}", &[]);
    unstated.as_object_mut().unwrap().remove("mediaType");
    let empty = json!({});
    let own = json!({"mediaType": "application/vnd.example+json", "hello": ["world"]});
    for (document, declared, expected) in [
        (&unstated, None, OCI_MANIFEST),
        (&unstated, Some(OCI_MANIFEST), OCI_MANIFEST),
        (&unstated, Some("application/x"), "application/x"),
        (&empty, Some("application/y"), "application/y"),
        (&own, None, "application/vnd.example+json"),
    ] {
        let declared = declared.map(media_type);
        let push = PutManifest::new(reference("v1"), declared, bytes(document));
        let stored = manifests.put(push).await.unwrap();
        assert_eq!(stored.descriptor.media_type.as_str(), expected);
        let fetched = manifests.get_by_tag(&tag("v1")).await.unwrap();
        assert_eq!(fetched.descriptor, stored.descriptor);
        let digest = stored.descriptor.digest;
        manifests.delete(&Reference::Digest(digest)).await.unwrap();
    }
}

#[tokio::test]
async fn a_manifest_that_distribution_wrote_is_read() {
    let driver = memory();
    let mut document = image(b"{}", &[]);
    document.as_object_mut().unwrap().remove("mediaType");
    let digest = digest(&document);
    let repository = name("old/repo");
    driver
        .replace(&paths::blob_data(&digest), bytes(&document))
        .await
        .unwrap();
    let text = digest.to_string();
    for link in [
        paths::revision_link(&repository, &digest),
        paths::tag_current(&repository, &tag("v1")),
    ] {
        driver.replace(&link, text.clone()).await.unwrap();
    }
    let manifests = manifests(&local(&driver, open_options()), "old/repo");
    let fetched = manifests.get_by_tag(&tag("v1")).await.unwrap();
    assert_eq!(fetched.descriptor.media_type, media_type(OCI_MANIFEST));
    assert_eq!(tags(&manifests).await, ["v1"]);
}

#[tokio::test]
async fn tags_are_listed_in_pages_by_their_bytes() {
    let local = in_memory();
    let image = push_image(&local, "a", "z", "layer").await;
    let manifests = manifests(&local, "a");
    for tag in ["B", "a", "_", "1.0", "a-", "A"] {
        put(&manifests, tag, &image).await.unwrap();
    }
    let all = ["1.0", "A", "B", "_", "a", "a-", "z"];
    assert_eq!(tags(&manifests).await, all);
    for limit in 1..9 {
        let (mut found, mut request) = (Vec::new(), PageRequest::first(limit));
        loop {
            let page = manifests.tags(request).await.unwrap();
            assert!(page.items.len() == limit || !page.more);
            let next = page.next().cloned();
            found.extend(page.items.iter().map(ToString::to_string));
            match next {
                Some(last) => request = PageRequest::after(last, limit),
                None => break,
            }
        }
        assert_eq!(found, all);
    }
    let none = manifests.tags(PageRequest::first(0)).await.unwrap();
    assert!(none.items.is_empty() && !none.more);
    let behind = manifests
        .tags(PageRequest::after(tag("M"), 2))
        .await
        .unwrap();
    assert_eq!(
        (behind.items, behind.more),
        (vec![tag("_"), tag("a")], true)
    );
    let huge = manifests
        .tags(PageRequest::first(usize::MAX))
        .await
        .unwrap();
    assert_eq!(huge.items.len(), all.len());
}

#[tokio::test]
async fn foreign_and_emptied_directories_do_not_break_the_list_of_tags() {
    let driver = memory();
    let local = local(&driver, open_options());
    push_image(&local, "a", "v2", "layer").await;
    let (a, v1) = (name("a"), tag("v1"));
    let current = paths::tag_current(&a, &v1);
    let emptied = paths::tag_index(&a, &v1, &Digest::sha256(b"x"));
    let without_link = renamed(&paths::tag_current(&a, &tag("v3")), "link", "other");
    let illegal = [".hidden", "-x", "v+1"].map(|name| renamed(&current, "v1", name));
    for key in illegal.iter().chain([&emptied, &without_link]) {
        driver.replace(key, &b"x"[..]).await.unwrap();
    }
    let manifests = manifests(&local, "a");
    assert_eq!(tags(&manifests).await, ["v2"]);
    let page = manifests.tags(PageRequest::first(1)).await.unwrap();
    assert_eq!((page.items, page.more), (vec![tag("v2")], false));
    assert!(matches!(
        manifests.get_by_tag(&tag("v1")).await,
        Err(ManifestError::Unknown(_))
    ));
}

#[tokio::test]
async fn a_tag_is_taken_away_alone() {
    let local = in_memory();
    let image = push_image(&local, "a", "v1", "layer").await;
    let manifests = manifests(&local, "a");
    put(&manifests, "v2", &image).await.unwrap();
    manifests.delete(&reference("v1")).await.unwrap();
    assert_eq!(tags(&manifests).await, ["v2"]);
    manifests.get(&digest(&image)).await.unwrap();
    let again = manifests.delete(&reference("v1")).await;
    assert!(matches!(again, Err(ManifestDeleteError::Unknown(error))
        if error.reference == reference("v1")));
    manifests.delete(&reference("v2")).await.unwrap();
    assert!(tags(&manifests).await.is_empty());
    manifests.get(&digest(&image)).await.unwrap();
}

#[tokio::test]
async fn a_manifest_goes_with_every_tag_on_it() {
    let local = in_memory();
    let first = push_image(&local, "a", "v1", "layer").await;
    let second = push_image(&local, "a", "v2", "another layer").await;
    let manifests = manifests(&local, "a");
    put(&manifests, "latest", &first).await.unwrap();
    manifests
        .delete(&Reference::Digest(digest(&first)))
        .await
        .unwrap();
    assert_eq!(tags(&manifests).await, ["v2"]);
    assert!(matches!(
        manifests.get(&digest(&first)).await,
        Err(ManifestError::Unknown(_))
    ));
    manifests.get(&digest(&second)).await.unwrap();
    let again = manifests.delete(&Reference::Digest(digest(&first))).await;
    assert!(matches!(again, Err(ManifestDeleteError::Unknown(_))));
    // Its content stays, but nobody gets at it through the repository.
    assert!(blobs(&local, "a").stat(&digest(&first)).await.is_err());
    put(&manifests, "v1", &first).await.unwrap();
    assert_eq!(tags(&manifests).await, ["v1", "v2"]);
}

#[tokio::test]
async fn an_unknown_repository_is_told_from_an_unknown_tag() {
    let local = in_memory();
    let manifests = manifests(&local, "a/b");
    let (tag, any) = (tag("v1"), Digest::sha256(b"x"));
    assert!(matches!(
        manifests.get_by_tag(&tag).await,
        Err(ManifestError::RepositoryUnknown(_))
    ));
    assert!(matches!(
        manifests.get(&any).await,
        Err(ManifestError::RepositoryUnknown(_))
    ));
    let listed = manifests.tags(PageRequest::first(0)).await;
    assert!(matches!(listed, Err(RepositoryError::Unknown(error)) if error.name == name("a/b")));
    let deleted = manifests.delete(&Reference::Tag(tag.clone())).await;
    assert!(matches!(
        deleted,
        Err(ManifestDeleteError::RepositoryUnknown(_))
    ));
    push_blob(&local, "a/b", b"x").await;
    assert!(matches!(
        manifests.get_by_tag(&tag).await,
        Err(ManifestError::Unknown(_))
    ));
    assert!(tags(&manifests).await.is_empty());
    let deleted = manifests.delete(&Reference::Digest(any)).await;
    assert!(matches!(deleted, Err(ManifestDeleteError::Unknown(_))));
}

#[tokio::test]
async fn nothing_is_deleted_where_deletion_is_turned_off() {
    let local = local(&memory(), Options::default());
    let image = push_image(&local, "a", "v1", "layer").await;
    let manifests = manifests(&local, "a");
    for reference in [
        reference("v1"),
        Reference::Digest(digest(&image)),
        reference("none"),
    ] {
        let result = manifests.delete(&reference).await;
        assert!(matches!(result, Err(ManifestDeleteError::Refused(refusal))
            if refusal.kind == RefusalKind::Unsupported));
    }
    manifests.get_by_tag(&tag("v1")).await.unwrap();
}

#[tokio::test]
async fn content_that_does_not_match_its_digest_is_never_handed_out() {
    let driver = memory();
    let local = local(&driver, open_options());
    let image = push_image(&local, "a", "v1", "layer").await;
    let data = paths::blob_data(&digest(&image));
    let mut content = bytes(&image).to_vec();
    content[30] ^= 1;
    driver.replace(&data, content).await.unwrap();
    let manifests = manifests(&local, "a");
    let result = manifests.get_by_tag(&tag("v1")).await;
    assert!(
        matches!(result, Err(ManifestError::Fault(fault)) if fault.kind() == FaultKind::Damaged)
    );
    put(&manifests, "v1", &image).await.unwrap();
    assert_eq!(
        manifests.get_by_tag(&tag("v1")).await.unwrap().content,
        bytes(&image)
    );
}

#[tokio::test]
async fn an_emptied_tag_is_a_fault_until_it_is_pushed_again() {
    let driver = memory();
    let local = local(&driver, open_options());
    let image = push_image(&local, "a", "v1", "layer").await;
    let manifests = manifests(&local, "a");
    let current = paths::tag_current(&name("a"), &tag("v1"));
    driver.replace(&current, Bytes::new()).await.unwrap();
    assert!(matches!(
        manifests.get_by_tag(&tag("v1")).await,
        Err(ManifestError::Fault(_))
    ));
    put(&manifests, "v1", &image).await.unwrap();
    manifests.get_by_tag(&tag("v1")).await.unwrap();
}

async fn race(local: &Local, driver: &Arc<dyn StorageDriver>) {
    let images = [image(b"{}", &[b"one"]), image(b"{}", &[b"two"])];
    let manifests = manifests(local, "a");
    let work = (0..20).map(|at| {
        let (manifests, image) = (Arc::clone(&manifests), images[at % 2].clone());
        tokio::spawn(async move {
            if at % 5 == 4 {
                let _ = manifests.delete(&Reference::Digest(digest(&image))).await;
            } else {
                put(&manifests, "v1", &image).await.unwrap();
            }
        })
    });
    for done in work.collect::<Vec<_>>() {
        done.await.unwrap();
    }
    let link = paths::tag_current(&name("a"), &tag("v1"));
    if driver.exists(&link).await.unwrap() {
        manifests.get_by_tag(&tag("v1")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_never_leads_nowhere_though_pushes_and_deletes_race() {
    for (driver, _directory) in storages() {
        let local = local(&driver, open_options());
        for blob in [&b"{}"[..], b"one", b"two"] {
            push_blob(&local, "a", blob).await;
        }
        for _ in 0..25 {
            race(&local, &driver).await;
        }
    }
}

fn broken(change: impl FnOnce(&mut Value)) -> Value {
    let mut document = image(b"{}", &[b"layer"]);
    change(&mut document);
    document
}

#[tokio::test]
async fn all_that_is_wrong_with_a_document_is_told() {
    let local = in_memory();
    let manifests = manifests(&local, "a");
    let mut bad = descriptor(OCI_CONFIG, b"x");
    bad["size"] = json!(-1);
    bad["digest"] = json!("sha256:ABC");
    for (document, problems) in [
        (
            broken(|it| it["config"] = json!(7)),
            vec!["config is not an object"],
        ),
        (
            broken(|it| it["layers"] = json!({})),
            vec!["layers is not a list"],
        ),
        (
            broken(|it| it["layers"][0]["size"] = json!(1_u64 << 63)),
            vec!["layers[0].size is missing, or no number from 0 to 2^63-1"],
        ),
        (
            broken(|it| {
                it["config"] = bad.clone();
                it["subject"] = json!({"mediaType": "", "size": 1.5});
            }),
            vec![
                "config.size is missing, or no number from 0 to 2^63-1",
                "config.digest is missing or not a digest",
                "subject.mediaType is missing or not a text",
                "subject.size is missing, or no number from 0 to 2^63-1",
                "subject.digest is missing or not a digest",
            ],
        ),
        (
            broken(|it| it["manifests"] = json!([])),
            vec!["it has both manifests and layers"],
        ),
        (
            broken(|it| it["mediaType"] = json!(1)),
            vec!["mediaType is not a media type"],
        ),
        (
            json!({"hello": "world"}),
            vec!["it does not say what it is, nor does Content-Type"],
        ),
        (json!([]), vec!["it is not a JSON object"]),
    ] {
        let result = put(&manifests, "v1", &document).await;
        let Err(ManifestPutError::Invalid(error)) = result else {
            panic!("{document}: {result:?}");
        };
        assert_eq!(error.problems, problems);
    }
}

#[tokio::test]
async fn a_document_that_contradicts_its_type_is_refused() {
    let local = in_memory();
    push_blob(&local, "a", b"{}").await;
    let manifests = manifests(&local, "a");
    let (image, index) = (image(b"{}", &[]), index(&[]));
    let schema_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    let mut without_config = image.clone();
    without_config.as_object_mut().unwrap().remove("config");
    for (document, declared) in [
        (&image, OCI_INDEX),
        (&index, OCI_MANIFEST),
        (&without_config, OCI_MANIFEST),
        (&json!({"config": {}, "manifests": []}), "application/x"),
        (&json!({"fsLayers": []}), schema_1),
    ] {
        let declared = Some(media_type(declared));
        let push = PutManifest::new(reference("v1"), declared, bytes(document));
        let result = manifests.put(push).await;
        assert!(
            matches!(result, Err(ManifestPutError::Invalid(_))),
            "{result:?}"
        );
    }
}

#[tokio::test]
async fn a_list_that_is_null_is_a_list_that_is_not_there() {
    let local = in_memory();
    push_blob(&local, "a", b"{}").await;
    let mut document = image(b"{}", &[]);
    document["layers"] = Value::Null;
    document["manifests"] = Value::Null;
    document["subject"] = Value::Null;
    put(&manifests(&local, "a"), "v1", &document).await.unwrap();
}
