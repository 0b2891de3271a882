//! Builds the registry from its configuration. Until the handlers are there it answers 503.

use axum::Router;
use axum::http::StatusCode;

use crate::config::Config;

/// Why the registry cannot be built.
#[derive(Debug, thiserror::Error)]
#[error("the registry cannot be built")]
pub struct Error;

/// The whole API as one router.
#[expect(
    clippy::unnecessary_wraps,
    reason = "building the storage can fail, and comes with it"
)]
pub(crate) fn router(_config: &Config) -> Result<Router, Error> {
    Ok(Router::new().fallback(|| async { StatusCode::SERVICE_UNAVAILABLE }))
}
