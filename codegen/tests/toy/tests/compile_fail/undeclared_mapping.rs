//! A mapping of errors is used in an operation that does not declare all that it yields.

use toy::types::{GetScanError, StartScanError, UnknownScan};

pub fn unknown<E: From<UnknownScan>>() -> E {
    UnknownScan.into()
}

pub fn declared() -> GetScanError {
    unknown()
}

pub fn undeclared() -> StartScanError {
    unknown()
}
