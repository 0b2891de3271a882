//! Messages that show what breaks: a request as one side writes it, an answer as the other does.
//!
//! They are made of what the descriptor says: only what is required is sent, with examples as values,
//! and at one place the value that breaks. Secrets and bytes are named in angle brackets.

use serde_json::Value as Json;

use crate::model::{
    Api, Body, BodyKind, ConditionPlace, EnvelopeId, EnvelopeKind, ErrorCode, ErrorId, Operation,
    Parameter, Rejection, Request, Response, SecurityScheme, SecuritySchemeKind, Template, Test,
    Type,
};
use crate::values::along::along;
use crate::values::domain::Use;
use crate::values::sample::{self, Extent};
use crate::values::{Put, Step, is_required};
use crate::wire::{self, encoded, text};

/// One side's view of a request, and of an answer to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct End<'a> {
    pub(super) api: &'a Api,
    pub(super) operation: &'a Operation,
    pub(super) request: &'a Request,
    pub(super) response: Option<&'a Response>,
}

/// A place in a message.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Spot {
    /// None in particular.
    Whole,
    /// A parameter of the path, by its position.
    Path(usize),
    Query(String),
    Header(String),
    Body(Vec<Step>),
    /// In the detail of this code.
    Detail(String, Vec<Step>),
}

/// What a request says besides what it must.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Extra {
    Nothing,
    /// A header line, one of its own.
    Header(String),
    /// The base URL under which the path stands.
    Base(String),
    /// Credentials of a scheme, by its name.
    Credentials(String),
    /// A body of so many bytes.
    Length(u64),
    /// A path with, or without, the final slash.
    Slash(bool),
    /// Another method.
    Method(&'static str),
    /// No body.
    NoBody,
    /// These bytes as the body.
    Bytes,
}

/// How a request is answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// As declared; what is not known is ignored.
    Taken,
    /// Taken, and nothing but this status is said of it.
    Status(u16),
    /// Refused; with this code, where it is not the envelope's.
    Refused(Rejection, Option<ErrorId>),
    /// A failure of the operation.
    Failed(u16, ErrorId),
    /// Nothing is there.
    Nobody,
}

/// A request with `put` at `spot`.
pub(super) fn request(end: &End<'_>, spot: &Spot, put: &Put, extra: &Extra) -> String {
    let method = match extra {
        Extra::Method(method) => method,
        _ => end.operation.method.as_str(),
    };
    let mut path = path(end, spot, put);
    match extra {
        Extra::Base(url) => path.insert_str(0, base(url).1),
        Extra::Slash(false) => path.truncate(path.trim_end_matches('/').len()),
        Extra::Slash(true) if !path.ends_with('/') => path.push('/'),
        _ => {}
    }
    let mut lines = vec![format!("{method} {path}{} HTTP/1.1", query(end, spot, put))];
    let headers = (end.request.headers.as_slice(), Some(end.request));
    header_lines(end.api, headers, (spot, put), &mut lines);
    for condition in &end.request.when {
        let is_there = lines.iter().any(|line| is_header(line, &condition.name));
        if condition.place == ConditionPlace::Header && !is_there {
            lines.extend(
                tested(&condition.test).map(|value| format!("{}: {value}", condition.name)),
            );
        }
    }
    match extra {
        Extra::Header(line) => {
            let name = line.split_once(':').map_or(line.as_str(), |(name, _)| name);
            lines.retain(|own| !is_header(own, name));
            lines.push(line.clone());
        }
        Extra::Base(url) => lines.push(format!("Host: {}", base(url).0)),
        Extra::Credentials(name) => lines.extend(credentials(end.api, name)),
        _ => {}
    }
    if let (Some(body), false) = (&end.request.body, *extra == Extra::NoBody) {
        push_body(end.api, body, (spot, put), extra, &mut lines);
    }
    lines.join("\n")
}

/// Host and path of a base URL.
fn base(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    (host, path.trim_end_matches('/'))
}

fn is_header(line: &str, name: &str) -> bool {
    line.split_once(':')
        .is_some_and(|(own, _)| own.eq_ignore_ascii_case(name))
}

/// What a condition wants to see.
fn tested(test: &Test) -> Option<&str> {
    match test {
        Test::Present => Some(""),
        Test::Absent => None,
        Test::Is(values) => values.first().map(String::as_str),
    }
}

fn path(end: &End<'_>, spot: &Spot, put: &Put) -> String {
    sample::path(end.api, end.operation, |index, parameter| {
        match (spot, put) {
            (Spot::Path(own), Put::Value(json)) if *own == index => json.clone(),
            _ => sample::value(end.api, &parameter.value, Extent::Least),
        }
    })
}

/// The value of a parameter, where it is sent; the conditions of a request may ask for one.
fn sent(
    api: &Api,
    parameter: &Parameter,
    test: Option<&Test>,
    (is_here, put): (bool, &Put),
) -> Option<Json> {
    let value = &parameter.value;
    let sample = || sample::tested(api, value, test);
    match put {
        Put::Absent if is_here => None,
        Put::Value(json) if is_here => Some(json.clone()),
        Put::Nothing if is_here => Some(sample()),
        _ if parameter.managed || parameter.prefix.is_some() => None,
        _ => (is_required(value) || value.constant.is_some()).then(sample),
    }
}

/// A name with a `*` put in.
fn spelt(parameter: &Parameter) -> String {
    parameter.wire.replacen('*', "key", 1)
}

fn query(end: &End<'_>, spot: &Spot, put: &Put) -> String {
    let mut pairs: Vec<(String, Option<String>)> = Vec::new();
    for parameter in &end.request.query {
        let is_here = *spot == Spot::Query(parameter.wire.clone());
        let test = end.request.tested(ConditionPlace::Query, &parameter.wire);
        let Some(json) = sent(end.api, parameter, test, (is_here, put)) else {
            continue;
        };
        pairs.extend(wire::pairs(&spelt(parameter), Some(parameter), &json));
    }
    for condition in &end.request.when {
        let is_there = pairs.iter().any(|(name, _)| *name == condition.name);
        if condition.place == ConditionPlace::Query && !is_there {
            let value = tested(&condition.test).map(str::to_owned);
            pairs.extend(value.map(|value| (condition.name.clone(), Some(wire::value(&value)))));
        }
    }
    wire::query(pairs)
}

fn header_lines(
    api: &Api,
    (headers, of): (&[Parameter], Option<&Request>),
    (spot, put): (&Spot, &Put),
    lines: &mut Vec<String>,
) {
    for header in headers {
        let is_here = *spot == Spot::Header(header.wire.clone());
        let wanted = of.and_then(|of| of.tested(ConditionPlace::Header, &header.wire));
        let Some(json) = sent(api, header, wanted, (is_here, put)) else {
            continue;
        };
        let text = match &json {
            _ if header.value.secret => "<secret>".to_owned(),
            Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
            json => text(json),
        };
        lines.push(format!("{}: {text}", spelt(header)));
    }
}

fn credentials(api: &Api, name: &str) -> Option<String> {
    let scheme: &SecurityScheme = api.security.iter().find(|scheme| scheme.name == name)?;
    Some(match &scheme.kind {
        SecuritySchemeKind::Basic { .. } => "Authorization: Basic <name and password>".to_owned(),
        SecuritySchemeKind::Bearer | SecuritySchemeKind::Oauth2 { .. } => {
            "Authorization: Bearer <token>".to_owned()
        }
        SecuritySchemeKind::ApiKey { header } | SecuritySchemeKind::Custom { header } => {
            format!("{header}: <key>")
        }
    })
}

fn push_body(
    api: &Api,
    body: &Body,
    (spot, put): (&Spot, &Put),
    extra: &Extra,
    lines: &mut Vec<String>,
) {
    // Of a choice the default is shown.
    let Some(body) = body.alternatives().next() else {
        return;
    };
    if !lines.iter().any(|line| is_header(line, "Content-Type")) {
        let media = body.media_types.first().map_or("", String::as_str);
        lines.push(format!(
            "Content-Type: {}",
            media.replace("*/*", "image/png").replace('*', "png")
        ));
    }
    if let Extra::Length(length) = extra {
        lines.extend([
            format!("Content-Length: {length}"),
            String::new(),
            format!("<{length} bytes>"),
        ]);
        return;
    }
    lines.push(String::new());
    if *extra == Extra::Bytes {
        lines.push("<any bytes>".to_owned());
        return;
    }
    let steps: &[Step] = match spot {
        Spot::Body(steps) => steps,
        _ => &[],
    };
    let put = match spot {
        Spot::Body(_) => put,
        _ => &Put::Nothing,
    };
    let json = |ty: &Type| match (&body.example, put) {
        (Some(example), Put::Nothing) => example.clone(),
        _ => along(&Use::new(api, ty), steps, put),
    };
    lines.push(match &body.kind {
        // Of lines one is shown.
        BodyKind::Json { ty, .. } | BodyKind::JsonLines(ty) => json(ty).to_string(),
        BodyKind::Events(ty) => event(&json(ty)),
        BodyKind::Form(ty) => form(&json(ty)),
        BodyKind::Text => "text".to_owned(),
        BodyKind::Bytes(_) | BodyKind::Stream { .. } | BodyKind::Choice { .. } => {
            "<bytes>".to_owned()
        }
    });
}

/// An event: its fields are lines.
fn event(json: &Json) -> String {
    let entries = json.as_object().into_iter().flatten();
    let lines = entries.map(|(field, value)| format!("{field}: {}", text(value)));
    lines.collect::<Vec<_>>().join("\n")
}

fn form(json: &Json) -> String {
    let mut pairs = Vec::new();
    for (key, value) in json.as_object().into_iter().flatten() {
        let items = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        let pair = |item| format!("{}={}", encoded(key, "[]"), encoded(&text(item), ":/"));
        pairs.extend(items.iter().map(pair));
    }
    pairs.join("&")
}

/// The answer to a request, with `put` at `spot` of a success.
pub(super) fn answer(
    end: Option<&End<'_>>,
    api: &Api,
    spot: &Spot,
    put: &Put,
    answer: &Answer,
) -> String {
    let envelope = end.map_or(EnvelopeId(0), |end| end.operation.envelope);
    match answer {
        Answer::Nobody => "(no answer)".to_owned(),
        Answer::Refused(rejection, code) => {
            let code = code.or_else(|| {
                let known = &api.envelopes.get(envelope.0)?.rejections;
                known
                    .iter()
                    .find(|(kind, _)| kind == rejection)
                    .map(|(_, code)| *code)
            });
            failure(api, envelope, (rejection.status(), code), (spot, put))
        }
        Answer::Status(status) => status_line(*status),
        Answer::Failed(status, code) => failure(api, envelope, (*status, Some(*code)), (spot, put)),
        Answer::Taken => {
            let response = end.and_then(|end| {
                let declared = end
                    .request
                    .successes
                    .iter()
                    .find(|success| !success.managed);
                end.response.or(declared)
            });
            match response {
                Some(response) if !response.codes.is_empty() => {
                    declared_failure(api, envelope, response, (spot, put))
                }
                Some(response) => success(api, response, (spot, put)),
                None => status_line(200),
            }
        }
    }
}

fn status_line(status: u16) -> String {
    format!("HTTP/1.1 {status}")
}

/// A failure of the operation with its headers; of its codes the one that is meant.
fn declared_failure(
    api: &Api,
    envelope: EnvelopeId,
    response: &Response,
    (spot, put): (&Spot, &Put),
) -> String {
    let meant = |code: &&ErrorId| match spot {
        Spot::Detail(own, _) => api[**code].code == *own,
        _ => true,
    };
    let code = response.codes.iter().find(meant).or(response.codes.first());
    let text = failure(api, envelope, (response.status, code.copied()), (spot, put));
    let (head, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let mut lines = vec![head.to_owned()];
    header_lines(api, (&response.headers, None), (spot, put), &mut lines);
    if !rest.is_empty() {
        lines.push(rest.to_owned());
    }
    lines.join("\n")
}

fn success(api: &Api, response: &Response, (spot, put): (&Spot, &Put)) -> String {
    let mut lines = vec![status_line(response.status)];
    header_lines(api, (&response.headers, None), (spot, put), &mut lines);
    if let Some(body) = &response.body {
        push_body(api, body, (spot, put), &Extra::Nothing, &mut lines);
    }
    lines.join("\n")
}

fn failure(
    api: &Api,
    envelope: EnvelopeId,
    (status, code): (u16, Option<ErrorId>),
    (spot, put): (&Spot, &Put),
) -> String {
    let mut lines = vec![status_line(status)];
    let (Some(envelope), Some(code)) = (api.envelopes.get(envelope.0), code) else {
        return status_line(status);
    };
    let code = &api[code];
    let body = match &envelope.kind {
        EnvelopeKind::Json { template, .. } => {
            let detail = detail(api, code, (spot, put));
            let json = template.filled(status, code, detail.as_ref());
            json.unwrap_or(Json::Null).to_string()
        }
        EnvelopeKind::Text(Template::Code) => code.code.clone(),
        EnvelopeKind::Text(_) => code.message.clone(),
        EnvelopeKind::None => return status_line(status),
    };
    let media = envelope.media_type().unwrap_or_default();
    lines.extend([format!("Content-Type: {media}"), String::new(), body]);
    lines.join("\n")
}

fn detail(api: &Api, code: &ErrorCode, (spot, put): (&Spot, &Put)) -> Option<Json> {
    let ty = Type::Schema(code.detail?);
    let (steps, put) = match spot {
        Spot::Detail(own, steps) if *own == code.code => (steps.as_slice(), put),
        _ => (&[][..], &Put::Nothing),
    };
    Some(along(&Use::new(api, &ty), steps, put))
}
