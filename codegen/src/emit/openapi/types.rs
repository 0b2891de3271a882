//! Types, formats and places that hold a value, as JSON Schema.

use serde_json::{Value as Json, json};

use super::components::{Component, Out};
use super::object::Object;
use crate::model::{
    Builtin, Constraints, Deprecation, Format, FormatKind, SchemaKind, Type, Value,
};
use crate::pattern::ecma;

/// The schema of a type.
pub(super) fn schema(out: &mut Out<'_>, ty: &Type) -> Object {
    match ty {
        Type::Builtin(builtin) => builtin_schema(*builtin),
        Type::Format(id) => out.reference(Component::Format(*id)),
        Type::Schema(id) => out.reference(Component::Schema(*id)),
        Type::List(item) => {
            let item = schema(out, item);
            Object::new().set("type", "array").set("items", item)
        }
        Type::Map(item) => {
            let item = schema(out, item);
            Object::new()
                .set("type", "object")
                .set("additionalProperties", item)
        }
        Type::Url(id) => {
            let name = out.api[*id].name.as_str();
            out.losses.add(format!(
                "that a URL is one of `{name}`; it is in `x-url-of`"
            ));
            Object::new()
                .set("type", "string")
                .set("format", "uri-reference")
                .set("x-url-of", name)
        }
        Type::Challenge(id) => Object::new()
            .set("type", "string")
            .set("x-challenge", out.api[*id].name.as_str()),
    }
}

fn builtin_schema(builtin: Builtin) -> Object {
    let of = |ty: &str| Object::new().set("type", ty);
    let text = |format: &str| of("string").set("format", format);
    match builtin {
        Builtin::Any => Object::new(),
        Builtin::String => of("string"),
        Builtin::Boolean => of("boolean"),
        Builtin::Number => of("number").set("format", "double"),
        Builtin::Integer => of("integer").set("format", "int64"),
        Builtin::Int32 => of("integer").set("format", "int32"),
        Builtin::Uint32 => whole(u64::from(u32::MAX)),
        Builtin::Uint64 => whole(u64::MAX),
        Builtin::Date => text("date"),
        Builtin::DateTime => text("date-time"),
        Builtin::Uuid => text("uuid"),
        Builtin::Uri => text("uri"),
        Builtin::Base64 => of("string").set("contentEncoding", "base64"),
        Builtin::HttpDate => of("string").set("x-type", "http_date"),
        Builtin::Etag => of("string").set("x-type", "etag"),
        Builtin::UnixTime => of("integer")
            .set("format", "int64")
            .set("x-type", "unix_time"),
        Builtin::Flag => of("string").set("const", "").set("x-type", "flag"),
    }
}

fn whole(most: u64) -> Object {
    Object::new()
        .set("type", "integer")
        .set("minimum", 0)
        .set("maximum", most)
}

/// The schema of a named scalar.
pub(super) fn format(out: &mut Out<'_>, format: &Format) -> Json {
    let written = match &format.kind {
        FormatKind::Scalar { base, constraints } => {
            bounded(out, builtin_schema(Builtin::from(*base)), constraints)
        }
        FormatKind::AnyOf(ids) => {
            let all: Vec<Json> = ids
                .iter()
                .map(|id| out.reference(Component::Format(*id)).json())
                .collect();
            Object::new().set("anyOf", all)
        }
    };
    let invalid = format.invalid.map(|error| out.api[error].code.as_str());
    if let Some(code) = invalid {
        out.losses.add(format!(
            "that a malformed value is answered by `{code}`; it is in `x-invalid`"
        ));
    }
    let ty = format_type(format);
    let examples: Vec<Json> = format
        .examples
        .iter()
        .map(|example| of_text(ty, example))
        .collect();
    Object::new()
        .text("description", &format.description)
        .with(written)
        .list("examples", examples)
        .some("x-invalid", invalid)
        .on("x-multi-segment", format.many_segments)
        .with(deprecation(out, format.deprecated.as_ref()))
        .json()
}

fn format_type(format: &Format) -> Builtin {
    match &format.kind {
        FormatKind::Scalar { base, .. } => Builtin::from(*base),
        FormatKind::AnyOf(_) => Builtin::String,
    }
}

/// The schema with these bounds.
fn bounded(out: &mut Out<'_>, schema: Object, bounds: &Constraints) -> Object {
    let pattern = bounds.pattern.as_ref().map(|(pattern, _)| pattern.as_str());
    let written = pattern.and_then(ecma);
    if pattern.is_some() && written.is_none() {
        out.losses
            .add("a pattern that JSON Schema cannot have; it is in `x-pattern`");
    }
    let other = pattern.filter(|_| written.is_none());
    let is_map = schema.has("additionalProperties");
    let (least, most) = if is_map {
        ("minProperties", "maxProperties")
    } else {
        ("minItems", "maxItems")
    };
    schema
        .number("minimum", bounds.min)
        .number("maximum", bounds.max)
        .some("minLength", bounds.min_length)
        .some("maxLength", bounds.max_length)
        .some(least, bounds.min_items)
        .some(most, bounds.max_items)
        .some("pattern", written)
        .some("x-pattern", other)
}

/// The schema of what stands at a place, without the texts about it.
pub(super) fn value(out: &mut Out<'_>, value: &Value) -> Object {
    let ty = schema(out, &value.ty);
    let object = bounded(out, ty, &value.constraints);
    let object = if value.nullable {
        let all = vec![object.json(), json!({"type": "null"})];
        Object::new().set("anyOf", all)
    } else {
        object
    };
    // Of a flag the key is all there is.
    if value.is_flag() {
        return object;
    }
    object
        .some("const", value.constant.clone())
        .some("default", value.default.clone())
}

/// The schema of a field, with the texts about it.
pub(super) fn field(out: &mut Out<'_>, of: &Value) -> Json {
    let described = value(out, of);
    let own = if described_by_format(out, of) {
        ""
    } else {
        &of.description
    };
    if of.secret {
        out.losses.add("what is secret; it is in `x-secret`");
    }
    Object::new()
        .text("description", own)
        .with(described)
        .list("examples", of.example.iter().cloned().collect())
        .with(deprecation(out, of.deprecated.as_ref()))
        .on("x-secret", of.secret)
        .json()
}

fn described_by_format(out: &Out<'_>, value: &Value) -> bool {
    matches!(&value.ty, Type::Format(id) if out.api[*id].description == value.description)
}

/// That something should not be used any more, and why.
pub(super) fn deprecation(out: &mut Out<'_>, deprecated: Option<&Deprecation>) -> Object {
    let Some(why) = deprecated else {
        return Object::new();
    };
    out.losses.add("why something is deprecated, since and until when, and what to use instead; it is in `x-deprecation`");
    let told = Object::new()
        .some("since", why.since.as_deref())
        .some("sunset", why.sunset.as_deref())
        .some("instead", why.instead.as_deref())
        .text("reason", &why.reason);
    Object::new()
        .set("deprecated", true)
        .object("x-deprecation", told)
}

/// A value in an example, which a path, a query or a header has as text, as its schema wants it.
pub(super) fn in_parameter(out: &Out<'_>, ty: &Type, json: &Json, separator: Option<&str>) -> Json {
    match (ty, json) {
        (Type::List(item), Json::Array(items)) => items
            .iter()
            .map(|one| in_parameter(out, item, one, None))
            .collect(),
        (Type::List(item), Json::String(text)) => {
            let parts: Vec<&str> = match separator {
                Some(separator) => text.split(separator).map(str::trim).collect(),
                None => vec![text],
            };
            let parts = parts.into_iter().map(Json::from);
            parts
                .map(|one| in_parameter(out, item, &one, None))
                .collect()
        }
        (Type::List(item), one) => json!([in_parameter(out, item, one, None)]),
        (Type::Builtin(Builtin::Flag), _) => json!(""),
        (Type::Builtin(builtin), Json::String(text)) => of_text(*builtin, text),
        (Type::Builtin(builtin), one) if builtin.is_text() => json!(one.to_string()),
        (Type::Format(id), Json::String(text)) => of_text(format_type(&out.api[*id]), text),
        (Type::Format(id), one) if format_type(&out.api[*id]).is_text() => json!(one.to_string()),
        (Type::Schema(id), one)
            if matches!(out.api[*id].kind, SchemaKind::Enum { .. }) && !one.is_string() =>
        {
            json!(one.to_string())
        }
        (_, one) => one.clone(),
    }
}

/// What a text in a URL or a header stands for.
fn of_text(builtin: Builtin, text: &str) -> Json {
    let read = (!builtin.is_text()).then(|| serde_json::from_str(text).ok());
    read.flatten().unwrap_or_else(|| json!(text))
}
