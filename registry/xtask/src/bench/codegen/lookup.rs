//! What it takes to find the route of a path in the table of the registry's API.
//!
//! That nothing is allocated meanwhile is for a test to say, in `registry/protocol`.

use std::hint::black_box;

use registry_protocol::server::find_route;

use super::oneself::{nanoseconds, took};
use super::{Measured, Sample, Stage, Subject};
use crate::bench::bars::{Bar, Limit, Of};
use crate::bench::scenario::alone;

const TIMES: usize = 2_000_000;

macro_rules! sha {
    () => {
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    };
}

/// What clients ask for all day.
const TYPICAL: [(Subject, &str); 7] = [
    (Subject("base"), "/v2/"),
    (
        Subject("manifest by tag"),
        "/v2/library/ubuntu/manifests/24.04",
    ),
    (
        Subject("manifest by digest"),
        concat!("/v2/library/ubuntu/manifests/", sha!()),
    ),
    (
        Subject("blob"),
        concat!("/v2/library/ubuntu/blobs/", sha!()),
    ),
    (
        Subject("start of an upload"),
        "/v2/library/ubuntu/blobs/uploads/",
    ),
    (
        Subject("upload"),
        "/v2/library/ubuntu/blobs/uploads/0c4a1b6e-5f5d-4c0e-9f6b-3b1f6d0a7c11",
    ),
    (Subject("tags"), "/v2/library/ubuntu/tags/list"),
];

/// What a server has to bear as well.
const OTHERS: [(Subject, &str); 3] = [
    (
        Subject("blob of a repository six deep"),
        concat!("/v2/a/team/with/many/nested/names/blobs/", sha!()),
    ),
    (
        Subject("a percent-encoded path"),
        "/v2/library/ubun%74u/manifests/24.04",
    ),
    (Subject("no route"), "/v2/library/ubuntu/nothing/here"),
];

fn all() -> impl Iterator<Item = (Subject, &'static str)> {
    TYPICAL.into_iter().chain(OTHERS)
}

pub(super) fn case(stage: &Stage) -> Measured {
    let times = stage.times(TIMES);
    Measured {
        id: "lookup",
        scenario: "route",
        title: "The route of a path of the registry's API",
        columns: vec![alone("CPU ns")],
        peers: all().map(|(subject, _)| subject).collect(),
        sample: Sample::new(move |subject| {
            let path = all().find(|(of, _)| *of == subject);
            let (_, path) = path.ok_or("there is no such path")?;
            let (time, ()) = took(|| {
                for _ in 0..times {
                    black_box(find_route(black_box(path)));
                }
            });
            Ok(vec![nanoseconds(time, times)])
        }),
    }
}

pub(super) fn bars() -> impl Iterator<Item = Bar<Subject>> {
    TYPICAL.into_iter().map(|(subject, _)| Bar {
        case: "lookup",
        column: 0,
        of: Of::At(subject),
        limit: Limit::AtMost(60.0),
    })
}
