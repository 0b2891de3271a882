//! Examples of a descriptor as tests, of servers and of clients.
//!
//! Generated code has each example as an [`Example`]: the request and the answer as they are on the wire. A
//! [`Server`] sends the request and compares the answer. A client gets its values from the generated
//! function of the example; a [`Play`] in the place of the network compares what it sends, and plays the
//! answer, which the function compares as values. What an example does not say is not compared.

mod client;
mod compare;
mod events;
mod server;
mod values;

use std::fmt;

use crate::Operation;

pub use client::Play;
pub use server::Server;
pub use values::{body, bytes, form, form_union, items, json, list, map, scalar, verbatim};

/// A request as it might be, with its answer.
#[derive(Debug)]
pub struct Example {
    /// Its name in the descriptor.
    pub name: &'static str,
    /// What is called.
    pub operation: &'static Operation,
    /// Path and query.
    pub target: &'static str,
    /// Headers of the request: name and value.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body of the request.
    pub body: Content,
    /// What comes back.
    pub answer: Answer,
}

/// The answer of an example.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers that are compared.
    pub headers: &'static [(&'static str, &'static str)],
    /// Headers that an answer must have and the example does not name. They are played, not compared.
    pub others: &'static [(&'static str, &'static str)],
    /// The body.
    pub body: Content,
    /// What is not compared, but for its kind: `body/updated_at`, `headers/ETag`.
    pub varies: &'static [&'static str],
}

/// A body of an example.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// Nothing is said of it.
    Unsaid,
    /// A document of JSON.
    Json(&'static str),
    /// A value of JSON in each line.
    Lines(&'static str),
    /// The fields of a form.
    Form(&'static str),
    /// Events. More may come behind them.
    Events(&'static str),
    /// Bytes.
    Bytes(&'static [u8]),
    /// A failure as JSON.
    Failure {
        /// What must be there; there may be more.
        says: &'static str,
        /// The same with a detail, as it is played.
        played: &'static str,
    },
}

impl Content {
    /// As it is sent.
    pub fn as_bytes(&self) -> &'static [u8] {
        match self {
            Self::Unsaid => b"",
            Self::Json(text)
            | Self::Lines(text)
            | Self::Form(text)
            | Self::Events(text)
            | Self::Failure { played: text, .. } => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// Something is not as the example says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The operation and the name of the example.
    pub example: String,
    /// What differs: `status`, ``the header `ETag` ``, `the body at /title`.
    pub what: String,
    /// What the example says.
    pub expected: String,
    /// What there was.
    pub got: String,
}

impl Mismatch {
    fn new(
        example: &Example,
        what: impl Into<String>,
        expected: impl fmt::Display,
        got: impl fmt::Display,
    ) -> Self {
        Self {
            example: format!("{}, {}", example.operation.id, example.name),
            what: what.into(),
            expected: expected.to_string(),
            got: got.to_string(),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}: expected {}, got {}",
            self.example, self.what, self.expected, self.got
        )
    }
}

impl std::error::Error for Mismatch {}
