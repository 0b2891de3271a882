//! What has no description.
//!
//! Rule: operations, parameters, headers, fields, and all that has a name of its own say what they are.
//! A value may leave that to its format or schema. `fields: {size: uint32}` is told.

use super::places::{Place, name_of};
use crate::check::scope::{Scope, items};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::spec::{Schema, Spec, Value};

/// Looks for things without descriptions.
pub(super) fn check(scope: &mut Scope<'_, '_>, places: &[Place<'_>]) {
    let spec = scope.spec;
    for (noun, map, name, description) in definitions(spec) {
        if description.is_empty() {
            tell(scope, noun, name, &Path::root().key(map).key(name));
        }
    }
    for (name, schema) in &spec.schemas {
        if let Schema::Enum { values, .. } = schema {
            let path = Path::root().key("schemas").key(name).key("values");
            for (value, _) in values.iter().filter(|(_, one)| one.description.is_empty()) {
                tell(scope, "value", value, &path.key(value));
            }
        }
    }
    for place in places
        .iter()
        .filter(|place| !is_described(spec, place.value))
    {
        tell(scope, place.role.noun(), place.name, &place.path);
    }
    for (route, path) in spec.routes.iter().zip(items(&Path::root().key("routes"))) {
        for (method, requests) in &route.methods {
            let list = path.key("methods").key(method);
            for (request, path) in requests.iter().zip(items(&list)) {
                if request.description.is_empty() {
                    let path = path.key("operation");
                    let message = format!("`{}` has no description", request.operation);
                    push(scope, At::value(&path), message);
                }
            }
        }
    }
}

/// All definitions: what they are, where they stand, and their descriptions.
fn definitions(spec: &Spec) -> Vec<(&'static str, &'static str, &str, &str)> {
    let groups = spec.groups.iter();
    let groups = groups.map(|(name, group)| ("group", "groups", &**name, &*group.description));
    let formats = spec.formats.iter();
    let formats = formats.map(|(name, one)| ("format", "formats", &**name, &*one.description));
    let schemas = spec.schemas.iter();
    let schemas = schemas.map(|(name, schema)| ("schema", "schemas", &**name, of(schema)));
    let errors = spec.errors.iter();
    let errors = errors.map(|(name, one)| ("error code", "errors", &**name, &*one.description));
    groups.chain(formats).chain(schemas).chain(errors).collect()
}

fn of(schema: &Schema) -> &str {
    let (Schema::Object { description, .. }
    | Schema::Enum { description, .. }
    | Schema::Union { description, .. }) = schema;
    description
}

/// Whether a value, or what its type names, has a description.
fn is_described(spec: &Spec, value: &Value) -> bool {
    let by_type = name_of(&value.ty.term).is_some_and(|name| {
        let format = spec.formats.get(name);
        let schema = spec.schemas.get(name);
        format.is_some_and(|format| !format.description.is_empty())
            || schema.is_some_and(|schema| !of(schema).is_empty())
    });
    !value.description.is_empty() || by_type
}

fn tell(scope: &mut Scope<'_, '_>, noun: &str, name: &str, path: &Path) {
    push(
        scope,
        At::key(path),
        format!("the {noun} `{name}` has no description"),
    );
}

fn push(scope: &mut Scope<'_, '_>, at: At, message: String) {
    scope.push(
        Diagnostic::warning(Id::MissingDescription, at, message)
            .help("say what it is by `description`"),
    );
}
