//! Manifests: pushed, pulled, and not taken on trust.

use bytes::Bytes;
use registry_client::digest::Kind;
use registry_client::{
    DOCKER_MANIFEST, Digest, Error, MANIFEST_LIMIT, OCI_INDEX, OCI_MANIFEST, Reference,
};

use crate::script::{Script, answer};
use crate::served::{bytes, image, kind, name, serve, tag};

#[tokio::test]
async fn a_manifest_comes_back_by_tag_and_by_digest() {
    let served = serve().await;
    let (registry, repository) = (&served.registry, name("team/app"));
    registry.check().await.unwrap();
    let manifest = image(registry, "team/app", &tag("v1"), &bytes(100)).await;
    let digest = Digest::sha256(&manifest);
    for reference in [tag("v1"), Reference::Digest(digest.clone())] {
        let pulled = registry
            .pull_manifest(&repository, &reference)
            .await
            .unwrap();
        assert_eq!((&pulled.digest, &pulled.bytes), (&digest, &manifest));
        assert_eq!(pulled.media_type, OCI_MANIFEST);
        let head = registry
            .head_manifest(&repository, &reference)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((&head.digest, head.size), (&digest, manifest.len() as u64));
    }
    // Under another kind of digest it is another manifest.
    let long = Reference::Digest(Digest::of(Kind::Sha512, &manifest));
    let pushed = registry
        .push_manifest(&repository, &long, &kind(OCI_MANIFEST), manifest.clone())
        .await;
    assert_eq!(pushed.unwrap().digest.algorithm(), "sha512");
    let pulled = registry.pull_manifest(&repository, &long).await.unwrap();
    assert_eq!(pulled.bytes, manifest);

    assert!(
        registry
            .delete_manifest(&repository, &tag("v1"))
            .await
            .unwrap()
    );
    assert!(
        !registry
            .delete_manifest(&repository, &tag("v1"))
            .await
            .unwrap()
    );
    assert!(
        registry
            .head_manifest(&repository, &tag("v1"))
            .await
            .unwrap()
            .is_none()
    );
    let error = registry
        .pull_manifest(&repository, &tag("v1"))
        .await
        .unwrap_err();
    assert!(error.has_code("MANIFEST_UNKNOWN"), "{error}");
    served.stop().await;
}

#[tokio::test]
async fn a_subject_is_known_to_the_registry_and_its_referrers_are_listed() {
    use futures_util::TryStreamExt as _;
    let served = serve().await;
    let (registry, repository) = (&served.registry, name("a"));
    let subject = image(registry, "a", &tag("v1"), &bytes(100)).await;
    let (digest, size) = (Digest::sha256(&subject), subject.len());
    let config = Digest::sha256(b"{}");
    let referrer = Bytes::from(format!(
        r#"{{"schemaVersion":2,"mediaType":"{OCI_MANIFEST}","artifactType":"text/x",
            "config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{config}","size":2}},"layers":[],
            "subject":{{"mediaType":"{OCI_MANIFEST}","digest":"{digest}","size":{size}}}}}"#
    ));
    let reference = Reference::Digest(Digest::sha256(&referrer));
    let pushed = registry
        .push_manifest(&repository, &reference, &kind(OCI_MANIFEST), referrer)
        .await
        .unwrap();
    assert_eq!(pushed.subject, Some(digest.clone()));
    for (artifact_type, count) in [(None, 1), (Some("text/x"), 1), (Some("text/y"), 0)] {
        let artifact_type = artifact_type.map(|text| text.parse().unwrap());
        let listed = registry.referrers(&repository, &digest, artifact_type);
        let listed: Vec<_> = listed.try_collect().await.unwrap();
        assert_eq!(listed.len(), count);
    }
    served.stop().await;
}

/// Pulls by tag, or by the digest of `by`, what a registry sends as `kind`.
async fn sent(
    by: Option<&str>,
    headers: &'static [(&str, &str)],
    body: impl Into<Bytes>,
) -> Result<String, Error> {
    let body = body.into();
    let script = Script::new(move |_| answer(200, headers, body.clone()));
    let reference = match by {
        Some(bytes) => Reference::Digest(Digest::sha256(bytes.as_bytes())),
        None => tag("v1"),
    };
    let registry = script.registry();
    let manifest = registry.pull_manifest(&name("a"), &reference).await?;
    Ok(manifest.media_type)
}

#[tokio::test]
async fn other_bytes_than_the_digest_promises_are_refused() {
    let kind = &[("content-type", OCI_MANIFEST)];
    assert_eq!(sent(Some("{}"), kind, "{}").await.unwrap(), OCI_MANIFEST);
    let error = sent(Some("{}"), kind, "{ }").await.unwrap_err();
    assert!(matches!(error, Error::Mismatch(_)), "{error}");
    // By tag it is the registry that promises.
    let digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let named: &'static [_] = Box::leak(Box::new([
        ("content-type", OCI_MANIFEST),
        ("docker-content-digest", digest),
    ]));
    assert_eq!(sent(None, named, "{}").await.unwrap(), OCI_MANIFEST);
    for by in [None, Some("{ }")] {
        let error = sent(by, named, "{ }").await.unwrap_err();
        assert!(matches!(error, Error::Mismatch(_)), "{error}");
    }
    assert_eq!(sent(None, kind, "{ }").await.unwrap(), OCI_MANIFEST);
}

#[tokio::test]
async fn a_manifest_must_not_say_two_things_of_itself() {
    let document = |kind: &str| format!(r#"{{"mediaType": "{kind}"}}"#);
    let parameter = &[(
        "content-type",
        "Application/vnd.oci.image.index.v1+JSON; charset=utf-8",
    )];
    assert_eq!(sent(None, parameter, "{}").await.unwrap(), OCI_INDEX);
    assert_eq!(
        sent(None, parameter, document(OCI_INDEX)).await.unwrap(),
        OCI_INDEX
    );
    sent(None, parameter, document(DOCKER_MANIFEST))
        .await
        .unwrap_err();
    // Where the registry knows nothing, the document is believed.
    for unsure in [&[][..], &[("content-type", "application/json")]] {
        let own = document(DOCKER_MANIFEST);
        assert_eq!(sent(None, unsure, own).await.unwrap(), DOCKER_MANIFEST);
        sent(None, unsure, "{}").await.unwrap_err();
    }
}

#[tokio::test]
async fn a_manifest_has_an_end() {
    let kind = &[("content-type", OCI_MANIFEST)];
    let most = usize::try_from(MANIFEST_LIMIT).unwrap();
    sent(None, kind, vec![b' '; most]).await.unwrap();
    let error = sent(None, kind, vec![b' '; most + 1]).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
}

#[tokio::test]
async fn a_manifest_that_is_not_what_its_digest_says_is_never_sent() {
    let script = Script::new(|_| panic!("nothing is to be sent"));
    let digest = Reference::Digest(Digest::sha256(b"other"));
    let error = script
        .registry()
        .push_manifest(&name("a"), &digest, &kind(OCI_MANIFEST), "{}".into())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Mismatch(_)), "{error}");
}

#[tokio::test]
async fn a_registry_that_stored_something_else_is_found_out() {
    let other = Digest::sha256(b"other").to_string();
    let script = Script::new(move |_| answer(201, &[("docker-content-digest", &other)], ""));
    let error = script
        .registry()
        .push_manifest(&name("a"), &tag("v1"), &kind(OCI_MANIFEST), "{}".into())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Mismatch(_)), "{error}");
}

#[tokio::test]
async fn a_head_without_a_digest_is_made_up_for() {
    let script = Script::new(|seen| {
        let body = if seen.line.starts_with("HEAD") {
            ""
        } else {
            "{}"
        };
        answer(200, &[("content-type", OCI_MANIFEST)], body)
    });
    let head = script
        .registry()
        .head_manifest(&name("a"), &tag("v1"))
        .await;
    let head = head.unwrap().unwrap();
    assert_eq!((head.digest, head.size), (Digest::sha256(b"{}"), 2));
}
