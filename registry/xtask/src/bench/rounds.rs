//! Rounds and what comes of them: medians, spreads, and ratios of what was sampled in the same round.

use std::fmt::Debug;

use super::Result;
use super::load::median;
use super::peer::Peer;
use super::scenario::{Case, Sample};

/// Who has a row in a table.
pub(super) trait Entrant: Copy + Debug + PartialEq {
    /// The head of the column with their names.
    const KIND: &'static str;

    /// How tables call it.
    fn title(self) -> &'static str;
}

/// The order of the servers in a round: A B C, then C B A, so that what drifts favours nobody.
pub(super) fn order<P: Entrant>(peers: &[P], round: usize) -> Vec<P> {
    let mut order = peers.to_vec();
    if round % 2 == 1 {
        order.reverse();
    }
    order
}

/// The samples of one case: of each server a list, a sample for each round.
pub(super) struct Table<P = Peer, S = Sample> {
    pub(super) case: Case<P, S>,
    samples: Vec<(P, Vec<Vec<f64>>)>,
}

/// Samples of all who take part, in rounds; `sample` takes one.
pub(super) fn fill<P: Entrant, S>(
    case: Case<P, S>,
    taking_part: &[P],
    rounds: usize,
    sample: impl Fn(&S, P) -> Result<Vec<f64>>,
    progress: &mut dyn FnMut(&str),
) -> Result<Table<P, S>> {
    let mut table = Table::new(case);
    for round in 0..rounds {
        for peer in order(taking_part, round) {
            let sample = sample(&table.case.sample, peer)
                .map_err(|error| format!("{}, {}: {error}", table.case.id, peer.title()))?;
            let shown: Vec<String> = sample.iter().map(|value| format!("{value:.3}")).collect();
            progress(&format!("  {}: {}", peer.title(), shown.join("  ")));
            table.add(peer, sample);
        }
    }
    Ok(table)
}

/// The middle of some values, and their ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Summary {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl<P: Entrant, S> Table<P, S> {
    pub(super) fn new(case: Case<P, S>) -> Self {
        Self {
            case,
            samples: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, peer: P, sample: Vec<f64>) {
        match self.samples.iter_mut().find(|(of, _)| *of == peer) {
            Some((_, samples)) => samples.push(sample),
            None => self.samples.push((peer, vec![sample])),
        }
    }

    /// Who took part, in the order of the case.
    pub(super) fn peers(&self) -> impl Iterator<Item = P> {
        let took_part = |peer: &&P| self.samples.iter().any(|(of, _)| of == *peer);
        self.case.peers.iter().filter(took_part).copied()
    }

    fn values(&self, peer: P, column: usize) -> Vec<f64> {
        let of_peer = self.samples.iter().filter(|(of, _)| *of == peer);
        of_peer
            .flat_map(|(_, samples)| samples)
            .filter_map(|sample| sample.get(column).copied())
            .collect()
    }

    pub(super) fn summary(&self, peer: P, column: usize) -> Option<Summary> {
        let values = self.values(peer, column);
        Some(Summary {
            median: median(&values)?,
            least: values.iter().copied().reduce(f64::min)?,
            most: values.iter().copied().reduce(f64::max)?,
        })
    }

    /// The first of the case to `peer`: the median of the ratios of each round. What disturbed a whole
    /// round falls out of it.
    pub(super) fn ratio(&self, peer: P, column: usize) -> Option<f64> {
        let ours = self.values(self.case.first()?, column);
        let theirs = self.values(peer, column);
        let ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| a / b).collect();
        median(&ratios)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::scenario;

    #[test]
    fn rounds_go_forth_and_back() {
        let peers = [Peer::Ours, Peer::V3, Peer::Nginx];
        assert_eq!(order(&peers, 0), peers);
        assert_eq!(order(&peers, 1), [Peer::Nginx, Peer::V3, Peer::Ours]);
        assert_eq!(order(&peers, 2), peers);
    }

    #[test]
    fn a_ratio_is_taken_within_rounds() {
        let mut table = Table::new(scenario::all().remove(0));
        // The second round was disturbed as a whole: both were slow.
        for (ours, theirs) in [(10.0, 5.0), (2.0, 1.0), (12.0, 6.0)] {
            table.add(Peer::Ours, vec![ours]);
            table.add(Peer::Nginx, vec![theirs]);
        }
        assert_eq!(table.ratio(Peer::Nginx, 0), Some(2.0));
        let summary = table.summary(Peer::Ours, 0).unwrap();
        assert_eq!(
            (summary.least, summary.median, summary.most),
            (2.0, 10.0, 12.0)
        );
        assert_eq!(table.ratio(Peer::V3, 0), None);
        assert_eq!(table.summary(Peer::Ours, 1), None);
        assert_eq!(table.peers().collect::<Vec<_>>(), [Peer::Ours, Peer::Nginx]);
    }
}
