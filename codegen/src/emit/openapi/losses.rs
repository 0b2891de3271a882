//! What a document of OpenAPI does not say, a line for each.

use std::fmt::Write as _;

use indexmap::IndexSet;

/// Losses, in the order in which they are met, each once.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// What is described just now.
    place: String,
    lines: IndexSet<(String, String)>,
}

impl Losses {
    /// What comes is of `place`.
    pub(super) fn at(&mut self, place: impl Into<String>) {
        self.place = place.into();
    }

    pub(super) fn add(&mut self, what: impl Into<String>) {
        self.lines.insert((self.place.clone(), what.into()));
    }

    /// As Markdown.
    pub(super) fn text(&self) -> String {
        let mut out = "# What `openapi.json` does not say\n\n".to_owned();
        if self.lines.is_empty() {
            out.push_str("OpenAPI says everything that the descriptor does.\n");
            return out;
        }
        out.push_str(
            "OpenAPI has no words for what follows. A program that knows the document alone does not know it; \
             where a\nfield `x-...` is named, the document has it there.\n\n",
        );
        for (place, what) in &self.lines {
            let _ = writeln!(out, "- `{place}`: {what}.");
        }
        out
    }
}
