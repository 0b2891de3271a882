//! The disk under a storage: every call that changes something goes through here, as a step.
//!
//! A probe sees each step before it is done, and may refuse it: tests look at the order of writes and
//! syncs, and let any one of them fail.

use std::fmt;
use std::fs::File;
use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, OFlags};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::alike::Alike;
use super::directories::Unsynced;
use super::remembered::Remembered;
use super::side_by_side::Waiting;
use super::system::{self, DIRECTORY, DIRECTORY_MODE, READ};
use super::{Durability, FilesystemOptions};
use crate::clock::Clock;
use crate::driver::{Key, Stamp};

/// Something that is about to be done to the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// A directory is made.
    MakeDirectory(Key),
    /// A file is created, unless it is there already.
    Create(Key),
    /// Bytes are written to a file.
    Write {
        /// The file.
        key: Key,
        /// Where they begin.
        offset: u64,
        /// How many there are.
        len: u64,
    },
    /// Room is put aside behind what is in a file.
    Reserve {
        /// The file.
        key: Key,
        /// Where it begins.
        offset: u64,
        /// How much it is.
        len: u64,
    },
    /// A file is cut to a length.
    Cut {
        /// The file.
        key: Key,
        /// What is left.
        len: u64,
    },
    /// A file is made durable.
    SyncFile(Key),
    /// The entries of a directory are made durable.
    SyncDirectory(Key),
    /// A file or directory gets another name.
    Rename {
        /// The name it had.
        from: Key,
        /// The name it gets.
        to: Key,
        /// Whether something of that name is replaced.
        replace: bool,
    },
    /// A file gets one more name, which nothing had.
    Link {
        /// A name that it has.
        from: Key,
        /// The name it gets.
        to: Key,
    },
    /// A name is removed.
    Unlink(Key),
    /// A directory that nobody sees any more is removed with what is in it.
    RemoveTree(Key),
}

/// So many uploads write at once, each on a thread that blocks: there are more of those, and what is short
/// must not wait behind what is long.
const WRITERS: usize = 64;

/// Sees each step; its error is taken for that of the disk.
pub type Probe = Arc<dyn Fn(&Step) -> io::Result<()> + Send + Sync>;

/// An open directory.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) fd: OwnedFd,
    pub(super) key: Key,
}

impl Directory {
    fn child(&self, name: &str) -> Key {
        self.key.child(name).unwrap_or_default()
    }
}

/// An open root.
pub(super) struct Disk {
    root: OwnedFd,
    path: PathBuf,
    temporary: Key,
    durable: bool,
    probe: Option<Probe>,
    pub(super) unsynced: Unsynced,
    pub(super) alike: Alike,
    writers: Arc<Semaphore>,
    pub(super) waiting: Waiting,
    remembered: Remembered,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk")
            .field("path", &self.path)
            .field("durable", &self.durable)
            .finish_non_exhaustive()
    }
}

impl Disk {
    /// Opens the root, and makes it where it is missing.
    pub(super) fn open(options: FilesystemOptions) -> io::Result<Self> {
        let durable = options.durability == Durability::Full;
        make_root(&options.root, durable)?;
        let path = options.root.canonicalize()?;
        let root = OwnedFd::from(File::open(&path)?);
        if durable {
            // A process that was killed may have left directories that are not durable yet; what is
            // built on them from here on has to be.
            system::sync_all_of(&root)?;
        }
        Ok(Self {
            root,
            path,
            temporary: options.temporary,
            durable,
            probe: options.probe,
            unsynced: Unsynced::default(),
            alike: Alike::default(),
            writers: Arc::new(Semaphore::new(WRITERS)),
            waiting: Waiting::default(),
            remembered: Remembered::default(),
            clock: options.clock,
        })
    }

    /// Waits for a turn to write much, on a blocking thread. It is never refused.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        self.writers.clone().acquire_owned().await.ok()
    }

    pub(super) fn is_durable(&self) -> bool {
        self.durable
    }

    /// Where files lie that are not written to the end yet.
    pub(super) fn temporary(&self) -> &Key {
        &self.temporary
    }

    /// The path of a key, for what takes nothing but paths.
    pub(super) fn path_of(&self, key: &Key) -> PathBuf {
        self.path.join(key.as_str())
    }

    pub(super) fn open_as(&self, key: &Key, flags: OFlags) -> io::Result<OwnedFd> {
        system::open_below(&self.root, key.as_str(), flags)
    }

    /// `WouldBlock` where that would have to wait for the disk.
    pub(super) fn open_cached(&self, key: &Key, flags: OFlags) -> io::Result<OwnedFd> {
        system::open_cached(&self.root, key.as_str(), flags)
    }

    /// The content of a short file, if it is known and the file is still the same.
    pub(super) fn remembered(&self, key: &Key) -> Option<Bytes> {
        let now = || Stamp::at(&self.root, key.as_str());
        self.remembered.get(key, now)
    }

    /// Keeps the content of a short file, which had this stamp before it was read.
    pub(super) fn remember(&self, key: &Key, stamp: Stamp, content: &[u8]) {
        self.remembered.keep(key, stamp, content, self.clock.now());
    }

    pub(super) fn open_to_read(&self, key: &Key) -> io::Result<File> {
        Ok(File::from(self.open_as(key, READ)?))
    }

    pub(super) fn directory(&self, key: &Key) -> io::Result<Directory> {
        let fd = self.open_as(key, DIRECTORY)?;
        let key = key.clone();
        Ok(Directory { fd, key })
    }

    /// The directory that something lies in, and its name there. The root lies in none.
    pub(super) fn place_of<'k>(&self, key: &'k Key) -> io::Result<(Directory, &'k str)> {
        let (parent, name) = split(key).map_err(|_| io::Error::from(rustix::io::Errno::NOENT))?;
        Ok((self.directory(&parent)?, name))
    }

    fn step(&self, step: impl FnOnce() -> Step) -> io::Result<()> {
        self.probe.as_ref().map_or(Ok(()), |probe| probe(&step()))
    }

    /// Makes a directory in another; that it exists is no error.
    pub(super) fn make_directory(&self, parent: &Directory, name: &str) -> io::Result<Directory> {
        let key = parent.child(name);
        self.step(|| Step::MakeDirectory(key.clone()))?;
        match rustix::fs::mkdirat(&parent.fd, name, DIRECTORY_MODE) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        let fd = system::open_below(&parent.fd, name, DIRECTORY)?;
        Ok(Directory { fd, key })
    }

    pub(super) fn open_to_write(
        &self,
        directory: &Directory,
        name: &str,
        flags: OFlags,
    ) -> io::Result<File> {
        if flags.contains(OFlags::CREATE) {
            self.step(|| Step::Create(directory.child(name)))?;
        }
        system::open_to_write(&directory.fd, name, flags)
    }

    /// Writes all parts one after the other.
    pub(super) fn write(
        &self,
        file: &File,
        key: &Key,
        parts: &[Bytes],
        mut offset: u64,
    ) -> io::Result<()> {
        // As many as the system takes in one call.
        const AT_ONCE: usize = 1024;
        for parts in parts.chunks(AT_ONCE) {
            let mut slices: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
            let mut slices = slices.as_mut_slice();
            IoSlice::advance_slices(&mut slices, 0);
            self.step(|| Step::Write {
                key: key.clone(),
                offset,
                len: slices.iter().map(|slice| slice.len() as u64).sum(),
            })?;
            while !slices.is_empty() {
                let written = match rustix::io::pwritev(file, slices, offset) {
                    Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                    Ok(written) => written,
                    Err(rustix::io::Errno::INTR) => continue,
                    Err(error) => return Err(error.into()),
                };
                offset += written as u64;
                IoSlice::advance_slices(&mut slices, written);
            }
        }
        Ok(())
    }

    pub(super) fn reserve(&self, file: &File, key: &Key, offset: u64, len: u64) -> io::Result<()> {
        self.step(|| Step::Reserve {
            key: key.clone(),
            offset,
            len,
        })?;
        system::reserve(file, offset, len)
    }

    pub(super) fn cut(&self, file: &File, key: &Key, len: u64) -> io::Result<()> {
        self.step(|| Step::Cut {
            key: key.clone(),
            len,
        })?;
        file.set_len(len)
    }

    /// After an error the file must be given up: the system may have dropped what it could not write.
    pub(super) fn sync_file(&self, file: &File, key: &Key) -> io::Result<()> {
        if self.durable {
            self.step(|| Step::SyncFile(key.clone()))?;
            file.sync_all()?;
        }
        Ok(())
    }

    pub(super) fn sync_directory(&self, directory: &Directory) -> io::Result<()> {
        if self.durable {
            self.step(|| Step::SyncDirectory(directory.key.clone()))?;
            rustix::fs::fsync(&directory.fd)?;
        }
        Ok(())
    }

    pub(super) fn rename(
        &self,
        from: (&Directory, &str),
        to: (&Directory, &str),
        replace: bool,
    ) -> io::Result<()> {
        self.step(|| Step::Rename {
            from: from.0.child(from.1),
            to: to.0.child(to.1),
            replace,
        })?;
        if replace {
            Ok(rustix::fs::renameat(&from.0.fd, from.1, &to.0.fd, to.1)?)
        } else {
            system::rename_new((&from.0.fd, from.1), (&to.0.fd, to.1))
        }
    }

    /// Gives a file one more name, which nothing has.
    pub(super) fn link(&self, from: (&Directory, &str), to: (&Directory, &str)) -> io::Result<()> {
        self.step(|| Step::Link {
            from: from.0.child(from.1),
            to: to.0.child(to.1),
        })?;
        let (flags, (from, name), (to, new)) = (AtFlags::empty(), from, to);
        Ok(rustix::fs::linkat(&from.fd, name, &to.fd, new, flags)?)
    }

    pub(super) fn unlink(&self, directory: &Directory, name: &str) -> io::Result<()> {
        self.step(|| Step::Unlink(directory.child(name)))?;
        Ok(rustix::fs::unlinkat(&directory.fd, name, AtFlags::empty())?)
    }

    /// Removes what was moved away before, file or directory.
    pub(super) fn remove_moved(&self, directory: &Directory, name: &str) -> io::Result<()> {
        match self.unlink(directory, name) {
            Err(error) if is_directory(&error) => {}
            unlinked => return unlinked,
        }
        let key = directory.child(name);
        self.step(|| Step::RemoveTree(key.clone()))?;
        std::fs::remove_dir_all(self.path_of(&key))
    }
}

/// A name that nothing else has, whoever else writes here.
pub(super) fn unique_name() -> String {
    Uuid::new_v4().simple().to_string()
}

/// The key of the directory something lies in, and its name there.
pub(super) fn split(key: &Key) -> io::Result<(Key, &str)> {
    key.parent()
        .zip(key.name())
        .ok_or_else(|| io::ErrorKind::IsADirectory.into())
}

/// Whether something could not be unlinked because it is a directory; POSIX has another word for it.
pub(super) fn is_directory(error: &io::Error) -> bool {
    match rustix::io::Errno::from_io_error(error) {
        Some(rustix::io::Errno::ISDIR) => true,
        Some(rustix::io::Errno::PERM) => !cfg!(target_os = "linux"),
        _ => false,
    }
}

/// Makes the root with what is above it, each entry durable.
fn make_root(root: &Path, durable: bool) -> io::Result<()> {
    let missing: Vec<&Path> = root
        .ancestors()
        .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
        .collect();
    std::fs::create_dir_all(root)?;
    for made in missing.into_iter().rev().filter(|_| durable) {
        let parent = made.parent().filter(|path| !path.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
