//! The registry's domain and its storage.
//!
//! `domain` says what a registry does, as traits, and `error` what may go wrong. `Local` does it over a
//! `driver` (where bytes are kept) and a `layout` (under which names).

mod blob;
mod cache;
mod catalog;
mod clock;
#[cfg(test)]
mod damage_tests;
pub mod domain;
pub mod driver;
pub mod error;
#[cfg(test)]
mod fault_tests;
mod layout;
mod local;
mod locks;
mod manifest;
mod options;
#[cfg(test)]
mod order_tests;
mod shared;
mod signature;
#[cfg(test)]
mod sync_tests;
mod tag;
mod tasks;
#[cfg(test)]
mod testing;
mod upload;

pub use clock::{Clock, Ids, RandomIds, SystemClock};
pub use local::Local;
pub use options::Options;
pub use signature::Signatures;
pub use upload::{PurgeOptions, Purged};
