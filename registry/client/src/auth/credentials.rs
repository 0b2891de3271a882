//! Who the caller is, and where that comes from.

use std::error::Error as StdError;
use std::fmt;

use futures_util::future::{BoxFuture, FutureExt as _, ready};

use crate::secret::Secret;

/// What a registry, or its token service, is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// Nothing.
    #[default]
    Anonymous,
    /// A user and a password.
    Basic {
        /// The user, without a colon.
        user: String,
        /// The password.
        password: Secret,
    },
    /// What a token service gave instead of a password: an identity token, also called refresh token.
    IdentityToken(Secret),
    /// A token that the registry itself takes. No token service is asked.
    RegistryToken(Secret),
}

impl Credentials {
    /// A user and a password.
    pub fn basic(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::Basic {
            user: user.into(),
            password: password.into(),
        }
    }
}

/// Where credentials come from. They are asked for when they are needed: once for each token that a token
/// service is to give, and a password once until it is refused.
pub trait CredentialProvider: fmt::Debug + Send + Sync + 'static {
    /// The credentials for the registry at `origin`: `https://host[:port]`.
    fn credentials(
        &self,
        origin: &str,
    ) -> BoxFuture<'_, Result<Credentials, Box<dyn StdError + Send + Sync>>>;
}

impl CredentialProvider for Credentials {
    fn credentials(
        &self,
        _origin: &str,
    ) -> BoxFuture<'_, Result<Credentials, Box<dyn StdError + Send + Sync>>> {
        ready(Ok(self.clone())).boxed()
    }
}
