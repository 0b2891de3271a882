//! Error codes.
//!
//! Rules: the status is one of a failure, two entries do not share a code on the wire, a detail is an
//! object. `GONE: {status: 200, message: gone}` fails: 200 is a success.

use std::collections::BTreeMap;

use super::names::{camel, demand_snake};
use super::scope::Scope;
use super::{literals, schemas, types};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Builtin, ErrorCode, Schema, SchemaId, SchemaKind, Type};
use crate::spec;

/// All error codes.
pub(super) fn errors(scope: &mut Scope<'_, '_>) -> Vec<ErrorCode> {
    let spec = scope.spec;
    let mut wires: BTreeMap<&str, Path> = BTreeMap::new();
    let mut errors = Vec::new();
    for (key, written) in &spec.errors {
        let path = Path::root().key("errors").key(key);
        let wire = written.wire.as_deref().unwrap_or(key);
        if let Some(first) = wires.insert(wire, path.clone()) {
            scope.push(
                Diagnostic::error(
                    Id::NameClash,
                    At::key(&path),
                    format!("two codes are `{wire}` on the wire"),
                )
                .help("give one of them another code by `wire`, or take one away")
                .label(At::key(&first), "the first one"),
            );
        }
        errors.push(error(scope, key, written, &path));
    }
    errors
}

fn error(
    scope: &mut Scope<'_, '_>,
    key: &str,
    written: &spec::ErrorCode,
    path: &Path,
) -> ErrorCode {
    if !(400..=599).contains(&written.status) {
        let message = format!("{} is no status of a failure", written.status);
        scope.push(
            Diagnostic::error(Id::BadStatus, &path.key("status"), message)
                .help("write one from 400 to 599"),
        );
    }
    let type_name = match &written.code_name {
        Some(name) => {
            demand_snake(scope, name, At::value(&path.key("as")), "a code in code");
            camel(name)
        }
        None => camel(key),
    };
    if type_name.is_empty() {
        scope.push(
            Diagnostic::error(
                Id::BadName,
                At::key(path),
                "no name in code can be made of this code",
            )
            .help("give one by `as`"),
        );
    }
    let detail = written.detail.as_ref().and_then(|detail| {
        self::detail(
            scope,
            detail,
            &format!("{type_name}Detail"),
            &path.key("detail"),
        )
    });
    let rejection_detail = detail
        .and_then(|id| scope.object(id))
        .is_some_and(takes_rejections);
    ErrorCode {
        code: written.wire.clone().unwrap_or_else(|| key.to_owned()),
        type_name,
        status: written.status,
        message: written.message.clone(),
        description: written.description.clone(),
        detail,
        repeats: written.repeats,
        rejection_detail,
        docs: written.docs.clone(),
    }
}

/// The object of a detail. One that has a name already is copied, because the code's own type has its
/// fields.
fn detail(
    scope: &mut Scope<'_, '_>,
    written: &spec::ErrorDetail,
    name: &str,
    path: &Path,
) -> Option<SchemaId> {
    let schema = match (&written.schema, &written.fields) {
        (None, Some(fields)) => {
            schemas::inline(scope, name.to_owned(), fields, &path.key("fields"))
        }
        (Some(expression), None) => {
            let path = path.key("schema");
            types::demand_plain(scope, expression, &path, "a detail");
            match types::resolve(scope, expression, &path)? {
                Type::Schema(id) if scope.object(id).is_some() => Schema {
                    name: name.to_owned(),
                    ..scope.object(id)?.clone()
                },
                ty => {
                    let problem = Diagnostic::error(Id::BadType, &path, "a detail is an object")
                        .help("name a schema of the type `object`, or write `fields`");
                    scope.push(literals::beside_type(scope, problem, &ty));
                    return None;
                }
            }
        }
        _ => {
            scope.push(
                Diagnostic::error(
                    Id::BadType,
                    path,
                    "a detail has either `schema` or `fields`",
                )
                .help("leave `detail` out where there is none"),
            );
            return None;
        }
    };
    Some(scope.add_schema(schema, path))
}

/// Whether the server can fill the object where it refuses a request by itself.
fn takes_rejections(schema: &Schema) -> bool {
    let SchemaKind::Object { fields, .. } = &schema.kind else {
        return false;
    };
    let is_optional_text = |wire: &str| {
        fields.iter().any(|field| {
            field.wire == wire
                && field.value.optional
                && field.value.ty == Type::Builtin(Builtin::String)
        })
    };
    let others_optional = fields
        .iter()
        .all(|field| field.value.optional || field.value.default.is_some());
    others_optional && is_optional_text("parameter") && is_optional_text("reason")
}
