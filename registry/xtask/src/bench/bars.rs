//! The bars: what a run must show for this registry to be as fast as it claims.
//!
//! Nearly all are ratios within one run, as absolute numbers belong to a machine. They are reported,
//! never enforced: no test and no CI step depends on a time.

use super::peer::Peer;
use super::rounds::{Entrant, Table};

/// A bar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar<P = Peer> {
    /// Which column of which table.
    pub(super) case: &'static str,
    pub(super) column: usize,
    pub(super) of: Of<P>,
    pub(super) limit: Limit,
}

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of<P = Peer> {
    /// The first of the table to another.
    To(P),
    /// The value of one.
    At(P),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

use Limit::{AtLeast, AtMost};
use Of::{At, To};

const fn bar(case: &'static str, column: usize, of: Of, limit: Limit) -> Bar {
    Bar {
        case,
        column,
        of,
        limit,
    }
}

/// All bars, in the order of the tables.
pub(super) const BARS: &[Bar] = &[
    bar("pull-1", 0, To(Peer::Nginx), AtLeast(1.0)),
    bar("pull-8", 0, To(Peer::Nginx), AtLeast(1.15)),
    bar("pull-8", 1, To(Peer::Nginx), AtMost(0.9)),
    bar("pull-8", 0, To(Peer::V3), AtLeast(2.3)),
    bar("pull-8", 1, To(Peer::V3), AtMost(0.35)),
    // These are for bytes from memory with links that are looked up in the storage for each request, as it
    // is done here; with both in memory they would be 9, 0.07 and 1.1. HEAD looks up the same links as GET
    // and has the same bar: the prototype that reached 0.07 with it had the tag in memory.
    bar("manifest-get-tag", 0, To(Peer::V3), AtLeast(6.0)),
    bar("manifest-get-tag", 1, To(Peer::V3), AtMost(0.11)),
    bar("manifest-get-tag", 1, To(Peer::Nginx), AtMost(1.8)),
    bar("manifest-head-tag", 1, To(Peer::V3), AtMost(0.11)),
    bar("blob-4k", 0, To(Peer::V3), AtLeast(25.0)),
    bar("blob-4k", 0, To(Peer::Nginx), AtLeast(0.6)),
    bar("tail-warm", 0, To(Peer::V3), AtMost(0.15)),
    bar("tail-warm", 1, To(Peer::V3), AtMost(0.25)),
    bar("tail-cold", 1, To(Peer::V3), AtMost(0.5)),
    bar("push-1", 0, To(Peer::V3), AtLeast(1.9)),
    bar("push-1", 1, To(Peer::V3), AtMost(0.75)),
    bar("push-1", 0, To(Peer::OursNone), AtLeast(0.85)),
    bar("push-4", 0, To(Peer::V3), AtLeast(1.5)),
    bar("push-chunks", 0, To(Peer::V3), AtLeast(1.7)),
    bar("small-4", 0, To(Peer::V3), AtLeast(3.5)),
    bar("small-64", 0, To(Peer::V3), AtLeast(6.0)),
    bar("memory", 0, At(Peer::Ours), AtMost(15.0)),
    bar("memory", 4, At(Peer::Ours), AtMost(8.0)),
    bar("tags", 1, At(Peer::Ours), AtMost(10.0)),
];

/// What a run says of a bar.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    pub(super) what: String,
    pub(super) value: f64,
    pub(super) limit: String,
    pub(super) reached: bool,
}

/// Judges a bar by the tables of a run; a bar whose table or servers were left out is not judged.
pub(super) fn judge<P: Entrant, S>(bar: &Bar<P>, tables: &[Table<P, S>]) -> Option<Verdict> {
    let table = tables.iter().find(|table| table.case.id == bar.case)?;
    let column = table.case.columns.get(bar.column)?.title;
    let (value, to) = match bar.of {
        To(peer) => (
            table.ratio(peer, bar.column)?,
            format!(", to {}", peer.title()),
        ),
        At(peer) => {
            let of = match table.case.first() {
                Some(first) if first == peer => String::new(),
                _ => format!(", {}", peer.title()),
            };
            (table.summary(peer, bar.column)?.median, of)
        }
    };
    let sign = if matches!(bar.of, To(_)) { "x" } else { "" };
    let (limit, reached) = match bar.limit {
        AtLeast(limit) => (format!(">= {sign}{limit}"), value >= limit),
        AtMost(limit) => (format!("<= {sign}{limit}"), value <= limit),
    };
    Some(Verdict {
        what: format!("{}: {column}{to}", table.case.title),
        value,
        limit,
        reached,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::scenario;

    #[test]
    fn every_bar_names_a_column_that_is_there_and_a_server_that_takes_part() {
        let cases = scenario::all();
        for bar in BARS {
            let case = cases.iter().find(|case| case.id == bar.case);
            let case = case.unwrap_or_else(|| panic!("{bar:?}"));
            assert!(bar.column < case.columns.len(), "{bar:?}");
            if let To(peer) = bar.of {
                assert!(case.peers.contains(&peer), "{bar:?}");
            }
        }
    }

    #[test]
    fn a_bar_is_judged_by_the_ratio_and_left_out_where_a_server_is_missing() {
        let mut table = Table::new(scenario::all().remove(0));
        for (ours, nginx) in [(2.0, 1.0), (3.0, 1.0), (4.0, 1.0)] {
            table.add(Peer::Ours, vec![ours, 1.0]);
            table.add(Peer::Nginx, vec![nginx, 1.0]);
        }
        let tables = [table];
        let at = |limit| judge(&bar("pull-1", 0, To(Peer::Nginx), limit), &tables).unwrap();
        assert!(at(AtLeast(3.0)).reached && !at(AtLeast(3.1)).reached);
        assert!(at(AtMost(3.0)).reached && !at(AtMost(2.9)).reached);
        assert_eq!(
            judge(&bar("pull-1", 0, To(Peer::V3), AtLeast(1.0)), &tables),
            None
        );
        assert_eq!(
            judge(&bar("pull-8", 0, To(Peer::Nginx), AtLeast(1.0)), &tables),
            None
        );
    }
}
