//! Hashing an upload by reading it again: where the saved state is of no use, or is of another algorithm
//! than the digest that closes the upload.

use std::sync::Arc;

use futures_util::StreamExt;
use registry_protocol::digest::{Hasher, Kind};

use super::state::Place;
use crate::error::Fault;
use crate::layout::paths;

/// The hash of the first `length` bytes, which have to be there.
pub(super) async fn again(place: &Place, kind: Kind, length: u64) -> Result<Hasher, Fault> {
    let mut hasher = Hasher::new(kind);
    if length == 0 {
        return Ok(hasher);
    }
    let data = paths::upload_data(&place.name, &place.id);
    let reader = place.store().driver().open(&data).await?;
    if reader.len() < length {
        return Err(Fault::damaged("an upload is shorter than its record says"));
    }
    let mut bytes = Arc::clone(&reader).stream(0..length);
    while let Some(bytes) = bytes.next().await {
        hasher.update(&bytes?);
    }
    Ok(hasher)
}
