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
use super::fault::fault;
use super::look;
use super::reader::FileReader;
use super::system::{LOOK, READ, read_cached};
use crate::driver::{DriverError, Key, Operation, ReadOptions, Stat};

/// More is not copied while others wait for this thread.
const MOST: usize = 64 * 1024;

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
    let reader = match open(disk, key, Operation::Read)? {
        Ok(reader) => reader,
        Err(error) => return Some(Err(error)),
    };
    match look::length(&reader, key, options) {
        Ok(length) => part(reader.file(), Operation::Read, 0, length),
        Err(error) => Some(Err(error)),
    }
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
                if let Some(read) = read(&disk, &key, options) {
                    assert_eq!(read.unwrap(), content);
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
        let key = Key::parse("file").unwrap();
        if let Some(read) = read(&disk, &key, ReadOptions::new(6)) {
            assert!(matches!(read, Err(DriverError::TooLarge { .. })));
        }
    }
}
