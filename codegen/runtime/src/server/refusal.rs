//! Refusals: what is answered before a handler runs.

use crate::{Envelope, ErrorInfo, RejectionKind, WireError};

use super::Answer;

/// An answer that the server gives by itself.
#[derive(Debug)]
pub struct Refusal(Answer);

impl Refusal {
    /// The answer to `kind`, with what the client should know about it.
    pub(super) fn new(
        envelope: &'static Envelope,
        kind: RejectionKind,
        reason: Option<&str>,
    ) -> Self {
        Self::with_code(envelope, kind, None, reason)
    }

    /// As [`Refusal::new`], with a code of its own where there is one.
    pub(super) fn with_code(
        envelope: &'static Envelope,
        kind: RejectionKind,
        code: Option<&'static ErrorInfo>,
        reason: Option<&str>,
    ) -> Self {
        let info = code.unwrap_or_else(|| envelope.rejection(kind));
        let error = WireError::rejection(info, None, reason);
        Answer::new(kind.status())
            .failure(envelope, vec![error])
            .into()
    }

    /// The connection cannot be used again: what is left of the request is not read.
    pub(super) fn close(mut self) -> Self {
        self.0.parts.closes = true;
        self
    }

    /// The answer.
    pub(super) fn into_answer(self) -> Answer {
        self.0
    }
}

impl From<Answer> for Refusal {
    fn from(answer: Answer) -> Self {
        Self(answer)
    }
}
