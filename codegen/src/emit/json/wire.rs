//! Messages as they are on the wire, for people to read.
//!
//! What the caller chooses stands in braces in a path and a query, and as an example in a header. What
//! is optional is shown where it has an example: so the author decides what belongs to the picture.

use serde::Serialize;
use serde_json::Value as Json;

use super::common::Shared;
use super::readable::{self, event, in_line, write};
use super::types::type_text;
use crate::emit::ident::{phrase, status_phrase};
use crate::model::{
    Api, Body, BodyKind, Builtin, Envelope, EnvelopeKind, ErrorCode, FormatKind, Parameter,
    Request, Response, Route, Template, Type, of_status,
};
use crate::values::Values;
use crate::wire::{encoded, entries, form, given, text};

/// A request and the answer to it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
pub(super) struct Exchange {
    /// The request.
    request: String,
    /// The answer.
    response: String,
}

/// A request as its sender writes it.
pub(super) fn request(
    api: &Api,
    shared: &Shared<'_>,
    (method, path): (&str, &str),
    request: &Request,
) -> String {
    let query: Vec<String> = request
        .query
        .iter()
        .filter(|parameter| is_shown(parameter))
        .map(|parameter| match &parameter.value.constant {
            _ if parameter.value.is_flag() => parameter.wire.clone(),
            Some(constant) => format!("{}={}", parameter.wire, text(constant)),
            None => format!("{0}={{{0}}}", parameter.wire),
        })
        .collect();
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{}", query.join("&"))
    };
    let path = if path.is_empty() { "/" } else { path };
    let mut lines = vec![format!("{method} {path}{query} HTTP/1.1")];
    // Host and its like come first, as programs send them.
    let (common, own): (Vec<&Parameter>, Vec<&Parameter>) = request
        .headers
        .iter()
        .partition(|header| shared.request_header(header));
    lines.extend(header_lines(api, common.into_iter().chain(own)));
    with_body(api, lines, &request.headers, request.body.as_ref())
}

const TEXT: &str = "text/plain; charset=utf-8";

/// An answer as its receiver sees it; `envelope` is `None` for an answer to HEAD.
pub(super) fn response(api: &Api, response: &Response, envelope: Option<&Envelope>) -> String {
    let mut lines = vec![status_line(&response.label(), phrase(response))];
    lines.extend(header_lines(api, &response.headers));
    let code = response.codes.first().map(|error| &api[*error]);
    if let (Some(envelope), Some(code)) = (envelope, code)
        && push_failure(api, &mut lines, envelope, response.status, code)
    {
        return lines.join("\n");
    }
    with_body(api, lines, &response.headers, response.body.as_ref())
}

/// The messages of an example of `of`.
pub(super) fn example(
    api: &Api,
    method: &str,
    route: &Route,
    of: &Request,
    written: &Json,
) -> Exchange {
    let request = &written["request"];
    let mut target = route.path.clone();
    for (name, value) in entries(&request["path"]) {
        target = target.replace(&format!("{{{name}}}"), &encoded(&value, "/:@"));
    }
    if target.is_empty() {
        target.push('/');
    }
    target.push_str(&given(&of.query, &request["query"]));
    let mut sent = vec![format!("{method} {target} HTTP/1.1")];
    sent.extend(
        entries(&request["headers"])
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    push_written_body(&mut sent, &request["body"], of.body.as_ref());

    let response = &written["response"];
    let status = response["status"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    let status = status.unwrap_or(200);
    let mut received = vec![status_line(&status.to_string(), status_phrase(status))];
    received.extend(
        entries(&response["headers"])
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    push_written_body(&mut received, &response["body"], success_body(of, status));
    push_code(
        api,
        &mut received,
        route,
        (status, response["code"].as_str()),
    );
    Exchange {
        request: sent.join("\n"),
        response: received.join("\n"),
    }
}

fn status_line(status: &str, phrase: &str) -> String {
    format!("HTTP/1.1 {status} {phrase}").trim_end().to_owned()
}

fn is_shown(parameter: &Parameter) -> bool {
    let value = &parameter.value;
    let required = !value.optional && value.default.is_none();
    required || value.constant.is_some() || value.example.is_some()
}

fn header_lines<'a>(api: &Api, headers: impl IntoIterator<Item = &'a Parameter>) -> Vec<String> {
    let shown = headers.into_iter().filter(|header| is_shown(header));
    shown.map(|header| header_line(api, header)).collect()
}

fn header_line(api: &Api, header: &Parameter) -> String {
    let value = &header.value;
    let given = value.constant.as_ref().or(value.example.as_ref());
    let text = given.map_or_else(|| header_sample(api, &header.wire, &value.ty), text);
    format!("{}: {text}", header.wire)
}

fn header_sample(api: &Api, name: &str, ty: &Type) -> String {
    match ty {
        Type::List(inner) => header_sample(api, name, inner),
        Type::Format(id) => match (&api[*id].examples.first(), &api[*id].kind) {
            (Some(example), _) => (*example).clone(),
            (None, FormatKind::AnyOf(ids)) if !ids.is_empty() => {
                header_sample(api, name, &Type::Format(ids[0]))
            }
            (None, _) => format!("<{}>", api[*id].name),
        },
        Type::Url(id) => {
            let path = &api[api[*id].route].path;
            if name.eq_ignore_ascii_case("Link") {
                format!("<{path}>; rel=\"next\"")
            } else {
                path.clone()
            }
        }
        Type::Builtin(Builtin::Etag) => "\"<etag>\"".to_owned(),
        Type::Builtin(
            Builtin::Integer | Builtin::Int32 | Builtin::Uint32 | Builtin::Uint64 | Builtin::Number,
        ) => "<number>".to_owned(),
        Type::Builtin(Builtin::String) => "<text>".to_owned(),
        ty => format!("<{}>", type_text(api, ty)),
    }
}

fn with_body(
    api: &Api,
    mut lines: Vec<String>,
    headers: &[Parameter],
    body: Option<&Body>,
) -> String {
    // Of a choice the default is shown.
    let Some(body) = body.and_then(|body| body.alternatives().next()) else {
        return lines.join("\n");
    };
    let named = |header: &Parameter| header.wire.eq_ignore_ascii_case("Content-Type");
    if !headers.iter().any(named) {
        let media = body.media_types.first().map_or("", String::as_str);
        let media = if media.contains('*') {
            "<media type>"
        } else {
            media
        };
        lines.push(format!("Content-Type: {media}"));
    }
    lines.push(String::new());
    lines.push(body_sample(api, body));
    lines.join("\n")
}

fn body_sample(api: &Api, body: &Body) -> String {
    let whole = |ty| Values::new(api).whole(ty);
    match (&body.example, &body.kind) {
        (Some(example), BodyKind::JsonLines(_)) => in_line(example),
        (None, BodyKind::JsonLines(ty)) => in_line(&whole(ty)),
        (Some(Json::String(text)), _) => text.clone(),
        (Some(example), _) => write(example),
        (None, BodyKind::Json { ty, .. } | BodyKind::Bytes(Some(ty))) => write(&whole(ty)),
        (None, BodyKind::Form(ty)) => readable::form(&whole(ty)),
        (None, BodyKind::Events(ty)) => event(&whole(ty)),
        (None, BodyKind::Text) => "<text>".to_owned(),
        (None, BodyKind::Bytes(None) | BodyKind::Stream { .. } | BodyKind::Choice { .. }) => {
            "<bytes>".to_owned()
        }
    }
}

/// The body of an example: `{json: ..}`, `{text: ..}` and so on.
fn push_written_body(lines: &mut Vec<String>, body: &Json, declared: Option<&Body>) {
    let mut kinds = body.as_object().into_iter().flatten();
    let Some((kind, value)) = kinds.find(|(_, value)| !value.is_null()) else {
        return;
    };
    // Of a choice it is the default, where nothing says another one.
    let declared = declared.and_then(|body| body.alternatives().next());
    let is_lines = declared.is_some_and(|body| matches!(body.kind, BodyKind::JsonLines(_)));
    let text = match kind.as_str() {
        "json" if is_lines => {
            let items = value.as_array().into_iter().flatten();
            let lines: Vec<String> = items.map(in_line).collect();
            lines.join("\n")
        }
        "json" => write(value),
        "form" => form(value),
        "text" => text(value),
        kind => format!("<{kind}: {}>", text(value)),
    };
    let named = lines
        .iter()
        .any(|line| line.to_ascii_lowercase().starts_with("content-type:"));
    let own = (kind == "json").then_some("application/json");
    let media_type = declared.and_then(|body| body.media_types.first());
    let media_type = media_type.filter(|media_type| !media_type.contains('*'));
    if let (false, Some(media_type)) = (named, media_type.map(String::as_str).or(own)) {
        lines.push(format!("Content-Type: {media_type}"));
    }
    lines.push(String::new());
    lines.push(text);
}

/// The body of the success of this status.
fn success_body(request: &Request, status: u16) -> Option<&Body> {
    let mut successes = of_status(&request.successes, status).into_iter();
    successes.find_map(|success| success.body.as_ref())
}

fn push_code(
    api: &Api,
    lines: &mut Vec<String>,
    route: &Route,
    (status, code): (u16, Option<&str>),
) {
    let error = api
        .errors
        .iter()
        .find(|error| Some(error.code.as_str()) == code);
    if let Some(error) = error {
        push_failure(api, lines, &api[route.envelope], status, error);
    }
}

/// What an envelope makes of an error with all of its detail.
fn failure(api: &Api, template: &Template, status: u16, error: &ErrorCode) -> Option<Json> {
    let detail = error.detail.map(Type::Schema);
    let detail = detail.map(|ty| Values::new(api).whole(&ty));
    template.filled(status, error, detail.as_ref())
}

/// The media type and the body of a failure; `false` where the envelope has none.
fn push_failure(
    api: &Api,
    lines: &mut Vec<String>,
    envelope: &Envelope,
    status: u16,
    error: &ErrorCode,
) -> bool {
    let (media_type, body) = match &envelope.kind {
        EnvelopeKind::Json {
            template,
            media_type,
        } => (
            media_type.as_str(),
            failure(api, template, status, error).map(|body| write(&body)),
        ),
        EnvelopeKind::Text(Template::Code) => (TEXT, Some(error.code.clone())),
        EnvelopeKind::Text(_) => (TEXT, Some(error.message.clone())),
        EnvelopeKind::None => return false,
    };
    lines.push(format!("Content-Type: {media_type}"));
    lines.push(String::new());
    lines.extend(body);
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_of_an_example_is_that_of_its_kind() {
        let declared = |kind, media_type: &str| Body {
            kind,
            media_types: vec![media_type.to_owned()],
            limit: None,
            invalid: None,
            too_large: None,
            description: String::new(),
            example: None,
        };
        let written = |body: Json, declared: Option<Body>| {
            let mut lines = vec!["HTTP/1.1 200 OK".to_owned()];
            push_written_body(&mut lines, &body, declared.as_ref());
            lines.join("\n")
        };
        assert_eq!(
            written(json!({"json": {"a": [1]}, "text": null}), None),
            "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"a\": [1]}"
        );
        assert_eq!(
            written(
                json!({"text": "x"}),
                Some(declared(BodyKind::Text, "text/plain"))
            ),
            "HTTP/1.1 200 OK\nContent-Type: text/plain\n\nx"
        );
        let lines = BodyKind::JsonLines(Type::Builtin(Builtin::Any));
        assert_eq!(
            written(
                json!({"json": [{"a": 1}, 2]}),
                Some(declared(lines, "application/jsonl"))
            ),
            "HTTP/1.1 200 OK\nContent-Type: application/jsonl\n\n{\"a\": 1}\n2"
        );
        assert_eq!(
            written(json!({"form": {"a b": "c&d"}}), None),
            "HTTP/1.1 200 OK\n\na%20b=c%26d"
        );
        assert_eq!(
            written(json!({"file": "page.html"}), None),
            "HTTP/1.1 200 OK\n\n<file: page.html>"
        );
        assert_eq!(written(Json::Null, None), "HTTP/1.1 200 OK");
    }
}
