//! Contract tests and a mock server, from the descriptor of an HTTP API.
//!
//! [`verify`] derives requests from a descriptor, sends them to a server, and says where an answer is not what
//! the descriptor promises. It needs to know nothing of the server, so it tests those that were not generated,
//! too. [`mock`] is a server that answers as the descriptor says, by its examples.
//!
//! Both read a request in the same way (`contract`): the tests expect what the mock would answer. The way of a
//! test: `plan` makes requests, `wire` sends them byte by byte (over `tls` where the URL
//! says so), `judge` looks at the answers, `follow` asks on
//! where an answer leads further, `run` does it all in order and within bounds, [`report`] tells.

mod contract;
mod draft;
mod events;
mod follow;
mod judge;
mod kind;
mod message;
pub mod mock;
mod names;
mod plan;
pub mod report;
mod run;
mod tls;
mod wire;

pub use draft::Pins;
pub use kind::Kind;
pub use names::check;
pub use report::{Deviation, Report};
pub use run::{Options, verify};
pub use tls::Trust;
pub use wire::{Limits, Target};
