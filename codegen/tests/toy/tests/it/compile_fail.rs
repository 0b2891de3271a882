//! Programs that must not compile: what the descriptor does not declare cannot be answered.
//!
//! They go to the compiler directly, with the library that this test is linked to. What counts is the
//! code of the error and what it names; whole messages differ from compiler to compiler.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// What the compiler says to a program, or `None` where it accepts it.
fn refused(library: &Path, program: &str) -> Option<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/compile_fail")
        .join(format!("{program}.rs"));
    let output = Command::new("rustc")
        .args([
            "--edition",
            "2024",
            "--crate-type",
            "lib",
            "--emit",
            "metadata",
            "--color",
            "never",
        ])
        .arg("-L")
        .arg(format!("dependency={}", folder().display()))
        .arg("--extern")
        .arg(format!("toy={}", library.display()))
        .arg("-o")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{program}.rmeta")))
        .arg(source)
        .output()
        .expect("rustc is there");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Where cargo puts what it builds for tests.
fn folder() -> PathBuf {
    let program = std::env::current_exe().expect("the system knows");
    program.parent().expect("a file is in a folder").to_owned()
}

/// The library `toy`. There may be several, of builds with other features; the last with which the right
/// program compiles will do.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let files = std::fs::read_dir(folder()).expect("the folder of this test");
        let mut libraries: Vec<(SystemTime, PathBuf)> = files
            .filter_map(|file| {
                let file = file.ok()?;
                let name = file.file_name().into_string().ok()?;
                let is_toy = name
                    .strip_suffix(".rlib")
                    .is_some_and(|stem| stem.starts_with("libtoy-"));
                is_toy.then_some((file.metadata().ok()?.modified().ok()?, file.path()))
            })
            .collect();
        libraries.sort();
        let mut told = String::new();
        for (_, library) in libraries.into_iter().rev() {
            match refused(&library, "good") {
                None => return library,
                Some(message) => told = message,
            }
        }
        panic!("the right program does not compile: {told}");
    })
}

/// Asserts that a program is refused with one kind of error, which names all of `names`.
fn assert_refused(program: &str, code: &str, names: &[&str]) {
    let message = refused(library(), program).unwrap_or_else(|| panic!("{program} compiles"));
    let codes: Vec<&str> = message
        .lines()
        .filter_map(|line| line.strip_prefix("error[")?.split(']').next())
        .collect();
    assert!(
        !codes.is_empty() && codes.iter().all(|found| *found == code),
        "{program}: {message}"
    );
    for name in names {
        assert!(
            message.contains(name),
            "{program} does not name {name}: {message}"
        );
    }
}

#[test]
fn a_status_that_is_not_declared_does_not_compile() {
    assert_refused(
        "undeclared_status",
        "E0277",
        &["StartScanResponse", "CopyScanQueued"],
    );
}

#[test]
fn whoever_names_what_is_deprecated_is_warned() {
    let message = refused(library(), "deprecated").expect("it denies these warnings");
    let used: Vec<&str> = message
        .lines()
        .filter_map(|line| line.strip_prefix("error: use of deprecated "))
        .collect();
    let (by_number, by_count) = (
        "They come by their numbers. Use `starting_after` instead.",
        "It counts nothing. Use `X-Count` instead.",
    );
    let expected = [
        (
            "unit variant",
            "FineOrder::Small",
            "Fines have no order any more. Use `starting_after` instead.",
        ),
        ("struct", "Remark", "Nobody reads it. Use `slug` instead."),
        (
            "field",
            "Fine::remark",
            "Nobody reads it. Use `id` instead.",
        ),
        ("field", "ListFines::order", by_number),
        ("field", "ListFinesUrl::order", by_number),
        ("field", "PayFineOk::paid", by_count),
        ("method", "PayFineOk::paid", by_count),
    ];
    for (what, name, note) in expected {
        // The compiler names one of the modules in which a type is.
        let is_it =
            |line: &&str| line.starts_with(what) && line.ends_with(&format!("::{name}`: {note}"));
        assert_eq!(
            used.iter().filter(|line| is_it(line)).count(),
            1,
            "{name}: {message}"
        );
    }
    assert_eq!(used.len(), expected.len(), "{message}");
}

#[test]
fn an_answer_without_a_required_header_does_not_compile() {
    assert_refused("missing_header", "E0061", &["GetBookOk::new", "Etag"]);
}

#[test]
fn a_code_that_is_not_declared_for_the_request_does_not_compile() {
    assert_refused("undeclared_code", "E0277", &["GetBookError", "Lent"]);
    assert_refused(
        "undeclared_mapping",
        "E0277",
        &["StartScanError", "UnknownScan"],
    );
}

#[test]
fn a_code_of_which_nobody_knows_what_is_meant_does_not_compile() {
    assert_refused("contested_code", "E0277", &["WriteLetterError", "Closed"]);
}

#[test]
fn a_condition_of_a_request_that_declares_none_does_not_compile() {
    assert_refused(
        "undeclared_condition",
        "E0277",
        &["PutLabelError", "PreconditionFailed"],
    );
}

#[test]
fn a_group_without_a_method_or_an_api_without_a_group_does_not_compile() {
    assert_refused("missing_method", "E0046", &["fill_scan"]);
    assert_refused(
        "missing_group",
        "E0277",
        &["House", "Shelves", "Books", "Scans"],
    );
}

#[test]
fn a_value_that_nobody_checked_does_not_compile() {
    assert_refused("unchecked_format", "E0423", &["Shelf"]);
}
