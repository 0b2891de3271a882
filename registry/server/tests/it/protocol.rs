//! The rules of the protocol that have no other place: kinds of manifests, what may be missing, failures
//! of what is unknown, parameters that are malformed, headers of proxies.

use registry_client::Digest;
use serde_json::{Value, json};

use super::served::{Answer, INDEX, MANIFEST, MEMORY, Served, image, in_memory, serve};

const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
const LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";

async fn get(served: &Served, path: &str) -> Answer {
    served.ask(&format!("GET /v2/{path}"), "", b"").await
}

async fn put(served: &Served, reference: &str, content_type: &str, text: &str) -> Answer {
    let length = text.len();
    let headers = format!("Content-Type: {content_type}\r\nContent-Length: {length}\r\n");
    let line = format!("PUT /v2/a/manifests/{reference}");
    served.ask(&line, &headers, text.as_bytes()).await
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.code())
}

/// All digests that a failure names.
fn named(answer: &Answer) -> Vec<String> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    let errors = body["errors"].as_array().unwrap().iter();
    let named = errors.map(|error| {
        assert_eq!(error["code"], "MANIFEST_BLOB_UNKNOWN");
        error["detail"]["digest"].as_str().unwrap().to_owned()
    });
    named.collect()
}

#[tokio::test]
async fn manifests_of_every_kind_are_kept_with_their_type() {
    let served = in_memory().await;
    let blob = served.blob("a", b"{}").await;
    let child = served.image("a", "child", b"{}").await;
    let entry = |digest: &Digest| json!({"mediaType": "a/b", "digest": digest, "size": 2});
    let of = |media_type: &str, mut document: Value| {
        document["mediaType"] = json!(media_type);
        (media_type.to_owned(), document.to_string())
    };
    let layered = json!({"schemaVersion": 2, "config": entry(&blob), "layers": [entry(&blob)]});
    let listing = json!({"schemaVersion": 2, "manifests": [entry(&child)]});
    for (media_type, text) in [
        of(MANIFEST, layered.clone()),
        of(DOCKER, layered),
        of(INDEX, listing.clone()),
        of(LIST, listing),
        of(
            ARTIFACT,
            json!({"artifactType": "a/b", "blobs": [entry(&blob)]}),
        ),
        of(
            "application/vnd.example.thing+json",
            json!({"any": ["thing"]}),
        ),
        ("application/vnd.example+json".to_owned(), " {}".to_owned()),
    ] {
        let digest = Digest::sha256(text.as_bytes());
        for reference in ["v1", digest.as_str()] {
            let answer = put(&served, reference, &media_type, &text).await;
            assert_eq!(answer.status, 201, "{media_type}: {answer:?}");
            let location = format!("/v2/a/manifests/{digest}");
            assert_eq!(answer.header("location").unwrap(), location);
            let answer = get(&served, &format!("a/manifests/{reference}")).await;
            assert_eq!(answer.body, text.as_bytes(), "{media_type}");
            assert_eq!(answer.header("content-type").unwrap(), media_type);
            let header = answer.header("docker-content-digest");
            assert_eq!(header.unwrap(), digest.as_str());
        }
    }
}

#[tokio::test]
async fn what_a_manifest_lacks_is_named_once_each_and_what_may_be_missing_is_not() {
    let served = in_memory().await;
    let there = served.blob("a", b"{}").await;
    let missing = [b"1", b"2", b"3"].map(|bytes| Digest::sha256(bytes));
    let layer = |media_type: &str, digest: &Digest| {
        json!({"mediaType": media_type, "digest": digest, "size": 1,
               "urls": ["https://example.org/layer"]})
    };
    let elsewhere = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    let tar = "application/vnd.oci.image.layer.v1.tar+gzip";
    let mut manifest = image(&there, 2);
    manifest["subject"] = json!({"mediaType": "a/b", "digest": missing[2], "size": 1});
    manifest["layers"] = json!([layer(elsewhere, &missing[0]), layer(foreign, &missing[1])]);
    let answer = put(&served, "v1", MANIFEST, &manifest.to_string()).await;
    assert_eq!(answer.status, 201, "{answer:?}");

    // An ordinary layer has to be there though it has urls, as has one of the others without them.
    let mut bare = layer(elsewhere, &missing[2]);
    bare.as_object_mut().unwrap().remove("urls");
    let ordinary = layer(tar, &missing[0]);
    manifest["layers"] = json!([ordinary, layer(tar, &there), ordinary, bare]);
    let answer = put(&served, "v2", MANIFEST, &manifest.to_string()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(named(&answer), [missing[0].as_str(), missing[2].as_str()]);
    assert_eq!(get(&served, "a/manifests/v2").await.status, 404);
}

#[tokio::test]
async fn an_index_may_be_sparse_where_that_is_configured() {
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
        {"mediaType": MANIFEST, "digest": DIGEST, "size": 2}
    ]});
    for (validation, status) in [
        ("", 400),
        (
            "\nvalidation: {manifests: {indexes: {platforms: all}}}",
            400,
        ),
        (
            "\nvalidation: {manifests: {indexes: {platforms: none}}}",
            201,
        ),
    ] {
        let served = serve("", &format!("{MEMORY}{validation}")).await;
        let answer = put(&served, "v1", INDEX, &index.to_string()).await;
        assert_eq!(answer.status, status, "{validation}");
        if status == 400 {
            assert_eq!(named(&answer), [DIGEST]);
        }
    }
}

#[tokio::test]
async fn a_manifest_that_names_one_layer_twice_goes_as_any_other_and_leaves_the_layer() {
    let served = in_memory().await;
    let blob = served.blob("a", b"layer").await;
    let mut manifest = image(&blob, 5);
    let layer = manifest["layers"][0].clone();
    manifest["layers"] = json!([layer, layer]);
    let digest = Digest::sha256(manifest.to_string().as_bytes());
    let answer = put(&served, "v1", MANIFEST, &manifest.to_string()).await;
    assert_eq!(answer.status, 201);
    let line = format!("DELETE /v2/a/manifests/{digest}");
    assert_eq!(served.ask(&line, "", b"").await.status, 202);
    let again = served.ask(&line, "", b"").await;
    assert_eq!(code(&again), (404, "MANIFEST_UNKNOWN".to_owned()));
    let line = format!("DELETE /v2/a/blobs/{blob}");
    assert_eq!(served.ask(&line, "", b"").await.status, 202);
    let again = served.ask(&line, "", b"").await;
    assert_eq!(code(&again), (404, "BLOB_UNKNOWN".to_owned()));
}

#[tokio::test]
async fn what_is_not_there_is_told_by_its_own_code() {
    let served = in_memory().await;
    served.image("a", "v1", b"{}").await;
    let upload = "0c4a1b6e-5f5d-4c0e-9f6b-3b1f6d0a7c11";
    let other = Digest::sha256(b"other");
    for (line, expected) in [
        ("DELETE /v2/none/manifests/v1".to_owned(), "NAME_UNKNOWN"),
        (
            format!("DELETE /v2/none/manifests/{DIGEST}"),
            "NAME_UNKNOWN",
        ),
        (format!("DELETE /v2/none/blobs/{DIGEST}"), "NAME_UNKNOWN"),
        ("DELETE /v2/a/manifests/v2".to_owned(), "MANIFEST_UNKNOWN"),
        (
            format!("DELETE /v2/a/manifests/{other}"),
            "MANIFEST_UNKNOWN",
        ),
        (format!("DELETE /v2/a/blobs/{other}"), "BLOB_UNKNOWN"),
        (
            format!("DELETE /v2/a/blobs/uploads/{upload}"),
            "BLOB_UPLOAD_UNKNOWN",
        ),
        (
            format!("GET /v2/a/blobs/uploads/{upload}"),
            "BLOB_UPLOAD_UNKNOWN",
        ),
        (
            format!("PATCH /v2/a/blobs/uploads/{upload}"),
            "BLOB_UPLOAD_UNKNOWN",
        ),
        (
            format!("PUT /v2/a/blobs/uploads/{upload}?digest={other}"),
            "BLOB_UPLOAD_UNKNOWN",
        ),
        ("GET /v2/none/tags/list".to_owned(), "NAME_UNKNOWN"),
        ("GET /v2/none/manifests/v1".to_owned(), "NAME_UNKNOWN"),
        (format!("GET /v2/none/blobs/{DIGEST}"), "NAME_UNKNOWN"),
        (format!("GET /v2/a/blobs/{other}"), "BLOB_UNKNOWN"),
        ("GET /v2/a/manifests/v2".to_owned(), "MANIFEST_UNKNOWN"),
    ] {
        let answer = served.ask(&line, "", b"").await;
        assert_eq!(code(&answer), (404, expected.to_owned()), "{line}");
    }
}

#[tokio::test]
async fn a_malformed_parameter_is_refused_and_never_ignored() {
    let served = in_memory().await;
    served.image("a", "v1", b"{}").await;
    let uploads = "POST /v2/a/blobs/uploads/";
    for (line, expected) in [
        (format!("{uploads}?mount={DIGEST}&from=A"), "NAME_INVALID"),
        (format!("{uploads}?mount={DIGEST}&from="), "NAME_INVALID"),
        (format!("{uploads}?mount=&from=a"), "DIGEST_INVALID"),
        (format!("{uploads}?digest="), "DIGEST_INVALID"),
        (
            format!("{uploads}?digest={DIGEST}&digest={DIGEST}"),
            "DIGEST_INVALID",
        ),
        (
            format!("{uploads}?digest={DIGEST}&mount={DIGEST}"),
            "UNSUPPORTED",
        ),
        (format!("{uploads}?digest-algorithm="), "DIGEST_INVALID"),
        (
            format!("GET /v2/a/referrers/{DIGEST}?artifactType=x"),
            "UNSUPPORTED",
        ),
        (
            format!("GET /v2/a/referrers/{DIGEST}?artifactType="),
            "UNSUPPORTED",
        ),
        (
            format!("GET /v2/a/referrers/{DIGEST}?artifactType=a/b&artifactType=a/c"),
            "UNSUPPORTED",
        ),
        (
            format!("GET /v2/a/referrers/{DIGEST}?last=x"),
            "DIGEST_INVALID",
        ),
        (
            "GET /v2/a/tags/list?n=0x10".to_owned(),
            "PAGINATION_NUMBER_INVALID",
        ),
        (
            "GET /v2/a/tags/list?n=%201".to_owned(),
            "PAGINATION_NUMBER_INVALID",
        ),
        (
            "GET /v2/_catalog?n=".to_owned(),
            "PAGINATION_NUMBER_INVALID",
        ),
        ("GET /v2/_catalog?last=a&last=b".to_owned(), "NAME_INVALID"),
        ("GET /v2/a/tags/list?last=%20".to_owned(), "TAG_INVALID"),
    ] {
        let answer = served.ask(&line, "", b"").await;
        assert_eq!(code(&answer), (400, expected.to_owned()), "{line}");
    }
}

#[tokio::test]
async fn an_empty_last_is_the_beginning_and_ns_is_of_no_account() {
    let served = in_memory().await;
    served.image("a", "v1", b"{}").await;
    served.image("b", "v1", b"{}").await;
    for query in [
        "",
        "?last=",
        "?last=&n=9",
        "?n=9&last",
        "?ns=docker.io",
        "?ns=a%2Fb",
        "?ns=",
    ] {
        let answer = get(&served, &format!("_catalog{query}")).await;
        assert_eq!(answer.body, br#"{"repositories":["a","b"]}"#, "{query}");
        let answer = get(&served, &format!("a/tags/list{query}")).await;
        assert_eq!(answer.body, br#"{"name":"a","tags":["v1"]}"#, "{query}");
    }
    for ns in ["docker.io", "a/b", "", "%20", "x:y:z"] {
        for path in ["a/manifests/v1", &format!("a/referrers/{DIGEST}")] {
            let answer = get(&served, &format!("{path}?ns={ns}")).await;
            assert_eq!(answer.status, 200, "{path} {ns}");
            assert_eq!(answer.header("oci-namespace"), None);
        }
    }
    let link = get(&served, "_catalog?last=&n=1").await.header("link");
    assert_eq!(link.unwrap(), "</v2/_catalog?last=a&n=1>; rel=\"next\"");
}

#[tokio::test]
async fn head_is_conditional_like_get() {
    let served = in_memory().await;
    let manifest = served.image("a", "v1", b"layer").await;
    let blob = Digest::sha256(b"layer");
    for (path, digest) in [
        ("a/manifests/v1".to_owned(), &manifest),
        (format!("a/manifests/{manifest}"), &manifest),
        (format!("a/blobs/{blob}"), &blob),
    ] {
        for (tag, status) in [(digest.to_string(), 304), ("other".to_owned(), 200)] {
            for method in ["GET", "HEAD"] {
                let line = format!("{method} /v2/{path}");
                let headers = format!("If-None-Match: \"{tag}\"\r\n");
                let answer = served.ask(&line, &headers, b"").await;
                assert_eq!(answer.status, status, "{line} {tag}");
                assert_eq!(answer.header("etag").unwrap(), format!("\"{digest}\""));
            }
        }
    }
}

#[tokio::test]
async fn headers_of_a_proxy_change_no_url() {
    let served = serve("relativeurls: false", MEMORY).await;
    let headers = "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n\
                   X-Forwarded-Port: 1\r\nX-Forwarded-Prefix: /evil\r\nX-Original-URL: /evil\r\n\
                   Forwarded: host=evil.example;proto=https\r\nX-Real-IP: 1.2.3.4\r\n";
    let answer = served.ask("POST /v2/a/blobs/uploads/", headers, b"").await;
    let location = answer.header("location").unwrap();
    assert!(location.starts_with("http://localhost/v2/a/"), "{location}");
}
