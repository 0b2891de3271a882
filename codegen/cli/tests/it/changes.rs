//! `api-codegen diff`: how it ends, what it prints, and descriptors of git revisions.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{GOOD, printed, run, text};

const OTHER: &str = "tests/data/pass/minimal.yaml";

#[test]
fn nothing_has_changed_between_a_descriptor_and_itself() {
    assert_eq!(printed(&["diff", GOOD, GOOD]), "Nothing has changed.\n");
    let json = printed(&["diff", GOOD, GOOD, "--format", "json", "--fail-on", "any"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json, serde_json::json!({"changes": []}));
}

#[test]
fn changes_fail_only_where_that_is_asked_for() {
    assert_eq!(run(&["diff", GOOD, OTHER]).code, 0);
    assert_eq!(run(&["diff", GOOD, OTHER, "--fail-on", "any"]).code, 1);
    let run = run(&["diff", GOOD, OTHER, "--fail-on", "breaking"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert!(run.out.starts_with("Breaks clients\n"), "{}", run.out);
}

#[test]
fn what_cannot_be_compared_ends_with_2() {
    let broken = super::BAD;
    for arguments in [
        vec!["diff", GOOD],
        vec!["diff", GOOD, broken],
        vec!["diff", GOOD, "nowhere.yaml"],
        vec!["diff", GOOD, OTHER, GOOD],
        vec!["diff", "--git", GOOD],
        vec!["diff", "--git", "no-such-revision", GOOD],
        vec!["diff", "--git", "--output=x", GOOD],
        vec!["diff", GOOD, OTHER, "--fail-on", "some"],
    ] {
        let run = run(&arguments);
        assert_eq!(
            (run.code, run.out.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            run.err
        );
        assert!(!run.err.is_empty(), "{arguments:?}");
    }
}

fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@t.test",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status()
        .unwrap();
    assert!(status.success(), "{arguments:?}");
}

/// A repository with two revisions of a descriptor of two files, of which the one is reached by a link.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let whole = fs::read_to_string(Path::new(super::CODEGEN).join(OTHER)).unwrap();
    let (head, routes) = whole.split_once("routes:").unwrap();
    let head = format!("include: [linked.yaml]\n{head}");
    fs::create_dir_all(root.join("spec/parts")).unwrap();
    fs::write(root.join("spec/api.yaml"), head).unwrap();
    fs::write(
        root.join("spec/parts/routes.yaml"),
        format!("routes:{routes}"),
    )
    .unwrap();
    std::os::unix::fs::symlink("parts/routes.yaml", root.join("spec/linked.yaml")).unwrap();
    git(root, &["init", "--quiet"]);
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "-m", "one"]);
    git(root, &["tag", "one"]);
    let routes = routes.replacen("path: /", "path: /new/", 1);
    fs::write(
        root.join("spec/parts/routes.yaml"),
        format!("routes:{routes}"),
    )
    .unwrap();
    git(root, &["commit", "--quiet", "-a", "-m", "two"]);
    git(root, &["tag", "two"]);
    folder
}

#[test]
fn two_revisions_are_compared_with_their_includes() {
    let repository = repository();
    let spec = repository.path().join("spec");
    let file = spec.join("api.yaml");
    for spec in [text(&spec), text(&file)] {
        let out = printed(&["diff", "--git", "one", "two", spec]);
        assert!(out.contains("operation-moved"), "{out}");
        assert_eq!(
            printed(&["diff", "--git", "two", spec]),
            "Nothing has changed.\n"
        );
        assert_eq!(printed(&["diff", "--git", "one", spec]), out);
    }
    fs::remove_dir_all(&spec).unwrap();
    let out = printed(&["diff", "--git", "one", "two", text(&spec)]);
    assert!(out.contains("operation-moved"), "{out}");
}
