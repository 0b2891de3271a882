//! One request: parameters, body and answers, those of mixins and of all requests included.
//!
//! Rules: mixins do not contradict the request or each other, a GET has no body, names of headers do
//! not differ in case alone, `when` tests what can be tested. `GET: [{.., body: {type: text}}]` fails.

use super::bodies::{self, Owner};
use super::names::{camel, demand_snake};
use super::responses::{self, Answer, List, Shared, Side};
use super::scope::{Kind, Scope, items};
use super::values::{self, Place};
use super::{conditions, deprecations, events, example_files, extensions, head, idempotency};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{
    Body, Condition, OperationId, Parameter, Request, SchemeId, SecurityUse, of_status,
};
use crate::spec;

/// What requests are made from.
#[derive(Debug, Default)]
pub(super) struct Common {
    query: Vec<Parameter>,
    headers: Vec<Parameter>,
    mixins: Vec<Mixin>,
    security: Vec<SecurityUse>,
    pub(super) shared: Shared,
}

#[derive(Debug, Default)]
struct Mixin {
    query: Vec<Parameter>,
    headers: Vec<Parameter>,
}

/// A request before its operation is known as a whole.
#[derive(Clone, Debug)]
pub(super) struct Draft<'s> {
    pub(super) written: &'s spec::Request,
    pub(super) path: Path,
    /// Index of its route.
    pub(super) route: usize,
    pub(super) method: &'s str,
    pub(super) operation: OperationId,
    pub(super) when: Vec<Condition>,
    pub(super) path_parameters: Vec<Parameter>,
    pub(super) query: Vec<Parameter>,
    pub(super) headers: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) security: Vec<SecurityUse>,
    pub(super) successes: Vec<Answer>,
    pub(super) failures: Vec<Answer>,
}

/// Resolves what requests have in common.
pub(super) fn common(scope: &mut Scope<'_, '_>) -> Common {
    let spec = scope.spec;
    let root = Path::root();
    let path = root.key("common").key("request");
    let query = query_of(scope, &spec.common.request.query, &path.key("query"));
    let headers = headers_of(scope, &spec.common.request.headers, &path.key("headers"));
    let mixins = spec
        .mixins
        .iter()
        .map(|(name, written)| {
            let path = root.key("mixins").key(name);
            Mixin {
                query: query_of(scope, &written.query, &path.key("query")),
                headers: headers_of(scope, &written.headers, &path.key("headers")),
            }
        })
        .collect();
    let security = security(scope, &spec.api.security, &root.key("api").key("security"));
    let shared = responses::shared(scope);
    Common {
        query,
        headers,
        mixins,
        security,
        shared,
    }
}

/// Where a request stands.
#[derive(Clone, Copy)]
pub(super) struct Origin<'s, 'p> {
    pub(super) route: usize,
    pub(super) method: &'s str,
    pub(super) path_parameters: &'p [Parameter],
}

/// The request that is written at `path`.
pub(super) fn request<'s>(
    scope: &mut Scope<'_, '_>,
    common: &Common,
    written: &'s spec::Request,
    path: Path,
    origin: Origin<'s, '_>,
) -> Draft<'s> {
    demand_snake(
        scope,
        &written.operation,
        At::value(&path.key("operation")),
        "an operation",
    );
    deprecations::check(scope, written.deprecated.as_ref(), &path);
    let owner = camel(&written.operation);
    let operation = scope
        .get(Kind::Operation, &written.operation)
        .unwrap_or_default();
    let (query, headers) = parameters(scope, common, written, &path);
    let security = match &written.security {
        Some(names) => security(scope, names, &path.key("security")),
        None => common.security.clone(),
    };
    let (successes, failures) = answers(scope, common, written, &path, &owner);
    Draft {
        written,
        route: origin.route,
        method: origin.method,
        operation: OperationId(operation),
        when: conditions::conditions(scope, &written.when, &path.key("when")),
        path_parameters: origin.path_parameters.to_vec(),
        query,
        headers,
        body: body(scope, written, &path, origin.method, &owner),
        security,
        successes,
        failures,
        path,
    }
}

/// Query parameters and headers, those of mixins and of all requests included.
fn parameters(
    scope: &mut Scope<'_, '_>,
    common: &Common,
    written: &spec::Request,
    path: &Path,
) -> (Vec<Parameter>, Vec<Parameter>) {
    let mut query = query_of(scope, &written.query, &path.key("query"));
    let mut headers = headers_of(scope, &written.headers, &path.key("headers"));
    for (name, at) in written.uses.iter().zip(items(&path.key("use"))) {
        let mixin = scope
            .find(Kind::Mixin, name, &at)
            .and_then(|id| common.mixins.get(id));
        if let Some(mixin) = mixin {
            unite(scope, &mut query, &mixin.query, &at, &path.key("query"));
            unite(
                scope,
                &mut headers,
                &mixin.headers,
                &at,
                &path.key("headers"),
            );
        }
    }
    take_missing(&mut query, &common.query);
    take_missing(&mut headers, &common.headers);
    idempotency::take_header(scope, written, path, &mut headers);
    events::take_header(scope, written, path, &mut headers);
    (query, headers)
}

/// Successes and failures, those of all requests included.
fn answers(
    scope: &mut Scope<'_, '_>,
    common: &Common,
    written: &spec::Request,
    path: &Path,
    owner: &str,
) -> (Vec<Answer>, Vec<Answer>) {
    if written.success.is_empty() {
        scope.error(
            Id::MissingKey,
            path,
            "a request has at least one `success`",
            "say what comes of it: `success: [{status: 204}]`",
        );
    }
    let list = List {
        path: &path.key("success"),
        side: Side::Success,
        owner,
    };
    let successes = responses::answers(scope, &common.shared, &written.success, list);
    let list = List {
        path: &path.key("failure"),
        side: Side::Failure,
        owner,
    };
    let mut failures = responses::answers(scope, &common.shared, &written.failure, list);
    failures.extend(responses::common_failures(&common.shared));
    check_codes(scope, &failures);
    (successes, failures)
}

impl Draft<'_> {
    /// The request of the model; what the caller must be allowed is put in by `access`.
    pub(super) fn request(&self) -> Request {
        let plain = |answers: &[Answer]| {
            answers
                .iter()
                .map(|answer| answer.response.clone())
                .collect()
        };
        Request {
            title: head::title(&self.written.request),
            description: self.written.description.clone(),
            operation: self.operation,
            when: self.when.clone(),
            path: self.path_parameters.clone(),
            query: self.query.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            access: Vec::new(),
            successes: plain(&self.successes),
            failures: plain(&self.failures),
            examples: self
                .written
                .examples
                .iter()
                .map(|example| self.example(example))
                .collect(),
            deprecated: self
                .written
                .deprecated
                .as_ref()
                .map(deprecations::deprecation),
            extensions: extensions(&self.written.x),
        }
    }

    /// The successes that its author wrote: not those that the runtime gives by itself.
    pub(super) fn own_successes(&self) -> impl Iterator<Item = &Answer> {
        let is_own = |answer: &&Answer| !answer.response.managed;
        self.successes.iter().filter(is_own)
    }

    /// An example as it is written, with what its files hold.
    fn example(&self, example: &spec::Example) -> serde_json::Value {
        let (request, response) = (&example.request, &example.response);
        let mut written = serde_json::json!(example);
        let sent = self.body.iter();
        let sent = sent.flat_map(|body| body.of_type(request.content_type()));
        example_files::fill(&mut written["request"], request.body.as_ref(), sent);
        let answers = self.successes.iter().map(|answer| &answer.response);
        let bodies = of_status(answers, response.status).into_iter();
        let received = bodies.filter_map(|answer| answer.body.as_ref());
        let received = received.filter_map(|body| body.accepted(request.header("Accept")));
        example_files::fill(&mut written["response"], response.body.as_ref(), received);
        written
    }
}

fn query_of(
    scope: &mut Scope<'_, '_>,
    written: &spec::Map<spec::Value>,
    path: &Path,
) -> Vec<Parameter> {
    written
        .iter()
        .map(|(wire, written)| {
            values::parameter(scope, wire, written, &path.key(wire), Place::Query)
        })
        .collect()
}

fn headers_of(
    scope: &mut Scope<'_, '_>,
    written: &spec::Map<spec::Value>,
    path: &Path,
) -> Vec<Parameter> {
    responses::same_names(scope, written.keys(), path);
    written
        .iter()
        .map(|(wire, written)| {
            values::parameter(scope, wire, written, &path.key(wire), Place::RequestHeader)
        })
        .collect()
}

/// Adds the parameters of a mixin, which must not be there yet.
fn unite(
    scope: &mut Scope<'_, '_>,
    parameters: &mut Vec<Parameter>,
    more: &[Parameter],
    path: &Path,
    own: &Path,
) {
    for parameter in more {
        if parameters
            .iter()
            .any(|own| own.wire.eq_ignore_ascii_case(&parameter.wire))
        {
            let message = format!("the request has `{}` already", parameter.wire);
            scope.push(
                Diagnostic::error(Id::NameClash, path, message)
                    .label(At::key(&own.key(&parameter.wire)), "the request")
                    .help("a parameter is written once: in the request or in one of its mixins"),
            );
        } else {
            parameters.push(parameter.clone());
        }
    }
}

/// Adds what every request has; a request may say more of it.
fn take_missing(parameters: &mut Vec<Parameter>, common: &[Parameter]) {
    for parameter in common {
        if !parameters
            .iter()
            .any(|own| own.wire.eq_ignore_ascii_case(&parameter.wire))
        {
            parameters.push(parameter.clone());
        }
    }
}

fn body(
    scope: &mut Scope<'_, '_>,
    written: &spec::Request,
    path: &Path,
    method: &str,
    owner: &str,
) -> Option<Body> {
    let body = written.body.as_ref()?;
    let at = path.key("body");
    if method == "GET" {
        scope.push(
            Diagnostic::error(Id::BadBody, At::key(&at), "a GET has no body")
                .help("put it into the query, or use POST"),
        );
    }
    Some(bodies::body(
        scope,
        body,
        &at,
        Owner::Request,
        &format!("{owner}Body"),
    ))
}

fn security(scope: &mut Scope<'_, '_>, names: &[String], path: &Path) -> Vec<SecurityUse> {
    names
        .iter()
        .zip(items(path))
        .filter_map(|(name, path)| match name.as_str() {
            "anonymous" => Some(SecurityUse::Anonymous),
            _ => scheme(scope, name, &path).map(SecurityUse::Scheme),
        })
        .collect()
}

fn scheme(scope: &mut Scope<'_, '_>, name: &str, path: &Path) -> Option<SchemeId> {
    let found = scope.get(Kind::Scheme, name).map(SchemeId);
    if found.is_none() {
        let mut known = scope.names(Kind::Scheme);
        known.push("anonymous");
        scope.unknown("security scheme", name, &known, path);
    }
    found
}

/// Complains where two failures of a request have status and code in common.
fn check_codes(scope: &mut Scope<'_, '_>, failures: &[Answer]) {
    let mut seen: std::collections::BTreeMap<(u16, usize), &Path> =
        std::collections::BTreeMap::new();
    for failure in failures {
        for code in &failure.response.codes {
            let Some(first) = seen.insert((failure.response.status, code.0), &failure.path) else {
                continue;
            };
            if *first == failure.path {
                continue;
            }
            let name = scope
                .spec
                .errors
                .get_index(code.0)
                .map_or("", |(name, _)| name);
            let message = format!(
                "`{name}` with the status {} is listed twice",
                failure.response.status
            );
            scope.push(
                Diagnostic::error(Id::NameClash, &failure.path, message)
                    .help("list it in one failure")
                    .label(first, "here for the first time"),
            );
        }
    }
}
