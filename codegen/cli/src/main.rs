//! `api-codegen`, the command: a file per subcommand, over the same library that build scripts use.
//!
//! What is asked for goes to standard output, problems go to standard error. The exit code is 0 where all
//! is well, 1 for problems and for drift, 2 for a command that makes no sense.

mod check;
mod diff;
mod docs;
mod explain;
mod json;
mod language;
mod mock;
mod new;
mod openapi;
mod output;
mod pretty;
mod problems;
mod revision;
mod rust;
mod template;
mod templates;
mod verify;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use api_codegen::Loaded;
use clap::{Parser, Subcommand};
use problems::{Format, show};

/// Generates Rust and documents from the descriptor of an HTTP API.
#[derive(Debug, Parser)]
#[command(name = "api-codegen", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a crate with a small API that works, to begin with.
    New(new::New),
    /// Shows the problems of a descriptor.
    Check(check::Check),
    /// Says what a kind of problem means, why it is one, and how it is mended.
    Explain(explain::Explain),
    /// Prints the resolved descriptor as JSON.
    Json(json::Json),
    /// Prints the reference of the descriptor language.
    Language(language::Language),
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
    /// Prints what templates can use: variables, filters and blocks.
    Templates(templates::Templates),
    /// Serves what the descriptor says, by its examples.
    Mock(mock::Mock),
    /// Tests whether a server answers as the descriptor says.
    Verify(verify::Verify),
}

/// Where the descriptor is.
#[derive(Debug, clap::Args)]
struct Descriptor {
    /// A file, or a folder that holds `api.yaml`.
    #[arg(value_name = "SPEC")]
    path: PathBuf,
}

/// The descriptor, as every subcommand takes it that prints nothing else for programs.
#[derive(Debug, clap::Args)]
struct Spec {
    #[command(flatten)]
    at: Descriptor,
    /// How its problems are printed.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
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
        Command::New(new) => new.run(),
        Command::Check(check) => check.run(),
        Command::Explain(explain) => explain.run(),
        Command::Json(json) => json.run(),
        Command::Language(language) => language.run(),
        Command::Openapi(openapi) => openapi.run(),
        Command::Rust(rust) => rust.run(),
        Command::Diff(diff) => diff.run(),
        Command::Docs(docs) => docs.run(),
        Command::Template(template) => template.run(),
        Command::Templates(templates) => templates.run(),
        Command::Mock(mock) => mock.run(),
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
        self.at.load(self.format)
    }
}

impl Descriptor {
    /// Loads it and shows its problems and warnings.
    fn load(&self, format: Format) -> Result<Loaded, End> {
        match api_codegen::load(&self.path) {
            Ok(loaded) => {
                show(&loaded.warnings, &loaded.sources, format)?;
                Ok(loaded)
            }
            Err(failure) => {
                show(&failure.problems, &failure.sources, format)?;
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

/// Prints what was asked for.
fn print(text: &str) -> Outcome {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}
