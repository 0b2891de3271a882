//! What a file was at some moment, to tell later whether it is still the same and was not written to.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

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
    pub fn of(file: &OpenFile) -> Option<Self> {
        let metadata = file.metadata().ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
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
        assert_ne!(
            Stamp::of(&file),
            Stamp::of(&Arc::new(File::open(other).unwrap()))
        );
    }
}
