//! The tests of the server, one binary: a module per part of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod binary;
mod config;
mod config_refused;
mod connections;
mod telemetry;
