//! Type expressions to types.
//!
//! Rule: a name in a type expression is a builtin, a format or a schema; `url<..>` names an operation
//! and `challenge<..>` a security scheme. `query: {n: page_sise}` fails: there is no such type.

use super::names::{camel, is_pascal, is_snake, snake};
use super::scope::{Kind, Scope};
use crate::diag::{At, Diagnostic, Id, Path, Place};
use crate::model::{Builtin, FormatId, OperationId, SchemaId, SchemeId, Type};
use crate::spec::{TypeExpr, TypeTerm};

/// The builtins by name, with what they are.
pub(super) const BUILTINS: [(&str, Builtin, &str); 17] = [
    ("string", Builtin::String, "Text."),
    ("boolean", Builtin::Boolean, "`true` or `false`."),
    (
        "integer",
        Builtin::Integer,
        "A whole number of 64 bits with a sign.",
    ),
    (
        "int32",
        Builtin::Int32,
        "A whole number of 32 bits with a sign.",
    ),
    (
        "uint32",
        Builtin::Uint32,
        "A whole number from 0 on, of 32 bits.",
    ),
    (
        "uint64",
        Builtin::Uint64,
        "A whole number from 0 on, of 64 bits.",
    ),
    (
        "number",
        Builtin::Number,
        "A number with a fraction, of 64 bits.",
    ),
    ("any", Builtin::Any, "Any JSON."),
    ("date", Builtin::Date, "A date: `2026-11-24`."),
    (
        "date_time",
        Builtin::DateTime,
        "A date and time as in RFC 3339: `2026-11-24T09:30:00Z`.",
    ),
    (
        "http_date",
        Builtin::HttpDate,
        "A date and time as in HTTP: `Tue, 24 Nov 2026 09:30:00 GMT`.",
    ),
    (
        "unix_time",
        Builtin::UnixTime,
        "Seconds since 1970, as a whole number.",
    ),
    ("uuid", Builtin::Uuid, "A UUID."),
    ("uri", Builtin::Uri, "An absolute URI."),
    ("base64", Builtin::Base64, "Bytes, as base64."),
    ("etag", Builtin::Etag, "An entity tag, with its quotes."),
    (
        "flag",
        Builtin::Flag,
        "A key of a query without a value: `?acl`. Only as `optional flag`.",
    ),
];

/// What other languages call the builtins.
const ELSEWHERE: [(&str, &str); 25] = [
    ("int", "integer"),
    ("int64", "integer"),
    ("i64", "integer"),
    ("long", "integer"),
    ("i32", "int32"),
    ("u32", "uint32"),
    ("u64", "uint64"),
    ("uint", "uint64"),
    ("float", "number"),
    ("float32", "number"),
    ("float64", "number"),
    ("double", "number"),
    ("f32", "number"),
    ("f64", "number"),
    ("decimal", "number"),
    ("bool", "boolean"),
    ("str", "string"),
    ("text", "string"),
    ("object", "any"),
    ("json", "any"),
    ("datetime", "date_time"),
    ("timestamp", "date_time"),
    ("guid", "uuid"),
    ("url", "uri"),
    ("bytes", "base64"),
];

/// What takes a type, as it is called here and elsewhere, with its own name.
const LISTS: [(&str, &str); 4] = [
    ("list", "list"),
    ("array", "list"),
    ("map", "map"),
    ("dict", "map"),
];

/// The builtin that a name is here which another language has for it.
pub(super) fn elsewhere(name: &str) -> Option<&'static str> {
    let mut known = ELSEWHERE.iter();
    let (_, own) = known.find(|(other, _)| other.eq_ignore_ascii_case(name))?;
    Some(own)
}

/// Says what a name is here that another language has for a builtin; `false` where it is none.
pub(super) fn tell_elsewhere(
    scope: &mut Scope<'_, '_>,
    (noun, name): (&str, &str),
    path: &Path,
) -> bool {
    let Some(own) = elsewhere(name) else {
        return false;
    };
    let place = Place::Word(At::value(path), name.to_owned());
    let message = format!("there is no {noun} `{name}`");
    scope.push(
        Diagnostic::error(Id::UnknownName, place, message)
            .help(format!("here it is called `{own}`"))
            .replace(own),
    );
    true
}

/// The builtin of this name.
pub(super) fn builtin(name: &str) -> Option<Builtin> {
    BUILTINS
        .iter()
        .find(|(known, ..)| *known == name)
        .map(|(_, builtin, _)| *builtin)
}

/// The name of a builtin.
pub(super) fn builtin_name(builtin: Builtin) -> &'static str {
    BUILTINS
        .iter()
        .find(|(_, known, _)| *known == builtin)
        .map_or("any", |(name, ..)| name)
}

/// The type of an expression that stands at `path`, or inside the map there as its `type`.
pub(super) fn resolve(
    scope: &mut Scope<'_, '_>,
    expression: &TypeExpr,
    path: &Path,
) -> Option<Type> {
    term(scope, &expression.term, path)
}

fn term(scope: &mut Scope<'_, '_>, term_: &TypeTerm, path: &Path) -> Option<Type> {
    match term_ {
        TypeTerm::Name(name) => named(scope, name, path),
        TypeTerm::List(inner) => Some(Type::List(Box::new(term(scope, inner, path)?))),
        TypeTerm::Map(inner) => Some(Type::Map(Box::new(term(scope, inner, path)?))),
        TypeTerm::Url(name) => {
            let id = OperationId(scope.find(Kind::Operation, name, path)?);
            scope.urls.push((id, path.clone()));
            Some(Type::Url(id))
        }
        TypeTerm::Challenge(name) => scope
            .find(Kind::Scheme, name, path)
            .map(|id| Type::Challenge(SchemeId(id))),
    }
}

fn named(scope: &mut Scope<'_, '_>, name: &str, path: &Path) -> Option<Type> {
    // A format that takes the name of a builtin is told of where it is defined.
    if let Some(id) = scope.get(Kind::Format, name)
        && builtin(name).is_none()
    {
        return Some(Type::Format(FormatId(id)));
    }
    if let Some(id) = scope.get(Kind::Schema, name) {
        return Some(Type::Schema(SchemaId(id)));
    }
    match builtin(name) {
        Some(Builtin::Flag) => {
            let message = "a flag is a key of a query, and stands nowhere else";
            scope.push(
                Diagnostic::error(Id::BadType, path, message)
                    .help("what is true or false is a `boolean`"),
            );
            return None;
        }
        Some(builtin) => return Some(Type::Builtin(builtin)),
        None => {}
    }
    let formats = scope.names(Kind::Format);
    let schemas = scope.names(Kind::Schema);
    // What is called so by everybody but its definition is told of there.
    let is_misnamed = schemas
        .iter()
        .any(|own| camel(own) == name && !is_pascal(own))
        || formats
            .iter()
            .any(|own| snake(own) == name && !is_snake(own));
    if is_misnamed {
        return None;
    }
    if tell_elsewhere(scope, ("type", name), path) {
        return None;
    }
    if let Some(head) = LISTS.iter().find(|(known, _)| *known == name) {
        let place = Place::Word(At::value(path), name.to_owned());
        let message = format!("`{name}` is no type without what it holds");
        let help = format!("write `{}<TYPE>`", head.1);
        scope.push(Diagnostic::error(Id::UnknownName, place, message).help(help));
        return None;
    }
    let mut known = formats;
    known.extend(schemas);
    known.extend(BUILTINS.iter().map(|(name, ..)| *name));
    scope.unknown("type", name, &known, path);
    None
}

/// Complains where `optional` or `| null` stands with a type for which it means nothing.
pub(super) fn demand_plain(
    scope: &mut Scope<'_, '_>,
    expression: &TypeExpr,
    path: &Path,
    what: &str,
) {
    if expression.optional || expression.nullable {
        let word = if expression.optional {
            "optional"
        } else {
            "null"
        };
        scope.push(
            Diagnostic::error(
                Id::BadType,
                Place::ty(path),
                format!("{what} cannot be {word}"),
            )
            .help(format!("take `{word}` away")),
        );
    }
}

/// Complains about formats and schemas that take the name of a builtin.
pub(super) fn check_names(scope: &mut Scope<'_, '_>) {
    let spec = scope.spec;
    let formats = spec.formats.keys().map(|name| ("formats", name));
    let schemas = spec.schemas.keys().map(|name| ("schemas", name));
    for (map, name) in formats.chain(schemas) {
        let path = Path::root().key(map).key(name);
        // A schema of such a name is to have another anyway.
        if builtin(name).is_some() && map == "formats" {
            let message = format!("`{name}` is a type of the language");
            scope.push(
                Diagnostic::error(Id::NameClash, At::key(&path), message)
                    .help("choose another name"),
            );
        }
        if map == "schemas" && scope.spec.formats.contains_key(name) {
            let format = Path::root().key("formats").key(name);
            scope.push(
                Diagnostic::error(
                    Id::NameClash,
                    At::key(&path),
                    format!("there is a format `{name}`, too"),
                )
                .label(At::key(&format), "the format")
                .help("formats and schemas share their names"),
            );
        }
    }
}
