//! What a request takes on its way through a generated router to its handler and back, next to a router
//! of axum that was written by hand for the same answer.
//!
//! The API is that which `api-codegen new` makes, the request one that reads a note. Every router has its documents
//! beside it, as that program has. In process a router is called as a service, so that everything around it falls
//! away; over loopback it serves 32 connections from one thread, as a server does it, with reading and writing of
//! the network and of HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use api_runtime::server::{AllowAll, Settings};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::Json;
use axum::routing::get;
use http_body_util::BodyExt;
use my_api::Notebook;
use my_api::server::{router, router_layered};
use my_api::types::{Note, NoteId};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tower::{Service, ServiceExt};

use super::oneself::nanoseconds;
use super::{Measured, Sample, Stage, Subject};
use crate::bench::bars::{Bar, Limit, Of};
use crate::bench::load::{self, Asked};
use crate::bench::scenario::compared;
use crate::bench::{Error, Result, clock};

const GENERATED: Subject = Subject("generated");
const LAYERED: Subject = Subject("generated, `router_layered`");
const BY_HAND: Subject = Subject("axum by hand");
const ALL: [Subject; 3] = [GENERATED, LAYERED, BY_HAND];

/// Requests of a sample in process.
const TIMES: usize = 10_000;
/// How long a sample over loopback asks, and over how many connections.
const ASKING: Duration = Duration::from_millis(100);
const CONNECTIONS: usize = 32;
/// Samples of each router a round.
const TURNS: usize = 20;

const PATH: &str = "/notes/1";

pub(super) fn cases(stage: &Stage) -> Vec<Measured> {
    let times = stage.times(TIMES);
    let turns = if stage.quick { 1 } else { TURNS };
    vec![
        Measured {
            id: "dispatch-process",
            scenario: "dispatch",
            title: "A request through a router, in process",
            columns: vec![compared("CPU ns per request")],
            peers: ALL.to_vec(),
            sample: Sample::new(move |subject| Ok(vec![in_process(subject, times)?]))
                .in_turns(turns),
        },
        Measured {
            id: "dispatch-loopback",
            scenario: "dispatch",
            title: "A request through a server, over loopback, 32 connections",
            columns: vec![compared("requests/s"), compared("CPU us per request")],
            peers: ALL.to_vec(),
            sample: Sample::new(move |subject| over_loopback(subject, ASKING)).in_turns(turns),
        },
    ]
}

pub(super) fn bars() -> Vec<Bar<Subject>> {
    vec![Bar {
        case: "dispatch-loopback",
        column: 1,
        of: Of::To(BY_HAND),
        limit: Limit::AtMost(1.05),
    }]
}

/// The router of `subject`, which has the note that is asked for, with the documents.
async fn of(subject: Subject) -> Result<Router> {
    let api = api_of(subject).await?;
    Ok(api.merge(my_api::docs::router("/docs")))
}

async fn api_of(subject: Subject) -> Result<Router> {
    if subject == BY_HAND {
        let note = Note::new(NoteId::new(1)?, "Buy bread".to_owned(), Vec::new());
        return Ok(by_hand(note));
    }
    let notebook = Notebook::default();
    let request = Request::post("/notes")
        .header("Host", "localhost")
        .header("Content-Type", "application/json")
        .body(Body::from(r#"{"text": "Buy bread", "tags": []}"#))?;
    let written = router(notebook.clone(), AllowAll).oneshot(request).await;
    let status = written.map(|response| response.status());
    if status != Ok(StatusCode::CREATED) {
        return Err("the note cannot be written".into());
    }
    if subject == GENERATED {
        return Ok(router(notebook, AllowAll));
    }
    // Without a layer, so that what the place for them costs is seen alone.
    let layers = |router| router;
    Ok(router_layered(
        notebook,
        AllowAll,
        Settings::default(),
        layers,
    ))
}

/// The notes that a handler written by hand has.
type Notes = Arc<Mutex<BTreeMap<NoteId, Note>>>;

fn by_hand(note: Note) -> Router {
    let notes: Notes = Arc::new(Mutex::new(BTreeMap::from([(note.id, note)])));
    Router::new()
        .route("/notes/{id}", get(read))
        .with_state(notes)
}

async fn read(
    State(notes): State<Notes>,
    Path(id): Path<u32>,
) -> std::result::Result<Json<Note>, StatusCode> {
    let id = NoteId::new(id).map_err(|_| StatusCode::BAD_REQUEST)?;
    let notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    notes
        .get(&id)
        .cloned()
        .map(Json)
        .ok_or(StatusCode::NOT_FOUND)
}

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

fn request() -> Result<Request<Body>> {
    Ok(Request::get(PATH)
        .header("Host", "localhost")
        .body(Body::empty())?)
}

/// Status, headers and body of the answer, which must be the same whoever gives it.
async fn answer(router: &mut Router) -> Result<String> {
    let Ok(response) = router.call(request()?).await;
    let (head, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value:?}"));
    // The order of headers is no part of an answer.
    let headers: BTreeSet<String> = headers.collect();
    let body = String::from_utf8_lossy(&body);
    Ok(format!("{} {headers:?} {body}", head.status))
}

/// Nanoseconds of processor time for a request, with making it and reading the answer.
fn in_process(subject: Subject, times: usize) -> Result<f64> {
    runtime()?.block_on(async {
        let mut router = of(subject).await?;
        let (same, ours) = (
            answer(&mut of(BY_HAND).await?).await?,
            answer(&mut router).await?,
        );
        if ours != same {
            return Err(format!("the answers differ: {ours}, by hand {same}").into());
        }
        let before = clock::of_this_thread();
        for _ in 0..times {
            let Ok(response) = router.call(request()?).await;
            black_box(response.into_body().collect().await?);
        }
        Ok(nanoseconds(
            clock::of_this_thread().saturating_sub(before),
            times,
        ))
    })
}

/// Requests per second, and microseconds of the server's processor time for one.
fn over_loopback(subject: Subject, time: Duration) -> Result<Vec<f64>> {
    let (said, heard) = mpsc::channel::<SocketAddr>();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = thread::spawn(move || serve(subject, &said, stopped));
    // Where the server did not come so far, what it says of that is what counts.
    let asked = heard.recv().map_err(Error::from).and_then(|address| {
        let start = clock::now();
        let answers = load::sweep(address, CONNECTIONS, &Asked::get(PATH), time)?;
        Ok((answers, start.elapsed()))
    });
    // It may have ended by itself.
    let _ = stop.send(());
    let processor = server.join().map_err(|_| "the server panicked")??;
    let (answers, elapsed) = asked?;
    let per_second = f64::from(u32::try_from(answers)?) / elapsed.as_secs_f64();
    let microseconds = nanoseconds(processor, usize::try_from(answers)?) / 1000.0;
    Ok(vec![per_second, microseconds])
}

/// Serves until it is told to stop; gives the processor time that this took.
fn serve(
    subject: Subject,
    said: &mpsc::Sender<SocketAddr>,
    stopped: oneshot::Receiver<()>,
) -> Result<Duration> {
    runtime()?.block_on(async {
        let router = of(subject).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        said.send(listener.local_addr()?)?;
        let before = clock::of_this_thread();
        let until = async { drop(stopped.await) };
        axum::serve(listener, router)
            .with_graceful_shutdown(until)
            .await?;
        Ok(clock::of_this_thread().saturating_sub(before))
    })
}
