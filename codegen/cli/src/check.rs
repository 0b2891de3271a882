//! `api-codegen check SPEC`

use super::{Outcome, Spec, print};

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    spec: Spec,
}

impl Check {
    pub(super) fn run(&self) -> Outcome {
        let loaded = self.spec.load()?;
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
