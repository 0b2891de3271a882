//! The issues, in memory: what a database would be elsewhere. It knows nothing of HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api_runtime::server::Context;
use api_runtime::{DateTime, Etag, Invalid, Source};

use crate::types::*;

/// A tracker. Clones share its issues.
#[derive(Clone, Debug)]
pub struct Tracker {
    people: Arc<BTreeMap<Login, Person>>,
    labels: Arc<BTreeSet<Label>>,
    issues: Arc<Mutex<Issues>>,
    now: fn() -> DateTime,
}

/// All issues.
#[derive(Debug, Default)]
pub(crate) struct Issues {
    pub(crate) entries: BTreeMap<IssueNumber, Entry>,
    /// What was created by a key of a person: the request, and its answer.
    pub(crate) created: BTreeMap<(Login, IdempotencyKey), (NewIssue, CreateIssueCreated)>,
    last: u32,
}

/// An issue with what belongs to it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) issue: Issue,
    pub(crate) comments: Vec<Comment>,
    version: u64,
}

impl Tracker {
    /// A tracker for these people, with these labels and no issue. `now` is the clock.
    pub fn new(
        people: impl IntoIterator<Item = Person>,
        labels: &[&str],
        now: fn() -> DateTime,
    ) -> Result<Self, Invalid> {
        let labels = labels
            .iter()
            .map(|label| Label::parse(label))
            .collect::<Result<_, _>>()?;
        let people = people
            .into_iter()
            .map(|person| (person.login.clone(), person))
            .collect();
        Ok(Self {
            people: Arc::new(people),
            labels: Arc::new(labels),
            issues: Arc::default(),
            now,
        })
    }

    /// The issues, for one caller at a time.
    pub(crate) fn issues(&self) -> MutexGuard<'_, Issues> {
        self.issues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What time it is.
    pub(crate) fn now(&self) -> DateTime {
        (self.now)()
    }

    /// The person of this name.
    pub(crate) fn person(&self, login: &Login) -> Result<Person, UnknownPerson> {
        let unknown = || UnknownPerson {
            login: login.clone(),
        };
        self.people.get(login).cloned().ok_or_else(unknown)
    }

    /// Says of all labels at once which ones this tracker does not have. The error is the operation's own.
    pub(crate) fn known<E>(&self, labels: &[Label]) -> Result<(), E>
    where
        E: From<api_runtime::NonEmpty<UnknownLabel>>,
    {
        let unknown = labels.iter().filter(|label| !self.labels.contains(*label));
        let unknown: Vec<_> = unknown
            .map(|label| UnknownLabel {
                label: label.clone(),
            })
            .collect();
        match unknown.try_into() {
            Ok(unknown) => Err(E::from(unknown)),
            Err(api_runtime::Empty) => Ok(()),
        }
    }
}

impl Issues {
    /// The issue of this number.
    pub(crate) fn entry(&mut self, number: IssueNumber) -> Result<&mut Entry, IssueNotFound> {
        self.entries
            .get_mut(&number)
            .ok_or(IssueNotFound { number })
    }

    /// The number of the next issue.
    pub(crate) fn next_number(&mut self) -> Result<IssueNumber, Source> {
        self.last += 1;
        Ok(IssueNumber::new(self.last)?)
    }

    /// Adds an issue.
    pub(crate) fn add(&mut self, issue: Issue) -> &Entry {
        let entry = Entry {
            issue,
            comments: Vec::new(),
            version: 1,
        };
        self.entries
            .entry(entry.issue.number)
            .insert_entry(entry)
            .into_mut()
    }
}

impl Entry {
    /// The version of the issue, as clients know it.
    pub(crate) fn etag(&self) -> Etag {
        Etag::strong(format!("{}-{}", self.issue.number, self.version))
            .expect("two numbers are a tag")
    }

    /// Counts a change.
    pub(crate) fn changed(&mut self, now: DateTime) {
        self.issue.updated = now;
        self.version += 1;
    }
}

/// Who calls: whom `Tokens` has let in.
pub(crate) fn caller(cx: &Context) -> Result<Person, Source> {
    cx.grant
        .get()
        .cloned()
        .ok_or_else(|| Source::new("there is no person in the grant"))
}
