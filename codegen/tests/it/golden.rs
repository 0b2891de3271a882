//! Generated Rust is what is committed, to the byte.
//!
//! The toy API's code is compiled and tried in its own crate; the small descriptors of `data/pass` show
//! one feature each. A test that fails prints what changed, and the command that brings the file up to
//! date; whoever runs it looks at the difference.

use std::path::{Path, PathBuf};

use api_codegen::emit::{docs, json, rust};
use api_codegen::model::Api;
use similar::TextDiff;

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn load(path: &str) -> Api {
    match api_codegen::load(&tests().join(path)) {
        Ok(loaded) => loaded.api,
        Err(failure) => panic!("{failure}"),
    }
}

/// Compares with the committed file.
fn compare(spec: &str, part: &str, generated: &str, committed: &str) {
    let path = tests().join(committed);
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    if old == generated {
        return;
    }
    let diff = TextDiff::from_lines(old.as_str(), generated);
    let diff = diff
        .unified_diff()
        .header(committed, "generated")
        .to_string();
    panic!(
        "{diff}\nto take it over: cargo run -p api-codegen-cli -- rust codegen/tests/{spec} \
         --part {part} -o codegen/tests/{committed}"
    );
}

#[test]
fn the_toy_is_generated_from_its_descriptor() {
    let api = load("toy/spec");
    let files = rust::files(&api).unwrap();
    assert_eq!(files.len(), 4);
    for (name, generated) in &files {
        let generated = str::from_utf8(generated).unwrap();
        assert!(generated.starts_with("// @generated"), "{name}");
        let part = name.strip_suffix(".rs").unwrap();
        compare(
            "toy/spec",
            part,
            generated,
            &format!("toy/src/generated/{name}"),
        );
    }
}

#[test]
fn the_snippets_that_the_toy_runs_are_those_of_its_documents() {
    let api = load("toy/spec");
    let template = std::fs::read_to_string(tests().join("toy/snippets.txt")).unwrap();
    let rendered = docs::template(&json::descriptor(&api), "snippets.txt", &template).unwrap();
    let committed = "toy/src/generated/snippets.rs";
    let old = std::fs::read_to_string(tests().join(committed)).unwrap_or_default();
    let diff = TextDiff::from_lines(old.as_str(), rendered.as_str());
    assert!(
        old == rendered,
        "{}\nto take it over: cargo run -p api-codegen-cli -- template codegen/tests/toy/spec \
         codegen/tests/toy/snippets.txt > codegen/tests/{committed}",
        diff.unified_diff().header(committed, "generated")
    );
}

#[test]
fn small_descriptors_show_what_they_become() {
    for (name, part) in [
        ("minimal", "types"),
        ("minimal", "server"),
        ("minimal", "client"),
        ("parameters", "types"),
        ("parameters", "server"),
        ("contested", "types"),
        ("contested", "server"),
        ("webhook", "types"),
        ("webhook", "server"),
        ("webhook", "client"),
        ("webhook", "examples"),
    ] {
        let spec = format!("data/pass/{name}.yaml");
        let api = load(&spec);
        let generated = match part {
            "types" => rust::types(&api),
            "server" => rust::server(&api),
            "examples" => rust::examples(&api),
            _ => rust::client(&api),
        };
        compare(
            &spec,
            part,
            &generated,
            &format!("data/golden/{name}.{part}.rs"),
        );
    }
}

#[test]
fn the_same_descriptor_yields_the_same_bytes() {
    let (first, second) = (load("toy/spec"), load("toy/spec"));
    assert_eq!(rust::types(&first), rust::types(&second));
    assert_eq!(rust::server(&first), rust::server(&second));
    assert_eq!(rust::client(&first), rust::client(&second));
}

#[test]
fn the_server_needs_few_lines_for_each_request() {
    let api = load("toy/spec");
    let requests = api
        .routes
        .iter()
        .flat_map(|route| &route.methods)
        .filter(|entry| entry.method != "HEAD");
    let requests: usize = requests.map(|entry| entry.requests.len()).sum();
    let server = rust::server(&api);
    let glue = server
        .split("async fn ")
        .skip(2)
        .map(|function| function.lines().count());
    // The last piece holds all answers, too.
    let mut glue: Vec<usize> = glue.collect();
    glue.pop();
    assert!(glue.iter().all(|lines| *lines <= 60), "{glue:?}");
    let is_code = |line: &&str| !line.trim_start().starts_with("///");
    assert!(
        server.lines().filter(is_code).count() / requests <= 90,
        "{requests} requests"
    );
    assert!(
        !server.contains("Box<") && !server.contains("Pin<"),
        "nothing is boxed"
    );
}
