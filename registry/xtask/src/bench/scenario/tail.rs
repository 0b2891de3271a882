//! How long a small request takes while large blobs are pulled, from a warm and from a cold cache.

use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use rustix::fs::Advice;

use super::{Case, READ, SHARED, alone, compared};
use crate::bench::Result;
use crate::bench::clock::{self, Deadline};
use crate::bench::data::{TAG, manifest_path};
use crate::bench::http::{self, Connection};
use crate::bench::load::{self, Asked};
use crate::bench::peer::{Peer, Server};
use crate::bench::stage::Stage;

/// Pulls at once.
const PULLS: usize = 8;

pub(super) fn cases() -> Vec<Case> {
    let columns = || {
        vec![
            compared("HEAD p50 ms"),
            compared("HEAD p99 ms"),
            alone("pulls meanwhile GB/s"),
        ]
    };
    vec![
        Case {
            id: "tail-warm",
            scenario: "tail",
            title: "HEAD of a manifest while 8 connections pull without pause",
            columns: columns(),
            peers: READ.to_vec(),
            sample: Box::new(warm),
        },
        Case {
            id: "tail-cold",
            scenario: "tail",
            title: "HEAD of a manifest while 8 blobs are pulled that are not in the page cache",
            columns: columns(),
            peers: SHARED.to_vec(),
            sample: Box::new(cold),
        },
    ]
}

/// Pulls the large blob until the time is up.
fn warm(stage: &Stage<'_>, peer: Peer) -> Result<Vec<f64>> {
    let server = stage.reader(peer)?;
    let request = http::request("GET", &stage.seed.large.path());
    let deadline = Deadline::after(stage.plan.long);
    beside(server, |_, connection, bytes| {
        while !deadline.passed() {
            connection.send(&request)?;
            let length = connection.head()?.length;
            connection.skip(length, |n| {
                bytes.fetch_add(n, Ordering::Relaxed);
                !deadline.passed()
            })?;
        }
        Ok(())
    })
}

/// Pulls each cold blob once.
fn cold(stage: &Stage<'_>, peer: Peer) -> Result<Vec<f64>> {
    let blobs = &stage.seed.cold;
    for blob in blobs {
        let file = File::open(stage.blob_file(peer, &blob.digest))?;
        rustix::fs::fadvise(&file, 0, None, Advice::DontNeed)?;
    }
    beside(stage.reader(peer)?, |number, connection, bytes| {
        let blob = blobs.get(number).ok_or("too few cold blobs")?;
        connection.send(&http::request("GET", &blob.path()))?;
        let length = connection.head()?.length;
        connection.skip(length, |n| {
            bytes.fetch_add(n, Ordering::Relaxed);
            true
        })
    })
}

/// Times requests for as long as pulls run beside them.
fn beside(
    server: &Server,
    pull: impl Fn(usize, &mut Connection, &AtomicU64) -> Result<()> + Sync,
) -> Result<Vec<f64>> {
    let bytes = AtomicU64::new(0);
    let done = AtomicBool::new(false);
    let start = clock::now();
    let (pulled, mut times) = thread::scope(|scope| {
        let timing = scope.spawn(|| time(server, &done));
        let pulled = load::in_parallel(server.address, PULLS, |number, mut connection| {
            pull(number, &mut connection, &bytes)
        });
        done.store(true, Ordering::Relaxed);
        let times = timing.join().map_err(|_| "the timing thread panicked")?;
        Ok::<_, crate::bench::Error>((pulled, times?))
    })?;
    pulled?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "bytes of one sample are far below 2^52"
    )]
    let rate = bytes.into_inner() as f64 / 1e9 / start.elapsed().as_secs_f64();
    let mut of =
        |share| load::quantile(&mut times, share).ok_or("no request was answered meanwhile");
    Ok(vec![of(0.5)?, of(0.99)?, rate])
}

/// The milliseconds of each request, one after the other.
fn time(server: &Server, done: &AtomicBool) -> Result<Vec<f64>> {
    let asked = Asked::head(&manifest_path(TAG));
    let mut connection = Connection::open(server.address)?;
    let mut times = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let start = clock::now();
        connection.send(&asked.request)?;
        asked.receive(&mut connection)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}
