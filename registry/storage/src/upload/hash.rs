//! The hash of an upload: computed while its file is written, or by reading that again where the saved state
//! is of no use, or is of another algorithm than the digest that closes the upload.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::StreamExt;
use registry_protocol::digest::{Hasher, Kind};

use super::state::Place;
use crate::driver::Tap;
use crate::error::Fault;
use crate::layout::paths;

/// The hash of what is in the file, which goes on where the file is written: not on the task that receives.
#[derive(Debug, Clone)]
pub(super) struct Running(Arc<Mutex<Hasher>>);

impl Running {
    pub(super) fn new(hasher: Hasher) -> Self {
        Self(Arc::new(Mutex::new(hasher)))
    }

    fn held(&self) -> MutexGuard<'_, Hasher> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As far as it has come: behind what an open appender has accepted.
    pub(super) fn get(&self) -> Hasher {
        self.held().clone()
    }

    /// Goes on with what an appender writes.
    pub(super) fn tap(&self) -> Tap {
        let running = self.clone();
        Box::new(move |bytes| running.held().update(bytes))
    }
}

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
