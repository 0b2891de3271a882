//! URLs in answers: relative and absolute, with a host of their own, and behind a prefix; and paths
//! outside of the prefix.

use registry_client::{AppendUploadResponse, Digest, ListTags};

use futures_util::StreamExt;

use super::served::{MEMORY, name, serve};
use super::uploads::{append, complete, start};

#[tokio::test]
async fn locations_begin_as_they_are_configured_to() {
    for (http, origin) in [
        ("", ""),
        ("relativeurls: false", "http://localhost"),
        ("relativeurls: true", ""),
        (
            "host: 'https://registry.example.org:8443'",
            "https://registry.example.org:8443",
        ),
        ("prefix: /registry/", "/registry"),
        (
            "prefix: /registry/, relativeurls: false",
            "http://localhost/registry",
        ),
        (
            "prefix: /a/b/, host: 'https://example.org'",
            "https://example.org/a/b",
        ),
    ] {
        let served = serve(http, MEMORY).await;
        served.image("team/app", "v1", b"{}").await;
        served.image("team/app", "v2", b"{}").await;
        let prefix = &served.prefix;
        let start = format!("POST {prefix}/v2/team/app/blobs/uploads/");
        let answer = served.ask(&start, "", b"").await;
        let location = answer.header("location").unwrap();
        let expected = format!("{origin}/v2/team/app/blobs/uploads/");
        assert!(location.starts_with(&expected), "{http}: {location}");
        let list = format!("GET {prefix}/v2/team/app/tags/list?n=1");
        let answer = served.ask(&list, "", b"").await;
        let link = answer.header("link").unwrap();
        let expected = format!("<{origin}/v2/team/app/tags/list?");
        assert!(link.starts_with(&expected), "{http}: {link}");
        assert!(link.ends_with("; rel=\"next\""), "{link}");
    }
}

#[tokio::test]
async fn a_client_that_follows_what_it_is_told_gets_there_in_every_mode() {
    for http in [
        "",
        "relativeurls: false",
        "prefix: /registry/",
        "prefix: /r/, relativeurls: false",
    ] {
        let served = serve(http, MEMORY).await;
        let client = &served.client;
        let started = start(client).await;
        let at = client.at(&started.location);
        let request = append(&started, bytes::Bytes::from_static(b"some "));
        let AppendUploadResponse::Extended(extended) = at.append_upload(request).await.unwrap();
        let at = client.at(&extended.location);
        let request = complete(&started, Digest::sha256(b"some bytes"), "bytes");
        at.complete_upload(request).await.unwrap();
        for tag in ["v1", "v2", "v3"] {
            served.image("team/app", tag, b"{}").await;
        }
        let mut request = ListTags::new(name("team/app"));
        request.n = Some(registry_client::PageSize::parse("1").unwrap());
        let pages = client.list_tags_pages(request);
        let pages: Vec<_> = pages.map(Result::unwrap).collect().await;
        assert_eq!(pages.len(), 3, "{http}");
    }
}

#[tokio::test]
async fn nothing_is_served_outside_of_the_prefix() {
    let served = serve("prefix: /registry/", MEMORY).await;
    for (path, status) in [
        ("/registry/v2/", 200),
        ("/registry/v2", 200),
        ("/v2/", 404),
        ("/registryv2/", 404),
        ("/registry", 404),
        ("/other/v2/", 404),
        ("/registry/registry/v2/", 404),
    ] {
        let answer = served.ask(&format!("GET {path}"), "", b"").await;
        assert_eq!(answer.status, status, "{path}");
    }
}
