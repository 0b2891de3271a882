//! Referrers through the client: what a subject makes of a manifest, filters, pages.

use futures_util::TryStreamExt;
use registry_client::{
    ArtifactType, DeleteManifest, Descriptor, Digest, Filter, ListReferrers, ListReferrersResponse,
    ReferrerPage,
};
use serde_json::{Value, json};

use super::served::{INDEX, Served, image, in_memory, name};

const APP: &str = "team/app";

async fn referrers(served: &Served, request: ListReferrers) -> ReferrerPage {
    let ListReferrersResponse::Ok(page) = served.client.list_referrers(request).await.unwrap();
    page
}

fn of(subject: &Digest) -> ListReferrers {
    ListReferrers::new(name(APP), subject.clone())
}

/// An artifact that is attached to `subject`.
async fn attach(served: &Served, subject: &Digest, artifact_type: Option<&str>) -> Descriptor {
    let blob = served.blob(APP, b"{}").await;
    let mut artifact = image(&blob, 2);
    artifact["subject"] = json!({"mediaType": "a/b", "digest": subject, "size": 2});
    artifact["annotations"] = json!({"org.example.of": artifact_type});
    if let Some(artifact_type) = artifact_type {
        artifact["artifactType"] = json!(artifact_type);
    } else {
        artifact["annotations"] = json!({});
    }
    let size = artifact.to_string().len() as u64;
    let digest = push(served, subject, &artifact).await;
    // Without a type of its own it has that of its configuration.
    let shown = artifact_type.unwrap_or("application/vnd.oci.empty.v1+json");
    Descriptor {
        media_type: "application/vnd.oci.image.manifest.v1+json"
            .try_into()
            .unwrap(),
        digest,
        size,
        artifact_type: Some(ArtifactType::parse(shown).unwrap()),
        annotations: artifact_type.map(|of| [("org.example.of".to_owned(), of.to_owned())].into()),
    }
}

async fn push(served: &Served, subject: &Digest, artifact: &Value) -> Digest {
    let digest = Digest::sha256(artifact.to_string().as_bytes());
    let created = served.manifest(APP, digest.as_str(), artifact).await;
    assert_eq!(created.oci_subject.as_ref(), Some(subject));
    digest
}

fn sorted(mut descriptors: Vec<Descriptor>) -> Vec<Descriptor> {
    descriptors.sort_by(|one, other| one.digest.cmp(&other.digest));
    descriptors
}

#[tokio::test]
async fn what_is_attached_is_listed_before_and_after_the_subject_is_there() {
    let served = in_memory().await;
    let blob = served.blob(APP, b"the image").await;
    let subject = image(&blob, 9);
    let digest = Digest::sha256(subject.to_string().as_bytes());
    let signature = attach(&served, &digest, Some("application/vnd.example.signature")).await;
    let page = referrers(&served, of(&digest)).await;
    assert_eq!(page.body.manifests, std::slice::from_ref(&signature));
    served.manifest(APP, "v1", &subject).await;
    let plain = attach(&served, &digest, None).await;
    let page = referrers(&served, of(&digest)).await;
    assert_eq!(page.body.manifests, sorted(vec![signature, plain]));
    assert!(page.link.is_none() && page.oci_filters_applied.is_none());
}

#[tokio::test]
async fn a_filter_is_applied_and_said_to_be() {
    let served = in_memory().await;
    let digest = served.image(APP, "v1", b"the image").await;
    let signature = attach(&served, &digest, Some("application/vnd.example.signature")).await;
    let sbom = attach(&served, &digest, Some("application/vnd.example.sbom")).await;
    for (wanted, found) in [
        ("application/vnd.example.sbom", vec![sbom]),
        ("application/vnd.example.signature", vec![signature]),
        ("application/vnd.example.other", vec![]),
    ] {
        let mut request = of(&digest);
        request.artifact_type = Some(ArtifactType::parse(wanted).unwrap());
        let page = referrers(&served, request).await;
        assert_eq!(page.body.manifests, found, "{wanted}");
        assert_eq!(page.oci_filters_applied, Some(vec![Filter::ArtifactType]));
    }
}

#[tokio::test]
async fn an_index_may_be_attached_too_and_has_no_type_of_its_own() {
    let served = in_memory().await;
    let digest = served.image(APP, "v1", b"the image").await;
    let subject = json!({"mediaType": "a/b", "digest": digest, "size": 2});
    let index =
        json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [], "subject": subject});
    let attached = push(&served, &digest, &index).await;
    let page = referrers(&served, of(&digest)).await;
    let [found] = &page.body.manifests[..] else {
        panic!("one is attached: {page:?}")
    };
    assert_eq!((&found.digest, &found.artifact_type), (&attached, &None));
    assert_eq!(found.media_type.as_str(), INDEX);
}

#[tokio::test]
async fn what_is_deleted_is_attached_no_longer_and_outlives_its_subject_until_then() {
    let served = in_memory().await;
    let digest = served.image(APP, "v1", b"the image").await;
    let kept = attach(&served, &digest, Some("a/kept")).await;
    let dropped = attach(&served, &digest, Some("a/dropped")).await;
    for gone in [dropped.digest, digest.clone()] {
        let delete = DeleteManifest::new(name(APP), gone.into());
        served.client.delete_manifest(delete).await.unwrap();
    }
    let page = referrers(&served, of(&digest)).await;
    assert_eq!(page.body.manifests, [kept]);
}

#[tokio::test]
async fn nothing_attached_is_an_empty_list_and_no_failure() {
    let served = in_memory().await;
    served.blob(APP, b"{}").await;
    for repository in [APP, "team/unknown"] {
        let request = ListReferrers::new(name(repository), Digest::sha256(b"unknown"));
        let page = referrers(&served, request).await;
        assert!(page.body.manifests.is_empty());
    }
    let line = format!("GET /v2/{APP}/referrers/{}", Digest::sha256(b"unknown"));
    let answer = served.ask(&line, "", b"").await;
    assert_eq!(answer.header("content-type").unwrap(), INDEX);
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        body,
        json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []})
    );
}

#[tokio::test]
async fn a_list_goes_on_behind_the_digest_that_is_named() {
    let served = in_memory().await;
    let digest = served.image(APP, "v1", b"the image").await;
    let mut all = Vec::new();
    for number in 0..4 {
        all.push(attach(&served, &digest, Some(&format!("a/t{number}"))).await);
    }
    let all = sorted(all);
    let mut request = of(&digest);
    request.last = Some(all[1].digest.clone());
    let page = referrers(&served, request).await;
    assert_eq!(page.body.manifests, all[2..]);
}

#[tokio::test]
async fn a_page_ends_before_it_is_too_large_and_all_pages_are_one_stream() {
    let served = in_memory().await;
    let digest = served.image(APP, "v1", b"the image").await;
    let blob = served.blob(APP, b"{}").await;
    let mut all = Vec::new();
    for number in 0..3 {
        let mut artifact = image(&blob, 2);
        artifact["subject"] = json!({"mediaType": "a/b", "digest": digest, "size": 2});
        artifact["annotations"] =
            json!({"number": number.to_string(), "large": "x".repeat(1_200_000)});
        all.push(push(&served, &digest, &artifact).await);
    }
    all.sort();
    let pages = served.client.list_referrers_pages(of(&digest));
    let pages: Vec<ListReferrersResponse> = pages.try_collect().await.unwrap();
    assert_eq!(pages.len(), 2);
    let found = pages
        .iter()
        .flat_map(|ListReferrersResponse::Ok(page)| &page.body.manifests);
    let found: Vec<_> = found.map(|descriptor| descriptor.digest.clone()).collect();
    assert_eq!(found, all);
}
