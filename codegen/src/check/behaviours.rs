//! What the runtime does by itself: HEAD, conditional requests, ranges; pages are in `pages`.
//!
//! Rules: HEAD belongs to GET; `conditional` needs an `ETag` or a `Last-Modified` in a success.
//! `POST: [{.., head: true}]` fails.

use std::ops::Deref;

use super::pages;
use super::requests::Draft;
use super::responses::{Answer, is_managed};
use super::scope::Scope;
use crate::diag::{Diagnostic, Id};
use crate::model::{
    BodyKind, Builtin, Conditional, Constraints, ErrorId, ListStyle, Parameter, Response, Type,
    Value,
};
use crate::spec;

/// Whether a body is answered in ranges.
fn has_ranges(answer: &Answer) -> bool {
    let kind = answer.response.body.as_ref().map(|body| &body.kind);
    matches!(kind, Some(BodyKind::Stream { ranges: true, .. }))
}

/// What an operation leaves to the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Managed {
    ranges: bool,
    body: bool,
    conditional: Option<Conditional>,
}

impl Managed {
    /// By all requests of an operation.
    pub(super) fn of<'d>(drafts: &[impl Deref<Target = Draft<'d>>]) -> Self {
        Self {
            ranges: drafts
                .iter()
                .any(|draft| draft.successes.iter().any(has_ranges)),
            body: drafts.iter().any(|draft| draft.body.is_some()),
            conditional: drafts.iter().find_map(|draft| conditional(draft.written)),
        }
    }

    fn headers(self) -> Vec<&'static str> {
        let mut names = vec!["Host", "Authorization", "Content-Length"];
        if self.body {
            names.push("Content-Type");
        }
        names.extend(self.brought().flat_map(|brought| brought.headers));
        names
    }

    /// What `ranges` and `conditional` bring.
    fn brought(self) -> impl Iterator<Item = Brought> {
        let ranges = self.ranges.then_some(Brought {
            headers: &["Range", "If-Range"],
            statuses: &[206, 416],
            by: Behaviour::Ranges,
        });
        let conditional = self.conditional.map(|conditional| Brought {
            headers: match conditional {
                Conditional::Read => &[
                    "If-Match",
                    "If-Unmodified-Since",
                    "If-None-Match",
                    "If-Modified-Since",
                ],
                Conditional::Write => &["If-Match", "If-None-Match", "If-Unmodified-Since"],
            },
            statuses: match conditional {
                Conditional::Read => &[304, 412],
                Conditional::Write => &[412],
            },
            by: Behaviour::Conditional,
        });
        ranges.into_iter().chain(conditional)
    }
}

/// Headers and statuses that a behaviour brings.
#[derive(Clone, Copy)]
struct Brought {
    headers: &'static [&'static str],
    statuses: &'static [u16],
    by: Behaviour,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Behaviour {
    Ranges,
    Conditional,
}

impl Behaviour {
    /// Whether a request has it. Conditional are all requests of an operation.
    fn is_of(self, draft: &Draft<'_>) -> bool {
        self == Self::Conditional || draft.successes.iter().any(has_ranges)
    }
}

/// The conditional requests of a request.
pub(super) fn conditional(written: &spec::Request) -> Option<Conditional> {
    written.conditional.map(|conditional| match conditional {
        spec::Conditional::Read => Conditional::Read,
        spec::Conditional::Write => Conditional::Write,
    })
}

/// Marks what the runtime reads and answers by itself, and adds to the requests what they do not declare.
/// `code` gives the codes of the answers 412 and 416.
pub(super) fn apply(
    drafts: &mut [&mut Draft<'_>],
    managed: Managed,
    code: impl Fn(u16) -> Option<ErrorId>,
) {
    mark(drafts, managed);
    for brought in managed.brought() {
        for name in brought.headers {
            add_header(drafts, brought.by, name);
        }
        for status in brought.statuses {
            add_answer(drafts, brought.by, *status, code(*status));
        }
    }
}

fn mark(drafts: &mut [&mut Draft<'_>], managed: Managed) {
    let names = managed.headers();
    let statuses: Vec<u16> = managed
        .brought()
        .flat_map(|brought| brought.statuses)
        .copied()
        .collect();
    for draft in drafts.iter_mut() {
        for header in &mut draft.headers {
            header.managed |= names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&header.wire));
        }
        for answer in draft.successes.iter_mut().chain(&mut draft.failures) {
            let response = &mut answer.response;
            response.managed = statuses.contains(&response.status);
            for header in &mut response.headers {
                header.managed |= is_managed(
                    &header.wire,
                    Some(response.status),
                    response.managed && managed.ranges,
                );
            }
        }
    }
}

/// Adds a header that no request of the operation declares to each that has the behaviour. One that a
/// request declares is for its author to tell.
fn add_header(drafts: &mut [&mut Draft<'_>], by: Behaviour, name: &str) {
    let mut declared = drafts.iter().flat_map(|draft| &draft.headers);
    if declared.any(|header| header.wire.eq_ignore_ascii_case(name)) {
        return;
    }
    for draft in drafts.iter_mut().filter(|draft| by.is_of(draft)) {
        draft.headers.push(header(name));
    }
}

/// Adds an answer to each request that has the behaviour and does not declare it. The runtime gives the same
/// to all: where one request declares it, the others have it as it is there. The answers to ranges, however,
/// are those of one request, where one declares them.
fn add_answer(drafts: &mut [&mut Draft<'_>], by: Behaviour, status: u16, code: Option<ErrorId>) {
    let declared = drafts.iter().find_map(|draft| find(draft, status).cloned());
    if by == Behaviour::Ranges && declared.is_some() {
        return;
    }
    for draft in drafts.iter_mut().filter(|draft| by.is_of(draft)) {
        if find(draft, status).is_some() {
            continue;
        }
        let answer = declared
            .clone()
            .unwrap_or_else(|| answer(draft, status, code));
        let list = if status < 400 {
            &mut draft.successes
        } else {
            &mut draft.failures
        };
        list.push(answer);
    }
}

fn find<'d>(draft: &'d Draft<'_>, status: u16) -> Option<&'d Answer> {
    let mut answers = draft.successes.iter().chain(&draft.failures);
    answers.find(|answer| answer.response.status == status)
}

/// A header of a request that `ranges` or `conditional` brings.
fn header(name: &str) -> Parameter {
    let description = match name {
        "Range" => {
            "Which bytes are wanted: `bytes=`, then first and last position, or one of them."
        }
        "If-Range" => "An entity tag or a date. The range counts only if it still holds.",
        "If-None-Match" => "Entity tags that must not hold any more.",
        "If-Match" => "Entity tags of which one must still hold.",
        "If-Modified-Since" => "A date after which something must have changed.",
        _ => "A date after which nothing may have changed.",
    };
    let is_date = matches!(name, "If-Modified-Since" | "If-Unmodified-Since");
    Parameter {
        wire: name.to_owned(),
        ident: super::names::snake_of_header(name),
        value: Value {
            ty: Type::Builtin(if is_date {
                Builtin::HttpDate
            } else {
                Builtin::String
            }),
            optional: true,
            nullable: false,
            constraints: Constraints::default(),
            default: None,
            constant: None,
            description: description.to_owned(),
            example: None,
            secret: false,
            deprecated: None,
        },
        style: ListStyle::Repeat,
        prefix: None,
        managed: true,
    }
}

/// An answer that the runtime gives by itself.
fn answer(draft: &Draft<'_>, status: u16, code: Option<ErrorId>) -> Answer {
    let whole = draft.successes.iter().find(|answer| has_ranges(answer));
    let (description, like) = match status {
        206 => ("Some of the bytes are in the body.", whole),
        304 => ("Nothing has changed. There is no body.", None),
        412 => (
            "What the request demands of the present state does not hold.",
            None,
        ),
        _ => ("The range lies beyond the end.", None),
    };
    let owner = super::names::camel(&draft.written.operation);
    let variant = super::status::variant(status);
    let body = like
        .and_then(|answer| answer.response.body.clone())
        .map(|mut body| {
            body.kind = BodyKind::Stream {
                ranges: false,
                length_required: false,
            };
            body
        });
    let response = Response {
        type_name: format!("{owner}{variant}"),
        variant,
        shared: false,
        named: false,
        status,
        class: false,
        description: description.to_owned(),
        headers: like
            .map(|answer| answer.response.headers.clone())
            .unwrap_or_default(),
        body,
        codes: code.into_iter().collect(),
        managed: true,
    };
    Answer {
        response,
        path: draft.path.clone(),
    }
}

/// Checks the behaviours of one request.
pub(super) fn check(scope: &mut Scope<'_, '_>, draft: &Draft<'_>) {
    let written = draft.written;
    if written.head && draft.method != "GET" {
        scope.error(
            Id::BadBehaviour,
            &draft.path.key("head"),
            "only a GET also answers HEAD",
            "take the key away",
        );
    }
    check_conditional(scope, draft);
    check_ranges(scope, draft);
    check_demanded(scope, draft);
    pages::check(scope, draft);
}

/// Complains about a header that the runtime reads for the sake of a behaviour, and that the request demands: it is
/// heard where it is there, and nobody misses it. One that tells the request from its siblings is there.
fn check_demanded(scope: &mut Scope<'_, '_>, draft: &Draft<'_>) {
    let brought: Vec<&str> = Managed::of(&[draft])
        .brought()
        .flat_map(|one| one.headers)
        .copied()
        .collect();
    for (wire, written) in &draft.written.headers {
        let is_brought = brought.iter().any(|name| name.eq_ignore_ascii_case(wire));
        let is_told = draft
            .when
            .iter()
            .any(|when| when.name.eq_ignore_ascii_case(wire));
        if is_brought && !is_told && !written.ty.optional {
            let path = draft.path.key("headers").key(wire);
            let message = format!("the server reads `{wire}` by itself, and does without it");
            scope.push(
                Diagnostic::error(Id::BadBehaviour, &path, message)
                    .help("make it `optional`; `Context::is_conditional` tells the handler whether there are conditions"),
            );
        }
    }
}

fn check_conditional(scope: &mut Scope<'_, '_>, draft: &Draft<'_>) {
    let Some(conditional) = conditional(draft.written) else {
        return;
    };
    let at = draft.path.key("conditional");
    let is_get = draft.method == "GET";
    if is_get != (conditional == Conditional::Read) {
        let message = if is_get {
            "a GET is conditional for a `read`"
        } else {
            "only a GET is conditional for a `read`"
        };
        scope.push(
            Diagnostic::error(Id::BadBehaviour, &at, message)
                .replace(if is_get { "read" } else { "write" })
                .help(if is_get {
                    "write `read`"
                } else {
                    "write `write`"
                }),
        );
    }
    let validators: Vec<(&Answer, &Parameter)> = draft
        .own_successes()
        .flat_map(|answer| {
            answer
                .response
                .headers
                .iter()
                .map(move |header| (answer, header))
        })
        .filter(|(_, header)| wanted(header).is_some())
        .collect();
    // What a write is compared with, the handler knows.
    if validators.is_empty() && conditional == Conditional::Read {
        scope.push(
            Diagnostic::error(
                Id::BadBehaviour,
                &at,
                "no success has an `ETag` or a `Last-Modified` to compare with",
            )
            .help("declare `ETag: etag` or `Last-Modified: http_date` in a success"),
        );
    }
    for (answer, header) in validators {
        if wanted(header).is_some_and(|wanted| header.value.ty != Type::Builtin(wanted)) {
            let name = super::types::builtin_name(wanted(header).unwrap_or(Builtin::Etag));
            let place = answer.path.key("headers").key(&header.wire);
            let message = format!(
                "conditional requests compare `{}`, which is of type `{name}`",
                header.wire
            );
            scope.error(Id::BadBehaviour, &place, message, format!("write `{name}`"));
        }
    }
}

/// The type of a header by which answers are compared.
fn wanted(header: &Parameter) -> Option<Builtin> {
    match header.wire.to_lowercase().as_str() {
        "etag" => Some(Builtin::Etag),
        "last-modified" => Some(Builtin::HttpDate),
        _ => None,
    }
}

fn check_ranges(scope: &mut Scope<'_, '_>, draft: &Draft<'_>) {
    for answer in draft.own_successes().filter(|answer| has_ranges(answer)) {
        let at = answer.path.key("body").key("ranges");
        if draft.method != "GET" {
            scope.error(
                Id::BadBehaviour,
                &at,
                "only a GET answers ranges",
                "take the key away",
            );
        } else if answer.response.status != 200 {
            scope.error(
                Id::BadBehaviour,
                &at,
                "ranges are of an answer with the status 200",
                "take the key away, or give the answer the status 200",
            );
        }
    }
}
