//! The command line: `cargo xtask tidy`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::tidy::{self, Tree};

/// Checks and chores of this repository.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the rules of this repository that a machine can check
    Tidy,
}

fn main() -> ExitCode {
    let Command::Tidy = Arguments::parse().command;
    match Tree::read(&tidy::root()) {
        Ok(tree) => report(&tree),
        Err(error) => {
            eprintln!("tidy: {error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
fn report(tree: &Tree) -> ExitCode {
    let findings = tidy::check(tree);
    for finding in &findings {
        println!("{finding}");
    }
    println!(
        "tidy: {} rules, {} files, {} findings",
        tidy::RULES.len(),
        tree.files().len(),
        findings.len()
    );
    if findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
