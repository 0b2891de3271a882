//! The endings of a rendering: a file on the disk, or how the one there differs.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use similar::TextDiff;

/// Writes a file and the folders above it. A file that has this content already stays as it is, and
/// nobody sees half a file.
pub(super) fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // A pipe or a terminal is written to, not replaced.
    if fs::metadata(path).is_ok_and(|about| !about.is_file()) {
        return fs::write(path, content);
    }
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    let beside = path.with_file_name(name);
    fs::write(&beside, content)
        .and_then(|()| fs::rename(&beside, path))
        .inspect_err(|_| {
            // What is left of it is of no use; the first error is the one to tell.
            let _ = fs::remove_file(&beside);
        })
}

/// How a file differs from its content as rendered, as a unified diff; `None` where it does not.
pub(super) fn difference(path: &Path, rendered: &[u8]) -> Option<String> {
    let old = fs::read(path).unwrap_or_default();
    if path.exists() && old == rendered {
        return None;
    }
    let (old, new) = (
        String::from_utf8_lossy(&old),
        String::from_utf8_lossy(rendered),
    );
    let name = path.display();
    let before = if path.exists() {
        name.to_string()
    } else {
        "/dev/null".to_owned()
    };
    let diff = TextDiff::from_lines(old.as_ref(), new.as_ref())
        .unified_diff()
        .header(&before, &format!("{name} (rendered)"))
        .to_string();
    // Both empty, or different in what is no text.
    Some(if diff.is_empty() {
        format!("{name} differs\n")
    } else {
        diff
    })
}
