//! What may go wrong in a driver, by what a caller does about it.
//!
//! `NotFound` means that the storage said so. Every fault of the storage is another variant: a read that
//! failed must never look like something that is not there.

use std::error::Error;
use std::fmt;
use std::io;

use super::Key;

/// What a driver was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Read a small file whole.
    Read,
    /// Open a file for reading.
    Open,
    /// Read a part of an open file.
    ReadAt,
    /// Look at a file or directory.
    Stat,
    /// List a directory.
    List,
    /// Write a small file whole.
    Put,
    /// Open a file for appending.
    Append,
    /// Append to an open file.
    Write,
    /// Make what was appended durable.
    Sync,
    /// Give a file another key.
    Rename,
    /// Delete a file.
    Delete,
    /// Delete a directory and what is in it.
    DeleteTree,
    /// Make a URL from which a client may read a file.
    RedirectUrl,
    /// Remove what interrupted writes left behind.
    Sweep,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Open => "open",
            Self::ReadAt => "read_at",
            Self::Stat => "stat",
            Self::List => "list",
            Self::Put => "put",
            Self::Append => "append",
            Self::Write => "write",
            Self::Sync => "sync",
            Self::Rename => "rename",
            Self::Delete => "delete",
            Self::DeleteTree => "delete_tree",
            Self::RedirectUrl => "redirect_url",
            Self::Sweep => "sweep",
        })
    }
}

/// The answer of a driver that could not do as asked. Its texts are for the log, never for a client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DriverError {
    /// There is no such file, or no such directory.
    #[error("`{key}` does not exist")]
    NotFound {
        /// What was asked for.
        key: Key,
    },
    /// A create-only write found something there.
    #[error("`{key}` exists")]
    AlreadyExists {
        /// What should have been created.
        key: Key,
    },
    /// A file does not end where an append was to begin.
    #[error("`{key}` ends at {actual}, not at {expected}")]
    InvalidOffset {
        /// The file.
        key: Key,
        /// Where the caller thought that it ends.
        expected: u64,
        /// Where it ends.
        actual: u64,
    },
    /// A file is longer than the caller is ready to hold in memory.
    #[error("`{key}` is longer than {limit} bytes")]
    TooLarge {
        /// The file.
        key: Key,
        /// The bound of the read.
        limit: u64,
    },
    /// Somebody else is appending to this file.
    #[error("`{key}` is being written")]
    Busy {
        /// The file.
        key: Key,
    },
    /// The driver cannot do this at all.
    #[error("{driver}: {operation} is not supported")]
    NotSupported {
        /// What was asked for.
        operation: Operation,
        /// The name of the driver.
        driver: &'static str,
    },
    /// What is there is neither a file nor a directory, or lies behind a symbolic link.
    #[error(
        "`{key}` is, or lies behind, what is neither a file nor a directory: a symbolic link is not followed"
    )]
    Foreign {
        /// What was asked for.
        key: Key,
    },
    /// The storage, or the share of it that is granted, is full.
    #[error("{driver}: {operation}: no space is left")]
    NoSpace {
        /// What was tried.
        operation: Operation,
        /// The name of the driver.
        driver: &'static str,
        /// What the system said.
        source: Source,
    },
    /// The storage may not be written.
    #[error("{driver}: {operation}: the storage is read-only")]
    ReadOnly {
        /// What was tried.
        operation: Operation,
        /// The name of the driver.
        driver: &'static str,
        /// What the system said.
        source: Source,
    },
    /// The process or the system has as many files open as it may.
    #[error("{driver}: {operation}: too many files are open")]
    TooManyFiles {
        /// What was tried.
        operation: Operation,
        /// The name of the driver.
        driver: &'static str,
        /// What the system said.
        source: Source,
    },
    /// Any other fault of the storage.
    #[error("{driver}: {operation} failed")]
    Other {
        /// What was tried.
        operation: Operation,
        /// The name of the driver.
        driver: &'static str,
        /// What the system said.
        source: Source,
    },
}

/// A cause, and the file or directory that it is about.
#[derive(Debug, thiserror::Error)]
#[error("`{key}`: {cause}")]
struct About {
    key: Key,
    cause: Source,
}

/// The cause of a fault.
pub type Source = Box<dyn Error + Send + Sync + 'static>;

impl DriverError {
    /// Whether the same call may well succeed later, without anybody doing anything about it.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::TooManyFiles { .. } => true,
            Self::Other { source, .. } => {
                let about = source.downcast_ref::<About>();
                let source = about.map_or(source, |about| &about.cause);
                let error = source.downcast_ref::<io::Error>();
                error.is_some_and(|error| {
                    matches!(
                        error.kind(),
                        io::ErrorKind::Interrupted
                            | io::ErrorKind::TimedOut
                            | io::ErrorKind::WouldBlock
                    )
                })
            }
            _ => false,
        }
    }

    /// Says which file or directory a fault is about, where that is not said yet.
    #[must_use]
    pub fn about(mut self, key: &Key) -> Self {
        if let Self::NoSpace { source, .. }
        | Self::ReadOnly { source, .. }
        | Self::TooManyFiles { source, .. }
        | Self::Other { source, .. } = &mut self
            && !source.is::<About>()
        {
            let cause = std::mem::replace(source, Box::from(""));
            let key = key.clone();
            *source = Box::new(About { key, cause });
        }
        self
    }

    /// Whether it says that something is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}

/// A read that fails in the middle of an answer ends that answer.
impl From<DriverError> for io::Error {
    fn from(error: DriverError) -> Self {
        let kind = match &error {
            DriverError::NotFound { .. } => io::ErrorKind::NotFound,
            DriverError::AlreadyExists { .. } => io::ErrorKind::AlreadyExists,
            DriverError::NoSpace { .. } => io::ErrorKind::StorageFull,
            DriverError::ReadOnly { .. } => io::ErrorKind::ReadOnlyFilesystem,
            DriverError::Busy { .. } => io::ErrorKind::ResourceBusy,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_what_it_is_about_once_and_stays_what_it_is() {
        let fault = |kind: io::ErrorKind| DriverError::Other {
            operation: Operation::Put,
            driver: "test",
            source: Box::new(io::Error::from(kind)),
        };
        let [one, other] = ["a/b", "c"].map(|text| Key::parse(text).unwrap());
        let about = fault(io::ErrorKind::TimedOut).about(&one).about(&other);
        assert_eq!(about.to_string(), "test: put failed");
        let cause = about.source().unwrap().to_string();
        assert_eq!(cause, "`a/b`: timed out");
        assert!(about.is_transient());
        let lasting = fault(io::ErrorKind::PermissionDenied).about(&one);
        assert!(!lasting.is_transient());
        let missing = DriverError::NotFound { key: one }.about(&other);
        assert_eq!(missing.to_string(), "`a/b` does not exist");
    }
}
