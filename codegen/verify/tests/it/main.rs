//! Contract tests and mock, against the toy API: its generated server, and servers with one fault each.
//!
//! `library` implements a part of the toy's traits for the toy's own tests; `server` does the rest.

mod broken;
mod clean;
#[expect(dead_code, reason = "the toy's own tests use all of it")]
#[expect(clippy::similar_names, reason = "`shelf` and `self` are told apart")]
#[path = "../../../tests/toy/tests/it/library.rs"]
mod library;
mod mock;
mod orders;
mod proxy;
mod secure;
mod server;
mod webhook;
