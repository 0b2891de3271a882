//! Schemas: objects, enumerations and unions (`unions`).
//!
//! Rules: fields and values get different names in code, and no object contains itself without a list
//! or a map between. `Node: {type: object, fields: {next: optional Node}}` fails: it has no size.

use super::names::{Taken, camel, is_pascal};
use super::scope::Scope;
use super::{deprecations, types, unions, values};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{EnumValue, Field, Schema, SchemaId, SchemaKind, Type};
use crate::spec;

/// Resolves all named schemas.
pub(super) fn schemas(scope: &mut Scope<'_, '_>) {
    let spec = scope.spec;
    let schemas: Vec<Schema> = spec
        .schemas
        .iter()
        .map(|(name, written)| schema(scope, name, written, &Path::root().key("schemas").key(name)))
        .collect();
    check_cycles(scope, &schemas);
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
            values: enum_values(scope, values, *open, &path.key("values")),
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
    let proper = camel(name);
    diagnostic = if is_pascal(&proper) {
        diagnostic.help(format!("write `{proper}`")).replace(proper)
    } else {
        diagnostic.help("write words of letters and digits, each with a capital at its beginning")
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

fn enum_values(
    scope: &mut Scope<'_, '_>,
    values: &spec::Map<String>,
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
    let mut taken = Taken::default();
    if open {
        taken.enter(scope, "Other", At::value(path), "");
    }
    values
        .iter()
        .map(|(wire, description)| {
            let at = At::key(&path.key(wire));
            let ident = camel(wire);
            if ident.is_empty() {
                scope.push(
                    Diagnostic::error(
                        Id::BadName,
                        at.clone(),
                        "no name in code can be made of this value",
                    )
                    .help("write a value with letters or digits"),
                );
            }
            taken.enter(scope, &ident, at, "values become variants in CamelCase");
            EnumValue {
                wire: wire.clone(),
                ident,
                description: description.clone(),
            }
        })
        .collect()
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

fn check_cycles(scope: &mut Scope<'_, '_>, schemas: &[Schema]) {
    // Each cycle is told once, at the first of its members.
    let mut told = vec![false; schemas.len()];
    for start in 0..schemas.len() {
        if told[start] {
            continue;
        }
        let Some(cycle) = cycle_through(schemas, start) else {
            continue;
        };
        for member in &cycle {
            told[*member] = true;
        }
        let names: Vec<&str> = cycle.iter().map(|id| schemas[*id].name.as_str()).collect();
        let path = Path::root().key("schemas").key(&schemas[start].name);
        let message = format!(
            "`{}` contains itself: {} → {}",
            names[0],
            names.join(" → "),
            names[0]
        );
        let mut problem = Diagnostic::error(Id::EndlessDefinition, At::key(&path), message)
            .help("put a `list<..>` or a `map<..>` between");
        for name in names.iter().skip(1) {
            let other = Path::root().key("schemas").key(*name);
            problem = problem.label(At::key(&other), "on the way");
        }
        scope.push(problem);
    }
}

/// The schemas on a shortest way from `start` back to itself through fields that are no lists.
fn cycle_through(schemas: &[Schema], start: usize) -> Option<Vec<usize>> {
    let mut from: Vec<Option<usize>> = vec![None; schemas.len()];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for next in direct(&schemas[node]) {
            if next == start {
                let mut cycle = vec![node];
                let mut at = node;
                while at != start {
                    at = from[at]?;
                    cycle.push(at);
                }
                cycle.reverse();
                return Some(cycle);
            }
            if next < schemas.len() && from[next].is_none() {
                from[next] = Some(node);
                queue.push_back(next);
            }
        }
    }
    None
}

/// The schemas that an object holds itself.
fn direct(schema: &Schema) -> Vec<usize> {
    match &schema.kind {
        SchemaKind::Object { fields, .. } => fields
            .iter()
            .filter_map(|field| match field.value.ty {
                Type::Schema(SchemaId(id)) => Some(id),
                _ => None,
            })
            .collect(),
        SchemaKind::Enum { .. } => Vec::new(),
        SchemaKind::Union { variants, .. } => variants
            .iter()
            .filter_map(|variant| match variant.ty {
                Type::Schema(SchemaId(id)) => Some(id),
                _ => None,
            })
            .collect(),
    }
}
