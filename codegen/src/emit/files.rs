//! What emitters return: files in memory.
//!
//! No emitter opens a file. It fills [`Files`], and whoever called it decides how that ends: the
//! command line writes them, compares them with what is there, or only names them. The paths are
//! relative, with `/` between their parts, and are kept in order, so that the output never depends on
//! the order of insertion.

use std::collections::BTreeMap;
use std::collections::btree_map::{IntoIter, Iter};

/// Files by their relative path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    files: BTreeMap<String, Vec<u8>>,
}

impl Files {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file; one of the same path is replaced and handed back.
    pub fn insert(
        &mut self,
        path: impl Into<String>,
        content: impl Into<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        self.files.insert(path.into(), content.into())
    }

    /// The content of the file at `path`.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Path and content of each, by path.
    pub fn iter(&self) -> Iter<'_, String, Vec<u8>> {
        self.files.iter()
    }
}

impl<'a> IntoIterator for &'a Files {
    type Item = (&'a String, &'a Vec<u8>);
    type IntoIter = Iter<'a, String, Vec<u8>>;

    fn into_iter(self) -> Self::IntoIter {
        self.files.iter()
    }
}

impl IntoIterator for Files {
    type Item = (String, Vec<u8>);
    type IntoIter = IntoIter<String, Vec<u8>>;

    fn into_iter(self) -> Self::IntoIter {
        self.files.into_iter()
    }
}

impl Extend<(String, Vec<u8>)> for Files {
    fn extend<I: IntoIterator<Item = (String, Vec<u8>)>>(&mut self, files: I) {
        self.files.extend(files);
    }
}

impl FromIterator<(String, Vec<u8>)> for Files {
    fn from_iter<I: IntoIterator<Item = (String, Vec<u8>)>>(files: I) -> Self {
        Self {
            files: files.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_out_by_path_whatever_the_order_of_insertion() {
        let mut files = Files::new();
        assert_eq!(files.insert("b.md", "2"), None);
        assert_eq!(files.insert("a.md", "1"), None);
        assert_eq!(files.insert("b.md", "3"), Some(b"2".to_vec()));
        let paths: Vec<&String> = files.iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["a.md", "b.md"]);
        assert_eq!(files.get("b.md"), Some(b"3".as_slice()));
        assert_eq!((files.len(), files.is_empty()), (2, false));
    }
}
