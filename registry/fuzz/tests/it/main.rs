//! Every target on every stored input, and on a bounded number of mutations of them, always the same.
//!
//! Stored inputs lie in `corpus/TARGET`, some where other tests have them too. What libFuzzer found is
//! among them once it is repaired, so that it stays so.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod large;
mod mutate;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use registry_fuzz::{TARGETS, Target};

use self::mutate::Dice;

/// Inputs by where they come from.
type Inputs = Vec<(PathBuf, Vec<u8>)>;

/// Where inputs lie that are kept for other tests, from this package.
const ELSEWHERE: &[(&str, &str)] = &[
    ("descriptor", "../../codegen/tests/data/pass"),
    ("descriptor", "../../codegen/tests/data/fail"),
    ("configuration", "../server/config"),
];

/// The files of a directory, in order, whose names end in one of these.
fn files(directory: &Path, wanted: fn(&Path) -> bool) -> Inputs {
    let entries = fs::read_dir(directory).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_file() && wanted(path));
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap();
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}

fn inputs(target: &Target) -> Inputs {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut inputs = files(&package.join("corpus").join(target.name), |_| true);
    assert!(!inputs.is_empty(), "{target:?} has no input");
    let is_yaml = |path: &Path| {
        path.extension()
            .is_some_and(|end| end == "yaml" || end == "yml")
    };
    for (_, directory) in ELSEWHERE.iter().filter(|(name, _)| *name == target.name) {
        inputs.extend(files(&package.join(directory), is_yaml));
    }
    inputs
}

/// Runs a target; where it panics, the input is kept and named.
fn run(target: &Target, from: &Path, input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| (target.run)(input))).is_err() {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.failed", target.name));
        fs::write(&kept, input).unwrap();
        let (from, kept) = (from.display(), kept.display());
        panic!("{target:?} fails on {kept}, made of {from}");
    }
}

/// Runs the stored inputs of a target, then mutations of them until so many bytes were run.
fn exercise(name: &str, mutated_bytes: usize) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let inputs = inputs(target);
    for (path, input) in &inputs {
        run(target, path, input);
    }
    let mut dice = Dice::new();
    let mut left = mutated_bytes;
    while left > 0 {
        let (path, input) = &inputs[dice.roll(inputs.len())];
        let (_, other) = &inputs[dice.roll(inputs.len())];
        let mutated = mutate::mutate(&mut dice, input, other);
        run(target, path, &mutated);
        // What is nearly empty costs something too.
        left = left.saturating_sub(mutated.len().max(100));
    }
}

macro_rules! exercised {
    ($($test:ident: $target:literal, $mutated_bytes:literal;)*) => {
        $(
            #[test]
            fn $test() {
                exercise($target, $mutated_bytes);
            }
        )*

        #[test]
        fn every_target_is_exercised() {
            let exercised = [$($target),*];
            let all: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(exercised[..], all);
        }
    };
}

exercised! {
    any_challenge_is_understood_or_passed_over: "challenges", 300_000;
    any_text_is_a_configuration_or_refused: "configuration", 500_000;
    any_text_is_a_descriptor_or_refused: "descriptor", 200_000;
    any_text_is_a_header_or_refused: "headers", 500_000;
    any_bytes_are_a_manifest_or_refused: "manifest", 500_000;
    any_pattern_means_what_it_says: "pattern", 100_000;
    any_requests_are_answered: "requests", 500_000;
    any_answer_is_understood_or_refused: "responses", 500_000;
    any_path_has_the_route_that_it_should: "router", 500_000;
    any_file_in_storage_is_read_or_refused: "storage", 200_000;
    any_text_is_a_value_or_refused: "values", 500_000;
}

#[test]
fn every_target_has_a_binary_for_libfuzzer() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(package.join("cargo/Cargo.toml")).unwrap();
    for Target { name, .. } in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        let binary = package.join(format!("cargo/fuzz_targets/{name}.rs"));
        let text = fs::read_to_string(binary).unwrap();
        assert!(text.contains(&format!("registry_fuzz::{name}(")), "{name}");
    }
}
