//! What others do to a storage, for tests that stand above the driver and touch no file themselves.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Puts a symbolic link at a path, with the directories above it.
pub(crate) fn link(to: &Path, at: &Path) {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    symlink(to, at).unwrap();
}

/// Removes a root, and puts an empty directory in its place.
pub(crate) fn replace(root: &Path) {
    fs::remove_dir_all(root).unwrap();
    fs::create_dir(root).unwrap();
}

/// Leaves room behind what is in a file, as a process that was killed.
#[cfg(target_os = "linux")]
pub(crate) fn put_room_aside(path: &Path, len: u64) {
    let file = fs::File::options().write(true).open(path).unwrap();
    rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::KEEP_SIZE, 0, len).unwrap();
}
