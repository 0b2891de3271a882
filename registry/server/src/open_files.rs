//! How many files and sockets the process may have open.
//!
//! Service managers start programs with a soft limit of 1024, for the sake of old ones that cannot deal with
//! more, and with a hard limit far above it, up to which a program may help itself. Each connection is a
//! descriptor, and a push has some twenty while it lasts; without any the server answers 503.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// With fewer descriptors for each connection pushes may find none while all connections are busy.
const FOR_EACH: u64 = 4;

/// Raises the soft limit to the hard one, and says what came of it.
pub(crate) fn raise(connections: usize) {
    let before = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: before.maximum,
        ..before
    };
    let done = if before.current == before.maximum {
        Ok(())
    } else {
        setrlimit(Resource::Nofile, raised).map_err(io::Error::from)
    };
    if let Err(error) = done {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
    // No limit is more than enough.
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let wanted = u64::try_from(connections)
        .unwrap_or(u64::MAX)
        .saturating_mul(FOR_EACH);
    if limit < wanted {
        tracing::warn!(
            limit,
            connections,
            wanted,
            "few files may be open at once for so many connections: raise the hard limit (`ulimit -Hn`, \
             `LimitNOFILE` of systemd), or lower `http.limits.connections`"
        );
    } else {
        tracing::info!(limit, "files that may be open at once");
    }
}
