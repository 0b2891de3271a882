//! The pages of ids: what `api-codegen explain` prints, and `docs/reference/diagnostics.md`.
//!
//! A file of `pages` says why the rule is there, then shows a descriptor that breaks it and the same
//! mended. Both are run by tests; what they leave out stands in `frame.yaml`.

use std::fmt::Write;

use super::{Id, Level};

/// What the examples of pages leave out: the keys of a descriptor that an example does not have itself.
pub const FRAME: &str = include_str!("frame.yaml");

/// The page of an id in Markdown.
pub fn explain(id: Id) -> String {
    let mut out = format!("## {id}\n\n{}\n\n{}\n\n", kind(id), id.rule());
    let (failing, mended) = id.examples();
    let why = id.page().split("```").next().unwrap_or_default().trim();
    // Writing to a text cannot fail.
    let _ = writeln!(
        out,
        "{why}\n\nThis is {}:\n\n```yaml\n{failing}```\n",
        told(id)
    );
    let _ = writeln!(out, "This is not:\n\n```yaml\n{mended}```");
    out
}

/// All ids with their rules, a line each.
pub fn index() -> String {
    let widest = Id::ALL.iter().map(|id| id.as_str().len()).max();
    let widest = widest.unwrap_or_default();
    let mut out = String::new();
    for id in Id::ALL {
        let _ = writeln!(out, "{:widest$}  {}", id.as_str(), id.rule());
    }
    out
}

/// All pages, with an introduction: what `docs/reference/diagnostics.md` holds.
pub fn reference() -> String {
    let mut out = include_str!("reference.md")
        .replace("FRAME", FRAME)
        .replace("JSON```", &format!("{}```", include_str!("sample.json")));
    let _ = writeln!(out, "| id | | |\n|---|---|---|");
    for id in Id::ALL {
        let level = id.lint().map_or("error", Level::as_str);
        let _ = writeln!(out, "| [`{id}`](#{id}) | {level} | {} |", id.rule());
    }
    for id in Id::ALL {
        let _ = write!(out, "\n{}", explain(*id));
    }
    out
}

impl Id {
    /// A descriptor that breaks the rule, and the same mended. Each is complete with [`FRAME`].
    pub fn examples(self) -> (&'static str, &'static str) {
        let mut blocks = self.page().split("```yaml\n").skip(1);
        let mut block = || {
            let block = blocks.next().unwrap_or_default();
            block.split("```").next().unwrap_or_default()
        };
        (block(), block())
    }
}

fn kind(id: Id) -> String {
    match id.lint() {
        None => "**error**".to_owned(),
        Some(level) => format!("**lint** `{}`; `{}` by default", id.key(), level.as_str()),
    }
}

fn told(id: Id) -> &'static str {
    match id.lint() {
        None => "refused",
        Some(_) => "told",
    }
}
