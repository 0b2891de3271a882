//! The examples of the descriptor: what the archive answers, and what the client sends and understands.

use api_runtime::axum::Router;
use api_runtime::client::{Caller, ServiceTransport};
use api_runtime::testing::{Example, Server};
use futures_util::TryStreamExt as _;
use recordings::client::Client;
use recordings::examples::{self, EXAMPLES};
use recordings::types::*;

use super::{FAST, SLOW, now};

const BASE: &str = "http://localhost";

type Local = Server<ServiceTransport<Router>>;

/// An archive with three jobs that measure a jingle. Where `FAST` is the pace they are done.
async fn filled(pace: std::time::Duration) -> ServiceTransport<Router> {
    let transport = ServiceTransport::new(recordings::app(now, pace, "secret"));
    let server = Server::new(BASE, transport.clone()).with_header("X-API-Key", "secret");
    for example in [
        &examples::PUT_RECORDING_A_JINGLE,
        &examples::PUT_RECORDING_A_DRAFT,
    ] {
        check(&server, example).await;
    }
    let client: Client<_> = Caller::with_transport(BASE, transport.clone())
        .and_then(|caller| caller.with_header("X-API-Key", "secret"))
        .expect("a good URL")
        .into();
    check(&server, &examples::MEASURE_RECORDING_A_JINGLE).await;
    for _ in 0..2 {
        let jingle = RecordingName::parse("jingle").expect("a name");
        let mut body = MeasureRecordingBody::new();
        body.window = 16;
        body.mark = Some(vec!["draft".to_owned()]);
        let begun = client.measure_recording(MeasureRecording::new(jingle, body));
        begun.await.expect("begins");
    }
    for job in ["1", "2", "3"] {
        let job = WatchJob::new(JobName::parse(job).expect("a name"));
        let Ok(WatchJobResponse::Ok(watched)) = client.watch_job(job).await else {
            panic!("it is not there");
        };
        let mut steps = watched.body;
        // Of a job that rests the first step comes, of others the last one, too.
        while steps.try_next().await.expect("goes on").is_some() && pace == FAST {}
    }
    transport
}

async fn check(server: &Local, example: &Example) {
    let checked = server.check(example).await;
    checked.unwrap_or_else(|mismatch| panic!("{mismatch}"));
}

/// Whether an example is about a job that goes on.
fn is_of_a_running_job(example: &Example) -> bool {
    let name = (example.operation.id, example.name);
    [("cancel_job", "in_time"), ("get_levels", "too_early")].contains(&name)
}

#[tokio::test]
async fn the_archive_answers_as_its_examples_say() {
    let (fast, slow) = (filled(FAST).await, filled(SLOW).await);
    let anonymous = Server::new(BASE, fast.clone());
    let [fast, slow] = [fast, slow]
        .map(|transport| Server::new(BASE, transport).with_header("X-API-Key", "secret"));
    let began = [
        &examples::PUT_RECORDING_A_JINGLE,
        &examples::PUT_RECORDING_A_DRAFT,
        &examples::MEASURE_RECORDING_A_JINGLE,
    ];
    let rest = EXAMPLES
        .iter()
        .filter(|example| !began.iter().any(|done| std::ptr::eq(*done, **example)));
    for example in rest {
        let server = match example.answer.status {
            401 => &anonymous,
            _ if is_of_a_running_job(example) => &slow,
            _ => &fast,
        };
        check(server, example).await;
    }
}

#[tokio::test]
async fn the_client_says_and_understands_what_the_examples_say() {
    assert_eq!(examples::client().await, []);
}
