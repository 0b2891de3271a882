//! Volatile files of the same content, which are names of one file.
//!
//! The starts of all uploads of one second are alike, and each is there for a moment. To make a file and to
//! remove it costs a file system more than all else of a small push, most of all one without a journal, which
//! looks past all that were removed lately; to give a file one more name, and to take that away, costs little.
//! Nobody writes to a file that has its name, so that nobody notices. Hazard: there are file systems that know
//! but one name of a file, and the others have a limit; then a file is written as any other is.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::change::Temporary;
use super::directories::Made;
use super::disk::{Directory, Disk, split};
use crate::driver::Key;

/// Longer content is not worth a comparison.
const SHORT: usize = 64;

/// The file of which names were given last.
#[derive(Debug, Default)]
pub(super) struct Alike(Mutex<Option<Arc<Original>>>);

/// It lies where files are that are being written, and is swept as they are.
#[derive(Debug)]
struct Original {
    directory: Directory,
    name: String,
    content: Bytes,
}

impl Alike {
    fn held(&self) -> MutexGuard<'_, Option<Arc<Original>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, content: &Bytes) -> Option<Arc<Original>> {
        let held = self.held();
        held.clone().filter(|original| original.content == content)
    }

    /// Has another file in place of the one before, which keeps the names that it was given.
    fn set(&self, disk: &Disk, new: Option<Arc<Original>>) {
        let before = std::mem::replace(&mut *self.held(), new);
        if let Some(before) = before {
            // Where it stays it is swept.
            let _ = disk.unlink(&before.directory, &before.name);
        }
    }
}

/// Gives a file of this content the name, if nothing has it; none where that cannot be done, for whatever
/// reason. The directory is yet to be synced, or left.
pub(super) fn name_one(disk: &Arc<Disk>, key: &Key, content: &Bytes) -> Option<Made> {
    if content.len() > SHORT {
        return None;
    }
    let named = try_to_name(disk, key, content);
    if named.is_err() {
        disk.alike.set(disk, None);
    }
    named.ok()
}

fn try_to_name(disk: &Arc<Disk>, key: &Key, content: &Bytes) -> io::Result<Made> {
    let original = match disk.alike.get(content) {
        Some(original) => original,
        None => original(disk, content)?,
    };
    let (parent, name) = split(key)?;
    let made = Made::at(disk, &parent)?;
    let from = (&original.directory, original.name.as_str());
    disk.link(from, (&made.directory, name))?;
    Ok(made)
}

fn original(disk: &Arc<Disk>, content: &Bytes) -> io::Result<Arc<Original>> {
    let mut file = Temporary::create(disk, content.clone())?;
    let new = Arc::new(Original {
        directory: disk.directory(disk.temporary())?,
        name: file.place().1.to_owned(),
        content: content.clone(),
    });
    file.moved = true;
    disk.alike.set(disk, Some(Arc::clone(&new)));
    Ok(new)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::driver::filesystem::{Filesystem, Step};
    use crate::driver::{FilesystemOptions, PutOptions, StorageDriver};

    async fn put(driver: &Filesystem, key: &str, content: &str) {
        let key = Key::parse(key).unwrap();
        let content = Bytes::copy_from_slice(content.as_bytes());
        let options = PutOptions::volatile();
        driver.put(&key, content, options).await.unwrap();
    }

    /// The number of a file, and how many names it has.
    fn file(root: &tempfile::TempDir, key: &str) -> (u64, u64) {
        let found = std::fs::metadata(root.path().join(key)).unwrap();
        (found.ino(), found.nlink())
    }

    fn left_aside(root: &tempfile::TempDir) -> usize {
        std::fs::read_dir(root.path().join(".registry/tmp"))
            .unwrap()
            .count()
    }

    #[tokio::test]
    async fn volatile_files_of_the_same_content_are_one() {
        let root = tempfile::tempdir().unwrap();
        let driver = Filesystem::open(FilesystemOptions::new(root.path())).unwrap();
        for key in ["a/1", "b/2"] {
            put(&driver, key, "now").await;
        }
        assert_eq!(file(&root, "a/1"), file(&root, "b/2"));
        put(&driver, "a/3", "later").await;
        assert_ne!(file(&root, "a/1").0, file(&root, "a/3").0);
        // Its own name is gone, and that of the new one is the only one that stays.
        assert_eq!((file(&root, "a/1").1, left_aside(&root)), (2, 1));

        // What is written anew is another file, and what is deleted takes nothing with it.
        put(&driver, "b/2", "later").await;
        let first = Key::parse("a/1").unwrap();
        assert_eq!(std::fs::read(root.path().join("a/1")).unwrap(), b"now");
        driver.delete(&first).await.unwrap();
        for key in ["b/2", "a/3"] {
            assert_eq!(std::fs::read(root.path().join(key)).unwrap(), b"later");
        }
    }

    #[tokio::test]
    async fn where_no_second_name_can_be_given_a_file_is_written() {
        let root = tempfile::tempdir().unwrap();
        let options = FilesystemOptions::new(root.path()).probe(Arc::new(|step| match step {
            Step::Link { .. } => Err(io::ErrorKind::Unsupported.into()),
            _ => Ok(()),
        }));
        let driver = Filesystem::open(options).unwrap();
        for key in ["a/1", "b/2"] {
            put(&driver, key, "now").await;
            assert_eq!(std::fs::read(root.path().join(key)).unwrap(), b"now");
            assert_eq!(file(&root, key).1, 1);
        }
        assert_eq!(left_aside(&root), 0);
    }

    #[tokio::test]
    async fn a_file_that_was_swept_is_made_again() {
        let root = tempfile::tempdir().unwrap();
        let driver = Filesystem::open(FilesystemOptions::new(root.path())).unwrap();
        put(&driver, "a/1", "now").await;
        std::fs::remove_dir_all(root.path().join(".registry/tmp")).unwrap();
        for key in ["a/2", "a/3", "a/4"] {
            put(&driver, key, "now").await;
            assert_eq!(std::fs::read(root.path().join(key)).unwrap(), b"now");
        }
        assert_eq!(file(&root, "a/3"), file(&root, "a/4"));
    }
}
