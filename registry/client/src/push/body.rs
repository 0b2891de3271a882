//! The body of one request of a push, and what became of its source.
//!
//! A transport knows only that a body broke off. Whether the connection did, or the source, is the
//! difference between trying again and giving up; so the source's own error is kept aside.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use api_runtime::{Body, BodyStream};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

/// Where the error of a source is kept.
#[derive(Clone, Default)]
pub(super) struct Fault(Arc<Mutex<Option<io::Error>>>);

impl Fault {
    /// The error, if the source was at fault.
    pub(super) fn take(&self) -> Option<io::Error> {
        self.slot().take()
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<io::Error>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps `error`, and gives another one of its kind.
    fn keep(&self, error: io::Error) -> io::Error {
        let kind = error.kind();
        *self.slot() = Some(error);
        kind.into()
    }
}

/// The first `len` bytes of `source`. `moved` is told how many were taken so far.
pub(super) fn body(
    source: BodyStream,
    len: u64,
    fault: Fault,
    moved: impl FnMut(u64) + Send + 'static,
) -> Body {
    let reading = Reading {
        source,
        left: len,
        len,
        fault,
        moved,
    };
    let chunks = stream::try_unfold(reading, |mut reading| async {
        Ok(reading.next().await?.map(|chunk| (chunk, reading)))
    });
    Body::stream(Some(len), chunks.boxed())
}

struct Reading<M> {
    source: BodyStream,
    left: u64,
    len: u64,
    fault: Fault,
    moved: M,
}

impl<M: FnMut(u64)> Reading<M> {
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.left == 0 {
            return Ok(None);
        }
        match self.source.next().await {
            Some(Ok(mut chunk)) => {
                let most = usize::try_from(self.left).unwrap_or(usize::MAX);
                chunk.truncate(most);
                self.left -= chunk.len() as u64;
                (self.moved)(self.len - self.left);
                Ok(Some(chunk))
            }
            Some(Err(error)) => Err(self.fault.keep(error)),
            None => {
                let short = io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "it has fewer bytes than it had when the push began",
                );
                Err(self.fault.keep(short))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(chunks: &'static [&'static str], len: u64) -> (io::Result<Bytes>, Fault) {
        let chunks = stream::iter(chunks).map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())));
        let fault = Fault::default();
        let body = body(chunks.boxed(), len, fault.clone(), |_| ());
        let bytes = body.collect(100).await.map_err(io::Error::other);
        (bytes, fault)
    }

    #[tokio::test]
    async fn no_more_is_read_than_is_sent() {
        let (bytes, fault) = read(&["abc", "def"], 4).await;
        assert_eq!(bytes.unwrap(), "abcd");
        assert!(fault.take().is_none());
    }

    #[tokio::test]
    async fn a_source_that_became_shorter_is_at_fault() {
        let (bytes, fault) = read(&["abc"], 4).await;
        bytes.unwrap_err();
        assert_eq!(fault.take().unwrap().kind(), io::ErrorKind::UnexpectedEof);
    }
}
