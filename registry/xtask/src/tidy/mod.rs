//! The rules of this repository that a machine can check: `docs/architecture.md` has their reasons.
//!
//! A rule looks at the tree and gives findings. `layers` has those about who may know what, `text`
//! those about how a file is written, `coverage` those that ask for something to be there. A rule reads
//! text, not syntax: it is meant to catch a slip in review, not an adversary.

mod coverage;
mod layers;
mod manifests;
mod text;
mod tree;

use std::fmt;
use std::path::PathBuf;

pub use tree::{File, Tree};

/// A rule with its name.
#[derive(Debug)]
pub struct Rule {
    /// How findings call it.
    pub name: &'static str,
    /// What it asks for, in a sentence.
    pub what: &'static str,
    find: fn(&Tree) -> Vec<Place>,
}

/// Where a rule is broken, and how.
#[derive(Debug)]
struct Place {
    path: String,
    /// Counted from 1; 0 stands for the whole file.
    line: usize,
    message: String,
}

impl Place {
    fn new(file: &File, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: file.path.clone(),
            line,
            message: message.into(),
        }
    }

    fn missing(path: &str, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line: 0,
            message: message.into(),
        }
    }
}

/// One place where one rule is broken.
#[derive(Debug)]
pub struct Finding {
    /// The name of the rule.
    pub rule: &'static str,
    place: Place,
}

impl Finding {
    /// The file, by its path from the top of the tree.
    pub fn path(&self) -> &str {
        &self.place.path
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place {
            path,
            line,
            message,
        } = &self.place;
        write!(f, "{path}")?;
        if *line > 0 {
            write!(f, ":{line}")?;
        }
        write!(f, ": {message} [{}]", self.rule)
    }
}

const fn rule(name: &'static str, what: &'static str, find: fn(&Tree) -> Vec<Place>) -> Rule {
    Rule { name, what, find }
}

/// All rules.
pub const RULES: &[Rule] = &[
    rule(
        "directory-names",
        "only the storage layout spells the name of a storage directory",
        layers::directory_names,
    ),
    rule(
        "environment",
        "only the server's configuration reads the environment",
        layers::environment,
    ),
    rule(
        "handlers",
        "handlers name no status code, no header and no URL path",
        layers::handlers,
    ),
    rule("emitters", "emitters open no file", layers::emitters),
    rule(
        "emitter-arrows",
        "no emitter uses another",
        layers::emitter_arrows,
    ),
    rule(
        "general",
        "the generator and its runtime know no registry",
        layers::general,
    ),
    rule(
        "files",
        "only storage drivers and the configuration touch files",
        layers::files,
    ),
    rule(
        "storage-arrows",
        "drivers do not know the layout, handlers not the layers around them",
        layers::storage_arrows,
    ),
    rule(
        "crate-arrows",
        "crates depend on each other in one direction",
        manifests::crate_arrows,
    ),
    rule(
        "manifests",
        "every package takes licence, edition and lints from the workspace",
        manifests::inherited,
    ),
    rule("length", "no file has more than 600 lines", text::length),
    rule(
        "head",
        "every source file says at its head what it is for",
        text::head,
    ),
    rule(
        "unfinished",
        "nothing is left to be done, ignored or expected to panic",
        text::unfinished,
    ),
    rule(
        "machine",
        "nothing names a place on somebody's machine",
        text::machine,
    ),
    rule(
        "licence",
        "the licence lies at the top of the tree",
        coverage::licence,
    ),
    rule(
        "diagnostics",
        "every diagnostic of the generator is shown by a test",
        coverage::diagnostics,
    ),
];

/// Checks all rules.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let of_rule = |rule: &'static Rule| {
        let places = (rule.find)(tree);
        places.into_iter().map(|place| Finding {
            rule: rule.name,
            place,
        })
    };
    RULES.iter().flat_map(of_rule).collect()
}

/// The top of this repository.
pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
