//! What can go wrong, in kinds that a caller tells apart.
//!
//! An answer that is a failure keeps its status and its codes ([`Refused`]); whoever branches asks
//! [`Error::is_not_found`] and its like. Bytes that are not what their digest promised are an error of
//! their own, never an answer.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use api_runtime::WireError;
use api_runtime::client::{CallError, TransportError, Undeclared};
use registry_protocol::digest::{Mismatch, Unsupported};

use crate::auth::AuthError;
use crate::retry;

/// Why a registry did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There was no answer, or it broke off.
    #[error(transparent)]
    Transport(TransportError),
    /// There was no way to log in.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The registry answered with a failure.
    #[error(transparent)]
    Refused(#[from] Box<Refused>),
    /// The bytes that came are not those that were asked for.
    #[error("the registry sent other bytes: {0}")]
    Mismatch(#[from] Mismatch),
    /// Nobody here computes the hash function of the digest.
    #[error(transparent)]
    UnsupportedDigest(#[from] Unsupported),
    /// More bytes came than are taken into memory.
    #[error("the answer has more than {limit} bytes")]
    TooLarge {
        /// Most bytes that are taken.
        limit: u64,
    },
    /// An answer that no registry may give.
    #[error("the answer cannot be understood: {0}")]
    Unexpected(String),
    /// The registry wants the bytes of an upload sent to another host, which was not allowed.
    #[error("the registry wants an upload sent to another host: {location}")]
    ForeignLocation {
        /// Where it wants them.
        location: String,
    },
    /// What was to be pushed cannot be read.
    #[error("cannot read what is to be pushed")]
    Source(#[source] io::Error),
    /// What was pulled cannot be written.
    #[error("cannot write what was pulled")]
    Sink(#[source] io::Error),
    /// It failed again and again, the last time with this.
    #[error("gave up after {failures} failures: {last}")]
    GaveUp {
        /// How often it failed without getting on.
        failures: u32,
        /// The last failure.
        #[source]
        last: Box<Error>,
    },
    /// The client was set up with something that cannot be used.
    #[error("{0}")]
    Setup(String),
}

impl Error {
    /// The failure that the registry answered with, where that is what it was.
    pub fn refused(&self) -> Option<&Refused> {
        match self {
            Self::Refused(refused) => Some(refused),
            Self::GaveUp { last, .. } => last.refused(),
            _ => None,
        }
    }

    /// The status of the answer, where there was one that is a failure.
    pub fn status(&self) -> Option<u16> {
        self.refused().map(Refused::status)
    }

    /// Whether the answer has this code, such as `MANIFEST_UNKNOWN`.
    pub fn has_code(&self, code: &str) -> bool {
        let errors = self.refused().map(Refused::errors).unwrap_or_default();
        errors.iter().any(|error| error.code == code)
    }

    /// Whether there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// Whether the registry wants a login, or another one.
    pub fn is_unauthorized(&self) -> bool {
        let by_service = matches!(self, Self::Auth(AuthError::Refused { status: 401 | 403 }));
        by_service || self.status() == Some(401)
    }

    /// Whether the registry knows who asks, and does not allow it.
    pub fn is_denied(&self) -> bool {
        self.status() == Some(403)
    }

    /// Whether the same may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Transport(error) => retry::is_temporary_error(error.kind()),
            Self::Refused(refused) => retry::is_temporary(refused.status()),
            Self::GaveUp { last, .. } => last.is_temporary(),
            _ => false,
        }
    }

    pub(crate) fn unexpected(why: impl fmt::Display) -> Self {
        Self::Unexpected(why.to_string())
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        // Logging in happens within a transport, and there is no other way out of it.
        let auth = error.source().and_then(|source| source.downcast_ref());
        match auth {
            Some(auth) => Self::Auth(AuthError::clone(auth)),
            None => Self::Transport(error),
        }
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Transport(error) => error.into(),
            CallError::Undeclared(answer) => Box::new(Refused::from(*answer)).into(),
            CallError::Decode(error) => Self::unexpected(error),
        }
    }
}

/// A failure that a registry answered with.
#[derive(Debug)]
pub struct Refused {
    answer: Undeclared,
}

impl Refused {
    /// Its status.
    pub fn status(&self) -> u16 {
        self.answer.status()
    }

    /// What it says, where it has the form that registries use.
    pub fn errors(&self) -> &[WireError] {
        self.answer.errors()
    }

    /// In how many seconds it may be tried again, where it says so. A date is not read here.
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self
            .answer
            .head()
            .headers()
            .get(http::header::RETRY_AFTER)?;
        let seconds = value.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    }

    pub(crate) fn answer(&self) -> &Undeclared {
        &self.answer
    }
}

impl From<Undeclared> for Refused {
    fn from(answer: Undeclared) -> Self {
        Self { answer }
    }
}

/// Most characters of a message of a registry that are shown.
const SHOWN: usize = 200;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the registry answered {}", self.status())?;
        for error in self.errors() {
            // Whatever a stranger wrote must not move the cursor of a terminal.
            let shown = |text: &str| -> String {
                let short: String = text.chars().take(SHOWN).collect();
                short.escape_debug().collect()
            };
            write!(f, ", {}: {}", shown(&error.code), shown(&error.message))?;
        }
        Ok(())
    }
}

impl StdError for Refused {}
