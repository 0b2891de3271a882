//! The client against the real server, with a bad line or a gate between them, and against registries that
//! are no more than a function.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod copy;
mod gate;
mod line;
mod lists;
mod login;
mod manifests;
mod odd;
mod pull;
mod push;
mod referrers;
mod script;
mod served;
mod sockets;
