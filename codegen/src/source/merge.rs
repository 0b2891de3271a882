//! Includes: maps are united by key, lists go on, and nothing may stand in two files.

use std::mem::discriminant;

use super::parse::insert;
use super::tree::{Entry, Node, Value};
use crate::diag::{Diagnostic, Diagnostics, Id};

/// Keys that belong to the root file.
const ROOT_ONLY: [&str; 3] = ["spec", "api", "include"];

/// Adds an included file to the root's tree.
pub(super) fn add(root: &mut Node, included: Node, problems: &mut Diagnostics) {
    let entries = match included.value {
        Value::Map(entries) => entries,
        Value::Null | Value::Broken => return,
        _ => {
            let message = "an included file is a map, as the root file is";
            problems.push(
                Diagnostic::error(Id::WrongType, included.span, message)
                    .help("write keys of a descriptor into it, such as `formats: {..}`"),
            );
            return;
        }
    };
    let Value::Map(whole) = &mut root.value else {
        return;
    };
    for (key, entry) in entries {
        if ROOT_ONLY.contains(&key.as_str()) {
            let message = format!("`{key}` belongs to the root file alone");
            problems.push(
                Diagnostic::error(Id::RootOnly, entry.key, message)
                    .help("move it there, or take it away"),
            );
        } else if let Some(present) = whole.get_mut(&key) {
            unite(&key, present, entry, problems);
        } else {
            whole.insert(key, entry);
        }
    }
}

fn unite(name: &str, present: &mut Entry, entry: Entry, problems: &mut Diagnostics) {
    match (&mut present.node.value, entry.node.value) {
        (Value::Map(whole), Value::Map(entries)) => {
            for (key, entry) in entries {
                insert(whole, key, entry, problems);
            }
        }
        (Value::List(whole), Value::List(items)) => whole.extend(items),
        (Value::Broken, _) | (_, Value::Broken) => {}
        (one, other) if discriminant(one) == discriminant(&other) => problems.push(
            Diagnostic::error(
                Id::DuplicateKey,
                entry.key,
                format!("the key `{name}` is in two files"),
            )
            .help("say it in one of them")
            .label(present.key, "it is already here"),
        ),
        _ => problems.push(
            Diagnostic::error(
                Id::WrongType,
                entry.node.span,
                format!("`{name}` is of one kind here and of another elsewhere"),
            )
            .help("write the same kind in both")
            .label(present.key, "it is also here"),
        ),
    }
}
