//! What the generated client can do with the archive.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use api_runtime::axum::Router;
use api_runtime::bytes::Bytes;
use api_runtime::client::{
    Backoff, Caller, Conditions, Error, Guarded, Partial, RangeRequest, ServiceTransport,
    Transport, TransportError,
};
use api_runtime::http::{Request, Response};
use api_runtime::{Body, Event, EventId, Items};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use recordings::client::Client;
use recordings::types::*;

use super::{FAST, SLOW, start};

type Step = WatchJobOkBodyEvent;

async fn client(pace: Duration) -> Client {
    let address = start(pace).await;
    Caller::new(&format!("http://{address}"))
        .and_then(|caller| caller.with_header("X-API-Key", "secret"))
        .expect("a good URL")
        .into()
}

fn name() -> RecordingName {
    RecordingName::parse("interviews/2026/anna").expect("a name")
}

/// Stores three pieces: silence, something, noise.
async fn store<T: Transport>(client: &Client<T>) -> PutRecordingCreated {
    let pieces = [[128; 16], [118; 16], [0; 16]];
    let pieces = stream::iter(pieces).map(|piece| Ok(Bytes::copy_from_slice(&piece)));
    let mut request = PutRecording::new(name(), Body::stream(Some(48), pieces.boxed()));
    request.content_type = Some("audio/x-raw".to_owned());
    let PutRecordingResponse::Created(created) =
        client.put_recording(request).await.expect("is stored");
    created
}

async fn measure<T: Transport>(client: &Client<T>) -> Job {
    store(client).await;
    let mut body = MeasureRecordingBody::new();
    body.window = 16;
    body.mark = Some(vec!["draft".to_owned(), "a&b=c".to_owned()]);
    let request = MeasureRecording::new(name(), body);
    let MeasureRecordingResponse::Accepted(accepted) =
        client.measure_recording(request).await.expect("begins");
    accepted.body
}

async fn watch<T: Transport>(client: &Client<T>, job: &JobName) -> Items<Event<Step>> {
    match client.watch_job(WatchJob::new(job.clone())).await {
        Ok(WatchJobResponse::Ok(watched)) => watched.body,
        other => panic!("{other:?}"),
    }
}

async fn steps<T: Transport>(client: &Client<T>, job: &JobName) -> Vec<Step> {
    let steps = watch(client, job).await.map_ok(|event| event.event);
    steps.try_collect().await.expect("comes to its end")
}

fn measured() -> [Step; 3] {
    [(0, 0), (16, 10), (32, 128)].map(|(at, level)| Step::Measured(Level::new(at, level)))
}

fn to_its_end() -> Vec<Step> {
    let mut steps = measured().to_vec();
    steps.push(Step::Ended(State::Done));
    steps
}

#[tokio::test]
async fn a_recording_comes_back_as_it_was_sent() {
    let client = client(FAST).await;
    let created = store(&client).await;
    assert_eq!(
        created.location.as_str(),
        "/v1/recordings/interviews/2026/anna"
    );
    let GetRecordingResponse::Ok(read) = client
        .get_recording(GetRecording::new(name()))
        .await
        .expect("is there");
    assert_eq!(
        (read.content_type.as_str(), &read.etag),
        ("audio/x-raw", &created.etag)
    );
    assert_eq!(read.body.collect(100).await.expect("is whole").len(), 48);
    let DescribeRecordingResponse::Ok(described) = client
        .describe_recording(DescribeRecording::new(name()))
        .await
        .expect("is there");
    assert_eq!(
        (described.body.bytes, described.body.media_type.as_str()),
        (48, "audio/x-raw")
    );
}

#[tokio::test]
async fn a_part_is_fetched_alone() {
    let client = client(FAST).await;
    store(&client).await;
    let answer = client
        .get_recording_range(GetRecording::new(name()), &RangeRequest::from(40))
        .await;
    let Ok(Partial::Part(range, GetRecordingResponse::Ok(part))) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!((range.first, range.last, range.total), (40, 47, Some(48)));
    assert_eq!(
        part.body.collect(100).await.expect("is whole"),
        [0; 8].as_slice()
    );
}

#[tokio::test]
async fn what_is_there_is_kept_if_the_caller_wants() {
    let client = client(FAST).await;
    let new = Conditions::new().if_absent();
    let request = || PutRecording::new(name(), Body::from("sound".to_owned()));
    let first = client
        .put_recording_if(request(), &new)
        .await
        .expect("an answer");
    assert!(matches!(first, Guarded::Done(_)), "{first:?}");
    let second = client
        .put_recording_if(request(), &new)
        .await
        .expect("an answer");
    assert!(matches!(second, Guarded::Refused), "{second:?}");
}

#[tokio::test]
async fn a_job_is_watched_to_its_end() {
    let client = client(FAST).await;
    let job = measure(&client).await;
    assert_eq!(job.marks, ["draft", "a&b=c"]);
    assert_eq!(steps(&client, &job.name).await, to_its_end());
    // Who comes late sees the same.
    assert_eq!(steps(&client, &job.name).await, to_its_end());
    let GetJobResponse::Ok(ended) = client
        .get_job(GetJob::new(job.name))
        .await
        .expect("is there");
    assert_eq!((ended.body.state, ended.body.measured), (State::Done, 3));
}

/// A connection that breaks behind each chunk of an answer; it counts them.
#[derive(Clone)]
struct Breaking(ServiceTransport<Router>, Arc<AtomicUsize>);

impl Transport for Breaking {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let is_watched = request.uri().path().ends_with(":watch");
        let answer = self.0.send(request).await?;
        if !is_watched {
            return Ok(answer);
        }
        self.1.fetch_add(1, Ordering::Relaxed);
        let cut = |body: Body| {
            let lost = stream::once(async { Err(std::io::Error::other("lost")) });
            Body::stream(None, body.into_stream().take(1).chain(lost).boxed())
        };
        Ok(answer.map(cut))
    }
}

#[tokio::test]
async fn a_job_is_watched_to_its_end_though_the_connection_breaks_each_time() {
    let app = recordings::app(super::now, FAST, "secret");
    let breaking = Breaking(ServiceTransport::new(app), Arc::default());
    let connections = Arc::clone(&breaking.1);
    let client: Client<Breaking> = Caller::with_transport("http://localhost", breaking)
        .and_then(|caller| caller.with_header("X-API-Key", "secret"))
        .expect("a good URL")
        .into();
    let job = measure(&client).await.name;
    let steps = client.watch_job_events(WatchJob::new(job), Backoff::default());
    let steps: Vec<Event<Step>> = steps.try_collect().await.expect("comes to its end");
    let ids = steps
        .iter()
        .map(|step| step.id.as_ref().map(EventId::as_str));
    assert_eq!(ids.collect::<Vec<_>>(), ["1", "2", "3", "4"].map(Some));
    let steps: Vec<Step> = steps.into_iter().map(|step| step.event).collect();
    assert_eq!(steps, to_its_end());
    // One for each step, and one that says that this was all.
    assert_eq!(connections.load(Ordering::Relaxed), 5);
}

#[tokio::test]
async fn whoever_watches_no_job_is_told_so() {
    let client = client(FAST).await;
    let nobody = WatchJob::new(JobName::parse("7").expect("a name"));
    let steps = client.watch_job_events(nobody, Backoff::default());
    let steps: Vec<_> = steps.collect().await;
    let [Err(Error::Declared(WatchJobError::NotFound(_)))] = &steps[..] else {
        panic!("{steps:?}");
    };
}

#[tokio::test]
async fn a_job_is_cancelled_while_it_is_watched() {
    let client = client(SLOW).await;
    let job = measure(&client).await.name;
    let mut steps = watch(&client, &job).await.map_ok(|event| event.event);
    let first = steps.try_next().await.expect("comes");
    assert_eq!(first, Some(Step::Measured(Level::new(0, 0))));
    let early = client
        .get_levels(GetLevels::new(job.clone()))
        .await
        .expect_err("is not done");
    let Error::Declared(GetLevelsError::FailedPrecondition(early)) = early else {
        panic!("{early}");
    };
    assert_eq!(early.state, State::Running);
    let CancelJobResponse::Ok(cancelled) = client
        .cancel_job(CancelJob::new(job.clone()))
        .await
        .expect("is stopped");
    assert_eq!(cancelled.body.state, State::Cancelled);
    let rest: Vec<Step> = steps.try_collect().await.expect("comes to its end");
    assert_eq!(rest, [Step::Ended(State::Cancelled)]);
    let again = client
        .cancel_job(CancelJob::new(job))
        .await
        .expect_err("has ended");
    assert!(
        matches!(
            again,
            Error::Declared(CancelJobError::FailedPrecondition(_))
        ),
        "{again}"
    );
}

#[tokio::test]
async fn levels_come_in_the_form_that_is_asked_for() {
    let client = client(FAST).await;
    let job = measure(&client).await.name;
    steps(&client, &job).await;
    let levels = async |accept| {
        let mut request = GetLevels::new(job.clone());
        request.accept = accept;
        let GetLevelsResponse::Ok(answer) = client.get_levels(request).await.expect("is done");
        answer.body
    };
    let GetLevelsOkBody::Json(json) = levels(GetLevelsOkBodyAccept::Json).await else {
        panic!("no JSON");
    };
    assert_eq!(
        json.into_iter().map(Step::Measured).collect::<Vec<_>>(),
        measured()
    );
    let GetLevelsOkBody::Csv(csv) = levels(GetLevelsOkBodyAccept::Csv).await else {
        panic!("no table");
    };
    assert_eq!(csv, "0,0\n16,10\n32,128\n");
    let GetLevelsOkBody::SvgXml(svg) = levels(GetLevelsOkBodyAccept::SvgXml).await else {
        panic!("no picture");
    };
    assert_eq!(svg.matches("<rect").count(), 3);
}

#[tokio::test]
async fn recordings_are_listed_line_by_line() {
    let client = client(FAST).await;
    store(&client).await;
    let mut request = ListRecordings::new();
    request.accept = ListRecordingsOkBodyAccept::JsonLines;
    let ListRecordingsResponse::Ok(answer) = client.list_recordings(request).await.expect("a list");
    let ListRecordingsOkBody::JsonLines(lines) = answer.body else {
        panic!("no lines");
    };
    let names: Vec<RecordingName> = lines
        .map_ok(|about| about.name)
        .try_collect()
        .await
        .expect("come");
    assert_eq!(names, [name()]);
    client
        .delete_recording(DeleteRecording::new(name()))
        .await
        .expect("is there");
    let gone = client
        .get_recording(GetRecording::new(name()))
        .await
        .expect_err("is gone");
    assert!(
        matches!(gone, Error::Declared(GetRecordingError::NotFound(_))),
        "{gone}"
    );
}
