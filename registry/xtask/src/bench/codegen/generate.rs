//! What it takes to generate code: of the registry's API, and of APIs with more and more routes.
//!
//! Generation is to read, to check, and to emit types, server, client and examples, which threads do. For the
//! registry it is measured as whole processes, as they are run: the build script as cargo builds it, without
//! optimisation where a workspace does not ask for it, and the same optimised. The parts of a generation
//! are measured in this process, where what is done once for all descriptors is done already.

use std::fs;
use std::process::Command;
use std::time::Duration;

use api_codegen::model::Api;
use api_codegen::{Failure, Loaded, emit};

use super::check::{self, Built};
use super::oneself::took;
use super::{Measured, Sample, Stage, Subject};
use crate::bench::bars::{Bar, Limit, Of};
use crate::bench::scenario::{Column, alone, compared};
use crate::bench::{Result, clock, process};

const OPTIMISED: Subject = Subject("build script, optimised");
const PLAIN: Subject = Subject("build script, as cargo builds it");
const WARM: Subject = Subject("in a process that has done it before");

/// Descriptors by the number of their routes; all are compared with the largest.
const SIZES: [(Subject, usize); 4] = [
    (Subject("2,000 routes"), 2000),
    (Subject("1,000 routes"), 1000),
    (Subject("500 routes"), 500),
    (Subject("250 routes"), 250),
];

/// What a sample of a build script is the mean of.
const TIMES: usize = 5;

pub(super) fn cases(stage: &Stage) -> Vec<Measured> {
    vec![registry(stage.clone()), growing(stage.clone())]
}

pub(super) fn bars() -> Vec<Bar<Subject>> {
    let bar = |case, column, of, most| Bar {
        case,
        column,
        of,
        limit: Limit::AtMost(most),
    };
    vec![
        bar("generate", 0, Of::At(OPTIMISED), 50.0),
        bar("routes", 0, Of::At(SIZES[1].0), 1000.0),
        // Small ones are quicker by more, since the memory that they take is in a cache of the processor.
        bar("routes", 2, Of::To(SIZES[1].0), 1.25),
    ]
}

/// What a generation takes, and its parts in processor time.
fn columns() -> Vec<Column> {
    let parts = ["read and check", "types", "server", "client", "examples"];
    let titles = ["ms", "CPU ms"].into_iter().chain(parts);
    titles.map(alone).collect()
}

fn registry(stage: Stage) -> Measured {
    Measured {
        id: "generate",
        scenario: "generate",
        title: "Generation of the code of the registry's API",
        columns: columns(),
        peers: vec![OPTIMISED, PLAIN, WARM],
        sample: Sample::new(move |subject| match subject {
            OPTIMISED => script(&stage, Built::Optimised),
            PLAIN => script(&stage, Built::Plain),
            _ => {
                let spec = stage.top.join("api-spec/distribution");
                generation(|| api_codegen::load(&spec))?;
                generation(|| api_codegen::load(&spec))
            }
        }),
    }
}

fn growing(stage: Stage) -> Measured {
    let mut columns = columns();
    columns.insert(2, compared("CPU us per route"));
    Measured {
        id: "routes",
        scenario: "generate",
        title: "Generation of code by the number of routes",
        columns,
        peers: SIZES.map(|(subject, _)| subject).to_vec(),
        sample: Sample::new(move |subject| {
            let size = SIZES.iter().find(|(of, _)| *of == subject);
            let (_, size) = size.ok_or("there is no such size")?;
            let routes = stage.times(*size).max(2);
            let text = super::large::descriptor(routes);
            let mut values = generation(|| api_codegen::load_str("large.yaml", &text))?;
            let routes = f64::from(u32::try_from(routes)?);
            values.insert(2, values[1] * 1000.0 / routes);
            Ok(values)
        }),
    }
}

/// Milliseconds of a generation by the clock, and in processor time: of all its threads, and of each of its
/// parts, one after the other in one thread.
fn generation(
    load: impl FnOnce() -> std::result::Result<Loaded, Box<Failure>>,
) -> Result<Vec<f64>> {
    let (start, before) = (clock::now(), clock::of_this_process());
    let (read, loaded) = took(load);
    // What is shown of a failure is the text of its problems.
    let api = loaded.map_err(|failure| failure.to_string())?.api;
    let files = emit::rust::files(&api)?;
    let processor = clock::of_this_process().saturating_sub(before);
    let mut values = [start.elapsed(), processor, read]
        .map(milliseconds)
        .to_vec();
    let emitters: [fn(&Api) -> String; 4] = [
        emit::rust::types,
        emit::rust::server,
        emit::rust::client,
        emit::rust::examples,
    ];
    // Once more, one after the other.
    let parts = emitters.map(|emitter| took(|| emitter(&api)));
    let made: usize = parts.iter().map(|(_, text)| text.len()).sum();
    let before: usize = files.iter().map(|(_, text)| text.len()).sum();
    if made != before {
        return Err("the same descriptor has become other code".into());
    }
    values.extend(parts.iter().map(|(time, _)| milliseconds(*time)));
    Ok(values)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Milliseconds of the build script of the registry's API by the clock, and in processor time.
fn script(stage: &Stage, built: Built) -> Result<Vec<f64>> {
    let program = check::build_script(stage, built)?;
    let out = stage.folder.join("out");
    fs::create_dir_all(&out)?;
    let times = if stage.quick { 1 } else { TIMES };
    let this = [std::process::id()];
    let (start, before) = (clock::now(), process::seconds(&this)?);
    for _ in 0..times {
        let output = Command::new(&program)
            .current_dir(stage.top.join("registry/protocol"))
            .env("OUT_DIR", &out)
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
    }
    let seconds = [
        start.elapsed().as_secs_f64(),
        process::seconds(&this)? - before,
    ];
    let times = f64::from(u32::try_from(times)?);
    Ok(seconds.map(|all| all * 1000.0 / times).to_vec())
}
