//! Pushes, large and small.
//!
//! Hazard: on a virtual machine, memory that was not used for some seconds faults in the hypervisor while
//! a push is copied there. So all that is free is used once before a large push.
//! Small pushes are the other way round: a file system avoids what was freed lately, so nothing is
//! removed until the run is over.

use super::{Case, WRITTEN, alone, compared};
use crate::bench::clock::{self, Deadline};
use crate::bench::data::{Items, REPOSITORY};
use crate::bench::peer::Peer;
use crate::bench::stage::Stage;
use crate::bench::{Result, load};

use super::read::{per_gigabyte, per_request};

/// The length of a small blob, and of a chunk.
const SMALL: usize = 1 << 10;
const CHUNK: usize = 16 << 20;
/// Connections that push large blobs at once.
const SEVERAL: usize = 4;

pub(super) fn cases() -> Vec<Case> {
    vec![
        large(
            "push-1",
            "Push of a large blob by one PUT, 1 connection",
            1,
            None,
        ),
        large(
            "push-4",
            "Push of large blobs by one PUT each, 4 connections",
            SEVERAL,
            None,
        ),
        large(
            "push-chunks",
            "Push of a large blob by PATCH of 16 MiB each, 1 connection",
            1,
            Some(CHUNK),
        ),
        small(
            "small-4",
            "Small pushes (1 KiB, POST and PUT), 4 connections",
            4,
        ),
        small(
            "small-64",
            "Small pushes (1 KiB, POST and PUT), 64 connections",
            64,
        ),
    ]
}

fn large(id: &'static str, title: &'static str, connections: usize, chunk: Option<usize>) -> Case {
    Case {
        id,
        scenario: "push",
        title,
        columns: vec![
            compared("GB/s"),
            compared("CPU s per GB"),
            alone("most memory MiB"),
        ],
        peers: WRITTEN.to_vec(),
        sample: Box::new(move |stage, peer| push(stage, peer, connections, chunk)),
    }
}

fn push(
    stage: &Stage<'_>,
    peer: Peer,
    connections: usize,
    chunk: Option<usize>,
) -> Result<Vec<f64>> {
    let items = stage.pushed(connections > 1);
    let number = stage.next() << 16;
    let items: Vec<_> = (0..connections as u64)
        .map(|connection| items.item(number + connection))
        .collect();
    let writer = stage.writer(peer)?;
    let server = &writer.server;
    stage.make_room()?;
    let push = || {
        let lengths = load::in_parallel(server.address, connections, |number, mut connection| {
            let item = &items[number];
            match chunk {
                None => item.push(&mut connection, REPOSITORY)?,
                Some(size) => item.push_in_chunks(&mut connection, REPOSITORY, size)?,
            }
            Ok(item.length())
        })?;
        Ok(lengths.into_iter().sum::<u64>())
    };
    let (peak, (cost, bytes)) = server.peak(|| load::measure(server, push))?;
    let [rate, processor] = per_gigabyte(cost, bytes);
    stage.leave(writer);
    Ok(vec![rate, processor, mebibytes(peak)])
}

/// A number of bytes in MiB.
#[expect(clippy::cast_precision_loss, reason = "no process has 2^52 bytes")]
pub(super) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn small(id: &'static str, title: &'static str, connections: usize) -> Case {
    Case {
        id,
        scenario: "small",
        title,
        columns: vec![
            compared("pushes/s"),
            compared("CPU us per push"),
            compared("p99 ms"),
        ],
        peers: WRITTEN.to_vec(),
        sample: Box::new(move |stage, peer| pushes(stage, peer, connections)),
    }
}

fn pushes(stage: &Stage<'_>, peer: Peer, connections: usize) -> Result<Vec<f64>> {
    let items = Items::new(stage.noise, SMALL);
    let base = stage.next();
    stage.sync()?;
    let writer = stage.writer(peer)?;
    let server = &writer.server;
    let push = || {
        let deadline = Deadline::after(stage.plan.time);
        let times = load::in_parallel(server.address, connections, |number, mut connection| {
            let mut next = (base << 40) + ((number as u64) << 24);
            let mut times = Vec::new();
            while !deadline.passed() {
                let item = items.item(next);
                next += 1;
                let start = clock::now();
                item.push(&mut connection, REPOSITORY)?;
                times.push(start.elapsed().as_secs_f64() * 1e3);
            }
            Ok(times)
        })?;
        Ok(times.concat())
    };
    let (cost, mut times) = load::measure(server, push)?;
    let [rate, processor] = per_request(cost, times.len() as u64);
    let late = load::quantile(&mut times, 0.99).ok_or("no push was finished")?;
    Ok(vec![rate, processor, late])
}
