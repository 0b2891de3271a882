//! What is said of a descriptor whose structure has problems: the checks look at the rest of it.
//!
//! Rule: all problems come in one run. A copy of the tree is mended first: a key or a value that was
//! probably meant takes the place of the misspelt one, a text gets its quotes, a key that means nothing
//! goes. Whatever else is broken takes with it the definition, the request or the route around it, and
//! nothing is said where one of those is mentioned. A misspelt `pathh` beside a `BLUB` that is no error
//! code gives two problems.
//!
//! Hazard: a problem that only follows from mending would send the author astray. So a descriptor that
//! cannot be mended in this way is not looked at any further.

use std::collections::BTreeSet;
use std::mem::discriminant;

use indexmap::IndexMap;

use super::structure;
use crate::diag::{Diagnostic, Diagnostics, Id, Place, Step};
use crate::source::{Entry, Node, Sources, Span, Value};

/// What becomes visible by mending is mended, too, so often.
const ROUNDS: usize = 8;

/// Problems, and names that are gone, after which nobody reads on.
const MOST: usize = 1000;

/// Characters of a text that is searched for names that are gone.
const LONGEST: usize = 256;

/// Maps of definitions that others mention by name only.
const DEFINITIONS: [&str; 7] = [
    "formats",
    "schemas",
    "errors",
    "envelopes",
    "responses",
    "security",
    "groups",
];

/// Those of them that are looked into where they are used.
const SHARED: [&str; 3] = ["formats", "schemas", "responses"];

/// Texts under `api` that nothing depends on.
const FREE: [&str; 3] = ["name", "title", "version"];

/// What the checks find in what is left when `problems` are taken out. Places are fixed, since they are
/// those of the mended tree.
pub(crate) fn check(sources: &Sources, problems: &Diagnostics) -> Vec<Diagnostic> {
    let Some((sources, lost)) = mend(sources, problems) else {
        return Vec::new();
    };
    let Ok(spec) = serde_yaml::from_value(sources.root().to_yaml()) else {
        return Vec::new();
    };
    let mut found = Diagnostics::new();
    super::check(&spec, &[], &mut found);
    let mut found = found.into_vec();
    found.truncate(MOST);
    found.retain(|problem| !follows(problem, &sources, &lost));
    for problem in &mut found {
        let labels = problem.labels.iter_mut().map(|label| &mut label.place);
        let suggestion = problem.suggestion.iter_mut().map(|one| &mut one.place);
        for place in labels.chain(suggestion) {
            *place = sources.span(place).into();
        }
    }
    found
}

/// Whether a problem may be there only because something was taken out.
fn follows(problem: &Diagnostic, sources: &Sources, lost: &Lost) -> bool {
    let is_of_the_whole = match problem.id {
        id if id.lint().is_some() => true,
        Id::MissingRejection => true,
        Id::BadEnvelope => !lost.names.is_empty(),
        Id::BadBehaviour | Id::BadExample | Id::BadValue => lost.has_shared,
        Id::MissingKey => lost.has_requests,
        Id::UnknownName => lost.has_unnamed,
        _ => false,
    };
    is_of_the_whole
        || problem.labels.first().is_some_and(|label| {
            let text = sources.slice(sources.span(&label.place));
            let text: String = text.chars().take(LONGEST).collect();
            let is_sign = |c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.');
            text.split(is_sign).any(|word| lost.names.contains(word))
        })
}

/// What mending has taken out.
#[derive(Default)]
struct Lost {
    names: BTreeSet<String>,
    /// There are definitions among it that are looked into where they are used.
    has_shared: bool,
    /// There are requests among it.
    has_requests: bool,
    /// There are requests among it whose operations nobody can read.
    has_unnamed: bool,
}

/// The mended tree, and what is gone; `None` where it cannot be mended.
fn mend(sources: &Sources, problems: &Diagnostics) -> Option<(Sources, Lost)> {
    if !sources.is_whole() || problems.len() >= MOST {
        return None;
    }
    let mut mended = Mended {
        sources: sources.clone(),
        lost: Lost::default(),
    };
    let mut problems = problems.clone();
    for _ in 0..ROUNDS {
        for problem in &problems {
            mended.mend(problem)?;
        }
        remove_marked(mended.sources.root_mut());
        problems = Diagnostics::new();
        structure::check(&mended.sources, &mut problems);
        if problems.is_empty() {
            let is_short = mended.lost.names.len() < MOST;
            return is_short.then_some((mended.sources, mended.lost));
        }
    }
    None
}

struct Mended {
    sources: Sources,
    lost: Lost,
}

impl Mended {
    /// Mends one problem, if what it is about has not gone already. `None` where that is not possible.
    fn mend(&mut self, problem: &Diagnostic) -> Option<()> {
        let at = match &problem.labels.first()?.place {
            Place::At(at) | Place::Word(at, _) => at.path.steps(),
            // Reading has left it out. What an anchor was to bring is not there.
            Place::Span(span) => {
                if problem.id == Id::KeyNotText {
                    self.lost.names.insert(self.sources.slice(*span).to_owned());
                }
                return (problem.id != Id::YamlFeature).then_some(());
            }
        };
        match (problem.id, problem.replacement()) {
            // Nobody knows what it was to define.
            (Id::UnknownKey, None) if at.len() == 1 => return None,
            (Id::UnknownKey | Id::ReservedKey, meant) => self.rename(at, meant),
            (Id::UnquotedText, _) => self.quote(at),
            (Id::UnknownValue | Id::BadText, Some(meant)) => {
                if let Some(node) = self.node(at) {
                    node.value = Value::Text(meant.to_owned());
                }
            }
            _ => match at {
                [] => self.invent(at, &["spec"], &Value::Number(1.into())),
                [Step::Key(key), ..] if key == "api" => {
                    self.invent(&at[..1], &FREE, &Value::Text("unknown".to_owned()));
                }
                _ => self.give_up(at, unit(at)?),
            },
        }
        Some(())
    }

    fn node(&mut self, at: &[Step]) -> Option<&mut Node> {
        self.sources.root_mut().at_mut(at)
    }

    fn entries(&mut self, at: &[Step]) -> Option<&mut IndexMap<String, Entry>> {
        match &mut self.node(at)?.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    fn quote(&mut self, at: &[Step]) {
        if let Some(span) = self.node(at).map(|node| node.span) {
            let text = self.sources.slice(span).to_owned();
            if let Some(node) = self.node(at) {
                node.value = Value::Text(text);
            }
        }
    }

    /// Takes a key away, and puts its value under the key that was meant.
    fn rename(&mut self, at: &[Step], meant: Option<&str>) {
        if let Some((Step::Key(key), around)) = at.split_last()
            && let Some(entries) = self.entries(around)
            && let Some(entry) = entries.swap_remove(key)
            && let Some(meant) = meant
        {
            entries.entry(meant.to_owned()).or_insert(entry);
        }
    }

    /// Gives a map what it must have and what nothing depends on, where that is missing or broken.
    fn invent(&mut self, at: &[Step], keys: &[&str], value: &Value) {
        let Some(entries) = self.entries(at) else {
            return;
        };
        for key in keys {
            let is_there = entries
                .get(*key)
                .is_some_and(|entry| discriminant(&entry.node.value) == discriminant(value));
            if !is_there {
                let node = Node {
                    span: Span::default(),
                    value: value.clone(),
                };
                let key_span = node.span;
                entries.insert(
                    (*key).to_owned(),
                    Entry {
                        key: key_span,
                        node,
                    },
                );
            }
        }
    }

    /// Marks the first `unit` steps to what is broken as lost.
    fn give_up(&mut self, at: &[Step], unit: usize) {
        let whole = &at[..unit];
        let Some(node) = self.node(whole).filter(|node| node.value != Value::Broken) else {
            return;
        };
        let mut names = operations(node);
        node.value = Value::Broken;
        if let [Step::Key(map), Step::Key(name)] = whole {
            names.push(name.clone());
            self.lost.has_shared |= SHARED.contains(&map.as_str());
        } else {
            self.lost.has_requests = true;
            // What the requests of a method are nobody knows where they are no list.
            self.lost.has_unnamed |= names.is_empty() || at.len() == 4;
        }
        self.lost.names.extend(names);
    }
}

/// How many steps lead to the smallest piece around a place that a descriptor can do without.
fn unit(at: &[Step]) -> Option<usize> {
    use Step::{Index, Key};
    match at {
        [Key(map), Key(_), ..] if DEFINITIONS.contains(&map.as_str()) => Some(2),
        [Key(routes), Index(_), Key(methods), Key(_), Index(_), ..]
            if routes == "routes" && methods == "methods" =>
        {
            Some(5)
        }
        [Key(routes), Index(_), ..] if routes == "routes" => Some(2),
        _ => None,
    }
}

/// The operations that requests in a node name.
fn operations(node: &Node) -> Vec<String> {
    let own = node.get("operation").and_then(Node::text);
    let within: Vec<&Node> = match &node.value {
        Value::List(items) => items.iter().collect(),
        Value::Map(entries) => entries.values().map(|entry| &entry.node).collect(),
        _ => Vec::new(),
    };
    let within = within.into_iter().flat_map(operations);
    own.map(str::to_owned).into_iter().chain(within).collect()
}

/// Takes out what is marked.
fn remove_marked(node: &mut Node) {
    match &mut node.value {
        Value::List(items) => {
            items.retain(|node| node.value != Value::Broken);
            items.iter_mut().for_each(remove_marked);
        }
        Value::Map(entries) => {
            entries.retain(|_, entry| entry.node.value != Value::Broken);
            entries
                .values_mut()
                .for_each(|entry| remove_marked(&mut entry.node));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Path;

    /// Of so many places one is broken; prime, so that places of all kinds are.
    const STEP: usize = 7;

    fn places(node: &Node, at: &Path, out: &mut Vec<Path>) {
        out.push(at.clone());
        match &node.value {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    places(item, &at.index(index), out);
                }
            }
            Value::Map(entries) => {
                for (key, entry) in entries {
                    places(&entry.node, &at.key(key), out);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn nothing_that_only_follows_from_a_problem_of_the_structure_is_told() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pass");
        let sound = Sources::read(&folder.join("everything.yaml"), &mut Diagnostics::new());
        let mut all = Vec::new();
        places(sound.root(), &Path::root(), &mut all);
        let mut broken = 0;
        for path in all.iter().step_by(STEP) {
            let mut sources = sound.clone();
            let node = sources.root_mut().at_mut(path.steps()).unwrap();
            node.value = match node.value {
                Value::List(_) => Value::Bool(true),
                _ => Value::List(Vec::new()),
            };
            let mut problems = Diagnostics::new();
            structure::check(&sources, &mut problems);
            if problems.has_errors() {
                broken += 1;
                let others = check(&sources, &problems);
                assert!(others.is_empty(), "{path}: {others:#?}");
            }
        }
        assert!(broken > 50, "{broken} of {}", all.len());
    }

    #[test]
    fn what_makes_no_sense_is_told_beside_what_is_misspelt() {
        let text = "spec: 1\napi: {titel: Toys, name: toys, version: 1.0, envelope: plane}\nerrors: {bad: {status: many, message: 1}, lost: {status: 404, message: '', detail: {schema: Toy}}}\n";
        let failure = crate::load_str("toys.yaml", text).unwrap_err();
        let ids: Vec<Id> = failure.problems.iter().map(|problem| problem.id).collect();
        let expected = [
            Id::UnknownKey,
            Id::UnquotedText,
            Id::UnknownName,
            Id::WrongType,
            Id::UnquotedText,
            Id::UnknownName,
        ];
        assert_eq!(ids, expected, "{failure}");
    }
}
