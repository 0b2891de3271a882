//! Content by digest, stored once whoever has it. Nobody may read it on the strength of this alone.

use std::sync::Arc;

use bytes::Bytes;
use registry_protocol::Digest;

use super::verified;
use crate::driver::{Change, Key, Reader};
use crate::error::Fault;
use crate::layout::{Store, paths};
use crate::shared::Shared;

/// The length of some content, if it is stored. A file that a crash emptied is nobody's content.
pub(crate) async fn size(store: &Store, digest: &Digest) -> Result<Option<u64>, Fault> {
    let stat = store.stat(&paths::blob_data(digest)).await?;
    let file = stat.filter(|stat| !stat.is_directory());
    Ok(file
        .map(|file| file.len)
        .filter(|length| may_be(digest, *length)))
}

/// Opens content, if it is stored.
pub(crate) async fn open(store: &Store, digest: &Digest) -> Result<Option<Arc<dyn Reader>>, Fault> {
    match store.driver().open(&paths::blob_data(digest)).await {
        Ok(reader) => Ok(may_be(digest, reader.len()).then_some(reader)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether content of a digest may have this length: only one digest is that of nothing.
fn may_be(digest: &Digest, length: u64) -> bool {
    length > 0 || digest.kind().is_err() || matches(digest, b"")
}

/// Small content, if it is stored. It is hashed: what does not match its digest is a fault.
pub(crate) async fn read(
    store: &Store,
    digest: &Digest,
    limit: u64,
) -> Result<Option<Bytes>, Fault> {
    let content = store.read(&paths::blob_data(digest), limit).await?;
    let Some(content) = content.filter(|content| may_be(digest, content.len() as u64)) else {
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
/// is kept, unless it has another length or is known to be a bad one.
pub(crate) async fn adopted(
    shared: &Shared,
    file: Key,
    digest: &Digest,
    length: u64,
) -> Result<Change, Fault> {
    let key = paths::blob_data(digest);
    let there = size(&shared.store, digest).await? == Some(length);
    if there && !verified::is_wrong(shared, digest, digest).await? {
        return Ok(Change::Keep(key));
    }
    Ok(Change::Rename(file, key))
}

fn matches(digest: &Digest, content: &[u8]) -> bool {
    digest
        .kind()
        .is_ok_and(|kind| Digest::of(kind, content) == *digest)
}
