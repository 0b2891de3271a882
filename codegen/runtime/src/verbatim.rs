//! A value together with the bytes that it was read from.

use bytes::Bytes;

/// A parsed body and its bytes as they were sent, for whoever must keep or hash them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verbatim<T> {
    /// What the bytes mean.
    pub value: T,
    /// The bytes.
    pub bytes: Bytes,
}

impl<T> Verbatim<T> {
    /// A value and its bytes; that they belong together is the caller's word.
    pub fn new(value: T, bytes: Bytes) -> Self {
        Self { value, bytes }
    }
}
