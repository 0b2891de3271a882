//! Resolves the registry's descriptor into the JSON that the binary embeds.

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Where the descriptor lies in this package: a link, of which `cargo package` makes files.
const SPEC: &str = "spec";

fn main() -> Result<(), Box<dyn Error>> {
    let loaded = api_codegen::load(Path::new(SPEC)).map_err(|failure| failure.to_string())?;
    let descriptor = api_codegen::emit::json::text(&loaded.api);
    std::fs::write(out_dir()?.join("descriptor.json"), descriptor)?;
    for file in loaded.sources.paths() {
        let file = file.display();
        writeln!(std::io::stdout(), "cargo::rerun-if-changed={file}")?;
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script in no other way"
)]
fn out_dir() -> Result<PathBuf, Box<dyn Error>> {
    let folder = std::env::var_os("OUT_DIR").ok_or("cargo did not set OUT_DIR")?;
    Ok(PathBuf::from(folder))
}
