//! The handlers of the group `jobs`.

use api_runtime::server::Context;

use crate::archive::Archive;
use crate::server::Jobs;
use crate::types::*;

impl Jobs for Archive {
    async fn get_job(&self, _cx: Context, request: GetJob) -> Result<GetJobResponse, GetJobError> {
        let job = self.held().job(&request.job)?;
        Ok(GetJobOk::new(job.describe()).into())
    }

    async fn cancel_job(
        &self,
        _cx: Context,
        request: CancelJob,
    ) -> Result<CancelJobResponse, CancelJobError> {
        let job = self.held().job(&request.job)?;
        job.cancel()?;
        Ok(CancelJobOk::new(job.describe()).into())
    }

    async fn watch_job(
        &self,
        _cx: Context,
        request: WatchJob,
    ) -> Result<WatchJobResponse, WatchJobError> {
        let job = self.held().job(&request.job)?;
        Ok(
            match job.watch(request.seen.unwrap_or_default(), self.pace) {
                Some(steps) => WatchJobOk::new(steps).into(),
                None => WatchJobAllSeen::new().into(),
            },
        )
    }

    async fn get_levels(
        &self,
        _cx: Context,
        request: GetLevels,
    ) -> Result<GetLevelsResponse, GetLevelsError> {
        let levels = self.held().job(&request.job)?.levels()?;
        let body = match request.accept {
            GetLevelsOkBodyAccept::Json => GetLevelsOkBody::Json(levels),
            GetLevelsOkBodyAccept::Csv => GetLevelsOkBody::Csv(table(&levels)),
            GetLevelsOkBodyAccept::SvgXml => GetLevelsOkBody::SvgXml(picture(&levels)),
        };
        Ok(GetLevelsOk::new(body).into())
    }
}

fn table(levels: &[Level]) -> String {
    let row = |level: &Level| format!("{},{}\n", level.at, level.level);
    levels.iter().map(row).collect::<Vec<_>>().concat()
}

/// A bar for each piece.
fn picture(levels: &[Level]) -> String {
    let bar = |(index, level): (usize, &Level)| {
        let (x, y, height) = (index * 10, 128 - level.level.min(128), level.level.min(128));
        format!("<rect x=\"{x}\" y=\"{y}\" width=\"8\" height=\"{height}\"/>\n")
    };
    let bars = levels
        .iter()
        .enumerate()
        .map(bar)
        .collect::<Vec<_>>()
        .concat();
    let width = levels.len().max(1) * 10;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} 128\">\n{bars}</svg>\n"
    )
}
