//! `blobs.yaml`: blobs of a repository.

use std::ops::Range;

use api_runtime::server::Context;
use api_runtime::{Body, Etag, RangeSource, Scalar, Source, Uri};
use registry_protocol::server::Blobs;
use registry_protocol::{
    BlobContent, BlobElsewhere, DeleteBlob, DeleteBlobAccepted, DeleteBlobError,
    DeleteBlobResponse, GetBlob, GetBlobError, GetBlobResponse,
};
use registry_storage::domain::{Blob, SMALL_BLOB, Served};

use super::{Registry, failures};

impl Blobs for Registry {
    async fn get_blob(
        &self,
        cx: Context,
        request: GetBlob,
    ) -> Result<GetBlobResponse, GetBlobError> {
        let blobs = self.repository::<GetBlobError>(&request.name)?.blobs();
        // What HEAD asks for is known here; where the bytes are, nobody knows the digest of the answer.
        let served = if cx.is_head {
            blobs.open(&request.digest).await.map(Served::Content)
        } else {
            blobs.serve(&request.digest).await
        };
        let served = served.map_err(failures::blob::<GetBlobError>)?;
        Ok(match served {
            Served::Content(blob) => {
                let etag = Etag::strong(request.digest.as_str()).map_err(Source::from)?;
                let is_small = blob.length() <= SMALL_BLOB;
                let mut body = Body::seekable(Box::new(Content(blob)));
                if is_small && !cx.is_head {
                    let bytes = body.collect(SMALL_BLOB).await;
                    body = bytes.map_err(failures::content::<GetBlobError>)?.into();
                }
                BlobContent::new(request.digest, etag, body).into()
            }
            Served::Redirect(url) => {
                let location = Uri::parse(&url).map_err(Source::from)?;
                BlobElsewhere::new(location, request.digest).into()
            }
        })
    }

    async fn delete_blob(
        &self,
        _cx: Context,
        request: DeleteBlob,
    ) -> Result<DeleteBlobResponse, DeleteBlobError> {
        let blobs = self.repository::<DeleteBlobError>(&request.name)?.blobs();
        blobs
            .delete(&request.digest)
            .await
            .map_err(failures::blob_delete::<DeleteBlobError>)?;
        Ok(DeleteBlobAccepted::new(request.digest).into())
    }
}

/// An open blob as the body of an answer; the ranges of it are the runtime's affair.
struct Content(Box<dyn Blob>);

impl RangeSource for Content {
    fn len(&self) -> u64 {
        self.0.length()
    }

    fn open(self: Box<Self>, range: Range<u64>) -> Body {
        match self.0.file(&range) {
            Some(file) => Body::file(file, range),
            None => Body::stream(Some(range.end - range.start), self.0.read(range)),
        }
    }
}
