//! What should not be used any more.
//!
//! Rules: the end is a date; what is used instead of an operation may be another one. That is linked to
//! in the answers where its URL is made of nothing but parameters that a caller of the old one gives.
//! `deprecated: {reason: Old., sunset: soon}` fails: nobody can send that in `Sunset`.

use super::requests::Draft;
use super::scope::Scope;
use super::values;
use crate::diag::{Diagnostic, Id, Path};
use crate::model::{self, Deprecation, Operation, OperationId};
use crate::spec;

/// Checks the deprecation of what is written at `path`.
pub(super) fn check(scope: &mut Scope<'_, '_>, written: Option<&spec::Deprecated>, path: &Path) {
    let Some(sunset) = written.and_then(|written| written.sunset.as_ref()) else {
        return;
    };
    if model::unix_time(sunset).is_none() {
        let message = format!("`{sunset}` is no date");
        let path = path.key("deprecated").key("sunset");
        scope.push(
            Diagnostic::error(Id::BadValue, &path, message)
                .help("write it as in `2027-11-24`; when it is not known yet, leave it out"),
        );
    }
}

/// The deprecation that is written.
pub(super) fn deprecation(written: &spec::Deprecated) -> Deprecation {
    Deprecation {
        since: written.since.clone(),
        sunset: written.sunset.clone(),
        instead: written.instead.clone(),
        reason: written.reason.clone(),
    }
}

/// That of an operation, all of whose requests are deprecated.
pub(super) fn of_all(all: &[&Draft<'_>]) -> Option<Deprecation> {
    if all.iter().any(|draft| draft.written.deprecated.is_none()) {
        return None;
    }
    all.first()?.written.deprecated.as_ref().map(deprecation)
}

/// Finds the successors of deprecated operations.
pub(super) fn settle(operations: &mut [Operation]) {
    for index in 0..operations.len() {
        operations[index].successor = successor(operations, &operations[index]);
    }
}

fn successor(operations: &[Operation], old: &Operation) -> Option<OperationId> {
    let instead = old.deprecated.as_ref()?.instead.as_ref()?;
    let index = operations.iter().position(|new| new.name == *instead)?;
    let new = &operations[index];
    let is_given = |parameter: &model::Parameter| {
        let mut known = old.path.iter();
        known.any(|known| known.wire == parameter.wire && known.value.ty == parameter.value.ty)
    };
    let mut needed = new.query.iter().filter(|query| values::is_field(query));
    let can_be_built = new.path.iter().all(is_given) && !needed.any(values::is_required);
    // A URL is not its own successor.
    (new.route != old.route && can_be_built).then_some(OperationId(index))
}
