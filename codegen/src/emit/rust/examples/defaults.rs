//! What the client sends for an example that leaves out what has a default.
//!
//! A client knows no absence there: it writes the default. A server is held against the example as it is
//! written, a client against the example with its defaults.

use serde_json::{Map, Value as Json};

use super::{Case, wire};
use crate::model::{Api, BodyKind, Field, Parameter, SchemaKind, Tag, Type, Variant};

/// The example with all defaults of its request.
pub(super) fn filled(api: &Api, case: &Case<'_>) -> Json {
    let mut written = case.written.clone();
    let query = &case.operation.query;
    for parameter in query.iter().filter(|parameter| has_default(parameter)) {
        let given = object(&mut written["request"]["query"]);
        let default = parameter.value.default.as_ref();
        fill(given, &parameter.wire, default);
    }
    let body = &mut written["request"]["body"];
    match wire::sent(case).map(|body| &body.kind) {
        // What is kept as it was read is sent as it was read.
        Some(BodyKind::Json { verbatim: true, .. }) => {}
        Some(BodyKind::Json { ty, .. }) => of_type(api, ty, &mut body["json"]),
        Some(BodyKind::Form(ty)) => of_type(api, ty, &mut body["form"]),
        Some(BodyKind::JsonLines(ty)) => {
            let items = body["json"].as_array_mut().into_iter().flatten();
            items.for_each(|item| of_type(api, ty, item));
        }
        _ => {}
    }
    written
}

fn has_default(parameter: &Parameter) -> bool {
    parameter.value.default.is_some() && !parameter.managed
}

/// The map that stands there; an empty one where nothing does.
fn object(json: &mut Json) -> &mut Map<String, Json> {
    if !json.is_object() {
        *json = Json::Object(Map::new());
    }
    json.as_object_mut().expect("it has just been made one")
}

fn fill(given: &mut Map<String, Json>, name: &str, value: Option<&Json>) {
    if let Some(value) = value.filter(|_| !given.contains_key(name)) {
        given.insert(name.to_owned(), value.clone());
    }
}

/// Enters the defaults wherever they belong in a value.
fn of_type(api: &Api, ty: &Type, json: &mut Json) {
    match ty {
        Type::List(item) => {
            let items = json.as_array_mut().into_iter().flatten();
            items.for_each(|json| of_type(api, item, json));
        }
        Type::Map(item) => {
            let values = json.as_object_mut().into_iter().flatten();
            values.for_each(|(_, json)| of_type(api, item, json));
        }
        Type::Schema(id) => match &api[*id].kind {
            SchemaKind::Object { fields, .. } => of_fields(api, fields, json),
            SchemaKind::Union { tag, variants } => of_union(api, tag.as_ref(), variants, json),
            SchemaKind::Enum { .. } => {}
        },
        Type::Builtin(_) | Type::Format(_) | Type::Url(_) | Type::Challenge(_) => {}
    }
}

fn of_fields(api: &Api, fields: &[Field], json: &mut Json) {
    let Some(object) = json.as_object_mut() else {
        return;
    };
    for field in fields {
        fill(object, &field.wire, field.value.default.as_ref());
        if let Some(json) = object.get_mut(&field.wire) {
            of_type(api, &field.value.ty, json);
        }
    }
}

fn of_union(api: &Api, tag: Option<&Tag>, variants: &[Variant], json: &mut Json) {
    let Some(variant) = variants.iter().find(|one| one.is_of(tag, json)) else {
        return;
    };
    let value = match tag.and_then(|tag| tag.content.as_ref()) {
        Some(content) => json.get_mut(content),
        None => Some(json),
    };
    if let Some(value) = value {
        of_type(api, &variant.ty, value);
    }
}
