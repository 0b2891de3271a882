//! The descriptor has everything that docker/distribution documents, or `docs/differences.md` says why
//! not.
//!
//! `data/ancestor.json` holds the structure of the ancestor's own descriptors. Each of its request
//! forms is compared with the request of ours that lacks least of it.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value as Json;

/// Most rows that the list of differences may have.
const MOST_ROWS: usize = 12;

/// Something that a request form documents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fact {
    /// Status of the answer that has it; 0 for what is in the request.
    status: u64,
    /// As in a row: `header Range`.
    text: String,
}

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn ancestor() -> Json {
    serde_json::from_str(include_str!("../data/ancestor.json")).unwrap()
}

fn ours() -> Json {
    let loaded = api_codegen::load(&repository().join("api-spec/distribution"))
        .unwrap_or_else(|failure| panic!("{failure}"));
    serde_json::from_str(&api_codegen::emit::json::text(&loaded.api)).unwrap()
}

fn list<'a>(value: &'a Json, key: &str) -> &'a [Json] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Json, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

/// The request forms of a descriptor, by `METHOD path`.
fn forms(descriptor: &Json) -> Vec<(String, &Json)> {
    let mut forms = Vec::new();
    for route in list(descriptor, "routes") {
        for method in list(route, "methods") {
            let key = format!("{} {}", text(method, "method"), text(route, "path"));
            forms.extend(
                list(method, "requests")
                    .iter()
                    .map(|form| (key.clone(), form)),
            );
        }
    }
    forms
}

fn facts(form: &Json) -> BTreeSet<Fact> {
    let mut facts = BTreeSet::new();
    let mut add = |status: u64, kind: &str, name: &str| {
        facts.insert(Fact {
            status,
            text: format!("{kind} {name}"),
        });
    };
    // The names of headers have no case; those of parameters do.
    let header = |header: &Json| text(header, "name").to_ascii_lowercase();
    for place in ["path", "query"] {
        for parameter in list(form, &format!("{place}_parameters")) {
            add(0, place, text(parameter, "name"));
        }
    }
    for item in list(form, "headers") {
        add(0, "header", &header(item));
    }
    for answer in list(form, "successes").iter().chain(list(form, "failures")) {
        let status = answer["status"].as_u64().unwrap();
        add(status, "status", &status.to_string());
        for item in list(answer, "headers") {
            add(status, "header", &header(item));
        }
        for code in list(answer, "errors") {
            add(status, "code", code.as_str().unwrap());
        }
    }
    facts
}

/// What the ancestor documents and the descriptor has nowhere, as rows: `METHOD path: kind value`.
fn differences() -> BTreeSet<String> {
    let (ancestor, ours) = (ancestor(), ours());
    let ours = forms(&ours);
    let mut rows = BTreeSet::new();
    for (key, form) in forms(&ancestor) {
        let wanted = facts(form);
        let candidates = ours.iter().filter(|(other, _)| *other == key);
        let missing = candidates
            .map(|(_, candidate)| &wanted - &facts(candidate))
            .min_by_key(BTreeSet::len)
            .unwrap_or(wanted);
        rows.extend(
            missing
                .into_iter()
                .map(|fact| format!("{key}: {}", fact.text)),
        );
    }
    rows
}

/// The rows of the document, headers in lower case.
fn rows() -> Vec<String> {
    let document = std::fs::read_to_string(repository().join("docs/differences.md")).unwrap();
    let cells = document.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows = cells.filter_map(|line| line.split_once("` | "));
    rows.map(|(row, reason)| {
        assert!(reason.len() > 20, "a row without a reason: {row}");
        match row.split_once(": header ") {
            Some((place, header)) => format!("{place}: header {}", header.to_ascii_lowercase()),
            None => row.to_owned(),
        }
    })
    .collect()
}

#[test]
fn what_the_ancestor_documents_is_declared_or_has_a_row() {
    let rows = rows();
    let without: Vec<String> = differences()
        .into_iter()
        .filter(|row| !rows.contains(row))
        .collect();
    assert!(
        without.is_empty(),
        "no row in docs/differences.md:\n{}",
        without.join("\n")
    );
}

#[test]
fn every_row_is_a_difference_and_stands_once() {
    let (differences, mut rows) = (differences(), rows());
    let stale: Vec<&String> = rows
        .iter()
        .filter(|row| !differences.contains(*row))
        .collect();
    assert!(stale.is_empty(), "rows without a difference: {stale:#?}");
    assert!((1..=MOST_ROWS).contains(&rows.len()), "{} rows", rows.len());
    let all = rows.len();
    rows.sort();
    rows.dedup();
    assert_eq!(rows.len(), all, "a row stands twice");
}

#[test]
fn every_error_code_of_the_ancestor_has_its_status_and_message() {
    let (ancestor, ours) = (ancestor(), ours());
    let key = |error: &Json| {
        (
            text(error, "code").to_owned(),
            error["status"].as_u64(),
            text(error, "message").to_owned(),
        )
    };
    let declared: Vec<_> = list(&ours, "errors").iter().map(key).collect();
    let codes = list(&ancestor, "errors");
    assert_eq!(codes.len(), 20);
    for code in codes {
        assert!(declared.contains(&key(code)), "{code}");
    }
}

#[test]
fn the_ancestors_structure_is_complete() {
    let ancestor = ancestor();
    assert_eq!(list(&ancestor, "routes").len(), 7);
    assert_eq!(forms(&ancestor).len(), 19);
}
