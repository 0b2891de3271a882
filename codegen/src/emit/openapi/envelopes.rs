//! What a failure looks like: an envelope with the codes that it may hold.
//!
//! A component describes one code: the element of the array that an envelope repeats, or the whole of an
//! envelope without such an array.

use indexmap::IndexSet;
use serde_json::{Value as Json, json};

use super::components::{Component, Out};
use super::object::{Object, any_of};
use super::types;
use crate::model::{
    Api, EnvelopeId, EnvelopeKind, ErrorCode, ErrorId, Rejection, SchemaKind, Template,
};

/// Media type and schema of a failure with one of these codes; `None` for an envelope without a body.
pub(super) fn content(
    out: &mut Out<'_>,
    envelope: EnvelopeId,
    codes: &[ErrorId],
) -> Option<(String, Json)> {
    let api = out.api;
    let media_type = api[envelope].media_type()?.to_owned();
    let texts = |text: fn(&ErrorCode) -> &str| one_of(codes.iter().map(|code| text(&api[*code])));
    let schema = match &api[envelope].kind {
        EnvelopeKind::None => return None,
        EnvelopeKind::Text(Template::Code) => texts(|error| &error.code),
        EnvelopeKind::Text(_) => texts(|error| &error.message),
        EnvelopeKind::Json { template, .. } => match element(template) {
            Some(_) => node(out, template, codes, envelope).map_or(json!({}), |(node, _)| node),
            None => one_of_codes(out, codes, envelope),
        },
    };
    Some((media_type, schema))
}

/// What an envelope makes of one code.
pub(super) fn error(out: &mut Out<'_>, error: ErrorId, envelope: EnvelopeId) -> Json {
    let code = &out.api[error];
    let about = Object::new().text("description", &code.description);
    let written = match &out.api[envelope].kind {
        EnvelopeKind::Json { template, .. } => {
            let one = element(template).unwrap_or(template);
            node(out, one, &[error], envelope).map_or(json!({}), |(node, _)| node)
        }
        _ => json!({}),
    };
    let written = written.as_object().into_iter().flatten();
    written
        .fold(about, |object, (key, value)| object.set(key, value.clone()))
        .set("x-status", code.status)
        .on("x-repeats", code.repeats)
        .some("x-docs", code.docs.as_deref())
        .json()
}

/// The answers that the server gives before or instead of an operation.
pub(super) fn rejections(out: &mut Out<'_>, envelope: EnvelopeId, is_head: bool) -> Json {
    let api = out.api;
    let all: Vec<(Rejection, ErrorId)> = api[envelope]
        .answered()
        .copied()
        // Where there is no operation, none can describe it.
        .filter(|(kind, _)| !matches!(kind, Rejection::NoRoute | Rejection::NoMethod))
        .collect();
    let mut codes: Vec<ErrorId> = all.iter().map(|(_, code)| *code).collect();
    codes.sort();
    codes.dedup();
    let written = if is_head {
        None
    } else {
        content(out, envelope, &codes)
    };
    out.losses.add("which status goes with which code, where the server itself answers; it is in `x-rejections`");
    let kinds: Vec<Json> = all
        .iter()
        .map(|(kind, code)| {
            json!({"rejection": kind.name(), "status": kind.status(), "code": api[*code].code})
        })
        .collect();
    let written = written.map(|(media_type, schema)| {
        Object::new().set(&media_type, Object::new().set("schema", schema))
    });
    Object::new()
        .set("description", "What the server itself answers where a request does not come to its operation, or does not end well.")
        .some("content", written)
        .set("x-rejections", kinds)
        .json()
}

/// A failure with this code, for an example.
pub(super) fn sample(
    api: &Api,
    envelope: EnvelopeId,
    status: u16,
    code: &ErrorCode,
) -> Option<Json> {
    match &api[envelope].kind {
        EnvelopeKind::Json { template, .. } => template.filled(status, code, None),
        EnvelopeKind::Text(Template::Code) => Some(json!(code.code)),
        EnvelopeKind::Text(_) => Some(json!(code.message)),
        EnvelopeKind::None => None,
    }
}

/// The element of the array that is repeated for each error.
fn element(template: &Template) -> Option<&Template> {
    match template {
        Template::Array(items) => items.iter().find(|item| has_code(item)),
        Template::Object(entries) => entries.iter().find_map(|(_, value)| element(value)),
        _ => None,
    }
}

fn has_code(template: &Template) -> bool {
    match template {
        Template::Code => true,
        Template::Array(items) => items.iter().any(has_code),
        Template::Object(entries) => entries.iter().any(|(_, value)| has_code(value)),
        _ => false,
    }
}

fn one_of_codes(out: &mut Out<'_>, codes: &[ErrorId], envelope: EnvelopeId) -> Json {
    any_of(
        codes
            .iter()
            .map(|code| out.reference(Component::Error(*code, envelope)).json()),
    )
}

/// A text that is one of these, each of which counts once.
fn one_of<'t>(texts: impl Iterator<Item = &'t str>) -> Json {
    let distinct: IndexSet<&str> = texts.collect();
    json!({"type": "string", "enum": distinct.into_iter().collect::<Vec<_>>()})
}

/// The schema of a part of an envelope, and whether it is always there; `None` where it never is.
fn node(
    out: &mut Out<'_>,
    template: &Template,
    codes: &[ErrorId],
    envelope: EnvelopeId,
) -> Option<(Json, bool)> {
    let api = out.api;
    let errors: Vec<&ErrorCode> = codes.iter().map(|code| &api[*code]).collect();
    let texts = |text: fn(&ErrorCode) -> &str| one_of(errors.iter().map(|error| text(error)));
    Some(match template {
        Template::Object(entries) => return Some(object(out, entries, codes, envelope)),
        Template::Array(_) if has_code(template) => {
            let one = one_of_codes(out, codes, envelope);
            (repeated(out, one, &errors), true)
        }
        Template::Array(items) => {
            let items: Vec<Json> = items
                .iter()
                .filter_map(|item| Some(node(out, item, codes, envelope)?.0))
                .collect();
            let written = match items.as_slice() {
                [] => json!({"type": "array", "maxItems": 0, "items": {}}),
                _ => json!({"type": "array", "items": any_of(items)}),
            };
            (written, false)
        }
        Template::Json(json) => (json!({"const": json}), true),
        Template::Code => (texts(|error| &error.code), true),
        Template::Message => (texts(|error| &error.message), true),
        Template::Status => (
            json!({"type": "integer", "minimum": 400, "maximum": 599}),
            true,
        ),
        Template::Docs => {
            let all: Vec<&str> = errors
                .iter()
                .filter_map(|error| error.docs.as_deref())
                .collect();
            let is_always = all.len() == errors.len();
            (!all.is_empty()).then(|| (one_of(all.into_iter()), is_always))?
        }
        Template::RequestId => (json!({"type": "string"}), false),
        Template::Detail => {
            let details: Vec<_> = errors.iter().filter_map(|error| error.detail).collect();
            let details = details
                .into_iter()
                .map(|id| out.reference(Component::Schema(id)).json());
            let details: Vec<Json> = details.collect();
            (!details.is_empty()).then(|| (any_of(details), false))?
        }
        Template::DetailField(name) => (detail_field(out, name, &errors)?, false),
    })
}

fn object(
    out: &mut Out<'_>,
    entries: &[(String, Template)],
    codes: &[ErrorId],
    envelope: EnvelopeId,
) -> (Json, bool) {
    let mut properties = Object::new();
    let mut required = Vec::new();
    for (key, value) in entries {
        let Some((schema, is_always)) = node(out, value, codes, envelope) else {
            continue;
        };
        properties = properties.set(key, schema);
        if is_always {
            required.push(key.as_str());
        }
    }
    let is_always = !required.is_empty();
    let object = Object::new()
        .set("type", "object")
        .object("properties", properties)
        .list("required", required);
    (object.json(), is_always)
}

/// An answer holds one code, or several of one that repeats.
fn repeated(out: &mut Out<'_>, one: Json, errors: &[&ErrorCode]) -> Json {
    let repeats: Vec<&str> = errors
        .iter()
        .filter(|error| error.repeats)
        .map(|error| error.code.as_str())
        .collect();
    if !repeats.is_empty() && repeats.len() < errors.len() {
        out.losses.add(format!(
            "that of the errors in one answer only `{}` may be several; it is in `x-repeats`",
            repeats.join("`, `")
        ));
    }
    Object::new()
        .set("type", "array")
        .set("minItems", 1)
        .some("maxItems", repeats.is_empty().then_some(1))
        .set("items", one)
        .json()
}

fn detail_field(out: &mut Out<'_>, name: &str, errors: &[&ErrorCode]) -> Option<Json> {
    let api = out.api;
    let mut schemas = Vec::new();
    for id in errors.iter().filter_map(|error| error.detail) {
        if let SchemaKind::Object { fields, .. } = &api[id].kind
            && let Some(field) = fields.iter().find(|field| field.wire == name)
        {
            schemas.push(types::field(out, &field.value));
        }
    }
    (!schemas.is_empty()).then(|| any_of(schemas))
}
