//! What generated servers call.
//!
//! A generated service is a table of routes and a function for each operation. [`mount`] makes a router
//! of it, which keeps the order that every request passes: path, method, request form, parameters,
//! access, body. So no byte of a body is read before access is granted. Whatever fails on the way is
//! answered in the envelope of the API; a handler that panics, too.
//!
//! Three kinds of failure are kept apart: a [`Refusal`] is made here, before a handler runs; a declared
//! error is a variant of the operation's own enum; an internal error is a [`Source`](crate::Source),
//! which is logged and of which the client sees nothing.

mod answer;
mod arriving;
mod authorize;
mod body;
mod budget;
mod call;
mod conditional;
mod context;
mod dispatch;
mod documents;
mod host;
mod ranges;
mod read;
mod refusal;
mod respond;
mod settings;
mod table;
#[cfg(test)]
mod testing;
pub mod transmit;
mod values;

pub use answer::{Answer, internal};
pub use authorize::{AllowAll, Authorize, Denial, Grant};
pub use body::{BodyFault, BodySpec};
pub use call::Call;
pub use conditional::PreconditionFailed;
pub use context::{Context, LONGEST_ID};
pub use dispatch::{RouteTemplate, TellOperation, mount, mount_layered};
pub use documents::{Document, documents};
pub use read::Read;
pub use refusal::Refusal;
pub use settings::Settings;
pub use table::{Condition, Form, Method, Place, Route, Service, Table, Test};
