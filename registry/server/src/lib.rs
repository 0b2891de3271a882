//! The registry server: configuration, HTTP, and the handlers that bind the API to the storage.
//!
//! Reading order: [`config`] (what the operator asked for), `app` (the registry built from it),
//! [`http`] (connections and what surrounds each request), [`shutdown`] (how it ends). The binary
//! `registry` is a command line in front of [`serve`].

mod app;
pub mod config;
mod handlers;
pub mod http;
mod open_files;
mod serve;
pub mod shutdown;
pub mod telemetry;

pub use serve::{Server, StartError, router, serve};
