//! What is no descriptor of this language at all: of its keys nothing is to be said.
//!
//! Rule: `spec` is the version of the language that this crate reads, and a document of `OpenAPI` is none.
//! `{spec: 2, handlers: []}` fails for its version alone.

use crate::diag::{At, Diagnostic, Id, Path};
use crate::source::{Node, Value};

/// The version of the language that this crate reads.
const VERSION: u64 = 1;

pub(super) fn find(root: &Node) -> Option<Diagnostic> {
    let Some(spec) = root.get("spec") else {
        let key = ["openapi", "swagger"]
            .into_iter()
            .find(|key| root.get(key).is_some())?;
        let message = "this is a document of OpenAPI, and a descriptor is wanted";
        let at = At::key(&Path::root().key(key));
        return Some(Diagnostic::error(Id::UnknownKey, at, message).help(
            "a descriptor begins with `spec: 1`; `api-codegen new` makes one to begin with, and `api-codegen openapi` makes such a document of a descriptor",
        ));
    };
    let Value::Number(number) = &spec.value else {
        return None;
    };
    // What is no version is told by its kind.
    let version = number.as_u64().filter(|version| *version != VERSION)?;
    let message = format!("this program reads version {VERSION} of the language, not {version}");
    Some(
        Diagnostic::error(Id::UnknownValue, &Path::root().key("spec"), message)
            .help(format!("write `{VERSION}`"))
            .replace(VERSION.to_string()),
    )
}
