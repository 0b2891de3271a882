//! The tree against the schema of the language.
//!
//! All that can be said without knowing what a key means: unknown, reserved and missing keys, values of
//! the wrong kind, texts without the grammar that is wanted. The walk is stricter than serde, which takes
//! a number for a text in one place and not in another; what the walk accepts serde accepts, and a test
//! that breaks a descriptor in every way there is shows it.

mod commas;
mod foreign;
mod here;
mod shape;
mod walk;
mod words;
mod wrong;

use std::sync::LazyLock;

use super::lints::Allowed;
use crate::diag::{Diagnostic, Diagnostics, Id, Path};
use crate::source::Sources;
use crate::spec;
use shape::Language;

static LANGUAGE: LazyLock<Language> = LazyLock::new(|| {
    let schema = spec::json_schema();
    Language::of(schema.as_value())
        .expect("the walk knows each form that schemars derives for our types")
});

/// Reports everything in the merged tree that is not of the language, and returns which lints it silences.
pub fn check(sources: &Sources, problems: &mut Diagnostics) -> Vec<Allowed> {
    if let Some(problem) = foreign::find(sources.root()) {
        problems.push(problem);
        return Vec::new();
    }
    let mut walk = walk::Walk::new(&LANGUAGE, sources, problems);
    walk.node(sources.root(), LANGUAGE.root(), &here::Here::Root);
    walk.into_allowed()
}

/// serde refuses what the walk accepts, which no descriptor is known to bring about.
pub fn disagreement(error: &serde_yaml::Error) -> Diagnostic {
    let message =
        format!("this descriptor cannot be read, and the generator does not know why: {error}");
    Diagnostic::error(Id::WrongType, &Path::root(), message)
}

#[cfg(test)]
mod tests;
