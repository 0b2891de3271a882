//! Why there is no way to log in.

use std::error::Error as StdError;
use std::sync::Arc;

use api_runtime::client::TransportError;

/// Why there is no way to log in. Clones share the cause: those who waited for one token get one error.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The registry sends its users to a token service that was not allowed. Nothing was sent there.
    #[error("the registry asks for a login at {realm:?}, which was not allowed")]
    ForeignRealm {
        /// Where it sends them.
        realm: String,
    },
    /// The token service is reached over plain HTTP. Nothing was sent there.
    #[error("the registry asks for a login over plain HTTP, at {realm:?}")]
    PlainRealm {
        /// Where it is.
        realm: String,
    },
    /// The registry does not say where its token service is, or not in a URL.
    #[error("the registry asks for a login at {realm:?}, which is no URL")]
    NoRealm {
        /// What it says.
        realm: String,
    },
    /// The token service refused.
    #[error("the token service answered {status}")]
    Refused {
        /// The status of its answer.
        status: u16,
    },
    /// The token service answered with something that is no token.
    #[error("the answer of the token service has {0}")]
    NoToken(&'static str),
    /// The token service gave no answer.
    #[error("the token service cannot be reached: {0}")]
    Transport(Arc<TransportError>),
    /// The credentials cannot be had.
    #[error("there are no credentials: {0}")]
    Credentials(Arc<dyn StdError + Send + Sync>),
}
