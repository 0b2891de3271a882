//! The resolved API as JSON: what `api-codegen json` prints, what templates see, and what an emitter in
//! another language starts from.
//!
//! It mirrors the model with every id replaced by a name. Keys are always there: a list without items
//! is empty, a value that does not exist is null, and their order is fixed. Beside the facts stands
//! `wire`, each message written down as it is sent, because every document wants it and no template
//! can build it.

mod bodies;
mod common;
mod readable;
mod routes;
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
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
pub struct Descriptor {
    /// The name of the API in code.
    name: String,
    /// The name of the API for people.
    title: String,
    /// The version of the API.
    version: String,
    /// What the API is, as CommonMark.
    description: String,
    /// Where it is served.
    servers: Vec<Server>,
    /// Its groups, in the order of the descriptor.
    groups: Vec<Group>,
    /// The ways to authenticate.
    security: Vec<Scheme>,
    /// The named scalars.
    formats: Vec<Format>,
    /// The named objects, enumerations and unions.
    schemas: Vec<Schema>,
    /// All error codes.
    errors: Vec<ErrorCode>,
    /// The shapes of failures.
    envelopes: Vec<Envelope>,
    /// What all requests and all answers have.
    common: Common,
    /// The types of bodies that are streams of values, where there are any.
    streams: Vec<&'static str>,
    /// Rust that makes the `client` of the snippets of all requests.
    setup: String,
    /// All routes with their methods and requests.
    routes: Vec<Route>,
    /// All operations: what their requests send, united.
    operations: Vec<Operation>,
    /// What the descriptor says under `x`, for other programs; an empty object without any.
    x: Json,
}

/// Where the API is served.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Server {
    /// Where it is.
    url: String,
    /// What it is, as CommonMark.
    description: String,
}

/// Routes that belong together.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Group {
    /// Its name in the descriptor.
    name: String,
    /// Its name for people, in one line.
    title: String,
    /// What it is, as CommonMark.
    description: String,
    /// Names of its routes.
    routes: Vec<String>,
}

/// A way to authenticate.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Scheme {
    /// Its name in the descriptor.
    name: String,
    /// `basic`, `bearer`, `api_key`, `oauth2` or `custom`.
    r#type: &'static str,
    /// What it is, as CommonMark.
    description: String,
    /// The realm of HTTP Basic.
    realm: Option<String>,
    /// The header that carries the credentials, where it is not `Authorization`.
    header: Option<String>,
    /// The ways to a token of OAuth 2.0.
    flows: Vec<Flow>,
    /// What a token may be good for.
    scopes: Vec<Named>,
}

/// A way to a token of OAuth 2.0.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Flow {
    /// `authorization_code`, `client_credentials` or `device_code`.
    r#type: &'static str,
    /// Where a person, or a device, asks first.
    authorization_url: Option<String>,
    /// Where a token is given out.
    token_url: String,
    /// Where a token is renewed.
    refresh_url: Option<String>,
}

/// A name and what it stands for.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Named {
    /// Its name in the descriptor.
    name: String,
    /// What it is, as CommonMark.
    description: String,
}

/// An error code.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct ErrorCode {
    /// The code.
    code: String,
    /// Its status.
    status: u16,
    /// The phrase of the status.
    phrase: &'static str,
    /// The text that goes with it.
    message: String,
    /// What it is, as CommonMark.
    description: String,
    /// Name of the schema of `detail`.
    detail: Option<String>,
    /// One answer may hold several of it.
    repeats: bool,
    /// Where more is said about it.
    docs: Option<String>,
}

/// The shape of failures.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Envelope {
    /// Its name in the descriptor.
    name: String,
    /// `json`, `text` or `none`.
    r#type: &'static str,
    /// Its media type; none where failures have no body.
    media_type: Option<String>,
    /// Its shape as text, with placeholders.
    body: Option<String>,
    /// The failures of the server itself.
    rejections: Vec<RejectionCode>,
}

/// A failure of the server itself, before an operation is called.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct RejectionCode {
    /// What happened: `no_route`, `bad_request` and so on.
    rejection: &'static str,
    /// Its status.
    status: u16,
    /// Its error code.
    code: String,
}

/// What all requests have, and all answers.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Common {
    /// Any one of these schemes; empty where operations differ.
    security: Vec<String>,
    /// Headers that every request may carry.
    request_headers: Vec<Parameter>,
    /// Headers that every answer may carry.
    response_headers: Vec<Parameter>,
    /// Failures of every request.
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

/// The JSON Schema of [`Descriptor`], with what each key means.
#[cfg(feature = "docs")]
pub fn schema() -> Json {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings
        .into_generator()
        .into_root_schema_for::<Descriptor>()
        .into()
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
            EnvelopeKind::Json { template, .. } => ("json", Some(shape(template))),
            EnvelopeKind::Text(template) => ("text", Some(shape(template))),
            EnvelopeKind::None => ("none", None),
        };
        Envelope {
            name: envelope.name.clone(),
            r#type: kind,
            media_type: envelope.media_type().map(str::to_owned),
            body,
            rejections: envelope.answered().map(rejection).collect(),
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
