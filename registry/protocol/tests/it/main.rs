//! Tests of the protocol, in one binary.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ancestor;
mod document;
#[cfg(feature = "server")]
mod routes;
