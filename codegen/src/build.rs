//! What a build script calls.
//!
//! Cargo talks with build scripts through the environment and standard output; nothing else in this
//! crate touches either, so that output depends on the descriptor alone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::diag::{Diagnostics, Severity};
use crate::source::Sources;
use crate::{emit, render, resolve};

/// Generates `types.rs`, `server.rs` and `client.rs` into `OUT_DIR` from a descriptor, for a build script:
///
/// ```no_run
/// // The whole of `main`:
/// api_codegen::build("spec");
/// ```
///
/// The crate includes the files that it wants as modules `types`, `server` and `client` beside each
/// other, with `api_runtime::include_api!`. Problems of the descriptor fail the build, with file, line and column. With `API_CODEGEN_OUT=DIR`
/// the files are written to that folder as well, to be read.
pub fn build(spec: impl AsRef<Path>) {
    let mut problems = Diagnostics::new();
    let sources = Sources::read(spec.as_ref(), &mut problems);
    for path in sources.paths() {
        say("rerun-if-changed", &path.display().to_string());
    }
    say("rerun-if-env-changed", "API_CODEGEN_OUT");
    let (warnings, sources, parts) = match resolve(sources, problems) {
        Ok(loaded) => (loaded.warnings, loaded.sources, Some(parts(&loaded.api))),
        Err(failure) => (failure.problems, failure.sources, None),
    };
    for problem in &warnings {
        let kind = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        say(kind, &render::headline(problem, &sources));
    }
    if let Some(parts) = parts
        && let Err(error) = write(&parts)
    {
        say(
            "error",
            &format!("generated code cannot be written: {error}"),
        );
    }
}

/// The generated files by name.
fn parts(api: &crate::model::Api) -> [(&'static str, String); 3] {
    [
        ("types.rs", emit::rust::types(api)),
        ("server.rs", emit::rust::server(api)),
        ("client.rs", emit::rust::client(api)),
    ]
}

fn write(parts: &[(&'static str, String)]) -> io::Result<()> {
    let out = folder("OUT_DIR")
        .ok_or_else(|| io::Error::other("`OUT_DIR` is not set: this is for build scripts"))?;
    for folder in [Some(out), folder("API_CODEGEN_OUT")].into_iter().flatten() {
        fs::create_dir_all(&folder)?;
        for (name, text) in parts {
            let path = folder.join(name);
            // An untouched file spares the compiler its work.
            if fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
                continue;
            }
            fs::write(path, text)?;
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
