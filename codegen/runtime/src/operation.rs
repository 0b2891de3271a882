//! What is known of an operation beside its types: for routing, logs, metrics and the client.

use crate::{Envelope, UnixTime};

/// One operation of an API.
#[derive(Debug)]
pub struct Operation {
    /// Its name, `snake_case`.
    pub id: &'static str,
    /// Its group.
    pub group: &'static str,
    /// Its method; HEAD is not told apart from the GET that it belongs to.
    pub method: &'static str,
    /// The template of its path.
    pub template: &'static str,
    /// What its caller must be allowed, as it is written: `{x}` stands for the value of a parameter.
    pub access: &'static [&'static str],
    /// HEAD is answered by it, too.
    pub head: bool,
    /// Conditional requests.
    pub conditional: Option<Conditional>,
    /// Ranges of its body are answered.
    pub ranges: bool,
    /// Header with a key by which a repetition of a request is known.
    pub idempotency: Option<&'static str>,
    /// Since when it should not be used any more.
    pub deprecation: Option<UnixTime>,
    /// When it will be gone.
    pub sunset: Option<UnixTime>,
    /// The shape of its failures.
    pub envelope: &'static Envelope,
}

impl Operation {
    /// Whether a request does no more when it is sent again as it is: by its method (RFC 9110, section
    /// 9.2.2), or because the server knows it by its key.
    pub fn is_repeatable(&self) -> bool {
        matches!(self.method, "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE")
            || self.idempotency.is_some()
    }
}

/// Which conditions of a request the server evaluates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conditional {
    /// If-None-Match and If-Modified-Since: 304.
    Read,
    /// If-Match, If-None-Match and If-Unmodified-Since: 412.
    Write,
}
