//! Who may do what: the seam between a generated service and whatever knows users.

use std::fmt;
use std::future::Future;

use http::Extensions;
use http::request::Parts;

use crate::{Operation, Source};

/// Decides on each request, after its parameters are known to be well-formed and before its body is
/// read.
pub trait Authorize: Send + Sync + 'static {
    /// Whether the request with this head may do all that `access` lists, as the API declares it, with
    /// the request's values put in.
    fn authorize(
        &self,
        head: &Parts,
        operation: &'static Operation,
        access: Vec<String>,
    ) -> impl Future<Output = Result<Grant, Denial>> + Send;
}

/// Lets everybody do everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllowAll;

impl Authorize for AllowAll {
    async fn authorize(
        &self,
        _head: &Parts,
        _operation: &'static Operation,
        _access: Vec<String>,
    ) -> Result<Grant, Denial> {
        Ok(Grant::anonymous())
    }
}

/// A request is allowed; whom it comes from, and what else the handler should know of that.
#[derive(Clone, Default)]
pub struct Grant {
    user: Option<String>,
    data: Extensions,
}

impl Grant {
    /// Nobody in particular.
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// A user of this name.
    pub fn user(name: impl Into<String>) -> Self {
        Self {
            user: Some(name.into()),
            data: Extensions::new(),
        }
    }

    /// With something of a type of one's own, for handlers to find.
    #[must_use]
    pub fn with<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.data.insert(value);
        self
    }

    /// Name of the user.
    pub fn name(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// What [`Grant::with`] put in.
    pub fn get<T: Clone + Send + Sync + 'static>(&self) -> Option<&T> {
        self.data.get()
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// A request is not allowed.
#[derive(Debug)]
pub enum Denial {
    /// Nobody knows whom it comes from.
    Unauthenticated {
        /// Values of `WWW-Authenticate`, one for each way in.
        challenge: Vec<String>,
    },
    /// It comes from somebody who may not do this.
    Forbidden,
    /// It cannot be decided now. Logged.
    Unavailable(Source),
    /// It cannot be decided, because of a fault. Logged.
    Internal(Source),
}
