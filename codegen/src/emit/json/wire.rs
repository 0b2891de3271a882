//! Messages as they are on the wire, for people to read.
//!
//! They have the values of the author's example, where there is one. Else what the caller chooses stands in braces
//! in a path and a query, and as a sample in a header; who asks is told by a placeholder; what is optional is
//! shown where it has an example: so the author decides what belongs to the picture.

use serde::Serialize;
use serde_json::Value as Json;

use super::common::Shared;
use super::readable::{self, event, in_line, write};
use crate::emit::ident::{phrase, status_phrase};
use crate::model::{
    Api, Body, BodyKind, Builtin, Condition, ConditionPlace, Envelope, EnvelopeKind, ErrorCode,
    Parameter, Request, Response, Route, SecuritySchemeKind, SecurityUse, Template, Test, Type,
    of_status,
};
use crate::values::{Values, is_required};
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

/// A request as its sender writes it: with the values of an example that succeeds, where there is one.
pub(super) fn request(
    api: &Api,
    shared: &Shared<'_>,
    (method, path): (&str, &str),
    request: &Request,
) -> String {
    let given = shown(request).map(|example| &example["request"]);
    let target = match given {
        Some(given) => target(path, &request.query, given),
        None => format!("{}{}", or_slash(path), named_query(request)),
    };
    let message = Message {
        api,
        given,
        of: Some(request),
    };
    // Host and its like come first, as programs send them.
    let (common, own): (Vec<&Parameter>, Vec<&Parameter>) = request
        .headers
        .iter()
        .partition(|header| shared.request_header(header));
    let mut lines = vec![format!("{method} {target} HTTP/1.1")];
    let common = common.into_iter().map(|header| (header, true));
    let own = own.into_iter().map(|header| (header, false));
    lines.extend(message.headers(common.chain(own)));
    push_credentials(api, &mut lines, request);
    match given {
        Some(given) => push_written_body(&mut lines, &given["body"], request.body.as_ref()),
        None => push_body(api, &mut lines, request.body.as_ref()),
    }
    lines.join("\n")
}

/// What tells who asks, by the first way to authenticate, unless nobody has to or the author says it: a person
/// fills in what stands in angle brackets.
fn push_credentials(api: &Api, lines: &mut Vec<String>, request: &Request) {
    let Some(SecurityUse::Scheme(id)) = api[request.operation].security.first() else {
        return;
    };
    let (header, value) = match &api[*id].kind {
        SecuritySchemeKind::Basic { .. } => ("Authorization", "Basic <name:password, in base64>"),
        SecuritySchemeKind::Bearer | SecuritySchemeKind::Oauth2 { .. } => {
            ("Authorization", "Bearer <token>")
        }
        SecuritySchemeKind::ApiKey { header } => (header.as_str(), "<key>"),
        SecuritySchemeKind::Custom { header } => (header.as_str(), "<credentials>"),
    };
    if !has_header(lines, header) {
        lines.push(format!("{header}: {value}"));
    }
}

/// The example whose values show a request: the first that succeeds.
pub(super) fn shown(request: &Request) -> Option<&Json> {
    let succeeds = |example: &&Json| status(&example["response"]).is_none_or(|it| it < 400);
    request.examples.iter().find(succeeds)
}

/// The status of an answer.
fn status(answer: &Json) -> Option<u16> {
    u16::try_from(answer["status"].as_u64()?).ok()
}

const TEXT: &str = "text/plain; charset=utf-8";

/// An answer as its receiver sees it, with the values of an example `of` a request, where there is one.
/// `envelope` is `None` for an answer to HEAD.
pub(super) fn response(
    api: &Api,
    of: Option<&Request>,
    response: &Response,
    envelope: Option<&Envelope>,
) -> String {
    let example = of.and_then(|of| example_of(api, of, response));
    let given = example.map(|example| &example["response"]);
    let message = Message {
        api,
        given,
        of: None,
    };
    let mut lines = vec![status_line(&response.label(), phrase(response))];
    lines.extend(message.headers(response.headers.iter().map(|header| (header, false))));
    let told = given.and_then(|given| given["code"].as_str());
    let mut codes = response.codes.iter().map(|error| &api[*error]);
    let code = codes.find(|code| told.is_none_or(|told| code.code == told));
    if let (Some(envelope), Some(code)) = (envelope, code)
        && push_failure(api, &mut lines, envelope, response.status, code)
    {
        return lines.join("\n");
    }
    let written = given.filter(|given| !given["body"].is_null());
    match (written, &response.body) {
        (Some(written), Some(body)) => {
            let asked = example.and_then(|example| accepted(body, &example["request"]));
            push_written_body(&mut lines, &written["body"], asked);
        }
        (_, body) => push_body(api, &mut lines, body.as_ref()),
    }
    lines.join("\n")
}

/// The first example that has this answer.
fn example_of<'r>(api: &Api, of: &'r Request, response: &Response) -> Option<&'r Json> {
    let is_it = |example: &&Json| {
        let answer = &example["response"];
        let Some(status) = status(answer) else {
            return false;
        };
        let Some(code) = answer["code"].as_str() else {
            let first = of_status(&of.successes, status).into_iter().next();
            return first.is_some_and(|first| std::ptr::eq(first, response));
        };
        let mut codes = response.codes.iter();
        response.status == status && codes.any(|error| api[*error].code == code)
    };
    of.examples.iter().find(is_it)
}

/// Of a choice the body that a request asks for.
fn accepted<'b>(body: &'b Body, request: &Json) -> Option<&'b Body> {
    let headers = request["headers"].as_object().into_iter().flatten();
    let mut accept = headers.filter(|(name, _)| name.eq_ignore_ascii_case("Accept"));
    body.accepted(accept.next().and_then(|(_, value)| value.as_str()))
}

/// The path and the query of a request.
fn target(path: &str, query: &[Parameter], request: &Json) -> String {
    let mut target = path.to_owned();
    for (name, value) in entries(&request["path"]) {
        target = target.replace(&format!("{{{name}}}"), &encoded(&value, "/:@"));
    }
    format!("{}{}", or_slash(&target), given(query, &request["query"]))
}

fn or_slash(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

/// A query in which the names of parameters stand for values that are the caller's to choose.
fn named_query(request: &Request) -> String {
    let test = |name: &str| request.tested(ConditionPlace::Query, name);
    let declared = request.query.iter().filter_map(|parameter| {
        let (name, test) = (&parameter.wire, test(&parameter.wire));
        let pair = match (test, &parameter.value.constant) {
            _ if parameter.value.is_flag() => name.clone(),
            (Some(Test::Is(values)), _) => {
                format!("{name}={}", values.first().map_or("", String::as_str))
            }
            (_, Some(constant)) => format!("{name}={}", text(constant)),
            _ => format!("{name}={{{name}}}"),
        };
        is_shown(parameter, test).then_some(pair)
    });
    let undeclared = request.when.iter().filter_map(|condition| {
        let mut query = request.query.iter();
        let is_declared = query.any(|parameter| parameter.wire == condition.name);
        let is_here = condition.place == ConditionPlace::Query && !is_declared;
        Some(condition).filter(|_| is_here).and_then(told)
    });
    let undeclared = undeclared.map(|(name, value)| match value {
        Some(value) => format!("{name}={value}"),
        None => name.to_owned(),
    });
    let pairs: Vec<String> = declared.chain(undeclared).collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    }
}

/// What a condition wants to see under its name.
fn told(condition: &Condition) -> Option<(&str, Option<&str>)> {
    let value = match &condition.test {
        Test::Absent => return None,
        Test::Present => None,
        Test::Is(values) => values.first().map(String::as_str),
    };
    Some((&condition.name, value))
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
    let target = target(&route.path, &of.query, request);
    let mut sent = vec![format!("{method} {target} HTTP/1.1")];
    sent.extend(
        entries(&request["headers"])
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    push_written_body(&mut sent, &request["body"], of.body.as_ref());

    let response = &written["response"];
    let status = status(response).unwrap_or(200);
    let mut received = vec![status_line(&status.to_string(), status_phrase(status))];
    received.extend(
        entries(&response["headers"])
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    let body = success_body(of, status).and_then(|body| accepted(body, request));
    push_written_body(&mut received, &response["body"], body);
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

/// Whether a parameter belongs to the picture: it must be there, or its author gives an example of it.
fn is_shown(parameter: &Parameter, test: Option<&Test>) -> bool {
    let value = &parameter.value;
    match test {
        Some(test) => *test != Test::Absent,
        None => is_required(value) || value.constant.is_some() || value.example.is_some(),
    }
}

/// The head of a message.
struct Message<'a> {
    api: &'a Api,
    /// What an example says of it.
    given: Option<&'a Json>,
    /// The request that it is.
    of: Option<&'a Request>,
}

impl Message<'_> {
    /// The lines of its headers, each with whether all messages may have it. Of an example these are its own, and
    /// what need not be said.
    fn headers<'h>(&self, declared: impl Iterator<Item = (&'h Parameter, bool)>) -> Vec<String> {
        let given = self.given.map(|given| entries(&given["headers"]));
        let given = given.unwrap_or_default();
        let mut names: Vec<&str> = Vec::new();
        let mut lines = Vec::new();
        for (header, is_common) in declared {
            let is_it = |name: &str| name.eq_ignore_ascii_case(&header.wire);
            let before = lines.len();
            let own = given.iter().filter(|(name, _)| is_it(name));
            lines.extend(own.map(|(_, value)| format!("{}: {value}", header.wire)));
            names.push(&header.wire);
            if before == lines.len() {
                lines.extend(self.line(header, is_common));
            }
        }
        let is_new = |name: &str| !names.iter().any(|own| own.eq_ignore_ascii_case(name));
        let others = given.iter().filter(|(name, _)| is_new(name));
        lines.extend(others.map(|(name, value)| format!("{name}: {value}")));
        if let (None, Some(of)) = (self.given, self.of) {
            let headers = of.when.iter().filter(|condition| {
                condition.place == ConditionPlace::Header && is_new(&condition.name)
            });
            let any = text(&Values::new(self.api).whole(&Type::Builtin(Builtin::String)));
            let told = headers.filter_map(told);
            lines.extend(told.map(|(name, value)| format!("{name}: {}", value.unwrap_or(&any))));
        }
        lines
    }

    /// The line of a header that no example gives.
    fn line(&self, header: &Parameter, is_common: bool) -> Option<String> {
        let of = self.of;
        let asked = of.and_then(|of| of.tested(ConditionPlace::Header, &header.wire));
        let value = &header.value;
        let is_needed = is_required(value) || value.constant.is_some() || is_common;
        if !is_shown(header, asked) || (self.given.is_some() && !is_needed) {
            return None;
        }
        let told = match asked {
            Some(Test::Is(values)) => values.first().map(|value| Json::from(value.as_str())),
            _ => None,
        };
        let given = value.constant.as_ref().or(told.as_ref());
        let text = match given.or(value.example.as_ref()) {
            Some(given) => text(given),
            None => header_sample(self.api, header),
        };
        Some(format!("{}: {text}", header.wire))
    }
}

/// A value of a header of which its author gives none.
fn header_sample(api: &Api, header: &Parameter) -> String {
    let sample = match Values::new(api).sample(&header.value) {
        Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        sample => text(&sample),
    };
    if matches!(header.value.ty, Type::Url(_)) && header.wire.eq_ignore_ascii_case("Link") {
        return format!("<{sample}>; rel=\"next\"");
    }
    sample
}

/// A body with its media type.
fn push_body(api: &Api, lines: &mut Vec<String>, body: Option<&Body>) {
    // Of a choice the default is shown.
    let Some(body) = body.and_then(|body| body.alternatives().next()) else {
        return;
    };
    if !has_content_type(lines) {
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
}

fn has_content_type(lines: &[String]) -> bool {
    has_header(lines, "Content-Type")
}

/// Whether a head has this header already.
fn has_header(lines: &[String], name: &str) -> bool {
    let mut names = lines.iter().filter_map(|line| line.split(':').next());
    names.any(|own| own.eq_ignore_ascii_case(name))
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
    // Of a file its content is shown where it is text.
    let mut kinds = ["json", "form", "text", "file", "base64"].into_iter();
    let kind = kinds.find(|kind| !body[*kind].is_null());
    let Some((kind, value)) = kind.map(|kind| (kind, &body[kind])) else {
        return;
    };
    // Of a choice it is the default, where nothing says another one.
    let declared = declared.and_then(|body| body.alternatives().next());
    let is_lines = declared.is_some_and(|body| matches!(body.kind, BodyKind::JsonLines(_)));
    let text = match kind {
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
    let own = (kind == "json").then_some("application/json");
    let media_type = declared.and_then(|body| body.media_types.first());
    let media_type = media_type.filter(|media_type| !media_type.contains('*'));
    if let (false, Some(media_type)) = (
        has_content_type(lines),
        media_type.map(String::as_str).or(own),
    ) {
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
