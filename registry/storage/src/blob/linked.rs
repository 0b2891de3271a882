//! The blobs of one repository.

use std::sync::Arc;

use registry_protocol::{Digest, Name, UploadId};

use super::reader::StoredBlob;
use super::{content, member, mount};
use crate::domain::{
    Answer, Blob, BlobService, BlobUpload, Descriptor, Served, UploadOptions, UploadStatus,
    octet_stream,
};
use crate::driver::{Capability, RedirectOptions};
use crate::error::{
    BlobDeleteError, BlobError, BlobUnknown, BlobWriteError, Fault, Refusal, RepositoryUnknown,
    UploadError, UploadResumeError,
};
use crate::layout::paths;
use crate::shared::Shared;
use crate::upload;

/// The blob service over the layout.
#[derive(Debug)]
pub(crate) struct LinkedBlobs {
    shared: Arc<Shared>,
    name: Name,
}

impl LinkedBlobs {
    pub(crate) fn new(shared: Arc<Shared>, name: Name) -> Self {
        Self { shared, name }
    }

    /// What the repository has under a digest: where its content lies, and how long it is.
    async fn find(&self, digest: &Digest) -> Result<(Digest, u64), BlobError> {
        match member::find(&self.shared, &self.name, digest).await? {
            Some(found) => Ok(found),
            None => Err(self.unknown(digest).await?),
        }
    }

    /// Why there is no such blob.
    async fn unknown(&self, digest: &Digest) -> Result<BlobError, Fault> {
        if self.shared.store.knows_repository(&self.name).await? {
            let digest = digest.clone();
            return Ok(BlobUnknown { digest }.into());
        }
        let name = self.name.clone();
        Ok(RepositoryUnknown { name }.into())
    }

    async fn open_blob(&self, digest: &Digest) -> Result<Box<dyn Blob>, BlobError> {
        let shared = &self.shared;
        let Some(target) = member::membership(shared, &self.name, digest).await? else {
            return Err(self.unknown(digest).await?);
        };
        let reader = content::open(&shared.store, &target).await?;
        let Some(reader) = reader.filter(|reader| !shared.verified.is_wrong(digest, reader)) else {
            tracing::warn!(repository = %self.name, %digest, "a blob is linked, its content is gone");
            return Err(self.unknown(digest).await?);
        };
        let descriptor = Descriptor::new(octet_stream(), digest.clone(), reader.len());
        // What was asked for is what the bytes have to be, wherever they lie.
        let content = digest.kind().map_or(target, |_| digest.clone());
        let verified = Arc::clone(&shared.verified);
        Ok(Box::new(StoredBlob::new(
            descriptor, content, reader, verified,
        )))
    }

    async fn redirect(&self, digest: &Digest) -> Result<Option<String>, BlobError> {
        let (driver, options) = (self.shared.store.driver(), &self.shared.options);
        if !options.redirect || !driver.can(Capability::RedirectUrl) {
            return Ok(None);
        }
        let (target, _) = self.find(digest).await?;
        let redirect = RedirectOptions::new("GET", options.redirect_for);
        let data = paths::blob_data(&target);
        let url = driver.redirect_url(&data, redirect).await;
        Ok(url.map_err(Fault::from)?)
    }

    async fn unlink(&self, digest: &Digest) -> Result<(), BlobDeleteError> {
        if !self.shared.options.delete {
            return Err(Refusal::unsupported("deletion is turned off").into());
        }
        let unlinking = unlink(Arc::clone(&self.shared), self.name.clone(), digest.clone());
        if self.shared.tasks.to_the_end(unlinking).await?? {
            return Ok(());
        }
        Err(match self.unknown(digest).await? {
            BlobError::RepositoryUnknown(error) => error.into(),
            BlobError::Unknown(error) => error.into(),
            BlobError::Fault(fault) => fault.into(),
        })
    }
}

/// Takes a blob out of a repository; whether it was in it.
async fn unlink(shared: Arc<Shared>, name: Name, digest: Digest) -> Result<bool, Fault> {
    let _alone = shared.repositories.exclusive(&name).await;
    let link = paths::layer_link(&name, &digest);
    if !shared.store.delete(&link).await? {
        return Ok(false);
    }
    // The link is gone, and with it the blob; its directory is in nobody's way.
    let directory = paths::layer(&name, &digest);
    if let Err(fault) = shared.store.discard(&directory).await {
        tracing::warn!(repository = %name, %digest, error = ?fault, "an empty directory stays");
    }
    Ok(true)
}

impl BlobService for LinkedBlobs {
    fn stat<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Descriptor, BlobError> {
        Box::pin(async move {
            let (_, size) = self.find(digest).await?;
            Ok(Descriptor::new(octet_stream(), digest.clone(), size))
        })
    }

    fn open<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Box<dyn Blob>, BlobError> {
        Box::pin(self.open_blob(digest))
    }

    fn serve<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Served, BlobError> {
        Box::pin(async move {
            match self.redirect(digest).await? {
                Some(url) => Ok(Served::Redirect(url)),
                None => Ok(Served::Content(self.open_blob(digest).await?)),
            }
        })
    }

    fn delete<'a>(&'a self, digest: &'a Digest) -> Answer<'a, (), BlobDeleteError> {
        Box::pin(self.unlink(digest))
    }

    fn mount<'a>(
        &'a self,
        from: &'a Name,
        digest: &'a Digest,
    ) -> Answer<'a, Option<Descriptor>, BlobWriteError> {
        Box::pin(async move {
            let (shared, from) = (Arc::clone(&self.shared), from.clone());
            let (to, digest) = (self.name.clone(), digest.clone());
            let mounting = async move { mount::mount(&shared, &from, &to, &digest).await };
            Ok(self.shared.tasks.to_the_end(mounting).await??)
        })
    }

    fn start(&self, options: UploadOptions) -> Answer<'_, Box<dyn BlobUpload>, BlobWriteError> {
        Box::pin(async move {
            let upload = upload::start(&self.shared, &self.name, options).await?;
            Ok(Box::new(upload) as Box<dyn BlobUpload>)
        })
    }

    fn resume<'a>(
        &'a self,
        id: &'a UploadId,
    ) -> Answer<'a, Box<dyn BlobUpload>, UploadResumeError> {
        Box::pin(async move {
            let upload = upload::resume(&self.shared, &self.name, id).await?;
            Ok(Box::new(upload) as Box<dyn BlobUpload>)
        })
    }

    fn status<'a>(&'a self, id: &'a UploadId) -> Answer<'a, UploadStatus, UploadError> {
        Box::pin(upload::status(&self.shared, &self.name, id))
    }

    fn cancel<'a>(&'a self, id: &'a UploadId) -> Answer<'a, (), UploadError> {
        Box::pin(upload::cancel(&self.shared, &self.name, id))
    }
}
