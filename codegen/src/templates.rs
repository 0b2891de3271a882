//! Templates of documents, read from a folder.

use std::io;
use std::path::Path;

use crate::emit::files::Files;

/// Depth of folders below a folder of templates.
const DEEPEST: usize = 8;

/// The files of a folder of templates and of the folders in it, without hidden ones.
pub fn templates(folder: &Path) -> io::Result<Files> {
    let mut files = Files::new();
    collect(folder, "", DEEPEST, &mut files)?;
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, depth: usize, files: &mut Files) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            continue;
        };
        let path = entry.path();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() && depth > 0 {
            collect(&path, &format!("{prefix}{name}/"), depth - 1, files)?;
        } else if path.is_file() {
            files.insert(format!("{prefix}{name}"), std::fs::read(path)?);
        }
    }
    Ok(())
}
