//! The configuration as the program uses it: no option is left to default, no text left to parse.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// What is logged, and how.
    pub log: Log,
    /// Where content is kept, and what may be done to it.
    pub storage: Storage,
    /// The listener and what is common to all answers.
    pub http: Http,
    /// The largest page of the catalog (`catalog.maxentries`).
    pub catalog_max_entries: u64,
    /// The largest page of a list of tags (`tags.maxtags`).
    pub tags_max: u64,
    /// Whether an index may name manifests that are not there (`validation.manifests.indexes`).
    pub sparse_indexes: bool,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The least severe level that is logged.
    pub level: LogLevel,
    /// How a line is written.
    pub format: LogFormat,
    /// Whether each request is logged.
    pub access_log: bool,
    /// Fields added to each line, in the order of the file.
    pub fields: Vec<(String, String)>,
}

/// A level of severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Something deserves a look.
    Warn,
    /// What happens in the ordinary run of things.
    Info,
    /// What only a developer wants to know.
    Debug,
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// `key=value` pairs.
    Text,
    /// A JSON object a line.
    Json,
}

/// Where content is kept, and what may be done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// The driver that keeps it.
    pub driver: Driver,
    /// Whether blobs and manifests may be deleted (`storage.delete.enabled`).
    pub delete: bool,
    /// Whether a driver may send readers elsewhere (`storage.redirect.disable`, turned round).
    pub redirect: bool,
    /// What becomes of uploads that nobody goes on with; nothing where it is turned off.
    pub purging: Option<Purging>,
}

/// What becomes of uploads that nobody goes on with (`storage.maintenance.uploadpurging`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purging {
    /// They are removed when they are so old.
    pub age: Duration,
    /// So long after a purge comes the next one.
    pub interval: Duration,
    /// Whether they are only counted.
    pub dry_run: bool,
}

/// A storage driver with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Driver {
    /// Files below a directory.
    Filesystem {
        /// The directory.
        root: PathBuf,
        /// What an acknowledged write survives.
        durability: Durability,
    },
    /// The memory of the process: gone when it ends.
    InMemory,
}

/// What an acknowledged write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process and the loss of power.
    Full,
    /// The end of the process only: nothing is synced to disk.
    None,
}

/// The listener and what is common to all answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Http {
    /// Where to listen.
    pub address: Address,
    /// The path below which the API lies; starts and ends with a slash.
    pub prefix: String,
    /// Scheme and authority of the URLs in answers, where they are fixed (`http.host`).
    pub host: Option<String>,
    /// Whether URLs in answers leave scheme and authority out.
    pub relative_urls: bool,
    /// Headers added to each answer.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// How long running requests may go on after the signal to stop.
    pub drain_timeout: Duration,
    /// What connections may ask of the server.
    pub limits: Limits,
}

/// What connections may ask of the server (`http.limits`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// So many connections are open at most; further ones wait in the system's queue.
    pub connections: usize,
    /// A new connection must send its first byte within this time.
    pub first_byte: Duration,
    /// The head of a request must be complete so long after its first byte.
    pub header: Duration,
    /// A connection may rest so long between two requests.
    pub idle: Duration,
    /// A body may stand still so long, in either direction; there is no limit to its total time.
    pub stall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            first_byte: Duration::from_secs(30),
            header: Duration::from_secs(10),
            idle: Duration::from_mins(2),
            stall: Duration::from_mins(1),
        }
    }
}

/// Where to listen. A host is a name, an address, or empty for every address of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// Reads `HOST:PORT`; an IPv6 address stands in brackets, the host may be left out.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        let port = port.parse().ok().filter(|_| digits)?;
        let bare = match host.strip_prefix('[') {
            Some(rest) => {
                let inner = rest.strip_suffix(']')?;
                inner.parse::<std::net::Ipv6Addr>().ok()?;
                inner
            }
            None if host.contains(':') => return None,
            None => host,
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
        bare.chars().all(plain).then(|| Self {
            host: bare.to_owned(),
            port,
        })
    }

    /// The host; empty for every address of the machine.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; 0 lets the system choose one.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}
