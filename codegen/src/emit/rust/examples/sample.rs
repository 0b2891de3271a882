//! A value for what an example does not say and an answer must have.

use serde_json::{Map, Value as Json, json};

use crate::model::{Api, Base, Builtin, ErrorCode, FormatKind, SchemaKind, Type, Value};

/// Levels of nesting that are looked into.
const DEPTH: usize = 8;

/// A value of what stands at a place; `None` where none is known to be one.
pub(super) fn of_value(api: &Api, value: &Value) -> Option<Json> {
    at(api, value, 0)
}

/// The detail of an error, without what is optional.
pub(super) fn of_detail(api: &Api, error: &ErrorCode) -> Option<Json> {
    of_type(api, &Type::Schema(error.detail?), 0)
}

fn at(api: &Api, value: &Value, depth: usize) -> Option<Json> {
    let given = value.constant.as_ref().or(value.example.as_ref());
    given.cloned().or_else(|| of_type(api, &value.ty, depth))
}

fn of_type(api: &Api, ty: &Type, depth: usize) -> Option<Json> {
    if depth > DEPTH {
        return None;
    }
    match ty {
        Type::Builtin(builtin) => Some(of_builtin(*builtin)),
        Type::Format(id) => match (&api[*id].kind, api[*id].examples.first()) {
            (FormatKind::Scalar { base, .. }, Some(example)) if *base != Base::String => {
                serde_json::from_str(example).ok()
            }
            (_, Some(example)) => Some(json!(example)),
            (FormatKind::AnyOf(ids), None) => of_type(api, &Type::Format(*ids.first()?), depth + 1),
            (FormatKind::Scalar { .. }, None) => None,
        },
        Type::Schema(id) => match &api[*id].kind {
            SchemaKind::Object { fields, .. } => {
                let required = fields
                    .iter()
                    .filter(|field| !field.value.optional && field.value.default.is_none());
                let mut object = Map::new();
                for field in required {
                    object.insert(field.wire.clone(), at(api, &field.value, depth + 1)?);
                }
                Some(Json::Object(object))
            }
            SchemaKind::Enum { values, .. } => Some(json!(values.first()?.wire)),
            SchemaKind::Union { .. } => None,
        },
        Type::List(item) => Some(json!([of_type(api, item, depth + 1)?])),
        Type::Map(_) => Some(json!({})),
        Type::Url(_) => Some(json!("/")),
        Type::Challenge(_) => None,
    }
}

fn of_builtin(builtin: Builtin) -> Json {
    match builtin {
        Builtin::String => json!("text"),
        Builtin::Boolean | Builtin::Flag => json!(true),
        Builtin::Any => json!({}),
        Builtin::Number => json!(1.5),
        Builtin::Integer
        | Builtin::Int32
        | Builtin::Uint32
        | Builtin::Uint64
        | Builtin::UnixTime => json!(1),
        Builtin::Date => json!("2026-11-24"),
        Builtin::DateTime => json!("2026-11-24T09:30:00Z"),
        Builtin::HttpDate => json!("Tue, 24 Nov 2026 09:30:00 GMT"),
        Builtin::Uuid => json!("0c4a1b6e-5f5d-4c0e-9f6b-3b1f6d0a7c11"),
        Builtin::Uri => json!("https://example.com/"),
        Builtin::Base64 => json!("AAEC"),
        Builtin::Etag => json!("\"v1\""),
    }
}
