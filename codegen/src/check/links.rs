//! URLs of operations as values.
//!
//! Rule: `url<operation>` names an operation that its URL alone can call. It fails for an operation that
//! demands a header, because whoever follows the URL does not know of it.

use super::scope::Scope;
use super::values::is_required;
use crate::diag::{Diagnostic, Id, Path};
use crate::model::Operation;

/// Checks all places where the URL of an operation is a value.
pub(super) fn check(scope: &mut Scope<'_, '_>, operations: &[Operation]) {
    for (id, path) in std::mem::take(&mut scope.urls) {
        let Some(operation) = operations.get(id.0) else {
            continue;
        };
        let Some(header) = operation.headers.iter().find(|header| is_required(header)) else {
            continue;
        };
        let message = format!("the URL of `{}` is not enough to call it", operation.name);
        let text = format!("it also needs the header `{}`", header.wire);
        let request: Option<Path> = scope.operations.get(operation.name.as_str()).cloned();
        let mut diagnostic = Diagnostic::error(Id::BadType, &path, message);
        if let Some(request) = request {
            diagnostic = diagnostic.label(&request.key("operation"), text);
        }
        scope.push(
            diagnostic.help("make the header optional, or give the URL of another operation"),
        );
    }
}
