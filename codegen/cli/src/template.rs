//! `api-codegen template SPEC TEMPLATE`

use std::path::PathBuf;

use api_codegen::emit;

use super::{End, Outcome, Spec, print};

#[derive(Debug, clap::Args)]
pub(super) struct Template {
    #[command(flatten)]
    spec: Spec,
    /// The template.
    #[arg(value_name = "TEMPLATE")]
    template: PathBuf,
}

impl Template {
    pub(super) fn run(&self) -> Outcome {
        let name = self.template.display().to_string();
        let text = std::fs::read_to_string(&self.template)
            .map_err(|error| End::Because(format!("{name} cannot be read: {error}")))?;
        let descriptor = emit::json::descriptor(&self.spec.load()?.api);
        let rendered = emit::docs::template(&descriptor, &name, &text)
            .map_err(|error| End::Because(error.to_string()))?;
        print(&rendered)
    }
}
