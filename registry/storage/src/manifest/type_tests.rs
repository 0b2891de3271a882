//! Tests of what a document is taken for: by the names of its fields, by its media type, and by what was pushed
//! before.

use registry_protocol::{MediaType, Reference};
use serde_json::{Value, json};

use crate::domain::PutManifest;
use crate::error::ManifestPutError;
use crate::testing::{
    OCI_INDEX, OCI_MANIFEST, bytes, digest, image, in_memory, manifests, media_type, push_blob,
    put, tag,
};

#[tokio::test]
async fn names_that_some_readers_take_for_others_are_refused() {
    let local = in_memory();
    push_blob(&local, "a", b"{}").await;
    let manifests = manifests(&local, "a");
    let with = |change: &dyn Fn(&mut Value)| {
        let mut document = image(b"{}", &[b"{}"]);
        change(&mut document);
        document
    };
    for (document, named) in [
        (with(&|it| it["Manifests"] = json!([])), "`Manifests`"),
        (with(&|it| it["CONFIG"] = json!({})), "`CONFIG`"),
        (with(&|it| it["layer\u{17f}"] = json!([])), "layer"),
        (
            with(&|it| it["MediaType"] = json!(OCI_INDEX)),
            "`MediaType`",
        ),
        (with(&|it| it["Subject"] = json!({})), "`Subject`"),
        (
            with(&|it| it["layers"][0]["Digest"] = json!("x")),
            "layers[0].digest",
        ),
        (with(&|it| it["config"]["SIZE"] = json!(1)), "config.size"),
    ] {
        let result = put(&manifests, "v1", &document).await;
        let Err(ManifestPutError::Invalid(error)) = result else {
            panic!("{document}: {result:?}");
        };
        assert!(error.problems[0].contains(named), "{error}");
    }
    // What is no known name, and what annotations hold, is nobody's concern.
    let fine = with(&|it| {
        it["annotations"] = json!({"Layers": "x", "config": "y"});
        it["Labels"] = json!(1);
    });
    put(&manifests, "v1", &fine).await.unwrap();
}

#[tokio::test]
async fn an_index_has_manifests_and_nothing_of_an_image() {
    let local = in_memory();
    push_blob(&local, "a", b"{}").await;
    let manifests = manifests(&local, "a");
    let index = media_type(OCI_INDEX);
    let mut untyped = image(b"{}", &[]);
    untyped.as_object_mut().unwrap().remove("mediaType");
    for document in [json!({"schemaVersion": 2}), json!({}), untyped] {
        let push = PutManifest::new(
            Reference::Tag(tag("v1")),
            Some(index.clone()),
            bytes(&document),
        );
        let result = manifests.put(push).await;
        let Err(ManifestPutError::Invalid(error)) = result else {
            panic!("{document}: {result:?}");
        };
        assert_eq!(error.problems, ["manifests is missing"]);
    }
    // Programs in Go write an empty list so.
    let empty = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": null});
    put(&manifests, "v1", &empty).await.unwrap();
}

#[tokio::test]
async fn a_document_that_does_not_say_what_it_is_keeps_the_type_it_was_pushed_with() {
    let inferred = media_type(OCI_MANIFEST);
    let other = media_type("application/vnd.docker.distribution.manifest.v2+json");
    for (first, second) in [(&inferred, &other), (&other, &inferred)] {
        let local = in_memory();
        push_blob(&local, "a", b"{}").await;
        let manifests = manifests(&local, "a");
        let mut document = image(b"{}", &[]);
        document.as_object_mut().unwrap().remove("mediaType");
        let push = |tag, media_type: Option<&MediaType>| {
            let push = PutManifest::new(
                Reference::Tag(self::tag(tag)),
                media_type.cloned(),
                bytes(&document),
            );
            manifests.put(push)
        };
        push("v1", Some(first)).await.unwrap();
        let result = push("v2", Some(second)).await;
        let Err(ManifestPutError::Invalid(error)) = result else {
            panic!("{result:?}");
        };
        let expected = format!("the repository has this document as {first} already");
        assert!(error.problems[0].contains(&expected), "{error}");
        push("v3", Some(first)).await.unwrap();
        for (tag, there) in [("v1", true), ("v2", false), ("v3", true)] {
            assert_eq!(
                manifests.exists_by_tag(&self::tag(tag)).await.unwrap(),
                there
            );
        }
        let fetched = manifests.get_by_tag(&tag("v1")).await.unwrap();
        assert_eq!(fetched.descriptor.media_type, *first);
        // Once it is gone it may be something else.
        manifests
            .delete(&Reference::Digest(digest(&document)))
            .await
            .unwrap();
        push("v2", Some(second)).await.unwrap();
        let fetched = manifests.get_by_tag(&tag("v2")).await.unwrap();
        assert_eq!(fetched.descriptor.media_type, *second);
    }
}
