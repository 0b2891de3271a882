//! The registry's domain and its storage.

pub mod driver;
