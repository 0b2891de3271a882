//! Pulls blobs: the bytes are hashed while they pass, and a transfer that was cut goes on where it was.
//!
//! A stream that ends without an error had the right bytes, all of them. It goes on with a range request,
//! tied to the entity tag of the first answer where there was one; a registry that answers it with the
//! whole blob is listened to again, and what is known already is dropped.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use api_runtime::client::{
    self, Partial, RangeRequest, Reply, Transport, TransportError, TransportErrorKind,
};
use api_runtime::{BodyStream, Etag};
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _};
use registry_protocol::digest::{Mismatch, Verifier};
use registry_protocol::{Digest, GetBlob, Name};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use crate::error::Error;
use crate::progress::Progress;
use crate::registry::{Registry, call, expected};
use crate::retry::Budget;

impl<T: Transport> Registry<T> {
    /// How many bytes a blob has; `None` if the repository does not have it. A registry that does not
    /// say how many has it, too, with `Some(None)`.
    pub async fn stat_blob(
        &self,
        name: &Name,
        digest: &Digest,
    ) -> Result<Option<Option<u64>>, Error> {
        let request = GetBlob::new(name.clone(), digest.clone());
        let found = self.find(call!(GET_BLOB, request).head(), &[200]).await?;
        Ok(found.map(|reply| reply.head().content_length()))
    }

    /// Pulls a blob. Nothing is fetched before the first byte is asked for, except the head of the
    /// answer; so a blob that is not there is an error here.
    pub async fn pull_blob(&self, name: &Name, digest: &Digest) -> Result<BlobStream, Error> {
        self.pull(name, digest, None).await
    }

    /// Pulls a blob that must have `size` bytes, as a descriptor says.
    pub async fn pull_blob_sized(
        &self,
        name: &Name,
        digest: &Digest,
        size: u64,
    ) -> Result<BlobStream, Error> {
        self.pull(name, digest, Some(size)).await
    }

    async fn pull(
        &self,
        name: &Name,
        digest: &Digest,
        size: Option<u64>,
    ) -> Result<BlobStream, Error> {
        let verifier = Verifier::new(digest.clone())?;
        let mut pull = self.pulling(name, digest, size, 0);
        pull.verifier = Some(verifier);
        pull.open().await?;
        let (digest, len) = (digest.clone(), pull.total);
        Ok(BlobStream {
            digest,
            len,
            stream: pull.into_stream(),
        })
    }

    /// The bytes of a blob from `offset` on. They cannot be checked here.
    pub(crate) async fn pull_rest(
        &self,
        name: &Name,
        digest: &Digest,
        size: u64,
        offset: u64,
    ) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
        let mut pull = self.pulling(name, digest, Some(size), offset);
        if offset < size {
            pull.open().await?;
        }
        Ok(pull.into_stream())
    }

    fn pulling(&self, name: &Name, digest: &Digest, size: Option<u64>, offset: u64) -> Pull<T> {
        Pull {
            registry: self.clone(),
            request: GetBlob::new(name.clone(), digest.clone()),
            verifier: None,
            total: size,
            offset,
            skip: 0,
            etag: None,
            body: None,
            budget: self.budget(),
        }
    }
}

/// A blob as it comes. After an error, and after its end, there is nothing more.
#[must_use = "a stream does nothing unless it is polled"]
pub struct BlobStream {
    digest: Digest,
    len: Option<u64>,
    stream: BoxStream<'static, Result<Bytes, Error>>,
}

impl BlobStream {
    /// The digest that the bytes have, if the stream ends well.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// How many bytes there are, where the registry said so.
    pub fn size(&self) -> Option<u64> {
        self.len
    }

    /// All bytes, at most `limit` of them.
    pub async fn bytes(mut self, limit: u64) -> Result<Bytes, Error> {
        if self.len.is_some_and(|len| len > limit) {
            return Err(Error::TooLarge { limit });
        }
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.stream.next().await {
            let chunk = chunk?;
            if (bytes.len() + chunk.len()) as u64 > limit {
                return Err(Error::TooLarge { limit });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// Writes the bytes to `sink` and gives their number. If it fails, what was written is of no use.
    pub async fn write_to(mut self, sink: &mut (impl AsyncWrite + Unpin)) -> Result<u64, Error> {
        let mut written = 0;
        while let Some(chunk) = self.stream.next().await {
            let chunk = chunk?;
            sink.write_all(&chunk).await.map_err(Error::Sink)?;
            written += chunk.len() as u64;
        }
        sink.flush().await.map_err(Error::Sink)?;
        Ok(written)
    }
}

impl Stream for BlobStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.poll_next_unpin(cx)
    }
}

impl fmt::Debug for BlobStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobStream")
            .field("digest", &self.digest)
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

/// A blob on its way.
struct Pull<T: Transport> {
    registry: Registry<T>,
    request: GetBlob,
    /// None where it did not begin with the first byte.
    verifier: Option<Verifier>,
    total: Option<u64>,
    /// How many bytes came, counted from the beginning of the blob.
    offset: u64,
    /// How many bytes of the body came before.
    skip: u64,
    etag: Option<Etag>,
    body: Option<BodyStream>,
    budget: Budget,
}

impl<T: Transport> Pull<T> {
    /// Asks for the bytes from the offset on. There is at least one of them, or the blob was never asked
    /// for.
    async fn open(&mut self) -> Result<(), Error> {
        let call = call!(GET_BLOB, self.request);
        let caller = self.registry.caller();
        if self.offset == 0 {
            let reply = expected(caller.send(call).await?, &[200]).await?;
            return self.take(reply, 0, None);
        }
        let mut range = RangeRequest::from(self.offset);
        if let Some(etag) = self.etag.as_ref().filter(|etag| !etag.is_weak()) {
            range = range.if_range(etag);
        }
        let reply = caller.send(call.range(&range)).await?;
        let answer = client::partial::<_, Infallible, _>(&range, reply, async |reply| Ok(reply));
        match answer.await {
            Ok(Partial::Part(part, reply)) => self.take(reply, 0, part.total),
            Ok(Partial::Whole(reply)) => {
                let reply = expected(reply, &[200]).await?;
                self.take(reply, self.offset, None)
            }
            // The last byte had come, and only the end was cut off.
            Ok(Partial::Unsatisfiable(Some(total))) if total == self.offset => {
                self.total = Some(total);
                Ok(())
            }
            Ok(Partial::Unsatisfiable(_)) => {
                Err(Error::unexpected("bytes that were there are not"))
            }
            Err(client::Error::Transport(error)) => Err(error.into()),
            Err(error) => Err(Error::unexpected(error)),
        }
    }

    /// Goes on with the body of `reply`, of which `skip` bytes came before.
    fn take(&mut self, reply: Reply, skip: u64, total: Option<u64>) -> Result<(), Error> {
        let head = reply.head();
        let is_whole = total.is_none() && (skip > 0 || self.offset == 0);
        let said = total.or_else(|| head.content_length().filter(|_| is_whole));
        match (said, self.total) {
            (Some(actual), Some(expected)) if actual != expected => {
                return Err(Mismatch::Length { expected, actual }.into());
            }
            (Some(_), None) => self.total = said,
            _ => {}
        }
        let etag = head.header_optional("ETag").ok().flatten();
        self.etag = self.etag.take().or(etag);
        self.skip = skip;
        self.body = Some(reply.into_body().into_stream());
        Ok(())
    }

    fn into_stream(self) -> BoxStream<'static, Result<Bytes, Error>> {
        stream::try_unfold(self, |mut pull| async {
            Ok(pull.next().await?.map(|chunk| (chunk, pull)))
        })
        .boxed()
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            if self.total == Some(self.offset) && self.body.is_none() {
                return self.finish();
            }
            let Some(body) = &mut self.body else {
                self.open().await?;
                continue;
            };
            let chunk = body.next().await;
            match chunk {
                Some(Ok(chunk)) => {
                    if let Some(chunk) = self.count(chunk)? {
                        return Ok(Some(chunk));
                    }
                }
                None if self.total.is_none_or(|total| self.offset >= total) => {
                    return self.finish();
                }
                None => self.cut(io::ErrorKind::UnexpectedEof.into()).await?,
                Some(Err(error)) => self.cut(error).await?,
            }
        }
    }

    /// What of a chunk is new.
    fn count(&mut self, mut chunk: Bytes) -> Result<Option<Bytes>, Error> {
        let len = chunk.len() as u64;
        let known = self.skip.min(len);
        self.skip -= known;
        chunk = chunk.split_off(usize::try_from(known).unwrap_or(chunk.len()));
        if chunk.is_empty() {
            return Ok(None);
        }
        let actual = self.offset + chunk.len() as u64;
        if let Some(expected) = self.total.filter(|total| actual > *total) {
            return Err(Mismatch::Length { expected, actual }.into());
        }
        if let Some(verifier) = &mut self.verifier {
            verifier.write(&chunk)?;
        }
        self.offset = actual;
        self.registry.tell(&Progress::Moved {
            digest: self.request.digest.clone(),
            bytes: self.offset,
            total: self.total,
        });
        Ok(Some(chunk))
    }

    /// The transfer was cut; the next look at it begins a new one.
    async fn cut(&mut self, why: io::Error) -> Result<(), Error> {
        self.body = None;
        if let Err(failures) = self.budget.spend(self.offset, None).await {
            let kind = match why.kind() {
                io::ErrorKind::TimedOut => TransportErrorKind::Timeout,
                _ => TransportErrorKind::Interrupted,
            };
            let last = Box::new(TransportError::new(kind, why).into());
            return Err(Error::GaveUp { failures, last });
        }
        self.registry.tell(&Progress::Resumed {
            digest: self.request.digest.clone(),
            offset: self.offset,
        });
        Ok(())
    }

    fn finish(&mut self) -> Result<Option<Bytes>, Error> {
        if let Some(verifier) = self.verifier.take() {
            verifier.verify()?;
            self.registry.tell(&Progress::Done {
                digest: self.request.digest.clone(),
            });
        }
        Ok(None)
    }
}
