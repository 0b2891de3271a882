//! What should not be used any more.
//!
//! Rule: it says what to use instead. `deprecated: {reason: Too slow.}` is told.

use super::places::Place;
use crate::check::scope::{Scope, items};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::spec::{Deprecated, Schema};

/// Looks for things that are deprecated without another in their place.
pub(super) fn check(scope: &mut Scope<'_, '_>, places: &[Place<'_>]) {
    let spec = scope.spec;
    let root = Path::root();
    for (name, format) in &spec.formats {
        one(
            scope,
            format.deprecated.as_ref(),
            &root.key("formats").key(name),
        );
    }
    for (name, schema) in &spec.schemas {
        let (Schema::Object { deprecated, .. }
        | Schema::Enum { deprecated, .. }
        | Schema::Union { deprecated, .. }) = schema;
        one(scope, deprecated.as_ref(), &root.key("schemas").key(name));
    }
    for place in places {
        one(scope, place.value.deprecated.as_ref(), &place.path);
    }
    for (route, path) in spec.routes.iter().zip(items(&root.key("routes"))) {
        for (method, requests) in &route.methods {
            let list = path.key("methods").key(method);
            for (request, path) in requests.iter().zip(items(&list)) {
                one(scope, request.deprecated.as_ref(), &path);
            }
        }
    }
}

fn one(scope: &mut Scope<'_, '_>, deprecated: Option<&Deprecated>, path: &Path) {
    if deprecated.is_some_and(|deprecated| deprecated.instead.is_none()) {
        let message = "this is deprecated, and nobody learns what to use instead";
        scope.push(
            Diagnostic::warning(
                Id::DeprecatedWithoutInstead,
                At::key(&path.key("deprecated")),
                message,
            )
            .help("name it by `instead`"),
        );
    }
}
