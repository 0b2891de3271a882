//! One YAML descriptor of an HTTP API drives its types, server, client, URLs and documents.
//!
//! The pipeline, each step a module:
//!
//! 1. [`source`] reads files and merges them to a tree that knows the place of every node.
//! 2. [`check::structure`] walks the tree along the JSON Schema of the language.
//! 3. serde turns it into [`spec`], a mirror of the language.
//! 4. [`check`] resolves names and finds what makes no sense; the result is the [`model`].
//! 5. [`emit`] renders the model: to Rust, to documents, to JSON.
//!
//! [`load`] is the first four. All problems of a descriptor come in one run ([`Failure`]). A build script
//! is one call of [`build()`].

mod build;
pub mod check;
pub mod diag;
pub mod diff;
pub mod emit;
mod event_text;
pub mod language;
pub mod model;
pub mod pattern;
pub mod render;
pub mod route;
pub mod source;
pub mod spec;
#[cfg(feature = "docs")]
mod templates;
pub mod values;
mod wire;

use std::fmt;
use std::path::Path;

pub use build::build;
use diag::{Diagnostic, Diagnostics};
use source::Sources;
#[cfg(feature = "docs")]
pub use templates::templates;

/// A descriptor without errors.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it says, resolved.
    pub api: model::Api,
    /// What is to be looked at nevertheless.
    pub warnings: Vec<Diagnostic>,
    /// The files that were read.
    pub sources: Sources,
}

/// A descriptor with errors. It is displayed as text: for each problem `file:line:column: error[id]:
/// message`, then the line of the file with the place marked.
#[derive(Clone, Debug)]
pub struct Failure {
    /// All problems, warnings among them, by their place.
    pub problems: Vec<Diagnostic>,
    /// The files that were read.
    pub sources: Sources,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&render::plain(&self.problems, &self.sources))
    }
}

impl std::error::Error for Failure {}

/// Loads a descriptor: a file, or a folder that holds `api.yaml`.
pub fn load(path: &Path) -> Result<Loaded, Box<Failure>> {
    let mut problems = Diagnostics::new();
    let sources = Sources::read(path, &mut problems);
    resolve(sources, problems)
}

/// Loads a descriptor that is one text; `name` stands for the file in messages.
pub fn load_str(name: &str, text: &str) -> Result<Loaded, Box<Failure>> {
    let mut problems = Diagnostics::new();
    let sources = Sources::of_text(name, text, &mut problems);
    resolve(sources, problems)
}

fn resolve(sources: Sources, mut problems: Diagnostics) -> Result<Loaded, Box<Failure>> {
    let allowed = check::structure::check(&sources, &mut problems);
    if problems.has_errors() {
        let others = check::rest::check(&sources, &problems);
        problems.extend(others);
    }
    let spec = (!problems.has_errors())
        .then(|| serde_yaml::from_value(sources.root().to_yaml()))
        .transpose()
        .unwrap_or_else(|error| {
            problems.push(check::structure::disagreement(&error));
            None
        });
    let api = spec.and_then(|mut spec: spec::Spec| {
        spec.fill_files(|name| sources.body(name));
        check::check(&spec, &allowed, &mut problems)
    });
    let problems = render::sorted(problems, &sources);
    match api {
        Some(api) => Ok(Loaded {
            api,
            warnings: problems,
            sources,
        }),
        None => Err(Box::new(Failure { problems, sources })),
    }
}
