//! Which files are known to hold what their digest says.
//!
//! A file that the system sends by itself is not looked at on the way. So it is handed out as a file only
//! if it still is what it was when its content was last hashed: when it was uploaded, or when it was read
//! through the hash. Everything else is read through the hash, and its last bytes are kept back until the
//! digest is right, so that nobody takes wrong bytes for the whole. What the medium changes behind the
//! system's back is not noticed here, nor a change within one tick of the file system's clock.

use std::collections::HashMap;
use std::io;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::{StreamExt, TryFutureExt, TryStreamExt};
use registry_protocol::Digest;
use registry_protocol::digest::Verifier;

use crate::domain::{ByteStream, SMALL_BLOB};
use crate::driver::{OpenFile, Reader, Stamp};
use crate::layout::paths;
use crate::shared::Shared;

/// How many files are remembered in each of two generations: some 10 MiB at most.
pub(super) const GENERATION: usize = 20_000;

/// The files whose content was hashed, by digest. It forgets those that nobody asked for in a long time.
#[derive(Debug, Default)]
pub(crate) struct Verified(Mutex<Generations>);

/// A file that is asked for moves to the young ones. When there are many of them they become the old ones,
/// and those that were old are forgotten.
#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Digest, Stamp>,
    old: HashMap<Digest, Stamp>,
}

impl Verified {
    fn generations(&self) -> MutexGuard<'_, Generations> {
        // Each change is one call of a map.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let generations = self.generations();
        generations.young.len() + generations.old.len()
    }

    /// Whether the file is one that was found to be right.
    pub(crate) fn knows(&self, digest: &Digest, file: &OpenFile) -> bool {
        let Some(stamp) = Stamp::of(file) else {
            return false;
        };
        let mut generations = self.generations();
        let known = match generations.young.get(digest) {
            Some(known) => *known,
            None => match generations.old.remove(digest) {
                Some(known) => {
                    generations.insert(digest.clone(), known);
                    known
                }
                None => return false,
            },
        };
        known == stamp
    }

    /// The file was hashed, or is what was hashed when it was written.
    pub(crate) fn record(&self, digest: &Digest, file: &OpenFile) {
        if let Some(stamp) = Stamp::of(file) {
            self.generations().insert(digest.clone(), stamp);
        }
    }

    /// Reads a file whole, its last bytes only if all are right, which is then remembered, unless it is so
    /// small that it is read each time.
    pub(super) fn check(self: Arc<Self>, digest: &Digest, reader: Arc<dyn Reader>) -> ByteStream {
        let length = reader.len();
        let file = reader.as_file().filter(|_| length > SMALL_BLOB);
        let verifier = Verifier::new(digest.clone()).map(|verifier| Checking {
            verifier: verifier.with_len(length),
            stamp: file.as_deref().and_then(Stamp::of),
            file,
            held: Bytes::new(),
            bytes: reader.stream(0..length).map_err(io::Error::from).boxed(),
            verified: self,
            digest: digest.clone(),
        });
        let start = async { verifier.map_err(io::Error::other) };
        let checking = start.map_ok(|checking| {
            futures_util::stream::try_unfold(Some(checking), |checking| async move {
                match checking {
                    Some(checking) => checking.next().await.map(Some),
                    None => Ok(None),
                }
            })
        });
        checking.try_flatten_stream().boxed()
    }
}

/// The content of `digest`, as it lies in its place now, was hashed on its way there.
pub(crate) async fn remember(shared: &Shared, digest: &Digest) {
    let opened = shared.store.driver().open(&paths::blob_data(digest)).await;
    if let Some(file) = opened.ok().and_then(|reader| reader.as_file()) {
        shared.verified.record(digest, &file);
    }
}

impl Generations {
    fn insert(&mut self, digest: Digest, stamp: Stamp) {
        if self.young.len() >= GENERATION {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(digest, stamp);
    }
}

/// A file on its way through the hash.
struct Checking {
    verifier: Verifier,
    file: Option<OpenFile>,
    /// Of the file before it was read.
    stamp: Option<Stamp>,
    /// What was hashed and not handed on.
    held: Bytes,
    bytes: ByteStream,
    verified: Arc<Verified>,
    digest: Digest,
}

impl Checking {
    /// The next bytes; with the last ones nothing is left of it.
    async fn next(mut self) -> io::Result<(Bytes, Option<Self>)> {
        while let Some(bytes) = self.bytes.try_next().await? {
            if bytes.is_empty() {
                continue;
            }
            self.verifier
                .write(&bytes)
                .map_err(|error| damaged(&self.digest, &error))?;
            let before = mem::replace(&mut self.held, bytes);
            if !before.is_empty() {
                return Ok((before, Some(self)));
            }
        }
        let Self {
            verifier,
            file,
            stamp,
            held,
            verified,
            digest,
            ..
        } = self;
        verifier
            .verify()
            .map_err(|error| damaged(&digest, &error))?;
        // A file that somebody writes to may have been right only while it was read.
        if let Some(file) = file
            && stamp.is_some()
            && Stamp::of(&file) == stamp
        {
            verified.record(&digest, &file);
        }
        Ok((held, None))
    }
}

/// Nobody but the operator can do something about it, so it is told here.
fn damaged(digest: &Digest, error: &dyn std::error::Error) -> io::Error {
    tracing::error!(%digest, %error, "the content of a blob is damaged");
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("content of {digest} is damaged"),
    )
}
