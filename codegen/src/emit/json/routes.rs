//! Routes, methods, requests and operations in the JSON.

use serde::Serialize;
use serde_json::Value as Json;

use super::bodies::{Body, Response, body, number, response};
use super::common::Shared;
use super::snippets::{Snippets, snippets};
use super::types::{Deprecation, Parameter, announced, deprecation, parameter};
use super::{vendor, wire};
use crate::model::{self, Access, Api, Conditional, Envelope, Pagination, SecurityUse, Test};

/// A path and its methods.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
pub(super) struct Route {
    /// Its name in the descriptor.
    name: String,
    /// Its path, with parameters in braces.
    path: String,
    /// What the path stands for, for people.
    entity: String,
    /// The name of its group.
    group: String,
    /// What it is, as CommonMark.
    description: String,
    /// The path is accepted with and without its final slash.
    slash_optional: bool,
    /// The name of its envelope.
    envelope: String,
    /// Its methods.
    methods: Vec<Method>,
    /// What the descriptor says under `x`, for other programs; an empty object without any.
    x: Json,
}

/// A method of a path. HEAD stands behind the GET that answers it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
#[expect(clippy::struct_field_names, reason = "the keys of the JSON")]
struct Method {
    /// Its method, in capitals.
    method: String,
    /// What it is, as CommonMark.
    description: String,
    /// The uses of the method.
    requests: Vec<Request>,
}

/// One use of a method.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Request {
    /// What tells it from all other requests, and its address in a document: its operation, and where
    /// that has several requests, its name behind that of all but the first.
    id: String,
    /// What it does, in one line.
    name: String,
    /// The name of its operation.
    operation: String,
    /// What it is, as CommonMark.
    description: String,
    /// What tells it from the others of its method; all of these hold.
    when: Vec<Condition>,
    /// Parameters in the path, in its order.
    path_parameters: Vec<Parameter>,
    /// Parameters in the query.
    query_parameters: Vec<Parameter>,
    /// Its headers, those of `common` included.
    headers: Vec<Parameter>,
    /// Its body.
    body: Option<Body>,
    /// What the caller must be allowed, with the names of parameters in braces.
    access: Vec<String>,
    /// Any one of these schemes; `anonymous` where none is needed.
    security: Vec<String>,
    /// `read` or `write`, where preconditions are looked at.
    conditional: Option<&'static str>,
    /// How its list goes on.
    pagination: Option<Pages>,
    /// Header with a key by which a repetition is known.
    idempotency: Option<String>,
    /// How it succeeds.
    successes: Vec<Response>,
    /// How it fails.
    failures: Vec<Response>,
    /// Its examples.
    examples: Vec<Example>,
    /// Why not to use it.
    deprecated: Option<Deprecation>,
    /// As it is sent.
    wire: String,
    /// How it is sent.
    snippets: Snippets,
    /// What the descriptor says under `x`, for other programs; an empty object without any.
    x: Json,
}

/// What tells a request from the others of its method.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Condition {
    /// `query` or `header`.
    r#in: &'static str,
    /// The name of the parameter or header.
    name: String,
    /// `present`, `absent` or `is`.
    test: &'static str,
    /// Any one of these, where `test` is `is`.
    values: Vec<String>,
}

/// How a list goes on.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Pages {
    /// `link`, `token` or `last_item`.
    r#type: &'static str,
    /// Relation of the link.
    rel: Option<String>,
    /// Query parameter that leads to the next page.
    query: Option<String>,
    /// Field with what goes into it.
    next: Option<String>,
    /// Field with the items.
    items: Option<String>,
    /// Field of an item that goes into the parameter.
    key: Option<String>,
    /// Field that says whether there are more.
    more: Option<String>,
}

/// A request and the answer to it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Example {
    /// Its name.
    name: String,
    /// What it is, as CommonMark.
    description: String,
    /// The request as the descriptor has it.
    request: Json,
    /// The answer as the descriptor has it.
    response: Json,
    /// Both as they are sent.
    wire: wire::Exchange,
}

/// What the requests of one operation send, united. What comes back stands with each request.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
pub(super) struct Operation {
    /// Its name in the descriptor.
    name: String,
    /// What it does, in one line: the name of its first request.
    title: String,
    /// What it is, as CommonMark.
    description: String,
    /// The name of its group.
    group: String,
    /// The name of its route.
    route: String,
    /// Its path, with parameters in braces.
    path: String,
    /// Its method, in capitals.
    method: String,
    /// It answers HEAD, too.
    head: bool,
    /// Parameters in the path, in its order.
    path_parameters: Vec<Parameter>,
    /// Parameters in the query.
    query_parameters: Vec<Parameter>,
    /// Its headers, those of `common` included.
    headers: Vec<Parameter>,
    /// Its body.
    body: Option<Body>,
    /// Some of its requests have no body.
    body_optional: bool,
    /// What the caller must be allowed, with the names of parameters in braces.
    access: Vec<String>,
    /// Any one of these schemes; `anonymous` where none is needed.
    security: Vec<String>,
    /// `read` or `write`, where preconditions are looked at.
    conditional: Option<&'static str>,
    /// How its list goes on.
    pagination: Option<Pages>,
    /// Header with a key by which a repetition is known.
    idempotency: Option<String>,
    /// The name of its envelope.
    envelope: String,
    /// Why not to use it.
    deprecated: Option<Deprecation>,
}

pub(super) fn routes(api: &Api, shared: &Shared<'_>) -> Vec<Route> {
    let routes = api.routes.iter().map(|route| Route {
        name: route.name.clone(),
        path: route.path.clone(),
        entity: route.entity.clone(),
        group: api[route.group].name.clone(),
        description: route.description.clone(),
        slash_optional: route.slash_optional,
        envelope: api[route.envelope].name.clone(),
        methods: methods(api, shared, route),
        x: vendor(&route.extensions),
    });
    routes.collect()
}

fn methods(api: &Api, shared: &Shared<'_>, route: &model::Route) -> Vec<Method> {
    let methods = route.methods.iter().map(|method| Method {
        method: method.method.clone(),
        description: method.description.clone(),
        requests: method
            .requests
            .iter()
            .map(|item| request(api, shared, (route, method), item))
            .collect(),
    });
    methods.collect()
}

fn request(
    api: &Api,
    shared: &Shared<'_>,
    (route, method): (&model::Route, &model::MethodEntry),
    request: &model::Request,
) -> Request {
    let operation = &api[request.operation];
    let envelope = (method.method != "HEAD").then(|| &api[route.envelope]);
    Request {
        id: request_id(api, &method.requests, request),
        name: request.title.clone(),
        operation: operation.name.clone(),
        description: request.description.clone(),
        when: request.when.iter().map(condition).collect(),
        path_parameters: parameters(api, "path", &request.path),
        query_parameters: parameters(api, "query", &request.query),
        headers: headers(api, shared, &request.headers),
        body: request.body.as_ref().map(|item| body(api, item)),
        access: access_texts(operation, &request.access),
        security: security(api, operation),
        conditional: operation.conditional.map(conditional),
        pagination: operation.pagination.as_ref().map(pages),
        idempotency: operation.idempotency.clone(),
        successes: responses(api, shared, (request, &request.successes), envelope),
        failures: responses(api, shared, (request, &request.failures), envelope),
        examples: request
            .examples
            .iter()
            .map(|written| example(api, &method.method, route, request, written))
            .collect(),
        deprecated: announced(operation, request),
        wire: wire::request(api, shared, (&method.method, &route.path), request),
        snippets: snippets(api, &route.path, request),
        x: vendor(&request.extensions),
    }
}

/// Requests of an operation stand together, and new ones come behind: an id stays what it is.
fn request_id(api: &Api, all: &[model::Request], request: &model::Request) -> String {
    let operation = &api[request.operation].name;
    let of_operation = all.iter().filter(|one| one.operation == request.operation);
    let before: Vec<&model::Request> = of_operation
        .take_while(|one| !std::ptr::eq(*one, request))
        .collect();
    if before.is_empty() {
        return operation.clone();
    }
    let name = dashed(&request.title);
    let same = before.iter().filter(|one| dashed(&one.title) == name);
    match same.count() {
        0 => format!("{operation}.{name}"),
        count => format!("{operation}.{name}-{}", count + 1),
    }
}

/// A title in lower case, with a dash for all that is neither letter nor digit.
fn dashed(title: &str) -> String {
    let title = title.to_lowercase();
    let words = title.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

pub(super) fn operations(api: &Api, shared: &Shared<'_>) -> Vec<Operation> {
    let operation = |operation: &model::Operation| Operation {
        name: operation.name.clone(),
        title: operation.title.clone(),
        description: operation.description.clone(),
        group: api[operation.group].name.clone(),
        route: api[operation.route].name.clone(),
        path: api[operation.route].path.clone(),
        method: operation.method.clone(),
        head: operation.head,
        path_parameters: parameters(api, "path", &operation.path),
        query_parameters: parameters(api, "query", &operation.query),
        headers: headers(api, shared, &operation.headers),
        body: operation.body.as_ref().map(|item| body(api, item)),
        body_optional: operation.body_optional,
        access: access_texts(operation, &operation.access),
        security: security(api, operation),
        conditional: operation.conditional.map(conditional),
        pagination: operation.pagination.as_ref().map(pages),
        idempotency: operation.idempotency.clone(),
        envelope: api[operation.envelope].name.clone(),
        deprecated: deprecation(operation.deprecated.as_ref()),
    };
    api.operations.iter().map(operation).collect()
}

fn parameters(api: &Api, place: &'static str, parameters: &[model::Parameter]) -> Vec<Parameter> {
    parameters
        .iter()
        .map(|item| parameter(api, place, item, false))
        .collect()
}

fn headers(api: &Api, shared: &Shared<'_>, headers: &[model::Parameter]) -> Vec<Parameter> {
    let header = |item| parameter(api, "header", item, shared.request_header(item));
    headers.iter().map(header).collect()
}

fn responses(
    api: &Api,
    shared: &Shared<'_>,
    (of, responses): (&model::Request, &[model::Response]),
    envelope: Option<&Envelope>,
) -> Vec<Response> {
    let mut responses: Vec<Response> = responses
        .iter()
        .map(|item| response(api, shared, (Some(of), item), envelope))
        .collect();
    number(&mut responses);
    responses
}

fn condition(condition: &model::Condition) -> Condition {
    let (test, values) = match &condition.test {
        Test::Present => ("present", Vec::new()),
        Test::Absent => ("absent", Vec::new()),
        Test::Is(values) => ("is", values.clone()),
    };
    Condition {
        r#in: match condition.place {
            model::ConditionPlace::Query => "query",
            model::ConditionPlace::Header => "header",
        },
        name: condition.name.clone(),
        test,
        values,
    }
}

/// Access entries as they are written: with the wire names of the parameters in braces.
fn access_texts(operation: &model::Operation, access: &[Access]) -> Vec<String> {
    let text = |entry| operation.access_text(entry);
    access.iter().map(text).collect()
}

pub(super) fn security(api: &Api, operation: &model::Operation) -> Vec<String> {
    let name = |way: &SecurityUse| match way {
        SecurityUse::Scheme(id) => api[*id].name.clone(),
        SecurityUse::Anonymous => "anonymous".to_owned(),
    };
    operation.security.iter().map(name).collect()
}

fn conditional(conditional: Conditional) -> &'static str {
    match conditional {
        Conditional::Read => "read",
        Conditional::Write => "write",
    }
}

fn pages(pagination: &Pagination) -> Pages {
    let mut pages = Pages {
        r#type: "link",
        rel: None,
        query: None,
        next: None,
        items: None,
        key: None,
        more: None,
    };
    let some = |name: &String| Some(name.clone());
    match pagination {
        Pagination::Link { rel } => pages.rel = some(rel),
        Pagination::Token { query, next, items } => {
            pages.r#type = "token";
            (pages.query, pages.next, pages.items) = (some(query), some(next), some(items));
        }
        Pagination::LastItem {
            query,
            items,
            key,
            more,
        } => {
            pages.r#type = "last_item";
            (pages.query, pages.items) = (some(query), some(items));
            (pages.key, pages.more) = (some(key), some(more));
        }
    }
    pages
}

fn example(
    api: &Api,
    method: &str,
    route: &model::Route,
    of: &model::Request,
    written: &Json,
) -> Example {
    let text = |key: &str| written[key].as_str().unwrap_or_default().to_owned();
    Example {
        name: text("name"),
        description: text("description"),
        request: vendor(&written["request"]),
        response: vendor(&written["response"]),
        wire: wire::example(api, method, route, of, written),
    }
}
