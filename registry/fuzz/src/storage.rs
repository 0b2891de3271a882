//! What lies in storage and was not written by this program, or not whole: nothing panics, and no
//! manifest is given out whose bytes are not those of its digest.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use registry_protocol::{Digest, Reference, UploadId};
use registry_storage::domain::{
    Namespace as _, PageRequest, PutManifest, ReferrersRequest, Repository, UploadOptions,
};
use registry_storage::driver::{
    Key, Kind, ListOptions, Memory, StorageDriver, StorageDriverExt as _,
};
use registry_storage::{Local, Options, PurgeOptions};

use crate::manifest::{BLOB, chunk, name, push_blob, tag};
use crate::{block_on, first_line};

/// The first line names a file by its number among all there are, or by its key; what follows becomes its
/// content. Then everything is asked for.
pub fn storage(bytes: &[u8]) {
    let (line, content) = first_line(bytes);
    block_on(async {
        let driver: Arc<dyn StorageDriver> = Arc::new(Memory::default());
        let mut options = Options::default();
        options.delete = true;
        options.upload_wait = Duration::ZERO;
        let local = Local::new(Arc::clone(&driver), options);
        let made = fill(&local).await;
        let files = files(&*driver).await;
        let key = match line.trim().parse::<usize>() {
            Ok(number) => files.get(number % files.len()).cloned(),
            Err(_) => Key::parse(line.trim()).ok(),
        };
        let Some(key) = key else {
            return;
        };
        // A directory of that name is no file; then all is as it was.
        let _ = driver.replace(&key, Bytes::copy_from_slice(content)).await;
        read(&local, &made).await;
        change(&local, &made).await;
    });
}

/// What `fill` made.
struct Made {
    image: Digest,
    upload: UploadId,
}

/// Pushes a blob, a manifest that is attached to another, and the first bytes of an upload.
async fn fill(local: &Local) -> Made {
    let repository = local.repository(&name()).expect("all names are served");
    push_blob(&*repository).await;
    let (blob, subject) = (Digest::sha256(BLOB), Digest::sha256(b"subject"));
    let content = Bytes::from(format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"a/b","digest":"{blob}","size":2}},"layers":[],"subject":{{"mediaType":"a/b","digest":"{subject}","size":7}}}}"#
    ));
    let asked = PutManifest::new(Reference::Tag(tag()), None, content);
    let stored = repository.manifests().put(asked).await;
    let started = repository.blobs().start(UploadOptions::default()).await;
    let mut upload = started.expect("an upload can be started");
    let written = upload.write(chunk(b"first bytes")).await;
    written.expect("bytes can be written");
    let status = upload.suspend().await;
    Made {
        image: stored.expect("it is a manifest").descriptor.digest,
        upload: status.expect("an upload can be left").id,
    }
}

/// All files, in order. The names of an upload differ between runs, their places do not.
async fn files(driver: &dyn StorageDriver) -> Vec<Key> {
    let (mut files, mut directories) = (Vec::new(), vec![Key::root()]);
    while let Some(directory) = directories.pop() {
        let listed = driver.list(&directory, ListOptions::all()).await;
        for entry in listed.expect("a directory can be listed").entries {
            let key = directory.child(&entry.name);
            let key = key.expect("what is listed has a key");
            match entry.kind {
                Kind::Directory => directories.push(key),
                Kind::File => files.push(key),
            }
        }
    }
    files
}

async fn read(local: &Local, made: &Made) {
    let repository = local.repository(&name()).expect("all names are served");
    let manifests = repository.manifests();
    for reference in [Reference::Tag(tag()), Reference::Digest(made.image.clone())] {
        if let Ok(found) = manifests.get_by_reference(&reference).await {
            let kind = found.descriptor.digest.kind();
            let kind = kind.expect("a manifest has a digest that can be computed");
            assert_eq!(Digest::of(kind, &found.content), found.descriptor.digest);
        }
    }
    if let Ok(blob) = repository.blobs().open(&Digest::sha256(BLOB)).await {
        let read: Result<Vec<Bytes>, _> = blob.read(0..blob.length()).try_collect().await;
        let length: usize = read.map_or(0, |pieces| pieces.iter().map(Bytes::len).sum());
        assert!(length == 0 || length as u64 == blob.length());
    }
    lists(local, &*repository).await;
}

async fn lists(local: &Local, repository: &dyn Repository) {
    let manifests = repository.manifests();
    if let Ok(page) = manifests.tags(PageRequest::first(100)).await {
        assert!(page.items.is_sorted());
    }
    if let Ok(page) = local.repositories(PageRequest::first(100)).await {
        assert!(page.items.is_sorted());
    }
    let subject = Digest::sha256(b"subject");
    let asked = ReferrersRequest::new(subject, PageRequest::first(100));
    if let Ok(page) = manifests.referrers(asked).await {
        assert!(page.items.is_sorted_by_key(|item| &item.digest));
    }
    let _ = local.holders(&Digest::sha256(BLOB), 10).await;
}

/// Goes on with the upload, deletes, purges.
async fn change(local: &Local, made: &Made) {
    let repository = local.repository(&name()).expect("all names are served");
    let blobs = repository.blobs();
    let size = blobs.status(&made.upload).await.map(|status| status.size);
    if let Ok(mut upload) = blobs.resume(&made.upload).await {
        assert_eq!(size.ok(), Some(upload.size()));
        if upload.write(chunk(b" and more")).await.is_ok() {
            let whole = Digest::sha256(b"first bytes and more");
            if upload.finish(whole.clone()).await.is_ok() {
                let stat = blobs.stat(&whole).await;
                assert_eq!(stat.ok().map(|it| it.size), Some(20));
            }
        }
    }
    let mut purging = PurgeOptions::default();
    purging.age = Duration::ZERO;
    let _ = local.purge_uploads(purging).await;
    let _ = blobs.delete(&Digest::sha256(BLOB)).await;
    let _ = repository
        .manifests()
        .delete(&Reference::Digest(made.image.clone()))
        .await;
}
