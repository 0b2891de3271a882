//! A descriptor as it was in a git revision.
//!
//! Its folder is written to a temporary one, links as links, so that includes are found as they were. Of
//! the folder only YAML is taken, since a descriptor may lie at the root of a large repository. Git is run
//! as a program; the work tree, its index and its configuration are not touched.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Most files of a folder.
const MOST: usize = 10_000;

/// A folder with a descriptor of some revision, removed when it is dropped.
pub(super) struct Checkout {
    folder: TempDir,
    spec: PathBuf,
}

/// An entry of a tree.
struct Entry {
    mode: String,
    object: String,
    path: String,
}

impl Checkout {
    /// Writes the files of the descriptor `spec` as they were in `revision`.
    pub(super) fn of(revision: &str, spec: &Path) -> Result<Self, String> {
        let near = nearest(spec);
        let root = PathBuf::from(git(&near, &["rev-parse", "--show-toplevel"])?.trim_end());
        let commit = format!("{revision}^{{commit}}");
        let commit = git(
            &root,
            &[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &commit,
            ],
        )
        .map_err(|_| format!("`{revision}` is no revision of {}", root.display()))?;
        let inside = inside(&root, spec)?;
        let at = format!("{}:{inside}", commit.trim_end());
        let kind = git(&root, &["cat-file", "-t", &at])
            .map_err(|_| format!("`{revision}` has no {}", spec.display()))?;
        let in_folder = kind.trim_end() == "tree";
        let folder = if in_folder {
            inside.as_str()
        } else {
            inside.rsplit_once('/').map_or("", |(folder, _)| folder)
        };
        let temporary = TempDir::new().map_err(|error| error.to_string())?;
        let path = temporary.path().to_owned();
        for entry in entries(&root, commit.trim_end(), folder)? {
            let is_spec = !in_folder && inside.ends_with(&entry.path);
            if is_spec || entry.is_taken() {
                entry
                    .write(&root, &path)
                    .map_err(|error| format!("{}: {error}", entry.path))?;
            }
        }
        let spec = if in_folder {
            path
        } else {
            path.join(inside.rsplit('/').next().unwrap_or(&inside))
        };
        Ok(Self {
            folder: temporary,
            spec,
        })
    }

    /// Where the descriptor lies.
    pub(super) fn spec(&self) -> &Path {
        debug_assert!(self.spec.starts_with(self.folder.path()));
        &self.spec
    }
}

impl Entry {
    fn is_taken(&self) -> bool {
        let path = Path::new(&self.path);
        let is_yaml = path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        let is_safe = path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        is_safe && (is_yaml || self.mode == "120000")
    }

    fn write(&self, root: &Path, folder: &Path) -> io::Result<()> {
        let content =
            git_bytes(root, &["cat-file", "-p", &self.object]).map_err(io::Error::other)?;
        let path = folder.join(&self.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        if self.mode == "120000" {
            return link(&String::from_utf8_lossy(&content), &path);
        }
        fs::write(path, content)
    }
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(target: &str, path: &Path) -> io::Result<()> {
    // Git writes a link as a file there, too.
    fs::write(path, target)
}

/// The files below a folder of a revision, by their path in it.
fn entries(root: &Path, commit: &str, folder: &str) -> Result<Vec<Entry>, String> {
    let tree = format!("{commit}:{folder}");
    let list = git(root, &["ls-tree", "-r", "-z", "--full-tree", &tree])?;
    let entry = |line: &str| {
        let (head, path) = line.split_once('\t')?;
        let mut head = head.split(' ');
        let (mode, _, object) = (head.next()?, head.next()?, head.next()?);
        // A repository in the repository has no files here.
        (mode != "160000").then(|| Entry {
            mode: mode.to_owned(),
            object: object.to_owned(),
            path: path.to_owned(),
        })
    };
    let entries: Vec<Entry> = list.split('\0').filter_map(entry).collect();
    if entries.len() > MOST {
        return Err(format!("{folder} holds more than {MOST} files"));
    }
    Ok(entries)
}

/// A folder that exists, as near to a path as may be: the path may be gone today.
fn nearest(path: &Path) -> PathBuf {
    let mut at = path;
    while !at.is_dir() {
        match at.parent() {
            Some(parent) => at = parent,
            None => break,
        }
        if at.as_os_str().is_empty() {
            return PathBuf::from(".");
        }
    }
    at.to_owned()
}

/// A path as the repository has it, links followed as far as the path exists today.
fn inside(root: &Path, spec: &Path) -> Result<String, String> {
    let near = nearest(spec);
    let rest = spec.strip_prefix(&near).unwrap_or(spec);
    let whole = fs::canonicalize(&near).and_then(|near| {
        let path = near.join(rest);
        if path.exists() {
            fs::canonicalize(path)
        } else {
            Ok(path)
        }
    });
    let whole = whole.map_err(|error| format!("{}: {error}", spec.display()))?;
    let root = fs::canonicalize(root).map_err(|error| format!("{}: {error}", root.display()))?;
    let inside = whole.strip_prefix(&root).map_err(|_| {
        format!(
            "{} is not in the repository {}",
            spec.display(),
            root.display()
        )
    })?;
    let parts: Vec<String> = inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    Ok(parts.join("/"))
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let bytes = git_bytes(folder, arguments)?;
    String::from_utf8(bytes).map_err(|_| "git: a name is no text".to_owned())
}

fn git_bytes(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .map_err(|error| format!("git cannot be run: {error}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!(
            "git: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ))
    }
}
