//! The cause of an internal error: what nobody declared.
//!
//! It is logged and never shown to a client, and it is the one door out of the declared errors, which
//! is why every error converts into it. For that it is no `Error` itself, since the conversion would
//! overlap with that of a type into itself.

use std::error::Error;
use std::fmt;

/// The cause of an internal error.
pub struct Source(Box<dyn Error + Send + Sync>);

impl Source {
    /// A cause from an error or a text.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }

    /// The error.
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }

    /// The error's own cause.
    pub fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }

    /// The error, by value.
    pub fn into_error(self) -> Box<dyn Error + Send + Sync> {
        self.0
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Source {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The error and its causes, separated by colons.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
