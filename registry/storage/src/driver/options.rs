//! What the operations of a driver take and give. Fields are only ever added.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::Key;

/// What a driver may or may not be able to do; callers ask, and never look at the driver's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// `append` adds to a file.
    Append,
    /// `rename` is one atomic step, whatever the length of the file.
    Rename,
    /// `put` and `rename` with `Condition::Absent` are atomic.
    CreateOnly,
    /// `redirect_url` may give a URL.
    RedirectUrl,
    /// A directory that lost its last file is still listed, as empty.
    EmptyDirectories,
    /// What was acknowledged survives the end of the process.
    Persistent,
}

/// How a small file is read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadOptions {
    /// A longer file is `TooLarge`; no more than this is ever held.
    pub limit: u64,
}

impl ReadOptions {
    /// At most `limit` bytes.
    pub const fn new(limit: u64) -> Self {
        Self { limit }
    }
}

/// Which part of a directory is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListOptions {
    /// Only names that sort after this one, byte by byte; it need not exist.
    pub start_after: Option<String>,
    /// At most so many names. It is never allocated for in advance.
    pub limit: Option<usize>,
}

impl ListOptions {
    /// The whole directory.
    pub fn all() -> Self {
        Self::default()
    }

    /// A page: at most `limit` names after `start_after`.
    pub fn page(start_after: Option<&str>, limit: usize) -> Self {
        Self {
            start_after: start_after.map(str::to_owned),
            limit: Some(limit),
        }
    }
}

/// When a write may replace what is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// A file of that key is replaced, in one step.
    #[default]
    Any,
    /// Something of that key is `AlreadyExists`. Of several at once exactly one succeeds.
    Absent,
}

/// How a small file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutOptions {
    /// Whether it may replace a file.
    pub condition: Condition,
    /// Whether a power cut may take it back: then the file may be gone, or there and empty. It is still
    /// seen whole or not at all.
    pub volatile: bool,
}

impl PutOptions {
    /// Replaces what is there.
    pub const fn replace() -> Self {
        Self {
            condition: Condition::Any,
            volatile: false,
        }
    }

    /// Creates, and replaces nothing.
    pub const fn create() -> Self {
        Self {
            condition: Condition::Absent,
            volatile: false,
        }
    }

    /// Replaces what is there, until a power cut.
    pub const fn volatile() -> Self {
        Self {
            condition: Condition::Any,
            volatile: true,
        }
    }
}

/// How a directory is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteOptions {
    /// Whether a power cut may bring it back.
    pub volatile: bool,
}

impl DeleteOptions {
    /// For good.
    pub const fn durable() -> Self {
        Self { volatile: false }
    }

    /// Until a power cut, perhaps.
    pub const fn volatile() -> Self {
        Self { volatile: true }
    }
}

/// One of the changes that `publish` makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A small file is written whole, whatever was there.
    Put(Key, Bytes),
    /// As `Put`, of what can have no other content under this key: a file that has it is kept.
    Ensure(Key, Bytes),
    /// A file gets another key, whatever was there. Its content is made durable before.
    Rename(Key, Key),
    /// A file that is there is made sure of: whoever put it there may not be through yet.
    Keep(Key),
    /// The content of a file that an appender closed is made durable.
    Sync(Key),
    /// What is left of something that is over is deleted, file or directory. If it stays, or comes back after
    /// a power cut, nobody minds.
    Discard(Key),
}

impl Change {
    /// What is changed.
    pub const fn key(&self) -> &Key {
        match self {
            Self::Put(key, _)
            | Self::Ensure(key, _)
            | Self::Rename(_, key)
            | Self::Keep(key)
            | Self::Sync(key)
            | Self::Discard(key) => key,
        }
    }
}

/// How a file is renamed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RenameOptions {
    /// Whether it may replace a file.
    pub condition: Condition,
}

impl RenameOptions {
    /// Replaces what is there.
    pub const fn replace() -> Self {
        Self {
            condition: Condition::Any,
        }
    }

    /// Replaces nothing.
    pub const fn create() -> Self {
        Self {
            condition: Condition::Absent,
        }
    }
}

/// Where an append begins. A file that does not exist has the length 0 and is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppendOptions {
    /// Where the file ends, as the caller knows it. A shorter file is `InvalidOffset`.
    pub offset: u64,
    /// Whether a longer file is cut back to `offset`; otherwise it is `InvalidOffset` too.
    pub cut: bool,
    /// Where the file is going to end, if that is known. A storage that lacks the room may say so at once,
    /// and one that has it may put it aside.
    pub expected: Option<u64>,
}

impl AppendOptions {
    /// The file ends at `offset`, or the append is refused.
    pub const fn at(offset: u64) -> Self {
        Self {
            offset,
            cut: false,
            expected: None,
        }
    }

    /// What lies beyond `offset` was never acknowledged, and is cut off.
    pub const fn cut_to(offset: u64) -> Self {
        Self {
            cut: true,
            ..Self::at(offset)
        }
    }

    /// The file is going to end there, as far as is known.
    #[must_use]
    pub const fn expecting(self, expected: Option<u64>) -> Self {
        Self { expected, ..self }
    }
}

/// What a redirect is for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedirectOptions {
    /// The method of the request that would follow it, such as `GET`.
    pub method: String,
    /// How long the URL has to work.
    pub valid_for: Duration,
}

impl RedirectOptions {
    /// A URL for requests of one method, for a time.
    pub fn new(method: impl Into<String>, valid_for: Duration) -> Self {
        Self {
            method: method.into(),
            valid_for,
        }
    }
}

/// Whether something is a file or a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A file.
    File,
    /// A directory.
    Directory,
}

/// What is known of a file or directory without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stat {
    /// File or directory.
    pub kind: Kind,
    /// The length in bytes; 0 for a directory.
    pub len: u64,
    /// When it was last written, where the storage knows.
    pub modified: Option<SystemTime>,
}

impl Stat {
    /// Of a file of that length.
    pub const fn file(len: u64, modified: Option<SystemTime>) -> Self {
        Self {
            kind: Kind::File,
            len,
            modified,
        }
    }

    /// Of a directory.
    pub const fn directory(modified: Option<SystemTime>) -> Self {
        Self {
            kind: Kind::Directory,
            len: 0,
            modified,
        }
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.kind == Kind::Directory
    }
}

/// A child of a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name: always a segment that a key may have.
    pub name: String,
    /// File or directory.
    pub kind: Kind,
}

/// Children of a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listing {
    /// Sorted by name, byte by byte, and without repetition.
    pub entries: Vec<Entry>,
    /// Whether there are more after the last one.
    pub more: bool,
}

impl Listing {
    /// What a driver found.
    pub fn new(entries: Vec<Entry>, more: bool) -> Self {
        Self { entries, more }
    }

    /// The names alone.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }
}
