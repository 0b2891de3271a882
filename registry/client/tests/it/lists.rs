//! Lists that are longer than a page, and lists of registries that are not ours.

use futures_util::TryStreamExt as _;
use registry_client::{Digest, ListOptions, OCI_INDEX, OCI_MANIFEST, PageSize, Tag};

use crate::script::{Script, answer};
use crate::served::{bytes, image, name, serve, tag};

fn two_a_page<I>() -> ListOptions<I> {
    let mut options = ListOptions::default();
    options.page = Some(PageSize::parse("2").unwrap());
    options
}

#[tokio::test]
async fn lists_go_on_from_page_to_page() {
    let served = serve().await;
    for number in 0..5 {
        let tag = tag(&format!("v{number}"));
        image(
            &served.registry,
            &format!("team/app{number}"),
            &tag,
            &bytes(1),
        )
        .await;
        image(&served.registry, "team/app0", &tag, &bytes(1)).await;
    }
    let tags: Vec<_> = served
        .registry
        .tags(&name("team/app0"), two_a_page())
        .try_collect()
        .await
        .unwrap();
    let tags: Vec<&str> = tags.iter().map(Tag::as_str).collect();
    assert_eq!(tags, ["v0", "v1", "v2", "v3", "v4"]);
    let mut rest = two_a_page();
    rest.after = Some(name("team/app1"));
    let names: Vec<_> = served
        .registry
        .repositories(rest)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(names, ["team/app2", "team/app3", "team/app4"].map(name));
    let unknown = served.registry.tags(&name("nobody"), two_a_page());
    let error = unknown.try_collect::<Vec<_>>().await.unwrap_err();
    assert!(error.has_code("NAME_UNKNOWN"), "{error}");
    served.stop().await;
}

#[tokio::test]
async fn nothing_may_be_written_as_null() {
    let json = &[("content-type", "application/json")];
    let script = Script::new(|_| answer(200, json, r#"{"name": "a", "tags": null}"#));
    let tags = script.registry().tags(&name("a"), ListOptions::default());
    assert!(tags.try_collect::<Vec<_>>().await.unwrap().is_empty());
}

#[tokio::test]
async fn of_a_referrer_too_what_is_not_there_may_be_written_as_nothing() {
    let digest = Digest::sha256(b"referrer");
    let entry = format!(r#""mediaType": "{OCI_MANIFEST}", "digest": "{digest}", "size": 1"#);
    for (manifests, count) in [
        ("null".to_owned(), 0),
        (format!("[{{{entry}}}]"), 1),
        (
            format!(r#"[{{{entry}, "artifactType": null, "annotations": null, "urls": null}}]"#),
            1,
        ),
        (
            format!(r#"[{{{entry}, "artifactType": "", "annotations": {{}}}}]"#),
            1,
        ),
    ] {
        let index =
            format!(r#"{{"schemaVersion": 2, "mediaType": null, "manifests": {manifests}}}"#);
        // From a registry that keeps the list, and from under a tag.
        for keeps in [true, false] {
            let index = index.clone();
            let script = Script::new(move |seen| {
                if seen.line.contains("/referrers/") && !keeps {
                    return answer(404, &[], "");
                }
                answer(200, &[("content-type", OCI_INDEX)], index.clone())
            });
            let subject = Digest::sha256(b"subject");
            let listed = script.registry().referrers(&name("a"), &subject, None);
            let listed: Vec<_> = listed.try_collect().await.unwrap();
            assert_eq!(listed.len(), count, "{manifests} {keeps}");
            assert!(listed.iter().all(|one| one.artifact_type.is_none()));
        }
    }
}

#[tokio::test]
async fn a_list_that_goes_in_circles_or_elsewhere_ends_with_an_error() {
    for link in [
        "</v2/a/tags/list>; rel=\"next\"",
        "<https://evil.example/v2/a/tags/list?last=x>; rel=\"next\"",
    ] {
        let script = Script::new(move |_| answer(200, &[("link", link)], r#"{"tags": ["v1"]}"#));
        let mut tags = script.registry().tags(&name("a"), ListOptions::default());
        assert!(tags.try_next().await.unwrap().is_some());
        tags.try_next().await.unwrap_err();
        assert!(tags.try_next().await.unwrap().is_none());
        assert_eq!(script.lines().len(), 1);
    }
}

#[tokio::test]
async fn referrers_are_found_under_the_tag_that_stands_in_for_the_list() {
    let subject = Digest::sha256(b"subject");
    let tag = format!("/v2/a/manifests/sha256-{}", subject.hex());
    let descriptor = |kind: &str| {
        let digest = Digest::sha256(kind.as_bytes());
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":1,"artifactType":"{kind}"}}"#
        )
    };
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{},{}]}}"#,
        descriptor("text/x"),
        descriptor("text/y")
    );
    for (has_tag, count) in [(true, 1), (false, 0)] {
        let (tag, index) = (tag.clone(), index.clone());
        let script = Script::new(move |seen| {
            if has_tag && seen.line == format!("GET {tag}") {
                answer(200, &[("content-type", OCI_INDEX)], index.clone())
            } else {
                answer(404, &[], "")
            }
        });
        let listed =
            script
                .registry()
                .referrers(&name("a"), &subject, Some("text/y".parse().unwrap()));
        let listed: Vec<_> = listed.try_collect().await.unwrap();
        assert_eq!(listed.len(), count);
    }
}
