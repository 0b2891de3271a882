//! Where a descriptor names files that hold bodies of examples.
//!
//! The tree is not yet checked here, so that whatever is not as it should be is passed over.

use super::Span;
use super::tree::{Node, Value};

/// Their names, at `routes/*/methods/*/*/examples/*/{request,response}/body/file`.
pub(super) fn named(root: &Node) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    for methods in items(root.get("routes")).filter_map(|route| route.get("methods")) {
        let Value::Map(entries) = &methods.value else {
            continue;
        };
        let requests = entries.values().flat_map(|entry| items(Some(&entry.node)));
        for example in requests.flat_map(|request| items(request.get("examples"))) {
            for side in ["request", "response"] {
                let body = example.get(side).and_then(|side| side.get("body"));
                let file = body.and_then(|body| body.get("file"));
                found.extend(file.and_then(|file| Some((file.text()?.to_owned(), file.span))));
            }
        }
    }
    found
}

fn items(node: Option<&Node>) -> impl Iterator<Item = &Node> {
    let list = node.and_then(|node| match &node.value {
        Value::List(items) => Some(items),
        _ => None,
    });
    list.into_iter().flatten()
}
