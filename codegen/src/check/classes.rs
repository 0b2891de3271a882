//! Classes of statuses.
//!
//! Rules: who may answer anything of a class is somebody whom we do not write, so it is a success under the
//! path `''`, once in a request, and with neither headers nor a body. `success: [{status_class: 2xx}]` under
//! `/toys` fails. What a class is, `model` says.

use super::requests::Draft;
use super::responses::Side;
use super::scope::Scope;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::spec;

/// Complains about what is written beside a class.
pub(super) fn check_alone(scope: &mut Scope<'_, '_>, written: &spec::Response, path: &Path) {
    let beside = [
        (
            "status",
            written.status.is_some(),
            "an answer has one status, or a class of them",
        ),
        (
            "headers",
            !written.headers.is_empty(),
            "of a class of statuses no headers are known",
        ),
        (
            "body",
            written.body.is_some(),
            "of a class of statuses no body is known",
        ),
    ];
    for (key, _, message) in beside.into_iter().filter(|(_, is_there, _)| *is_there) {
        scope.push(
            Diagnostic::error(Id::BadStatusClass, At::key(&path.key(key)), message)
                .label(At::key(&path.key("status_class")), "the class")
                .help("take it away, or write an answer of its own for the status that has it"),
        );
    }
}

/// Complains about a class among failures.
pub(super) fn check_side(scope: &mut Scope<'_, '_>, path: &Path, side: Side) -> bool {
    if side == Side::Failure {
        scope.push(
            Diagnostic::error(
                Id::BadStatusClass,
                &path.key("status_class"),
                "no class of statuses is a failure",
            )
            .help("list each failure with its status and its codes; a client takes what is in no list for undeclared"),
        );
    }
    side == Side::Success
}

/// Complains about classes where we are the server, and about the second one of a request.
pub(super) fn check(scope: &mut Scope<'_, '_>, drafts: &[Draft<'_>]) {
    for draft in drafts {
        let successes = draft.successes.iter();
        let classes: Vec<&Path> = successes
            .filter(|answer| answer.response.class)
            .map(|answer| &answer.path)
            .collect();
        let Some((first, others)) = classes.split_first() else {
            continue;
        };
        foreign(scope, draft, first);
        for other in others {
            scope.push(
                Diagnostic::error(
                    Id::BadStatusClass,
                    *other,
                    "the class of statuses stands twice",
                )
                .label(*first, "here for the first time")
                .help("take one of them away"),
            );
        }
    }
}

/// Complains where the server is ours.
fn foreign(scope: &mut Scope<'_, '_>, draft: &Draft<'_>, class: &Path) {
    let template = scope.spec.routes.get(draft.route);
    if template.is_none_or(|route| route.path.is_empty()) {
        return;
    }
    let route = Path::root().key("routes").index(draft.route).key("path");
    scope.push(
        Diagnostic::error(
            Id::BadStatusClass,
            class,
            "a server of this API says with which status it answers",
        )
        .label(At::value(&route), "the path")
        .help("list the statuses; a class of them is for the path `''`, under which others answer"),
    );
}
