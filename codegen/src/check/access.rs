//! What a caller must be allowed.
//!
//! Rule: a `{x}` in an entry names a parameter of the request that holds one value.
//! `access: ['repo:{nmae}:pull']` fails: there is no parameter of that name.

use super::scope::Scope;
use super::suggest::nearest;
use super::values::is_scalar;
use crate::diag::{At, Diagnostic, Id, Path, Place};
use crate::model::{Access, AccessPart, Operation, Parameter};

/// The entry that is written at `path`.
pub(super) fn access(
    scope: &mut Scope<'_, '_>,
    text: &str,
    operation: &Operation,
    path: &Path,
) -> Access {
    let mut parts = Vec::new();
    let mut rest = text;
    if text.is_empty() {
        scope.error(
            Id::BadAccess,
            path,
            "an entry says what the caller must be allowed",
            "write it as `kind:name:action`, or leave the entry out",
        );
    }
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((name, after)) = behind.split_once('}') else {
            break;
        };
        if !before.is_empty() {
            parts.push(AccessPart::Literal(before.to_owned()));
        }
        parts.extend(parameter(scope, name, operation, path));
        rest = after;
    }
    if rest.contains(['{', '}']) {
        scope.error(
            Id::BadAccess,
            path,
            "a brace has no counterpart",
            "write `{name}` for a parameter; other braces do not stand in an entry",
        );
    }
    if !rest.is_empty() {
        parts.push(AccessPart::Literal(rest.to_owned()));
    }
    Access { parts }
}

fn parameter(
    scope: &mut Scope<'_, '_>,
    name: &str,
    operation: &Operation,
    path: &Path,
) -> Option<AccessPart> {
    let all: Vec<&Parameter> = operation
        .path
        .iter()
        .chain(&operation.query)
        .chain(&operation.headers)
        .collect();
    let Some(parameter) = all.iter().find(|parameter| parameter.wire == name) else {
        let known = all.iter().map(|parameter| parameter.wire.as_str());
        let diagnostic = Diagnostic::error(
            Id::BadAccess,
            Place::Word(At::value(path), name.to_owned()),
            format!("the request has no parameter `{name}`"),
        );
        scope.push(match nearest(name, known) {
            Some(near) => diagnostic
                .help(format!("did you mean `{{{near}}}`?"))
                .replace(near),
            None => diagnostic.help("name a parameter of the path, the query or the headers"),
        });
        return None;
    };
    if parameter.managed || parameter.prefix.is_some() || !is_scalar(scope, &parameter.value.ty) {
        let problem = if parameter.managed {
            "is read by the server itself"
        } else {
            "does not hold one value"
        };
        scope.push(
            Diagnostic::error(
                Id::BadAccess,
                Place::Word(At::value(path), name.to_owned()),
                format!("`{name}` {problem}"),
            )
            .help("an entry holds parameters of one value each, which the caller sends"),
        );
        return None;
    }
    Some(AccessPart::Parameter {
        ident: parameter.ident.clone(),
        optional: parameter.value.optional && parameter.value.default.is_none(),
    })
}
