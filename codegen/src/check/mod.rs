//! From the language to the model: names are resolved, what is common is put in, and what makes no
//! sense is told.
//!
//! The structure of the descriptor has been checked before (`structure`): here all keys are known and
//! all values are of their kind. A check pushes what it finds and goes on, so that one run shows all
//! problems; nothing here panics, whatever it is given. Each rule stands at the head of its file.

mod access;
mod behaviours;
mod bodies;
mod conditions;
mod envelopes;
mod errors;
mod formats;
mod literals;
mod names;
mod operations;
mod reach;
mod requests;
mod responses;
mod routes;
mod schemas;
mod scope;
mod status;
pub mod suggest;
mod templates;
mod types;
mod values;

use crate::diag::{At, Diagnostic, Diagnostics, Id, Path};
use crate::model::{
    Api, Deprecation, Group, MethodEntry, Operation, OperationId, Rejection, Request, Route,
    SecurityScheme, SecuritySchemeKind, Server,
};
use crate::spec::{self, Spec};
use behaviours::Managed;
use literals::Types;
use operations::Home;
use requests::Draft;
use routes::Shell;
use scope::Scope;

/// The version of the language that this crate reads.
const VERSION: u32 = 1;

/// Resolves a descriptor. `None` where it has errors; warnings may be there either way.
pub fn check(spec: &Spec, diagnostics: &mut Diagnostics) -> Option<Api> {
    if spec.spec != VERSION {
        let message = format!(
            "this program reads version {VERSION} of the language, not {}",
            spec.spec
        );
        diagnostics.push(Diagnostic::error(
            Id::UnknownValue,
            &Path::root().key("spec"),
            message,
        ));
        return None;
    }
    let mut found = Diagnostics::new();
    let api = resolve(&mut Scope::new(spec, &mut found));
    let has_errors = found.has_errors();
    diagnostics.extend(found.into_vec());
    api.filter(|_| !has_errors)
}

fn resolve(scope: &mut Scope<'_, '_>) -> Option<Api> {
    let spec = scope.spec;
    types::check_names(scope);
    let formats = formats::formats(scope);
    schemas::schemas(scope);
    let errors = errors::errors(scope);
    let envelopes = envelopes::drafts(scope);
    let default = envelopes::default(scope);
    let groups = groups(scope);
    let security = security(scope);
    let common = requests::common(scope);
    let (shells, mut drafts) = routes::routes(scope, &common, default.unwrap_or_default());
    manage(scope, &shells, &mut drafts, |place, kind| {
        envelopes::code(&envelopes, default?, place, kind)
    });
    let operations = operations(scope, &shells, &drafts);
    let types = Types {
        formats: &formats,
        schemas: &std::mem::take(&mut scope.schemas),
    };
    formats::check_examples(scope, types);
    literals::check(scope, types);
    conditions::check(scope, types, &drafts);
    let schemas = types.schemas.to_vec();
    let reachable = reach::rejections(&drafts);
    let envelopes = envelopes::complete(scope, envelopes, default?, &reachable);
    names::demand_snake(
        scope,
        &spec.api.name,
        At::value(&Path::root().key("api").key("name")),
        "the API",
    );
    Some(Api {
        name: spec.api.name.clone(),
        title: spec.api.title.clone(),
        version: spec.api.version.clone(),
        description: spec.api.description.clone(),
        servers: servers(&spec.api.servers),
        formats,
        schemas,
        errors,
        envelopes,
        groups,
        security,
        constant_headers: responses::constant_headers(&common.shared),
        routes: with_methods(shells, &drafts, &operations),
        operations,
        extensions: extensions(&spec.api.x),
    })
}

/// Marks what the runtime reads and answers by itself.
fn manage(
    scope: &Scope<'_, '_>,
    shells: &[Shell],
    drafts: &mut [Draft<'_>],
    code: impl Fn(usize, Rejection) -> Option<crate::model::ErrorId>,
) {
    for id in (0..scope.operations.len()).map(OperationId) {
        let mut own: Vec<&mut Draft<'_>> = drafts
            .iter_mut()
            .filter(|draft| draft.operation == id)
            .collect();
        let envelope = own
            .first()
            .and_then(|draft| shells.get(draft.route))
            .map_or(0, |shell| shell.route.envelope.0);
        let managed = Managed::of(&own);
        behaviours::apply(&mut own, managed, |status| match status {
            412 => code(envelope, Rejection::Precondition),
            416 => code(envelope, Rejection::Range),
            _ => None,
        });
    }
}

fn operations(scope: &mut Scope<'_, '_>, shells: &[Shell], drafts: &[Draft<'_>]) -> Vec<Operation> {
    (0..scope.operations.len())
        .map(OperationId)
        .filter_map(|id| {
            let own: Vec<&Draft<'_>> = drafts
                .iter()
                .filter(|draft| draft.operation == id)
                .collect();
            let (first, others) = own.split_first()?;
            let route = &shells.get(first.route)?.route;
            let home = Home {
                group: route.group,
                envelope: route.envelope,
            };
            for draft in &own {
                behaviours::check(scope, draft);
            }
            Some(operations::operation(scope, first, others, home))
        })
        .collect()
}

/// Puts the methods into the routes, HEAD behind its GET.
fn with_methods(shells: Vec<Shell>, drafts: &[Draft<'_>], operations: &[Operation]) -> Vec<Route> {
    let mut routes: Vec<Route> = shells.into_iter().map(|shell| shell.route).collect();
    for (index, route) in routes.iter_mut().enumerate() {
        for draft in drafts.iter().filter(|draft| draft.route == index) {
            let request = with_access(draft.request(), operations);
            match route
                .methods
                .iter_mut()
                .find(|entry| entry.method == draft.method)
            {
                Some(entry) => entry.requests.push(request),
                None => route.methods.push(MethodEntry {
                    method: draft.method.to_owned(),
                    description: String::new(),
                    requests: vec![request],
                }),
            }
        }
        if let Some(at) = route.methods.iter().position(|entry| entry.method == "GET") {
            let head: Vec<Request> = route.methods[at]
                .requests
                .iter()
                .filter(|request| {
                    operations
                        .get(request.operation.0)
                        .is_some_and(|operation| operation.head)
                })
                .map(without_bodies)
                .collect();
            if !head.is_empty() {
                let entry = MethodEntry {
                    method: "HEAD".to_owned(),
                    description: String::new(),
                    requests: head,
                };
                route.methods.insert(at + 1, entry);
            }
        }
    }
    routes
}

fn with_access(request: Request, operations: &[Operation]) -> Request {
    let access = operations
        .get(request.operation.0)
        .map(|operation| operation.access.clone());
    Request {
        access: access.unwrap_or_default(),
        ..request
    }
}

/// The same request by HEAD.
fn without_bodies(request: &Request) -> Request {
    let mut request = request.clone();
    for answer in request.successes.iter_mut().chain(&mut request.failures) {
        answer.body = None;
    }
    request.examples = Vec::new();
    request
}

fn groups(scope: &mut Scope<'_, '_>) -> Vec<Group> {
    let spec = scope.spec;
    spec.groups
        .iter()
        .map(|(name, written)| {
            names::demand_snake(
                scope,
                name,
                At::key(&Path::root().key("groups").key(name)),
                "a group",
            );
            Group {
                name: name.clone(),
                type_name: names::camel(name),
                title: written.title.clone(),
                description: written.description.clone(),
            }
        })
        .collect()
}

fn security(scope: &mut Scope<'_, '_>) -> Vec<SecurityScheme> {
    let spec = scope.spec;
    spec.security
        .iter()
        .map(|(name, written)| {
            let path = Path::root().key("security").key(name);
            names::demand_snake(scope, name, At::key(&path), "a security scheme");
            if name == "anonymous" {
                let message = "`anonymous` is there already: it means nobody in particular";
                scope.push(Diagnostic::error(Id::NameClash, At::key(&path), message));
            }
            let (kind, description) = match written {
                spec::SecurityScheme::Basic { realm, description } => (
                    SecuritySchemeKind::Basic {
                        realm: realm.clone(),
                    },
                    description,
                ),
                spec::SecurityScheme::Bearer { description } => {
                    (SecuritySchemeKind::Bearer, description)
                }
                spec::SecurityScheme::ApiKey {
                    header,
                    description,
                } => (
                    SecuritySchemeKind::ApiKey {
                        header: header.clone(),
                    },
                    description,
                ),
                spec::SecurityScheme::Custom {
                    header,
                    description,
                } => (
                    SecuritySchemeKind::Custom {
                        header: header.clone(),
                    },
                    description,
                ),
            };
            SecurityScheme {
                name: name.clone(),
                description: description.clone(),
                kind,
            }
        })
        .collect()
}

fn servers(written: &[spec::Server]) -> Vec<Server> {
    written
        .iter()
        .map(|server| Server {
            url: server.url.clone(),
            description: server.description.clone(),
        })
        .collect()
}

fn deprecation(written: &spec::Deprecated) -> Deprecation {
    Deprecation {
        since: written.since.clone(),
        sunset: written.sunset.clone(),
        instead: written.instead.clone(),
        reason: written.reason.clone(),
    }
}

/// Vendor data as one JSON object.
fn extensions(written: &spec::Extensions) -> serde_json::Value {
    written
        .iter()
        .map(|(vendor, data)| (vendor.clone(), data.clone()))
        .collect()
}

#[cfg(test)]
pub(crate) mod tests;
