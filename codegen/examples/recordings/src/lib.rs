//! Recordings, and jobs that measure them: streams, ranges, verbs on a path, forms, and answers to choose from.
//!
//! `spec/` says what the API is. From it `build.rs` generates [`types`], [`server`], [`client`] and [`examples`].
//! `archive` keeps recordings and jobs, `measuring` does what a job does, `recordings` and `jobs` are the handlers, a
//! file for each group of operations, and `keys` knows who may do what.

mod archive;
mod jobs;
mod keys;
mod measuring;
mod recordings;

use std::time::Duration;

use api_runtime::{DateTime, axum};

api_runtime::include_api!(types, server, client, examples);

pub use archive::Archive;
pub use keys::Keys;

/// An empty archive, ready to be served. `now` is the clock, `pace` how long a job rests after each piece, and
/// `key` is good for everything.
pub fn app(now: fn() -> DateTime, pace: Duration, key: &str) -> axum::Router {
    server::router(Archive::new(now, pace), Keys::new([key]))
}
