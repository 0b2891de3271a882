//! What can go wrong with a call, in four kinds that are never mixed.
//!
//! There was no answer ([`TransportError`]); there was one that the operation declares as a failure
//! (its own enum); one that it does not declare ([`Undeclared`]), as a proxy or an older server gives;
//! or one that it declares but that is not what was declared ([`DecodeError`]).

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use bytes::Bytes;

use super::{DeclaredError, Head, TransportError};
use crate::WireError;

/// Why a call has no success.
#[derive(Debug)]
pub enum Error<E> {
    /// A failure that the operation declares.
    Declared(E),
    /// No answer, or it broke off.
    Transport(TransportError),
    /// An answer that the operation does not declare.
    Undeclared(Box<Undeclared>),
    /// A declared answer that cannot be read.
    Decode(DecodeError),
}

/// Why a call has no answer of its operation: as [`Error`], before anything is known of the operation's
/// own failures.
#[derive(Debug)]
pub enum CallError {
    /// No answer, or it broke off.
    Transport(TransportError),
    /// An answer that is not declared.
    Undeclared(Box<Undeclared>),
    /// An answer that cannot be read.
    Decode(DecodeError),
}

impl<E> Error<E> {
    /// The failure, where it is a declared one.
    pub fn declared(&self) -> Option<&E> {
        match self {
            Self::Declared(error) => Some(error),
            _ => None,
        }
    }

    /// The same error with the operation's own failure converted.
    pub fn map<F>(self, convert: impl FnOnce(E) -> F) -> Error<F> {
        match self {
            Self::Declared(error) => Error::Declared(convert(error)),
            Self::Transport(error) => Error::Transport(error),
            Self::Undeclared(error) => Error::Undeclared(error),
            Self::Decode(error) => Error::Decode(error),
        }
    }
}

impl<E: DeclaredError> Error<E> {
    /// The status of the answer; `None` where there was none.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Declared(error) => Some(error.status()),
            Self::Transport(_) => None,
            Self::Undeclared(answer) => Some(answer.status()),
            Self::Decode(error) => Some(error.status()),
        }
    }
}

impl<E> From<CallError> for Error<E> {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Transport(error) => Self::Transport(error),
            CallError::Undeclared(error) => Self::Undeclared(error),
            CallError::Decode(error) => Self::Decode(error),
        }
    }
}

impl<E> From<TransportError> for Error<E> {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

impl<E> From<DecodeError> for Error<E> {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<TransportError> for CallError {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

impl From<DecodeError> for CallError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared(error) => error.fmt(f),
            Self::Transport(error) => error.fmt(f),
            Self::Undeclared(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
        }
    }
}

impl<E: StdError> StdError for Error<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Declared(error) => error.source(),
            Self::Transport(error) => error.source(),
            Self::Undeclared(error) => error.source(),
            Self::Decode(error) => error.source(),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => error.fmt(f),
            Self::Undeclared(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
        }
    }
}

impl StdError for CallError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Transport(error) => error.source(),
            Self::Undeclared(error) => error.source(),
            Self::Decode(error) => error.source(),
        }
    }
}

/// An answer that the operation does not declare.
#[derive(Debug)]
pub struct Undeclared {
    head: Head,
    errors: Vec<WireError>,
    body: Bytes,
}

impl Undeclared {
    pub(super) fn new(head: Head, errors: Vec<WireError>, body: Bytes) -> Self {
        Self { head, errors, body }
    }

    /// Its status.
    pub fn status(&self) -> u16 {
        self.head.status()
    }

    /// Its headers.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The errors in it, where its body has the API's envelope.
    pub fn errors(&self) -> &[WireError] {
        &self.errors
    }

    /// Its body, where it is not too long to be kept.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

/// Status and code only: the rest is somebody else's text.
impl fmt::Display for Undeclared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "an answer that is not declared: status {}",
            self.status()
        )?;
        self.errors
            .iter()
            .filter(|error| !error.code.is_empty())
            .try_for_each(|error| {
                // Codes of strangers may be anything.
                write!(f, ", {}", error.code.escape_debug())
            })
    }
}

impl StdError for Undeclared {}

/// A declared answer that is not what was declared.
#[derive(Debug)]
pub struct DecodeError {
    status: u16,
    place: Cow<'static, str>,
    source: Box<dyn StdError + Send + Sync>,
}

impl DecodeError {
    pub(super) fn new(
        status: u16,
        place: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            status,
            place: place.into(),
            source: source.into(),
        }
    }

    /// The status of the answer.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// What could not be read: `body`, or the name of a header.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the answer with status {} cannot be read: {}: {}",
            self.status, self.place, self.source
        )
    }
}

impl StdError for DecodeError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.source()
    }
}
