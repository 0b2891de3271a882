//! Unions: one of several types.
//!
//! Rules: a tag that lies beside the fields is of objects without a field of its name, and types without
//! a tag differ by the kind of JSON that they are. `{type: union, variants: {a: string, b: uuid}}` fails:
//! both are strings.

use std::collections::BTreeSet;

use super::members::Members;
use super::scope::{Kind, Scope};
use super::{literals, types};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{self, Builtin, ErrorId, JsonKind, Schema, SchemaId, SchemaKind, Type, Variant};
use crate::spec;

/// What is written of a tag.
pub(super) struct Tag<'s> {
    pub(super) key: Option<&'s String>,
    pub(super) content: Option<&'s String>,
    pub(super) open: bool,
    pub(super) unknown: Option<&'s String>,
}

/// The union that is written at `path`, its variants in `list`.
pub(super) fn union(
    scope: &mut Scope<'_, '_>,
    written: &Tag<'_>,
    variants: &spec::Map<spec::Variant>,
    path: &Path,
    list: &Path,
) -> SchemaKind {
    let (fewest, message) = match written.key {
        Some(_) => (1, "a union has at least one variant"),
        None => (2, "a union without a tag has at least two variants"),
    };
    if variants.len() < fewest {
        scope.error(Id::BadType, list, message, "list another one");
    }
    let names = variants
        .iter()
        .map(|(wire, written)| (wire.as_str(), written.code_name.as_deref()));
    let mut members = Members::variants(names);
    if written.open {
        members.keep_other(scope, At::key(&path.key("open")));
    }
    let tag = tag(scope, written, path);
    let mut out = Vec::new();
    for (wire, written) in variants {
        let at = list.key(wire);
        let ident = members.name(scope, (wire, written.code_name.as_deref(), &at));
        types::demand_plain(scope, &written.ty, &at, "a variant");
        if let Some(ty) = types::resolve(scope, &written.ty, &at) {
            out.push(Variant {
                wire: wire.clone(),
                ident,
                description: written.description.clone(),
                ty,
                kinds: Vec::new(),
            });
        }
    }
    SchemaKind::Union { tag, variants: out }
}

fn tag(scope: &mut Scope<'_, '_>, written: &Tag<'_>, path: &Path) -> Option<model::Tag> {
    let Some(key) = written.key else {
        let keys = [
            ("content", written.content.is_some()),
            ("open", written.open),
            ("unknown_tag", written.unknown.is_some()),
        ];
        for (key, _) in keys.into_iter().filter(|(_, is_there)| *is_there) {
            let message = format!("`{key}` is for a union with a `tag`");
            scope.error(
                Id::BadType,
                &path.key(key),
                message,
                "give the union a `tag`, or take the key away",
            );
        }
        return None;
    };
    if written.content == Some(key) {
        let message = format!("the tag is `{key}` already");
        scope.push(
            Diagnostic::error(Id::BadType, &path.key("content"), message)
                .label(&path.key("tag"), "the tag")
                .help("choose another key"),
        );
    }
    if written.open && written.unknown.is_some() {
        let message = "an open union refuses no tag";
        scope.push(
            Diagnostic::error(Id::BadType, &path.key("unknown_tag"), message)
                .label(At::key(&path.key("open")), "open here")
                .help("take `open` or `unknown_tag` away"),
        );
    }
    let unknown = written.unknown.and_then(|code| {
        scope
            .find(Kind::Error, code, &path.key("unknown_tag"))
            .map(ErrorId)
    });
    Some(model::Tag {
        key: key.clone(),
        content: written.content.cloned(),
        open: written.open,
        unknown,
    })
}

/// Sees to it that the variants of all unions can be told apart, by which kinds where there is no tag.
pub(super) fn told_apart(scope: &mut Scope<'_, '_>, mut schemas: Vec<Schema>) -> Vec<Schema> {
    for index in 0..schemas.len() {
        let path = Path::root()
            .key("schemas")
            .key(&schemas[index].name)
            .key("variants");
        let SchemaKind::Union { tag, variants } = &schemas[index].kind else {
            continue;
        };
        match tag {
            Some(tag) if tag.content.is_none() => beside(scope, &schemas, (tag, variants), &path),
            Some(_) => {}
            None => {
                let found = by_kind(scope, &schemas, variants, &path);
                if let SchemaKind::Union { variants, .. } = &mut schemas[index].kind {
                    for (variant, kinds) in variants.iter_mut().zip(found) {
                        variant.kinds = kinds;
                    }
                }
            }
        }
    }
    schemas
}

/// Complains about what a tag cannot lie beside.
fn beside(
    scope: &mut Scope<'_, '_>,
    schemas: &[Schema],
    (tag, variants): (&model::Tag, &[Variant]),
    path: &Path,
) {
    for variant in variants {
        let at = path.key(&variant.wire);
        let schema = match variant.ty {
            Type::Schema(SchemaId(id)) => schemas.get(id),
            _ => None,
        };
        let Some(SchemaKind::Object { fields, .. }) = schema.map(|schema| &schema.kind) else {
            let message = "this has no fields for a tag to lie beside";
            let problem = Diagnostic::error(Id::BadType, &at, message)
                .help("name an object, or give the value a key of its own by `content`");
            scope.push(literals::beside_type(scope, problem, &variant.ty));
            continue;
        };
        if fields.iter().any(|field| field.wire == tag.key) {
            let message = format!("this object has a field `{}`, which is the tag", tag.key);
            let mut problem = Diagnostic::error(Id::BadType, &at, message)
                .help("take the field away: the union writes and reads it");
            if let Some(definition) = literals::definition(scope, &variant.ty) {
                let field = definition.key("fields").key(&tag.key);
                problem = problem.label(At::key(&field), "the field");
            }
            scope.push(problem);
        }
    }
}

/// The kinds of all variants; complains where two have one in common.
fn by_kind(
    scope: &mut Scope<'_, '_>,
    schemas: &[Schema],
    variants: &[Variant],
    path: &Path,
) -> Vec<Vec<JsonKind>> {
    let mut seen: Vec<(JsonKind, Path)> = Vec::new();
    let mut out = Vec::new();
    for variant in variants {
        let at = path.key(&variant.wire);
        let mut found = Vec::new();
        kinds(
            scope,
            schemas,
            &variant.ty,
            &mut BTreeSet::new(),
            &mut found,
        );
        if variant.ty == Type::Builtin(Builtin::Any) {
            let message = "this may be of any kind of JSON";
            scope.push(Diagnostic::error(Id::BadType, &at, message).help("give the union a `tag`"));
        }
        let clash = found
            .iter()
            .find_map(|kind| seen.iter().find(|(known, _)| known == kind));
        if let Some((kind, first)) = clash {
            let message = format!(
                "nobody can tell two variants apart: both are {}",
                noun(*kind)
            );
            scope.push(
                Diagnostic::error(Id::BadType, &at, message)
                    .label(first, "the first one")
                    .help("give the union a `tag`"),
            );
        }
        seen.extend(found.iter().map(|kind| (*kind, at.clone())));
        out.push(found);
    }
    out
}

fn noun(kind: JsonKind) -> &'static str {
    match kind {
        JsonKind::String => "strings",
        JsonKind::Number => "numbers",
        JsonKind::Boolean => "booleans",
        JsonKind::Array => "arrays",
        JsonKind::Object => "objects",
    }
}

/// Adds the kinds of JSON that a type may be to those that are `found`; none where it may be any. A union that
/// was `seen` has nothing to add, be it that it is a variant of itself or that two unions have it.
fn kinds(
    scope: &Scope<'_, '_>,
    schemas: &[Schema],
    ty: &Type,
    seen: &mut BTreeSet<usize>,
    found: &mut Vec<JsonKind>,
) {
    let kind = match ty {
        Type::Builtin(builtin) => match builtin {
            Builtin::Any => return,
            Builtin::Boolean => JsonKind::Boolean,
            Builtin::Integer
            | Builtin::Int32
            | Builtin::Uint32
            | Builtin::Uint64
            | Builtin::Number
            | Builtin::UnixTime => JsonKind::Number,
            _ => JsonKind::String,
        },
        Type::Format(id) => {
            let format = scope.spec.formats.get_index(id.0);
            match format.and_then(|(_, format)| format.base.as_deref()) {
                None | Some("string") => JsonKind::String,
                Some(_) => JsonKind::Number,
            }
        }
        Type::List(_) => JsonKind::Array,
        Type::Map(_) => JsonKind::Object,
        Type::Url(_) | Type::Challenge(_) => JsonKind::String,
        Type::Schema(SchemaId(id)) => match schemas.get(*id).map(|schema| &schema.kind) {
            Some(SchemaKind::Enum { .. }) => JsonKind::String,
            Some(SchemaKind::Union {
                tag: None,
                variants,
            }) => {
                if seen.insert(*id) {
                    for variant in variants {
                        kinds(scope, schemas, &variant.ty, seen, found);
                    }
                }
                return;
            }
            _ => JsonKind::Object,
        },
    };
    if !found.contains(&kind) {
        found.push(kind);
    }
}
