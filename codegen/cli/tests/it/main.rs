//! The command, run as people run it: what it prints where, what it writes, how it ends.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod changes;
mod new;
mod verify;

use std::fs;
use std::path::Path;
use std::process::Command;

/// Where the descriptors are, and where the command runs.
const CODEGEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const GOOD: &str = "tests/data/pass/everything.yaml";
/// A small one, which does not grow as the language does: what is counted is counted here.
const SMALL: &str = "tests/data/pass/keywords.yaml";
const BAD: &str = "tests/data/fail/unknown-key.yaml";

/// How a run ended.
struct Run {
    code: i32,
    out: String,
    err: String,
}

fn run(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_api-codegen"))
        .args(arguments)
        .current_dir(CODEGEN)
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A run that must end well, and what it printed.
fn printed(arguments: &[&str]) -> String {
    let run = run(arguments);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{arguments:?}");
    run.out
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_good_descriptor_is_counted() {
    assert_eq!(
        printed(&["check", SMALL]),
        "Words 1: 2 routes, 5 requests, 4 operations, 3 error codes\n"
    );
}

#[test]
fn every_command_shows_the_problems_of_a_broken_descriptor_and_ends_with_1() {
    let expected =
        fs::read_to_string(Path::new(CODEGEN).join("tests/data/fail/unknown-key.expected"))
            .unwrap();
    for arguments in [
        vec!["check", BAD],
        vec!["json", BAD],
        vec!["openapi", BAD],
        vec!["rust", BAD, "--part", "types"],
        vec!["docs", BAD, "-o", "/nowhere"],
        vec!["template", BAD, GOOD],
    ] {
        let run = run(&arguments);
        assert_eq!(
            (run.code, run.out.as_str(), run.err.as_str()),
            (1, "", expected.as_str()),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_command_that_makes_no_sense_ends_with_2() {
    for arguments in [
        vec![],
        vec!["chek", GOOD],
        vec!["check"],
        vec!["rust", GOOD],
        vec!["rust", GOOD, "--part", "tests"],
        vec!["docs", GOOD],
        vec!["check", GOOD, "--check"],
    ] {
        let run = run(&arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments:?}");
        assert!(run.err.contains("help"), "{}", run.err);
    }
    assert!(printed(&["--help"]).contains("template"));
    assert!(printed(&["--version"]).starts_with("api-codegen "));
}

#[test]
fn json_names_routes_and_errors() {
    let json: serde_json::Value = serde_json::from_str(&printed(&["json", SMALL])).unwrap();
    assert_eq!(json["routes"].as_array().unwrap().len(), 2);
    assert_eq!(json["errors"][0]["code"], "await");
}

#[test]
fn openapi_is_printed_or_what_it_does_not_say() {
    let json: serde_json::Value = serde_json::from_str(&printed(&["openapi", GOOD])).unwrap();
    assert_eq!(json["openapi"], "3.1.0");
    assert!(json["paths"]["/toys/"]["get"]["operationId"].is_string());
    let losses = printed(&["openapi", GOOD, "--losses"]);
    assert!(
        losses.contains("`/toys/`: that the final slash"),
        "{losses}"
    );
}

#[test]
fn what_templates_can_use_is_printed() {
    let page = printed(&["templates"]);
    assert!(page.starts_with("# What templates can use\n"));
    assert!(page.contains("| `routes` | list of [Route](#route) |"));
}

#[test]
fn the_language_is_printed_for_people_or_for_editors() {
    assert!(printed(&["language"]).starts_with("# The language of descriptors\n"));
    let schema: serde_json::Value =
        serde_json::from_str(&printed(&["language", "--schema"])).unwrap();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
}

#[test]
fn each_part_of_rust_is_printed_or_written() {
    let folder = tempfile::tempdir().unwrap();
    for (part, word) in [
        ("types", "pub struct Toy "),
        ("server", "pub trait Toys"),
        ("client", "pub struct Client"),
    ] {
        let printed = printed(&["rust", GOOD, "--part", part]);
        assert!(printed.contains(word), "{part}");
        let file = folder.path().join("deep").join(part);
        assert_eq!(
            self::printed(&["rust", GOOD, "--part", part, "-o", text(&file)]),
            ""
        );
        assert_eq!(fs::read_to_string(&file).unwrap(), printed);
    }
    let names = fs::read_dir(folder.path().join("deep")).unwrap().count();
    assert_eq!(names, 3, "nothing is left beside the files");
    let blocked = folder.path().join("deep/types/below");
    let run = run(&["rust", GOOD, "--part", "types", "-o", text(&blocked)]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("cannot be written"), "{}", run.err);
}

#[test]
fn generated_code_that_is_committed_is_held_against_its_descriptor() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("types.rs");
    let generate = ["rust", GOOD, "--part", "types", "-o", text(&file)];
    let check = [generate.as_slice(), &["--check"]].concat();
    let missing = run(&check);
    assert_eq!(missing.code, 1);
    assert!(missing.out.contains("--- /dev/null\n"), "{}", missing.out);
    assert!(!file.exists());
    printed(&generate);
    assert_eq!(printed(&check), "");
    let good = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{good}// by hand\n")).unwrap();
    let drift = run(&check);
    assert_eq!(drift.code, 1);
    assert!(drift.out.contains("\n-// by hand\n"), "{}", drift.out);
    assert!(
        drift.err.contains("differs from the descriptor"),
        "{}",
        drift.err
    );
    assert!(fs::read_to_string(&file).unwrap().ends_with("// by hand\n"));
    assert_eq!(run(&["rust", GOOD, "--part", "types", "--check"]).code, 2);
}

#[test]
fn documents_that_are_the_same_already_stay_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let docs = ["docs", GOOD, "-o", text(folder.path())];
    printed(&docs);
    let surface = folder.path().join("surface.txt");
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    fs::File::open(&surface)
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    fs::write(folder.path().join("api.md"), "changed").unwrap();
    printed(&docs);
    assert_eq!(
        fs::metadata(&surface).unwrap().modified().unwrap(),
        long_ago
    );
    assert_ne!(
        fs::read_to_string(folder.path().join("api.md")).unwrap(),
        "changed"
    );
}

#[test]
fn drift_is_shown_as_a_diff_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let docs = ["docs", GOOD, "-o", text(folder.path())];
    let check = ["docs", GOOD, "-o", text(folder.path()), "--check"];
    let missing = run(&check);
    assert_eq!(missing.code, 1);
    assert!(missing.out.contains("--- /dev/null\n"), "{}", missing.out);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    printed(&docs);
    assert_eq!(printed(&check), "");
    let path = folder.path().join("surface.txt");
    let surface = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("GET /gone\n{surface}")).unwrap();
    fs::write(
        folder.path().join("other.md"),
        "not rendered, and nobody's business",
    )
    .unwrap();
    let drift = run(&check);
    assert_eq!(drift.code, 1);
    assert!(drift.out.contains("\n-GET /gone\n"), "{}", drift.out);
    assert!(!drift.out.contains("other.md"), "{}", drift.out);
    assert!(
        drift.err.starts_with("error: 1 file differs"),
        "{}",
        drift.err
    );
    assert!(
        fs::read_to_string(&path)
            .unwrap()
            .starts_with("GET /gone\n")
    );
}

#[test]
fn own_templates_stand_beside_the_embedded_ones() {
    let folder = tempfile::tempdir().unwrap();
    let templates = folder.path().join("templates");
    fs::create_dir(&templates).unwrap();
    fs::write(
        templates.join("errors.txt"),
        "{% for error in errors %}{{ error.code }}\n{% endfor %}",
    )
    .unwrap();
    let out = folder.path().join("out");
    printed(&[
        "docs",
        GOOD,
        "-o",
        text(&out),
        "--templates",
        text(&templates),
    ]);
    assert!(
        fs::read_to_string(out.join("errors.txt"))
            .unwrap()
            .starts_with("bad\n")
    );
    assert!(out.join("api.md").exists());
    let missing = run(&["docs", GOOD, "-o", text(&out), "--templates", "/nowhere"]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("/nowhere"), "{}", missing.err);
}

#[test]
fn a_template_is_executed_or_its_mistake_told() {
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join("names.txt");
    fs::write(&template, "{{ title }}: {{ routes | length }}\n").unwrap();
    assert_eq!(printed(&["template", SMALL, text(&template)]), "Words: 2\n");
    fs::write(&template, "one\n{{ titel }}\n").unwrap();
    let wrong = run(&["template", GOOD, text(&template)]);
    assert_eq!((wrong.code, wrong.out.as_str()), (1, ""));
    assert!(wrong.err.contains("names.txt:2:"), "{}", wrong.err);
    assert_eq!(run(&["template", GOOD, "/nowhere"]).code, 1);
}

#[test]
fn an_id_is_explained_and_a_misspelt_one_corrected() {
    let page = printed(&["explain", "unknown-key"]);
    assert!(page.starts_with("## unknown-key\n"), "{page}");
    assert!(printed(&["explain"]).contains("\nunknown-key "));
    let all = printed(&["explain", "--all"]);
    assert!(all.starts_with("# Diagnostics\n") && all.contains(&page));
    let wrong = run(&["explain", "unknown-kye"]);
    assert_eq!((wrong.code, wrong.out.as_str()), (2, ""));
    assert!(
        wrong.err.contains("did you mean `unknown-key`?"),
        "{}",
        wrong.err
    );
}

#[test]
fn warnings_are_shown_and_denied_on_request() {
    let path = "tests/data/fail/unused-allow.yaml";
    let expected =
        fs::read_to_string(Path::new(CODEGEN).join("tests/data/fail/unused-allow.expected"))
            .unwrap();
    let shown = run(&["check", path]);
    assert_eq!((shown.code, shown.err.as_str()), (0, expected.as_str()));
    assert!(shown.out.starts_with("Toys 1: "), "{}", shown.out);
    let denied = run(&["check", path, "--deny", "warnings"]);
    let outcome = (denied.code, denied.out.as_str(), denied.err.as_str());
    assert_eq!(outcome, (1, "", expected.as_str()));
    printed(&["check", GOOD, "--deny", "warnings"]);
}

#[test]
fn problems_are_printed_for_programs() {
    let bad = run(&["check", BAD, "--format", "json"]);
    assert_eq!((bad.code, bad.err.as_str()), (1, ""));
    let json: serde_json::Value = serde_json::from_str(&bad.out).unwrap();
    let first = &json["problems"][0];
    assert_eq!(json["errors"], json["problems"].as_array().unwrap().len());
    assert_eq!(
        (&first["file"], &first["severity"]),
        (&BAD.into(), &"error".into())
    );
    let good = printed(&["check", SMALL, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&good).unwrap();
    let expected = serde_json::json!({"problems": [], "errors": 0, "warnings": 0});
    assert_eq!(json, expected);
    let warned = "tests/data/fail/unused-allow.yaml";
    let denied = run(&["check", warned, "--format", "json", "--deny", "warnings"]);
    assert_eq!((denied.code, denied.err.as_str()), (1, ""));
    for arguments in [
        vec!["json", BAD, "--format", "json"],
        vec!["docs", BAD, "-o", "/nowhere", "--format", "json"],
    ] {
        let run = run(&arguments);
        assert_eq!((run.code, run.out.as_str(), &run.err), (1, "", &bad.out));
    }
    let diff = run(&["diff", BAD, SMALL, "--format", "json"]);
    assert!(
        diff.code == 2 && diff.err.starts_with(bad.out.trim_end()),
        "{}",
        diff.err
    );
}
