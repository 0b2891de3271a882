//! Two answers say that the library is closed, and each for another reason.

use toy::types::{Closed, WriteLetterError, WriteLetterNoPaperFailure};

pub fn named() -> Result<(), WriteLetterError> {
    Err(WriteLetterNoPaperFailure::new(Closed))?
}

pub fn bare() -> Result<(), WriteLetterError> {
    Err(Closed)?
}
