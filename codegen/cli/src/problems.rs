//! How problems are shown.

use std::io::{self, IsTerminal, Write};

use api_codegen::diag::Diagnostic;
use api_codegen::render;
use api_codegen::source::Sources;

use super::pretty;

/// For whom something is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// Shows problems beside what was asked for.
pub(super) fn show(problems: &[Diagnostic], sources: &Sources, format: Format) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    let text = match format {
        Format::Json if problems.is_empty() => String::new(),
        Format::Json => render::json(problems, sources),
        Format::Human if stderr.is_terminal() => pretty::render(problems, sources),
        Format::Human => render::plain(problems, sources),
    };
    stderr.write_all(text.as_bytes())
}
