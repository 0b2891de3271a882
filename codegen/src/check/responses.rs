//! Successes and failures.
//!
//! Rules: a success has a status from 200 to 399 and no codes; a failure one from 400 to 599, codes and
//! no body; a status without a body has none; `use` stands alone; no code twice in one failure.
//! `success: [{status: 404}]` fails.

use std::collections::BTreeMap;

use super::bodies::{self, Owner};
use super::classes;
use super::names::{Taken, camel, demand_snake};
use super::scope::{Kind, Scope, items};
use super::status;
use super::values::{self, Place};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{CLASS, ErrorId, Parameter, Response};
use crate::spec;

/// Headers that the runtime writes in all answers, in those to requests for ranges, and in one that says that the
/// path has no such method.
const MANAGED: [&str; 2] = ["content-length", "content-type"];
const MANAGED_WITH_RANGES: [&str; 2] = ["content-range", "accept-ranges"];
const MANAGED_OF_METHODS: [&str; 1] = ["allow"];

/// Whether an answer is in `success` or in `failure`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Success,
    Failure,
}

/// An answer and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) response: Response,
    pub(super) path: Path,
}

/// What answers are made from: named ones, headers and failures of all.
#[derive(Debug, Default)]
pub(super) struct Shared {
    named: Vec<Option<Response>>,
    headers: Vec<Parameter>,
    failures: Vec<Answer>,
}

/// Resolves what answers have in common.
pub(super) fn shared(scope: &mut Scope<'_, '_>) -> Shared {
    let spec = scope.spec;
    let root = Path::root();
    let path = root.key("common").key("response").key("headers");
    let mut shared = Shared {
        headers: headers(scope, &spec.common.response.headers, &path, (None, false)),
        ..Shared::default()
    };
    shared.named = spec
        .responses
        .iter()
        .map(|(name, written)| {
            let path = root.key("responses").key(name);
            demand_snake(scope, name, At::key(&path), "a response");
            if written.uses.is_some() {
                scope.error(
                    Id::BadStatus,
                    &path.key("use"),
                    "a named response is written out",
                    "write what it is made of, or use the other one where this one is used",
                );
                return None;
            }
            let response = one(scope, &shared.headers, written, &path, &camel(name))?;
            check_codes(scope, written, response.status, &path);
            Some(Response {
                shared: true,
                ..response
            })
        })
        .collect();
    let path = root.key("common").key("failure");
    let list = List {
        path: &path,
        side: Side::Failure,
        owner: "Common",
    };
    let failures = answers(scope, &shared, &spec.common.failure, list);
    shared.failures = failures
        .into_iter()
        .map(|answer| Answer {
            response: Response {
                shared: true,
                ..answer.response
            },
            ..answer
        })
        .collect();
    shared
}

/// The headers with a constant value that every answer carries.
pub(super) fn constant_headers(shared: &Shared) -> Vec<(String, String)> {
    shared
        .headers
        .iter()
        .filter_map(|header| {
            let text = match header.value.constant.as_ref()? {
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            Some((header.wire.clone(), text))
        })
        .collect()
}

/// The failures of every request.
pub(super) fn common_failures(shared: &Shared) -> impl Iterator<Item = Answer> + '_ {
    shared.failures.iter().cloned()
}

/// A list of answers: where it is written, on which side, and how the names of its structs begin.
#[derive(Clone, Copy)]
pub(super) struct List<'l> {
    pub(super) path: &'l Path,
    pub(super) side: Side,
    pub(super) owner: &'l str,
}

/// The answers that are written in a list.
pub(super) fn answers(
    scope: &mut Scope<'_, '_>,
    shared: &Shared,
    written: &[spec::Response],
    list: List<'_>,
) -> Vec<Answer> {
    let List { path, side, owner } = list;
    let mut out = Vec::new();
    for (written, path) in written.iter().zip(items(path)) {
        let response = match &written.uses {
            Some(name) => used(scope, shared, name, written, &path),
            None => one(scope, &shared.headers, written, &path, "").map(|response| Response {
                type_name: format!("{owner}{}{}", response.variant, suffix(response.status)),
                ..response
            }),
        };
        let Some(mut response) = response else {
            continue;
        };
        if check_side(scope, &response, &path, side) && written.uses.is_none() {
            check_codes(scope, written, response.status, &path);
        }
        if let Some(body) = written.body.as_ref().filter(|_| written.uses.is_none()) {
            let name = format!("{}Body", response.type_name);
            response.body = Some(bodies::body(
                scope,
                body,
                &path.key("body"),
                Owner::Answer,
                &name,
            ));
        }
        out.push(Answer { response, path });
    }
    out
}

fn used(
    scope: &mut Scope<'_, '_>,
    shared: &Shared,
    name: &str,
    written: &spec::Response,
    path: &Path,
) -> Option<Response> {
    let others = written.status.is_some()
        || written.status_class.is_some()
        || written.code_name.is_some()
        || !written.headers.is_empty()
        || written.body.is_some()
        || !written.codes.is_empty()
        || !written.description.is_empty();
    if others {
        scope.push(
            Diagnostic::error(
                Id::BadStatus,
                path,
                "a named response is used as it is: `use` stands alone",
            )
            .label(
                At::key(&Path::root().key("responses").key(name)),
                "the response",
            )
            .help("define another response, or write this one out"),
        );
    }
    let id = scope.find(Kind::Response, name, &path.key("use"))?;
    shared.named.get(id)?.clone()
}

/// A failure's struct is told from the code's by its name.
pub(super) fn suffix(status: u16) -> &'static str {
    if status >= 400 { "Failure" } else { "" }
}

/// An answer that is written out. The body of a named one is resolved here, because its name is known.
fn one(
    scope: &mut Scope<'_, '_>,
    common: &[Parameter],
    written: &spec::Response,
    path: &Path,
    name: &str,
) -> Option<Response> {
    let class = written.status_class.is_some();
    let Some(status) = written.status.or(class.then_some(*CLASS.start())) else {
        scope.error(
            Id::MissingKey,
            path,
            "an answer has a `status`, or names another by `use`",
            "give it a `status`",
        );
        return None;
    };
    let variant = variant(scope, written, status, path);
    if class {
        classes::check_alone(scope, written, path);
    }
    let has_ranges = matches!(written.body, Some(spec::Body::Stream { ranges: true, .. }));
    let mut headers = headers(
        scope,
        &written.headers,
        &path.key("headers"),
        (Some(status), has_ranges),
    );
    // Whoever answers by a class of statuses does not know what all our answers carry.
    for header in common.iter().filter(|_| !class) {
        if !headers
            .iter()
            .any(|own| own.wire.eq_ignore_ascii_case(&header.wire))
        {
            headers.push(header.clone());
        }
    }
    check_body(scope, written, status, path);
    let type_name = format!("{name}{}", suffix(status));
    let body = written
        .body
        .as_ref()
        .filter(|_| !name.is_empty())
        .map(|body| {
            bodies::body(
                scope,
                body,
                &path.key("body"),
                Owner::Answer,
                &format!("{type_name}Body"),
            )
        });
    Some(Response {
        type_name,
        variant,
        shared: false,
        named: written.code_name.is_some(),
        status,
        class,
        description: written.description.clone(),
        headers,
        body,
        codes: codes(scope, &written.codes, &path.key("codes")),
        managed: false,
    })
}

/// The name of an answer in code.
fn variant(
    scope: &mut Scope<'_, '_>,
    written: &spec::Response,
    status: u16,
    path: &Path,
) -> String {
    match (&written.code_name, written.status_class) {
        (Some(name), _) => {
            demand_snake(scope, name, At::value(&path.key("as")), "an answer in code");
            camel(name)
        }
        (None, Some(_)) => status::CLASS_VARIANT.to_owned(),
        (None, None) => status::variant(status),
    }
}

/// Whether the runtime writes this header of an answer, which is one to a request for ranges where `with_ranges`.
pub(super) fn is_managed(wire: &str, status: Option<u16>, with_ranges: bool) -> bool {
    let is_among = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(wire));
    is_among(&MANAGED)
        || (with_ranges && is_among(&MANAGED_WITH_RANGES))
        || (status == Some(405) && is_among(&MANAGED_OF_METHODS))
}

/// The headers of an answer; of all answers where there is no status.
fn headers(
    scope: &mut Scope<'_, '_>,
    written: &spec::Map<spec::Value>,
    path: &Path,
    (status, with_ranges): (Option<u16>, bool),
) -> Vec<Parameter> {
    let mut taken = Taken::default();
    // Members and functions that the struct has besides.
    for member in ["new", "body", "error", "content_type"] {
        taken.enter(scope, member, At::value(path), "");
    }
    let doubles = same_names(scope, written.keys(), path);
    written
        .iter()
        .map(|(wire, written)| {
            let path = path.key(wire);
            let mut header = values::parameter(scope, wire, written, &path, Place::ResponseHeader);
            header.managed = is_managed(wire, status, with_ranges);
            let is_member = !header.managed && header.value.constant.is_none();
            if is_member && !doubles.contains(&wire) {
                taken.enter(
                    scope,
                    &header.ident,
                    At::key(&path),
                    "give one of them another name by `as`",
                );
            }
            header
        })
        .collect()
}

/// Complains about names of headers that differ in case alone, and yields the second of each two.
pub(super) fn same_names<'k>(
    scope: &mut Scope<'_, '_>,
    names: impl Iterator<Item = &'k String>,
    path: &Path,
) -> Vec<&'k String> {
    let mut doubles = Vec::new();
    let mut seen: BTreeMap<String, &String> = BTreeMap::new();
    for name in names {
        if let Some(first) = seen.insert(name.to_lowercase(), name) {
            doubles.push(name);
            scope.push(
                Diagnostic::error(
                    Id::NameClash,
                    At::key(&path.key(name)),
                    "the same header stands twice",
                )
                .label(At::key(&path.key(first)), "here it is written otherwise")
                .help("case means nothing in names of headers"),
            );
        }
    }
    doubles
}

fn codes(scope: &mut Scope<'_, '_>, written: &[String], list: &Path) -> Vec<ErrorId> {
    let mut codes: Vec<ErrorId> = Vec::new();
    for (code, path) in written.iter().zip(items(list)) {
        let Some(id) = scope.find(Kind::Error, code, &path).map(ErrorId) else {
            continue;
        };
        if codes.contains(&id) {
            let first = written.iter().position(|known| known == code);
            let first = list.index(first.unwrap_or_default());
            scope.push(
                Diagnostic::error(
                    Id::NameClash,
                    &path,
                    format!("the code `{code}` stands twice"),
                )
                .label(&first, "here for the first time")
                .help("take one of them away"),
            );
        } else {
            codes.push(id);
        }
    }
    codes
}

fn check_body(scope: &mut Scope<'_, '_>, written: &spec::Response, status: u16, path: &Path) {
    if written.body.is_none() {
        return;
    }
    let path = path.key("body");
    if (400..=599).contains(&status) {
        scope.push(
            Diagnostic::error(
                Id::BadBody,
                At::key(&path),
                "a failure has no body of its own",
            )
            .help("the envelope is its body; what belongs to a code goes into the code's `detail`"),
        );
    } else if status::is_bodiless(status) {
        scope.push(
            Diagnostic::error(
                Id::BadBody,
                At::key(&path),
                format!("an answer {status} has no body"),
            )
            .label(
                &path.around().unwrap_or_default().key("status"),
                "the status",
            )
            .help("take the body away, or give the answer another status"),
        );
    }
}

fn check_codes(scope: &mut Scope<'_, '_>, written: &spec::Response, status: u16, path: &Path) {
    if status < 400 && !written.codes.is_empty() {
        scope.error(
            Id::BadStatus,
            &path.key("codes"),
            "a success has no error codes",
            "list the codes in a failure",
        );
    }
    if status >= 400 && written.codes.is_empty() {
        scope.push(
            Diagnostic::error(Id::BadStatus, path, "a failure has at least one code")
                .help("list it under `codes`"),
        );
    }
}

/// Complains about a status on the wrong side.
fn check_side(scope: &mut Scope<'_, '_>, response: &Response, path: &Path, side: Side) -> bool {
    if response.class {
        return classes::check_side(scope, path, side);
    }
    let status = response.status;
    let (range, list, other) = match side {
        Side::Success => (200..=399, "success", "failure"),
        Side::Failure => (400..=599, "failure", "success"),
    };
    if !range.contains(&status) {
        let help = match status {
            200..=599 => format!("it belongs under `{other}`"),
            _ => format!("write one from {} to {}", range.start(), range.end()),
        };
        let message = format!("{status} is no status of a {list}");
        scope.push(Diagnostic::error(Id::BadStatus, &path.key("status"), message).help(help));
    }
    range.contains(&status)
}
