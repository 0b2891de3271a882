//! The resolved API as JSON: what `api-codegen json` prints, what templates see, and what an emitter in
//! another language starts from.
//!
//! It mirrors the model with every id replaced by a name. Keys are always there: a list without items
//! is empty, a value that does not exist is null, and their order is fixed. Beside the facts stands
//! `wire`, each message written down as it is sent, because every document wants it and no template
//! can build it.

mod bodies;
mod common;
mod routes;
mod sample;
mod snippets;
mod types;
mod wire;

use serde::Serialize;
use serde_json::Value as Json;

use crate::emit::ident::status_phrase;
use crate::model::{Api, EnvelopeKind, Rejection, SecuritySchemeKind, Template};
use bodies::Response;
use common::Shared;
use routes::{Operation, Route};
use types::{Format, Parameter, Schema};

/// The resolved API, ready to be serialized.
#[derive(Debug, Serialize)]
pub struct Descriptor {
    name: String,
    title: String,
    version: String,
    description: String,
    servers: Vec<Server>,
    groups: Vec<Group>,
    security: Vec<Scheme>,
    formats: Vec<Format>,
    schemas: Vec<Schema>,
    errors: Vec<ErrorCode>,
    envelopes: Vec<Envelope>,
    common: Common,
    /// The types of bodies that are streams of values, where there are any.
    streams: Vec<&'static str>,
    /// Rust that makes the `client` of the snippets of all requests.
    setup: String,
    routes: Vec<Route>,
    operations: Vec<Operation>,
    x: Json,
}

#[derive(Debug, Serialize)]
struct Server {
    url: String,
    description: String,
}

#[derive(Debug, Serialize)]
struct Group {
    name: String,
    title: String,
    description: String,
    /// Names of its routes.
    routes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Scheme {
    name: String,
    r#type: &'static str,
    description: String,
    realm: Option<String>,
    header: Option<String>,
    /// The ways to a token of OAuth 2.0.
    flows: Vec<Flow>,
    /// What a token may be good for.
    scopes: Vec<Named>,
}

#[derive(Debug, Serialize)]
struct Flow {
    r#type: &'static str,
    authorization_url: Option<String>,
    token_url: String,
    refresh_url: Option<String>,
}

#[derive(Debug, Serialize)]
struct Named {
    name: String,
    description: String,
}

#[derive(Debug, Serialize)]
struct ErrorCode {
    code: String,
    status: u16,
    phrase: &'static str,
    message: String,
    description: String,
    /// Name of the schema of `detail`.
    detail: Option<String>,
    repeats: bool,
    docs: Option<String>,
}

#[derive(Debug, Serialize)]
struct Envelope {
    name: String,
    r#type: &'static str,
    /// Its shape as text, with placeholders.
    body: Option<String>,
    rejections: Vec<RejectionCode>,
}

#[derive(Debug, Serialize)]
struct RejectionCode {
    rejection: &'static str,
    status: u16,
    code: String,
}

/// What all requests have, and all answers.
#[derive(Debug, Serialize)]
struct Common {
    /// Any one of these schemes; empty where operations differ.
    security: Vec<String>,
    request_headers: Vec<Parameter>,
    response_headers: Vec<Parameter>,
    failures: Vec<Response>,
}

/// The resolved API, for templates and for other programs.
pub fn descriptor(api: &Api) -> Descriptor {
    let shared = Shared::of(api);
    Descriptor {
        name: api.name.clone(),
        title: api.title.clone(),
        version: api.version.clone(),
        description: api.description.clone(),
        servers: servers(api),
        groups: groups(api),
        security: api.security.iter().map(scheme).collect(),
        formats: types::formats(api),
        schemas: types::schemas(api),
        errors: errors(api),
        envelopes: envelopes(api),
        common: shared.written(api),
        streams: bodies::streams(api),
        setup: snippets::setup(api),
        routes: routes::routes(api, &shared),
        operations: routes::operations(api, &shared),
        x: vendor(&api.extensions),
    }
}

/// The resolved API as text, with a line break at its end.
#[expect(clippy::missing_panics_doc, reason = "it never panics")]
pub fn text(api: &Api) -> String {
    let mut text = serde_json::to_string_pretty(&descriptor(api))
        .expect("every key is a string, and nothing here fails to serialize");
    text.push('\n');
    text
}

/// Vendor data; without any, an empty object.
fn vendor(data: &Json) -> Json {
    match data {
        Json::Null => Json::Object(serde_json::Map::new()),
        data => data.clone(),
    }
}

fn servers(api: &Api) -> Vec<Server> {
    let servers = api.servers.iter().map(|server| Server {
        url: server.url.clone(),
        description: server.description.clone(),
    });
    servers.collect()
}

fn groups(api: &Api) -> Vec<Group> {
    let routes_of = |index: usize| {
        let routes = api.routes.iter().filter(|route| route.group.0 == index);
        routes.map(|route| route.name.clone()).collect()
    };
    let groups = api.groups.iter().enumerate().map(|(index, group)| Group {
        name: group.name.clone(),
        title: group.title.clone(),
        description: group.description.clone(),
        routes: routes_of(index),
    });
    groups.collect()
}

fn scheme(scheme: &crate::model::SecurityScheme) -> Scheme {
    let (kind, realm, header) = match &scheme.kind {
        SecuritySchemeKind::Basic { realm } => ("basic", realm.clone(), None),
        SecuritySchemeKind::Bearer => ("bearer", None, None),
        SecuritySchemeKind::ApiKey { header } => ("api_key", None, Some(header.clone())),
        SecuritySchemeKind::Custom { header } => ("custom", None, Some(header.clone())),
        SecuritySchemeKind::Oauth2 { .. } => ("oauth2", None, None),
    };
    let (flows, scopes) = match &scheme.kind {
        SecuritySchemeKind::Oauth2 { flows, scopes } => (flows.as_slice(), scopes.as_slice()),
        _ => (&[][..], &[][..]),
    };
    let flow = |flow: &crate::model::Flow| Flow {
        r#type: flow.kind.name(),
        authorization_url: flow.authorization_url.clone(),
        token_url: flow.token_url.clone(),
        refresh_url: flow.refresh_url.clone(),
    };
    let named = |(name, description): &(String, String)| Named {
        name: name.clone(),
        description: description.clone(),
    };
    Scheme {
        name: scheme.name.clone(),
        r#type: kind,
        description: scheme.description.clone(),
        realm,
        header,
        flows: flows.iter().map(flow).collect(),
        scopes: scopes.iter().map(named).collect(),
    }
}

fn errors(api: &Api) -> Vec<ErrorCode> {
    let errors = api.errors.iter().map(|error| ErrorCode {
        code: error.code.clone(),
        status: error.status,
        phrase: status_phrase(error.status),
        message: error.message.clone(),
        description: error.description.clone(),
        detail: error.detail.map(|schema| api[schema].name.clone()),
        repeats: error.repeats,
        docs: error.docs.clone(),
    });
    errors.collect()
}

fn envelopes(api: &Api) -> Vec<Envelope> {
    let rejection = |(kind, error): &(Rejection, crate::model::ErrorId)| RejectionCode {
        rejection: kind.name(),
        status: kind.status(),
        code: api[*error].code.clone(),
    };
    let envelopes = api.envelopes.iter().map(|envelope| {
        let (kind, body) = match &envelope.kind {
            EnvelopeKind::Json(template) => ("json", Some(shape(template))),
            EnvelopeKind::Text(template) => ("text", Some(shape(template))),
            EnvelopeKind::None => ("none", None),
        };
        Envelope {
            name: envelope.name.clone(),
            r#type: kind,
            body,
            rejections: envelope.rejections.iter().map(rejection).collect(),
        }
    });
    envelopes.collect()
}

/// An envelope in one line, its keys in the order of the descriptor.
fn shape(template: &Template) -> String {
    match template {
        Template::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(key, value)| format!("{}: {}", Json::from(key.as_str()), shape(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Template::Array(items) => {
            let items = items.iter().map(shape);
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        Template::Json(value) => value.to_string(),
        Template::Code => "$code".to_owned(),
        Template::Status => "$status".to_owned(),
        Template::Message => "$message".to_owned(),
        Template::Detail => "$detail".to_owned(),
        Template::DetailField(field) => format!("$detail.{field}"),
        Template::Docs => "$docs".to_owned(),
        Template::RequestId => "$request_id".to_owned(),
    }
}
