//! What scenarios play on: the programs, the directories, and the servers that are only read from.
//!
//! This registry, distribution and nginx serve one directory, which this registry wrote: all read the
//! same pages of the same files, so that where they lie in memory cannot favour one. zot has a layout of
//! its own, and a directory.

use std::cell::{Cell, OnceCell, RefCell};
use std::fs::{self, File};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Result;
use super::data::{Items, MEDIUM, Seed, Sizes};
use super::facts;
use super::http::Connection;
use super::peer::{Peer, Server};
use super::rounds::Entrant;
use super::tools::Tools;

/// How much is done: for numbers, or only to see that everything works.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) sizes: Sizes,
    /// Bytes that one sample of pulls moves.
    pub(super) pulled: u64,
    /// Bytes of the blob that one connection pushes.
    pub(super) pushed: usize,
    /// Bytes that each of several connections pushes.
    pub(super) pushed_each: usize,
    /// How long small requests are sent for.
    pub(super) time: Duration,
    /// How long requests are timed beside pulls.
    pub(super) long: Duration,
}

impl Plan {
    pub(super) fn full() -> Self {
        Self {
            sizes: Sizes {
                large: 1 << 30,
                cold: 512 << 20,
                cold_blobs: 8,
                tags: 10_000,
            },
            pulled: 4 << 30,
            pushed: 512 << 20,
            pushed_each: 192 << 20,
            time: Duration::from_millis(1500),
            long: Duration::from_secs(3),
        }
    }

    pub(super) fn quick() -> Self {
        Self {
            sizes: Sizes {
                large: 256 << 20,
                cold: 64 << 20,
                cold_blobs: 8,
                tags: 1000,
            },
            pulled: 512 << 20,
            pushed: 128 << 20,
            pushed_each: 64 << 20,
            time: Duration::from_millis(300),
            long: Duration::from_millis(500),
        }
    }

    /// The length of the longest item.
    pub(super) fn longest(&self) -> usize {
        let Sizes { large, cold, .. } = self.sizes;
        let lengths = [large, cold, MEDIUM, self.pushed, self.pushed_each];
        lengths.into_iter().fold(0, usize::max)
    }
}

/// The stage. It owns the servers that are read from.
pub(super) struct Stage<'b> {
    pub(super) plan: Plan,
    pub(super) seed: Seed,
    pub(super) noise: &'b [u8],
    /// The blobs that one connection pushes, and those that each of several does.
    pushed: [OnceCell<Items<'b>>; 2],
    tools: Tools,
    directory: PathBuf,
    readers: Vec<Server>,
    /// What servers that were written to have left.
    left: RefCell<Vec<PathBuf>>,
    /// Counts what must be new: directories and items.
    count: Cell<u64>,
}

impl<'b> Stage<'b> {
    /// Fills the directory that is read, below `directory`, and starts the servers over it. What a
    /// run before left there is removed.
    pub(super) fn set(
        tools: Tools,
        directory: PathBuf,
        noise: &'b [u8],
        plan: Plan,
        peers: &[Peer],
    ) -> Result<Self> {
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        fs::create_dir_all(&directory)?;
        let shared = root(&directory, Peer::Ours);
        let seed = fill(&tools, Peer::OursNone, &shared, noise, plan.sizes)?;
        if peers.contains(&Peer::Zot) {
            // It takes minutes for the tags, as it writes a list of all of them for each.
            let sizes = Sizes {
                cold_blobs: 0,
                tags: 0,
                ..plan.sizes
            };
            fill(
                &tools,
                Peer::Zot,
                &root(&directory, Peer::Zot),
                noise,
                sizes,
            )?;
        }
        let mut stage = Self {
            plan,
            seed,
            noise,
            pushed: [OnceCell::new(), OnceCell::new()],
            tools,
            directory,
            readers: Vec::new(),
            left: RefCell::default(),
            count: Cell::new(0),
        };
        stage.sync()?;
        for &peer in peers.iter().filter(|peer| **peer != Peer::OursNone) {
            let server = stage.another_reader(peer)?;
            let checked = stage.seed.check(&mut Connection::open(server.address)?);
            checked.map_err(|error| format!("{}: {error}", peer.title()))?;
            stage.readers.push(server);
        }
        Ok(stage)
    }

    /// The running server that is read from.
    pub(super) fn reader(&self, peer: Peer) -> Result<&Server> {
        let found = self.readers.iter().find(|server| server.peer == peer);
        found.ok_or_else(|| format!("{} is not read from", peer.title()).into())
    }

    /// One more server over the directory that is read.
    pub(super) fn another_reader(&self, peer: Peer) -> Result<Server> {
        Server::start(&self.tools, peer, &root(&self.directory, peer), &self.seed)
    }

    /// The file of a blob that is read from `peer`.
    pub(super) fn blob_file(&self, peer: Peer, digest: &str) -> PathBuf {
        peer.blob_file(&root(&self.directory, peer), digest)
    }

    /// A server over a new and empty directory.
    pub(super) fn writer(&self, peer: Peer) -> Result<Writer> {
        let root = self.directory.join(format!("write-{}", self.next()));
        let server = Server::start(&self.tools, peer, &root, &self.seed)?;
        Ok(Writer { server, root })
    }

    /// Stops a server and leaves its files until room is made.
    pub(super) fn leave(&self, writer: Writer) {
        self.left.borrow_mut().push(writer.root);
    }

    /// Removes what was left, waits for the disk, and has all free memory used once.
    pub(super) fn make_room(&self) -> Result<()> {
        for root in self.left.take() {
            fs::remove_dir_all(root)?;
        }
        self.sync()?;
        warm();
        Ok(())
    }

    /// A number that was not given before.
    pub(super) fn next(&self) -> u64 {
        self.count.set(self.count.get() + 1);
        self.count.get()
    }

    /// The blobs that one connection pushes, or those that each of several does.
    pub(super) fn pushed(&self, several: bool) -> &Items<'b> {
        let length = if several {
            self.plan.pushed_each
        } else {
            self.plan.pushed
        };
        self.pushed[usize::from(several)].get_or_init(|| Items::new(self.noise, length))
    }

    /// Stops the servers and removes what they read and wrote.
    pub(super) fn remove(self) -> Result<()> {
        drop(self.readers);
        Ok(fs::remove_dir_all(self.directory)?)
    }

    /// Waits until the disk has what was written, so that no sample pays for the one before.
    pub(super) fn sync(&self) -> Result<()> {
        Ok(rustix::fs::syncfs(File::open(&self.directory)?)?)
    }
}

/// Uses all memory that is free but `SPARE` and gives it back.
///
/// A hypervisor may take back what lay idle for a second or two; then the first use of a page costs more
/// than all else that a push does with it, most to whom takes memory in large pieces, as those lie idle.
fn warm() {
    const SPARE: usize = 1 << 30;
    const PAGE: usize = 4 << 10;
    let free = facts::free_memory().unwrap_or_default();
    let mut memory = vec![0_u8; free.saturating_sub(SPARE)];
    memory.iter_mut().step_by(PAGE).for_each(|byte| *byte = 1);
    black_box(&memory);
}

/// Where a server that is read from has its files.
fn root(directory: &Path, peer: Peer) -> PathBuf {
    directory.join(if peer == Peer::Zot {
        "read-zot"
    } else {
        "read"
    })
}

fn fill(tools: &Tools, peer: Peer, root: &Path, noise: &[u8], sizes: Sizes) -> Result<Seed> {
    let server = Server::start(tools, peer, root, &Seed::default())?;
    Seed::push(&mut Connection::open(server.address)?, noise, sizes)
}

/// A server that is written to.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) server: Server,
    root: PathBuf,
}
