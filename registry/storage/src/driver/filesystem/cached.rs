//! Looking and reading without waiting: what the system has in memory is taken on the spot.
//!
//! Links, manifests and small blobs are read so often that they mostly are in memory, and then the way to a
//! blocking thread costs several times what reading them does. Each function says `None` where the disk
//! would have to be waited for; then it is done again on a blocking thread.

use std::fs::File;
use std::io;

use bytes::Bytes;
use rustix::fd::OwnedFd;
use rustix::fs::OFlags;

use super::disk::Disk;
use super::fault::{fault, missing_or};
use super::look;
use super::reader::FileReader;
use super::system::{LOOK, READ, read_cached};
use crate::driver::{DriverError, Key, Operation, ReadOptions, Stamp, Stat};

/// More is not copied while others wait for this thread.
const MOST: usize = 64 * 1024;

/// A page of memory is no smaller anywhere.
const SHORT: usize = 4096;

pub(super) fn open(
    disk: &Disk,
    key: &Key,
    operation: Operation,
) -> Option<Result<FileReader, DriverError>> {
    let opened = opened(disk, key, READ)?;
    Some(look::reader(key, operation, opened))
}

pub(super) fn stat(disk: &Disk, key: &Key) -> Option<Result<Stat, DriverError>> {
    let opened = opened(disk, key, LOOK)?;
    Some(look::found(key, opened))
}

pub(super) fn read(
    disk: &Disk,
    key: &Key,
    options: ReadOptions,
) -> Option<Result<Bytes, DriverError>> {
    if let Some(room) = usize::try_from(options.limit)
        .ok()
        .filter(|limit| *limit < SHORT)
    {
        return short(disk, key, room + 1);
    }
    let reader = match open(disk, key, Operation::Read)? {
        Ok(reader) => reader,
        Err(error) => return Some(Err(error)),
    };
    match look::length(&reader, key, options) {
        Ok(length) => part(reader.file(), Operation::Read, 0, length),
        Err(error) => Some(Err(error)),
    }
}

/// A file that is shorter than a page and than `room`: one that is remembered, or else without asking for its
/// length first, which would cost as much as reading it. A page is in memory or is not, so that a read that ends early is at the end.
fn short(disk: &Disk, key: &Key, room: usize) -> Option<Result<Bytes, DriverError>> {
    if let Some(content) = disk.remembered(key).filter(|content| content.len() < room) {
        return Some(Ok(content));
    }
    let file = match opened(disk, key, READ)? {
        Ok(file) => File::from(file),
        Err(error) => return Some(Err(missing_or(Operation::Read, key, error))),
    };
    // Whoever writes to the file from here on changes its stamp.
    let stamp = Stamp::of(&file);
    let mut bytes = vec![0; room];
    // Whatever else there is, the blocking thread finds out: a directory, no file at all, too long a one.
    let read = read_cached(&file, &mut bytes, 0)
        .ok()
        .filter(|read| *read < room)?;
    bytes.truncate(read);
    if let Some(stamp) = stamp {
        disk.remember(key, stamp, &bytes);
    }
    Some(Ok(bytes.into()))
}

/// So many bytes from `offset` on, if they are few.
pub(super) fn part(
    file: &File,
    operation: Operation,
    offset: u64,
    length: usize,
) -> Option<Result<Bytes, DriverError>> {
    if length > MOST {
        return None;
    }
    let mut bytes = vec![0; length];
    let mut done = 0;
    while done < length {
        match read_cached(file, &mut bytes[done..], offset + done as u64) {
            // The blocking thread finds out why.
            Ok(0) => return None,
            Ok(read) => done += read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Some(Err(fault(operation, error))),
        }
    }
    Some(Ok(bytes.into()))
}

fn opened(disk: &Disk, key: &Key, flags: OFlags) -> Option<io::Result<OwnedFd>> {
    match disk.open_cached(key, flags) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
        opened => Some(opened),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::FilesystemOptions;

    fn disk(root: &tempfile::TempDir) -> Disk {
        Disk::open(FilesystemOptions::new(root.path())).unwrap()
    }

    /// Makes the system forget what is in a file; some file systems have nowhere else to keep it.
    fn evict(path: &std::path::Path) {
        let file = File::open(path).unwrap();
        file.sync_all().unwrap();
        #[cfg(target_os = "linux")]
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    }

    #[test]
    fn what_is_in_memory_is_what_is_on_the_disk() {
        let root = tempfile::tempdir().unwrap();
        let disk = disk(&root);
        let key = Key::parse("file").unwrap();
        let path = root.path().join("file");
        let options = ReadOptions::new(u64::MAX);
        for length in [0, 1, 5000, MOST] {
            let content: Bytes = (0..=250_u8).cycle().take(length).collect();
            std::fs::write(&path, &content).unwrap();
            for is_evicted in [false, true] {
                if is_evicted {
                    evict(&path);
                }
                // Without a limit, and with one that just holds.
                for limit in [u64::MAX, length as u64] {
                    if let Some(read) = read(&disk, &key, ReadOptions::new(limit)) {
                        assert_eq!(read.unwrap(), content);
                    }
                }
                assert_eq!(look::read(&disk, &key, options).unwrap(), content);
            }
            if let Some(stat) = stat(&disk, &key) {
                assert_eq!(stat.unwrap(), look::stat(&disk, &key).unwrap());
            }
        }
    }

    #[test]
    fn what_is_long_or_cut_is_left_to_a_blocking_thread() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        std::fs::write(&path, vec![1; MOST + 1]).unwrap();
        let file = File::open(&path).unwrap();
        for (offset, length) in [(0, MOST + 1), (MOST as u64, 2), (1 << 40, 1)] {
            assert!(part(&file, Operation::ReadAt, offset, length).is_none());
        }
    }

    #[test]
    fn neither_a_directory_nor_what_is_missing_or_too_long_is_read() {
        let root = tempfile::tempdir().unwrap();
        let disk = disk(&root);
        std::fs::create_dir(root.path().join("directory")).unwrap();
        std::fs::write(root.path().join("file"), "content").unwrap();
        for text in ["directory", "missing", "file/below"] {
            let key = Key::parse(text).unwrap();
            if let Some(read) = read(&disk, &key, ReadOptions::new(9)) {
                assert!(read.unwrap_err().is_not_found(), "{text}");
            }
        }
        // A file of seven bytes.
        let key = Key::parse("file").unwrap();
        assert!(read(&disk, &key, ReadOptions::new(6)).is_none());
        let slowly = look::read(&disk, &key, ReadOptions::new(6));
        assert!(matches!(slowly, Err(DriverError::TooLarge { .. })));
    }
}
