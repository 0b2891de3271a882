//! Bodies and answers in the JSON.

use serde::Serialize;
use serde_json::Value as Json;

use super::common::Shared;
use super::types::{Parameter, Reference, parameter, reference, type_text};
use super::wire;
use crate::emit::ident::phrase;
use crate::model::{self, Api, BodyKind, CLASS_LABEL, Envelope, Type};

/// A body of a request or an answer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
pub(super) struct Body {
    /// `json`, `form`, `text`, `bytes`, `stream`, `json_lines`, `events` or `choice`.
    r#type: &'static str,
    /// Its media types; `*` stands for any.
    media_types: Vec<String>,
    /// The type expression of what it holds.
    schema: Option<String>,
    /// The definition that it names.
    refers_to: Option<Reference>,
    /// The most bytes; of `json_lines`, in a line.
    limit: Option<u64>,
    /// Code of a body over the limit, where it is not the envelope's.
    too_large: Option<String>,
    /// Code of a body that cannot be read, where it is not the envelope's.
    invalid: Option<String>,
    /// The bytes are kept beside the value.
    verbatim: bool,
    /// Parts of it may be asked for.
    ranges: bool,
    /// A request has to say its length.
    length_required: bool,
    /// What it is, as CommonMark.
    description: String,
    /// An example, as it is on the wire.
    example: Option<Json>,
    /// The bodies of a choice, the default first.
    of: Vec<Body>,
}

/// A status, or how a class of them is written.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema), schemars(inline))]
pub(super) enum Status {
    One(u16),
    Class(&'static str),
}

/// A success or a failure.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
pub(super) struct Response {
    /// What tells it from the other answers of its request: its status, with a number behind all but the
    /// first of that status.
    id: String,
    /// Its status; `2xx` where it has any of that class.
    status: Status,
    /// Phrase of the status.
    phrase: &'static str,
    /// Its struct in code.
    name: String,
    /// What it is, as CommonMark.
    description: String,
    /// Its headers, those of `common` included.
    headers: Vec<Parameter>,
    /// The body of a success.
    body: Option<Body>,
    /// Codes of a failure.
    errors: Vec<String>,
    /// Several operations answer the same.
    shared: bool,
    /// Answered by the server itself.
    managed: bool,
    /// All requests have this failure.
    common: bool,
    /// As it is sent.
    wire: String,
}

pub(super) fn body(api: &Api, body: &model::Body) -> Body {
    let (kind, ty): (_, Option<&Type>) = match &body.kind {
        BodyKind::Json { ty, .. } => ("json", Some(ty)),
        BodyKind::Form(ty) => ("form", Some(ty)),
        BodyKind::Text => ("text", None),
        BodyKind::Bytes(ty) => ("bytes", ty.as_ref()),
        BodyKind::Stream { .. } => ("stream", None),
        BodyKind::JsonLines(ty) => ("json_lines", Some(ty)),
        BodyKind::Events(ty) => ("events", Some(ty)),
        BodyKind::Choice { .. } => ("choice", None),
    };
    let of = match &body.kind {
        BodyKind::Choice { of, .. } => of.iter().map(|one| self::body(api, &one.body)).collect(),
        _ => Vec::new(),
    };
    Body {
        r#type: kind,
        media_types: body.media_types.clone(),
        schema: ty.map(|ty| type_text(api, ty)),
        refers_to: ty.and_then(|ty| reference(api, ty)),
        limit: body.limit,
        too_large: body.too_large.map(|error| api[error].code.clone()),
        invalid: body.invalid.map(|error| api[error].code.clone()),
        verbatim: matches!(body.kind, BodyKind::Json { verbatim: true, .. }),
        ranges: matches!(body.kind, BodyKind::Stream { ranges: true, .. }),
        length_required: matches!(
            body.kind,
            BodyKind::Stream {
                length_required: true,
                ..
            }
        ),
        description: body.description.clone(),
        example: body.example.clone(),
        of,
    }
}

/// Tells answers of one status apart.
pub(super) fn number(responses: &mut [Response]) {
    let statuses: Vec<String> = responses.iter().map(|one| one.id.clone()).collect();
    for (index, response) in responses.iter_mut().enumerate() {
        let same = |status: &&String| **status == statuses[index];
        let before = statuses[..index].iter().filter(same).count();
        if before > 0 {
            response.id = format!("{}-{}", statuses[index], before + 1);
        }
    }
}

/// The types of bodies of `api` that are streams of values.
pub(super) fn streams(api: &Api) -> Vec<&'static str> {
    let bodies = api.operations.iter().flat_map(|operation| {
        let answers = operation.successes.iter();
        let answers = answers.filter_map(|success| success.body.as_ref());
        operation.body.iter().chain(answers)
    });
    let kinds: Vec<&BodyKind> = bodies
        .flat_map(model::Body::alternatives)
        .map(|body| &body.kind)
        .collect();
    let is_lines = |kind: &&BodyKind| matches!(kind, BodyKind::JsonLines(_));
    let mut found = Vec::new();
    if kinds.iter().any(is_lines) {
        found.push("json_lines");
    }
    let is_events = |kind: &&BodyKind| matches!(kind, BodyKind::Events(_));
    if kinds.iter().any(is_events) {
        found.push("events");
    }
    found
}

/// An answer `of` a request, or of all; `envelope` is given where it has a body, which that to HEAD does not.
pub(super) fn response(
    api: &Api,
    shared: &Shared<'_>,
    (of, response): (Option<&model::Request>, &model::Response),
    envelope: Option<&Envelope>,
) -> Response {
    let header = |header| parameter(api, "header", header, shared.response_header(header));
    Response {
        id: response.label(),
        status: if response.class {
            Status::Class(CLASS_LABEL)
        } else {
            Status::One(response.status)
        },
        phrase: phrase(response),
        name: response.type_name.clone(),
        description: response.description.clone(),
        headers: response.headers.iter().map(header).collect(),
        body: response.body.as_ref().map(|item| body(api, item)),
        errors: response
            .codes
            .iter()
            .map(|error| api[*error].code.clone())
            .collect(),
        shared: response.shared,
        managed: response.managed,
        common: shared.failure(response),
        wire: wire::response(api, of, response, envelope),
    }
}
