//! Keys by which a server knows the repetition of a request.
//!
//! Rules: the header that holds one is a text of the caller's own, and where it may be absent, so that
//! the client makes one up, a UUID fits into it. A GET has none. `idempotency: {header: Host}` fails: the
//! client writes that header by itself.

use super::literals::Types;
use super::requests::Draft;
use super::scope::Scope;
use super::values::{self, Place};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{ListStyle, Parameter, Type};
use crate::spec::{self, TypeExpr, TypeTerm};

/// A key as the client makes it up.
const SAMPLE: &str = "00000000-0000-4000-8000-000000000000";

/// Adds the header, where it is not declared.
pub(super) fn take_header(
    scope: &mut Scope<'_, '_>,
    written: &spec::Request,
    path: &Path,
    headers: &mut Vec<Parameter>,
) {
    let Some(idempotency) = &written.idempotency else {
        return;
    };
    let wire = &idempotency.header;
    let is_it = |header: &Parameter| header.wire.eq_ignore_ascii_case(wire);
    if headers.iter().any(is_it) {
        return;
    }
    let path = path.key("idempotency").key("header");
    let says = "The same in each repetition of a request.";
    headers.push(optional_text(scope, wire, says, &path));
}

/// A header that a request may have, where nobody has declared it.
pub(super) fn optional_text(
    scope: &mut Scope<'_, '_>,
    wire: &str,
    says: &str,
    path: &Path,
) -> Parameter {
    let mut value = spec::Value::of(TypeExpr {
        optional: true,
        nullable: false,
        term: TypeTerm::Name("string".to_owned()),
    });
    says.clone_into(&mut value.description);
    values::parameter(scope, wire, &value, path, Place::RequestHeader)
}

/// Checks the headers of all requests that have such a key.
pub(super) fn check(scope: &mut Scope<'_, '_>, types: Types<'_>, drafts: &[Draft<'_>]) {
    for draft in drafts {
        let Some(idempotency) = &draft.written.idempotency else {
            continue;
        };
        let path = draft.path.key("idempotency");
        if draft.method == "GET" {
            let message = "a GET may be repeated as it is";
            scope.push(
                Diagnostic::error(Id::BadBehaviour, At::key(&path), message)
                    .help("take the key away"),
            );
        }
        let is_it = |header: &&Parameter| header.wire.eq_ignore_ascii_case(&idempotency.header);
        let Some(header) = draft.headers.iter().find(is_it) else {
            continue;
        };
        if let Some(problem) = problem(types, header) {
            let place = draft.path.key("headers").key(&header.wire);
            let mut diagnostic = Diagnostic::error(Id::BadBehaviour, &path.key("header"), problem)
                .help("name a header that holds any text of the caller's own, such as `Idempotency-Key`");
            if draft.written.headers.contains_key(&header.wire) {
                diagnostic = diagnostic.label(&place, "the header");
            }
            scope.push(diagnostic);
        }
    }
}

/// Why a header cannot hold a key.
fn problem(types: Types<'_>, header: &Parameter) -> Option<String> {
    let (wire, value) = (&header.wire, &header.value);
    if header.managed {
        return Some(format!("`{wire}` is not the caller's to choose"));
    }
    if header.prefix.is_some()
        || value.constant.is_some()
        || value.default.is_some()
        || matches!(value.ty, Type::List(_))
    {
        return Some(format!(
            "`{wire}` does not hold one value of the caller's choice"
        ));
    }
    if !value.optional {
        return None;
    }
    let sample = serde_json::Value::from(SAMPLE);
    let outcome = types.parameter(value, ListStyle::Repeat, &sample);
    outcome
        .err()
        .map(|problem| format!("the client makes up a UUID, which `{wire}` cannot hold: {problem}"))
}
