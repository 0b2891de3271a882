//! Uploads of one repository: started, resumed, looked at, cancelled.
//!
//! All that an upload is lies in storage, in its repository: any process may go on with it, and none
//! can reach it through another repository. In this process one lock per upload keeps a second writer
//! out. `state` is the record in storage, `session` a writer at work, `handle` what a caller holds,
//! `commit` turns an upload into a blob, `hash` reads bytes again where they must be, `purge` removes what
//! nobody goes on with.

mod commit;
mod handle;
mod hash;
mod purge;
mod session;
mod state;

use std::sync::Arc;
use std::time::Duration;

use registry_protocol::digest::{Hasher, Kind};
use registry_protocol::{Name, UploadId};
use tokio::time::timeout;

pub(crate) use self::purge::purge;
pub use self::purge::{PurgeOptions, Purged};

use self::handle::Upload;
use self::session::Session;
use self::state::{Place, State};
use crate::domain::{UploadOptions, UploadStatus};
use crate::error::{Fault, FaultKind, UploadError, UploadUnknown};
use crate::locks::Exclusive;
use crate::shared::Shared;

/// Starts an upload. Its start is its record: it exists once that is written. A power cut may still take
/// it back, until it holds something that a client was told of.
pub(crate) async fn start(
    shared: &Arc<Shared>,
    name: &Name,
    options: UploadOptions,
) -> Result<Upload, Fault> {
    let kind = options.algorithm.map_or(Ok(Kind::default()), |algorithm| {
        Kind::try_from(&algorithm).map_err(|error| Fault::new(FaultKind::Other, error))
    })?;
    let place = Place::new(Arc::clone(shared), name.clone(), shared.ids.upload_id());
    let lock = shared.uploads.exclusive(&place.lock_key()).await;
    let (start, state) = place.begin(kind).await?;
    let session = Session::new(place, start, state, Hasher::new(kind), lock);
    Ok(Upload::new(session))
}

/// Goes on with an upload at its acknowledged end.
pub(crate) async fn resume(
    shared: &Arc<Shared>,
    name: &Name,
    id: &UploadId,
) -> Result<Upload, UploadError> {
    let place = Place::new(Arc::clone(shared), name.clone(), id.clone());
    let lock = wait(&place).await?;
    let start = place.start().await?;
    let state = if start.is_fresh {
        State::new(Kind::default())
    } else {
        State::load(&place).await?
    };
    place.check(&state).await?;
    let hasher = place.hasher(&state, state.acknowledged()).await?;
    let session = Session::new(place, start, state, hasher, lock);
    Ok(Upload::new(session))
}

/// Who looks whether an upload is left over has it for a moment, which must not pass for a write.
const MOMENT: Duration = Duration::from_millis(100);

/// How far an upload has come. While somebody writes it, that is what was acknowledged before.
pub(crate) async fn status(
    shared: &Arc<Shared>,
    name: &Name,
    id: &UploadId,
) -> Result<UploadStatus, UploadError> {
    let place = Place::new(Arc::clone(shared), name.clone(), id.clone());
    let key = place.lock_key();
    let lock = timeout(MOMENT, shared.uploads.exclusive(&key)).await.ok();
    let start = place.start().await?;
    let size = match lock {
        _ if start.is_fresh => 0,
        None => State::load(&place).await?.acknowledged(),
        Some(lock) => shared.tasks.to_the_end(acknowledge(place, lock)).await??,
    };
    Ok(UploadStatus::new(id.clone(), start.at, size))
}

/// Takes all that was received for acknowledged, since the client is being told of it.
async fn acknowledge(place: Place, _lock: Exclusive) -> Result<u64, UploadError> {
    let mut state = State::load(&place).await?;
    place.check(&state).await?;
    let received = state.received();
    if received > 0 && place.data_length().await?.is_none() {
        // Completing it was interrupted when its bytes had gone to their place. Nothing can follow them.
        let id = place.id.clone();
        return Err(UploadUnknown { id }.into());
    }
    place.keep_only(&mut state, received).await?;
    Ok(received)
}

/// Drops an upload and its bytes.
pub(crate) async fn cancel(
    shared: &Arc<Shared>,
    name: &Name,
    id: &UploadId,
) -> Result<(), UploadError> {
    let place = Place::new(Arc::clone(shared), name.clone(), id.clone());
    let lock = wait(&place).await?;
    let dropping = async move {
        let _lock = lock;
        place.drop_all().await
    };
    if shared.tasks.to_the_end(dropping).await?? {
        return Ok(());
    }
    Err(UploadUnknown { id: id.clone() }.into())
}

/// Waits for whoever is writing the upload, but not for ever.
async fn wait(place: &Place) -> Result<Exclusive, Fault> {
    let key = place.lock_key();
    let lock = place.shared.uploads.exclusive(&key);
    timeout(place.shared.options.upload_wait, lock)
        .await
        .map_err(|_| Fault::new(FaultKind::Unavailable, "another request writes this upload"))
}

#[cfg(test)]
mod cut_tests;
#[cfg(test)]
mod start_tests;
#[cfg(test)]
mod tests;
