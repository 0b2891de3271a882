//! Definitions that nothing refers to.
//!
//! Rule: something uses each definition. `mixins: {paged: {..}}` without a `use: [paged]` is told.

use crate::check::scope::{Kind, Scope};
use crate::diag::{At, Diagnostic, Id, Path};

/// Looks for definitions without users.
pub(super) fn check(scope: &mut Scope<'_, '_>) {
    for (kind, map) in [
        (Kind::Group, "groups"),
        (Kind::Mixin, "mixins"),
        (Kind::Format, "formats"),
        (Kind::Schema, "schemas"),
        (Kind::Error, "errors"),
        (Kind::Envelope, "envelopes"),
        (Kind::Response, "responses"),
        (Kind::Scheme, "security"),
    ] {
        for (index, name) in scope.names(kind).into_iter().enumerate() {
            if !scope.is_used(kind, index) {
                let place = At::key(&Path::root().key(map).key(name));
                let message = format!("nothing uses the {} `{name}`", kind.noun());
                scope.push(
                    Diagnostic::warning(Id::UnusedDefinition, place, message).help("remove it"),
                );
            }
        }
    }
}
