//! What a file was at some moment, to tell later whether it is still the same and was not written to.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use jiff::Timestamp;
use rustix::fd::AsFd;

/// No clock of a file system ticks more slowly, in seconds: there are old ones that do so every two.
const TICK: i64 = 3;

/// An open file of the operating system.
pub type OpenFile = Arc<File>;

/// What changes whenever a file does, unless that happens within one tick of the file system's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp of a file, if it can be had.
    pub fn of(file: &File) -> Option<Self> {
        let metadata = file.metadata().ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    /// The stamp of the file at `path` below an open directory, in one call to the system, which may have to
    /// wait for the disk.
    #[cfg(target_os = "linux")]
    pub(super) fn at(directory: impl AsFd, path: &str) -> Option<Self> {
        use rustix::fs::{AtFlags, StatxFlags, StatxTimestamp, makedev, statx};
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        let found = statx(directory, path, flags, StatxFlags::BASIC_STATS).ok()?;
        let time = |time: StatxTimestamp| (time.tv_sec, i64::from(time.tv_nsec));
        Some(Self {
            device: makedev(found.stx_dev_major, found.stx_dev_minor),
            inode: found.stx_ino,
            length: found.stx_size,
            modified: time(found.stx_mtime),
            changed: time(found.stx_ctime),
        })
    }

    /// Nobody asks: elsewhere nothing is remembered.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn at(_: impl AsFd, _: &str) -> Option<Self> {
        None
    }

    /// Whether the file has been left alone for so long that whatever happens to it next changes its stamp.
    pub(super) fn is_settled(&self, now: Timestamp) -> bool {
        now.as_second().saturating_sub(self.changed.0) > TICK
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_file_that_was_written_to_is_told_from_what_it_was_and_one_that_was_read_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, "content").unwrap();
        let file = Arc::new(File::open(&path).unwrap());
        let before = Stamp::of(&file).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"content");
        assert_eq!(Stamp::of(&file), Some(before));
        std::thread::sleep(Duration::from_millis(50));
        std::fs::write(&path, "CONTENT").unwrap();
        assert_ne!(Stamp::of(&file), Some(before));
        let other = directory.path().join("other");
        std::fs::write(&other, "CONTENT").unwrap();
        assert_ne!(Stamp::of(&file), Stamp::of(&File::open(other).unwrap()));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_stamp_is_the_same_by_name_and_of_the_open_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, "content").unwrap();
        std::os::unix::fs::symlink("file", directory.path().join("link")).unwrap();
        let root = File::open(directory.path()).unwrap();
        let stamp = Stamp::of(&File::open(&path).unwrap());
        assert!(stamp.is_some());
        assert_eq!(Stamp::at(&root, "file"), stamp);
        assert_ne!(Stamp::at(&root, "link"), stamp);
        assert_eq!(Stamp::at(&root, "missing"), None);
    }

    #[test]
    fn a_file_is_settled_once_every_clock_has_ticked() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, "content").unwrap();
        let stamp = Stamp::of(&File::open(&path).unwrap()).unwrap();
        let after = |seconds| Timestamp::from_second(stamp.changed.0 + seconds).unwrap();
        assert!(!stamp.is_settled(after(-1000)));
        assert!(!stamp.is_settled(after(TICK)));
        assert!(stamp.is_settled(after(TICK + 1)));
    }
}
