//! A book can be lent, but reading about it never fails for that.

use toy::types::{GetBookError, GetBookOk, Lent};

pub fn answer() -> Result<GetBookOk, GetBookError> {
    Err(Lent)?
}
