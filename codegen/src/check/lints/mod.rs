//! Lints: what is legal, and probably not meant.
//!
//! They look at a descriptor without errors, so that none follows from a mistake that is told already.
//! What becomes of each is decided at the end (`settle`): by the nearest `allow` around its place, then by
//! `lints` of the descriptor, then by the lint's own default. Each rule stands at the head of its file.

mod deprecations;
mod descriptions;
mod limits;
mod names;
mod places;
mod requests;
mod secrets;
mod unused;

use std::collections::BTreeMap;

use super::requests::Draft;
use super::scope::Scope;
use crate::diag::{At, Diagnostic, Diagnostics, Id, Level, Path, Place, Severity};
use crate::model::Api;
use crate::spec;

/// A lint that is silenced in a descriptor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// Which one.
    pub lint: Id,
    /// The place of which it says nothing, and of what is within.
    pub place: Path,
    /// Where the reason stands.
    pub entry: Path,
}

/// Looks for everything that is legal and probably not meant.
pub(super) fn check(scope: &mut Scope<'_, '_>, api: &Api, drafts: &[Draft<'_>]) {
    let places = places::places(scope.spec);
    unused::check(scope);
    limits::check(scope, &places);
    requests::check(scope, api, drafts);
    names::check(scope, &places);
    secrets::check(scope, &places);
    deprecations::check(scope, &places);
    descriptions::check(scope, &places);
}

/// Decides what becomes of lints. What is no lint stays as it is.
pub(super) fn settle(lints: &spec::Lints, allowed: &[Allowed], found: Diagnostics) -> Diagnostics {
    let has_errors = found.has_errors();
    let by_place: BTreeMap<(Id, &Path), usize> = allowed
        .iter()
        .enumerate()
        .map(|(index, allowed)| ((allowed.lint, &allowed.place), index))
        .collect();
    let mut is_used = vec![false; allowed.len()];
    let mut settled = Diagnostics::new();
    for problem in found.into_vec() {
        if problem.id.lint().is_none() {
            settled.push(problem);
        } else if let Some(index) = nearest(&by_place, &problem) {
            is_used[index] = true;
        } else {
            settled.extend(levelled(lints, problem));
        }
    }
    // Lints that have not looked have found nothing to silence.
    if !has_errors {
        let idle = allowed.iter().zip(is_used).filter(|(_, is_used)| !is_used);
        settled.extend(idle.filter_map(|(allowed, _)| levelled(lints, unused_allow(allowed))));
    }
    settled
}

/// The innermost `allow` of the lint around a problem.
fn nearest(by_place: &BTreeMap<(Id, &Path), usize>, problem: &Diagnostic) -> Option<usize> {
    let (Place::At(at) | Place::Word(at, _)) = &problem.labels.first()?.place else {
        return None;
    };
    let mut place = Some(at.path.clone());
    while let Some(path) = place {
        if let Some(index) = by_place.get(&(problem.id, &path)) {
            return Some(*index);
        }
        place = path.around();
    }
    None
}

/// A lint by its level; `None` where nothing is to be said.
fn levelled(lints: &spec::Lints, problem: Diagnostic) -> Option<Diagnostic> {
    let written = lints.level(problem.id);
    match written.or(problem.id.lint()) {
        Some(Level::Allow) => None,
        Some(Level::Deny) => {
            let place = Path::root().key("lints").key(problem.id.key());
            let denied = Diagnostic {
                severity: Severity::Error,
                ..problem
            };
            Some(denied.label(At::key(&place), "it is denied here"))
        }
        Some(Level::Warn) | None => Some(problem),
    }
}

fn unused_allow(allowed: &Allowed) -> Diagnostic {
    let message = format!("`{}` has nothing to say here", allowed.lint.key());
    Diagnostic::warning(Id::UnusedAllow, At::key(&allowed.entry), message)
        .help("take the entry out")
}
