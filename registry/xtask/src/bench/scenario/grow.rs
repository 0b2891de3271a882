//! What grows: memory, the cost of many connections, the cost of many tags.

use std::thread;
use std::time::Duration;

use super::read::{per_gigabyte, small};
use super::write::mebibytes;
use super::{Case, READ, alone, compared};
use crate::bench::Result;
use crate::bench::clock;
use crate::bench::data::{self, TAG, TAGS, manifest_path};
use crate::bench::http::Connection;
use crate::bench::load::{self, Asked};
use crate::bench::peer::Peer;
use crate::bench::stage::Stage;

/// Numbers of connections that are compared.
const CONNECTIONS: [usize; 4] = [1, 8, 64, 256];
/// Pulls at once whose memory is looked at.
const PULLS: usize = 48;
/// Tags of a page, and how many pages are asked for.
const PAGE: usize = 100;
const PAGES: usize = 100;
/// Memory is looked at so long after a server has started.
const SETTLED: Duration = Duration::from_millis(500);

pub(super) fn cases() -> Vec<Case> {
    let by_connections = || CONNECTIONS_TITLES.map(compared).to_vec();
    vec![
        Case {
            id: "memory",
            scenario: "memory",
            title: "Anonymous memory in MiB",
            columns: vec![
                alone("idle, just started"),
                alone("most during small GETs"),
                alone("before 48 pulls"),
                alone("most during 48 pulls"),
                alone("growth by the pulls"),
            ],
            peers: READ.to_vec(),
            sample: Box::new(memory),
        },
        Case {
            id: "growth-manifest",
            scenario: "growth",
            title: "CPU us per GET of a manifest by tag, by connections",
            columns: by_connections(),
            peers: READ.to_vec(),
            sample: Box::new(manifests),
        },
        Case {
            id: "growth-pull",
            scenario: "growth",
            title: "CPU s per GB of pulls of 16 MiB, by connections",
            columns: by_connections(),
            peers: READ.to_vec(),
            sample: Box::new(pulls),
        },
        Case {
            id: "tags",
            scenario: "tags",
            title: "A page of 100 tags at a random place of 10,000, 1 connection",
            columns: vec![compared("p50 ms"), compared("p99 ms")],
            peers: vec![Peer::Ours, Peer::V3],
            sample: Box::new(tags),
        },
    ]
}

const CONNECTIONS_TITLES: [&str; 4] = ["1", "8", "64", "256"];

/// A server of its own, so that nothing else has been asked of it.
fn memory(stage: &Stage<'_>, peer: Peer) -> Result<Vec<f64>> {
    let server = stage.another_reader(peer)?;
    thread::sleep(SETTLED);
    let idle = server.memory();
    let asked = Asked::get(&manifest_path(TAG));
    let (asking, ()) = server.peak(|| {
        small(&server, &asked, CONNECTIONS[2], stage.plan.time)?;
        Ok(())
    })?;
    let path = stage.seed.large.path();
    // The first pull may verify what it sends; the others are what is looked at.
    load::pull(server.address, &path, 1, 1)?;
    let before = server.memory();
    let (pulling, _) = server.peak(|| load::pull(server.address, &path, PULLS, 1))?;
    let grown = mebibytes(pulling) - mebibytes(before);
    let seen = [idle, asking, before, pulling].map(mebibytes);
    Ok(seen.into_iter().chain([grown]).collect())
}

fn manifests(stage: &Stage<'_>, peer: Peer) -> Result<Vec<f64>> {
    let server = stage.reader(peer)?;
    let asked = Asked::get(&manifest_path(TAG));
    let one = |connections| {
        let [_, processor] = small(server, &asked, connections, stage.plan.time)?;
        Ok(processor)
    };
    CONNECTIONS.into_iter().map(one).collect()
}

fn pulls(stage: &Stage<'_>, peer: Peer) -> Result<Vec<f64>> {
    let server = stage.reader(peer)?;
    let blob = &stage.seed.medium;
    let one = |connections: usize| {
        let times = stage.plan.pulled.div_ceil(blob.length * connections as u64);
        let times = usize::try_from(times)?;
        let pull = || load::pull(server.address, &blob.path(), connections, times);
        let (cost, bytes) = load::measure(server, pull)?;
        let [_, processor] = per_gigabyte(cost, bytes);
        Ok(processor)
    };
    CONNECTIONS.into_iter().map(one).collect()
}

fn tags(stage: &Stage<'_>, peer: Peer) -> Result<Vec<f64>> {
    let mut connection = Connection::open(stage.reader(peer)?.address)?;
    let mut times = Vec::new();
    for page in 0..PAGES {
        // A prime step visits the tags in no order, and the same ones in each run.
        let last = data::tag(page * 7919 % stage.seed.tags);
        let asked = Asked::get(&format!("/v2/{TAGS}/tags/list?n={PAGE}&last={last}"));
        let start = clock::now();
        connection.send(&asked.request)?;
        asked.receive(&mut connection)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let mut of = |share| load::quantile(&mut times, share).ok_or("no page was asked for");
    Ok(vec![of(0.5)?, of(0.99)?])
}
