//! The calls of the operating system that std has not, and what is done where a system lacks one.
//!
//! Nothing here follows a symbolic link: storage has none, so one that is found was put there to lead
//! elsewhere, or by a mistake that is better seen than followed.

use std::fs::File;
use std::io;

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

/// Others than the owner and the group have no business in a storage.
pub(super) const FILE_MODE: Mode = Mode::from_raw_mode(0o640);
pub(super) const DIRECTORY_MODE: Mode = Mode::from_raw_mode(0o750);

/// Opens a directory to work in it.
pub(super) const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY);
/// Opens a file to read it. What is no file must not block before that is noticed: a pipe would.
pub(super) const READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK);
/// Opens whatever there is, to look at it.
#[cfg(target_os = "linux")]
pub(super) const LOOK: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
pub(super) const LOOK: OFlags = READ;

/// Opens `path` below `root`, which no link on the way leads out of.
pub(super) fn open_below(root: impl AsFd, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
    let path = if path.is_empty() { "." } else { path };
    let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::ResolveFlags;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        match rustix::fs::openat2(&root, path, flags, Mode::empty(), resolve) {
            // Old kernels have no such call, and sandboxes forbid what they do not know.
            Err(Errno::NOSYS | Errno::PERM) => {}
            opened => return Ok(opened?),
        }
    }
    walk_below(root, path, flags)
}

/// The same, a segment at a time.
fn walk_below(root: impl AsFd, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
    let on_the_way = DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let Some((way, name)) = path.rsplit_once('/') else {
        return Ok(rustix::fs::openat(root, path, flags, Mode::empty())?);
    };
    let mut segments = way.split('/');
    let first = segments.next().unwrap_or(".");
    let mut directory = rustix::fs::openat(root, first, on_the_way, Mode::empty())?;
    for segment in segments {
        directory = rustix::fs::openat(&directory, segment, on_the_way, Mode::empty())?;
    }
    Ok(rustix::fs::openat(directory, name, flags, Mode::empty())?)
}

/// As `open_below`, if the system need not wait for the disk to do it; `WouldBlock` otherwise, and where it cannot
/// tell.
pub(super) fn open_cached(root: impl AsFd, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::ResolveFlags;
        let path = if path.is_empty() { "." } else { path };
        let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::CACHED;
        match rustix::fs::openat2(&root, path, flags, Mode::empty(), resolve) {
            // INVAL is how a kernel answers that does not know the last of the flags.
            Err(Errno::NOSYS | Errno::PERM | Errno::INVAL) => {}
            opened => return Ok(opened?),
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (root, path, flags);
    Err(io::ErrorKind::WouldBlock.into())
}

/// Reads what the system has in memory, up to the first byte that it has not; `WouldBlock` if that is the
/// very first one, and where the system cannot tell.
pub(super) fn read_cached(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    #[cfg(target_os = "linux")]
    {
        use rustix::io::ReadWriteFlags;
        let mut parts = [io::IoSliceMut::new(buffer)];
        match rustix::io::preadv2(file, &mut parts, offset, ReadWriteFlags::NOWAIT) {
            Err(Errno::NOSYS | Errno::NOTSUP) => {}
            read => return Ok(read?),
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, buffer, offset);
    Err(io::ErrorKind::WouldBlock.into())
}

/// Opens a file in a directory for writing, with what else `flags` say.
pub(super) fn open_to_write(directory: impl AsFd, name: &str, flags: OFlags) -> io::Result<File> {
    let always = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = rustix::fs::openat(directory, name, always | flags, FILE_MODE)?;
    Ok(File::from(file))
}

/// Renames, unless there is something of the new name: then it fails with `EXIST`.
pub(super) fn rename_new(from: (&OwnedFd, &str), to: (&OwnedFd, &str)) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::RenameFlags;
        match rustix::fs::renameat_with(from.0, from.1, to.0, to.1, RenameFlags::NOREPLACE) {
            // Some file systems cannot; hard links give the same.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            renamed => return Ok(renamed?),
        }
    }
    rustix::fs::linkat(from.0, from.1, to.0, to.1, AtFlags::empty())?;
    Ok(rustix::fs::unlinkat(from.0, from.1, AtFlags::empty())?)
}

/// Has the system begin to write out what was just written, so that the sync at the end has little left.
pub(super) fn write_back(file: &File, offset: u64, len: u64) {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::Advice;
        // The pages are dirty: they are queued for writing, not dropped. Merely advice, so that a
        // refusal costs nothing but time.
        let len = std::num::NonZeroU64::new(len);
        let _ = rustix::fs::fadvise(file, offset, len, Advice::DontNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, offset, len);
}

/// Puts room aside behind what is in a file, which seems no longer for it. Where the system cannot, the
/// room is looked for when it is written to.
pub(super) fn reserve(file: &File, offset: u64, len: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::FallocateFlags;
        match rustix::fs::fallocate(file, FallocateFlags::KEEP_SIZE, offset, len) {
            Err(Errno::NOTSUP | Errno::NOSYS | Errno::INVAL | Errno::INTR) => {}
            reserved => reserved?,
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, offset, len);
    Ok(())
}

/// Whether this process may put something into a directory.
pub(super) fn check_writable(directory: impl AsFd) -> io::Result<()> {
    use rustix::fs::{Access, accessat};
    let may = Access::WRITE_OK | Access::EXEC_OK;
    Ok(accessat(directory, ".", may, AtFlags::EACCESS)?)
}

/// Whether the file system has so much room left, as far as it says.
pub(super) fn check_room(file: &File, len: u64) -> io::Result<()> {
    let Ok(room) = rustix::fs::fstatvfs(file) else {
        return Ok(());
    };
    // Some have no idea of their size.
    if room.f_blocks > 0 && len > room.f_bavail.saturating_mul(room.f_frsize) {
        return Err(Errno::NOSPC.into());
    }
    Ok(())
}

/// Whether a file has room put aside behind its end: whoever wrote it was killed. Cutting the file to its own
/// length gives that back.
pub(super) fn has_surplus(metadata: &std::fs::Metadata) -> bool {
    /// More than file systems use to round up, or to find a file's parts by.
    const SLACK: u64 = 256 * 1024;
    use std::os::unix::fs::MetadataExt;
    metadata.blocks() * 512 > metadata.len() + SLACK
}

/// Makes everything durable that earlier processes wrote here.
pub(super) fn sync_all_of(directory: impl AsFd) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(&directory)?;
    #[cfg(not(target_os = "linux"))]
    rustix::fs::fsync(&directory)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::{DIRECTORY, READ, open_below, walk_below};

    #[test]
    fn neither_way_of_opening_follows_a_link_in_any_place() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path();
        fs::create_dir_all(path.join("a/b")).unwrap();
        fs::write(path.join("a/b/c"), "").unwrap();
        symlink("a", path.join("inside")).unwrap();
        symlink("/", path.join("outside")).unwrap();
        symlink("c", path.join("a/b/last")).unwrap();
        let root = fs::File::open(path).unwrap();
        assert!(open_below(&root, "a/b/c", READ).is_ok());
        assert!(walk_below(&root, "a/b/c", READ).is_ok());
        assert!(walk_below(&root, "a", DIRECTORY).is_ok());
        for link in ["inside/b/c", "outside/etc", "a/b/last"] {
            let always = READ | rustix::fs::OFlags::NOFOLLOW;
            assert!(open_below(&root, link, READ).is_err(), "{link}");
            assert!(walk_below(&root, link, always).is_err(), "{link}");
        }
    }
}
