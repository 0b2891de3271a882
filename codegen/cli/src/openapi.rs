//! `api-codegen openapi SPEC [--losses]`

use api_codegen::emit;

use super::{Outcome, Spec, print};

#[derive(Debug, clap::Args)]
pub(super) struct OpenApi {
    #[command(flatten)]
    spec: Spec,
    /// Prints what the document does not say instead.
    #[arg(long)]
    losses: bool,
}

impl OpenApi {
    pub(super) fn run(&self) -> Outcome {
        let rendered = emit::openapi::render(&self.spec.load()?.api);
        print(if self.losses {
            &rendered.losses
        } else {
            &rendered.document
        })
    }
}
