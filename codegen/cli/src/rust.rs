//! `api-codegen rust SPEC --part PART [-o FILE [--check]]`

use std::path::PathBuf;

use api_codegen::emit;

use super::{End, Outcome, Spec, output, print};

#[derive(Debug, clap::Args)]
pub(super) struct Rust {
    #[command(flatten)]
    spec: Spec,
    /// What to generate.
    #[arg(long)]
    part: Part,
    /// The file to write; standard output where none is given.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Writes nothing; shows how the file differs from what would be written.
    #[arg(long, requires = "output")]
    check: bool,
}

/// The modules of generated code.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Part {
    /// Formats, schemas, errors, requests, answers, URLs.
    Types,
    /// Traits and router.
    Server,
    /// A client with a method for each operation.
    Client,
    /// The examples, as tests of servers and of the client.
    Examples,
}

impl Rust {
    pub(super) fn run(&self) -> Outcome {
        let api = self.spec.load()?.api;
        let text = match self.part {
            Part::Types => emit::rust::types(&api),
            Part::Server => emit::rust::server(&api),
            Part::Client => emit::rust::client(&api),
            Part::Examples => emit::rust::examples(&api),
        };
        match &self.output {
            None => print(&text),
            Some(file) if self.check => match output::difference(file, text.as_bytes()) {
                None => Ok(()),
                Some(difference) => {
                    print(&difference)?;
                    Err(End::Because(format!(
                        "{} differs from the descriptor: generate it without `--check`",
                        file.display()
                    )))
                }
            },
            Some(file) => output::write_file(file, text.as_bytes()).map_err(|error| {
                End::Because(format!("{} cannot be written: {error}", file.display()))
            }),
        }
    }
}
