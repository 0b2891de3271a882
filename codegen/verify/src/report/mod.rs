//! What was found, and how it is told: to people, as JSON, and for programs that read `junit.xml`.

mod human;
mod json;
mod junit;

use api_codegen::model::{Api, Operation};

use crate::kind::Kind;
use crate::run::Options;

pub use human::human;
pub use json::json;
pub use junit::junit;

/// What the tests of a server found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Title of the API.
    pub title: String,
    /// Version of the API.
    pub version: String,
    /// How many requests were sent.
    pub requests: usize,
    /// What was seen of each operation that was asked for.
    pub operations: Vec<Seen>,
    /// How many answers said that the caller is not known or may not.
    pub denied: usize,
    /// Why not all was tried.
    pub stopped: Option<String>,
    /// What is wrong, in the order in which it was found.
    pub deviations: Vec<Deviation>,
}

/// What was seen of an operation.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// How many requests of it were sent.
    pub requests: usize,
    /// Whether one of them had success.
    pub succeeded: bool,
}

/// An answer that is not as declared.
#[derive(Clone, Debug)]
pub struct Deviation {
    /// What is wrong.
    pub kind: Kind,
    /// Of which operation; none where the path or the method is of none.
    pub operation: Option<String>,
    /// Method of the request.
    pub method: String,
    /// Template of its route; `(no route)` where it has none.
    pub path: String,
    /// What the request was about.
    pub about: String,
    /// The request.
    pub request: String,
    /// What would be right.
    pub expected: String,
    /// What is wrong with the request, where that is why something else would be right.
    pub reason: String,
    /// What came.
    pub got: String,
}

impl Report {
    pub(crate) fn new(api: &Api, options: &Options) -> Self {
        let wanted = |operation: &&Operation| {
            options.only.is_empty() || options.only.contains(&operation.name)
        };
        let operations = api.operations.iter().filter(wanted).map(|operation| Seen {
            name: operation.name.clone(),
            requests: 0,
            succeeded: false,
        });
        Self {
            title: api.title.clone(),
            version: api.version.clone(),
            requests: 0,
            operations: operations.collect(),
            denied: 0,
            stopped: None,
            deviations: Vec::new(),
        }
    }

    /// Counts a request, and its answer where there is one.
    pub(crate) fn count(&mut self, operation: Option<&Operation>, status: Option<u16>) {
        self.requests += 1;
        let Some(operation) = operation else { return };
        let seen = self
            .operations
            .iter_mut()
            .find(|seen| seen.name == operation.name);
        if let Some(seen) = seen {
            seen.requests += 1;
            seen.succeeded |= status.is_some_and(|status| (200..400).contains(&status));
        }
    }

    /// The deviations that are alike, together: where they are, what is wrong, what would be right. Each
    /// group begins with the first of them.
    pub fn groups(&self) -> Vec<Vec<&Deviation>> {
        let mut groups: Vec<Vec<&Deviation>> = Vec::new();
        for deviation in &self.deviations {
            let is_alike = |group: &&mut Vec<&Deviation>| {
                group.first().is_some_and(|first| first.is_like(deviation))
            };
            match groups.iter_mut().find(is_alike) {
                Some(group) => group.push(deviation),
                None => groups.push(vec![deviation]),
            }
        }
        groups
    }

    /// The operations of which no request had success, so that little could be asked.
    pub fn unseen(&self) -> Vec<&str> {
        let unseen = self.operations.iter().filter(|seen| !seen.succeeded);
        unseen.map(|seen| seen.name.as_str()).collect()
    }
}

impl Deviation {
    /// Method and path, and the operation where it is one.
    pub fn place(&self) -> String {
        match &self.operation {
            Some(operation) => format!("{} {} ({operation})", self.method, self.path),
            None => format!("{} {}", self.method, self.path),
        }
    }

    /// What would be right, and why.
    pub fn wanted(&self) -> String {
        if self.reason.is_empty() {
            return self.expected.clone();
        }
        format!("{} ({})", self.expected, self.reason)
    }

    fn is_like(&self, other: &Self) -> bool {
        let key = |one: &Self| {
            (
                one.kind,
                one.operation.clone(),
                one.method.clone(),
                one.path.clone(),
                one.expected.clone(),
            )
        };
        key(self) == key(other)
    }
}
