//! 202 is declared for copying a scan, not for starting one.

use toy::types::{CopyScanQueued, StartScanResponse};

pub fn answer() -> StartScanResponse {
    CopyScanQueued::new().into()
}
