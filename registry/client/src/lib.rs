//! A client of registries.
//!
//! [`Client`] is generated from the API's descriptor: a method for each operation, on the types of
//! `registry-protocol`, which are at the root of this crate as well. What is not of this API alone, such
//! as errors, ranges and pages, is in [`runtime`].

pub use api_runtime::client as runtime;
pub use registry_protocol::client::Client;
pub use registry_protocol::*;
