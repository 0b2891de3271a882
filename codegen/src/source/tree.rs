//! The tree that YAML is parsed to: every value and every key with its place.

use indexmap::IndexMap;

use super::Span;
use crate::diag::{Path, Step};

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(serde_yaml::Number),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file.
    Map(IndexMap<String, Entry>),
    /// Something whose problem is already reported, so that no other follows from it.
    Broken,
}

/// Value of a map, with the place of its key.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where the key stands.
    pub key: Span,
    /// What stands under it.
    pub node: Node,
}

impl Node {
    /// The value under `key`, where this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The entry under `key`, where this is a map that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(entries) => entries.get(key),
            _ => None,
        }
    }

    /// The text, where this is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value one step further in.
    pub fn step(&self, step: &Step) -> Option<&Self> {
        match (step, &self.value) {
            (Step::Key(key), _) => self.get(key),
            (Step::Index(index), Value::List(items)) => items.get(*index),
            _ => None,
        }
    }

    /// The value at `path`, where there is one.
    pub fn at(&self, path: &Path) -> Option<&Self> {
        path.steps().iter().try_fold(self, Self::step)
    }

    /// As [`Node::at`], to be changed.
    pub(crate) fn at_mut(&mut self, steps: &[Step]) -> Option<&mut Self> {
        steps
            .iter()
            .try_fold(self, |node, step| match (step, &mut node.value) {
                (Step::Key(key), Value::Map(entries)) => {
                    entries.get_mut(key).map(|entry| &mut entry.node)
                }
                (Step::Index(index), Value::List(items)) => items.get_mut(*index),
                _ => None,
            })
    }

    /// The same without places, as serde reads it.
    pub fn to_yaml(&self) -> serde_yaml::Value {
        match &self.value {
            Value::Null | Value::Broken => serde_yaml::Value::Null,
            Value::Bool(value) => serde_yaml::Value::Bool(*value),
            Value::Number(number) => serde_yaml::Value::Number(number.clone()),
            Value::Text(text) => serde_yaml::Value::String(text.clone()),
            Value::List(items) => {
                serde_yaml::Value::Sequence(items.iter().map(Self::to_yaml).collect())
            }
            Value::Map(entries) => {
                let pairs = entries
                    .iter()
                    .map(|(key, entry)| (key.clone().into(), entry.node.to_yaml()));
                serde_yaml::Value::Mapping(pairs.collect())
            }
        }
    }
}
