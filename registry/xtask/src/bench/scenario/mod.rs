//! What is measured: a case is a table, with a row for each server that takes part.

mod grow;
mod read;
mod tail;
mod write;

use super::Result;
use super::peer::Peer;
use super::stage::Stage;

/// What a column of a table holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) title: &'static str,
    /// Whether a column beside it compares the first of the table with that of the row.
    pub(super) compared: bool,
}

pub(super) const fn compared(title: &'static str) -> Column {
    Column {
        title,
        compared: true,
    }
}

pub(super) const fn alone(title: &'static str) -> Column {
    Column {
        title,
        compared: false,
    }
}

/// Takes one sample of one server: a value for each column.
pub(super) type Sample = Box<dyn Fn(&Stage<'_>, Peer) -> Result<Vec<f64>>>;

/// One table.
pub(super) struct Case<P = Peer, S = Sample> {
    /// How bars name it.
    pub(super) id: &'static str,
    /// How the command line names the scenario that it is part of.
    pub(super) scenario: &'static str,
    pub(super) title: &'static str,
    pub(super) columns: Vec<Column>,
    /// Who takes part; all are compared with the first.
    pub(super) peers: Vec<P>,
    pub(super) sample: S,
}

impl<P: Copy, S> Case<P, S> {
    pub(super) fn first(&self) -> Option<P> {
        self.peers.first().copied()
    }
}

/// Who is read from, and who is written to.
const READ: [Peer; 4] = [Peer::Ours, Peer::V3, Peer::Nginx, Peer::Zot];
const WRITTEN: [Peer; 4] = [Peer::Ours, Peer::OursNone, Peer::V3, Peer::Zot];
/// Who reads the directory that this registry wrote.
const SHARED: [Peer; 3] = [Peer::Ours, Peer::V3, Peer::Nginx];

/// The scenarios, as `--only` names them.
pub(super) const NAMES: &[&str] = &[
    "pull", "manifest", "blob", "connect", "tail", "push", "small", "memory", "growth", "tags",
];

/// All cases, in the order of the report.
pub(super) fn all() -> Vec<Case> {
    let mut cases = read::cases();
    cases.extend(tail::cases());
    cases.extend(write::cases());
    cases.extend(grow::cases());
    cases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_has_a_case_and_every_case_a_scenario_and_an_id_of_its_own() {
        let cases = all();
        for name in NAMES {
            assert!(cases.iter().any(|case| case.scenario == *name), "{name}");
        }
        for case in &cases {
            assert_eq!(case.first(), Some(Peer::Ours), "{}", case.id);
            assert!(NAMES.contains(&case.scenario), "{}", case.id);
            assert_eq!(cases.iter().filter(|other| other.id == case.id).count(), 1);
        }
    }
}
