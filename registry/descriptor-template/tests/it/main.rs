//! The command, run as a process.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_registry-api-descriptor-template"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Runs it with a template of this text.
fn render(text: &str) -> (String, Output) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.md");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    let output = run(&[&path]);
    (path, output)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_example_template_shows_methods_and_codes() {
    let template = "templates/overview.md";
    assert!(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(template)
            .exists()
    );
    let output = run(&[template]);
    assert_eq!(text(&output.stderr), "");
    assert!(output.status.success());
    let rendered = text(&output.stdout);
    for line in [
        "# Registry HTTP API V2",
        "| GET | `/v2/` | Base | Check for the API |",
        "| HEAD | `/v2/{name}/blobs/{digest}` | Blob | Fetch a blob |",
        "| PUT | `/v2/{name}/manifests/{reference}` | Manifest | Store a manifest |",
    ] {
        assert!(
            rendered.lines().any(|other| other == line),
            "{line}\n{rendered}"
        );
    }
    let codes = rendered
        .lines()
        .skip_while(|line| !line.starts_with("| Code |"));
    let codes: Vec<&str> = codes.skip(2).collect();
    assert_eq!(codes.len(), 20, "{rendered}");
    assert!(
        codes
            .iter()
            .all(|line| line.starts_with("| `") && line.ends_with(" |"))
    );
    assert!(codes.contains(
        &"| `NAME_UNKNOWN` | repository name not known to registry | There is no such repository, or the caller may not know of it. A push is refused with this code where the registry does not serve that name at all. | 404 Not Found |"
    ));
}

#[test]
fn the_result_is_printed_as_it_is() {
    let (_, output) = render("{{ routes[0].path }} <&>\n\n\n  x");
    assert_eq!(text(&output.stdout), "/v2/ <&>\n\n\n  x");
    assert!(output.status.success());
}

#[test]
fn any_number_of_arguments_but_one_is_refused() {
    for arguments in [&[][..], &["templates/overview.md", "templates/overview.md"]] {
        let output = run(arguments);
        assert!(!output.status.success());
        assert_eq!(text(&output.stdout), "");
        let message = text(&output.stderr);
        assert!(message.contains("exactly one argument"), "{message}");
        assert!(
            message.contains("usage: registry-api-descriptor-template TEMPLATE"),
            "{message}"
        );
    }
}

#[test]
fn a_template_that_is_not_there_is_named() {
    let output = run(&["no/such/template.md"]);
    assert!(!output.status.success());
    assert!(
        text(&output.stderr).starts_with("no/such/template.md: "),
        "{output:?}"
    );
}

#[test]
fn a_mistake_in_the_language_is_told_with_file_line_and_reason() {
    let (path, output) = render("# a\n\n{% for route in %}");
    assert!(!output.status.success());
    assert_eq!(text(&output.stdout), "");
    assert!(
        text(&output.stderr).starts_with(&format!("{path}:3:17: ")),
        "{output:?}"
    );
}

#[test]
fn a_mistake_while_rendering_is_told_with_file_line_and_reason() {
    let (path, output) = render("{{ title }}\n{{ no_such_thing }}\n");
    assert!(!output.status.success());
    assert_eq!(text(&output.stdout), "");
    let message = text(&output.stderr);
    assert!(message.starts_with(&format!("{path}:2:4: ")), "{message}");
    assert!(message.contains("no_such_thing"), "{message}");
}
