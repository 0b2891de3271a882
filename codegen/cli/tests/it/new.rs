//! `api-codegen new`: what a made crate consists of. That it runs is tried by `docs/guides/write-a-descriptor.md`,
//! and the files themselves are a package of this workspace with tests of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{CODEGEN, printed, run, text};

const CLONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Makes `weather-station` with these arguments beside its name, and says where it is.
fn made(folder: &Path, arguments: &[&str]) -> PathBuf {
    let dir = folder.join("deep/weather");
    let mut all = vec!["new", "weather-station", "--dir", text(&dir)];
    all.extend(arguments);
    assert!(printed(&all).starts_with("made weather-station\n"));
    dir
}

fn files(folder: &Path, prefix: &str, out: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            files(&entry.path(), &format!("{name}/"), out);
        } else {
            out.push(name);
        }
    }
}

#[test]
fn a_made_crate_has_its_own_name_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let dir = made(folder.path(), &[]);
    let mut names = Vec::new();
    files(&dir, "", &mut names);
    names.sort();
    let expected = [
        ".gitignore",
        "Cargo.toml",
        "README.md",
        "api.yaml",
        "build.rs",
        "src/lib.rs",
        "src/main.rs",
        "src/notes.rs",
        "tests/api.rs",
    ];
    assert_eq!(names, expected);
    for name in names {
        let text = fs::read_to_string(dir.join(&name)).unwrap();
        assert!(
            !text.contains("my-api") && !text.contains("my_api"),
            "{name}"
        );
    }
    let spec = dir.join("api.yaml");
    assert!(printed(&["check", text(&spec)]).starts_with("Notes "));
    let main = fs::read_to_string(dir.join("src/main.rs")).unwrap();
    assert!(main.contains("weather_station::app()"), "{main}");
}

/// The dependencies of a made crate as cargo understands them: name and source, or path.
fn dependencies(dir: &Path) -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(dir)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = metadata["packages"][0]["dependencies"].as_array().unwrap();
    let of = |dependency: &serde_json::Value| {
        let from = dependency["path"]
            .as_str()
            .or(dependency["source"].as_str())
            .unwrap();
        (
            dependency["name"].as_str().unwrap().to_owned(),
            from.to_owned(),
        )
    };
    all.iter()
        .map(of)
        .filter(|(name, _)| name.starts_with("api-"))
        .collect()
}

#[test]
fn a_made_crate_depends_on_a_clone_or_on_a_repository() {
    let clone = fs::canonicalize(CLONE).unwrap();
    let paths = [
        (
            "api-runtime".to_owned(),
            clone.join("codegen/runtime").to_str().unwrap().to_owned(),
        ),
        (
            "api-codegen".to_owned(),
            clone.join("codegen").to_str().unwrap().to_owned(),
        ),
    ];
    for arguments in [vec![], vec!["--path", CLONE]] {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(dependencies(&made(folder.path(), &arguments)), paths);
    }
    let folder = tempfile::tempdir().unwrap();
    let url = "https://example.org/x.git";
    let made = dependencies(&made(folder.path(), &["--git", url]));
    let git = format!("git+{url}");
    assert_eq!(
        made,
        [
            ("api-runtime".to_owned(), git.clone()),
            ("api-codegen".to_owned(), git)
        ]
    );
}

#[test]
fn a_crate_below_another_manifest_is_no_part_of_its_workspace() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("Cargo.toml"),
        "[workspace]\nmembers = []\n",
    )
    .unwrap();
    assert_eq!(dependencies(&made(folder.path(), &[])).len(), 2);
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("here");
    fs::create_dir(&dir).unwrap();
    let again = run(&["new", "weather", "--dir", text(&dir)]);
    assert_eq!((again.code, again.out.as_str()), (1, ""));
    assert!(again.err.contains("cannot be made"), "{}", again.err);
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 0);
}

#[test]
fn names_and_places_that_make_no_sense_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("x");
    for name in [
        "",
        "My-Api",
        "my_api",
        "-a",
        "a--b",
        "7a",
        "../a",
        "self",
        "test",
        "api-runtime",
    ] {
        let refused = run(&["new", "--dir", text(&dir), "--", name]);
        assert_eq!(refused.code, 2, "{name}: {}", refused.err);
    }
    let refused = run(&["new", "a", "--dir", text(&dir), "--path", CODEGEN]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("is no clone"), "{}", refused.err);
    assert!(!dir.exists());
}
