//! The death of the server in the middle of pushes, round after round on one directory: what was
//! acknowledged is there afterwards, byte for byte, and nothing half-made can be seen.
//!
//! `work` pushes and deletes in all ways at once and writes down what it sends and is told in the
//! `ledger`; `check` holds what is found after the restart to that. A round is over when every worker was
//! told of enough; all of them are then in the middle of something.

mod check;
mod ledger;
mod work;

use std::os::unix::process::ExitStatusExt as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use registry_client::Client;
use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;

use super::binary::Server;
use ledger::Ledger;
use work::{Kind, Worker};

const ROUNDS: usize = 6;

/// Until then something is wrong.
const PATIENCE: Duration = Duration::from_mins(2);

fn start(directory: &tempfile::TempDir) -> (Server, Client) {
    let variables = [
        ("REGISTRY_LOG_ACCESSLOG_DISABLED", "true"),
        ("REGISTRY_STORAGE_DELETE_ENABLED", "true"),
    ];
    let process = Server::start_with(directory, &variables);
    let client = Client::new(&format!("http://{}", process.address)).unwrap();
    (process, client)
}

/// Lets all workers work until each was told of enough, ends the server by a signal, and waits for all.
async fn disturb(
    process: Server,
    client: &Client,
    ledger: &Arc<Mutex<Ledger>>,
    round: usize,
    signal: &'static str,
) -> std::process::ExitStatus {
    let (told, mut hears) = watch::channel([0; Kind::ALL.len()]);
    let told = Arc::new(told);
    let mut workers = JoinSet::new();
    for kind in Kind::ALL {
        let worker = Worker {
            client: client.clone(),
            ledger: Arc::clone(ledger),
            told: Arc::clone(&told),
            round,
        };
        workers.spawn(worker.run(kind));
    }
    let enough = hears.wait_for(|told| told.iter().all(|told| *told > round));
    tokio::select! {
        enough = timeout(PATIENCE, enough) => drop(enough.expect("there is progress").unwrap()),
        ended = workers.join_next() => panic!("a worker ended: {ended:?}"),
    }
    // What the server still answers the workers have to hear meanwhile.
    let ended = spawn_blocking(move || {
        let mut process = process;
        process.signal(signal);
        process.wait()
    });
    let status = timeout(PATIENCE, ended).await.expect("it ends").unwrap();
    while let Some(ended) = workers.join_next().await {
        ended.expect("a worker only ends with the server");
    }
    status
}

async fn rounds(signal: &'static str, ended: impl Fn(std::process::ExitStatus) -> bool) {
    let directory = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let (mut process, mut client) = start(&directory);
    for round in 0..ROUNDS {
        let status = disturb(process, &client, &ledger, round, signal).await;
        assert!(ended(status), "round {round}: {status}");
        (process, client) = start(&directory);
        let mut found = std::mem::take(&mut *ledger.lock().unwrap());
        let asking = client.clone();
        let checked = tokio::spawn(async move {
            check::all(&asking, &mut found).await;
            found
        });
        let Ok(found) = checked.await else {
            process.signal("KILL");
            panic!("round {round}: the server said {}", process.log());
        };
        *ledger.lock().unwrap() = found;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kill_9_and_nothing_half_made_is_seen() {
    rounds("KILL", |status| status.signal() == Some(9)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_asked_to_stop_ends_with_success_and_loses_nothing() {
    rounds("TERM", |status| status.success()).await;
}
