//! Storage in memory: for tests, and for trying things out. It ends with the process.
//!
//! It behaves as the file system does, down to directories that stay when their last file is gone, so
//! that what works here works there. The other way round, `suite` is the judge.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::{Bound, Range};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::{Bytes, BytesMut};

use super::{
    AppendOptions, Appender, ByteStream, Capability, Condition, DeleteOptions, DriverError, Entry,
    Key, Kind, ListOptions, Listing, Operation, Pending, PutOptions, ReadOptions, Reader,
    RenameOptions, Stat, StorageDriver, Tap,
};
use crate::clock::{Clock, SystemClock};

const NAME: &str = "inmemory";

/// Files in a map.
#[derive(Debug)]
pub struct Memory {
    tree: Mutex<Tree>,
    clock: Arc<dyn Clock>,
}

impl Memory {
    /// An empty storage. The clock says when a file is written.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            tree: Mutex::new(Tree::new()),
            clock,
        }
    }

    fn now(&self) -> SystemTime {
        // Every system on which this runs counts as far as the clock does.
        SystemTime::try_from(self.clock.now()).unwrap_or(SystemTime::UNIX_EPOCH)
    }

    fn tree(&self) -> MutexGuard<'_, Tree> {
        held(&self.tree)
    }
}

impl Default for Memory {
    /// An empty storage, by the clock of the system.
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

/// What is behind a lock is whole between any two statements, so a panic elsewhere spoils nothing.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn other(operation: Operation, kind: io::ErrorKind) -> DriverError {
    DriverError::Other {
        operation,
        driver: NAME,
        source: Box::new(io::Error::from(kind)),
    }
}

fn not_found(key: &Key) -> DriverError {
    DriverError::NotFound { key: key.clone() }
}

#[derive(Debug, Clone)]
enum Node {
    File(Arc<Stored>),
    Directory,
}

/// A file apart from its name: it stays whole for its readers when the name goes to another.
#[derive(Debug)]
struct Stored {
    content: Mutex<(Bytes, SystemTime)>,
    /// Whether an appender lives.
    taken: AtomicBool,
}

impl Stored {
    fn new(content: Bytes, now: SystemTime) -> Arc<Self> {
        Arc::new(Self {
            content: Mutex::new((content, now)),
            taken: AtomicBool::new(false),
        })
    }

    fn get(&self) -> (Bytes, SystemTime) {
        held(&self.content).clone()
    }

    fn is_taken(&self) -> bool {
        self.taken.load(Ordering::Acquire)
    }
}

/// The children of each directory, by name.
#[derive(Debug)]
struct Tree(BTreeMap<Key, BTreeMap<String, Node>>);

impl Tree {
    fn new() -> Self {
        Self(BTreeMap::from([(Key::root(), BTreeMap::new())]))
    }

    fn node(&self, key: &Key) -> Option<Node> {
        let (Some(parent), Some(name)) = (key.parent(), key.name()) else {
            return Some(Node::Directory);
        };
        self.0.get(&parent)?.get(name).cloned()
    }

    fn file(&self, key: &Key) -> Result<Arc<Stored>, DriverError> {
        match self.node(key) {
            Some(Node::File(file)) => Ok(file),
            _ => Err(not_found(key)),
        }
    }

    /// The children of the directory of `key`, which is made where it is missing.
    fn siblings(
        &mut self,
        key: &Key,
        operation: Operation,
    ) -> Result<&mut BTreeMap<String, Node>, DriverError> {
        let mut directory = Key::root();
        let parent = key.parent().unwrap_or_default();
        for name in parent.segments() {
            let child = directory
                .child(name)
                .map_err(|_| other(operation, io::ErrorKind::InvalidInput))?;
            let siblings = self.0.entry(directory).or_default();
            let node = siblings.entry(name.to_owned()).or_insert(Node::Directory);
            if matches!(node, Node::File(_)) {
                return Err(other(operation, io::ErrorKind::NotADirectory));
            }
            directory = child;
        }
        Ok(self.0.entry(directory).or_default())
    }

    /// Gives a file a name.
    fn place(
        &mut self,
        key: &Key,
        file: Arc<Stored>,
        condition: Condition,
        operation: Operation,
    ) -> Result<(), DriverError> {
        match self.node(key) {
            Some(_) if condition == Condition::Absent => {
                return Err(DriverError::AlreadyExists { key: key.clone() });
            }
            Some(Node::Directory) => return Err(other(operation, io::ErrorKind::IsADirectory)),
            _ => {}
        }
        let name = key.name().unwrap_or_default().to_owned();
        let siblings = self.siblings(key, operation)?;
        siblings.insert(name, Node::File(file));
        Ok(())
    }

    fn remove(&mut self, key: &Key) {
        if let (Some(parent), Some(name)) = (key.parent(), key.name())
            && let Some(siblings) = self.0.get_mut(&parent)
        {
            siblings.remove(name);
        }
    }

    fn list(&self, key: &Key, options: &ListOptions) -> Result<Listing, DriverError> {
        let children = self.0.get(key).ok_or_else(|| not_found(key))?;
        let start = match &options.start_after {
            Some(name) => Bound::Excluded(name.as_str()),
            None => Bound::Unbounded,
        };
        let mut rest = children.range::<str, _>((start, Bound::Unbounded));
        let limit = options.limit.unwrap_or(usize::MAX);
        let entries = rest.by_ref().take(limit).map(|(name, node)| Entry {
            name: name.clone(),
            kind: match node {
                Node::File(_) => Kind::File,
                Node::Directory => Kind::Directory,
            },
        });
        let entries = entries.collect();
        Ok(Listing::new(entries, rest.next().is_some()))
    }
}

impl StorageDriver for Memory {
    fn name(&self) -> &'static str {
        NAME
    }

    fn can(&self, capability: Capability) -> bool {
        matches!(
            capability,
            Capability::Append
                | Capability::Rename
                | Capability::CreateOnly
                | Capability::EmptyDirectories
        )
    }

    fn read<'a>(&'a self, key: &'a Key, options: ReadOptions) -> Pending<'a, Bytes> {
        Box::pin(async move {
            let (content, _) = self.tree().file(key)?.get();
            if content.len() as u64 > options.limit {
                return Err(DriverError::TooLarge {
                    key: key.clone(),
                    limit: options.limit,
                });
            }
            Ok(content)
        })
    }

    fn open<'a>(&'a self, key: &'a Key) -> Pending<'a, Arc<dyn Reader>> {
        Box::pin(async move {
            let (content, modified) = self.tree().file(key)?.get();
            Ok(Arc::new(MemoryReader { content, modified }) as Arc<dyn Reader>)
        })
    }

    fn stat<'a>(&'a self, key: &'a Key) -> Pending<'a, Stat> {
        Box::pin(async move {
            match self.tree().node(key) {
                Some(Node::File(file)) => {
                    let (content, modified) = file.get();
                    Ok(Stat::file(content.len() as u64, Some(modified)))
                }
                Some(Node::Directory) => Ok(Stat::directory(None)),
                None => Err(not_found(key)),
            }
        })
    }

    fn list<'a>(&'a self, key: &'a Key, options: ListOptions) -> Pending<'a, Listing> {
        Box::pin(async move { self.tree().list(key, &options) })
    }

    fn put<'a>(&'a self, key: &'a Key, content: Bytes, options: PutOptions) -> Pending<'a, ()> {
        Box::pin(async move {
            let file = Stored::new(content, self.now());
            let mut tree = self.tree();
            tree.place(key, file, options.condition, Operation::Put)
        })
    }

    fn append<'a>(
        &'a self,
        key: &'a Key,
        options: AppendOptions,
    ) -> Pending<'a, Box<dyn Appender>> {
        Box::pin(async move {
            let now = self.now();
            let file = self.appended(key, options, now)?;
            if file.taken.swap(true, Ordering::AcqRel) {
                return Err(DriverError::Busy { key: key.clone() });
            }
            let appender = MemoryAppender {
                file,
                now,
                offset: options.offset,
                pending: BytesMut::new(),
                tap: None,
            };
            let mut content = held(&appender.file.content);
            let actual = content.0.len() as u64;
            if actual < options.offset || (actual > options.offset && !options.cut) {
                return Err(invalid_offset(key, options.offset, actual));
            }
            content.0 = prefix(&content.0, options.offset);
            drop(content);
            Ok(Box::new(appender) as Box<dyn Appender>)
        })
    }

    fn rename<'a>(&'a self, from: &'a Key, to: &'a Key, options: RenameOptions) -> Pending<'a, ()> {
        Box::pin(async move {
            let mut tree = self.tree();
            let file = tree.file(from)?;
            if file.is_taken() {
                return Err(DriverError::Busy { key: from.clone() });
            }
            tree.place(to, file, options.condition, Operation::Rename)?;
            if from != to {
                tree.remove(from);
            }
            Ok(())
        })
    }

    fn delete<'a>(&'a self, key: &'a Key) -> Pending<'a, ()> {
        Box::pin(async move {
            let mut tree = self.tree();
            tree.file(key)?;
            tree.remove(key);
            Ok(())
        })
    }

    fn delete_tree<'a>(&'a self, key: &'a Key, _: DeleteOptions) -> Pending<'a, ()> {
        Box::pin(async move {
            if key.is_root() {
                return Err(DriverError::NotSupported {
                    operation: Operation::DeleteTree,
                    driver: NAME,
                });
            }
            let mut tree = self.tree();
            tree.node(key).ok_or_else(|| not_found(key))?;
            tree.remove(key);
            tree.0
                .retain(|directory, _| directory != key && !directory.is_below(key));
            Ok(())
        })
    }
}

impl Memory {
    /// The file to append to, made if the append begins at 0.
    fn appended(
        &self,
        key: &Key,
        options: AppendOptions,
        now: SystemTime,
    ) -> Result<Arc<Stored>, DriverError> {
        let mut tree = self.tree();
        match tree.node(key) {
            Some(Node::File(file)) => Ok(file),
            Some(Node::Directory) => Err(other(Operation::Append, io::ErrorKind::IsADirectory)),
            None if options.offset > 0 => Err(invalid_offset(key, options.offset, 0)),
            None => {
                let file = Stored::new(Bytes::new(), now);
                tree.place(key, file.clone(), Condition::Any, Operation::Append)?;
                Ok(file)
            }
        }
    }
}

fn invalid_offset(key: &Key, expected: u64, actual: u64) -> DriverError {
    DriverError::InvalidOffset {
        key: key.clone(),
        expected,
        actual,
    }
}

/// The first bytes, of what is at least that long.
fn prefix(content: &Bytes, len: u64) -> Bytes {
    usize::try_from(len).map_or_else(|_| content.clone(), |len| content.slice(..len))
}

#[derive(Debug)]
struct MemoryReader {
    content: Bytes,
    modified: SystemTime,
}

impl Reader for MemoryReader {
    fn len(&self) -> u64 {
        self.content.len() as u64
    }

    fn modified(&self) -> Option<SystemTime> {
        Some(self.modified)
    }

    fn read_at(&self, offset: u64, length: usize) -> Pending<'_, Bytes> {
        let end = self.content.len();
        let start = usize::try_from(offset).map_or(end, |offset| offset.min(end));
        let part = self
            .content
            .slice(start..end.min(start.saturating_add(length)));
        Box::pin(std::future::ready(Ok(part)))
    }

    fn stream(self: Arc<Self>, range: Range<u64>) -> ByteStream {
        // In pieces, as other drivers give it, so that nobody gets used to one.
        const PIECE: usize = 256 * 1024;
        let range = usize::try_from(range.start)
            .ok()
            .zip(usize::try_from(range.end).ok());
        let part = range.filter(|(start, end)| start <= end && *end <= self.content.len());
        let Some((start, end)) = part else {
            let error = other(Operation::ReadAt, io::ErrorKind::UnexpectedEof);
            return Box::pin(futures_util::stream::once(async { Err(error) }));
        };
        let mut rest = self.content.slice(start..end);
        Box::pin(futures_util::stream::iter(std::iter::from_fn(move || {
            let piece = rest.split_to(PIECE.min(rest.len()));
            (!piece.is_empty()).then_some(Ok(piece))
        })))
    }
}

struct MemoryAppender {
    file: Arc<Stored>,
    now: SystemTime,
    offset: u64,
    pending: BytesMut,
    tap: Option<Tap>,
}

impl MemoryAppender {
    fn flush(&mut self) -> u64 {
        if !self.pending.is_empty() {
            let mut content = held(&self.file.content);
            let whole = [content.0.as_ref(), self.pending.as_ref()].concat();
            *content = (whole.into(), self.now);
            self.pending.clear();
        }
        self.offset
    }
}

impl fmt::Debug for MemoryAppender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryAppender")
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

impl Drop for MemoryAppender {
    fn drop(&mut self) {
        self.file.taken.store(false, Ordering::Release);
    }
}

impl Appender for MemoryAppender {
    fn offset(&self) -> u64 {
        self.offset
    }

    fn tap(&mut self, tap: Tap) {
        self.tap = Some(tap);
    }

    fn write(&mut self, data: Bytes) -> Pending<'_, ()> {
        Box::pin(async move {
            if let Some(tap) = &mut self.tap {
                tap(&data);
            }
            self.pending.extend_from_slice(&data);
            self.offset += data.len() as u64;
            Ok(())
        })
    }

    fn sync(&mut self) -> Pending<'_, u64> {
        Box::pin(async move { Ok(self.flush()) })
    }

    fn finish(mut self: Box<Self>) -> Pending<'static, u64> {
        Box::pin(async move { Ok(self.flush()) })
    }
}
