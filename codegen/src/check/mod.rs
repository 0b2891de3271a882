//! From the language to the model: names are resolved, what is common is put in, and what makes no
//! sense is told.
//!
//! The structure of the descriptor has been checked before (`structure`): here all keys are known and
//! all values are of their kind. A check pushes what it finds and goes on, so that one run shows all
//! problems; nothing here panics, whatever it is given. Each rule stands at the head of its file.

mod access;
mod behaviours;
mod bodies;
mod builtins;
mod choices;
mod classes;
mod conditions;
mod defaults;
mod deprecations;
mod enums;
mod envelopes;
mod errors;
mod events;
mod example_files;
mod examples;
mod failures;
mod flags;
mod formats;
mod forms;
mod head;
mod idempotency;
mod links;
pub mod lints;
pub(crate) mod literals;
mod members;
mod methods;
mod names;
mod operations;
mod overlaps;
mod pages;
mod reach;
mod recursion;
mod requests;
mod responses;
pub(crate) mod rest;
mod routes;
mod schemas;
mod scope;
mod status;
pub mod structure;
pub mod suggest;
mod templates;
mod type_names;
mod types;
mod unions;
mod values;

use crate::diag::Diagnostics;
use crate::model::{Api, ErrorId, Operation, OperationId, Rejection};
use crate::spec::{self, Spec};
use behaviours::Managed;
use lints::Allowed;
use literals::Types;
use operations::Home;
use requests::Draft;
use routes::Shell;
use scope::Scope;

/// The builtin types by name, with what they are.
pub(crate) fn builtins() -> impl Iterator<Item = (&'static str, &'static str)> {
    types::BUILTINS.iter().map(|(name, _, text)| (*name, *text))
}

/// The placeholders of envelopes that stand alone.
pub(crate) fn placeholders() -> [&'static str; 6] {
    envelopes::PLACEHOLDERS
}

/// Resolves a descriptor, in which some lints are `allowed`. `None` where it has errors; warnings may be
/// there either way.
pub fn check(spec: &Spec, allowed: &[Allowed], diagnostics: &mut Diagnostics) -> Option<Api> {
    let mut found = Diagnostics::new();
    let api = resolve(&mut Scope::new(spec, &mut found));
    let found = lints::settle(&spec.lints, allowed, found);
    let has_errors = found.has_errors();
    diagnostics.extend(found.into_vec());
    api.filter(|_| !has_errors)
}

fn resolve(scope: &mut Scope<'_, '_>) -> Option<Api> {
    let spec = scope.spec;
    types::check_names(scope);
    head::check_titles(scope);
    let formats = formats::formats(scope);
    schemas::schemas(scope);
    let errors = errors::errors(scope);
    let envelopes = envelopes::drafts(scope);
    let default = envelopes::default(scope);
    let groups = head::groups(scope);
    let security = head::security(scope);
    let common = requests::common(scope);
    let (shells, mut drafts) = routes::routes(scope, &common, default.unwrap_or_default());
    manage(scope, &shells, &mut drafts, |place, kind| {
        envelopes::code(&envelopes, default?, place, kind)
    });
    let mut operations = operations(scope, &shells, &drafts);
    let schemas = std::mem::take(&mut scope.schemas);
    let types = Types {
        formats: &formats,
        schemas: &schemas,
    };
    verify(scope, types, &shells, &drafts);
    links::check(scope, &operations);
    deprecations::settle(&mut operations);
    let envelopes = envelopes::complete(scope, envelopes, default?, &reach::rejections(&drafts));
    let api = Api {
        name: spec.api.name.clone(),
        title: head::title(&spec.api.title),
        version: spec.api.version.clone(),
        description: spec.api.description.clone(),
        servers: head::servers(scope),
        formats,
        schemas,
        errors,
        envelopes,
        groups,
        security,
        constant_headers: responses::constant_headers(&common.shared),
        routes: methods::routes(shells, &drafts, &operations),
        operations,
        extensions: extensions(&spec.api.x),
    };
    type_names::check(scope, &api, &drafts);
    failures::check(scope, &api, &drafts);
    // Of a broken descriptor more would be said than is meant.
    if !scope.diagnostics.has_errors() {
        lints::check(scope, &api, &drafts);
    }
    Some(api)
}

/// What can be said only when all types are known.
fn verify(scope: &mut Scope<'_, '_>, types: Types<'_>, shells: &[Shell], drafts: &[Draft<'_>]) {
    formats::check_examples(scope, types);
    literals::check(scope, types);
    defaults::check(scope, types);
    conditions::check(scope, types, drafts);
    classes::check(scope, drafts);
    examples::check(scope, types, drafts);
    idempotency::check(scope, types, drafts);
    overlaps::check(scope, shells, types.formats);
}

/// Marks what the runtime reads and answers by itself.
fn manage(
    scope: &Scope<'_, '_>,
    shells: &[Shell],
    drafts: &mut [Draft<'_>],
    code: impl Fn(usize, Rejection) -> Option<ErrorId>,
) {
    for mut own in by_operation(scope, drafts.iter_mut(), |draft| draft.operation) {
        flags::settle(&mut own);
        let shell = own.first().and_then(|draft| shells.get(draft.route));
        let envelope = shell.map_or(0, |shell| shell.route.envelope.0);
        let managed = Managed::of(&own);
        behaviours::apply(&mut own, managed, |status| match status {
            412 => code(envelope, Rejection::Precondition),
            416 => code(envelope, Rejection::Range),
            _ => None,
        });
    }
}

fn operations(scope: &mut Scope<'_, '_>, shells: &[Shell], drafts: &[Draft<'_>]) -> Vec<Operation> {
    by_operation(scope, drafts.iter(), |draft| draft.operation)
        .iter()
        .filter_map(|own| {
            let (first, others) = own.split_first()?;
            let route = &shells.get(first.route)?.route;
            let home = Home {
                group: route.group,
                envelope: route.envelope,
            };
            for draft in own {
                behaviours::check(scope, draft);
            }
            Some(operations::operation(scope, first, others, home))
        })
        .collect()
}

/// The requests of each operation.
fn by_operation<D>(
    scope: &Scope<'_, '_>,
    drafts: impl Iterator<Item = D>,
    operation: impl Fn(&D) -> OperationId,
) -> Vec<Vec<D>> {
    let mut out: Vec<Vec<D>> = scope.operations.keys().map(|_| Vec::new()).collect();
    for draft in drafts {
        if let Some(own) = out.get_mut(operation(&draft).0) {
            own.push(draft);
        }
    }
    out
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
