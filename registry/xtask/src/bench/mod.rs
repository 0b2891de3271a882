//! `cargo xtask bench`: how fast this registry is next to its peers.
//!
//! One run on one page: programs (`tools`), content and servers (`stage`, `data`, `peer`), then each case
//! of `scenario` in interleaved rounds (`rounds`), and the tables (`report`) with the bars (`bars`).
//! `docs/performance.md` says what the numbers mean. `codegen` measures the generator in the same way. Hazard: load generator and servers share the
//! processors, so that only ratios of one run compare, and only where nothing else runs.

mod bars;
mod clock;
pub mod codegen;
mod configure;
mod data;
mod facts;
mod http;
mod load;
mod options;
mod peer;
mod process;
mod report;
mod rounds;
mod scenario;
mod stage;
mod tools;

use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use options::{Common, wants};
use peer::Peer;
use scenario::Case;
use stage::{Plan, Stage};
use tools::Tools;

/// Whatever ends a run early.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

type Result<T> = std::result::Result<T, Error>;

/// What is measured, and how often.
#[derive(Debug, Clone, Args)]
pub struct Options {
    #[command(flatten)]
    common: Common,
    /// Only these scenarios
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(scenario::NAMES))]
    only: Vec<String>,
    /// The servers that take part
    #[arg(long, value_delimiter = ',', default_value = "ours,v3,nginx")]
    peers: Vec<Name>,
}

/// A server as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Name {
    /// This registry, where it is written to also without durability
    Ours,
    /// docker/distribution
    V3,
    /// Files behind nginx
    Nginx,
    /// zot without its extensions
    Zot,
}

/// The markers in the document name it.
const COMMAND: &str = "cargo xtask bench";

/// Who takes part where nothing is said.
const DEFAULT: [Name; 3] = [Name::Ours, Name::V3, Name::Nginx];

impl Options {
    fn plan(&self) -> Plan {
        let mut plan = if self.common.quick {
            Plan::quick()
        } else {
            Plan::full()
        };
        // What only some scenarios read takes a while to write.
        if !wants(&self.only, "tail") {
            plan.sizes.cold_blobs = 0;
        }
        if !wants(&self.only, "tags") {
            plan.sizes.tags = 0;
        }
        plan
    }

    fn peers(&self) -> Vec<Peer> {
        // This registry is always there: it fills the directory that is read, and is compared.
        let mut peers = vec![Peer::Ours, Peer::OursNone];
        let others = [
            (Name::V3, Peer::V3),
            (Name::Nginx, Peer::Nginx),
            (Name::Zot, Peer::Zot),
        ];
        let chosen = others.iter().filter(|(name, _)| self.peers.contains(name));
        peers.extend(chosen.map(|(_, peer)| *peer));
        peers
    }

    /// The command that says the same.
    fn command(&self) -> String {
        let mut peers = Vec::new();
        if self.peers != DEFAULT {
            let values = self.peers.iter().filter_map(Name::to_possible_value);
            peers.extend(values.map(|value| value.get_name().to_owned()));
        }
        let chosen = [("--peers", &peers[..]), ("--only", &self.only)];
        self.common.command(COMMAND, &chosen)
    }
}

/// Runs the benchmark and gives its report. What happens meanwhile is told to `progress`.
pub fn run(top: &Path, options: &Options, progress: &mut dyn FnMut(&str)) -> Result<String> {
    let target = target()?;
    let peers = options.peers();
    let plan = options.plan();
    let start = clock::now();
    let mut facts = facts::collect(top, &options.command(), Some(facts::peers()));
    progress("the programs of the servers");
    let tools = Tools::prepare(top, &target, &peers)?;
    progress("what is read");
    let noise = data::noise(plan.longest());
    let stage = Stage::set(tools, target.join("bench"), &noise, plan, &peers)?;
    facts.push(("it took", String::new()));
    let mut tables = Vec::new();
    let mut report = String::new();
    for case in scenario::all() {
        if !wants(&options.only, case.scenario) {
            continue;
        }
        progress(case.id);
        let taking_part: Vec<Peer> = peers_of(&case, &peers);
        let sample = |of: &scenario::Sample, peer| of(&stage, peer);
        tables.push(rounds::fill(
            case,
            &taking_part,
            options.common.rounds(),
            sample,
            progress,
        )?);
        if let Some((_, took)) = facts.last_mut() {
            *took = format!("{} min", start.elapsed().as_secs().div_ceil(60));
        }
        report = report::report(&facts, &tables, bars::BARS);
        // After each table, so that a run that is broken off has not been for nothing.
        options.common.write(COMMAND, &report)?;
    }
    stage.remove()?;
    Ok(report)
}

/// The target directory of this build, which may have been put elsewhere.
fn target() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.parent().and_then(Path::parent);
    Ok(target
        .ok_or("this program lies in no target directory")?
        .to_owned())
}

/// Those of the case that take part in this run.
fn peers_of(case: &Case, peers: &[Peer]) -> Vec<Peer> {
    let is_there = |peer: &&Peer| peers.contains(peer);
    case.peers.iter().filter(is_there).copied().collect()
}
