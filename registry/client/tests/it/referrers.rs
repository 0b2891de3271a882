//! The list of referrers that clients keep where a registry keeps none.
//!
//! The real registry stands in for one of those: a filter takes out of its answers what says that it knows
//! better.

use bytes::Bytes;
use futures_util::{TryStreamExt as _, future};
use http::{Request, Response};
use registry_client::runtime::{HttpTransport, Transport, TransportError};
use registry_client::{
    Body, DOCKER_MANIFEST, Descriptor, Digest, Error, ListOptions, OCI_INDEX, OCI_MANIFEST,
    Reference, Registry,
};
use serde_json::{Value, json};

use crate::script::{Script, answer};
use crate::served::{Served, blob, bytes, hasty, image, kind, name, serve, tag};

/// As a registry from before there were lists of referrers.
#[derive(Clone)]
struct Old(HttpTransport);

impl Transport for Old {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        if request.uri().path().contains("/referrers/") {
            return Ok(answer(404, &[], ""));
        }
        let mut answer = self.0.send(request).await?;
        answer.headers_mut().remove("oci-subject");
        Ok(answer)
    }
}

fn old(served: &Served) -> Registry<Old> {
    Registry::builder(&format!("http://{}", served.host))
        .retries(hasty())
        .build_with(Old(HttpTransport::new().unwrap()))
        .unwrap()
}

/// What lies under the tag that stands in for the list.
async fn listed<T: Transport>(registry: &Registry<T>, subject: &Digest) -> Option<Value> {
    let tag = tag(&format!("sha256-{}", subject.hex()));
    let pulled = registry.pull_manifest(&name("a"), &tag).await;
    match pulled {
        Ok(manifest) => {
            assert_eq!(manifest.media_type, OCI_INDEX);
            Some(serde_json::from_slice(&manifest.bytes).unwrap())
        }
        Err(error) if error.is_not_found() => None,
        Err(error) => panic!("{error}"),
    }
}

/// A manifest that refers to another, with further fields.
fn referrer(subject: &Bytes, more: &Value) -> Bytes {
    let mut manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {
            "mediaType": "application/vnd.oci.empty.v1+json",
            "digest": Digest::sha256(b"{}").to_string(),
            "size": 2,
        },
        "layers": [],
        "subject": {
            "mediaType": OCI_MANIFEST,
            "digest": Digest::sha256(subject).to_string(),
            "size": subject.len(),
        },
    });
    let fields = more.as_object().unwrap().clone();
    manifest.as_object_mut().unwrap().extend(fields);
    serde_json::to_vec(&manifest).unwrap().into()
}

/// Pushes by digest, which is given back.
async fn push<T: Transport>(
    registry: &Registry<T>,
    media_type: &str,
    manifest: &Bytes,
) -> Result<Digest, Error> {
    let digest = Digest::sha256(manifest);
    let reference = Reference::Digest(digest.clone());
    let pushed = registry
        .push_manifest(&name("a"), &reference, &kind(media_type), manifest.clone())
        .await?;
    assert_eq!(pushed.digest, digest);
    Ok(digest)
}

#[tokio::test]
async fn who_refers_to_something_is_listed_under_its_tag_once() {
    let served = serve().await;
    let registry = old(&served);
    let subject = image(&served.registry, "a", &tag("v1"), &bytes(100)).await;
    let of = Digest::sha256(&subject);
    assert_eq!(listed(&registry, &of).await, None);

    let signed = json!({"artifactType": "text/x", "annotations": {"by": "me"}});
    let signed = referrer(&subject, &signed);
    for _ in 0..2 {
        push(&registry, OCI_MANIFEST, &signed).await.unwrap();
    }
    let plain = referrer(&subject, &json!({}));
    push(&registry, OCI_MANIFEST, &plain).await.unwrap();
    let expected = json!({
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [
            {
                "mediaType": OCI_MANIFEST,
                "digest": Digest::sha256(&signed).to_string(),
                "size": signed.len(),
                "artifactType": "text/x",
                "annotations": {"by": "me"},
            },
            {
                "mediaType": OCI_MANIFEST,
                "digest": Digest::sha256(&plain).to_string(),
                "size": plain.len(),
                "artifactType": "application/vnd.oci.empty.v1+json",
            },
        ],
    });
    assert_eq!(listed(&registry, &of).await.unwrap(), expected);

    // And there it is found.
    let found = registry.referrers(&name("a"), &of, Some("text/x".parse().unwrap()));
    let found: Vec<Descriptor> = found.try_collect().await.unwrap();
    let found: Vec<&Digest> = found.iter().map(|one| &one.digest).collect();
    assert_eq!(found, [&Digest::sha256(&signed)]);
    served.stop().await;
}

#[tokio::test]
async fn what_is_deleted_by_its_digest_is_taken_out_of_the_list() {
    let served = serve().await;
    let registry = old(&served);
    let subject = image(&served.registry, "a", &tag("v1"), &bytes(100)).await;
    let of = Digest::sha256(&subject);
    let list = tag(&format!("sha256-{}", of.hex()));
    let mut digests = Vec::new();
    for number in ["1", "2"] {
        let manifest = referrer(&subject, &json!({"annotations": {"number": number}}));
        digests.push(push(&registry, OCI_MANIFEST, &manifest).await.unwrap());
    }
    let numbers = async || {
        let index = listed(&registry, &of).await.unwrap();
        let entries = index["manifests"].as_array().unwrap().clone();
        let numbers = entries
            .iter()
            .map(|entry| entry["annotations"]["number"].to_string());
        numbers.collect::<Vec<_>>().join(" ")
    };
    let delete = async |reference: Reference| {
        let deleted = registry.delete_manifest(&name("a"), &reference).await;
        deleted.unwrap()
    };
    assert_eq!(numbers().await, r#""1" "2""#);
    // A tag is no referrer,
    let tagged = Reference::Digest(digests[1].clone());
    let manifest = registry.pull_manifest(&name("a"), &tagged).await.unwrap();
    registry
        .push_manifest(&name("a"), &tag("two"), &kind(OCI_MANIFEST), manifest.bytes)
        .await
        .unwrap();
    assert!(delete(tag("two")).await);
    assert_eq!(numbers().await, r#""1" "2""#);
    // a digest is one, until it is gone,
    assert!(delete(Reference::Digest(digests[0].clone())).await);
    assert_eq!(numbers().await, r#""2""#);
    assert!(!delete(Reference::Digest(digests[0].clone())).await);
    // and where something else is deleted nothing is written.
    let before = registry.head_manifest(&name("a"), &list).await.unwrap();
    assert!(delete(Reference::Digest(of.clone())).await);
    assert_eq!(
        registry.head_manifest(&name("a"), &list).await.unwrap(),
        before
    );
    assert!(delete(tagged).await);
    assert_eq!(numbers().await, "");
    served.stop().await;
}

#[tokio::test]
async fn where_the_registry_keeps_the_list_a_deletion_writes_none() {
    let subject = Bytes::from_static(b"subject");
    let manifest = referrer(&subject, &json!({}));
    let (path, of) = (Digest::sha256(&manifest), Digest::sha256(&subject));
    let reference = Reference::Digest(path.clone());
    for (referrers, more) in [(200, 0), (404, 2)] {
        let pulled = manifest.clone();
        let script = Script::new(move |seen| match seen.line.split_once(' ').unwrap() {
            ("DELETE", _) => answer(202, &[], ""),
            ("GET", path) if path.contains("/referrers/") => answer(referrers, &[], "{}"),
            ("GET", path) if path.contains("/sha256-") => {
                let digest = Digest::sha256(&pulled);
                let index = json!({"manifests": [{"digest": digest.to_string()}]});
                answer(200, &[("content-type", OCI_INDEX)], index.to_string())
            }
            ("GET", _) => answer(200, &[("content-type", OCI_MANIFEST)], pulled.clone()),
            (_, path) => {
                assert!(path.contains("/sha256-"), "{path}");
                answer(201, &[], "")
            }
        });
        let registry = script.registry();
        assert!(
            registry
                .delete_manifest(&name("a"), &reference)
                .await
                .unwrap()
        );
        let lines = script.lines();
        assert_eq!(lines[0], format!("GET /v2/a/manifests/{path}"));
        assert_eq!(lines[1], format!("GET /v2/a/referrers/{of}"));
        assert_eq!(lines[2], format!("DELETE /v2/a/manifests/{path}"));
        assert_eq!(lines.len(), 3 + more, "{lines:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_can_be_deleted() {
    for damaged in [
        answer(500, &[], ""),
        answer(200, &[("content-type", OCI_MANIFEST)], "not what it was"),
        answer(403, &[], ""),
        answer(404, &[], ""),
    ] {
        let mut damaged = Some(damaged);
        let script = Script::new(move |seen| match seen.line.split(' ').next().unwrap() {
            "DELETE" => answer(202, &[], ""),
            _ => damaged.take().unwrap_or_else(|| answer(500, &[], "")),
        });
        let reference = Reference::Digest(Digest::sha256(b"a manifest"));
        let registry = script.registry();
        assert!(
            registry
                .delete_manifest(&name("a"), &reference)
                .await
                .unwrap()
        );
    }
}

#[tokio::test]
async fn those_who_push_at_one_time_are_all_listed() {
    let served = serve().await;
    let registry = old(&served);
    let subject = image(&served.registry, "a", &tag("v1"), &bytes(100)).await;
    let referrers = (0..10).map(|number| {
        let number = json!({"annotations": {"number": number.to_string()}});
        referrer(&subject, &number)
    });
    let referrers: Vec<Bytes> = referrers.collect();
    let pushes = referrers
        .iter()
        .map(|manifest| push(&registry, OCI_MANIFEST, manifest));
    let digests = future::try_join_all(pushes).await.unwrap();
    let index = listed(&registry, &Digest::sha256(&subject)).await.unwrap();
    let entries = index["manifests"].as_array().unwrap();
    assert_eq!(entries.len(), digests.len());
    for digest in digests {
        let is_listed = entries
            .iter()
            .any(|entry| entry["digest"] == digest.to_string());
        assert!(is_listed, "{digest}");
    }
    served.stop().await;
}

#[tokio::test]
async fn what_others_have_written_into_the_list_stays() {
    let served = serve().await;
    let registry = old(&served);
    let subject = image(&served.registry, "a", &tag("v1"), &bytes(100)).await;
    let of = Digest::sha256(&subject);
    let there = json!({
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "annotations": {"kept": "by somebody"},
        "manifests": [{
            "mediaType": OCI_MANIFEST,
            "digest": of.to_string(),
            "size": subject.len(),
            "x": [1, {"y": null}],
        }],
    });
    let list = tag(&format!("sha256-{}", of.hex()));
    served
        .registry
        .push_manifest(
            &name("a"),
            &list,
            &kind(OCI_INDEX),
            serde_json::to_vec(&there).unwrap().into(),
        )
        .await
        .unwrap();
    let manifest = referrer(&subject, &json!({}));
    push(&registry, OCI_MANIFEST, &manifest).await.unwrap();
    let mut index = listed(&registry, &of).await.unwrap();
    let entries = index["manifests"].as_array_mut().unwrap();
    assert_eq!(entries.len(), 2);
    entries.pop();
    assert_eq!(index, there);
    served.stop().await;
}

#[tokio::test]
async fn something_else_under_the_tag_is_left_alone_and_said_to_be_in_the_way() {
    let served = serve().await;
    let registry = old(&served);
    let subject = image(&served.registry, "a", &tag("v1"), &bytes(100)).await;
    let list = tag(&format!("sha256-{}", Digest::sha256(&subject).hex()));
    let other = image(&served.registry, "a", &list, &bytes(200)).await;
    let manifest = referrer(&subject, &json!({}));
    let error = push(&registry, OCI_MANIFEST, &manifest).await.unwrap_err();
    assert!(error.to_string().contains(list.as_str()), "{error}");
    let there = registry.pull_manifest(&name("a"), &list).await.unwrap();
    assert_eq!(there.bytes, other);
    served.stop().await;
}

#[tokio::test]
async fn a_registry_that_keeps_the_list_itself_gets_no_tag_for_it() {
    let served = serve().await;
    let subject = image(&served.registry, "a", &tag("v1"), &bytes(100)).await;
    let manifest = referrer(&subject, &json!({}));
    push(&served.registry, OCI_MANIFEST, &manifest)
        .await
        .unwrap();
    let tags = served.registry.tags(&name("a"), ListOptions::default());
    let tags: Vec<_> = tags.try_collect().await.unwrap();
    assert_eq!(tags.len(), 1, "{tags:?}");
    served.stop().await;
}

#[tokio::test]
async fn without_a_subject_nothing_more_is_sent() {
    let script = Script::new(|_| answer(201, &[], ""));
    let registry = script.registry();
    let subject = Bytes::from_static(b"subject");
    let of_docker = referrer(&subject, &json!({"mediaType": DOCKER_MANIFEST}));
    for (media_type, manifest) in [
        (OCI_MANIFEST, Bytes::from_static(b"{}")),
        (OCI_MANIFEST, Bytes::from_static(br#"{"subject": null}"#)),
        (OCI_INDEX, Bytes::from_static(b"no JSON")),
        (DOCKER_MANIFEST, of_docker),
    ] {
        push(&registry, media_type, &manifest).await.unwrap();
        assert_eq!(script.lines().len(), 1, "{manifest:?}");
    }
}

#[tokio::test]
async fn a_copy_is_listed_where_it_arrives() {
    use registry_client::{CopyOptions, Repository, copy};
    let (from, to) = (serve().await, serve().await);
    let subject = Bytes::from_static(b"elsewhere");
    blob(&from.registry, "a", &Bytes::from_static(b"{}")).await;
    let manifest = referrer(&subject, &json!({}));
    push(&from.registry, OCI_MANIFEST, &manifest).await.unwrap();
    let registry = old(&to);
    let reference = Reference::Digest(Digest::sha256(&manifest));
    let source = Repository {
        registry: &from.registry,
        name: &name("a"),
    };
    let target = Repository {
        registry: &registry,
        name: &name("a"),
    };
    let options = CopyOptions::default();
    copy(source, &reference, target, &reference, &options)
        .await
        .unwrap();
    let index = listed(&registry, &Digest::sha256(&subject)).await.unwrap();
    assert_eq!(index["manifests"].as_array().unwrap().len(), 1);
    from.stop().await;
    to.stop().await;
}
