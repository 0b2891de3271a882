//! The registry's HTTP API: everything that stands in its descriptor, as Rust.
//!
//! `build.rs` generates the code from `spec`, which is `api-spec/distribution`: types, a trait for each
//! group of operations with the router that serves them (feature `server`), and a typed client with the
//! examples of the descriptor as tests (feature `client`). The types are at the root of the crate as well. To read the generated code, build with
//! `API_CODEGEN_OUT=DIR`. Only what belongs to the types themselves is written by hand beside them.

pub mod digest;

api_runtime::include_api!(
    types,
    #[cfg(feature = "server")]
    server,
    #[cfg(feature = "client")]
    client,
    #[cfg(feature = "client")]
    examples,
);

pub use types::*;
