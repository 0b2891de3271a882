//! Short files that were read lately: links, which nearly every request follows.
//!
//! Whether a file still is the one that was read is told by its stamp, for which one call to the system is
//! enough; to read it takes three. So nothing has to be thrown away when something is written, by whomever.
//! Hazards: a file that is written to twice within one tick of the clock keeps its stamp, so that only what
//! was left alone for longer is remembered. And the call may wait for the disk, where the system has forgotten
//! meanwhile what was asked for a while ago.

use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::driver::{Key, Stamp};

/// So many bytes are remembered at most: some 20,000 links.
const MOST: u64 = 8 << 20;

/// What an entry takes beside its key and its content, about.
const ENTRY: usize = 128;

/// About how many files there are; only a hint.
const ITEMS: usize = 20_000;

/// The files that were read.
pub(super) struct Remembered(Cache<Key, Known, Weight>);

#[derive(Clone)]
struct Known {
    /// Of the file before it was read.
    stamp: Stamp,
    content: Bytes,
}

impl Default for Remembered {
    fn default() -> Self {
        Self(Cache::with_weighter(ITEMS, MOST, Weight))
    }
}

impl Remembered {
    /// The content of a file, if what has its name now is the file that was read.
    pub(super) fn get(&self, key: &Key, now: impl FnOnce() -> Option<Stamp>) -> Option<Bytes> {
        let known = self.0.get(key)?;
        (now()? == known.stamp).then_some(known.content)
    }

    /// Keeps the content of a file, which had this stamp before it was read.
    pub(super) fn keep(&self, key: &Key, stamp: Stamp, content: &[u8], now: Timestamp) {
        if stamp.is_settled(now) {
            let content = Bytes::copy_from_slice(content);
            self.0.insert(key.clone(), Known { stamp, content });
        }
    }
}

impl fmt::Debug for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Remembered").field(&self.0.len()).finish()
    }
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Known> for Weight {
    fn weight(&self, key: &Key, known: &Known) -> u64 {
        (ENTRY + key.as_str().len() + known.content.len()) as u64
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    fn key(text: &str) -> Key {
        Key::parse(text).unwrap()
    }

    fn stamp(path: &std::path::Path) -> Stamp {
        Stamp::of(&File::open(path).unwrap()).unwrap()
    }

    /// Long after anything that a test does.
    const LATER: Timestamp = Timestamp::MAX;

    #[test]
    fn a_file_is_remembered_while_its_name_leads_to_it() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        std::fs::write(&path, "content").unwrap();
        let (remembered, before) = (Remembered::default(), stamp(&path));
        remembered.keep(&key("file"), before, b"content", LATER);
        let get = |now| remembered.get(&key("file"), || now);
        assert_eq!(get(Some(before)).unwrap(), "content");
        assert_eq!(get(None), None);
        // Another one of the same length takes its place.
        let other = root.path().join("other");
        std::fs::write(&other, "CONTENT").unwrap();
        std::fs::rename(other, &path).unwrap();
        assert_eq!(get(Some(stamp(&path))), None);
        assert_eq!(remembered.get(&key("other"), || Some(before)), None);
    }

    #[test]
    fn what_may_be_written_to_without_a_trace_is_not_remembered() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        std::fs::write(&path, "content").unwrap();
        let (remembered, stamp) = (Remembered::default(), stamp(&path));
        remembered.keep(&key("file"), stamp, b"content", Timestamp::UNIX_EPOCH);
        assert_eq!(remembered.get(&key("file"), || Some(stamp)), None);
    }

    #[test]
    fn no_more_bytes_are_remembered_than_are_allowed() {
        let root = tempfile::tempdir().unwrap();
        let (remembered, stamp) = (Remembered::default(), stamp(root.path()));
        let content = [1; 500];
        for number in 0..50_000 {
            remembered.keep(&key(&format!("file-{number}")), stamp, &content, LATER);
        }
        assert!(remembered.0.weight() <= MOST, "{}", remembered.0.weight());
        assert!(remembered.0.len() > 5000);
    }
}
