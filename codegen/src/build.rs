//! What a build script calls.
//!
//! Cargo talks with build scripts through the environment and standard output; nothing else in this
//! crate touches either, so that output depends on the descriptor alone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::emit::files::Files;
use crate::model::Api;
use crate::source::Sources;
use crate::{emit, render, resolve};

/// Generates `types.rs`, `server.rs`, `client.rs` and `examples.rs` into `OUT_DIR` from a descriptor, for a build script:
///
/// ```no_run
/// // The whole of `main`:
/// api_codegen::build("spec");
/// ```
///
/// The crate includes the files that it wants as modules `types`, `server`, `client` and `examples`
/// beside each other, with `api_runtime::include_api!`. Problems of the descriptor fail the build, with file, line and
/// column. With `API_CODEGEN_OUT=DIR` the files are written to that folder as well, to be read.
///
/// With the feature `docs` it renders the documents, too, and generates `docs.rs`, which serves them.
pub fn build(spec: impl AsRef<Path>) {
    let mut problems = Diagnostics::new();
    let sources = Sources::read(spec.as_ref(), &mut problems);
    for path in sources.paths() {
        say("rerun-if-changed", &path.display().to_string());
    }
    say("rerun-if-env-changed", "API_CODEGEN_OUT");
    let (warnings, sources, files) = match resolve(sources, problems) {
        Ok(loaded) => (
            loaded.warnings,
            loaded.sources,
            Some(files(&loaded.api, spec.as_ref())),
        ),
        Err(failure) => (failure.problems, failure.sources, None),
    };
    for problem in &warnings {
        let (kind, text) = told(problem, &sources);
        say(kind, &text);
    }
    if let Some(files) = files
        && let Err(error) = files.and_then(|files| write(&files))
    {
        say("error", &format!("code cannot be generated: {error}"));
    }
}

/// A problem as cargo is told of it, in one line: file, line and column first, so that editors find the
/// place, then what is wrong, and what to do.
fn told(problem: &Diagnostic, sources: &Sources) -> (&'static str, String) {
    let kind = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let help = problem.help.as_deref();
    let help = help.map(|help| format!(" ({})", render::line(help)));
    (
        kind,
        render::headline(problem, sources) + &help.unwrap_or_default(),
    )
}

/// All that is generated from the descriptor at `spec`.
fn files(api: &Api, spec: &Path) -> io::Result<Files> {
    let mut files = emit::rust::files(api)?;
    documents(api, spec, &mut files)?;
    Ok(files)
}

/// Adds the documents, with the templates that the descriptor names.
#[cfg(feature = "docs")]
fn documents(api: &Api, spec: &Path, files: &mut Files) -> io::Result<()> {
    let named = emit::docs::folder(api).map(|named| {
        let folder = if spec.is_dir() {
            Some(spec)
        } else {
            spec.parent()
        };
        folder.unwrap_or(Path::new("")).join(named)
    });
    let templates = match &named {
        Some(folder) => {
            say("rerun-if-changed", &folder.display().to_string());
            crate::templates(folder)?
        }
        None => Files::new(),
    };
    let documents = emit::documents(api, &templates).map_err(io::Error::other)?;
    files.insert("docs.rs", emit::rust::documents(api, &documents));
    for (name, content) in &documents {
        files.insert(format!("docs/{name}"), content.clone());
    }
    Ok(())
}

#[cfg(not(feature = "docs"))]
#[expect(clippy::unnecessary_wraps, reason = "rendering documents can fail")]
fn documents(_: &Api, _: &Path, _: &mut Files) -> io::Result<()> {
    Ok(())
}

fn write(files: &Files) -> io::Result<()> {
    let out = folder("OUT_DIR")
        .ok_or_else(|| io::Error::other("`OUT_DIR` is not set: this is for build scripts"))?;
    for folder in [Some(out), folder("API_CODEGEN_OUT")].into_iter().flatten() {
        for (name, content) in files {
            let path = folder.join(name);
            // An untouched file spares the compiler its work.
            if fs::read(&path).is_ok_and(|old| old == *content) {
                continue;
            }
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, content)?;
        }
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells build scripts their folder in this way"
)]
fn folder(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

#[expect(
    clippy::print_stdout,
    reason = "cargo reads what a build script prints"
)]
fn say(key: &str, value: &str) {
    println!("cargo::{key}={}", value.replace('\n', " "));
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn cargo_is_told_the_place_first_and_what_to_do_last() {
        let text = "spec: 1\napi: {name: toys, titel: Toys, version: '1'}\n";
        let failure = crate::load_str("spec/api.yaml", text).unwrap_err();
        let told: Vec<_> = failure
            .problems
            .iter()
            .map(|problem| told(problem, &failure.sources))
            .collect();
        let expected = (
            "error",
            "spec/api.yaml:2:19: error[unknown-key]: `api` has no key `titel` (did you mean `title`?)",
        );
        assert!(
            told.iter()
                .any(|(kind, text)| (*kind, text.as_str()) == expected),
            "{told:?}"
        );
    }
}
