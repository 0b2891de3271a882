//! Copying within a registry and from one to another.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use registry_client::runtime::Transport;
use registry_client::{
    CopyOptions, Digest, Error, OCI_INDEX, OCI_MANIFEST, Progress, PushedManifest, Reference,
    Registry, Repository, copy,
};

use crate::line::{Cut, Line};
use crate::script::{Script, answer};
use crate::served::{Served, builder, bytes, image, kind, name, serve, tag};

/// Copies what is tagged `all` in the repository `a`, to the tag `copied` of another.
async fn copy_all<F: Transport, T: Transport>(
    from: &Registry<F>,
    to: &Registry<T>,
    repository: &str,
) -> Result<PushedManifest, Error> {
    let (source, target) = (name("a"), name(repository));
    copy(
        Repository {
            registry: from,
            name: &source,
        },
        &tag("all"),
        Repository {
            registry: to,
            name: &target,
        },
        &tag("copied"),
        &CopyOptions::default(),
    )
    .await
}

/// Pushes an index of two images, one of them within an index of its own.
async fn nested(served: &Served, repository: &str) -> Bytes {
    let registry = &served.registry;
    let put = async |manifests: &[&Bytes], kind_: &str| {
        let entries: Vec<String> = manifests
            .iter()
            .map(|bytes| {
                let (digest, size) = (Digest::sha256(bytes), bytes.len());
                format!(r#"{{"mediaType":"{kind_}","digest":"{digest}","size":{size}}}"#)
            })
            .collect();
        let index = Bytes::from(format!(
            r#"{{"schemaVersion":2,"mediaType":"{OCI_INDEX}","manifests":[{}]}}"#,
            entries.join(",")
        ));
        let digest = Reference::Digest(Digest::sha256(&index));
        let pushed = registry
            .push_manifest(&name(repository), &digest, &kind(OCI_INDEX), index.clone())
            .await;
        pushed.unwrap();
        index
    };
    let one = image(registry, repository, &tag("one"), &bytes(2 << 20)).await;
    let other = image(registry, repository, &tag("other"), &bytes(300)).await;
    let inner = put(&[&one, &other], OCI_MANIFEST).await;
    let outer = put(&[&inner], OCI_INDEX).await;
    let tagged = registry
        .push_manifest(
            &name(repository),
            &tag("all"),
            &kind(OCI_INDEX),
            outer.clone(),
        )
        .await;
    tagged.unwrap();
    outer
}

async fn assert_whole(served: &Served, repository: &str, index: &Bytes) {
    let (registry, repository) = (&served.registry, name(repository));
    let copied = registry
        .pull_manifest(&repository, &tag("copied"))
        .await
        .unwrap();
    assert_eq!(copied.bytes, index);
    for len in [2 << 20, 300] {
        let bytes = bytes(len);
        let stream = registry
            .pull_blob(&repository, &Digest::sha256(&bytes))
            .await
            .unwrap();
        assert_eq!(stream.bytes(1 << 30).await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn an_index_with_all_its_images_goes_from_one_registry_to_another() {
    let (from, to) = (serve().await, serve().await);
    let index = nested(&from, "a").await;
    for _ in 0..2 {
        let (source, target) = (from.registry.clone(), to.registry.clone());
        // It may be spawned, as may everything else.
        let copying = tokio::spawn(async move { copy_all(&source, &target, "team/b").await });
        copying.await.unwrap().unwrap();
        assert_whole(&to, "team/b", &index).await;
    }
    from.stop().await;
    to.stop().await;
}

#[tokio::test]
async fn cuts_on_both_sides_of_a_copy_do_not_show() {
    let (from, to) = (serve().await, serve().await);
    let index = nested(&from, "a").await;
    let cut = Cut {
        up: 500_000,
        down: 500_000,
    };
    let lines = [
        Line::to(&from.host, cut, usize::MAX).await,
        Line::to(&to.host, cut, usize::MAX).await,
    ];
    let [from_line, to_line] = [0, 1].map(|at| builder(&lines[at].host).build().unwrap());
    copy_all(&from_line, &to_line, "b").await.unwrap();
    assert_whole(&to, "b", &index).await;
    assert!(lines.iter().all(|line| line.cuts() >= 3));
    from.stop().await;
    to.stop().await;
}

#[tokio::test]
async fn within_a_registry_no_byte_of_a_blob_is_sent() {
    let served = serve().await;
    let index = nested(&served, "a").await;
    let moved = Arc::new(Mutex::new((0, 0)));
    let teller = Arc::clone(&moved);
    let registry = builder(&served.host)
        .on_progress(move |progress| match progress {
            Progress::Moved { .. } => teller.lock().unwrap().0 += 1,
            Progress::Mounted { .. } => teller.lock().unwrap().1 += 1,
            _ => {}
        })
        .build()
        .unwrap();
    copy_all(&registry, &registry, "b").await.unwrap();
    assert_whole(&served, "b", &index).await;
    // The configuration is the same in both images.
    assert_eq!(*moved.lock().unwrap(), (0, 3));
    served.stop().await;
}

#[tokio::test]
async fn a_blob_that_lies_at_the_source_is_not_copied_in_a_broken_state() {
    let to = serve().await;
    let layer = Digest::sha256(b"0123456789");
    let config = Digest::sha256(b"{}");
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{OCI_MANIFEST}",
            "config":{{"mediaType":"x/y","digest":"{config}","size":2}},
            "layers":[{{"mediaType":"x/y","digest":"{layer}","size":10}}]}}"#
    );
    let liar = Script::new(move |seen| {
        if seen.line.contains("/manifests/") {
            answer(200, &[("content-type", OCI_MANIFEST)], manifest.clone())
        } else if seen.line.contains(config.hex()) {
            answer(200, &[], "{}")
        } else {
            answer(200, &[], "012345678x")
        }
    });
    let copied = copy_all(&liar.registry(), &to.registry, "b").await;
    let error = copied.unwrap_err();
    assert!(error.has_code("DIGEST_INVALID"), "{error}");
    let found = to.registry.head_manifest(&name("b"), &tag("copied")).await;
    assert!(found.unwrap().is_none());
    to.stop().await;
}

#[tokio::test]
async fn indexes_without_an_end_are_given_up() {
    let to = serve().await;
    // No digest leads to itself, so each index is made anew, by the digest that the one above has for it.
    let depth = 20;
    let mut documents = vec![Bytes::from_static(b"{}")];
    for _ in 0..depth {
        let inner = documents.last().unwrap();
        let index = format!(
            r#"{{"mediaType":"{OCI_INDEX}","manifests":[{{"mediaType":"{OCI_INDEX}","digest":"{}","size":{}}}]}}"#,
            Digest::sha256(inner),
            inner.len()
        );
        documents.push(index.into());
    }
    let script = Script::new(move |seen| {
        let found = documents
            .iter()
            .find(|document| seen.line.ends_with(Digest::sha256(document).hex()));
        let document = found.unwrap_or_else(|| documents.last().unwrap());
        answer(200, &[("content-type", OCI_INDEX)], document.clone())
    });
    let copied = copy_all(&script.registry(), &to.registry, "b").await;
    let error = copied.unwrap_err();
    assert!(matches!(error, Error::Unexpected(_)), "{error}");
    to.stop().await;
}

#[tokio::test]
async fn a_list_that_is_null_is_copied_as_one_that_is_empty() {
    let index = format!(r#"{{"mediaType":"{OCI_INDEX}","layers":null,"manifests":null}}"#);
    let digest = Digest::sha256(index.as_bytes());
    let from = Script::new(move |_| answer(200, &[("content-type", OCI_INDEX)], index.clone()));
    let to = Script::new(|_| answer(201, &[], ""));
    let copied = copy_all(&from.registry(), &to.registry(), "b").await;
    assert_eq!(copied.unwrap().digest, digest);
    assert_eq!(to.lines(), ["PUT /v2/b/manifests/copied"]);
}
