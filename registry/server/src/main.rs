//! The command line of the registry: `registry serve [CONFIG]`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgAction, Parser, Subcommand};
use registry::config::{self, Loaded};
use registry::telemetry;

/// An OCI and Docker registry.
#[derive(Debug, Parser)]
#[command(name = "registry", version, disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print the version
    #[arg(short = 'v', long, action = ArgAction::Version)]
    version: Option<bool>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a registry until SIGTERM or SIGINT
    Serve {
        /// A config.yml; without it `REGISTRY_CONFIGURATION_PATH` names one, or a built-in one is used:
        /// 127.0.0.1:5000, storage in ./data
        config: Option<PathBuf>,
    },
}

/// So long may what was cut go on when everything else has ended.
const AFTERMATH: Duration = Duration::from_millis(500);

/// The longest piece of memory that is kept for the next use when it is free.
const KEPT: usize = 2 * 1024 * 1024;

fn main() -> ExitCode {
    keep_memory();
    let Command::Serve { config } = Arguments::parse().command;
    let loaded = match config::load(config.as_deref(), config::environment()) {
        Ok(loaded) => loaded,
        Err(error) => return fail(&error),
    };
    match run(loaded) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.as_ref()),
    }
}

fn run(loaded: Loaded) -> Result<(), Box<dyn std::error::Error>> {
    let _logging = telemetry::install(&loaded.config.log)?;
    // A worker looks after its sockets once in so many polls of tasks, by default 61. While a few pulls
    // keep all workers busy, that is how long any other request waits.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .event_interval(4)
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(registry::serve(loaded));
    // What a request that was cut left running may come to its end, and its line be written, but not hold
    // the process back.
    runtime.shutdown_timeout(AFTERMATH);
    Ok(outcome?)
}

/// Has glibc keep freed pieces up to [`KEPT`], and twice as much in all for each thread that allocates, instead
/// of giving them back to the system: bodies arrive in pieces of some hundred KiB, and each of their pages
/// would be had and zeroed anew. glibc learns that from the first piece of the size that is freed; others
/// take no notice.
fn keep_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(KEPT)));
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("registry: {error}");
    ExitCode::FAILURE
}
