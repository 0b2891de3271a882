//! How a file is written.

use regex::Regex;

use super::{File, Place, Tree};

const LONGEST: usize = 600;

/// Files that may be longer, and why.
const MAY_BE_LONG: &[(&str, &str)] = &[(
    "registry/storage/src/driver/suite.rs",
    "one behaviour suite, a case after the other",
)];

/// Rust that people wrote.
fn written(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.files()
        .iter()
        .filter(|file| file.is_rust() && !file.is_generated())
}

pub(super) fn length(tree: &Tree) -> Vec<Place> {
    let long = |file: &&File| file.text.lines().count() > LONGEST;
    let allowed = |file: &&File| MAY_BE_LONG.iter().any(|(path, _)| *path == file.path);
    let mut places = Vec::new();
    for file in written(tree).filter(|file| long(file) && !allowed(file)) {
        let lines = file.text.lines().count();
        places.push(Place::new(
            file,
            0,
            format!("{lines} lines: split it by what it does"),
        ));
    }
    places
}

pub(super) fn head(tree: &Tree) -> Vec<Place> {
    // Inputs of tests (programs that must not compile, goldens) are data.
    let code = written(tree)
        .filter(|file| !file.path.contains("/data/") && !file.path.contains("/compile_fail/"));
    let headless = code.filter(|file| !file.text.starts_with("//! "));
    headless
        .map(|file| Place::new(file, 1, "no head comment: what is this file for?"))
        .collect()
}

pub(super) fn unfinished(tree: &Tree) -> Vec<Place> {
    // Written apart so that this file does not find itself.
    let marks = [
        concat!(r"\bto", "do!"),
        concat!(r"\bunimpl", "emented!"),
        concat!(r"#\[should", "_panic"),
        concat!(r"#\[ig", "nore"),
        concat!(r"\bTO", r"DO\b"),
        concat!(r"\bFIX", r"ME\b"),
        concat!(r"\bX", r"XX\b"),
    ];
    let mark = Regex::new(&marks.join("|")).expect("a legal pattern");
    let mut places = Vec::new();
    for file in written(tree) {
        for (number, line) in file.lines() {
            if let Some(found) = mark.find(line) {
                places.push(Place::new(file, number, format!("`{}`", found.as_str())));
            }
        }
    }
    places
}

pub(super) fn machine(tree: &Tree) -> Vec<Place> {
    // The homes of people and of the super-user, and the mounts of build machines.
    let paths = [
        concat!("/ho", r"me/[a-z]"),
        concat!("/ro", "ot/"),
        concat!("/Use", "rs/[A-Za-z]"),
        concat!("/wo", "rk/"),
        concat!("/mn", "t/[a-z]"),
    ];
    let path =
        Regex::new(&format!(r#"(^|[\s"'`=(:])({})"#, paths.join("|"))).expect("a legal pattern");
    let mut places = Vec::new();
    for file in tree.files() {
        for (number, line) in file.lines() {
            if let Some(found) = path.find(line) {
                places.push(Place::new(
                    file,
                    number,
                    format!("a place on a machine: `{}`", found.as_str().trim()),
                ));
            }
        }
    }
    places
}
