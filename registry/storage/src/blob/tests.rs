//! Tests of blobs in their repositories, over the whole crate and a storage in memory.

use registry_protocol::digest::Kind;
use registry_protocol::{Digest, Name};

use crate::clock::Clock as _;
use crate::domain::{Namespace, Scope, Served};
use crate::driver::StorageDriverExt;
use crate::error::{BlobDeleteError, BlobError, RefusalKind};
use crate::layout::paths;
use crate::options::Options;
use crate::testing::{
    Standing, blobs, contents, in_memory, local, memory, name, open_options, push_blob,
};

#[tokio::test]
async fn a_blob_is_read_from_anywhere_in_it() {
    use futures_util::TryStreamExt;
    let local = in_memory();
    let digest = push_blob(&local, "a", b"0123456789").await;
    let blob = blobs(&local, "a").open(&digest).await.unwrap();
    for (range, expected) in [
        (0..10, "0123456789"),
        (3..5, "34"),
        (9..10, "9"),
        (4..4, ""),
    ] {
        let pieces: Vec<bytes::Bytes> = blob.read(range).try_collect().await.unwrap();
        assert_eq!(pieces.concat(), expected.as_bytes());
    }
    assert_eq!(blob.created_at(), Some(Standing.now()));
    assert_eq!(
        blob.descriptor().media_type.as_str(),
        "application/octet-stream"
    );
    let served = blobs(&local, "a").serve(&digest).await.unwrap();
    let Served::Content(served) = served else {
        panic!("a storage in memory has no URLs");
    };
    assert_eq!(contents(served).await, b"0123456789");
}

#[tokio::test]
async fn a_repository_hands_out_only_what_it_has() {
    let local = in_memory();
    let digest = push_blob(&local, "a", b"secret").await;
    let other = blobs(&local, "a/b");
    assert!(matches!(
        other.stat(&digest).await,
        Err(BlobError::RepositoryUnknown(_))
    ));
    push_blob(&local, "a/b", b"something else").await;
    assert!(matches!(
        other.stat(&digest).await,
        Err(BlobError::Unknown(_))
    ));
    assert!(matches!(
        other.open(&digest).await,
        Err(BlobError::Unknown(_))
    ));
    assert!(matches!(
        other.serve(&digest).await,
        Err(BlobError::Unknown(_))
    ));
}

#[tokio::test]
async fn a_blob_is_mounted_where_the_source_has_it() {
    let local = in_memory();
    let digest = push_blob(&local, "a", b"layer").await;
    let target = blobs(&local, "b");
    assert!(target.mount(&name("c"), &digest).await.unwrap().is_none());
    assert!(target.stat(&digest).await.is_err());
    let mounted = target.mount(&name("a"), &digest).await.unwrap().unwrap();
    assert_eq!(mounted, target.stat(&digest).await.unwrap());
    assert_eq!(
        contents(target.open(&digest).await.unwrap()).await,
        b"layer"
    );
    blobs(&local, "a").delete(&digest).await.unwrap();
    assert_eq!(
        contents(target.open(&digest).await.unwrap()).await,
        b"layer"
    );
    assert!(
        blobs(&local, "c")
            .mount(&name("a"), &digest)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_blob_is_deleted_from_one_repository_and_can_be_pushed_again() {
    let local = in_memory();
    let digest = push_blob(&local, "a", b"layer").await;
    push_blob(&local, "b", b"layer").await;
    let a = blobs(&local, "a");
    a.delete(&digest).await.unwrap();
    assert!(matches!(a.stat(&digest).await, Err(BlobError::Unknown(_))));
    assert!(matches!(
        a.delete(&digest).await,
        Err(BlobDeleteError::Unknown(_))
    ));
    blobs(&local, "b").stat(&digest).await.unwrap();
    let nowhere = blobs(&local, "c").delete(&digest).await;
    assert!(matches!(
        nowhere,
        Err(BlobDeleteError::RepositoryUnknown(_))
    ));
    push_blob(&local, "a", b"layer").await;
    a.stat(&digest).await.unwrap();
}

#[tokio::test]
async fn no_blob_is_deleted_where_deletion_is_turned_off() {
    let local = local(&memory(), Options::default());
    let digest = push_blob(&local, "a", b"layer").await;
    let refused = blobs(&local, "a").delete(&digest).await;
    assert!(matches!(refused, Err(BlobDeleteError::Refused(refusal))
        if refusal.kind == RefusalKind::Unsupported));
    blobs(&local, "a").stat(&digest).await.unwrap();
}

#[tokio::test]
async fn links_of_distribution_are_followed() {
    let driver = memory();
    let local = local(&driver, open_options());
    let canonical = push_blob(&local, "a", b"layer").await;
    // distribution keeps what was pushed as sha512 under its sha256, and links one to the other.
    let alias = Digest::of(Kind::Sha512, b"layer");
    let link = paths::layer_link(&name("a"), &alias);
    driver
        .replace(&link, format!("{canonical}\n"))
        .await
        .unwrap();
    let a = blobs(&local, "a");
    assert_eq!(a.stat(&alias).await.unwrap().size, 5);
    assert_eq!(contents(a.open(&alias).await.unwrap()).await, b"layer");
    assert!(
        blobs(&local, "b")
            .mount(&name("a"), &alias)
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(
        contents(blobs(&local, "b").open(&alias).await.unwrap()).await,
        b"layer"
    );
    // A crash of an old version left the link empty; where it lies still says what it was.
    let link = paths::layer_link(&name("a"), &canonical);
    driver.replace(&link, bytes::Bytes::new()).await.unwrap();
    a.stat(&canonical).await.unwrap();
}

#[tokio::test]
async fn a_link_without_content_is_no_blob() {
    let driver = memory();
    let local = local(&driver, open_options());
    let digest = push_blob(&local, "a", b"layer").await;
    driver.delete(&paths::blob_data(&digest)).await.unwrap();
    let a = blobs(&local, "a");
    assert!(matches!(a.stat(&digest).await, Err(BlobError::Unknown(_))));
    assert!(a.mount(&name("a"), &digest).await.unwrap().is_none());
    push_blob(&local, "a", b"layer").await;
    a.stat(&digest).await.unwrap();
}

#[derive(Debug)]
struct OnlyTeam;

impl Scope for OnlyTeam {
    fn contains(&self, name: &Name) -> bool {
        name.as_str().starts_with("team/")
    }
}

#[tokio::test]
async fn a_namespace_serves_the_names_in_its_scope() {
    let all = in_memory();
    for repository in ["team/a", "other"] {
        push_blob(&all, repository, b"layer").await;
    }
    let team = all.within(std::sync::Arc::new(OnlyTeam));
    assert!(team.scope().contains(&name("team/b")));
    assert!(team.repository(&name("team/b")).is_ok());
    assert!(team.repository(&name("other")).is_err());
    let listed = team
        .repositories(crate::domain::PageRequest::first(9))
        .await
        .unwrap();
    assert_eq!(listed.items, [name("team/a")]);
    let repository = team.repository(&name("team/a")).unwrap();
    assert_eq!(repository.name(), &name("team/a"));
    assert!(repository.exists().await.unwrap());
    assert!(
        !team
            .repository(&name("team/b"))
            .unwrap()
            .exists()
            .await
            .unwrap()
    );
}
