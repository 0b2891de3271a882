//! Tests of the protocol, in one binary.

mod ancestor;
mod document;
#[cfg(feature = "server")]
mod routes;
