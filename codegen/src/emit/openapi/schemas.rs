//! Named objects, enumerations and unions.

use serde_json::{Value as Json, json};

use super::components::Out;
use super::object::Object;
use super::{types, unions};
use crate::model::{EnumValue, Field, SchemaId, SchemaKind, Type};

pub(super) fn schema(out: &mut Out<'_>, id: SchemaId) -> Json {
    let schema = &out.api[id];
    let written = match &schema.kind {
        SchemaKind::Object {
            fields,
            reject_unknown,
            rest,
        } => object(out, fields, *reject_unknown, rest.as_ref()),
        SchemaKind::Enum { values, open } => enumeration(values, *open),
        SchemaKind::Union { tag, variants } => unions::union(out, id, tag.as_ref(), variants),
    };
    Object::new()
        .text("description", &schema.description)
        .with(written)
        .with(types::deprecation(out, schema.deprecated.as_ref()))
        .json()
}

/// The schema of an object with these fields.
pub(super) fn object(
    out: &mut Out<'_>,
    fields: &[Field],
    reject_unknown: bool,
    rest: Option<&Type>,
) -> Object {
    let mut properties = Object::new();
    for field in fields {
        properties = properties.set(&field.wire, types::field(out, &field.value));
    }
    let required: Vec<&str> = fields
        .iter()
        .filter(|field| !field.value.optional && field.value.default.is_none())
        .map(|field| field.wire.as_str())
        .collect();
    let rest: Option<Json> = match rest {
        Some(ty) => Some(types::schema(out, ty).json()),
        None => reject_unknown.then_some(json!(false)),
    };
    Object::new()
        .set("type", "object")
        .object("properties", properties)
        .list("required", required)
        .some("additionalProperties", rest)
}

fn enumeration(values: &[EnumValue], open: bool) -> Object {
    let known: Vec<&str> = values.iter().map(|value| value.wire.as_str()).collect();
    let texts = values.iter().fold(Object::new(), |texts, value| {
        texts.text(&value.wire, &value.description)
    });
    let closed = Object::new().set("type", "string").set("enum", known);
    let written = if open {
        let all = vec![closed.json(), json!({"type": "string"})];
        Object::new().set("anyOf", all)
    } else {
        closed
    };
    written.object("x-enumDescriptions", texts)
}
