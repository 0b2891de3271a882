//! Tests of referrers and signatures, over the whole crate and a storage in memory.

use std::sync::Arc;

use registry_protocol::{ArtifactType, Digest, Reference};
use serde_json::{Value, json};

use crate::domain::{
    Descriptor, ManifestService, Namespace, Page, PageRequest, ReferrersRequest, SignatureScheme,
};
use crate::driver::{DeleteOptions, StorageDriverExt};
use crate::error::ManifestPutError;
use crate::layout::paths;
use crate::testing::{
    OCI_CONFIG, OCI_MANIFEST, bytes, descriptor, digest, image, in_memory, index, local, manifests,
    memory, name, open_options, push_blob, push_image, put, tag,
};

const SBOM: &str = "application/vnd.example.sbom.v1";
const NOTATION: &str = "application/vnd.cncf.notary.signature";

/// An artifact that is attached to some content.
fn artifact(subject: &[u8], kind: Option<&str>, note: &str) -> Value {
    let mut artifact = image(b"{}", &[]);
    artifact["subject"] = descriptor(OCI_MANIFEST, subject);
    artifact["annotations"] = json!({"note": note});
    if let Some(kind) = kind {
        artifact["artifactType"] = json!(kind);
    }
    artifact
}

async fn referrers(
    manifests: &Arc<dyn ManifestService>,
    subject: &Digest,
    kind: Option<&str>,
    page: PageRequest<Digest>,
) -> Page<Descriptor> {
    let kind = kind.map(|kind| ArtifactType::parse(kind).unwrap());
    let request = ReferrersRequest::new(subject.clone(), page).of_type(kind);
    manifests.referrers(request).await.unwrap()
}

#[tokio::test]
async fn what_is_attached_is_listed_with_its_type_and_annotations() {
    let local = in_memory();
    push_blob(&local, "a", b"{}").await;
    let manifests = manifests(&local, "a");
    let subject = Digest::sha256(b"subject");
    let first = PageRequest::first(100);
    assert_eq!(
        referrers(&manifests, &subject, None, first.clone()).await,
        Page::empty()
    );
    let attached = [
        artifact(b"subject", Some(SBOM), "one"),
        artifact(b"subject", Some(SBOM), "two"),
        artifact(b"subject", None, "three"),
        artifact(b"another", Some(SBOM), "four"),
    ];
    for document in &attached {
        let stored = put(&manifests, digest(document).as_str(), document)
            .await
            .unwrap();
        assert!(stored.subject.is_some());
    }
    let all = referrers(&manifests, &subject, None, first.clone()).await;
    let mut expected: Vec<Digest> = attached[..3].iter().map(digest).collect();
    expected.sort();
    let digests = |page: &Page<Descriptor>| -> Vec<Digest> {
        page.items.iter().map(|item| item.digest.clone()).collect()
    };
    assert_eq!(digests(&all), expected);
    let three = all
        .items
        .iter()
        .find(|item| item.digest == digest(&attached[2]))
        .unwrap();
    assert_eq!(three.artifact_type.as_ref().unwrap().as_str(), OCI_CONFIG);
    assert_eq!(three.annotations["note"], "three");
    assert_eq!(three.size, bytes(&attached[2]).len() as u64);
    let sboms = referrers(&manifests, &subject, Some(SBOM), first.clone()).await;
    assert_eq!(sboms.items.len(), 2);

    let one = referrers(&manifests, &subject, None, PageRequest::first(1)).await;
    assert!(one.more);
    let rest = PageRequest::after(one.next().unwrap().digest.clone(), 5);
    let rest = referrers(&manifests, &subject, None, rest).await;
    assert_eq!([digests(&one), digests(&rest)].concat(), expected);
    assert!(!rest.more);

    let gone = Reference::Digest(expected[1].clone());
    manifests.delete(&gone).await.unwrap();
    assert_eq!(
        referrers(&manifests, &subject, None, first)
            .await
            .items
            .len(),
        2
    );
}

#[tokio::test]
async fn an_attached_index_has_its_own_type_or_none() {
    let local = in_memory();
    let image = push_image(&local, "a", "v1", "layer").await;
    let manifests = manifests(&local, "a");
    let mut attached = index(&[image]);
    attached["subject"] = descriptor(OCI_MANIFEST, b"subject");
    put(&manifests, "plain", &attached).await.unwrap();
    attached["artifactType"] = json!(SBOM);
    put(&manifests, "typed", &attached).await.unwrap();
    let subject = Digest::sha256(b"subject");
    let all = referrers(&manifests, &subject, None, PageRequest::first(9)).await;
    let mut types: Vec<_> = all
        .items
        .iter()
        .map(|item| item.artifact_type.is_some())
        .collect();
    types.sort_unstable();
    assert_eq!(types, [false, true]);
}

#[tokio::test]
async fn the_list_that_clients_kept_under_a_tag_is_taken_over() {
    let driver = memory();
    let local = local(&driver, open_options());
    push_blob(&local, "a", b"{}").await;
    let manifests = manifests(&local, "a");
    let subject = Digest::sha256(b"subject");
    let attached = artifact(b"subject", Some(SBOM), "old");
    let lying = artifact(b"another", Some(SBOM), "never attached");
    for document in [&attached, &lying] {
        put(&manifests, digest(document).as_str(), document)
            .await
            .unwrap();
    }
    // As if the manifest had been pushed to a registry that knows nothing of referrers.
    let entry = paths::referrer(&name("a"), &subject, &digest(&attached));
    driver
        .delete_tree(&entry, DeleteOptions::durable())
        .await
        .unwrap();
    let page = || PageRequest::first(10);
    assert_eq!(
        referrers(&manifests, &subject, None, page()).await,
        Page::empty()
    );
    let scheme = format!("sha256-{}", subject.hex());
    put(&manifests, &scheme, &index(&[attached.clone(), lying]))
        .await
        .unwrap();
    let found = referrers(&manifests, &subject, None, page()).await;
    assert_eq!(found.items.len(), 1);
    assert_eq!(found.items[0].digest, digest(&attached));
    // Named in both places it is listed once.
    let entry = paths::referrer_link(&name("a"), &subject, &digest(&attached));
    driver
        .replace(&entry, digest(&attached).to_string())
        .await
        .unwrap();
    assert_eq!(referrers(&manifests, &subject, None, page()).await, found);
}

#[tokio::test]
async fn a_page_of_large_descriptors_ends_early() {
    let local = in_memory();
    push_blob(&local, "a", b"{}").await;
    let manifests = manifests(&local, "a");
    for at in 0..4 {
        let large = artifact(b"subject", None, &format!("{at}").repeat(1_500_000));
        put(&manifests, digest(&large).as_str(), &large)
            .await
            .unwrap();
    }
    let subject = Digest::sha256(b"subject");
    let first = referrers(&manifests, &subject, None, PageRequest::first(10)).await;
    assert_eq!((first.items.len(), first.more), (2, true));
    let rest = PageRequest::after(first.items[1].digest.clone(), 10);
    let rest = referrers(&manifests, &subject, None, rest).await;
    assert_eq!((rest.items.len(), rest.more), (2, false));
}

#[tokio::test]
async fn signatures_are_those_that_refer_and_the_one_under_the_tag_of_cosign() {
    let local = in_memory();
    let signed = push_image(&local, "a", "v1", "layer").await;
    let subject = digest(&signed);
    let signatures = local.repository(&name("a")).unwrap().signatures();
    assert!(signatures.get(&subject).await.unwrap().is_empty());
    let content = bytes(&signed);
    let notation = artifact(&content, Some(NOTATION), "signature");
    for attached in [&notation, &artifact(&content, Some(SBOM), "no signature")] {
        signatures
            .put(&subject, SignatureScheme::Referrer, None, bytes(attached))
            .await
            .unwrap();
    }
    let foreign = artifact(b"another", Some(NOTATION), "of another");
    let refused = signatures.put(&subject, SignatureScheme::Referrer, None, bytes(&foreign));
    assert!(matches!(refused.await, Err(ManifestPutError::Invalid(_))));
    let cosign = image(b"{}", &[]);
    let put = signatures.put(&subject, SignatureScheme::CosignTag, None, bytes(&cosign));
    let stored = put.await.unwrap();
    assert_eq!(stored.tags, [tag(&format!("sha256-{}.sig", subject.hex()))]);
    let found = signatures.get(&subject).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|signature| (signature.scheme, signature.descriptor.digest.clone()))
        .collect();
    assert_eq!(
        found,
        [
            (SignatureScheme::Referrer, digest(&notation)),
            (SignatureScheme::CosignTag, digest(&cosign)),
        ]
    );
}
