//! Content by digest, stored once whoever has it. Nobody may read it on the strength of this alone.

use bytes::Bytes;
use registry_protocol::Digest;

use crate::driver::{Change, Key};
use crate::error::Fault;
use crate::layout::{Store, paths};

/// The length of some content, if it is stored.
pub(crate) async fn size(store: &Store, digest: &Digest) -> Result<Option<u64>, Fault> {
    let stat = store.stat(&paths::blob_data(digest)).await?;
    Ok(stat
        .filter(|stat| !stat.is_directory())
        .map(|stat| stat.len))
}

/// Small content, if it is stored. It is hashed: what does not match its digest is a fault.
pub(crate) async fn read(
    store: &Store,
    digest: &Digest,
    limit: u64,
) -> Result<Option<Bytes>, Fault> {
    let Some(content) = store.read(&paths::blob_data(digest), limit).await? else {
        return Ok(None);
    };
    if matches(digest, &content) {
        Ok(Some(content))
    } else {
        Err(Fault::damaged(format_args!("content of {digest}")))
    }
}

/// That small content is stored. What is stored already is looked at, and replaced if it is not this.
pub(crate) fn small(digest: &Digest, content: Bytes) -> Change {
    Change::Ensure(paths::blob_data(digest), content)
}

/// That a file, which has been checked, is the content of a digest. A copy that is there
/// is kept, unless its length shows that it is a bad one.
pub(crate) async fn adopted(
    store: &Store,
    file: Key,
    digest: &Digest,
    length: u64,
) -> Result<Change, Fault> {
    let key = paths::blob_data(digest);
    if size(store, digest).await? == Some(length) {
        return Ok(Change::Keep(key));
    }
    Ok(Change::Rename(file, key))
}

fn matches(digest: &Digest, content: &[u8]) -> bool {
    digest
        .kind()
        .is_ok_and(|kind| Digest::of(kind, content) == *digest)
}
