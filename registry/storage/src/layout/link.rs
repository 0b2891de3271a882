//! Links: small files that hold the digest to which they lead, as distribution writes them.

use bytes::Bytes;
use registry_protocol::Digest;

use crate::driver::{Change, Key, ReadOptions, StorageDriver};
use crate::error::Fault;

/// Longer than any digest with a line end; what is longer is no link.
const LIMIT: u64 = 512;

/// Where a link leads; none where there is no link. A link that leads nowhere is a fault, since it says
/// that the storage was damaged, not that nothing is there.
pub(super) async fn read(driver: &dyn StorageDriver, key: &Key) -> Result<Option<Digest>, Fault> {
    let content = match driver.read(key, ReadOptions::new(LIMIT)).await {
        Ok(content) => content,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let text = std::str::from_utf8(&content).unwrap_or("").trim();
    let damaged = |_| Fault::damaged(format_args!("`{key}` holds no digest"));
    Digest::parse(text).map(Some).map_err(damaged)
}

/// That a link leads to a digest, whatever it led to before.
pub(crate) fn link_to(key: Key, digest: &Digest) -> Change {
    let content = Bytes::copy_from_slice(digest.as_str().as_bytes());
    Change::Put(key, content)
}
