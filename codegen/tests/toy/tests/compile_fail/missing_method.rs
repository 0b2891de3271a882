//! An operation of the group has no handler.

use toy::api_runtime::Source;
use toy::api_runtime::server::Context;
use toy::server::Scans;
use toy::types::*;

pub struct House;

impl Scans for House {
    async fn start_scan(
        &self,
        _: Context,
        _: StartScan,
    ) -> Result<StartScanResponse, StartScanError> {
        Err(Source::new("closed").into())
    }

    async fn send_scan(&self, _: Context, _: SendScan) -> Result<SendScanResponse, SendScanError> {
        Err(Source::new("closed").into())
    }

    async fn copy_scan(&self, _: Context, _: CopyScan) -> Result<CopyScanResponse, CopyScanError> {
        Err(Source::new("closed").into())
    }

    async fn get_scan(&self, _: Context, _: GetScan) -> Result<GetScanResponse, GetScanError> {
        Err(Source::new("closed").into())
    }
}
