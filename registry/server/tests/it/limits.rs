//! The limits of names, tags, digests, numbers and manifests, on both sides of each; and documents that
//! two readers could read as two different things.

use serde_json::{Value, json};

use super::served::{Answer, INDEX, MANIFEST, Served, image, in_memory, serve};

async fn put(served: &Served, content_type: &str, text: &str) -> Answer {
    let headers = format!(
        "Content-Type: {content_type}\r\nContent-Length: {}\r\n",
        text.len()
    );
    served
        .ask("PUT /v2/a/manifests/v1", &headers, text.as_bytes())
        .await
}

/// That a manifest is refused, and why.
async fn refused(served: &Served, content_type: &str, text: &str) -> String {
    let answer = put(served, content_type, text).await;
    let found = (answer.status, answer.code());
    let shown = &text[..text.len().min(200)];
    assert_eq!(found, (400, "MANIFEST_INVALID".to_owned()), "{shown}");
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    let reason = &body["errors"][0]["detail"]["reason"];
    reason.as_str().unwrap().to_owned()
}

/// An image that can be pushed.
async fn good(served: &Served) -> Value {
    image(&served.blob("a", b"{}").await, 2)
}

#[tokio::test]
async fn a_name_has_at_most_255_characters_on_a_disk_too() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().to_str().unwrap();
    let rest = format!("storage: {{filesystem: {{rootdirectory: '{root}'}}}}");
    for storage in [super::served::MEMORY, &rest] {
        let served = serve("", storage).await;
        let slashed = format!("{}a", "a/".repeat(127));
        for longest in ["a".repeat(255), slashed] {
            served.image(&longest, "v1", b"{}").await;
            let line = format!("GET /v2/{longest}/tags/list");
            assert_eq!(served.ask(&line, "", b"").await.status, 200);
            for line in [
                format!("GET /v2/{longest}a/tags/list"),
                format!("POST /v2/{longest}a/blobs/uploads/"),
                format!("PUT /v2/{longest}a/manifests/v1"),
                format!("GET /v2/_catalog?last={longest}a"),
            ] {
                let answer = served.ask(&line, "", b"").await;
                let found = (answer.status, answer.code());
                assert_eq!(found, (400, "NAME_INVALID".to_owned()), "{line}");
            }
        }
        let answer = served.ask("GET /v2/_catalog?n=9", "", b"").await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(body["repositories"].as_array().unwrap().len(), 2);
        served.stop().await;
    }
}

#[tokio::test]
async fn a_tag_has_at_most_128_characters() {
    let served = in_memory().await;
    let longest = "t".repeat(128);
    let digest = served.image("a", &longest, b"{}").await;
    let line = format!("GET /v2/a/manifests/{longest}");
    assert_eq!(served.ask(&line, "", b"").await.status, 200);
    let text = image(&registry_client::Digest::sha256(b"{}"), 2).to_string();
    let headers = format!(
        "Content-Type: {MANIFEST}\r\nContent-Length: {}\r\n",
        text.len()
    );
    for (line, status) in [
        (format!("PUT /v2/a/manifests/{longest}"), 201),
        (format!("PUT /v2/a/manifests/{longest}t"), 400),
        (format!("PUT /v2/a/manifests/{digest}?tag={longest}"), 201),
        (format!("PUT /v2/a/manifests/{digest}?tag={longest}t"), 400),
        (format!("GET /v2/a/tags/list?last={longest}"), 200),
        (format!("GET /v2/a/tags/list?last={longest}t"), 400),
    ] {
        let is_put = line.starts_with("PUT");
        let (headers, body) = if is_put {
            (&*headers, &*text)
        } else {
            ("", "")
        };
        let answer = served.ask(&line, headers, body.as_bytes()).await;
        assert_eq!(answer.status, status, "{line}");
        if status == 400 {
            assert_eq!(answer.code(), "TAG_INVALID", "{line}");
        }
    }
}

#[tokio::test]
async fn a_digest_is_lower_case_and_as_long_as_its_algorithm_says() {
    let served = in_memory().await;
    let mut digest = served.blob("a", b"{}").await.to_string();
    assert!(digest.contains('a'));
    let line = |digest: &str| format!("GET /v2/a/blobs/{digest}");
    assert_eq!(served.ask(&line(&digest), "", b"").await.status, 200);
    let upper = digest.replace('a', "A");
    let (algorithm, hex) = digest.split_once(':').unwrap();
    let wrong = [
        upper.clone(),
        format!("SHA256:{hex}"),
        format!("{algorithm}:{}", &hex[1..]),
        format!("{digest}0"),
        format!("sha512:{hex}"),
        format!("sha256:{}g", &hex[1..]),
        format!("{algorithm}:"),
        format!(":{hex}"),
    ];
    for wrong in wrong {
        for line in [
            line(&wrong),
            format!("DELETE /v2/a/blobs/{wrong}"),
            format!("GET /v2/a/manifests/{wrong}"),
            format!("GET /v2/a/referrers/{wrong}"),
            format!("POST /v2/a/blobs/uploads/?digest={wrong}"),
            format!("POST /v2/a/blobs/uploads/?mount={wrong}&from=b"),
        ] {
            let answer = served.ask(&line, "", b"").await;
            let found = (answer.status, answer.code());
            assert_eq!(found, (400, "DIGEST_INVALID".to_owned()), "{line}");
        }
    }
    let mut manifest = good(&served).await;
    manifest["layers"][0]["digest"] = json!(upper);
    digest = refused(&served, MANIFEST, &manifest.to_string()).await;
    assert!(digest.contains("layers[0].digest"), "{digest}");
}

#[tokio::test]
async fn a_manifest_is_nested_64_levels_deep_and_no_deeper() {
    let served = in_memory().await;
    let good = good(&served).await.to_string();
    let nested = |levels: usize| {
        let value = "[".repeat(levels) + &"]".repeat(levels);
        good.replacen('{', &format!("{{\"x\":{value},"), 1)
    };
    // The document itself is a level.
    assert_eq!(put(&served, MANIFEST, &nested(63)).await.status, 201);
    let reason = refused(&served, MANIFEST, &nested(64)).await;
    assert!(reason.contains("64 levels"), "{reason}");
}

#[tokio::test]
async fn half_a_million_levels_do_not_exhaust_the_stack() {
    let served = in_memory().await;
    let levels = 500_000;
    for text in [
        "[".repeat(levels),
        "{\"a\":".repeat(levels),
        format!("{{\"x\":{}{}}}", "[".repeat(levels), "]".repeat(levels)),
    ] {
        refused(&served, MANIFEST, &text).await;
    }
    assert_eq!(served.ask("GET /v2/", "", b"").await.status, 200);
}

#[tokio::test]
async fn a_name_that_is_twice_in_an_object_is_refused_at_every_level() {
    let served = in_memory().await;
    let good = good(&served).await.to_string();
    assert_eq!(put(&served, MANIFEST, &good).await.status, 201);
    for twice in [
        good.replacen('{', r#"{"schemaVersion":2,"#, 1),
        good.replacen('{', r#"{"x":1,"x":1,"#, 1),
        good.replacen('{', r#"{"\u006dediaType":"a/b","#, 1),
        good.replacen(r#""config":{"#, r#""config":{"size":2,"#, 1),
        good.replacen(r#""layers":[{"#, r#""layers":[{"digest":"x","#, 1),
        good.replacen('{', r#"{"annotations":{"a":"1","a":"2"},"#, 1),
        good.replacen('{', r#"{"x":[[{"y":{"z":1,"z":2}}]],"#, 1),
    ] {
        assert_ne!(twice, good);
        let reason = refused(&served, MANIFEST, &twice).await;
        assert!(reason.contains("twice"), "{reason}");
    }
}

#[tokio::test]
async fn a_document_that_is_an_index_and_an_image_is_refused_as_each() {
    let served = in_memory().await;
    let mut both = good(&served).await;
    both["manifests"] = json!([]);
    let without = |names: &[&str]| {
        let mut document = both.clone();
        document
            .as_object_mut()
            .unwrap()
            .retain(|name, _| !names.contains(&name.as_str()));
        document.to_string()
    };
    for text in [
        without(&["mediaType"]),
        without(&["mediaType", "config"]),
        without(&["mediaType", "layers"]),
    ] {
        for content_type in [MANIFEST, INDEX, "application/vnd.example+json"] {
            let reason = refused(&served, content_type, &text).await;
            assert!(reason.contains("both manifests and layers"), "{reason}");
        }
    }
    refused(&served, MANIFEST, &both.to_string()).await;
}

#[tokio::test]
async fn a_document_is_of_the_type_that_the_request_says_whatever_its_parameters() {
    let served = in_memory().await;
    let good = good(&served).await.to_string();
    for content_type in [
        MANIFEST.to_owned(),
        format!("{MANIFEST}; charset=utf-8"),
        format!("{MANIFEST};charset=\"utf-8\"; x=y"),
    ] {
        assert_eq!(put(&served, &content_type, &good).await.status, 201);
        let answer = served.ask("GET /v2/a/manifests/v1", "", b"").await;
        assert_eq!(answer.header("content-type").unwrap(), MANIFEST);
    }
    for content_type in [
        INDEX,
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/json",
        "text/html; charset=utf-8",
    ] {
        refused(&served, content_type, &good).await;
    }
}

#[tokio::test]
async fn what_is_in_an_image_is_checked() {
    let served = in_memory().await;
    let good = good(&served).await;
    let with = |place: &str, value: Value| {
        let mut document = good.clone();
        *document.pointer_mut(place).unwrap() = value;
        document.to_string()
    };
    for text in [
        with("/config", json!(null)),
        with("/config", json!("sha256:x")),
        with("/config", json!([])),
        with("/config/digest", json!("sha256:abc")),
        with("/config/digest", json!(null)),
        with("/config/size", json!(-1)),
        with("/config/size", json!(1.5)),
        with("/config/size", json!("2")),
        with("/config/size", json!(1_u64 << 63)),
        with("/layers", json!({})),
        with("/layers/0/size", json!(-1)),
        with(
            "/layers/0/digest",
            json!("md5:d41d8cd98f00b204e9800998ecf8427e"),
        ),
        with("/layers/0", json!("x")),
    ] {
        refused(&served, MANIFEST, &text).await;
    }
    let largest = with("/layers/0/size", json!(i64::MAX));
    assert_eq!(put(&served, MANIFEST, &largest).await.status, 201);
    let mut index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [{}]});
    refused(&served, INDEX, &index.to_string()).await;
    index["manifests"] = json!([]);
    index["subject"] = json!({"mediaType": "a/b", "digest": "x", "size": 1});
    refused(&served, INDEX, &index.to_string()).await;
}

#[tokio::test]
async fn a_number_of_items_allocates_nothing() {
    let served = in_memory().await;
    served.image("a", "v1", b"{}").await;
    for n in [
        "18446744073709551615",
        "9223372036854775807",
        "1000000000000",
    ] {
        for line in [
            format!("GET /v2/_catalog?n={n}"),
            format!("GET /v2/a/tags/list?n={n}"),
            format!("GET /v2/a/tags/list?n={n}&last=a"),
        ] {
            let answer = served.ask(&line, "", b"").await;
            assert_eq!(answer.status, 200, "{line}");
            assert_eq!(answer.header("link"), None, "{line}");
        }
    }
}
