//! `api-codegen explain ID`

use api_codegen::check::suggest::nearest;
use api_codegen::diag::{self, Id};

use super::{End, Outcome, print};

#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// The id of a problem, as it is printed in brackets; all are listed where none is given.
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Prints the pages of all ids as one document.
    #[arg(long, exclusive = true)]
    all: bool,
}

impl Explain {
    pub(super) fn run(&self) -> Outcome {
        let Some(text) = &self.id else {
            let text = if self.all {
                diag::reference()
            } else {
                diag::index()
            };
            return print(&text);
        };
        match Id::find(text) {
            Some(id) => print(&diag::explain(id)),
            None => Err(End::Unusable(unknown(text))),
        }
    }
}

fn unknown(text: &str) -> String {
    let known = Id::ALL.iter().map(|id| id.as_str());
    match nearest(text, known) {
        Some(near) => format!("there is no id `{text}`: did you mean `{near}`?"),
        None => format!("there is no id `{text}`: `api-codegen explain` lists all"),
    }
}
