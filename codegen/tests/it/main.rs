//! Integration tests of the generator, in one binary.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod changes;
mod diagnostics;
mod documents;
mod explain;
mod golden;
mod hostile;
mod html;
mod language;
mod openapi;
mod routes;
mod samples;
mod titles;
