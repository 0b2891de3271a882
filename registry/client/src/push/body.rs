//! The body of one request of a push, and what became of its source.
//!
//! A transport knows only that a body broke off. Whether the connection did, or the source, is the
//! difference between trying again and giving up; so the source's own error is kept aside. So is how much
//! the connection took, which is not yet what the registry got.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api_runtime::{Body, BodyStream};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

/// What becomes of a body while it is sent.
#[derive(Clone, Default)]
pub(super) struct Sending(Arc<Known>);

#[derive(Default)]
struct Known {
    fault: Mutex<Option<io::Error>>,
    taken: AtomicU64,
}

impl Sending {
    /// The error of the source, if that was at fault.
    pub(super) fn fault(&self) -> Option<io::Error> {
        self.slot().take()
    }

    /// How many bytes the connection took.
    pub(super) fn taken(&self) -> u64 {
        self.0.taken.load(Ordering::Relaxed)
    }

    fn slot(&self) -> MutexGuard<'_, Option<io::Error>> {
        self.0.fault.lock().unwrap_or_else(PoisonError::into_inner)
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
    sending: Sending,
    moved: impl FnMut(u64) + Send + 'static,
) -> Body {
    let reading = Reading {
        source,
        left: len,
        sending,
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
    sending: Sending,
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
                let len = chunk.len() as u64;
                self.left -= len;
                let before = self.sending.0.taken.fetch_add(len, Ordering::Relaxed);
                (self.moved)(before + len);
                Ok(Some(chunk))
            }
            Some(Err(error)) => Err(self.sending.keep(error)),
            None => {
                let short = io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "it has fewer bytes than it had when the push began",
                );
                Err(self.sending.keep(short))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(chunks: &'static [&'static str], len: u64) -> (io::Result<Bytes>, Sending) {
        let chunks = stream::iter(chunks).map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())));
        let sending = Sending::default();
        let body = body(chunks.boxed(), len, sending.clone(), |_| ());
        let bytes = body.collect(100).await.map_err(io::Error::other);
        (bytes, sending)
    }

    #[tokio::test]
    async fn no_more_is_read_than_is_sent() {
        let (bytes, sending) = read(&["abc", "def"], 4).await;
        assert_eq!(bytes.unwrap(), "abcd");
        assert!(sending.fault().is_none());
    }

    #[tokio::test]
    async fn a_source_that_became_shorter_is_at_fault() {
        let (bytes, sending) = read(&["abc"], 4).await;
        bytes.unwrap_err();
        assert_eq!(
            sending.fault().unwrap().kind(),
            io::ErrorKind::UnexpectedEof
        );
    }
}
