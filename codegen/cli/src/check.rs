//! `api-codegen check SPEC`

use api_codegen::render;

use super::problems::Format;
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
        if self.spec.format == Format::Json {
            return self.json();
        }
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

    /// Here the problems are what is asked for.
    fn json(&self) -> Outcome {
        let (is_good, problems, sources) = match api_codegen::load(&self.spec.at.path) {
            Ok(loaded) => (true, loaded.warnings, loaded.sources),
            Err(failure) => (false, failure.problems, failure.sources),
        };
        print(&render::json(&problems, &sources))?;
        let is_denied = self.deny == Some(Denied::Warnings) && !problems.is_empty();
        if is_good && !is_denied {
            Ok(())
        } else {
            Err(End::Told)
        }
    }
}
