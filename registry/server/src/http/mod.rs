//! HTTP below the generated router: connections, their limits, and what surrounds each request.
//!
//! `listen` accepts and drains, `connection` serves one connection under its time limits, `layers`
//! is what every request passes on its way to the router and back, `access_log` what is told of it. No
//! operation is known here by name.

mod access_log;
mod body;
mod connection;
mod layers;
pub mod listen;

pub use body::Stalled;
pub use layers::Surround;
pub use listen::{Accept, Drained};
