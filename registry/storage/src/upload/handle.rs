//! What a caller holds of an upload. All work is done in tasks of its own: where a request is dropped in
//! the middle, the record and the bytes are still left in order, and only then another writer is let in.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use registry_protocol::{Digest, UploadId};
use tokio::sync::oneshot;

use super::commit;
use super::session::Session;
use crate::domain::{Answer, BlobUpload, Chunk, Descriptor, UploadStatus};
use crate::error::{
    Fault, FaultKind, UploadError, UploadFinishError, UploadSeekError, UploadUnknown,
    UploadWriteError,
};
use crate::shared::Shared;

/// An upload with its writer, who is away while a task has it.
pub(crate) struct Upload {
    id: UploadId,
    started_at: Timestamp,
    size: u64,
    shared: Arc<Shared>,
    session: Option<Session>,
}

impl Upload {
    pub(super) fn new(session: Session) -> Self {
        Self {
            id: session.place.id.clone(),
            started_at: session.start.at,
            size: session.size(),
            shared: Arc::clone(&session.place.shared),
            session: Some(session),
        }
    }

    fn take(&mut self) -> Result<Session, Fault> {
        let lost = || Fault::new(FaultKind::Other, "the writer of the upload was lost");
        self.session.take().ok_or_else(lost)
    }

    fn give_back(&mut self, session: Session) {
        self.size = session.size();
        self.session = Some(session);
    }

    async fn write_chunk(&mut self, chunk: Chunk) -> Result<u64, UploadWriteError> {
        let mut session = self.take()?;
        if session.is_small(&chunk) {
            // Dropped while it receives, it leaves nothing behind that would have to be in order.
            let result = session.receive(chunk).await;
            if let Err(UploadWriteError::Body(_)) = &result {
                let keeping = async move {
                    session.keep_or_warn().await;
                    session
                };
                session = self.shared.tasks.to_the_end(keeping).await?;
            }
            self.give_back(session);
            return result;
        }
        let (done, outcome) = oneshot::channel();
        let writing = async move {
            let result = session.write(chunk).await;
            if let Err((mut session, Ok(_))) = done.send((session, result)) {
                // All bytes came, and nobody is left to be told: they were received.
                session.keep_or_warn().await;
            }
        };
        self.shared.tasks.spawn(writing);
        let (session, result) = outcome
            .await
            .map_err(|error| Fault::new(FaultKind::Other, error))?;
        self.give_back(session);
        result
    }

    async fn seek_to(&mut self, offset: u64) -> Result<(), UploadSeekError> {
        let mut session = self.take()?;
        let seeking = async move {
            let result = session.seek(offset).await;
            (session, result)
        };
        let (session, result) = self.shared.tasks.to_the_end(seeking).await?;
        self.give_back(session);
        result
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("id", &self.id)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl BlobUpload for Upload {
    fn id(&self) -> &UploadId {
        &self.id
    }

    fn started_at(&self) -> Timestamp {
        self.started_at
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn seek(&mut self, offset: u64) -> Answer<'_, (), UploadSeekError> {
        Box::pin(self.seek_to(offset))
    }

    fn write(&mut self, chunk: Chunk) -> Answer<'_, u64, UploadWriteError> {
        Box::pin(self.write_chunk(chunk))
    }

    fn suspend(mut self: Box<Self>) -> Answer<'static, UploadStatus, Fault> {
        Box::pin(async move {
            let session = self.take()?;
            if session.is_acknowledged() {
                return Ok(session.status());
            }
            self.shared.tasks.to_the_end(session.suspend()).await?
        })
    }

    fn cancel(mut self: Box<Self>) -> Answer<'static, (), UploadError> {
        Box::pin(async move {
            let session = self.take()?;
            let dropping = async move { session.drop_all().await };
            if self.shared.tasks.to_the_end(dropping).await?? {
                return Ok(());
            }
            let id = self.id.clone();
            Err(UploadUnknown { id }.into())
        })
    }

    fn finish(
        mut self: Box<Self>,
        digest: Digest,
    ) -> Answer<'static, Descriptor, UploadFinishError> {
        Box::pin(async move {
            let finishing = commit::finish(self.take()?, digest);
            self.shared.tasks.to_the_end(finishing).await?
        })
    }
}
