//! `uploads.yaml`: how blobs come into a repository.

use std::io;

use api_runtime::server::Context;
use api_runtime::{Body, Location};
use futures_util::TryStreamExt;
use registry_protocol::digest::{Hasher, Kind};
use registry_protocol::server::Uploads;
use registry_protocol::{
    Algorithm, AppendUpload, AppendUploadError, AppendUploadResponse, BlobCreated, ByteSpan,
    CancelUpload, CancelUploadError, CancelUploadNoContent, CancelUploadResponse, CompleteUpload,
    CompleteUploadError, CompleteUploadResponse, Digest, GetBlobUrl, GetUpload, GetUploadError,
    GetUploadNoContent, GetUploadResponse, GetUploadUrl, MountBlob, MountBlobError,
    MountBlobResponse, Name, OutOfOrderFailure, RangeInvalid, SizeInvalid, StartUpload,
    StartUploadError, StartUploadResponse, UploadBlob, UploadBlobError, UploadBlobResponse,
    UploadExtended, UploadId, UploadStarted,
};
use registry_storage::domain::{BlobService, BlobUpload, ByteStream, Chunk, UploadOptions};
use registry_storage::error::{BlobError, Fault, UploadResumeError, UploadWriteError};

use super::{Registry, failures};

impl Uploads for Registry {
    async fn start_upload(
        &self,
        _cx: Context,
        request: StartUpload,
    ) -> Result<StartUploadResponse, StartUploadError> {
        let blobs = self.repository::<StartUploadError>(&request.name)?.blobs();
        let upload = blobs
            .start(UploadOptions::new(request.digest_algorithm))
            .await
            .map_err(failures::blob_write::<StartUploadError>)?;
        let started = started::<StartUploadError>(request.name, upload).await?;
        Ok(started.into())
    }

    async fn upload_blob(
        &self,
        _cx: Context,
        request: UploadBlob,
    ) -> Result<UploadBlobResponse, UploadBlobError> {
        let blobs = self.repository::<UploadBlobError>(&request.name)?.blobs();
        let mut upload = blobs
            .start(UploadOptions::new(algorithm(&request.digest)))
            .await
            .map_err(failures::blob_write::<UploadBlobError>)?;
        let id = upload.id().clone();
        if let Err(error) = upload.write(chunk(request.body, None)).await {
            // Nobody was told of the upload. That it cannot be dropped either is of no interest then.
            let _ = upload.cancel().await;
            return Err(failures::upload_write(error));
        }
        let blob = upload
            .finish(request.digest)
            .await
            .map_err(failures::fresh_upload_finish::<UploadBlobError>)?;
        Ok(created(request.name, blob.digest)
            .docker_upload_uuid(id)
            .into())
    }

    async fn mount_blob(
        &self,
        _cx: Context,
        request: MountBlob,
    ) -> Result<MountBlobResponse, MountBlobError> {
        let blobs = self.repository::<MountBlobError>(&request.name)?.blobs();
        let from = match request.from {
            Some(from) => Some(from),
            None => self.holder::<MountBlobError>(&request.mount).await?,
        };
        if let Some(from) = from {
            let mounted = blobs
                .mount(&from, &request.mount)
                .await
                .map_err(failures::blob_write::<MountBlobError>)?;
            if let Some(blob) = mounted {
                return Ok(created(request.name, blob.digest).into());
            }
        }
        let upload = blobs
            .start(UploadOptions::new(algorithm(&request.mount)))
            .await
            .map_err(failures::blob_write::<MountBlobError>)?;
        let started = started::<MountBlobError>(request.name, upload).await?;
        Ok(started.into())
    }

    async fn get_upload(
        &self,
        _cx: Context,
        request: GetUpload,
    ) -> Result<GetUploadResponse, GetUploadError> {
        let blobs = self.repository::<GetUploadError>(&request.name)?.blobs();
        let status = blobs
            .status(&request.uuid)
            .await
            .map_err(failures::upload::<GetUploadError>)?;
        let location = location(request.name, &request.uuid);
        Ok(GetUploadNoContent::new(location, held(status.size), request.uuid).into())
    }

    async fn append_upload(
        &self,
        _cx: Context,
        request: AppendUpload,
    ) -> Result<AppendUploadResponse, AppendUploadError> {
        let AppendUpload {
            name,
            uuid,
            content_range,
            body,
            ..
        } = request;
        let blobs = self.repository::<AppendUploadError>(&name)?.blobs();
        let mut upload = blobs
            .resume(&uuid)
            .await
            .map_err(failures::upload_resume::<AppendUploadError>)?;
        append::<AppendUploadError>(&name, &mut *upload, body, content_range.as_ref()).await?;
        let status = upload
            .suspend()
            .await
            .map_err(failures::write_fault::<AppendUploadError>)?;
        Ok(UploadExtended::new(location(name, &uuid), held(status.size), uuid).into())
    }

    async fn complete_upload(
        &self,
        _cx: Context,
        request: CompleteUpload,
    ) -> Result<CompleteUploadResponse, CompleteUploadError> {
        let CompleteUpload {
            name,
            uuid,
            digest,
            content_range,
            body,
            ..
        } = request;
        let blobs = self.repository::<CompleteUploadError>(&name)?.blobs();
        let mut upload = match blobs.resume(&uuid).await {
            Ok(upload) => upload,
            Err(UploadResumeError::Unknown(unknown)) => {
                // The answer to this very request may have been lost. Then what it asks for is there.
                if is_end_of_blob(&*blobs, &digest, body).await? {
                    return Ok(created(name, digest).docker_upload_uuid(uuid).into());
                }
                return Err(failures::upload_resume(UploadResumeError::Unknown(unknown)));
            }
            Err(error) => return Err(failures::upload_resume(error)),
        };
        if body.len() != Some(0) || content_range.is_some() {
            append::<CompleteUploadError>(&name, &mut *upload, body, content_range.as_ref())
                .await?;
        }
        let blob = upload
            .finish(digest)
            .await
            .map_err(failures::upload_finish::<CompleteUploadError>)?;
        Ok(created(name, blob.digest).docker_upload_uuid(uuid).into())
    }

    async fn cancel_upload(
        &self,
        _cx: Context,
        request: CancelUpload,
    ) -> Result<CancelUploadResponse, CancelUploadError> {
        let blobs = self.repository::<CancelUploadError>(&request.name)?.blobs();
        blobs
            .cancel(&request.uuid)
            .await
            .map_err(failures::upload::<CancelUploadError>)?;
        Ok(CancelUploadNoContent::new(request.uuid).into())
    }
}

impl Registry {
    /// A repository from which a blob may be mounted when the client does not say from where.
    async fn holder<E: failures::Faulty>(&self, digest: &Digest) -> Result<Option<Name>, E> {
        if !self.options.search_for_mounts {
            return Ok(None);
        }
        let holders = self.namespace.holders(digest, 1).await;
        Ok(holders.map_err(failures::fault::<E>)?.pop())
    }
}

/// Whether there is a blob of this digest that ends as `body` does: all of it, the last chunk, or nothing.
async fn is_end_of_blob(
    blobs: &dyn BlobService,
    digest: &Digest,
    body: Body,
) -> Result<bool, CompleteUploadError> {
    let blob = match blobs.open(digest).await {
        Ok(blob) => blob,
        Err(BlobError::Unknown(_) | BlobError::RepositoryUnknown(_)) => return Ok(false),
        Err(BlobError::Fault(fault)) => return Err(failures::fault(fault)),
    };
    let length = blob.length();
    if body.len().is_some_and(|given| given > length) {
        return Ok(false);
    }
    let given = hashed(body.into_stream(), length).await;
    let given = given.map_err(|error| {
        failures::upload_write::<CompleteUploadError>(UploadWriteError::Body(error))
    })?;
    if given.is_empty() {
        return Ok(true);
    }
    let Some(start) = length.checked_sub(given.len()) else {
        return Ok(false);
    };
    let stored = hashed(blob.read(start..length), length).await;
    let stored =
        stored.map_err(|error| failures::fault::<CompleteUploadError>(Fault::of_content(error)))?;
    Ok(given.digest() == stored.digest())
}

/// The hash of a stream, which is not read much further than it may be long.
async fn hashed(mut stream: ByteStream, most: u64) -> io::Result<Hasher> {
    let mut hasher = Hasher::new(Kind::Sha256);
    while let Some(bytes) = stream.try_next().await? {
        hasher.update(&bytes);
        if hasher.len() > most {
            break;
        }
    }
    Ok(hasher)
}

/// Appends a body where `span` says that it belongs, or else at the end.
async fn append<E: failures::Append + failures::OfUpload>(
    name: &Name,
    upload: &mut dyn BlobUpload,
    body: Body,
    span: Option<&ByteSpan>,
) -> Result<(), E> {
    let mut promised = None;
    if let Some(span) = span {
        let (first, last) = ends(span);
        let length = last
            .checked_sub(first)
            .and_then(|length| length.checked_add(1));
        let Some(length) = length else {
            return Err(out_of_order(name, upload, upload.size()).into());
        };
        // A chunk in the wrong place is told where to go on, whatever else is wrong with it.
        if let Err(error) = upload.seek(first).await {
            return Err(failures::upload_seek(error, |size| {
                out_of_order(name, upload, size)
            }));
        }
        if body.len().is_some_and(|given| given != length) {
            return Err(SizeInvalid::default().into());
        }
        promised = Some(length);
    }
    let written = upload.write(chunk(body, promised)).await;
    written
        .map(drop)
        .map_err(|error| failures::upload_append(upload.id(), error))
}

/// The first and the last position of a span.
fn ends(span: &ByteSpan) -> (u64, u64) {
    let (first, last) = span.as_str().split_once('-').unwrap_or_default();
    let number = |digits: &str| {
        digits
            .parse()
            .expect("a span has at most 18 digits on each side")
    };
    (number(first), number(last))
}

fn out_of_order(name: &Name, upload: &dyn BlobUpload, size: u64) -> OutOfOrderFailure {
    let location = location(name.clone(), upload.id());
    OutOfOrderFailure::new(
        RangeInvalid::default(),
        location,
        held(size),
        upload.id().clone(),
    )
}

/// A body for an upload: of the length that was promised, or else that it announces.
fn chunk(body: Body, promised: Option<u64>) -> Chunk {
    let length = promised.or(body.len());
    Chunk::new(body.into_stream(), length)
}

/// What an upload of this size holds. Nothing and one byte are written the same.
fn held(size: u64) -> ByteSpan {
    let text = format!("0-{}", size.saturating_sub(1));
    ByteSpan::parse(&text).expect("no storage holds 10^18 bytes")
}

fn location(name: Name, id: &UploadId) -> Location<GetUploadUrl> {
    Location::from(GetUploadUrl::new(name, id.clone()))
}

/// Lets go of an upload that was started, for the requests that bring its bytes.
async fn started<E: failures::Writing>(
    name: Name,
    upload: Box<dyn BlobUpload>,
) -> Result<UploadStarted, E> {
    let status = upload.suspend().await.map_err(failures::write_fault::<E>)?;
    let location = location(name, &status.id);
    Ok(UploadStarted::new(location, held(status.size), status.id))
}

fn created(name: Name, digest: Digest) -> BlobCreated {
    let location = GetBlobUrl::new(name, digest.clone());
    BlobCreated::new(Location::from(location), digest)
}

fn algorithm(digest: &Digest) -> Option<Algorithm> {
    Algorithm::parse(digest.algorithm()).ok()
}
