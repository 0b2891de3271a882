//! The handlers of the group `recordings`.

use std::sync::Arc;

use api_runtime::server::Context;
use api_runtime::{Body, Source};

use crate::archive::Archive;
use crate::measuring::Measuring;
use crate::server::Recordings;
use crate::types::*;

impl Recordings for Archive {
    async fn list_recordings(
        &self,
        _cx: Context,
        request: ListRecordings,
    ) -> Result<ListRecordingsResponse, ListRecordingsError> {
        let all: Vec<Recording> = self
            .held()
            .recordings
            .values()
            .map(|stored| stored.about.clone())
            .collect();
        let body = match request.accept {
            ListRecordingsOkBodyAccept::Json => ListRecordingsOkBody::Json(all),
            ListRecordingsOkBodyAccept::Csv => ListRecordingsOkBody::Csv(table(&all)),
            ListRecordingsOkBodyAccept::JsonLines => ListRecordingsOkBody::JsonLines(all.into()),
        };
        Ok(ListRecordingsOk::new(body).into())
    }

    async fn get_recording(
        &self,
        _cx: Context,
        request: GetRecording,
    ) -> Result<GetRecordingResponse, GetRecordingError> {
        let stored = self.held().recording(&request.recording)?.clone();
        let about = stored.about;
        // The whole of it. Ranges and conditions are cut out by the generated server.
        let sound = Body::from(stored.sound);
        Ok(GetRecordingOk::new(stored.etag, about.stored.into(), about.media_type, sound).into())
    }

    async fn put_recording(
        &self,
        cx: Context,
        request: PutRecording,
    ) -> Result<PutRecordingResponse, PutRecordingError> {
        // No more arrives than the descriptor allows.
        let sound = request.body.collect(u64::MAX).await.map_err(Source::new)?;
        let media_type = request
            .content_type
            .unwrap_or_else(|| "audio/basic".to_owned());
        let about = Recording::new(
            request.recording,
            media_type,
            sound.len() as u64,
            self.now(),
        );
        let mut held = self.held();
        let there = held
            .recordings
            .get(&about.name)
            .map(|stored| stored.etag.clone());
        cx.precondition(there.as_ref(), None)?;
        let stored = held.store(about, sound);
        let url = GetRecordingUrl::new(stored.about.name.clone());
        Ok(PutRecordingCreated::new(url.into(), stored.etag.clone()).into())
    }

    async fn delete_recording(
        &self,
        _cx: Context,
        request: DeleteRecording,
    ) -> Result<DeleteRecordingResponse, DeleteRecordingError> {
        self.held()
            .recordings
            .remove(&request.recording)
            .ok_or(NotFound)?;
        Ok(DeleteRecordingNoContent::new().into())
    }

    async fn describe_recording(
        &self,
        _cx: Context,
        request: DescribeRecording,
    ) -> Result<DescribeRecordingResponse, DescribeRecordingError> {
        let about = self.held().recording(&request.recording)?.about.clone();
        Ok(DescribeRecordingOk::new(about).into())
    }

    async fn measure_recording(
        &self,
        _cx: Context,
        request: MeasureRecording,
    ) -> Result<MeasureRecordingResponse, MeasureRecordingError> {
        let mut held = self.held();
        let sound = held.recording(&request.recording)?.sound.clone();
        let name = JobName::parse(&(held.jobs.len() + 1).to_string()).map_err(Source::new)?;
        let job = Arc::new(Measuring::new(
            name.clone(),
            request.recording,
            request.body,
        ));
        held.jobs.insert(name.clone(), Arc::clone(&job));
        let answer = MeasureRecordingAccepted::new(GetJobUrl::new(name).into(), job.describe());
        tokio::spawn(job.run(sound, self.pace));
        Ok(answer.into())
    }
}

fn table(recordings: &[Recording]) -> String {
    let row = |about: &Recording| format!("{},{},{}\n", about.name, about.media_type, about.bytes);
    recordings.iter().map(row).collect::<Vec<_>>().concat()
}
