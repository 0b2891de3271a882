//! Requests that lack what others of their kind have.
//!
//! Rules: what reads, changes or deletes something of a path with parameters can say that it is not
//! there; of the requests of a route none is left without `access` where others have it, but for those that
//! anybody may send; a DELETE has no body; an answer 200 to a GET has one; a request has an example.
//! `GET /toys/{toy}` without a 404 is told.

use std::collections::BTreeMap;

use crate::check::requests::Draft;
use crate::check::responses::Answer;
use crate::check::scope::Scope;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Api, Parameter, SecurityUse, Type};

/// Looks at all requests.
pub(super) fn check(scope: &mut Scope<'_, '_>, api: &Api, drafts: &[Draft<'_>]) {
    let guarded = guarded(drafts);
    for draft in drafts {
        not_found(scope, api, draft);
        empty_success(scope, draft);
        if !is_public(api, draft) {
            access(scope, draft, guarded.get(&draft.route).copied());
        }
        if draft.method == "DELETE" && draft.body.is_some() {
            let message = "what the body of a DELETE means is not defined, and some drop it";
            scope.push(
                Diagnostic::warning(Id::BodyInDelete, At::key(&draft.path.key("body")), message)
                    .help("put it into the query, or use POST"),
            );
        }
        if draft.written.examples.is_empty() {
            let message = format!("`{}` has no example", draft.written.operation);
            let place = At::value(&draft.path.key("operation"));
            scope.push(
                Diagnostic::warning(Id::MissingExample, place, message)
                    .help("give one under `examples`: a request and its answer"),
            );
        }
    }
}

fn not_found(scope: &mut Scope<'_, '_>, api: &Api, draft: &Draft<'_>) {
    let is_of_something = matches!(draft.method, "GET" | "PATCH" | "DELETE");
    let mut failures = draft.failures.iter();
    let is_missing = |status: u16| matches!(status, 404 | 410);
    let is_declared = failures.any(|answer| is_missing(answer.response.status))
        || draft
            .path_parameters
            .iter()
            .any(|one| invalid(api, one).is_some_and(is_missing));
    // Who only says where else it is does not look.
    let mut successes = draft.successes.iter();
    let is_elsewhere = successes.all(|answer| (300..400).contains(&answer.response.status));
    if !is_of_something || draft.path_parameters.is_empty() || is_declared || is_elsewhere {
        return;
    }
    let route = Path::root().key("routes").index(draft.route).key("path");
    let operation = &draft.written.operation;
    let message = format!("`{operation}` cannot answer that there is no such thing");
    scope.push(
        Diagnostic::warning(
            Id::MissingNotFound,
            At::value(&draft.path.key("operation")),
            message,
        )
        .label(At::value(&route), "a path with parameters")
        .help("list a code with the status 404 under `failure`"),
    );
}

/// The status of the code that a malformed parameter yields, where its format has one.
fn invalid(api: &Api, parameter: &Parameter) -> Option<u16> {
    let Type::Format(id) = parameter.value.ty else {
        return None;
    };
    let code = api.formats.get(id.0)?.invalid?;
    Some(api.errors.get(code.0)?.status)
}

fn empty_success(scope: &mut Scope<'_, '_>, draft: &Draft<'_>) {
    let own = |answer: &&Answer| !answer.response.managed;
    let answers: Vec<&Answer> = draft.successes.iter().filter(own).collect();
    let full = answers.iter().find(|answer| answer.response.body.is_some());
    for answer in &answers {
        let response = &answer.response;
        let is_empty = response.status == 200 && !response.class && response.body.is_none();
        if !is_empty || (draft.method != "GET" && full.is_none()) {
            continue;
        }
        let mut problem = Diagnostic::warning(
            Id::EmptySuccess,
            &answer.path,
            "an answer with the status 200 has no body",
        );
        if let Some(full) = full {
            problem = problem.label(&full.path, "another answer has one");
        }
        scope.push(problem.help("give it a `body`, or the status 204"));
    }
}

/// The first request of each route that asks what the caller may.
fn guarded<'d, 's>(drafts: &'d [Draft<'s>]) -> BTreeMap<usize, &'d Draft<'s>> {
    let mut first = BTreeMap::new();
    for draft in drafts.iter().filter(|one| !one.written.access.is_empty()) {
        first.entry(draft.route).or_insert(draft);
    }
    first
}

/// Whether it is said that anybody may send the request.
fn is_public(api: &Api, draft: &Draft<'_>) -> bool {
    let security = &api[draft.operation].security;
    security.contains(&SecurityUse::Anonymous)
}

fn access(scope: &mut Scope<'_, '_>, draft: &Draft<'_>, guarded: Option<&Draft<'_>>) {
    if let Some(guarded) = guarded.filter(|_| draft.written.access.is_empty()) {
        let operation = &draft.written.operation;
        let message = format!("whoever may call the server may also call `{operation}`");
        scope.push(
            Diagnostic::warning(
                Id::MissingAccess,
                At::value(&draft.path.key("operation")),
                message,
            )
            .label(
                At::value(&guarded.path.key("access")),
                "another request of the route asks for this",
            )
            .help("say by `access` what the caller must be allowed"),
        );
    }
}
