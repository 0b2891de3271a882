//! `api-codegen check SPEC`

use super::{End, Outcome, Spec, print};

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    spec: Spec,
    /// What counts as an error here, besides errors.
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Denied>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Denied {
    /// Any warning.
    Warnings,
}

impl Check {
    pub(super) fn run(&self) -> Outcome {
        let loaded = self.spec.load()?;
        if self.deny == Some(Denied::Warnings) && !loaded.warnings.is_empty() {
            return Err(End::Told);
        }
        let api = &loaded.api;
        let requests = api.routes.iter().flat_map(|route| &route.methods);
        let requests: usize = requests.map(|method| method.requests.len()).sum();
        print(&format!(
            "{} {}: {} routes, {requests} requests, {} operations, {} error codes\n",
            api.title,
            api.version,
            api.routes.len(),
            api.operations.len(),
            api.errors.len(),
        ))
    }
}
