//! What a handler is told beside its request.

use std::net::SocketAddr;

use http::request::Parts;
use http::{Extensions, HeaderName};

use super::Grant;
use super::PreconditionFailed;
use super::conditional::Conditions;
use crate::{Conditional, Etag, HttpDate, Operation};

/// The longest request id that is taken over.
pub const LONGEST_ID: usize = 128;

/// What a handler is told beside its request.
#[derive(Debug)]
pub struct Context {
    /// What is called.
    pub operation: &'static Operation,
    /// Whether the request is HEAD: of the answer, the body is not sent.
    pub is_head: bool,
    /// The `X-Request-Id` of the request, which a layer in front may have made up.
    pub request_id: Option<String>,
    /// The other end of the connection, where the server was told.
    pub peer: Option<SocketAddr>,
    /// Who is allowed.
    pub grant: Grant,
    /// What layers in front have put into the request.
    pub extensions: Extensions,
}

impl Context {
    /// The context of a call that came over no network: for tests and for calls within a program.
    pub fn local(operation: &'static Operation) -> Self {
        Self {
            operation,
            is_head: false,
            request_id: None,
            peer: None,
            grant: Grant::anonymous(),
            extensions: Extensions::new(),
        }
    }

    /// Whether the request has conditions that [`Context::precondition`] would check.
    pub fn is_conditional(&self) -> bool {
        let conditions = self.extensions.get::<Conditions>();
        conditions.is_some_and(Conditions::are_of_writer)
    }

    /// Checks `If-Match`, `If-None-Match` and `If-Unmodified-Since` of an operation with
    /// `conditional: write` against what is there now; `None` where nothing is. The handler calls it
    /// while nobody else can write, and returns the error, which `?` does; the answer is the envelope's
    /// `precondition`.
    ///
    /// Only the errors of operations that declare `conditional: write` can be made of a
    /// [`PreconditionFailed`], so that in others this does not compile. Where it is asked for all the same,
    /// by way of another type of errors, it fails always: what looks like a check must be one.
    pub fn precondition(
        &self,
        etag: Option<&Etag>,
        modified: Option<&HttpDate>,
    ) -> Result<(), PreconditionFailed> {
        if self.operation.conditional != Some(Conditional::Write) {
            tracing::error!(
                operation = self.operation.id,
                "conditions are not looked at: the descriptor does not say `conditional: write`"
            );
            return Err(PreconditionFailed);
        }
        // A call within the program has none.
        let conditions = self.extensions.get::<Conditions>();
        conditions.map_or(Ok(()), |conditions| conditions.check_write(etag, modified))
    }
}

/// The id of a request, where a layer in front or the client has given one.
pub(super) fn request_id(head: &Parts) -> Option<&str> {
    static NAME: HeaderName = HeaderName::from_static("x-request-id");
    let id = head.headers.get(&NAME)?.to_str().ok()?;
    (id.len() <= LONGEST_ID).then_some(id)
}
