//! How a service is mounted.

use std::time::Duration;

/// Most bytes of a body that is read into memory, where the API sets no limit of its own.
const BODY_LIMIT: u64 = 2 << 20;

/// Most bytes of all bodies that are read into memory at once.
const BODIES_LIMIT: u64 = 64 << 20;

/// So long the memory of other bodies may be waited for.
const BODIES_PATIENCE: Duration = Duration::from_secs(5);

/// Less than the minute after which many proxies give up.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How a service is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Path before every path of the API, without a final slash: `/api`. Paths elsewhere do not
    /// exist.
    pub prefix: String,
    /// Base of absolute URLs, without the prefix: `https://example.com`. Without it a URL begins with the
    /// host that the client named.
    pub base: Option<String>,
    /// URLs in answers have no host, so that they hold wherever the client found this server.
    pub relative: bool,
    /// Most bytes of a body that is read into memory, where the API sets no limit of its own.
    pub body_limit: u64,
    /// Most bytes of such bodies that are in memory at once, those of all requests together; their beginnings of
    /// 16 KiB each do not count. A request that finds no room waits, and is refused as unavailable then.
    pub bodies_limit: u64,
    /// How long a request waits for that room.
    pub bodies_patience: Duration,
    /// Requests of HTTP/1.1 that have not exactly one valid `Host` are refused, as they should be. Not so by
    /// default: what calls a router within a program mostly has none.
    pub strict_host: bool,
    /// After how long without an event a comment is sent on a stream of events; `None`: never.
    pub keep_alive: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            base: None,
            relative: true,
            body_limit: BODY_LIMIT,
            bodies_limit: BODIES_LIMIT,
            bodies_patience: BODIES_PATIENCE,
            strict_host: false,
            keep_alive: Some(KEEP_ALIVE),
        }
    }
}

impl Settings {
    /// With a path before every path of the API. Slashes at its end are taken off.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        prefix.trim_end_matches('/').clone_into(&mut self.prefix);
        self
    }

    /// With absolute URLs in answers. They begin with `base`, or without one with the host that the
    /// client named.
    #[must_use]
    pub fn absolute(mut self, base: Option<String>) -> Self {
        self.base = base.map(|base| base.trim_end_matches('/').to_owned());
        self.relative = false;
        self
    }

    /// With requests refused that have not exactly one valid `Host`.
    #[must_use]
    pub fn strict_host(mut self) -> Self {
        self.strict_host = true;
        self
    }

    /// With comments on streams of events whenever there was none for so long, or without any.
    #[must_use]
    pub fn keep_alive(mut self, after: Option<Duration>) -> Self {
        self.keep_alive = after;
        self
    }

    /// With a limit for bodies that are read into memory, where the API sets none.
    #[must_use]
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = bytes;
        self
    }

    /// With so much memory for all bodies that are read into it at once, for which a request waits so long.
    #[must_use]
    pub fn bodies_limit(mut self, bytes: u64, patience: Duration) -> Self {
        self.bodies_limit = bytes;
        self.bodies_patience = patience;
        self
    }
}
