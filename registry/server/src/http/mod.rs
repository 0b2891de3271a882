//! HTTP below the generated router: connections, their limits, and what surrounds each request.
//!
//! `listen` accepts and drains, `connection` serves one connection under its time limits, `layers`
//! is what every request passes on its way to the router and back. Nothing here knows an operation.

mod body;
mod connection;
mod layers;
pub mod listen;

pub use body::Stalled;
pub use layers::{RequestId, Surround};
pub use listen::{Accept, Drained};
