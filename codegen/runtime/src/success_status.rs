//! The status of an answer whose descriptor gives a class of them: `status_class: 2xx`.
//!
//! Servers take it from their handlers and clients yield it, so there is none outside the class.

use std::fmt;

/// A status from 200 to 299.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SuccessStatus(u16);

impl SuccessStatus {
    /// 200.
    pub const OK: Self = Self(200);
    /// 201.
    pub const CREATED: Self = Self(201);
    /// 202.
    pub const ACCEPTED: Self = Self(202);
    /// 204.
    pub const NO_CONTENT: Self = Self(204);

    /// The status, where it is one of a success.
    pub const fn new(status: u16) -> Option<Self> {
        match status {
            200..=299 => Some(Self(status)),
            _ => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for SuccessStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_none_outside_the_class() {
        let of = |status| SuccessStatus::new(status).map(SuccessStatus::get);
        assert_eq!(
            [of(199), of(200), of(299), of(300), of(0)],
            [None, Some(200), Some(299), None, None]
        );
        assert_eq!(SuccessStatus::new(204), Some(SuccessStatus::NO_CONTENT));
    }
}
