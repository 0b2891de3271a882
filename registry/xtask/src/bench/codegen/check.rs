//! What `cargo check` takes for the crate that is generated from the registry's API, when all that it
//! depends on has been checked before: its build script is compiled, linked and run, and the code checked.
//!
//! Cargo works below the benchmark's own folder, so that nothing of the tree's is built anew.

use std::path::PathBuf;
use std::process::Command;

use super::{Measured, Sample, Stage, Subject};
use crate::bench::bars::{Bar, Limit, Of};
use crate::bench::scenario::alone;
use crate::bench::{Result, clock, process};

const PACKAGE: &str = "registry-protocol";

/// The parts of the crate, as its features name them.
const PARTS: [(Subject, &str); 4] = [
    (Subject("types, server, client"), "server,client"),
    (Subject("types, server"), "server"),
    (Subject("types, client"), "client"),
    (Subject("types"), "types"),
];

pub(super) fn case(stage: &Stage) -> Measured {
    let stage = stage.clone();
    Measured {
        id: "check",
        scenario: "check",
        title: "`cargo check` of the crate that is generated from the registry's API",
        columns: vec![alone("s"), alone("CPU s")],
        peers: PARTS.map(|(subject, _)| subject).to_vec(),
        sample: Sample::new(move |subject| {
            let features = PARTS.iter().find(|(of, _)| *of == subject);
            let (_, features) = features.ok_or("there is no such part")?;
            check(&stage, Built::Plain, features)?;
            cargo(&stage, Built::Plain, &["clean", "--quiet"])?;
            let this = [std::process::id()];
            let (start, before) = (clock::now(), process::seconds(&this)?);
            check(&stage, Built::Plain, features)?;
            let elapsed = start.elapsed().as_secs_f64();
            Ok(vec![elapsed, process::seconds(&this)? - before])
        }),
    }
}

pub(super) fn bars() -> Vec<Bar<Subject>> {
    vec![Bar {
        case: "check",
        column: 0,
        of: Of::At(PARTS[0].0),
        limit: Limit::AtMost(5.0),
    }]
}

/// How cargo builds what runs while it builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Built {
    /// As it does where a workspace says nothing of that.
    Plain,
    /// With optimisation.
    Optimised,
}

impl Built {
    fn folder(self) -> &'static str {
        match self {
            Self::Plain => "target",
            Self::Optimised => "target-optimised",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &[],
            Self::Optimised => &["--config", "profile.dev.build-override.opt-level=3"],
        }
    }
}

/// What cargo says of it, a message a line.
fn check(stage: &Stage, built: Built, features: &str) -> Result<String> {
    let arguments = ["check", "--quiet", "--message-format", "json"];
    let features = ["--no-default-features", "--features", features];
    cargo(
        stage,
        built,
        &[&arguments, &features[..], built.arguments()].concat(),
    )
}

fn cargo(stage: &Stage, built: Built, arguments: &[&str]) -> Result<String> {
    let output = Command::new("cargo")
        .args(arguments)
        .args(["--package", PACKAGE, "--target-dir"])
        .arg(stage.folder.join(built.folder()))
        .current_dir(&stage.top)
        .env("CARGO_INCREMENTAL", "0")
        .output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("cargo {}: {said}", arguments.join(" ")).into())
}

/// The build script of the crate.
pub(super) fn build_script(stage: &Stage, built: Built) -> Result<PathBuf> {
    let said = check(stage, built, PARTS[0].1)?;
    let program = said.lines().find_map(|line| {
        let is_it = line.contains(PACKAGE) && line.contains(r#""kind":["custom-build"]"#);
        let (_, files) = line.split_once(r#""filenames":[""#).filter(|_| is_it)?;
        Some(files.split_once('"')?.0.to_owned())
    });
    Ok(program.ok_or("cargo has built no build script")?.into())
}
