//! `api-codegen`, the command: a file per subcommand, over the same library that build scripts use.
//!
//! What is asked for goes to standard output, problems go to standard error. The exit code is 0 where all
//! is well, 1 for problems and for drift, 2 for a command that makes no sense.

mod check;
mod diff;
mod docs;
mod explain;
mod json;
mod openapi;
mod output;
mod pretty;
mod revision;
mod rust;
mod template;
mod verify;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use api_codegen::Loaded;
use api_codegen::diag::Diagnostic;
use api_codegen::render;
use api_codegen::source::Sources;
use clap::{Parser, Subcommand};

/// Generates Rust and documents from the descriptor of an HTTP API.
#[derive(Debug, Parser)]
#[command(name = "api-codegen", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows the problems of a descriptor.
    Check(check::Check),
    /// Says what a kind of problem means, why it is one, and how it is mended.
    Explain(explain::Explain),
    /// Prints the resolved descriptor as JSON.
    Json(json::Json),
    /// Prints the API as a document of OpenAPI 3.1.
    Openapi(openapi::OpenApi),
    /// Prints generated Rust.
    Rust(rust::Rust),
    /// Says what has changed between two descriptors, and whom it breaks.
    Diff(diff::Diff),
    /// Renders the documents.
    Docs(docs::Docs),
    /// Executes a template with the resolved descriptor and prints the result.
    Template(template::Template),
    /// Tests whether a server answers as the descriptor says.
    Verify(verify::Verify),
}

/// The descriptor, as every subcommand takes it.
#[derive(Debug, clap::Args)]
struct Spec {
    /// A file, or a folder that holds `api.yaml`.
    #[arg(value_name = "SPEC")]
    path: PathBuf,
}

/// Why a command does not end with 0.
enum End {
    /// Everything is said.
    Told,
    /// To be said.
    Because(String),
    /// To be said: what it was given makes no sense.
    Unusable(String),
    /// Nobody reads on.
    Unheard,
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Unheard,
            _ => Self::Because(error.to_string()),
        }
    }
}

type Outcome = Result<(), End>;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Where it cannot be printed, the code remains.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let outcome = match &arguments.command {
        Command::Check(check) => check.run(),
        Command::Explain(explain) => explain.run(),
        Command::Json(json) => json.run(),
        Command::Openapi(openapi) => openapi.run(),
        Command::Rust(rust) => rust.run(),
        Command::Diff(diff) => diff.run(),
        Command::Docs(docs) => docs.run(),
        Command::Template(template) => template.run(),
        Command::Verify(verify) => verify.run(),
    };
    match outcome {
        Ok(()) | Err(End::Unheard) => ExitCode::SUCCESS,
        Err(End::Told) => ExitCode::FAILURE,
        Err(End::Because(reason)) => {
            let _ = writeln!(io::stderr(), "error: {reason}");
            ExitCode::FAILURE
        }
        Err(End::Unusable(reason)) => {
            let _ = writeln!(io::stderr(), "error: {reason}");
            ExitCode::from(2)
        }
    }
}

impl Spec {
    /// Loads it and shows its problems and warnings.
    fn load(&self) -> Result<Loaded, End> {
        match api_codegen::load(&self.path) {
            Ok(loaded) => {
                show(&loaded.warnings, &loaded.sources)?;
                Ok(loaded)
            }
            Err(failure) => {
                show(&failure.problems, &failure.sources)?;
                Err(End::Told)
            }
        }
    }

    /// The folder that the descriptor lies in.
    fn folder(&self) -> &Path {
        if self.path.is_dir() {
            return &self.path;
        }
        self.path.parent().unwrap_or(Path::new(""))
    }
}

/// Problems for people, and for programs where no terminal is on the other side.
fn show(problems: &[Diagnostic], sources: &Sources) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    let text = if stderr.is_terminal() {
        pretty::render(problems, sources)
    } else {
        render::plain(problems, sources)
    };
    stderr.write_all(text.as_bytes())
}

/// Prints what was asked for.
fn print(text: &str) -> Outcome {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}
