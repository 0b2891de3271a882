//! Files from the disk.
//!
//! Hazard: a path may be a device, a pipe, a folder, or a link that leads out. Only regular files are
//! opened, and never more of one is read than the limit.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Component, Path as FilePath, PathBuf};

use super::parse::{MOST_NODES, parse};
use super::tree::{Node, Value};
use super::{File, Sources, Span, bodies, merge};
use crate::check::suggest::nearest;
use crate::diag::{Diagnostic, Diagnostics, Id};

/// Bytes that one file may have.
const LARGEST: u64 = 4 << 20;

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Files that one descriptor may include.
const MOST_FILES: usize = 256;

/// Why a file is not there to be parsed.
struct Refusal {
    id: Id,
    message: String,
    /// The name that was probably meant.
    near: Option<String>,
    /// What to do about it.
    help: &'static str,
}

impl Refusal {
    fn new(id: Id, message: impl Into<String>) -> Self {
        Self {
            id,
            message: message.into(),
            near: None,
            help: help(id),
        }
    }

    /// The same of a file that holds the body of an example.
    fn of_body(self) -> Self {
        Self {
            help: "name a file below the folder of the descriptor, of at most 4 MiB, or write the body here",
            ..self
        }
    }

    fn unreadable(error: &std::io::Error) -> Self {
        let message = format!("this file cannot be read: {error}");
        Self::new(Id::UnreadableFile, message)
    }

    fn at(self, span: Span) -> Diagnostic {
        let problem = Diagnostic::error(self.id, span, self.message);
        match self.near {
            Some(near) => problem
                .help(format!("did you mean `{near}`?"))
                .replace(near),
            None => problem.help(self.help),
        }
    }
}

pub(super) fn read(path: &FilePath, problems: &mut Diagnostics) -> Sources {
    let mut reader = Reader::new(problems);
    let path = if path.is_dir() {
        path.join("api.yaml")
    } else {
        path.to_owned()
    };
    let name = path.display().to_string();
    match read_bytes(&path) {
        Ok(bytes) => reader.root(name, &bytes),
        Err(refusal) => {
            let span = reader.add(name, String::new(), 0);
            reader.problems.push(refusal.at(span));
        }
    }
    reader.paths.push(path.clone());
    reader.includes(Some(&path));
    reader.bodies(&path);
    reader.finish()
}

pub(super) fn of_text(name: &str, text: &str, problems: &mut Diagnostics) -> Sources {
    let mut reader = Reader::new(problems);
    reader.root(name.to_owned(), text.as_bytes());
    reader.includes(None);
    reader.finish()
}

struct Reader<'a> {
    files: Vec<File>,
    paths: Vec<PathBuf>,
    bodies: BTreeMap<String, Vec<u8>>,
    root: Option<Node>,
    whole: bool,
    nodes: usize,
    problems: &'a mut Diagnostics,
}

impl<'a> Reader<'a> {
    fn new(problems: &'a mut Diagnostics) -> Self {
        Self {
            files: Vec::new(),
            paths: Vec::new(),
            bodies: BTreeMap::new(),
            root: None,
            whole: true,
            nodes: MOST_NODES,
            problems,
        }
    }

    /// Keeps a file and returns its first place.
    fn add(&mut self, name: String, text: String, mark: usize) -> Span {
        self.files.push(File::new(name, text, mark));
        let number = self.files.len() - 1;
        self.files[number].span(number, 0, 0)
    }

    fn root(&mut self, name: String, bytes: &[u8]) {
        self.root = self.parse(name, bytes);
    }

    fn parse(&mut self, name: String, bytes: &[u8]) -> Option<Node> {
        let unmarked = bytes.strip_prefix(MARK).unwrap_or(bytes);
        let (text, bad) = decode(unmarked);
        self.add(name, text, bytes.len() - unmarked.len());
        let number = self.files.len() - 1;
        let file = &self.files[number];
        if let Some((offset, message)) = bad {
            let span = file.span(number, offset, offset);
            self.problems
                .push(Diagnostic::error(Id::NotText, span, message).help(help(Id::NotText)));
            return None;
        }
        parse(file, number, &mut self.nodes, self.problems)
    }

    /// Reads what the root file includes. Entries that are no texts are left to the structural walk.
    fn includes(&mut self, root: Option<&FilePath>) {
        let Some(Value::List(entries)) = self
            .root
            .as_ref()
            .and_then(|node| node.get("include"))
            .map(|node| node.value.clone())
        else {
            return;
        };
        let mut seen: Vec<PathBuf> = Vec::new();
        for entry in &entries {
            let Some(name) = entry.text() else {
                continue;
            };
            if let Err(problem) = self.include(root, name, &mut seen) {
                self.whole = false;
                self.problems.push(problem.at(entry.span));
            }
        }
    }

    fn include(
        &mut self,
        root: Option<&FilePath>,
        name: &str,
        seen: &mut Vec<PathBuf>,
    ) -> Result<(), Refusal> {
        let refuse = |message: String| Refusal::new(Id::IncludePath, message);
        let root =
            root.ok_or_else(|| refuse("a text that is no file includes nothing".to_owned()))?;
        let folder = folder(root);
        let plain = FilePath::new(name)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if name.is_empty() || !plain {
            return Err(refuse("an included file is named by its path under the folder of the root file, without `..`".to_owned()));
        }
        if seen.len() == MOST_FILES {
            return Err(refuse(format!(
                "no more than {MOST_FILES} files are included"
            )));
        }
        let path = folder.join(name);
        let real = below(folder, &path).map_err(|refusal| Refusal {
            near: near(folder, name).filter(|_| refusal.id == Id::UnreadableFile),
            ..refusal
        })?;
        if seen.contains(&real) || fs::canonicalize(root).is_ok_and(|root| root == real) {
            return Err(refuse(
                "this file is part of the descriptor already".to_owned(),
            ));
        }
        self.paths.push(path);
        let bytes = read_bytes(&real)?;
        seen.push(real);
        let shown = root.with_file_name(name).display().to_string();
        match (self.parse(shown, &bytes), &mut self.root) {
            (Some(tree), Some(root)) => merge::add(root, tree, self.problems),
            _ => self.whole = false,
        }
        Ok(())
    }

    /// Reads the files that examples name. Paths that lead elsewhere are told by the check of examples.
    fn bodies(&mut self, root: &FilePath) {
        let named = self.root.as_ref().map(bodies::named).unwrap_or_default();
        for (name, span) in named {
            let plain = FilePath::new(&name)
                .components()
                .all(|part| matches!(part, Component::Normal(_)));
            if !plain || self.bodies.contains_key(&name) {
                continue;
            }
            if self.bodies.len() == MOST_FILES {
                let message = format!("no more than {MOST_FILES} files hold bodies of examples");
                self.problems
                    .push(Refusal::new(Id::UnreadableFile, message).at(span));
                return;
            }
            let folder = folder(root);
            let path = folder.join(&name);
            match below(folder, &path).and_then(|real| read_bytes(&real)) {
                Ok(bytes) => drop(self.bodies.insert(name, bytes)),
                Err(refusal) => self.problems.push(refusal.of_body().at(span)),
            }
            self.paths.push(path);
        }
    }

    fn finish(self) -> Sources {
        let whole = self.whole && self.root.is_some();
        let root = self.root.unwrap_or(Node {
            span: Span::default(),
            value: Value::Broken,
        });
        Sources {
            files: self.files,
            paths: self.paths,
            root,
            whole,
            bodies: self.bodies,
        }
    }
}

/// The folder of the root file.
fn folder(root: &FilePath) -> &FilePath {
    match root.parent() {
        Some(parent) if parent != FilePath::new("") => parent,
        _ => FilePath::new("."),
    }
}

/// Where a file really is, which lies under `folder`.
fn below(folder: &FilePath, path: &FilePath) -> Result<PathBuf, Refusal> {
    let real = fs::canonicalize(path).map_err(|error| Refusal::unreadable(&error))?;
    let home = fs::canonicalize(folder).map_err(|error| Refusal::unreadable(&error))?;
    if !real.starts_with(&home) {
        let message = "this leads out of the folder of the root file";
        return Err(Refusal::new(Id::IncludePath, message));
    }
    Ok(real)
}

/// The file in `folder` whose name is nearest to one that is not there.
fn near(folder: &FilePath, name: &str) -> Option<String> {
    let (inner, file) = match name.rsplit_once('/') {
        Some((inner, file)) => (Some(inner), file),
        None => (None, name),
    };
    let folder = inner.map_or_else(|| folder.to_owned(), |inner| folder.join(inner));
    let entries = fs::read_dir(folder).ok()?.take(MOST_FILES);
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| matches!(name.rsplit_once('.'), Some((_, "yaml" | "yml"))))
        .collect();
    names.sort();
    let near = nearest(file, names.iter().map(String::as_str))?;
    Some(inner.map_or_else(|| near.to_owned(), |inner| format!("{inner}/{near}")))
}

fn read_bytes(path: &FilePath) -> Result<Vec<u8>, Refusal> {
    let about = fs::metadata(path).map_err(|error| Refusal::unreadable(&error))?;
    if !about.is_file() {
        return Err(Refusal::new(Id::UnreadableFile, "this is not a file"));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| Refusal::unreadable(&error))?;
    if bytes.len() as u64 > LARGEST {
        let message = format!("this file is larger than {} MiB", LARGEST >> 20);
        return Err(Refusal::new(Id::FileTooLarge, message));
    }
    Ok(bytes)
}

/// The text of a file, and what is no text in it. What comes behind that is cut off.
fn decode(bytes: &[u8]) -> (String, Option<(usize, String)>) {
    if bytes.len() as u64 > LARGEST {
        return (
            String::new(),
            Some((0, format!("this text is larger than {} MiB", LARGEST >> 20))),
        );
    }
    let (text, broken) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let good = error.valid_up_to();
            let text = std::str::from_utf8(&bytes[..good]).unwrap_or_default();
            (text, Some((good, "this is not UTF-8".to_owned())))
        }
    };
    let forbidden =
        |(_, c): &(usize, char)| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
    match text.char_indices().find(forbidden) {
        Some((offset, c)) => {
            let message = format!("the character U+{:04X} cannot stand in YAML", u32::from(c));
            (text[..offset].to_owned(), Some((offset, message)))
        }
        None => (text.to_owned(), broken),
    }
}

/// What to do about a file that is not read.
fn help(id: Id) -> &'static str {
    match id {
        Id::FileTooLarge => "spread it over several files by `include`",
        Id::IncludePath => {
            "name each file once, by its path from the folder of the root file, and below that"
        }
        Id::NotText => "save it as UTF-8; in quotes `\\0` and the like stand for other characters",
        _ => "name a file that is there and may be read, or a folder with an `api.yaml`",
    }
}
