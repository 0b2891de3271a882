//! What the other programs here look like where they are right: this one compiles.

// A server has what is deprecated as well, and who leaves it out is not warned.
#![deny(warnings)]

use toy::api_runtime::server::Context;
use toy::api_runtime::{Body, Etag, Source};
use toy::server::Scans;
use toy::types::*;

/// Mapped once, for all operations that declare the code.
pub fn unknown<E: From<UnknownScan> + From<Source>>(is_there: bool) -> Result<Etag, E> {
    if is_there {
        Ok(Etag::strong("1").map_err(Source::new)?)
    } else {
        Err(UnknownScan.into())
    }
}

/// An operation that is not to be called any more.
pub async fn old_fine(
    _: Context,
    request: GetOldFine,
) -> Result<GetOldFineResponse, GetOldFineError> {
    Ok(GetOldFineOk::new(Fine::new(request.fine, 10)).into())
}

/// Only the errors of requests with conditions are made of one that does not hold.
pub fn is_expected(cx: &Context, there: &Etag) -> Result<(), PutBookError> {
    Ok(cx.precondition(Some(there), None)?)
}

pub struct House;

impl Scans for House {
    async fn start_scan(
        &self,
        _: Context,
        request: StartScan,
    ) -> Result<StartScanResponse, StartScanError> {
        let id = ScanId::parse("1").map_err(Source::new)?;
        Ok(ScanMade::new(GetScanUrl::new(request.shelf, id).into()).into())
    }

    async fn send_scan(
        &self,
        _: Context,
        request: SendScan,
    ) -> Result<SendScanResponse, SendScanError> {
        Ok(ScanMade::new(GetScanUrl::new(request.shelf, request.id).into()).into())
    }

    async fn copy_scan(&self, _: Context, _: CopyScan) -> Result<CopyScanResponse, CopyScanError> {
        Ok(CopyScanQueued::new().into())
    }

    async fn get_scan(
        &self,
        _: Context,
        request: GetScan,
    ) -> Result<GetScanResponse, GetScanError> {
        let etag = unknown::<GetScanError>(request.scan.as_str() == "1")?;
        Ok(GetScanOk::new(etag, Body::empty()).into())
    }

    async fn fill_scan(&self, _: Context, _: FillScan) -> Result<FillScanResponse, FillScanError> {
        Ok(FillScanFilled::new(0).into())
    }
}
