//! A library that lends books: an API with one of everything that the generator knows.
//!
//! `spec/` describes it, `generated/` is what the generator makes of it, to the byte: a test of
//! api-codegen compares. It is committed so that a change of the generator shows in review what it
//! does to users. `names` is another API, whose names are those that generated code has for itself.

/// For programs that have this crate alone at hand: those of the tests that must not compile.
pub use api_runtime;

/// A method for each operation.
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, reason = "what users get is looked at by eye")]
#[allow(deprecated, reason = "what is deprecated is still read and written")]
#[path = "generated/client.rs"]
pub mod client;

/// The examples of the descriptor, as tests of servers and of the client.
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, reason = "what users get is looked at by eye")]
#[allow(deprecated, reason = "what is deprecated is still read and written")]
#[path = "generated/examples.rs"]
pub mod examples;

/// A trait for each group of operations, and the router that calls them.
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, reason = "what users get is looked at by eye")]
#[allow(deprecated, reason = "what is deprecated is still read and written")]
#[path = "generated/server.rs"]
pub mod server;

/// Formats, schemas, error codes, and for each operation its URL, request and answers.
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, reason = "what users get is looked at by eye")]
#[allow(deprecated, reason = "what is deprecated is still read and written")]
#[path = "generated/types.rs"]
pub mod types;

/// An API whose names are words of Rust, or names that generated code has for itself.
pub mod names {
    api_runtime::include_api!(types, server, client, examples);
}
