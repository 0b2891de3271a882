//! What has changed between two descriptors, and whom it breaks.
//!
//! Two resolved models are compared, never their texts. A change is told by one of the [`Rule`]s, where it
//! was found, and with the messages that show the break. What both sides name alike is compared under its
//! name: a schema that twenty operations use changes once for requests and once for answers.
//!
//! The law behind the rules: fewer values in a request break old clients, more values in an answer do;
//! the other way round they break old servers. The way back of a change is told by the reverse rules.

mod behaviours;
mod bodies;
mod code;
mod exchange;
mod fields;
mod operations;
mod relation;
mod render;
mod responses;
mod rules;
mod scene;
mod texts;
mod types;

use std::collections::BTreeSet;

use crate::model::Api;
pub use render::{human, json, reference};
pub use rules::{Audience, Rule};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What kind of change it is.
    pub rule: Rule,
    /// What has changed: an operation, a schema, a format. Several where they have it in common.
    pub owners: Vec<String>,
    /// Which part of it; empty for the whole.
    pub part: String,
    /// What exactly; may be empty.
    pub detail: String,
    /// For each side that breaks, messages that show it.
    pub exchanges: Vec<Exchange>,
}

/// Messages that show how a change breaks somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Whom.
    pub breaks: Audience,
    /// The request, as a client writes it that does not know of the change, or knows it alone.
    pub request: String,
    /// The answer.
    pub response: String,
}

impl Change {
    /// Whether it breaks one of these.
    pub fn breaks(&self, audiences: &[Audience]) -> bool {
        self.rule
            .breaks()
            .iter()
            .any(|audience| audiences.contains(audience))
    }

    /// Where it is, in one line.
    pub fn place(&self) -> String {
        let owners = self.owners.join("; ");
        if self.part.is_empty() {
            owners
        } else {
            format!("{owners}: {}", self.part)
        }
    }
}

/// All changes from one descriptor to another: breaking ones first, of these those that break clients,
/// in the order of the rules and then of the descriptor.
pub fn compare(old: &Api, new: &Api) -> Vec<Change> {
    let mut comparison = scene::Comparison {
        old,
        new,
        changes: Vec::new(),
        seen_schemas: BTreeSet::new(),
        seen_formats: BTreeSet::new(),
        seen_codes: BTreeSet::new(),
    };
    comparison.head();
    comparison.operations();
    comparison.code();
    comparison.texts();
    let mut changes = comparison.changes;
    let rank = |rule: Rule| {
        rule.breaks()
            .first()
            .map_or(Audience::ALL.len(), |first| *first as usize)
    };
    changes.sort_by_key(|change| (rank(change.rule), change.rule));
    changes
}
