//! What it takes to generate code: of the registry's API, and of APIs with more and more routes.
//!
//! Generation is to read, to check, and to emit types, server, client and examples. For the registry it is
//! measured as whole processes, as they are run: the build script as cargo builds it, without
//! optimisation where a workspace does not ask for it, and the same optimised. The parts of a generation
//! are measured in this process, where what is done once for all descriptors is done already.

use std::fs;
use std::process::Command;

use api_codegen::{Failure, Loaded, emit};

use super::check::{self, Built};
use super::oneself::took;
use super::{Measured, Stage, Subject};
use crate::bench::bars::{Bar, Limit, Of};
use crate::bench::scenario::{Column, alone, compared};
use crate::bench::{Result, process};

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

/// What a sample of the registry's API is the mean of.
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
        bar("routes", 1, Of::To(SIZES[3].0), 1.25),
    ]
}

/// The parts of a generation.
fn parts() -> impl Iterator<Item = Column> {
    let titles = ["read and check", "types", "server", "client", "examples"];
    titles.into_iter().map(alone)
}

fn registry(stage: Stage) -> Measured {
    let columns = vec![alone("all CPU ms")];
    Measured {
        id: "generate",
        scenario: "generate",
        title: "Generation of the code of the registry's API",
        columns: columns.into_iter().chain(parts()).collect(),
        peers: vec![OPTIMISED, PLAIN, WARM],
        sample: Box::new(move |subject| {
            match subject {
                OPTIMISED => return Ok(vec![script(&stage, Built::Optimised)?]),
                PLAIN => return Ok(vec![script(&stage, Built::Plain)?]),
                _ => {}
            }
            let spec = stage.top.join("api-spec/distribution");
            let times = if stage.quick { 1 } else { TIMES };
            let samples = (0..times).map(|_| generation(|| api_codegen::load(&spec)));
            let samples: Vec<[f64; 5]> = samples.collect::<Result<_>>()?;
            Ok(with_all(mean(&samples)))
        }),
    }
}

fn growing(stage: Stage) -> Measured {
    let columns = vec![alone("all CPU ms"), compared("us per route")];
    Measured {
        id: "routes",
        scenario: "generate",
        title: "Generation of code by the number of routes",
        columns: columns.into_iter().chain(parts()).collect(),
        peers: SIZES.map(|(subject, _)| subject).to_vec(),
        sample: Box::new(move |subject| {
            let size = SIZES.iter().find(|(of, _)| *of == subject);
            let (_, size) = size.ok_or("there is no such size")?;
            let routes = stage.times(*size).max(2);
            let text = super::large::descriptor(routes);
            let parts = generation(|| api_codegen::load_str("large.yaml", &text))?;
            let mut values = with_all(parts);
            let routes = f64::from(u32::try_from(routes)?);
            values.insert(1, values[0] * 1000.0 / routes);
            Ok(values)
        }),
    }
}

/// Milliseconds of processor time of each part of a generation.
fn generation(
    load: impl FnOnce() -> std::result::Result<Loaded, Box<Failure>>,
) -> Result<[f64; 5]> {
    let (read, loaded) = took(load);
    // What is shown of it is the text of its problems.
    let loaded = loaded.map_err(|failure| failure.to_string())?;
    let emitters: [fn(&api_codegen::model::Api) -> String; 4] = [
        emit::rust::types,
        emit::rust::server,
        emit::rust::client,
        emit::rust::examples,
    ];
    let mut parts = [read.as_secs_f64() * 1000.0; 5];
    for (part, emitter) in parts.iter_mut().skip(1).zip(emitters) {
        let (time, text) = took(|| emitter(&loaded.api));
        if text.is_empty() {
            return Err("nothing was generated".into());
        }
        *part = time.as_secs_f64() * 1000.0;
    }
    Ok(parts)
}

fn mean(samples: &[[f64; 5]]) -> [f64; 5] {
    let mut mean = [0.0; 5];
    for sample in samples {
        for (sum, value) in mean.iter_mut().zip(sample) {
            *sum += value / f64::from(u32::try_from(samples.len()).unwrap_or(u32::MAX));
        }
    }
    mean
}

/// The sum, and then the parts of it.
fn with_all(parts: [f64; 5]) -> Vec<f64> {
    let mut values = vec![parts.iter().sum()];
    values.extend(parts);
    values
}

/// Milliseconds of processor time of the build script of the registry's API, which is built for that.
fn script(stage: &Stage, built: Built) -> Result<f64> {
    let program = check::build_script(stage, built)?;
    let out = stage.folder.join("out");
    fs::create_dir_all(&out)?;
    let times = if stage.quick { 1 } else { TIMES };
    let this = [std::process::id()];
    let before = process::seconds(&this)?;
    for _ in 0..times {
        let output = Command::new(&program)
            .current_dir(stage.top.join("registry/protocol"))
            .env("OUT_DIR", &out)
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
    }
    let seconds = process::seconds(&this)? - before;
    Ok(seconds * 1000.0 / f64::from(u32::try_from(times)?))
}
