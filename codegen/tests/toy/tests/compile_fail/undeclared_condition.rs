//! A label is written whatever was there before: its request has no conditions.

use toy::api_runtime::server::Context;
use toy::types::PutLabelError;

pub fn overwrite(cx: &Context) -> Result<(), PutLabelError> {
    Ok(cx.precondition(None, None)?)
}
