//! Definitions that nothing refers to.
//!
//! Rule: a group, a mixin or a response that no route uses is a warning. `mixins: {paged: {..}}` without
//! a `use: [paged]` warns. Formats, schemas and codes may wait for their users.

use super::scope::{Kind, Scope};
use crate::diag::{At, Diagnostic, Id, Path};

/// Warns of definitions without users.
pub(super) fn check(scope: &mut Scope<'_, '_>) {
    for (kind, map, noun) in [
        (Kind::Group, "groups", "group"),
        (Kind::Mixin, "mixins", "mixin"),
        (Kind::Response, "responses", "response"),
    ] {
        for (index, name) in scope.names(kind).into_iter().enumerate() {
            if !scope.is_used(kind, index) {
                let place = At::key(&Path::root().key(map).key(name));
                scope.push(
                    Diagnostic::warning(
                        Id::UnusedDefinition,
                        place,
                        format!("nothing uses the {noun} `{name}`"),
                    )
                    .help("remove it"),
                );
            }
        }
    }
}
