//! `cargo xtask bench-codegen`: how fast the generator is, and what it generates.
//!
//! Rounds, tables and bars are those of the benchmark of the registry; a table of its own says what is
//! generated (`generate`), what it costs to find a route (`lookup`), to pass a generated router
//! (`dispatch`) and to check generated code (`check`). Hazard: as beside, only where nothing else runs.

mod check;
mod dispatch;
mod generate;
mod large;
mod lookup;
mod oneself;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::bars::Bar;
use super::options::{Common, wants};
use super::rounds::{self, Entrant, Table};
use super::scenario::Case;
use super::{Result, clock, facts, report, target};

/// The markers in the document name it.
const COMMAND: &str = "cargo xtask bench-codegen";

/// What is measured, and how often.
#[derive(Debug, Clone, Args)]
pub struct Options {
    #[command(flatten)]
    common: Common,
    /// Only these tables
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(NAMES))]
    only: Vec<String>,
}

/// What has a row, by its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Subject(&'static str);

impl Entrant for Subject {
    const KIND: &'static str = "what";

    fn title(self) -> &'static str {
        self.0
    }
}

/// How a table is filled.
struct Sample {
    /// Takes one of one subject: a value for each column.
    take: Box<dyn Fn(Subject) -> Result<Vec<f64>>>,
    /// How many of each subject a round has. Many short ones in turn are disturbed alike, where what disturbs
    /// changes from second to second.
    turns: usize,
}

impl Sample {
    /// One of each subject a round.
    fn new(take: impl Fn(Subject) -> Result<Vec<f64>> + 'static) -> Self {
        let take = Box::new(take);
        Self { take, turns: 1 }
    }

    fn in_turns(self, turns: usize) -> Self {
        Self { turns, ..self }
    }
}

type Measured = Case<Subject, Sample>;

/// Where things are, and how much of everything is done for a sample.
#[derive(Debug, Clone)]
struct Stage {
    /// The top of the tree.
    top: PathBuf,
    /// A folder of this benchmark's own.
    folder: PathBuf,
    quick: bool,
}

impl Stage {
    /// `full` of something, or few where the numbers do not matter.
    fn times(&self, full: usize) -> usize {
        if self.quick { full.div_ceil(100) } else { full }
    }
}

/// The tables, as `--only` names them.
const NAMES: &[&str] = &["generate", "route", "dispatch", "check"];

/// All cases, in the order of the report.
fn all(stage: &Stage) -> Vec<Measured> {
    let mut cases = generate::cases(stage);
    cases.push(lookup::case(stage));
    cases.extend(dispatch::cases(stage));
    cases.push(check::case(stage));
    cases
}

/// All bars, in the order of the tables.
fn bars() -> Vec<Bar<Subject>> {
    let mut bars = generate::bars();
    bars.extend(lookup::bars());
    bars.extend(dispatch::bars());
    bars.extend(check::bars());
    bars
}

/// Runs the benchmark and gives its report. What happens meanwhile is told to `progress`.
pub fn run(top: &Path, options: &Options, progress: &mut dyn FnMut(&str)) -> Result<String> {
    let stage = Stage {
        top: top.to_owned(),
        folder: target()?.join("bench-codegen"),
        quick: options.common.quick,
    };
    fs::create_dir_all(&stage.folder)?;
    let Options { common, only } = options;
    let facts = facts::collect(top, &common.command(COMMAND, &[("--only", only)]), None);
    let start = clock::now();
    let mut tables: Vec<Table<Subject, Sample>> = Vec::new();
    for case in all(&stage) {
        if wants(only, case.scenario) {
            progress(case.id);
            let peers = case.peers.clone();
            let rounds = common.rounds() * case.sample.turns;
            let sample = |of: &Sample, subject| (of.take)(subject);
            let table = rounds::fill(case, &peers, rounds, sample, progress)?;
            tables.push(table);
        }
    }
    let took = start.elapsed().as_secs().div_ceil(60);
    let facts = [facts, vec![("it took", format!("{took} min"))]].concat();
    let report = report::report(&facts, &tables, &bars());
    common.write(COMMAND, &report)?;
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::super::bars::Of;
    use super::*;

    fn stage() -> Stage {
        Stage {
            top: crate::tidy::root(),
            folder: PathBuf::new(),
            quick: true,
        }
    }

    #[test]
    fn every_name_has_a_case_and_every_bar_names_a_column_and_a_row_that_are_there() {
        let cases = all(&stage());
        for name in NAMES {
            assert!(cases.iter().any(|case| case.scenario == *name), "{name}");
        }
        for bar in bars() {
            let case = cases.iter().find(|case| case.id == bar.case);
            let case = case.unwrap_or_else(|| panic!("{bar:?}"));
            assert!(bar.column < case.columns.len(), "{bar:?}");
            let (Of::To(subject) | Of::At(subject)) = bar.of;
            assert!(case.peers.contains(&subject), "{bar:?}");
        }
    }

    #[test]
    fn the_tables_that_need_no_other_program_can_be_taken() {
        for case in all(&stage()) {
            if case.id == "lookup" || case.id == "dispatch-process" {
                for peer in &case.peers {
                    let sample = (case.sample.take)(*peer).unwrap();
                    assert_eq!(sample.len(), case.columns.len(), "{}", case.id);
                }
            }
        }
    }
}
