//! Unions: one of several types.

use serde_json::{Value as Json, json};

use super::components::{Component, Out};
use super::object::Object;
use super::types;
use crate::model::{SchemaId, SchemaKind, Tag, Type, Variant};

pub(super) fn union(
    out: &mut Out<'_>,
    id: SchemaId,
    tag: Option<&Tag>,
    variants: &[Variant],
) -> Object {
    let Some(tag) = tag else {
        // They differ by the kind of JSON.
        let all: Vec<Json> = variants
            .iter()
            .map(|variant| {
                types::schema(out, &variant.ty)
                    .text("description", &variant.description)
                    .json()
            })
            .collect();
        return Object::new().set("oneOf", all);
    };
    let mut all = Vec::new();
    let mut mapping = Object::new();
    for (index, variant) in variants.iter().enumerate() {
        let reference = out.reference(Component::Variant(id, index)).json();
        mapping = mapping.set(&variant.wire, reference["$ref"].clone());
        all.push(reference);
    }
    if tag.open {
        all.push(unknown(tag, variants));
        out.losses
            .add("a discriminator, because what has an unknown tag is kept");
        return Object::new().set("oneOf", all);
    }
    if let Some(code) = tag.unknown.map(|error| out.api[error].code.as_str()) {
        out.losses
            .add(format!("that an unknown tag is answered by `{code}`"));
    }
    let discriminator = Object::new()
        .set("propertyName", tag.key.as_str())
        .set("mapping", mapping);
    Object::new()
        .set("oneOf", all)
        .set("discriminator", discriminator)
}

/// What has none of the tags.
fn unknown(tag: &Tag, variants: &[Variant]) -> Json {
    let known: Vec<&str> = variants
        .iter()
        .map(|variant| variant.wire.as_str())
        .collect();
    let other = json!({"type": "string", "not": {"enum": known}});
    Object::new()
        .set("type", "object")
        .set("properties", Object::new().set(&tag.key, other))
        .set("required", vec![tag.key.as_str()])
        .json()
}

/// A variant of a union with its tag.
pub(super) fn variant(out: &mut Out<'_>, tag: &Tag, variant: &Variant) -> Json {
    let own = json!({"type": "string", "const": variant.wire});
    if let Some(content) = &tag.content {
        let value = types::schema(out, &variant.ty);
        let properties = Object::new().set(&tag.key, own).set(content, value);
        return Object::new()
            .text("description", &variant.description)
            .set("type", "object")
            .set("properties", properties)
            .set("required", vec![tag.key.as_str(), content.as_str()])
            .json();
    }
    beside(out, &tag.key, own, variant)
}

/// The fields of an object with the tag beside them. An object that refuses other keys would refuse the
/// tag, so it is written down once more.
fn beside(out: &mut Out<'_>, key: &str, own: Json, variant: &Variant) -> Json {
    let tagged = |properties: Object| {
        Object::new()
            .set("type", "object")
            .set("properties", properties)
    };
    if let Type::Schema(id) = &variant.ty
        && let SchemaKind::Object {
            fields,
            reject_unknown: true,
            rest: None,
        } = &out.api[*id].kind
    {
        let mut properties = Object::new().set(key, own);
        let mut required = vec![key];
        for field in fields.iter().filter(|field| field.wire != key) {
            properties = properties.set(&field.wire, types::field(out, &field.value));
            if !field.value.optional && field.value.default.is_none() {
                required.push(&field.wire);
            }
        }
        return tagged(properties)
            .set("required", required)
            .set("additionalProperties", false)
            .text("description", &out.api[*id].description)
            .text("description", &variant.description)
            .json();
    }
    let value = types::schema(out, &variant.ty).json();
    let tag = tagged(Object::new().set(key, own)).set("required", vec![key]);
    Object::new()
        .text("description", &variant.description)
        .set("allOf", vec![value, tag.json()])
        .json()
}
