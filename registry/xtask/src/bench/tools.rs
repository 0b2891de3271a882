//! Where the programs of the peers come from: built or found once, below the target directory.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Result;
use super::peer::Peer;
use super::rounds::Entrant;

/// The version of distribution that is the peer.
pub(super) const DISTRIBUTION: &str = "v3.1.1";
const DISTRIBUTION_MODULE: &str = "github.com/distribution/distribution/v3/cmd/registry";
/// Where Debian has it; it is not in every user's search path.
pub(super) const NGINX: &str = "/usr/sbin/nginx";

/// The programs of the peers that take part.
#[derive(Debug)]
pub(super) struct Tools {
    programs: Vec<(Peer, PathBuf)>,
}

impl Tools {
    /// Builds this registry, and gets what else `peers` need. `top` is the top of the repository.
    pub(super) fn prepare(top: &Path, target: &Path, peers: &[Peer]) -> Result<Self> {
        let mut programs = Vec::new();
        for &peer in peers {
            let program = match peer {
                Peer::Ours | Peer::OursNone => ours(top, target)?,
                Peer::V3 => distribution(target)?,
                Peer::Nginx => nginx()?,
                Peer::Zot => zot(target)?,
            };
            programs.push((peer, program));
        }
        Ok(Self { programs })
    }

    pub(super) fn program(&self, peer: Peer) -> Result<&Path> {
        let found = self.programs.iter().find(|(of, _)| *of == peer);
        match found {
            Some((_, program)) => Ok(program),
            None => Err(format!("{} does not take part", peer.title()).into()),
        }
    }
}

fn ours(top: &Path, target: &Path) -> Result<PathBuf> {
    let arguments = ["build", "--release", "--quiet", "--package", "registry"];
    run(Command::new("cargo").args(arguments).current_dir(top))?;
    Ok(target.join("release/registry"))
}

fn distribution(target: &Path) -> Result<PathBuf> {
    let directory = target
        .join("tools")
        .join(format!("distribution-{DISTRIBUTION}"));
    let program = directory.join("registry");
    if !program.exists() {
        fs::create_dir_all(&directory)?;
        let module = format!("{DISTRIBUTION_MODULE}@{DISTRIBUTION}");
        let mut command = Command::new("go");
        command.args(["install", &module]);
        run(command.env("GOBIN", &directory).env("CGO_ENABLED", "0"))?;
    }
    Ok(program)
}

fn nginx() -> Result<PathBuf> {
    let program = PathBuf::from(NGINX);
    if !program.exists() {
        apt_get(&["update", "-qq"])?;
        apt_get(&[
            "install",
            "-y",
            "-qq",
            "--no-install-recommends",
            "nginx-light",
        ])?;
    }
    Ok(program)
}

fn apt_get(words: &[&str]) -> Result<()> {
    let is_root = rustix::process::geteuid().is_root();
    let before: &[&str] = if is_root { &[] } else { &["sudo", "-n"] };
    let all = [before, &["apt-get"], words].concat();
    run(Command::new(all[0]).args(&all[1..]))
}

/// zot is taken where somebody put it: `docs/performance.md` says why it is not built here.
fn zot(target: &Path) -> Result<PathBuf> {
    let program = target.join("tools/zot-minimal");
    if program.exists() {
        return Ok(program);
    }
    Err(format!(
        "there is no {}: put zot's minimal build there",
        program.display()
    )
    .into())
}

/// Runs a command to its end, with its output shown.
fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command
        .status()
        .map_err(|error| format!("cannot run {name}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    let words: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
    Err(format!("{name} {} failed: {status}", words.join(" ")).into())
}
