//! What both benchmarks are told: how often to measure, and where the report goes.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::{Result, report};

/// The options that both have.
#[derive(Debug, Clone, Args)]
pub(super) struct Common {
    /// Samples of each row of each table
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Everything once and little of it, to see that it works: its numbers mean nothing
    #[arg(long)]
    pub(super) quick: bool,
    /// Put the report between the markers of this document
    #[arg(long)]
    write: Option<PathBuf>,
}

impl Common {
    pub(super) fn rounds(&self) -> usize {
        if self.quick { 1 } else { self.rounds.max(1) }
    }

    /// The command that says the same, with what was chosen besides.
    pub(super) fn command(&self, name: &str, chosen: &[(&str, &[String])]) -> String {
        let sampling = if self.quick {
            "--quick".to_owned()
        } else {
            format!("--rounds {}", self.rounds())
        };
        let mut words = vec![name.to_owned(), sampling];
        for (option, values) in chosen.iter().filter(|(_, values)| !values.is_empty()) {
            words.push(format!("{option} {}", values.join(",")));
        }
        words.join(" ")
    }

    /// Puts the report of the benchmark into the document that was named, if one was.
    pub(super) fn write(&self, command: &str, report: &str) -> Result<()> {
        if let Some(document) = &self.write {
            let text = fs::read_to_string(document)?;
            fs::write(document, report::insert(&text, command, report)?)?;
        }
        Ok(())
    }
}

/// Whether a scenario is among those that were chosen; all are where none is named.
pub(super) fn wants(only: &[String], scenario: &str) -> bool {
    only.is_empty() || only.iter().any(|name| name == scenario)
}
