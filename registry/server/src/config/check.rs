//! Walks a document along the table of keys and collects what is wrong with it.
//!
//! Names and kinds are checked here, all in one run; what values mean together is `read`'s business.
//! Before the walk two conveniences are unfolded: a driver's or controller's name alone
//! (`storage: inmemory`), and a driver chosen by the user beside the built-in one.

use super::keys::{self, Class, Found, Key, Kind};
use super::problem::{Note, Problem};
use super::tree::{Entry, Node, Value};
use super::value;

/// A suggestion is made where at most so many letters differ.
const CLOSE: usize = 3;

/// `storage: filesystem` is `storage: {filesystem: }`; `auth` likewise.
pub(super) fn shorthand(root: &mut Node) {
    let sections = ["storage", "auth"];
    let Value::Map(entries) = &mut root.value else {
        return;
    };
    for entry in entries
        .iter_mut()
        .filter(|e| sections.contains(&e.key.as_str()))
    {
        if let Value::Scalar(name) = &entry.node.value {
            let origin = entry.node.origin.clone();
            let inner = Entry {
                key: name.clone(),
                origin: origin.clone(),
                node: Node::null(&origin),
            };
            entry.node.value = Value::Map(vec![inner]);
        }
    }
}

/// A driver that the user named takes the place of the built-in configuration's.
pub(super) fn replace_default_driver(root: &mut Node) {
    let Value::Map(entries) = &mut root.value else {
        return;
    };
    let Some(storage) = entries.iter_mut().find(|entry| entry.key == "storage") else {
        return;
    };
    if let Value::Map(entries) = &mut storage.node.value {
        let chosen = |entry: &Entry| is_driver(&entry.key) && !entry.origin.is_default();
        if entries.iter().any(chosen) {
            entries.retain(|entry| !is_driver(&entry.key) || !entry.origin.is_default());
        }
    }
}

fn is_driver(name: &str) -> bool {
    !keys::BESIDE_DRIVERS.contains(&name)
}

/// Checks the whole document.
pub(super) fn check(root: &Node, notes: &mut Vec<Note>) -> Vec<Problem> {
    let mut walk = Walk {
        problems: Vec::new(),
        notes,
    };
    let not_a_mapping = match &root.value {
        Value::Map(_) => None,
        Value::Null => Some("the configuration is empty"),
        _ => Some("a configuration is a mapping of keys"),
    };
    match not_a_mapping {
        Some(message) => walk.problems.push(Problem::new(&root.origin, "", message)),
        None => walk.section("", root),
    }
    walk.drivers(root);
    walk.problems
}

struct Walk<'a> {
    problems: Vec<Problem>,
    notes: &'a mut Vec<Note>,
}

impl Walk<'_> {
    fn section(&mut self, path: &str, node: &Node) {
        for entry in node.entries() {
            let below = join(path, &entry.key);
            match keys::find(&below) {
                Some(Found::Key(key)) => self.key(key, &below, entry),
                Some(Found::Section) => match &entry.node.value {
                    Value::Map(_) => self.section(&below, &entry.node),
                    Value::Null => {}
                    _ => {
                        let expected =
                            format!("expected a mapping of {}", list(&keys::children(&below)));
                        self.problem(entry, &below, expected);
                    }
                },
                None => self.unknown(path, &below, entry),
            }
        }
    }

    fn key(&mut self, key: &Key, path: &str, entry: &Entry) {
        let unset = entry.node.is_empty() || is_false(&entry.node);
        match key.class {
            Class::Works => self.kind(key.kind, path, entry),
            Class::NoEffect(reason) => {
                let before = self.problems.len();
                self.kind(key.kind, path, entry);
                if self.problems.len() == before && !entry.node.is_empty() {
                    let message = format!("accepted without effect: {reason}");
                    self.notes.push(Note::new(&entry.origin, path, message));
                }
            }
            Class::Refused(reason) => self.problem(entry, path, reason.to_owned()),
            Class::RefusedIfSet(reason) if !unset => self.problem(entry, path, reason.to_owned()),
            Class::RefusedIfSet(_) => {}
        }
    }

    fn kind(&mut self, kind: Kind, path: &str, entry: &Entry) {
        let text = match (&entry.node.value, kind) {
            (_, Kind::Any) | (Value::Null, _) => return,
            (Value::List(items), Kind::Texts) => {
                let texts = items
                    .iter()
                    .all(|item| matches!(item.value, Value::Scalar(_)));
                if !texts {
                    self.problem(entry, path, "expected a list of texts".to_owned());
                }
                return;
            }
            (Value::Scalar(text), _) => text,
            (Value::List(_) | Value::Map(_), _) => {
                return self.problem(entry, path, format!("expected {}", expected(kind)));
            }
        };
        let fits = match kind {
            Kind::Flag => value::flag(text).is_some(),
            Kind::Count => value::count(text).is_some(),
            Kind::Duration => value::duration(text).is_some(),
            Kind::OneOf(words) => words.iter().any(|word| word.eq_ignore_ascii_case(text)),
            Kind::Text | Kind::Texts | Kind::Any => true,
        };
        if !fits {
            // No kind that is checked here can hold a secret, so the value may be quoted.
            let problem = Problem::new(
                &entry.node.origin,
                path,
                format!("expected {}, found `{text}`", expected(kind)),
            );
            let problem = match kind {
                Kind::Duration if value::count(text).is_some() => {
                    problem.help(format!("`{text}s` is {text} seconds"))
                }
                Kind::OneOf(words) => match suggestion(text, words) {
                    Some(word) => problem.help(format!("did you mean `{word}`?")),
                    None => problem,
                },
                _ => problem,
            };
            self.problems.push(problem);
        }
    }

    fn unknown(&mut self, section: &str, path: &str, entry: &Entry) {
        let names = keys::children(section);
        let message = if section == "storage" {
            "unknown storage driver or option"
        } else {
            "unknown key"
        };
        let problem = Problem::new(&entry.origin, path, message);
        let elsewhere = || {
            keys::KEYS
                .iter()
                .find(|key| key.path.rsplit('.').next() == Some(&entry.key))
        };
        let help = if let Some(name) = suggestion(&entry.key, &names) {
            format!("did you mean `{name}`?")
        } else if let Some(key) = elsewhere() {
            format!("`{}` is written `{}`", entry.key, key.path)
        } else {
            format!("known here: {}", list(&names))
        };
        self.problems.push(problem.help(help));
    }

    /// Exactly one storage driver must be chosen.
    fn drivers(&mut self, root: &Node) {
        let Some(storage) = root.get("storage") else {
            if !root.entries().is_empty() {
                let problem = Problem::new(&root.origin, "storage", "no storage driver is chosen");
                self.problems.push(problem.help("`storage: {filesystem: {rootdirectory: ./data}}` keeps everything in one folder"));
            }
            return;
        };
        let drivers = storage
            .node
            .entries()
            .iter()
            .filter(|entry| is_driver(&entry.key));
        // A name that no driver has was reported already.
        let (known, unknown): (Vec<&Entry>, Vec<&Entry>) =
            drivers.partition(|entry| keys::find(&join("storage", &entry.key)).is_some());
        match known.as_slice() {
            [_] => {}
            [] if !unknown.is_empty() => {}
            [] => {
                let problem =
                    Problem::new(&storage.origin, "storage", "no storage driver is chosen");
                self.problems
                    .push(problem.help("known: `filesystem`, `inmemory`"));
            }
            [first, rest @ ..] => {
                for entry in rest {
                    let message = format!(
                        "a second storage driver; `{}` is chosen at {}",
                        first.key, first.origin
                    );
                    self.problem(entry, &join("storage", &entry.key), message);
                }
            }
        }
    }

    fn problem(&mut self, entry: &Entry, path: &str, message: String) {
        self.problems
            .push(Problem::new(&entry.origin, path, message));
    }
}

fn join(section: &str, name: &str) -> String {
    if section.is_empty() {
        name.to_owned()
    } else {
        format!("{section}.{name}")
    }
}

fn is_false(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar(text) if value::flag(text) == Some(false))
}

fn expected(kind: Kind) -> String {
    match kind {
        Kind::Text => "a text".to_owned(),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::Count => "a whole number from 0".to_owned(),
        Kind::Duration => "a length of time such as `30s` or `1h30m`".to_owned(),
        Kind::Texts => "a list of texts".to_owned(),
        Kind::OneOf([word]) => format!("`{word}`"),
        Kind::OneOf(words) => format!("one of {}", list(words)),
        Kind::Any => "anything".to_owned(),
    }
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// The name that was probably meant: separators and case do not count, and few letters may differ.
fn suggestion<'a>(given: &str, names: &[&'a str]) -> Option<&'a str> {
    let plain: String = given
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect::<String>()
        .to_lowercase();
    names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&plain, name), *name))
        .filter(|(distance, name)| *distance <= CLOSE.min(name.len() / 2))
        .min()
        .map(|(_, name)| name)
}
