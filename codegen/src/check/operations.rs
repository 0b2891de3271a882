//! Operations, united from their requests.
//!
//! Rules: the requests of an operation stand under one method of one route; they agree on the types of
//! the parameters that they share, on body, access, security and behaviours.
//! `query: {n: uint32}` in one and `query: {n: string}` in another request of `list` fails.

use super::names::{Taken, camel};
use super::requests::Draft;
use super::responses::Answer;
use super::scope::{Scope, items};
use super::{access, behaviours, deprecations, head, pages, values};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Body, BodyKind, EnvelopeId, GroupId, Operation, Parameter, Response, RouteId};

/// Where the operation's route puts it.
#[derive(Clone, Copy)]
pub(super) struct Home {
    pub(super) group: GroupId,
    pub(super) envelope: EnvelopeId,
}

/// The operation of these requests; there is at least one.
pub(super) fn operation(
    scope: &mut Scope<'_, '_>,
    first: &Draft<'_>,
    others: &[&Draft<'_>],
    home: Home,
) -> Operation {
    // What stands elsewhere is told of, and no part of the operation.
    let here = others
        .iter()
        .copied()
        .filter(|other| is_beside(first, other));
    let all: Vec<&Draft<'_>> = std::iter::once(first).chain(here).collect();
    check_agreement(scope, first, others);
    let paragraphs: Vec<&str> = all
        .iter()
        .map(|draft| draft.written.description.trim())
        .filter(|text| !text.is_empty())
        .collect();
    let (body, body_optional) = body(scope, &all);
    let written = first.written;
    let mut operation = Operation {
        name: written.operation.clone(),
        type_name: camel(&written.operation),
        group: home.group,
        route: RouteId(first.route),
        method: first.method.to_owned(),
        head: written.head,
        title: head::title(&written.request),
        description: paragraphs.join("\n\n"),
        path: first.path_parameters.clone(),
        query: parameters(scope, &all, "query", |draft| &draft.query),
        headers: parameters(scope, &all, "headers", |draft| &draft.headers),
        body,
        body_optional,
        access: Vec::new(),
        security: first.security.clone(),
        successes: answers(scope, &all, |draft| &draft.successes),
        failures: answers(scope, &all, |draft| &draft.failures),
        conditional: behaviours::conditional(written),
        pagination: pages::pagination(written),
        idempotency: written
            .idempotency
            .as_ref()
            .map(|idempotency| idempotency.header.clone()),
        envelope: home.envelope,
        deprecated: deprecations::of_all(&all),
        // Known when all operations are.
        successor: None,
    };
    let list = first.path.key("access");
    operation.access = written
        .access
        .iter()
        .zip(items(&list))
        .map(|(text, path)| access::access(scope, text, &operation, &path))
        .collect();
    check_fields(scope, &operation, &all);
    check_choices(scope, &all);
    operation
}

/// Complains where a caller would have to choose twice.
fn check_choices(scope: &mut Scope<'_, '_>, all: &[&Draft<'_>]) {
    let mut first: Option<&Answer> = None;
    for answer in all.iter().flat_map(|draft| &draft.successes) {
        let kind = answer.response.body.as_ref().map(|body| &body.kind);
        if !matches!(kind, Some(BodyKind::Choice { .. })) {
            continue;
        }
        match first {
            Some(known) if !is_same(&known.response, &answer.response) => {
                let message = "an operation has one choice among its answers";
                scope.push(
                    Diagnostic::error(Id::BadBody, &answer.path, message).help("let all its answers choose between the same bodies, or make two operations of it")
                        .label(&known.path, "the first one"),
                );
                return;
            }
            _ => first = Some(answer),
        }
    }
}

fn conflict(scope: &mut Scope<'_, '_>, place: At, message: String, first: &Draft<'_>) {
    scope.push(
        Diagnostic::error(Id::OperationConflict, place, message)
            .label(
                &first.path.key("operation"),
                "the first request of this operation",
            )
            .help("let them agree, or give one of them an operation of its own"),
    );
}

/// Whether both stand under one method of one route.
fn is_beside(first: &Draft<'_>, other: &Draft<'_>) -> bool {
    other.route == first.route && other.method == first.method
}

/// Complains where requests of one operation differ in what belongs to the operation.
fn check_agreement(scope: &mut Scope<'_, '_>, first: &Draft<'_>, others: &[&Draft<'_>]) {
    let name = &first.written.operation;
    for other in others {
        if !is_beside(first, other) {
            let place = At::value(&other.path.key("operation"));
            let message = format!("`{name}` is the operation of another route or method already");
            conflict(scope, place, message, first);
            continue;
        }
        let (own, written) = (first.written, other.written);
        let differ = [
            ("access", own.access != written.access),
            ("security", first.security != other.security),
            ("head", own.head != written.head),
            ("conditional", own.conditional != written.conditional),
            ("pagination", own.pagination != written.pagination),
            ("idempotency", own.idempotency != written.idempotency),
        ];
        for (key, _) in differ.into_iter().filter(|(_, differs)| *differs) {
            let message = format!("the requests of `{name}` differ in `{key}`");
            conflict(scope, At::key(&other.path.key(key)), message, first);
        }
    }
}

/// Parameters of all requests, optional where a request lacks them.
fn parameters<'d>(
    scope: &mut Scope<'_, '_>,
    all: &[&'d Draft<'_>],
    key: &str,
    of: impl Fn(&'d Draft<'_>) -> &'d Vec<Parameter>,
) -> Vec<Parameter> {
    let is_same = |left: &Parameter, right: &Parameter| {
        left.wire == right.wire || (key == "headers" && left.wire.eq_ignore_ascii_case(&right.wire))
    };
    let mut out: Vec<Parameter> = Vec::new();
    for draft in all {
        for parameter in of(draft) {
            let Some(known) = out.iter_mut().find(|known| is_same(known, parameter)) else {
                out.push(parameter.clone());
                continue;
            };
            if let Some(what) = difference(known, parameter) {
                let place = At::key(&draft.path.key(key).key(&parameter.wire));
                let message = format!(
                    "the requests of `{}` differ in {what} of `{}`",
                    draft.written.operation, parameter.wire
                );
                conflict(scope, place, message, all[0]);
            }
            known.value.optional |= parameter.value.optional;
        }
    }
    for parameter in &mut out {
        let is_everywhere = all
            .iter()
            .all(|draft| of(draft).iter().any(|other| is_same(parameter, other)));
        parameter.value.optional |=
            !is_everywhere && parameter.value.default.is_none() && parameter.prefix.is_none();
    }
    out
}

/// In what two uses of a parameter differ that has to be the same.
fn difference(left: &Parameter, right: &Parameter) -> Option<&'static str> {
    let (a, b) = (&left.value, &right.value);
    if a.ty != b.ty || left.prefix != right.prefix {
        Some("the type")
    } else if left.ident != right.ident {
        Some("the name in code")
    } else if left.style != right.style {
        Some("the style")
    } else if a.constraints != b.constraints {
        Some("the bounds")
    } else if a.default != b.default || a.constant != b.constant {
        Some("the default or constant")
    } else {
        None
    }
}

/// The body of all requests, and whether one has none.
fn body(scope: &mut Scope<'_, '_>, all: &[&Draft<'_>]) -> (Option<Body>, bool) {
    let mut united: Option<Body> = None;
    for draft in all {
        let Some(body) = &draft.body else { continue };
        let Some(known) = &mut united else {
            united = Some(body.clone());
            continue;
        };
        let is_same = known.kind == body.kind
            && known.limit == body.limit
            && known.invalid == body.invalid
            && known.too_large == body.too_large;
        if !is_same {
            let place = At::key(&draft.path.key("body"));
            let message = format!(
                "the requests of `{}` differ in their bodies",
                draft.written.operation
            );
            conflict(scope, place, message, all[0]);
        }
        for media_type in &body.media_types {
            if !known.media_types.contains(media_type) {
                known.media_types.push(media_type.clone());
            }
        }
    }
    let is_optional = united.is_some() && all.iter().any(|draft| draft.body.is_none());
    (united, is_optional)
}

/// The answers of all requests, each once.
fn answers<'d>(
    scope: &mut Scope<'_, '_>,
    all: &[&'d Draft<'_>],
    of: impl Fn(&'d Draft<'_>) -> &'d Vec<Answer>,
) -> Vec<Response> {
    let mut out: Vec<&Answer> = Vec::new();
    for answer in all.iter().flat_map(|draft| of(draft)) {
        if out
            .iter()
            .any(|known| is_same(&known.response, &answer.response))
        {
            continue;
        }
        let clash = out.iter().find(|known| {
            has_variant(&known.response)
                && has_variant(&answer.response)
                && known.response.variant == answer.response.variant
        });
        if let Some(known) = clash {
            let message = format!(
                "two answers of the operation are `{}` in code",
                answer.response.variant
            );
            scope.push(
                Diagnostic::error(Id::NameClash, &answer.path, message)
                    .label(&known.path, "the first one")
                    .help("name one of them by `as`"),
            );
        }
        out.push(answer);
    }
    out.into_iter()
        .map(|answer| answer.response.clone())
        .collect()
}

/// Whether an answer is a variant by its own name: failures that are no structs are variants by their
/// codes.
fn has_variant(response: &Response) -> bool {
    !response.managed
        && (response.status < 400 || response.is_struct() || response.codes.is_empty())
}

/// Whether two answers are one to their operation.
fn is_same(left: &Response, right: &Response) -> bool {
    if left.shared || right.shared {
        return left.type_name == right.type_name && left.shared == right.shared;
    }
    let headers = |response: &Response| {
        response
            .headers
            .iter()
            .map(|header| (header.wire.clone(), header.value.ty.clone()))
            .collect::<Vec<_>>()
    };
    let body = |response: &Response| {
        response
            .body
            .as_ref()
            .map(|body| (body.kind.clone(), body.media_types.clone()))
    };
    left.status == right.status
        && left.class == right.class
        && left.variant == right.variant
        && left.codes == right.codes
        && headers(left) == headers(right)
        && body(left) == body(right)
}

/// Complains where two members of the request's struct have one name.
fn check_fields(scope: &mut Scope<'_, '_>, operation: &Operation, all: &[&Draft<'_>]) {
    let mut taken = Taken::default();
    let help = "give one of them another name by `as`";
    let place = |draft: &Draft<'_>, key: &str, wire: &str| At::key(&draft.path.key(key).key(wire));
    let route = Path::root().key("routes").index(operation.route.0);
    if let Some(body) = &operation.body {
        let at = At::key(&all[0].path.key("body"));
        taken.enter(scope, "body", at.clone(), help);
        if body.has_wildcard() {
            taken.enter(scope, "content_type", at, help);
        }
    }
    if operation.choice().is_some() {
        let at = At::value(&all[0].path.key("operation"));
        taken.enter(scope, "accept", at, help);
    }
    for parameter in &operation.path {
        taken.enter(
            scope,
            &parameter.ident,
            At::key(&route.key("path_parameters").key(&parameter.wire)),
            help,
        );
    }
    for (key, parameters) in [("query", &operation.query), ("headers", &operation.headers)] {
        for parameter in parameters
            .iter()
            .filter(|parameter| values::is_field(parameter))
        {
            let owner = all.iter().find(|draft| {
                let own = if key == "query" {
                    &draft.written.query
                } else {
                    &draft.written.headers
                };
                own.contains_key(&parameter.wire)
            });
            let at = place(owner.unwrap_or(&all[0]), key, &parameter.wire);
            taken.enter(scope, &parameter.ident, at, help);
        }
    }
}
