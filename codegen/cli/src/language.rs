//! `api-codegen language [--schema]`

use api_codegen::language;

use super::{Outcome, print};

#[derive(Debug, clap::Args)]
pub(super) struct Language {
    /// Prints the JSON Schema, for editors, instead.
    #[arg(long)]
    schema: bool,
}

impl Language {
    pub(super) fn run(&self) -> Outcome {
        print(&if self.schema {
            language::schema()
        } else {
            language::reference()
        })
    }
}
