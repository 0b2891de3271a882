//! The registry's HTTP API: everything that stands in its descriptor, as Rust.
//!
//! `build.rs` generates the code from `spec`, which is `api-spec/distribution`: types, a trait for each
//! group of operations with the router that serves them (feature `server`), and a typed client (feature
//! `client`). The types are at the root of the crate as well. To read the generated code, build with
//! `API_CODEGEN_OUT=DIR`. Only what belongs to the types themselves is written by hand beside them.

pub mod digest;

/// Formats, schemas, error codes, and for each operation its URL, request and answers.
#[allow(
    clippy::all,
    clippy::pedantic,
    reason = "generated code is judged by its generator's tests"
)]
pub mod types {
    include!(concat!(env!("OUT_DIR"), "/types.rs"));
}

/// A trait for each group of operations, and the router that calls them.
#[cfg(feature = "server")]
#[allow(
    clippy::all,
    clippy::pedantic,
    reason = "generated code is judged by its generator's tests"
)]
pub mod server {
    include!(concat!(env!("OUT_DIR"), "/server.rs"));
}

/// A client with a method for each operation.
#[cfg(feature = "client")]
#[allow(
    clippy::all,
    clippy::pedantic,
    reason = "generated code is judged by its generator's tests"
)]
pub mod client {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

pub use types::*;
