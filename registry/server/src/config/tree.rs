//! A YAML document as a tree that remembers where everything came from.
//!
//! Scalars keep their text: what `5000` or `yes` means depends on the key, and `read` decides. The
//! events of the parser are taken one by one, so that duplicate keys are all reported, and depth and
//! the growth through aliases are bounded (a deep tree would overflow the stack when it is dropped).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::problem::Problem;

const DEEPEST: usize = 64;
const MOST_NODES: usize = 100_000;

/// A text that configuration is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    File(Arc<str>),
    Default,
    Variable(Arc<str>),
}

impl Source {
    pub(super) fn file(name: String) -> Self {
        Self::File(name.into())
    }

    pub(super) fn variable(name: &str) -> Self {
        Self::Variable(name.into())
    }

    pub(super) fn default_configuration() -> Self {
        Self::Default
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name) | Self::Variable(name) => f.write_str(name),
            Self::Default => f.write_str("built-in configuration"),
        }
    }
}

/// A place in a source; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    source: Source,
    line: usize,
    column: usize,
}

impl Origin {
    pub(super) fn of_variable(name: &str) -> Self {
        Self {
            source: Source::variable(name),
            line: 1,
            column: 1,
        }
    }

    fn at(source: &Source, span: &Span) -> Self {
        Self {
            source: source.clone(),
            line: span.start.line(),
            column: span.start.col() + 1,
        }
    }

    pub(super) fn is_default(&self) -> bool {
        self.source == Source::Default
    }

    pub(super) fn line(&self) -> Option<usize> {
        match self.source {
            Source::Variable(_) => None,
            Source::File(_) | Source::Default => Some(self.line),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Variable(name) => f.write_str(name),
            source => write!(f, "{source}:{}:{}", self.line, self.column),
        }
    }
}

/// One value of the document.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) origin: Origin,
    pub(super) value: Value,
}

/// What a node holds.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Nothing, `~` or `null`: as if the key were not there.
    Null,
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) origin: Origin,
    pub(super) node: Node,
}

impl Node {
    pub(super) fn null(origin: &Origin) -> Self {
        Self {
            origin: origin.clone(),
            value: Value::Null,
        }
    }

    pub(super) fn scalar(origin: &Origin, text: &str) -> Self {
        Self {
            origin: origin.clone(),
            value: Value::Scalar(text.to_owned()),
        }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The node at a path of keys joined by dots; a null counts as absent.
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        let found = path
            .split('.')
            .try_fold(self, |node, key| node.get(key).map(|entry| &entry.node))?;
        (!matches!(found.value, Value::Null)).then_some(found)
    }

    /// The entries as they may be changed; anything that is no mapping becomes an empty one first.
    pub(super) fn entries_mut(&mut self) -> &mut Vec<Entry> {
        if !matches!(self.value, Value::Map(_)) {
            self.value = Value::Map(Vec::new());
        }
        match &mut self.value {
            Value::Map(entries) => entries,
            _ => unreachable!("a mapping was put there above"),
        }
    }

    /// Nothing, or a collection that holds nothing but nothing.
    pub(super) fn is_empty(&self) -> bool {
        match &self.value {
            Value::Null => true,
            Value::Scalar(text) => text.is_empty(),
            Value::List(items) => items.is_empty(),
            Value::Map(entries) => entries.iter().all(|entry| entry.node.is_empty()),
        }
    }

    /// Parses one YAML document; the problems are syntax and duplicate keys.
    pub(super) fn parse(text: &str, source: &Source) -> Result<Self, Vec<Problem>> {
        let mut builder = Builder::new(source);
        for event in Parser::new_from_str(text) {
            match event {
                Ok((event, span)) => builder.take(event, &span),
                Err(error) => {
                    let marker = *error.marker();
                    let origin = Origin::at(source, &Span::new(marker, marker));
                    let message = format!("not YAML: {}", error.info());
                    builder.problems.push(Problem::new(&origin, "", message));
                    builder.broken = true;
                }
            }
            if builder.broken {
                break;
            }
        }
        builder.finish()
    }
}

/// A collection that is not closed yet.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<(String, Origin)>,
}

struct Builder<'a> {
    source: &'a Source,
    open: Vec<Open>,
    root: Option<Node>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    documents: usize,
    problems: Vec<Problem>,
    broken: bool,
}

impl<'a> Builder<'a> {
    fn new(source: &'a Source) -> Self {
        Self {
            source,
            open: Vec::new(),
            root: None,
            anchors: BTreeMap::new(),
            nodes: 0,
            documents: 0,
            problems: Vec::new(),
            broken: false,
        }
    }

    fn take(&mut self, event: Event<'_>, span: &Span) {
        let origin = Origin::at(self.source, span);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.fail(&origin, "a second document; a configuration is one");
                }
            }
            Event::Scalar(text, style, anchor, _) => {
                let value = match style {
                    ScalarStyle::Plain if matches!(&*text, "" | "~" | "null" | "Null" | "NULL") => {
                        Value::Null
                    }
                    _ => Value::Scalar(text.into_owned()),
                };
                self.close(Node { origin, value }, anchor);
            }
            Event::SequenceStart(anchor, _) => self.open(origin, Value::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => self.open(origin, Value::Map(Vec::new()), anchor),
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.close(open.node, open.anchor);
                }
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(node) => self.close(node, 0),
                None => self.fail(&origin, "an alias of something that is not complete"),
            },
            _ => {}
        }
    }

    fn open(&mut self, origin: Origin, value: Value, anchor: usize) {
        if self.open.len() == DEEPEST {
            return self.fail(&origin, "nested too deeply");
        }
        self.open.push(Open {
            node: Node { origin, value },
            anchor,
            key: None,
        });
    }

    /// Puts a complete node where it belongs: into the list or mapping that is open, or at the root.
    fn close(&mut self, node: Node, anchor: usize) {
        self.nodes += count(&node);
        if self.nodes > MOST_NODES {
            return self.fail(&node.origin, "too large");
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut parent.node.value {
            Value::List(items) => items.push(node),
            Value::Map(entries) => match parent.key.take() {
                Some((key, origin)) => {
                    if let Some(first) = entries.iter().find(|entry| entry.key == key) {
                        let place = first.origin.line;
                        let message = format!("the key stands here again, first in line {place}");
                        self.problems.push(Problem::new(&origin, &key, message));
                    } else {
                        entries.push(Entry { key, origin, node });
                    }
                }
                None => match node.value {
                    Value::Scalar(text) => parent.key = Some((text, node.origin)),
                    Value::Null => parent.key = Some(("null".to_owned(), node.origin)),
                    _ => self.fail(&node.origin, "a key is text, not a collection"),
                },
            },
            Value::Null | Value::Scalar(_) => unreachable!("only collections are opened"),
        }
    }

    fn fail(&mut self, origin: &Origin, message: &str) {
        self.problems.push(Problem::new(origin, "", message));
        self.broken = true;
    }

    fn finish(self) -> Result<Node, Vec<Problem>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        Ok(self.root.unwrap_or_else(|| Node {
            origin: Origin {
                source: self.source.clone(),
                line: 1,
                column: 1,
            },
            value: Value::Null,
        }))
    }
}

/// The size of a node. Its parts were counted as they were closed, so a deep tree counts for more than
/// a flat one, and a tree of aliases for what it unfolds to: all that matters to a bound.
fn count(node: &Node) -> usize {
    match &node.value {
        Value::Null | Value::Scalar(_) => 1,
        Value::List(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|e| count(&e.node)).sum::<usize>(),
    }
}
