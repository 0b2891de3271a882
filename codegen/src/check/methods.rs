//! The methods of each route, HEAD included.

use super::requests::Draft;
use super::routes::Shell;
use crate::model::{Condition, ConditionPlace, MethodEntry, Operation, Request, Route, Test};

/// Puts the methods into the routes, HEAD behind its GET.
pub(super) fn routes(
    shells: Vec<Shell>,
    drafts: &[Draft<'_>],
    operations: &[Operation],
) -> Vec<Route> {
    let mut routes: Vec<Route> = shells.into_iter().map(|shell| shell.route).collect();
    // Requests of one route stand side by side.
    for own in drafts.chunk_by(|left, right| left.route == right.route) {
        let Some(route) = own.first().and_then(|draft| routes.get_mut(draft.route)) else {
            continue;
        };
        for draft in own {
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
                        .is_some_and(|operation| {
                            operation.head && !asks_for_a_part(request, operation)
                        })
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

/// A part of a body is nothing to HEAD: `Range` counts with GET alone (RFC 9110, section 14.2).
fn asks_for_a_part(request: &Request, operation: &Operation) -> bool {
    let by_range = |condition: &Condition| {
        condition.place == ConditionPlace::Header
            && condition.name.eq_ignore_ascii_case("Range")
            && condition.test == Test::Present
    };
    operation.ranges() && request.when.iter().any(by_range)
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
