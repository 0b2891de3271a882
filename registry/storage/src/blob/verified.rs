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
use registry_protocol::digest::{Hasher, Verifier};

use super::content;
use crate::domain::{ByteStream, SMALL_BLOB};
use crate::driver::{OpenFile, Reader, Stamp};
use crate::error::Fault;
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
    young: HashMap<Digest, Seen>,
    old: HashMap<Digest, Seen>,
}

/// What a file was when it was hashed, and whether it was right.
#[derive(Debug, Clone, Copy)]
struct Seen {
    stamp: Stamp,
    is_right: bool,
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
        self.verdict(digest, file) == Some(true)
    }

    /// Whether what is open was found to be wrong.
    pub(super) fn is_wrong(&self, digest: &Digest, reader: &Arc<dyn Reader>) -> bool {
        self.found_wrong(digest)
            && (reader.as_file()).is_some_and(|file| self.verdict(digest, &file) == Some(false))
    }

    /// Whether some file was, which may be another one by now.
    fn found_wrong(&self, digest: &Digest) -> bool {
        (self.generations().get(digest)).is_some_and(|seen| !seen.is_right)
    }

    /// What was found of the file, if it is still the same.
    fn verdict(&self, digest: &Digest, file: &OpenFile) -> Option<bool> {
        let stamp = Stamp::of(file)?;
        let seen = self.generations().get(digest)?;
        (seen.stamp == stamp).then_some(seen.is_right)
    }

    /// The file was hashed, or is what was hashed when it was written.
    pub(crate) fn record(&self, digest: &Digest, file: &OpenFile) {
        if let Some(stamp) = Stamp::of(file) {
            self.insert(digest, stamp, true);
        }
    }

    fn insert(&self, digest: &Digest, stamp: Stamp, is_right: bool) {
        let seen = Seen { stamp, is_right };
        self.generations().insert(digest.clone(), seen);
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

/// Whether what lies under `place` is the content of `digest`. It is hashed, unless it was before.
pub(crate) async fn holds(shared: &Shared, place: &Digest, digest: &Digest) -> Result<bool, Fault> {
    let Some(reader) = content::open(&shared.store, place).await? else {
        return Ok(false);
    };
    let Ok(kind) = digest.kind() else {
        return Ok(false);
    };
    let file = reader.as_file();
    if let Some(verdict) = file
        .as_ref()
        .and_then(|file| shared.verified.verdict(digest, file))
    {
        return Ok(verdict);
    }
    let stamp = file.as_deref().and_then(Stamp::of);
    let (mut hasher, length) = (Hasher::new(kind), reader.len());
    let mut bytes = reader.stream(0..length);
    while let Some(bytes) = bytes.try_next().await? {
        hasher.update(&bytes);
    }
    let is_right = hasher.digest() == *digest;
    if let Some(stamp) = stamp
        && file.as_deref().and_then(Stamp::of) == Some(stamp)
    {
        shared.verified.insert(digest, stamp, is_right);
    }
    if !is_right {
        tracing::error!(%digest, %place, "other content lies where a digest was expected");
    }
    Ok(is_right)
}

/// Whether what lies under `place` was hashed before, and found to be other content than that of `digest`.
pub(super) async fn is_wrong(
    shared: &Shared,
    place: &Digest,
    digest: &Digest,
) -> Result<bool, Fault> {
    // Mostly there is nothing to be opened for.
    if !shared.verified.found_wrong(digest) {
        return Ok(false);
    }
    let reader = content::open(&shared.store, place).await?;
    Ok(reader.is_some_and(|reader| shared.verified.is_wrong(digest, &reader)))
}

impl Generations {
    fn get(&mut self, digest: &Digest) -> Option<Seen> {
        if let Some(seen) = self.young.get(digest) {
            return Some(*seen);
        }
        let (digest, seen) = self.old.remove_entry(digest)?;
        self.insert(digest, seen);
        Some(seen)
    }

    fn insert(&mut self, digest: Digest, seen: Seen) {
        if self.young.len() >= GENERATION {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(digest, seen);
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
