//! `api-codegen templates`

use api_codegen::emit;

use super::{Outcome, print};

#[derive(Debug, clap::Args)]
pub(super) struct Templates {}

impl Templates {
    #[expect(clippy::unused_self, reason = "it is called as the other commands are")]
    pub(super) fn run(&self) -> Outcome {
        print(&emit::template_reference())
    }
}
