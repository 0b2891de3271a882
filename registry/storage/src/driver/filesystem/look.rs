//! Operations that change nothing.

use std::collections::BinaryHeap;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;

use bytes::Bytes;
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, Dir, FileType};

use super::disk::{Directory, Disk};
use super::fault::{fault, missing_or};
use super::reader::{FileReader, read_exactly};
use super::system::{LOOK, READ};
use crate::driver::{
    DriverError, Entry, Key, Kind, ListOptions, Listing, Operation, ReadOptions, Reader as _, Stat,
    is_segment,
};

pub(super) fn open(
    disk: &Disk,
    key: &Key,
    operation: Operation,
) -> Result<FileReader, DriverError> {
    reader(key, operation, disk.open_as(key, READ))
}

pub(super) fn read(disk: &Disk, key: &Key, options: ReadOptions) -> Result<Bytes, DriverError> {
    let reader = open(disk, key, Operation::Read)?;
    let len = length(&reader, key, options)?;
    read_exactly(reader.file(), 0, len).map_err(|error| fault(Operation::Read, error))
}

pub(super) fn stat(disk: &Disk, key: &Key) -> Result<Stat, DriverError> {
    found(key, disk.open_as(key, LOOK))
}

/// The reader of what was opened.
pub(super) fn reader(
    key: &Key,
    operation: Operation,
    opened: io::Result<OwnedFd>,
) -> Result<FileReader, DriverError> {
    let looked_up = |error| missing_or(operation, key, error);
    let file = File::from(opened.map_err(looked_up)?);
    let metadata = file.metadata().map_err(looked_up)?;
    if metadata.is_dir() {
        return Err(DriverError::NotFound { key: key.clone() });
    }
    if !metadata.is_file() {
        return Err(DriverError::Foreign { key: key.clone() });
    }
    Ok(FileReader::new(key, file, &metadata))
}

/// The length of what is to be read whole.
pub(super) fn length(
    reader: &FileReader,
    key: &Key,
    options: ReadOptions,
) -> Result<usize, DriverError> {
    let len = usize::try_from(reader.len()).ok();
    len.filter(|_| reader.len() <= options.limit)
        .ok_or_else(|| DriverError::TooLarge {
            key: key.clone(),
            limit: options.limit,
        })
}

/// What was opened to be looked at.
pub(super) fn found(key: &Key, opened: io::Result<OwnedFd>) -> Result<Stat, DriverError> {
    let looked_up = |error| missing_or(Operation::Stat, key, error);
    let metadata = File::from(opened.map_err(looked_up)?)
        .metadata()
        .map_err(looked_up)?;
    if key.is_root() && metadata.nlink() == 0 {
        let error = io::Error::other("the directory of the storage was removed");
        return Err(fault(Operation::Stat, error));
    }
    let modified = metadata.modified().ok();
    if metadata.is_dir() {
        Ok(Stat::directory(modified))
    } else if metadata.is_file() {
        Ok(Stat::file(metadata.len(), modified))
    } else {
        Err(DriverError::Foreign { key: key.clone() })
    }
}

/// A page needs memory for a page alone, however many names there are.
pub(super) fn list(disk: &Disk, key: &Key, options: &ListOptions) -> Result<Listing, DriverError> {
    let at = |error: io::Error| fault(Operation::List, error);
    let directory = disk
        .directory(key)
        .map_err(|error| missing_or(Operation::List, key, error))?;
    let hidden = disk.temporary().parent().filter(|parent| parent == key);
    let hidden = hidden.and_then(|_| disk.temporary().name());
    let after = options.start_after.as_deref();
    let limit = options.limit.unwrap_or(usize::MAX);
    let mut page = BinaryHeap::new();
    let mut more = false;
    for entry in Dir::read_from(&directory.fd).map_err(|errno| at(errno.into()))? {
        let entry = entry.map_err(|errno| at(errno.into()))?;
        let Some(name) = entry
            .file_name()
            .to_str()
            .ok()
            .filter(|name| is_segment(name))
        else {
            continue;
        };
        if after.is_some_and(|after| name <= after) || hidden == Some(name) {
            continue;
        }
        if page.len() >= limit
            && page
                .peek()
                .is_none_or(|last: &Entry| last.name.as_str() < name)
        {
            more |= kind(&directory, name, entry.file_type())?.is_some();
            continue;
        }
        if let Some(kind) = kind(&directory, name, entry.file_type())? {
            let name = name.to_owned();
            page.push(Entry { name, kind });
        }
        if page.len() > limit {
            page.pop();
            more = true;
        }
    }
    Ok(Listing::new(page.into_sorted_vec(), more))
}

/// What an entry is; none if it is neither file nor directory, or just gone.
fn kind(directory: &Directory, name: &str, found: FileType) -> Result<Option<Kind>, DriverError> {
    let found = match found {
        // Some file systems do not say.
        FileType::Unknown => {
            match rustix::fs::statat(&directory.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                Err(rustix::io::Errno::NOENT) => return Ok(None),
                Err(errno) => return Err(fault(Operation::List, errno.into())),
            }
        }
        known => known,
    };
    Ok(match found {
        FileType::RegularFile => Some(Kind::File),
        FileType::Directory => Some(Kind::Directory),
        _ => None,
    })
}
