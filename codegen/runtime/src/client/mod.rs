//! What generated clients call.
//!
//! A generated method makes a [`Call`] from its request struct, hands it to a [`Caller`], and turns the
//! [`Reply`] into the operation's answer or an [`Error`]. Everything in between is here: URLs, default
//! headers, redirects, bounds on what is read into memory, ranges, conditions, pages, streams of events.
//!
//! The network is behind one trait with one method, [`Transport`]; [`HttpTransport`] is the usual one,
//! and [`ServiceTransport`] stays within the process, for tests.
//! Logging, credentials and repetition are transports that wrap another: each request carries a
//! [`CallInfo`] among its extensions, which says what is called and whether the host is still the
//! caller's own. Whoever adds credentials must look at [`CallInfo::foreign`].

mod call;
mod caller;
mod conditions;
mod error;
mod failure;
mod follow;
mod head;
mod http_transport;
mod pages;
mod ranges;
mod redirect;
mod reply;
mod service_transport;
mod target;
mod transport;

#[cfg(test)]
mod tests;

pub use crate::events::LastId;
pub use call::{Call, CallInfo};
pub use caller::Caller;
pub use conditions::{Conditions, Guarded, NotModified, Revalidated, guarded, revalidated};
pub use error::{CallError, DecodeError, Error, Undeclared};
pub use failure::{Bare, DeclaredError, Failure, One, ReadFailure, Reads, Repeated, Whole, read};
pub use follow::{Backoff, Following, follow, resume};
pub use head::Head;
pub use http_transport::{HttpTransport, init};
pub use pages::{Next, Pages, pages, pages_by};
pub use ranges::{PartRange, Partial, RangeRequest, partial};
pub use reply::{Bodiless, Reply, bodiless};
pub use service_transport::ServiceTransport;
pub use transport::{Transport, TransportError, TransportErrorKind};

/// Most bytes of a failure's body that are kept.
pub const FAILURE_LIMIT: u64 = 1 << 20;

/// Most bytes of an answer that is read into memory, where the API sets no limit of its own.
pub const ANSWER_LIMIT: u64 = 32 << 20;

/// Most redirects that one call follows.
pub const MAX_REDIRECTS: usize = 10;
