//! The files of the repository, read once; and Rust text as the rules look at it.

use std::io;
use std::path::Path;

/// What is made, not written.
const MADE: &[&str] = &["target", "data", ".git", "registry/fuzz/cargo/artifacts"];

/// The text files of a tree.
#[derive(Debug, Default)]
pub struct Tree {
    files: Vec<File>,
}

/// A text file.
#[derive(Debug)]
pub struct File {
    /// From the top of the tree, its parts joined by slashes.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl Tree {
    /// Reads every text file below `root` but what is made and what is hidden.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        tree.walk(root, "")?;
        Ok(tree)
    }

    /// Adds a file; a test makes a tree of such.
    pub fn add(&mut self, path: &str, text: &str) {
        self.files.push(File {
            path: path.to_owned(),
            text: text.to_owned(),
        });
    }

    /// All files, in the order of their paths.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    pub(super) fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The Rust files below a directory.
    pub(super) fn rust(&self, directory: &str) -> impl Iterator<Item = &File> {
        let below = move |file: &&File| {
            file.path
                .strip_prefix(directory)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        self.files
            .iter()
            .filter(below)
            .filter(|file| file.is_rust())
    }

    fn walk(&mut self, directory: &Path, prefix: &str) -> io::Result<()> {
        let mut entries: Vec<_> = std::fs::read_dir(directory)?.collect::<io::Result<_>>()?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            // A link is looked at where it leads to; nothing here is read twice.
            if MADE.contains(&path.as_str()) {
                continue;
            }
            if kind.is_dir() {
                self.walk(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file()
                && name != "Cargo.lock"
                && let Ok(text) = String::from_utf8(std::fs::read(entry.path())?)
            {
                self.files.push(File { path, text });
            }
        }
        Ok(())
    }
}

impl File {
    pub(super) fn is_rust(&self) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|extension| extension == "rs")
    }

    /// Written by a program, which says so at its head.
    pub(super) fn is_generated(&self) -> bool {
        self.text
            .lines()
            .take(5)
            .any(|line| line.contains("@generated"))
    }

    /// The lines with their numbers.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// The lines without their comments. A `//` within a text ends a line too early at worst.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().filter_map(|(number, line)| {
            let line = line.trim_start();
            let end = if line.starts_with("//") {
                0
            } else {
                line.find("// ").unwrap_or(line.len())
            };
            let code = &line[..end];
            (!code.is_empty()).then_some((number, code))
        })
    }
}
