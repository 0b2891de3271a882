//! `registry-api-descriptor-template TEMPLATE` executes a template with the registry's API descriptor
//! and prints the result.
//!
//! It is the command of that name which docker/distribution has. The template language is that of
//! api-codegen's documents, and a template sees what `api-codegen json` prints; the descriptor is
//! embedded, resolved by the build script.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use api_codegen::emit::docs;

/// The resolved descriptor as JSON.
const DESCRIPTOR: &str = include_str!(concat!(env!("OUT_DIR"), "/descriptor.json"));

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let result = match arguments.as_slice() {
        [template] => run(Path::new(template)),
        _ => Err(format!(
            "expected exactly one argument, the path of a template, and got {}\n\
             usage: registry-api-descriptor-template TEMPLATE",
            arguments.len()
        )),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            // Whoever closed stderr does not want to know.
            let _ = writeln!(io::stderr(), "{reason}");
            ExitCode::FAILURE
        }
    }
}

/// Renders the template to stdout, or says why not.
fn run(template: &Path) -> Result<(), String> {
    let name = template.display().to_string();
    let text = fs::read_to_string(template).map_err(|error| format!("{name}: {error}"))?;
    let descriptor: serde_json::Value =
        serde_json::from_str(DESCRIPTOR).map_err(|error| format!("the descriptor: {error}"))?;
    let rendered = docs::template(&descriptor, &name, &text).map_err(|error| error.to_string())?;
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(rendered.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| format!("stdout: {error}"))
}
