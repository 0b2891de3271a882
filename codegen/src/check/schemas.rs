//! Schemas: objects, enumerations and unions (`unions`).
//!
//! Rule: fields and values get different names in code. `fields: {a-b: string, a_b: string}` fails: both
//! become `a_b`.

use super::names::{Taken, camel, is_pascal, proper};
use super::scope::Scope;
use super::{deprecations, enums, recursion, types, unions, values};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Field, Schema, SchemaKind, Type};
use crate::spec;

/// Resolves all named schemas.
pub(super) fn schemas(scope: &mut Scope<'_, '_>) {
    let spec = scope.spec;
    let schemas: Vec<Schema> = spec
        .schemas
        .iter()
        .map(|(name, written)| schema(scope, name, written, &Path::root().key("schemas").key(name)))
        .collect();
    let schemas = recursion::resolved(scope, schemas);
    scope.schemas = unions::told_apart(scope, schemas);
}

fn schema(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Schema, path: &Path) -> Schema {
    check_name(scope, name, path);
    let (description, deprecated) = match written {
        spec::Schema::Object {
            description,
            deprecated,
            ..
        }
        | spec::Schema::Enum {
            description,
            deprecated,
            ..
        }
        | spec::Schema::Union {
            description,
            deprecated,
            ..
        } => (description, deprecated),
    };
    deprecations::check(scope, deprecated.as_ref(), path);
    Schema {
        name: name.to_owned(),
        description: description.clone(),
        kind: kind(scope, written, path),
        deprecated: deprecated.as_ref().map(deprecations::deprecation),
    }
}

fn kind(scope: &mut Scope<'_, '_>, written: &spec::Schema, path: &Path) -> SchemaKind {
    match written {
        spec::Schema::Object {
            fields,
            unknown,
            rest,
            ..
        } => {
            let reject_unknown = *unknown == Some(spec::UnknownKeys::Reject);
            let rest = rest
                .as_ref()
                .and_then(|rest| self::rest(scope, rest, reject_unknown, path));
            let mut taken = Taken::default();
            if rest.is_some() {
                taken.enter(scope, "rest", At::key(&path.key("rest")), "");
            }
            SchemaKind::Object {
                fields: fields_of(scope, fields, &path.key("fields"), &mut taken),
                reject_unknown,
                rest,
            }
        }
        spec::Schema::Enum { values, open, .. } => SchemaKind::Enum {
            values: enums::values(scope, values, *open, &path.key("values")),
            open: *open,
        },
        spec::Schema::Union {
            tag,
            content,
            open,
            unknown_tag,
            variants,
            ..
        } => {
            let tag = unions::Tag {
                key: tag.as_ref(),
                content: content.as_ref(),
                open: *open,
                unknown: unknown_tag.as_ref(),
            };
            unions::union(scope, &tag, variants, path, &path.key("variants"))
        }
    }
}

fn check_name(scope: &mut Scope<'_, '_>, name: &str, path: &Path) {
    if is_pascal(name) {
        return;
    }
    let message = "the name of a schema is `PascalCase`";
    let mut diagnostic = Diagnostic::error(Id::BadName, At::key(path), message);
    let proper = proper(name, camel);
    diagnostic = if is_pascal(&proper) {
        diagnostic.help(format!("write `{proper}`")).replace(proper)
    } else {
        diagnostic
            .help("write words of letters a to z and digits, each with a capital at its beginning")
    };
    scope.push(diagnostic);
}

/// The type of all other keys.
fn rest(
    scope: &mut Scope<'_, '_>,
    rest: &spec::TypeExpr,
    reject: bool,
    path: &Path,
) -> Option<Type> {
    let at = path.key("rest");
    if reject {
        let message = "keys that are kept by `rest` cannot be refused";
        scope.push(
            Diagnostic::error(Id::BadConstraint, &path.key("unknown"), message)
                .label(At::key(&at), "kept here")
                .help("take `unknown` or `rest` away"),
        );
    }
    types::demand_plain(scope, rest, &at, "the type of all other keys");
    types::resolve(scope, rest, &at)
}

/// The fields of an object.
pub(super) fn fields_of(
    scope: &mut Scope<'_, '_>,
    fields: &spec::Map<spec::Value>,
    path: &Path,
    taken: &mut Taken,
) -> Vec<Field> {
    fields
        .iter()
        .map(|(wire, written)| {
            let path = path.key(wire);
            let field = values::field(scope, wire, written, &path);
            taken.enter(
                scope,
                &field.ident,
                At::key(&path),
                "give one of them another name by `as`",
            );
            field
        })
        .collect()
}

/// An object that is defined where it is used.
pub(super) fn inline(
    scope: &mut Scope<'_, '_>,
    name: String,
    fields: &spec::Map<spec::Value>,
    path: &Path,
) -> Schema {
    let fields = fields_of(scope, fields, path, &mut Taken::default());
    Schema {
        name,
        description: String::new(),
        kind: SchemaKind::Object {
            fields,
            reject_unknown: false,
            rest: None,
        },
        deprecated: None,
    }
}
