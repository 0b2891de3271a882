//! Answers that are made of the descriptor.

use api_codegen::model::{
    Body, BodyKind, Builtin, EnvelopeId, EnvelopeKind, ErrorId, OperationId, Pagination, Parameter,
    Rejection, Response, Route, SecuritySchemeKind, SecurityUse, Template, Type, of_status,
};
use api_codegen::values::{Put, is_required, text};
use api_runtime::query::Query;
use serde_json::{Map, Value as Json};

use super::events::{event, resumed};
use crate::contract::{Contract, Refused, Taken};
use crate::draft::{self, content, media_type};
use crate::message::Request;

/// The bytes of a body that may be any.
const BYTES: &[u8] = b"example";

/// Answers for one API.
#[derive(Debug)]
pub(super) struct Mock<'a> {
    pub(super) contract: Contract<'a>,
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.headers
            .retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
    }
}

impl<'a> Mock<'a> {
    /// The answer to a request that is refused. `closes`: its body was not read.
    pub(super) fn refusal(&self, refused: &Refused<'a>, closes: bool) -> Reply {
        let mut reply = match refused.answers.first() {
            Some((status, code)) => self.failure(refused.envelope, *status, *code),
            None => Reply {
                status: refused.rejection.status(),
                ..Reply::default()
            },
        };
        if let (Rejection::NoMethod, Some(route)) = (refused.rejection, refused.route) {
            reply.set("Allow", methods(route, None));
        }
        if let (Rejection::Unauthenticated, Some(operation)) =
            (refused.rejection, refused.operation)
        {
            let challenges = operation.security.iter().filter_map(|way| match way {
                SecurityUse::Anonymous => None,
                SecurityUse::Scheme(id) => Some(challenge(&self.contract.api[*id].kind)),
            });
            reply.set(
                "WWW-Authenticate",
                challenges.collect::<Vec<_>>().join(", "),
            );
        }
        if closes {
            reply.set("Connection", "close");
        }
        self.common(reply)
    }

    /// The answer to a request that is well-formed.
    pub(super) fn success(&self, taken: &Taken<'a>, request: &Request) -> Reply {
        let reply = match self.preferred(taken, request) {
            Some(reply) => reply,
            None => match self.example(taken, |example| is_of(example, taken, request)) {
                Some(reply) => reply,
                None => self.least(taken),
            },
        };
        let mut reply = self.conditional(taken, request, reply);
        if reply.status == 405 && reply.header("allow").is_none() {
            reply.set("Allow", methods(taken.route, Some(&request.method)));
        }
        self.common(resumed(taken, request, reply))
    }

    /// What the client prefers.
    fn preferred(&self, taken: &Taken<'a>, request: &Request) -> Option<Reply> {
        let preferences = request.all("prefer").flat_map(|line| line.split(','));
        // What stands behind a semicolon says more of the preference.
        let preferences = preferences.filter_map(|line| line.split(';').next());
        let pairs = preferences.filter_map(|preference| preference.split_once('='));
        for (name, value) in pairs {
            let value = value.trim().trim_matches('"');
            let reply = match name.trim().to_ascii_lowercase().as_str() {
                "example" => self.example(taken, |example| example["name"] == *value),
                "status" => {
                    let status = value.parse().ok();
                    status.and_then(|status| self.of_status(taken, status))
                }
                _ => None,
            };
            if reply.is_some() {
                return reply;
            }
        }
        None
    }

    /// An answer with a status that the operation declares.
    fn of_status(&self, taken: &Taken<'a>, status: u16) -> Option<Reply> {
        let operation = taken.operation;
        let responses = operation.successes.iter().chain(&operation.failures);
        let responses = responses.filter(|response| !response.managed);
        let response = *of_status(responses, status).first()?;
        Some(Reply {
            status,
            ..self.reply(taken, response)
        })
    }

    /// The first success, as small as may be.
    fn least(&self, taken: &Taken<'a>) -> Reply {
        // What is known of HEAD has no bodies, and the answer is that to GET.
        let own: &[Response] = match taken.entry.method.as_str() {
            "HEAD" => &[],
            _ => &taken.request.successes,
        };
        let successes = own.iter().chain(&taken.operation.successes);
        let success = successes
            .filter(|success| !success.managed)
            .min_by_key(|success| {
                // Where it can be, not the one that sends the client elsewhere.
                (300..400).contains(&success.status)
            });
        match success {
            Some(success) => self.reply(taken, success),
            None => Reply {
                status: 204,
                ..Reply::default()
            },
        }
    }

    /// A declared answer, made up.
    fn reply(&self, taken: &Taken<'a>, response: &'a Response) -> Reply {
        let mut reply = match response.codes.first() {
            Some(code) => self.failure(taken.operation.envelope, response.status, *code),
            None => Reply {
                status: response.status,
                ..Reply::default()
            },
        };
        for header in &response.headers {
            if is_sent(header) {
                let value = self.header(taken, header);
                reply.set(&header.wire, value);
            }
        }
        if let Some(declared) = &response.body {
            let body = taken.accepted.unwrap_or(declared);
            let body = body.alternatives().next().unwrap_or(body);
            reply.body = self.content(taken, body);
            if let Some(media) = media_type(body) {
                reply.set("Content-Type", media);
            }
        }
        reply
    }

    /// A value for a header.
    fn header(&self, taken: &Taken<'a>, header: &Parameter) -> String {
        match &header.value.ty {
            Type::Url(operation) => self.url(taken, *operation),
            _ => match self.contract.values.sample(&header.value) {
                Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
                json => text(&json),
            },
        }
    }

    /// The URL of an operation, with the values of the request where they are of the same names.
    fn url(&self, taken: &Taken<'a>, operation: OperationId) -> String {
        let api = self.contract.api;
        let given = |name: &str| {
            let mut own = taken.operation.path.iter().zip(&taken.path);
            own.find(|(own, _)| own.wire == name)
                .map(|(_, value)| value.clone())
        };
        let values: Vec<String> = api[operation]
            .path
            .iter()
            .map(|parameter| {
                given(&parameter.wire)
                    .unwrap_or_else(|| text(&self.contract.values.sample(&parameter.value)))
            })
            .collect();
        draft::path(&api[api[operation].route], &values)
    }

    /// The bytes of a body. A page is the last one.
    fn content(&self, taken: &Taken<'a>, body: &Body) -> Vec<u8> {
        if let BodyKind::Events(ty) = &body.kind {
            return event(&self.contract.values.along(ty, &[], &Put::Nothing)).into_bytes();
        }
        let bytes = content(self.contract.api, body);
        if bytes.is_empty() && matches!(body.kind, BodyKind::Stream { .. } | BodyKind::Bytes(_)) {
            let limit = body.limit.and_then(|limit| usize::try_from(limit).ok());
            return BYTES[..limit.unwrap_or(BYTES.len()).min(BYTES.len())].to_vec();
        }
        let Some(pagination) = &taken.operation.pagination else {
            return bytes;
        };
        let Ok(mut page) = serde_json::from_slice::<Json>(&bytes) else {
            return bytes;
        };
        match (pagination, page.as_object_mut()) {
            (Pagination::Token { next, .. }, Some(fields)) => {
                fields.remove(next);
            }
            (Pagination::LastItem { more, .. }, Some(fields)) => {
                fields.insert(more.clone(), Json::Bool(false));
            }
            _ => {}
        }
        page.to_string().into_bytes()
    }

    /// A failure in its envelope.
    pub(super) fn failure(&self, envelope: EnvelopeId, status: u16, code: ErrorId) -> Reply {
        let api = self.contract.api;
        let mut reply = Reply {
            status,
            ..Reply::default()
        };
        let code = &api[code];
        match api.envelopes.get(envelope.0).map(|envelope| &envelope.kind) {
            Some(EnvelopeKind::Json {
                template,
                media_type,
            }) => {
                let json = self.contract.values.failure(template, status, code);
                reply.body = json.unwrap_or(Json::Null).to_string().into_bytes();
                reply.set("Content-Type", media_type);
            }
            Some(EnvelopeKind::Text(template)) => {
                let text = match template {
                    Template::Code => &code.code,
                    _ => &code.message,
                };
                reply.body = text.clone().into_bytes();
                reply.set("Content-Type", "text/plain; charset=utf-8");
            }
            Some(EnvelopeKind::None) | None => {}
        }
        reply
    }

    /// The answer of an example of the operation. Of several it is that which says most of the request's headers,
    /// since one without any is there for whatever has no example.
    fn example(&self, taken: &Taken<'a>, is_it: impl Fn(&Json) -> bool) -> Option<Reply> {
        // Those of GET are those of HEAD.
        let entries = taken.route.methods.iter();
        let forms = entries.flat_map(|entry| &entry.requests);
        let forms = forms.filter(|form| form.operation == taken.request.operation);
        let examples = forms.flat_map(|form| &form.examples);
        let said = |example: &Json| {
            example["request"]["headers"]
                .as_object()
                .map_or(0, Map::len)
        };
        let replies = examples
            .filter(|example| is_it(example))
            .filter_map(|example| Some((said(example), self.answered(taken, example)?)));
        // Of equals the first.
        let most = replies.reduce(|most, next| if next.0 > most.0 { next } else { most });
        most.map(|(_, reply)| reply)
    }

    /// The answer of this example; nothing where the server makes it of another one.
    fn answered(&self, taken: &Taken<'a>, example: &Json) -> Option<Reply> {
        let written = &example["response"];
        let status = u16::try_from(written["status"].as_u64()?).ok()?;
        let code = written["code"].as_str();
        let codes = self.contract.api.errors.iter();
        let code = code.and_then(|code| codes.clone().position(|own| own.code == code));
        let mut reply = self.of_status(taken, status)?;
        if let Some(code) = code {
            let failure = self.failure(taken.operation.envelope, status, ErrorId(code));
            reply.body = failure.body;
        }
        for (name, value) in written["headers"].as_object().into_iter().flatten() {
            reply.set(name, text(value));
        }
        if let Some(body) = written_body(&written["body"], &reply) {
            reply.body = body;
        }
        Some(reply)
    }

    /// Headers of all answers.
    fn common(&self, mut reply: Reply) -> Reply {
        for (name, value) in &self.contract.api.constant_headers {
            reply.set(name, value.clone());
        }
        reply
    }
}

/// The methods of a route as `Allow` lists them, but one that is turned off.
fn methods(route: &Route, off: Option<&str>) -> String {
    let methods = route.methods.iter().map(|entry| entry.method.as_str());
    let methods = methods.filter(|method| Some(*method) != off);
    methods.collect::<Vec<_>>().join(", ")
}

/// Whether a header is there in an answer that is made up: where it must be, and where conditions need it.
fn is_sent(header: &Parameter) -> bool {
    let is_validator = matches!(
        header.value.ty,
        Type::Builtin(Builtin::Etag | Builtin::HttpDate)
    );
    !header.managed
        && header.prefix.is_none()
        && !header.wire.eq_ignore_ascii_case("content-length")
        && (is_required(&header.value) || header.value.constant.is_some() || is_validator)
}

/// Whether the request of an example is this one: what it gives of path and query is the same, and the query
/// has nothing else that is declared.
fn is_of(example: &Json, taken: &Taken<'_>, request: &Request) -> bool {
    let written = &example["request"];
    let query = Query::parse(request.query()).unwrap_or_default();
    let path = taken.operation.path.iter().zip(&taken.path);
    let is_path = path.into_iter().all(|(parameter, value)| {
        let given = written["path"].get(&parameter.wire);
        given.is_none_or(|given| text(given) == *value)
    });
    let mut given = written["query"].as_object().into_iter().flatten();
    let is_query = given.all(|(name, given)| {
        let values: Vec<String> = query.all(name).map(std::borrow::Cow::into_owned).collect();
        match given {
            Json::Bool(true) => !values.is_empty(),
            Json::Array(items) => items.iter().map(text).eq(values),
            one => values == [text(one)],
        }
    });
    let mut declared = taken.operation.query.iter();
    let has_more = declared.any(|parameter| {
        query.has(&parameter.wire) && written["query"].get(&parameter.wire).is_none()
    });
    is_path && is_query && !has_more && is_sent_so(example, taken, request)
}

/// Whether the headers of the example are there, and its answer has the body that is wanted.
fn is_sent_so(example: &Json, taken: &Taken<'_>, request: &Request) -> bool {
    let headers = example["request"]["headers"].as_object();
    let named = |name: &str| {
        let mut own = headers.into_iter().flatten();
        let (_, value) = own.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        // YAML may have read it as a number.
        Some(text(value))
    };
    let mut responses = taken.operation.successes.iter();
    let choice = responses.find_map(|one| one.body.as_ref().filter(|body| is_choice(body)));
    let is_wanted = match (taken.accepted, choice) {
        (Some(accepted), Some(choice)) => {
            choice.accepted(named("Accept").as_deref()) == Some(accepted)
        }
        _ => true,
    };
    let mut declared = taken.operation.headers.iter();
    is_wanted
        && declared.all(|header| {
            let given = named(&header.wire);
            given.is_none_or(|given| request.header(&header.wire) == Some(given.as_str()))
        })
}

fn is_choice(body: &Body) -> bool {
    matches!(body.kind, BodyKind::Choice { .. })
}

/// The body of an example; nothing where it has none, or has it in a file.
fn written_body(written: &Json, reply: &Reply) -> Option<Vec<u8>> {
    let body = written.as_object()?;
    let (kind, value) = body.iter().find(|(_, value)| !value.is_null())?;
    let media = reply.header("content-type").unwrap_or_default();
    let is_lines = media.contains("ndjson") || media.contains("jsonl");
    match (kind.as_str(), value) {
        ("json", Json::Array(items)) if is_lines => {
            let lines = items.iter().map(|item| format!("{item}\n"));
            Some(lines.collect::<String>().into_bytes())
        }
        ("json", Json::Array(items)) if media.starts_with("text/event-stream") => {
            let events = items.iter().map(event);
            Some(events.collect::<String>().into_bytes())
        }
        ("json", value) => Some(value.to_string().into_bytes()),
        ("form", value) => Some(draft::form(value).into_bytes()),
        // YAML takes the empty line behind the last event away.
        ("text", Json::String(text)) if media.starts_with("text/event-stream") => {
            Some(format!("{}\n\n", text.trim_end()).into_bytes())
        }
        ("text", Json::String(text)) => Some(text.clone().into_bytes()),
        ("base64", Json::String(text)) => {
            use api_runtime::Scalar as _;
            let bytes = api_runtime::Base64::parse(text).ok()?;
            Some(bytes.0.to_vec())
        }
        _ => None,
    }
}

fn challenge(kind: &SecuritySchemeKind) -> String {
    match kind {
        SecuritySchemeKind::Basic { realm } => {
            format!("Basic realm=\"{}\"", realm.as_deref().unwrap_or("mock"))
        }
        SecuritySchemeKind::ApiKey { header } | SecuritySchemeKind::Custom { header } => {
            format!("ApiKey header=\"{header}\"")
        }
        SecuritySchemeKind::Bearer | SecuritySchemeKind::Oauth2 { .. } => {
            "Bearer realm=\"mock\"".to_owned()
        }
    }
}
