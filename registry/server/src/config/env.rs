//! `REGISTRY_*` variables: which key each names, and how its value takes the place of the file's.
//!
//! `REGISTRY_STORAGE_DELETE_ENABLED` is `storage.delete.enabled`; no key has an underscore in it. The
//! variable of a section replaces the section, and variables of keys below it are laid over that.
//! Hazard: orchestrators put variables of their own beside ours (a service called `registry` yields
//! `REGISTRY_PORT=tcp://10.0.0.1:5000`), so what names no key, or holds such a value, changes nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::keys::{self, Class, Found, Kind};
use super::problem::{Note, Problem};
use super::tree::{Entry, Node, Origin, Source, Value};

const PREFIX: &str = "REGISTRY_";
const PATH: &str = "REGISTRY_CONFIGURATION_PATH";

/// The variables of this process; what is not Unicode is left out.
pub fn process() -> impl Iterator<Item = (String, String)> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment"
    )]
    let variables = std::env::vars_os();
    variables
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The variables that begin as ours do. Their order is by name, so a section comes before its keys.
#[derive(Debug)]
pub(super) struct Environment(BTreeMap<String, String>);

impl Environment {
    pub(super) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let ours = variables
            .into_iter()
            .filter(|(name, _)| name.starts_with(PREFIX));
        Self(ours.collect())
    }

    pub(super) fn configuration_path(&self) -> Option<PathBuf> {
        self.0
            .get(PATH)
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    }
}

/// Lays the variables over the tree. A problem is a value that is no YAML where a collection is due.
pub(super) fn apply(
    environment: &Environment,
    tree: &mut Node,
    notes: &mut Vec<Note>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, value) in environment.0.iter().filter(|(name, _)| *name != PATH) {
        let origin = Origin::of_variable(name);
        let parts: Vec<String> = name[PREFIX.len()..]
            .split('_')
            .map(str::to_ascii_lowercase)
            .collect();
        if is_service_link(value) {
            notes.push(Note::new(
                &origin,
                "",
                "ignored: it holds the address of a service",
            ));
            continue;
        }
        let Some(target) = resolve(&parts) else {
            notes.push(Note::new(
                &origin,
                "",
                "ignored: it names no key of the configuration",
            ));
            continue;
        };
        if value.is_empty() && target.works {
            let problem = Problem::new(&origin, &target.parts.join("."), "the variable is empty");
            problems.push(problem.help("unset it, and what else is configured holds"));
            continue;
        }
        match parse(name, value, &target) {
            Ok(node) => put(tree, &target.parts, node, &origin),
            Err(found) => problems.extend(found),
        }
    }
    problems
}

/// A value as container links and orchestrators make them.
fn is_service_link(value: &str) -> bool {
    ["tcp://", "udp://", "sctp://"]
        .iter()
        .any(|scheme| value.starts_with(scheme))
}

/// What a variable names: the parts of the way there, whether its value is plain text, and whether it counts.
struct Target {
    parts: Vec<String>,
    text: bool,
    works: bool,
}

fn resolve(parts: &[String]) -> Option<Target> {
    if parts.iter().any(String::is_empty) || parts[0] == "version" {
        return None;
    }
    let mut path = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            path.push('.');
        }
        path.push_str(part);
        match keys::find(&path)? {
            Found::Section => {}
            Found::Key(key) => {
                let rest = &parts[index + 1..];
                let below = match key.kind {
                    Kind::Any => true,
                    Kind::Texts => rest.len() == 1 && rest[0].parse::<usize>().is_ok(),
                    _ => false,
                };
                return (rest.is_empty() || below).then(|| Target {
                    parts: parts.to_vec(),
                    text: key.kind != Kind::Any && (key.kind != Kind::Texts || below),
                    works: key.class == Class::Works && key.kind != Kind::Any,
                });
            }
        }
    }
    Some(Target {
        parts: parts.to_vec(),
        text: false,
        works: false,
    })
}

/// The value as YAML. Where a text is due and the value is no YAML (`@secret`), it is that text.
fn parse(name: &str, value: &str, target: &Target) -> Result<Node, Vec<Problem>> {
    match Node::parse(value, &Source::variable(name)) {
        Ok(node) if target.text && matches!(node.value, Value::List(_) | Value::Map(_)) => {
            Ok(Node::scalar(&node.origin, value))
        }
        Err(_) if target.text => Ok(Node::scalar(&Origin::of_variable(name), value)),
        parsed => parsed,
    }
}

/// Puts `node` at the end of the way, making the mappings on it.
fn put(tree: &mut Node, way: &[String], node: Node, origin: &Origin) {
    let Some((part, rest)) = way.split_first() else {
        *tree = node;
        return;
    };
    if let Ok(index) = part.parse::<usize>() {
        let items = as_list(tree);
        // An index beyond the end would leave a gap; the value comes next.
        let index = index.min(items.len());
        if index == items.len() {
            items.push(Node::null(origin));
        }
        return put(&mut items[index], rest, node, origin);
    }
    if let Value::Scalar(name) = &tree.value {
        // `storage: filesystem` with a variable below it: the name becomes a key first.
        let inner = Entry {
            key: name.clone(),
            origin: tree.origin.clone(),
            node: Node::null(&tree.origin),
        };
        tree.value = Value::Map(vec![inner]);
    }
    let entries = tree.entries_mut();
    let position = entries
        .iter()
        .position(|entry| entry.key.eq_ignore_ascii_case(part));
    let position = position.unwrap_or_else(|| {
        entries.push(Entry {
            key: part.clone(),
            origin: origin.clone(),
            node: Node::null(origin),
        });
        entries.len() - 1
    });
    let entry = &mut entries[position];
    if rest.is_empty() {
        entry.origin = origin.clone();
    }
    put(&mut entry.node, rest, node, origin);
}

/// The items of a list; a value that stands alone becomes the first of them.
fn as_list(node: &mut Node) -> &mut Vec<Node> {
    if !matches!(node.value, Value::List(_)) {
        let only = Node {
            origin: node.origin.clone(),
            value: std::mem::replace(&mut node.value, Value::List(Vec::new())),
        };
        if let (Value::List(items), Value::Scalar(_)) = (&mut node.value, &only.value) {
            items.push(only);
        }
    }
    match &mut node.value {
        Value::List(items) => items,
        _ => unreachable!("a list was put there above"),
    }
}
