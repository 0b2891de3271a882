//! `api-codegen json SPEC`

use api_codegen::emit;

use super::{Outcome, Spec, print};

#[derive(Debug, clap::Args)]
pub(super) struct Json {
    #[command(flatten)]
    spec: Spec,
}

impl Json {
    pub(super) fn run(&self) -> Outcome {
        print(&emit::json::text(&self.spec.load()?.api))
    }
}
