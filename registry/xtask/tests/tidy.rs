//! The tree is tidy, and each rule finds what it is for.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use xtask::tidy::{self, RULES, Tree};

/// Bad samples: a rule, a file, its text. The head comment is added where it is not the point.
const BAD: &[(&str, &str, &str)] = &[
    (
        "directory-names",
        "registry/storage/src/tag.rs",
        "const P: &str = \"a/_manifests/tags\";",
    ),
    (
        "directory-names",
        "registry/server/src/app.rs",
        "let p = \"docker/registry/v2\";",
    ),
    (
        "environment",
        "registry/storage/src/tag.rs",
        "let home = std::env::var(\"HOME\");",
    ),
    (
        "environment",
        "codegen/src/lib.rs",
        "let all = env::vars_os();",
    ),
    (
        "handlers",
        "registry/server/src/handlers/tags.rs",
        "use http::StatusCode;",
    ),
    (
        "handlers",
        "registry/server/src/handlers/tags.rs",
        "headers.insert(\"Docker-Content-Digest\", d);",
    ),
    (
        "handlers",
        "registry/server/src/handlers/blobs.rs",
        "let l = format!(\"/v2/{name}\");",
    ),
    (
        "emitters",
        "codegen/src/emit/docs.rs",
        "std::fs::write(path, text)?;",
    ),
    (
        "emitters",
        "codegen/src/emit/docs.rs",
        "note(\"a file\", std::fs::read(path)?);",
    ),
    (
        "emitter-arrows",
        "codegen/src/emit/docs.rs",
        "use crate::emit::surface::line;",
    ),
    ("general", "codegen/src/check/mod.rs", "let blob_name = 1;"),
    (
        "general",
        "codegen/runtime/src/lib.rs",
        "//! Serves an OCI API.",
    ),
    (
        "files",
        "registry/storage/src/tag.rs",
        "let text = std::fs::read(path);",
    ),
    (
        "storage-arrows",
        "registry/storage/src/driver/memory.rs",
        "use crate::layout::Paths;",
    ),
    (
        "storage-arrows",
        "registry/server/src/handlers/tags.rs",
        "use crate::config::Config;",
    ),
    (
        "crate-arrows",
        "registry/storage/Cargo.toml",
        "[package]\nname = \"registry-storage\"\n[dependencies]\nregistry.workspace = true\n",
    ),
    (
        "crate-arrows",
        "registry/new/Cargo.toml",
        "[package]\nname = \"unheard-of\"\n",
    ),
    (
        "manifests",
        "registry/storage/Cargo.toml",
        "[package]\nname = \"registry-storage\"\nlicense = \"MIT\"\n",
    ),
    ("head", "registry/server/src/app.rs", "use axum::Router;"),
    (
        "unfinished",
        "registry/server/src/app.rs",
        concat!("to", "do!()"),
    ),
    (
        "unfinished",
        "registry/server/tests/it/main.rs",
        concat!("#[should", "_panic]"),
    ),
    (
        "unfinished",
        "registry/server/src/app.rs",
        concat!("// FIX", "ME: later"),
    ),
    (
        "machine",
        "docs/index.md",
        concat!("see /ho", "me/anna/notes"),
    ),
    (
        "machine",
        "registry/tests/interop/run.sh",
        concat!("cd \"/wo", "rk/main\""),
    ),
    ("licence", "LICENSE", "All rights reserved."),
    (
        "diagnostics",
        "codegen/src/diag/id.rs",
        "UnknownKey => \"unknown-key\",",
    ),
];

/// Samples that look alike and are right.
const GOOD: &[(&str, &str)] = &[
    (
        "registry/fuzz/cargo/Cargo.toml",
        "[package]\nname = \"registry-fuzz-cargo\"\nedition = \"2024\"\n[workspace]\n",
    ),
    (
        "registry/storage/src/layout/paths.rs",
        "//! Names.\nconst P: &str = \"docker/registry/v2/_uploads\";",
    ),
    (
        "registry/server/src/config/env.rs",
        "//! Variables.\nlet all = std::env::vars_os();",
    ),
    (
        "registry/protocol/build.rs",
        "//! Build.\nlet out = std::env::var_os(\"OUT_DIR\");",
    ),
    (
        "registry/server/src/handlers/tags.rs",
        "//! Tags.\n// The StatusCode is the runtime's.\nlet tags = self.tags(\"list\");",
    ),
    (
        "codegen/src/emit/docs.rs",
        "//! Docs.\nuse crate::emit::files::Files;\nconst T: &str = include_str!(\"t\");",
    ),
    (
        "codegen/src/emit/json/sample.rs",
        "//! Samples.\nlet shown = \"std::fs::read(\\\"a\\\")\";",
    ),
    (
        "codegen/src/emit/rust/urls.rs",
        "//! URLs.\nuse crate::emit::rust::formats;",
    ),
    (
        "codegen/tests/it/golden.rs",
        "//! A registry and its blobs are a fine example here.",
    ),
    (
        "registry/storage/src/driver/filesystem.rs",
        "//! Files.\nuse std::fs::File;",
    ),
    (
        "docs/index.md",
        "A home of your own: ~/data, /etc/registry, https://example.com/home/",
    ),
    (
        "codegen/src/pattern/tests.rs",
        "//! Tests.\nlet name = \"team/blobs/app\";",
    ),
];

fn sample(path: &str, text: &str) -> Tree {
    let mut tree = Tree::default();
    tree.add(path, text);
    tree
}

fn is_of_kind(path: &str, extension: &str) -> bool {
    std::path::Path::new(path)
        .extension()
        .is_some_and(|e| e == extension)
}

/// The rules that find something in the file at `path`.
fn found(tree: &Tree, path: &str) -> Vec<&'static str> {
    let findings = tidy::check(tree);
    let there = findings.iter().filter(|finding| finding.path() == path);
    there.map(|finding| finding.rule).collect()
}

#[test]
fn the_tree_is_tidy() {
    let tree = Tree::read(&tidy::root()).unwrap();
    assert!(tree.files().len() > 50, "the tree was not read");
    let findings: Vec<String> = tidy::check(&tree).iter().map(ToString::to_string).collect();
    assert!(
        findings.is_empty(),
        "{} findings:\n{}",
        findings.len(),
        findings.join("\n")
    );
}

#[test]
fn every_rule_finds_its_bad_sample_and_nothing_else_in_it() {
    for (rule, path, text) in BAD {
        let rust = is_of_kind(path, "rs") && *rule != "head" && !text.starts_with("//!");
        let text = if rust {
            format!("//! Head.\n{text}")
        } else {
            (*text).to_owned()
        };
        let found = found(&sample(path, &text), path);
        assert!(found.contains(rule), "{rule} does not find: {text}");
        let expected = |name: &&str| *name == *rule || is_of_kind(path, "toml");
        assert!(found.iter().all(expected), "{path}: {found:?}: {text}");
    }
}

#[test]
fn every_rule_has_a_bad_sample() {
    for rule in RULES {
        // The one that is about length has a test of its own.
        let shown = rule.name == "length" || BAD.iter().any(|(name, _, _)| *name == rule.name);
        assert!(shown, "{}: {}", rule.name, rule.what);
    }
}

#[test]
fn what_only_looks_alike_is_not_found() {
    for (path, text) in GOOD {
        let found = found(&sample(path, text), path);
        assert!(found.is_empty(), "{path}: {found:?}");
    }
}

#[test]
fn a_file_may_have_600_lines_and_no_more_unless_it_is_generated() {
    let path = "registry/storage/src/tag.rs";
    let text = |lines: usize| format!("//! Head.\n{}", "let a = 1;\n".repeat(lines - 1));
    assert!(found(&sample(path, &text(600)), path).is_empty());
    assert_eq!(found(&sample(path, &text(601)), path), ["length"]);
    let generated = format!("//! @generated\n{}", text(700));
    assert!(found(&sample(path, &generated), path).is_empty());
    let suite = "registry/storage/src/driver/suite.rs";
    assert!(found(&sample(suite, &text(700)), suite).is_empty());
}

#[test]
fn a_diagnostic_is_shown_by_its_whole_id() {
    let with_test = |text: &str| {
        let mut tree = sample(
            "codegen/src/diag/id.rs",
            "//! Head.\nA => \"bad-name\",\nB => \"E0101\",",
        );
        tree.add("codegen/tests/data/fail/a.expected", text);
        found(&tree, "codegen/src/diag/id.rs")
    };
    assert!(with_test("error[bad-name]: x\nerror[E0101]").is_empty());
    assert_eq!(with_test("error[bad-name-length] E0101").len(), 1);
    assert_eq!(with_test("").len(), 2);
    let none = sample("codegen/src/diag/id.rs", "//! Head.\n");
    assert_eq!(found(&none, "codegen/src/diag/id.rs"), ["diagnostics"]);
    assert_eq!(
        found(&Tree::default(), "codegen/src/diag/id.rs"),
        ["diagnostics"]
    );
}

#[test]
fn what_is_made_is_not_read() {
    let directory = tempfile::tempdir().unwrap();
    for path in ["target/a.rs", ".git/b.rs", "src/c.rs", "src/deep/d.txt"] {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "text").unwrap();
    }
    std::fs::write(directory.path().join("src/binary"), [0xff, 0xfe]).unwrap();
    let tree = Tree::read(directory.path()).unwrap();
    let paths: Vec<&str> = tree.files().iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["src/c.rs", "src/deep/d.txt"]);
}
