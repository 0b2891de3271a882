//! Bodies: media types and what they hold.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::components::Out;
use super::object::{Object, any_of};
use super::types;
use crate::model::{Body, BodyKind};

/// What bodies of one message hold, by media type.
#[derive(Debug, Default)]
pub(super) struct Content {
    media: IndexMap<String, Media>,
}

/// What may stand behind one media type.
#[derive(Debug, Default)]
struct Media {
    schemas: Vec<Json>,
    /// One has no schema: its bytes mean nothing here.
    is_open: bool,
    example: Option<Json>,
    examples: Object,
    about: Object,
}

impl Content {
    pub(super) fn is_empty(&self) -> bool {
        self.media.is_empty()
    }

    /// Adds all that a body may be.
    pub(super) fn add(&mut self, out: &mut Out<'_>, body: &Body) {
        for body in body.alternatives() {
            let schema = schema(out, body);
            let example = example(body);
            let about = about(out, body);
            for media_type in &body.media_types {
                let media = self.media.entry(media_type.clone()).or_default();
                match &schema {
                    Some(schema) => media.schemas.push(schema.clone()),
                    None => media.is_open = true,
                }
                media.example = media.example.take().or_else(|| example.clone());
                media.about = std::mem::take(&mut media.about).with(about.clone());
            }
        }
    }

    /// Adds one that has this schema.
    pub(super) fn add_schema(&mut self, media_type: &str, schema: Json) {
        let media = self.media.entry(media_type.to_owned()).or_default();
        media.schemas.push(schema);
    }

    /// Adds an example to a media type that is there.
    pub(super) fn add_example(&mut self, media_type: &str, name: &str, example: Json) {
        if let Some(media) = self.media.get_mut(media_type) {
            media.examples = std::mem::take(&mut media.examples).set(name, example);
        }
    }

    pub(super) fn object(self) -> Object {
        self.media
            .into_iter()
            .fold(Object::new(), |object, (media_type, media)| {
                object.set(&media_type, media.object())
            })
    }
}

impl Media {
    fn object(self) -> Object {
        let schema = (!self.is_open && !self.schemas.is_empty()).then(|| any_of(self.schemas));
        let example = self.example.filter(|_| self.examples.is_empty());
        Object::new()
            .some("schema", schema)
            .some("example", example)
            .object("examples", self.examples)
            .with(self.about)
    }
}

/// What the text of a body is, where it is one; bytes have no schema.
fn schema(out: &mut Out<'_>, body: &Body) -> Option<Json> {
    match &body.kind {
        BodyKind::Json { ty, .. } | BodyKind::Form(ty) => Some(types::schema(out, ty).json()),
        BodyKind::Text => Some(json!({"type": "string"})),
        BodyKind::JsonLines(ty) => {
            out.losses.add(
                "that a body is a stream, of which each line is a value; it is in `x-json-lines`",
            );
            let item = types::schema(out, ty);
            let all = Object::new().set("type", "array").set("items", item);
            Some(decoded(body, all).set("x-json-lines", true).json())
        }
        BodyKind::Events(ty) => {
            out.losses
                .add("that a body is a stream of events; it is in `x-events`");
            let event = types::schema(out, ty);
            let all = Object::new().set("type", "array").set("items", event);
            Some(decoded(body, all).set("x-events", true).json())
        }
        BodyKind::Bytes(Some(ty)) => {
            let read = types::schema(out, ty);
            let is_json = body
                .media_types
                .iter()
                .all(|media_type| media_type.ends_with("json"));
            Some(if is_json {
                read.json()
            } else {
                decoded(body, read).json()
            })
        }
        BodyKind::Bytes(None) | BodyKind::Stream { .. } | BodyKind::Choice { .. } => None,
    }
}

/// A text that has this schema for whoever reads it as its media type says.
fn decoded(body: &Body, schema: Object) -> Object {
    let media_type = body.media_types.first();
    Object::new()
        .set("type", "string")
        .some("contentMediaType", media_type.map(String::as_str))
        .set("contentSchema", schema)
}

/// What has no words of its own.
fn about(out: &mut Out<'_>, body: &Body) -> Object {
    let api = out.api;
    let code = |error: Option<crate::model::ErrorId>| error.map(|error| api[error].code.as_str());
    if body.limit.is_some() {
        out.losses
            .add("how long a body may be; it is in `x-limit`, in bytes");
    }
    let (ranges, length_required) = match body.kind {
        BodyKind::Stream {
            ranges,
            length_required,
        } => (ranges, length_required),
        _ => (false, false),
    };
    if ranges {
        out.losses
            .add("that a request with `Range` gets that part of the body, as `x-ranges` says");
    }
    if length_required {
        out.losses
            .add("that a request must have `Content-Length`, as `x-length-required` says");
    }
    if body.invalid.is_some() || body.too_large.is_some() {
        out.losses
            .add("which code answers a bad body; it is in `x-invalid` and `x-too-large`");
    }
    Object::new()
        .some("x-limit", body.limit)
        .some("x-invalid", code(body.invalid))
        .some("x-too-large", code(body.too_large))
        .on("x-ranges", ranges)
        .on("x-length-required", length_required)
}

fn example(body: &Body) -> Option<Json> {
    let example = body.example.as_ref()?;
    Some(match body.kind {
        BodyKind::JsonLines(_) => lines(std::slice::from_ref(example)),
        _ => example.clone(),
    })
}

/// Values as lines of JSON.
pub(super) fn lines(values: &[Json]) -> Json {
    let lines: Vec<String> = values.iter().map(Json::to_string).collect();
    format!("{}\n", lines.join("\n")).into()
}
