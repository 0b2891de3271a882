//! Broken descriptors and what is said about them.
//!
//! Each `tests/data/fail/NAME.yaml`, or folder `NAME` with an `api.yaml`, has its problems as plain text
//! in `NAME.expected`. Where they differ the test writes what it got to a folder under `target` and names
//! it, so that looking at the difference and copying the files over is all there is to do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use api_codegen::diag::Id;
use api_codegen::{load, load_str, render};

const FAIL: &str = "tests/data/fail";

/// Ids whose descriptors are too large to keep: `file-too-large`, which `hostile` makes.
const MADE: [Id; 1] = [Id::FileTooLarge];

/// What is said about a descriptor. The path is relative, so that it is the same on every machine.
fn said(path: &Path) -> String {
    match load(path) {
        Ok(loaded) => render::plain(&loaded.warnings, &loaded.sources),
        Err(failure) => failure.to_string(),
    }
}

/// The broken descriptors by name.
fn cases() -> BTreeMap<String, PathBuf> {
    let is_case =
        |path: &PathBuf| path.is_dir() || path.extension().is_some_and(|end| end == "yaml");
    let entries = fs::read_dir(FAIL)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .filter(is_case)
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect()
}

fn expected(name: &str) -> PathBuf {
    Path::new(FAIL).join(format!("{name}.expected"))
}

#[test]
fn every_broken_descriptor_gets_the_expected_diagnostics() {
    let actual = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fail");
    let _ = fs::remove_dir_all(&actual);
    let mut differing = Vec::new();
    for (name, path) in cases() {
        let said = said(&path);
        assert!(!said.is_empty(), "{name} has no problem");
        if fs::read_to_string(expected(&name)).unwrap_or_default() != said {
            fs::create_dir_all(&actual).unwrap();
            fs::write(actual.join(format!("{name}.expected")), &said).unwrap();
            differing.push(format!("---- {name}\n{said}"));
        }
    }
    assert!(
        differing.is_empty(),
        "{}\n{} differ; where this is right: cp {}/*.expected codegen/{FAIL}/",
        differing.join("\n"),
        differing.len(),
        actual.display()
    );
}

#[test]
fn no_expectation_is_without_a_descriptor() {
    let cases = cases();
    for entry in fs::read_dir(FAIL).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "expected") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                cases.contains_key(name),
                "{} belongs to nothing",
                path.display()
            );
        }
    }
}

#[test]
fn every_kind_of_problem_has_a_descriptor_that_shows_it() {
    let all: String = cases()
        .keys()
        .map(|name| fs::read_to_string(expected(name)).unwrap_or_default())
        .collect();
    for id in Id::ALL {
        let shown =
            all.contains(&format!("error[{id}]: ")) || all.contains(&format!("warning[{id}]: "));
        assert_eq!(shown, !MADE.contains(id), "{id}");
    }
}

#[test]
fn the_descriptors_of_this_repository_have_nothing_that_a_lint_would_tell() {
    for path in ["../api-spec/distribution", "tests/toy/spec"] {
        assert_eq!(said(Path::new(path)), "");
    }
}

#[test]
fn every_problem_comes_with_what_to_do() {
    let mut helpless = Vec::new();
    for (name, path) in cases() {
        let problems = match load(&path) {
            Ok(loaded) => loaded.warnings,
            Err(failure) => failure.problems,
        };
        let without = problems
            .into_iter()
            .filter(|problem| problem.help.is_none());
        helpless.extend(without.map(|problem| format!("{name}: {}", problem.message)));
    }
    assert!(helpless.is_empty(), "{helpless:#?}");
}

/// How often each problem is found in a text.
fn counts(name: &str, text: &str) -> BTreeMap<(Id, String), usize> {
    let problems = match load_str(name, text) {
        Ok(loaded) => loaded.warnings,
        Err(failure) => failure.problems,
    };
    let mut counts = BTreeMap::new();
    for problem in problems {
        *counts.entry((problem.id, problem.message)).or_insert(0) += 1;
    }
    counts
}

#[test]
fn what_is_suggested_solves_the_problem() {
    let (mut suggestions, mut wrong) = (0, Vec::new());
    for (name, path) in cases() {
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        // Offsets are those of the text behind it.
        let text = text.trim_start_matches('\u{feff}');
        let Err(failure) = load_str(&name, text) else {
            continue;
        };
        let before = counts(&name, text);
        for problem in failure.problems {
            let Some(suggestion) = problem.suggestion else {
                continue;
            };
            let span = failure.sources.span(&suggestion.place);
            let end = span.offset + span.length;
            let mut mended = text.to_owned();
            mended.replace_range(span.offset..end, &suggestion.replacement);
            let after = counts(&name, &mended);
            let key = (problem.id, problem.message);
            let is_solved = after.get(&key).unwrap_or(&0) < &before[&key];
            if !is_solved || after.keys().any(|(id, _)| *id == Id::YamlSyntax) {
                wrong.push(format!("{name}: {key:?}: `{}`", suggestion.replacement));
            }
            suggestions += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(suggestions >= 50, "{suggestions}");
}

#[test]
fn all_problems_of_a_descriptor_come_in_one_run() {
    let text = said(&Path::new(FAIL).join("many.yaml"));
    assert!(text.ends_with("\n27 errors\n"), "{text}");
}

#[test]
fn bytes_are_counted_from_the_beginning_of_a_file_with_a_byte_order_mark() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api.yaml");
    let text = "\u{feff}spce: 1\n";
    fs::write(&path, text).unwrap();
    let failure = load(&path).unwrap_err();
    let json = render::json(&failure.problems, &failure.sources);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let place = &json["problems"][0]["suggestion"];
    assert_eq!((&place["line"], &place["column"]), (&1.into(), &1.into()));
    let byte = |key: &str| usize::try_from(place[key].as_u64().unwrap()).unwrap();
    assert_eq!(&text[byte("start")..byte("end")], "spce");
}

#[test]
fn lines_that_end_as_on_windows_count_once() {
    let text = "spec: 1\r\napi:\r\n  nmae: toys\r\n  title: Toys\r\n  version: '1'\r\n";
    let failure = api_codegen::load_str("toys.yaml", text)
        .unwrap_err()
        .to_string();
    assert!(
        failure.starts_with("toys.yaml:3:3: error[unknown-key]: "),
        "{failure}"
    );
}
