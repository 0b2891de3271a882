//! Pulls, manifests, small blobs, and a new connection for each request.

use std::time::Duration;

use super::{Case, READ, compared};
use crate::bench::Result;
use crate::bench::clock::Deadline;
use crate::bench::data::{TAG, manifest_path};
use crate::bench::http::Connection;
use crate::bench::load::{self, Asked, Cost};
use crate::bench::peer::{Peer, Server};
use crate::bench::stage::Stage;

/// Connections that ask for small things at once.
const SMALL: usize = 32;
/// Threads that connect anew for each request.
const CONNECTING: usize = 8;

pub(super) fn cases() -> Vec<Case> {
    vec![
        pull("pull-1", "Pull of a large blob, 1 connection", 1),
        pull("pull-8", "Pull of a large blob, 8 connections", 8),
        manifest(
            "manifest-get-tag",
            "GET of a manifest by tag, 32 connections",
            |_| Asked::get(&manifest_path(TAG)),
        ),
        manifest(
            "manifest-get-digest",
            "GET of a manifest by digest, 32 connections",
            |stage| Asked::get(&manifest_path(&stage.seed.manifest.digest)),
        ),
        manifest(
            "manifest-head-tag",
            "HEAD of a manifest by tag, 32 connections",
            |_| Asked::head(&manifest_path(TAG)),
        ),
        manifest(
            "manifest-head-digest",
            "HEAD of a manifest by digest, 32 connections",
            |stage| Asked::head(&manifest_path(&stage.seed.manifest.digest)),
        ),
        Case {
            scenario: "blob",
            ..manifest(
                "blob-4k",
                "GET of a blob of 4 KiB, 32 connections",
                |stage| Asked::get(&stage.seed.small.path()),
            )
        },
        Case {
            id: "connect",
            scenario: "connect",
            title: "A new connection for each GET of a manifest by tag, 8 at once",
            columns: vec![compared("requests/s"), compared("CPU us per request")],
            peers: READ.to_vec(),
            sample: Box::new(connect),
        },
    ]
}

fn pull(id: &'static str, title: &'static str, connections: usize) -> Case {
    Case {
        id,
        scenario: "pull",
        title,
        columns: vec![compared("GB/s"), compared("CPU s per GB")],
        peers: READ.to_vec(),
        sample: Box::new(move |stage, peer| {
            let server = stage.reader(peer)?;
            let blob = &stage.seed.large;
            let times = stage.plan.pulled.div_ceil(blob.length * connections as u64);
            let times = usize::try_from(times)?;
            let pull = || load::pull(server.address, &blob.path(), connections, times);
            let (cost, bytes) = load::measure(server, pull)?;
            Ok(per_gigabyte(cost, bytes).to_vec())
        }),
    }
}

fn manifest(id: &'static str, title: &'static str, asked: fn(&Stage<'_>) -> Asked) -> Case {
    Case {
        id,
        scenario: "manifest",
        title,
        columns: vec![compared("requests/s"), compared("CPU us per request")],
        peers: READ.to_vec(),
        sample: Box::new(move |stage, peer| {
            let server = stage.reader(peer)?;
            Ok(small(server, &asked(stage), SMALL, stage.plan.time)?.to_vec())
        }),
    }
}

/// Requests per second, and processor microseconds each.
pub(super) fn small(
    server: &Server,
    asked: &Asked,
    connections: usize,
    time: Duration,
) -> Result<[f64; 2]> {
    let sweep = || load::sweep(server.address, connections, asked, time);
    let (cost, answers) = load::measure(server, sweep)?;
    Ok(per_request(cost, answers))
}

/// Gigabytes (10^9) per second, and processor seconds for each.
#[expect(
    clippy::cast_precision_loss,
    reason = "bytes of one sample are far below 2^52"
)]
pub(super) fn per_gigabyte(cost: Cost, bytes: u64) -> [f64; 2] {
    let gigabytes = bytes as f64 / 1e9;
    [gigabytes / cost.elapsed, cost.processor / gigabytes]
}

/// Requests per second, and processor microseconds each.
#[expect(
    clippy::cast_precision_loss,
    reason = "requests of one sample are far below 2^52"
)]
pub(super) fn per_request(cost: Cost, requests: u64) -> [f64; 2] {
    let requests = requests as f64;
    [requests / cost.elapsed, cost.processor * 1e6 / requests]
}

/// The client closes, as skopeo, podman and docker do.
fn connect(stage: &Stage<'_>, peer: Peer) -> Result<Vec<f64>> {
    let server = stage.reader(peer)?;
    let asked = Asked::get(&manifest_path(TAG));
    let ask = || {
        let deadline = Deadline::after(stage.plan.time);
        let counts = load::in_parallel(server.address, CONNECTING, |_, first| {
            drop(first);
            let mut answers = 0;
            while !deadline.passed() {
                let mut connection = Connection::open(server.address)?;
                connection.send(&asked.request)?;
                asked.receive(&mut connection)?;
                answers += 1;
            }
            Ok(answers)
        })?;
        Ok(counts.into_iter().sum::<u64>())
    };
    let (cost, answers) = load::measure(server, ask)?;
    Ok(per_request(cost, answers).to_vec())
}
