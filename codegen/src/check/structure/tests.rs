//! What the walk accepts serde accepts.
//!
//! Every node of real descriptors is replaced by a value of each kind, every key is taken away, and a key
//! that nobody knows is added to every map. Whatever of this the walk lets pass must go through serde.

use std::collections::BTreeSet;
use std::path::Path as FilePath;

use indexmap::IndexMap;

use super::LANGUAGE;
use super::here::Here;
use super::shape::{Language, Object, Shape};
use super::walk::Walk;
use crate::diag::{Diagnostics, Path};
use crate::source::{Entry, Node, Sources, Value};
use crate::spec::Spec;

/// What stands in the place of a node, one after the other: one of each kind first.
fn replacements() -> Vec<Value> {
    let node = |value| Node {
        span: crate::source::Span::default(),
        value,
    };
    let entry = Entry {
        key: crate::source::Span::default(),
        node: node(Value::Text("text".to_owned())),
    };
    vec![
        Value::List(Vec::new()),
        Value::Map(IndexMap::new()),
        Value::Text("text".to_owned()),
        Value::Bool(true),
        Value::Number(5.into()),
        Value::Null,
        Value::Number((-1).into()),
        Value::Number(u64::MAX.into()),
        Value::Number(1.5.into()),
        Value::Number(f64::NAN.into()),
        Value::Text(String::new()),
        Value::Text("type".to_owned()),
        Value::List(vec![node(Value::Text("text".to_owned()))]),
        Value::Map(IndexMap::from([("type".to_owned(), entry)])),
    ]
}

/// How many mutants the walk refused and accepted.
#[derive(Debug, Default)]
struct Tally {
    refused: usize,
    accepted: usize,
}

struct Mutation {
    sources: Sources,
    replacements: Vec<Value>,
    tally: Tally,
}

impl Mutation {
    /// Compares walk and serde on the tree as it is now.
    fn compare(&mut self, what: &str) {
        let mut problems = Diagnostics::new();
        Walk::new(&LANGUAGE, &self.sources, &mut problems).node(
            self.sources.root(),
            LANGUAGE.root(),
            &Here::Root,
        );
        if !problems.is_empty() {
            self.tally.refused += 1;
            return;
        }
        self.tally.accepted += 1;
        if let Err(error) = serde_yaml::from_value::<Spec>(self.sources.root().to_yaml()) {
            panic!("{what}: the walk accepts and serde says: {error}");
        }
    }

    fn node(&mut self, path: &Path) -> &mut Node {
        self.sources.root_mut().at_mut(path.steps()).unwrap()
    }

    fn mutate(&mut self, path: &Path) {
        for value in self.replacements.clone() {
            let what = format!("{path} = {value:?}");
            let old = std::mem::replace(&mut self.node(path).value, value);
            self.compare(&what);
            self.node(path).value = old;
        }
        let keys: Vec<String> = match &self.node(path).value {
            Value::Map(entries) => entries.keys().cloned().collect(),
            Value::List(items) => {
                for index in 0..items.len() {
                    self.mutate(&path.index(index));
                }
                return;
            }
            _ => return,
        };
        self.with_one_more(path);
        for (index, key) in keys.into_iter().enumerate() {
            self.without(path, index, &key);
            self.mutate(&path.key(key));
        }
    }

    fn with_one_more(&mut self, path: &Path) {
        let node = Node {
            value: Value::Map(IndexMap::new()),
            span: crate::source::Span::default(),
        };
        let entry = Entry {
            key: node.span,
            node,
        };
        self.entries(path).insert("nobody_knows".to_owned(), entry);
        self.compare(&format!("{path} with a key more"));
        self.entries(path).shift_remove("nobody_knows");
    }

    fn without(&mut self, path: &Path, index: usize, key: &str) {
        let entry = self.entries(path).shift_remove(key).unwrap();
        self.compare(&format!("{path} without {key}"));
        self.entries(path)
            .shift_insert(index, key.to_owned(), entry);
    }

    fn entries(&mut self, path: &Path) -> &mut IndexMap<String, Entry> {
        match &mut self.node(path).value {
            Value::Map(entries) => entries,
            other => panic!("{other:?} is no map"),
        }
    }
}

fn read(path: &str) -> Sources {
    let mut problems = Diagnostics::new();
    let path = FilePath::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let sources = Sources::read(&path, &mut problems);
    super::check(&sources, &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    sources
}

/// The descriptor in pieces that are descriptors themselves, so that a mutant is looked at in no time:
/// each has the required keys and one more, and of a list one item.
fn pieces(sources: &Sources) -> Vec<(String, Sources)> {
    let Value::Map(entries) = &sources.root().value else {
        panic!("a descriptor is a map");
    };
    let required = |key: &str| key == "spec" || key == "api";
    let head: IndexMap<String, Entry> = entries
        .iter()
        .filter(|(key, _)| required(key))
        .map(|(key, entry)| (key.clone(), entry.clone()))
        .collect();
    let piece = |key: &String, entry: &Entry, value: Value| {
        let mut entries = head.clone();
        let node = Node {
            value,
            ..entry.node.clone()
        };
        entries.insert(
            key.clone(),
            Entry {
                node,
                ..entry.clone()
            },
        );
        let mut piece = sources.clone();
        piece.root_mut().value = Value::Map(entries);
        (key.clone(), piece)
    };
    let mut pieces = Vec::new();
    for (key, entry) in entries {
        match &entry.node.value {
            Value::List(items) => pieces.extend(
                items
                    .iter()
                    .map(|item| piece(key, entry, Value::List(vec![item.clone()]))),
            ),
            value => pieces.push(piece(key, entry, value.clone())),
        }
    }
    pieces
}

fn mutants(path: &str, replacements: &[Value]) -> Tally {
    let mut tally = Tally::default();
    for (key, sources) in pieces(&read(path)) {
        let mut mutation = Mutation {
            sources,
            replacements: replacements.to_vec(),
            tally,
        };
        // The whole of a piece once, which breaks `spec` and `api` as well.
        match key.as_str() {
            "spec" => mutation.mutate(&Path::root()),
            "api" => {}
            key => mutation.mutate(&Path::root().key(key)),
        }
        tally = mutation.tally;
    }
    tally
}

const EVERYTHING: &str = "tests/data/pass/everything.yaml";

#[test]
fn what_the_walk_accepts_of_a_descriptor_with_every_key_serde_accepts() {
    let tally = mutants(EVERYTHING, &replacements());
    assert!(tally.refused > 5000 && tally.accepted > 500, "{tally:?}");
}

#[test]
fn what_the_walk_accepts_of_the_toy_serde_accepts() {
    let tally = mutants("tests/toy/spec", &replacements()[..6]);
    assert!(tally.refused > 1000 && tally.accepted > 100, "{tally:?}");
}

#[test]
fn what_the_walk_accepts_of_a_large_descriptor_serde_accepts() {
    let tally = mutants("../api-spec/distribution", &replacements()[..6]);
    assert!(tally.refused > 5000 && tally.accepted > 500, "{tally:?}");
}

/// Keys of the language that a descriptor has, as `Definition.key`.
fn used(language: &Language, node: &Node, shape: &Shape, found: &mut BTreeSet<String>) {
    match (language.resolve(shape), &node.value) {
        (Shape::List(item), Value::List(items)) => {
            for node in items {
                used(language, node, item, found);
            }
        }
        (Shape::Map(value), Value::Map(entries)) => {
            for entry in entries.values() {
                used(language, &entry.node, value, found);
            }
        }
        (Shape::Either(both), Value::Map(_)) => used(language, node, &both.1, found),
        (Shape::Object(object), Value::Map(entries)) => {
            used_of(language, entries, "", object, found);
        }
        (Shape::Kinds(_, kinds), Value::Map(entries)) => {
            let kind = entries["type"].node.text().unwrap();
            used_of(language, entries, kind, &kinds[kind], found);
        }
        (Shape::Choice(_), Value::Text(text)) => {
            if let Shape::Definition(name) = shape {
                found.insert(format!("{name}={text}"));
            }
        }
        _ => {}
    }
}

fn used_of(
    language: &Language,
    entries: &IndexMap<String, Entry>,
    kind: &str,
    object: &Object,
    found: &mut BTreeSet<String>,
) {
    for (key, entry) in entries {
        found.insert(format!("{}{kind}.{key}", object.definition));
        used(language, &entry.node, &object.fields[key], found);
    }
}

/// Keys and values that the language has, in the same notation.
fn all(language: &Language) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let of = |kind: &str, object: &Object| -> Vec<String> {
        object
            .fields
            .keys()
            .map(|key| format!("{}{kind}.{key}", object.definition))
            .collect()
    };
    for (name, shape) in language.definitions() {
        match shape {
            Shape::Object(object) => found.extend(of("", object)),
            Shape::Either(both) => match &both.1 {
                Shape::Object(object) => found.extend(of("", object)),
                _ => panic!("{name}"),
            },
            Shape::Kinds(_, kinds) => {
                found.extend(kinds.iter().flat_map(|(kind, object)| of(kind, object)));
            }
            Shape::Choice(texts) => found.extend(texts.iter().map(|text| format!("{name}={text}"))),
            _ => {}
        }
    }
    found
}

#[test]
fn the_descriptor_with_every_key_has_every_key() {
    let sources = read(EVERYTHING);
    let mut found = BTreeSet::new();
    used(&LANGUAGE, sources.root(), LANGUAGE.root(), &mut found);
    let all = all(&LANGUAGE);
    let missing: Vec<&String> = all.difference(&found).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_words_of_the_walk_have_articles() {
    assert_eq!(super::words::a("ErrorCode"), "an error code");
    assert_eq!(super::words::a("SecurityScheme"), "a security scheme");
    assert_eq!(super::words::this("ApiHead"), "`api`");
    assert_eq!(super::words::names(["x"; 30]).matches("`x`").count(), 24);
}
