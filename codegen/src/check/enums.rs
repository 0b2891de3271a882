//! The values of enumerations.
//!
//! Rule: there is at least one. `values: {}` fails. What they are called in code tells `members`.

use super::members::Members;
use super::scope::Scope;
use crate::diag::{At, Id, Path};
use crate::model::EnumValue;
use crate::spec;

/// The values that are written at `path`.
pub(super) fn values(
    scope: &mut Scope<'_, '_>,
    values: &spec::Map<spec::EnumValue>,
    open: bool,
    path: &Path,
) -> Vec<EnumValue> {
    if values.is_empty() {
        scope.error(
            Id::BadType,
            path,
            "an enumeration has at least one value",
            "list one, with what it means",
        );
    }
    let names = values
        .iter()
        .map(|(wire, written)| (wire.as_str(), written.code_name.as_deref()));
    let mut members = Members::values(names);
    if open {
        members.keep_other(scope, At::value(path));
    }
    values
        .iter()
        .map(|(wire, written)| EnumValue {
            wire: wire.clone(),
            ident: members.name(scope, (wire, written.code_name.as_deref(), &path.key(wire))),
            description: written.description.clone(),
        })
        .collect()
}
