//! The servers that are compared: what each is called, how it is configured, started and stopped.
//!
//! Each listens on loopback and keeps its files below the benchmark's directory. A server is stopped
//! when its value is dropped, by its process id: first asked, then killed, as distribution does not end
//! at once. Hazard: nginx is stopped by its master, which a kill would rob of the time to end its
//! workers; so it is asked, too.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::clock::Deadline;
use super::data::{self, Seed};
use super::http::{self, Connection};
use super::rounds::Entrant;
use super::tools::Tools;
use super::{Result, configure, process};

/// A server must answer so long after its start.
const STARTING: Duration = Duration::from_secs(20);
/// It may take so long to end by itself.
const ENDING: Duration = Duration::from_secs(3);

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Peer {
    /// This registry as it comes: durable, with its access log.
    Ours,
    /// This registry with `durability: none`.
    OursNone,
    /// docker/distribution.
    V3,
    /// Files behind nginx: the base of reads.
    Nginx,
    /// zot without its extensions.
    Zot,
}

impl Entrant for Peer {
    const KIND: &'static str = "server";

    fn title(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::OursNone => "ours, durability none",
            Self::V3 => "distribution v3",
            Self::Nginx => "nginx",
            Self::Zot => "zot",
        }
    }
}

impl Peer {
    /// The file that holds a blob, below the root of this server's storage.
    pub(super) fn blob_file(self, root: &Path, digest: &str) -> PathBuf {
        let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
        match self {
            Self::Zot => root.join(data::REPOSITORY).join("blobs/sha256").join(hex),
            _ => root
                .join("docker/registry/v2/blobs/sha256")
                .join(&hex[..2])
                .join(hex)
                .join("data"),
        }
    }

    fn command(self, tools: &Tools, file: &Path) -> Result<Command> {
        let mut command = Command::new(tools.program(self)?);
        match self {
            Self::Ours | Self::OursNone | Self::Zot => command.arg("serve").arg(file),
            Self::V3 => command
                .env("OTEL_TRACES_EXPORTER", "none")
                .arg("serve")
                .arg(file),
            Self::Nginx => command.arg("-e").arg("/dev/null").arg("-c").arg(file),
        };
        Ok(command)
    }
}

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) peer: Peer,
    pub(super) address: SocketAddr,
    child: Child,
    /// Its process and its workers.
    family: Vec<u32>,
}

impl Server {
    /// Starts `peer` over the storage below `root` and waits until it answers. Its configuration is put
    /// beside it, as `root` with another ending.
    pub(super) fn start(tools: &Tools, peer: Peer, root: &Path, seed: &Seed) -> Result<Self> {
        fs::create_dir_all(root)?;
        let address = free_address()?;
        let file = root.with_extension(format!("{peer:?}.conf").to_lowercase());
        fs::write(&file, configure::text(peer, address, root, seed))?;
        let child = peer
            .command(tools, &file)?
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Self {
            peer,
            address,
            child,
            family: Vec::new(),
        };
        server.wait(&file)?;
        server.family = process::family(server.child.id());
        Ok(server)
    }

    fn wait(&mut self, file: &Path) -> Result<()> {
        let deadline = Deadline::after(STARTING);
        let what = || format!("{} with {}", self.peer.title(), file.display());
        loop {
            let answers = Connection::open(self.address)
                .and_then(|mut it| it.exchange(&http::request("GET", "/v2/"), 200));
            match answers {
                Ok(_) => return Ok(()),
                Err(error) if deadline.passed() => {
                    return Err(format!("{} does not answer: {error}", what()).into());
                }
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("{} ended: {status}", what()).into());
            }
        }
    }

    /// Processor seconds used so far.
    pub(super) fn seconds(&self) -> Result<f64> {
        process::seconds(&self.family)
    }

    /// Anonymous memory in use, in bytes.
    pub(super) fn memory(&self) -> u64 {
        process::anonymous(&self.family)
    }

    /// The most anonymous memory in use while `work` ran, in bytes.
    pub(super) fn peak<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<(u64, T)> {
        process::peak(&self.family, work)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        // A process that has ended already cannot be asked; it is reaped all the same.
        let _ = pid.map(|pid| kill_process(pid, Signal::TERM));
        let deadline = Deadline::after(ENDING);
        while matches!(self.child.try_wait(), Ok(None)) && !deadline.passed() {
            thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A free port of loopback. Somebody else may take it before the server does; then starting fails.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
