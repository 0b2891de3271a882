//! The pages of diagnostics: each example says what its page says, and nothing else.

use std::collections::BTreeSet;
use std::fs;

use api_codegen::diag::{Diagnostic, FRAME, Id, explain, reference};
use api_codegen::{load, render};

/// The keys of the top of a descriptor.
fn keys(text: &str) -> BTreeSet<&str> {
    let keys = text.lines().filter(|line| !line.starts_with([' ', '#']));
    keys.filter_map(|line| line.split(':').next()).collect()
}

/// The pieces of the frame that an example does not have itself.
fn frame(example: &str) -> String {
    let own = keys(example);
    let mut is_wanted = false;
    let mut out = String::new();
    for line in FRAME.lines() {
        if !line.starts_with(' ') {
            is_wanted = line.split(':').next().is_some_and(|key| !own.contains(key));
        }
        if is_wanted {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// Writes out what stands in `⟨` and `⟩`.
fn expand(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('⟨') {
        let (inner, after) = behind.split_once('⟩').unwrap();
        out.push_str(before);
        match (inner.rsplit_once(" × "), inner.strip_prefix("U+")) {
            (Some((piece, times)), _) => out.push_str(&piece.repeat(times.parse().unwrap())),
            (None, Some(code)) => {
                out.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
            }
            (None, None) => panic!("⟨{inner}⟩"),
        }
        rest = after;
    }
    out + rest
}

/// What is said of an example.
fn said(example: &str) -> (BTreeSet<Id>, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut files = example.split("# file: ");
    let root = files.next().unwrap();
    fs::write(folder.path().join("api.yaml"), expand(root) + &frame(root)).unwrap();
    for file in files {
        let (name, text) = file.split_once('\n').unwrap();
        fs::write(folder.path().join(name), expand(text)).unwrap();
    }
    let (problems, sources) = match load(folder.path()) {
        Ok(loaded) => (loaded.warnings, loaded.sources),
        Err(failure) => (failure.problems, failure.sources),
    };
    let ids = problems.iter().map(|problem: &Diagnostic| problem.id);
    (ids.collect(), render::plain(&problems, &sources))
}

#[test]
fn each_failing_example_has_the_problem_of_its_page_alone_and_each_mended_one_none() {
    let mut wrong = Vec::new();
    for id in Id::ALL {
        let (failing, mended) = id.examples();
        let (found, text) = said(failing);
        if found != BTreeSet::from([*id]) {
            wrong.push(format!("---- {id}, failing\n{text}"));
        }
        let (found, text) = said(mended);
        if !found.is_empty() {
            wrong.push(format!("---- {id}, mended\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_page_has_a_reason_and_two_examples() {
    for id in Id::ALL {
        let page = explain(*id);
        let blocks = page.matches("```yaml\n").count();
        let paragraphs: Vec<&str> = page.split("\n\n").collect();
        assert_eq!(blocks, 2, "{page}");
        assert!(
            paragraphs[2].ends_with('.') && paragraphs[3].len() > 80,
            "{page}"
        );
        assert!(
            !page.contains("\n\n\n") && page.ends_with("```\n"),
            "{page}"
        );
    }
}

#[test]
fn an_id_is_found_by_its_text_and_by_its_key() {
    for id in Id::ALL {
        assert_eq!(Id::find(id.as_str()), Some(*id));
        assert_eq!(Id::find(&id.key()), Some(*id));
    }
    assert_eq!(Id::find("unknown-kee"), None);
}

#[test]
fn the_json_of_the_reference_is_what_is_printed() {
    let reference = reference();
    let (before, json) = reference.split_once("```json\n").unwrap();
    let json = json.split("```").next().unwrap();
    let yaml = before.rsplit("```yaml\n").next().unwrap();
    let yaml = yaml.split("```").next().unwrap();
    let failure = api_codegen::load_str("toys.yaml", yaml).unwrap_err();
    let printed = render::json(&failure.problems, &failure.sources);
    assert!(printed == json, "{printed}");
}

#[test]
fn the_reference_of_diagnostics_is_the_one_in_the_repository() {
    let kept = fs::read_to_string("../docs/reference/diagnostics.md").unwrap_or_default();
    assert!(
        kept == reference(),
        "cargo codegen explain --all >docs/reference/diagnostics.md"
    );
}
