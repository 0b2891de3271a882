//! The command line: `cargo xtask tidy`, `cargo xtask bench`, `cargo xtask bench-codegen`.

use std::process::{Command as Program, ExitCode};

use clap::{Parser, Subcommand};
use xtask::bench;
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
    /// Measure this registry next to others; docs/performance.md says how, and has the last report
    Bench(bench::Options),
    /// Measure the generator and what it generates; docs/performance.md says how, and has the last report
    BenchCodegen(bench::codegen::Options),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Tidy => match Tree::read(&tidy::root()) {
            Ok(tree) => report(&tree),
            Err(error) => fail("tidy", &error),
        },
        Command::Bench(_) | Command::BenchCodegen(_) if cfg!(debug_assertions) => {
            again_in_release()
        }
        Command::Bench(options) => {
            measure(|progress| bench::run(&tidy::root(), &options, progress))
        }
        Command::BenchCodegen(options) => {
            measure(|progress| bench::codegen::run(&tidy::root(), &options, progress))
        }
    }
}

/// A load generator that is built for debugging would be what is measured.
fn again_in_release() -> ExitCode {
    let status = Program::new("cargo")
        .args(["run", "--release", "--quiet", "--package", "xtask", "--"])
        .args(std::env::args_os().skip(1))
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => fail("bench", &error),
    }
}

#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
fn measure(run: impl FnOnce(&mut dyn FnMut(&str)) -> Result<String, bench::Error>) -> ExitCode {
    match run(&mut |line| eprintln!("{line}")) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => fail("bench", error.as_ref()),
    }
}

fn fail(command: &str, error: &dyn std::error::Error) -> ExitCode {
    eprintln!("{command}: {error}");
    ExitCode::FAILURE
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
