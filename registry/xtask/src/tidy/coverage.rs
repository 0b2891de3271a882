//! What has to be there.

use regex::Regex;

use super::{Place, Tree};

const LICENCE: &str = "LICENSE";
const DIAGNOSTICS: &str = "codegen/src/diag/id.rs";

pub(super) fn licence(tree: &Tree) -> Vec<Place> {
    let whole = tree.get(LICENCE).is_some_and(|file| {
        file.text.contains("Apache License") && file.text.contains("END OF TERMS AND CONDITIONS")
    });
    let missing = || {
        Place::missing(
            LICENCE,
            "the text of the Apache License, version 2.0, is missing",
        )
    };
    (!whole).then(missing).into_iter().collect()
}

/// The ids are the texts of the table that are words joined by hyphens, or a letter with digits.
pub(super) fn diagnostics(tree: &Tree) -> Vec<Place> {
    let id = Regex::new(r#""([a-z]+(?:-[a-z0-9]+)+|[A-Z][0-9]{3,4})""#).expect("a legal pattern");
    let Some(file) = tree.get(DIAGNOSTICS) else {
        return vec![Place::missing(
            DIAGNOSTICS,
            "the table of diagnostics is missing",
        )];
    };
    let tests: Vec<&str> = tree
        .files()
        .iter()
        .filter(|file| file.path.starts_with("codegen/tests/"))
        .map(|file| file.text.as_str())
        .collect();
    let mut places = Vec::new();
    let mut ids = 0;
    for (number, line) in file.code() {
        for found in id.captures_iter(line) {
            let Some(id) = found.get(1).map(|id| id.as_str()) else {
                continue;
            };
            ids += 1;
            if !tests.iter().any(|text| shows(text, id)) {
                places.push(Place::new(
                    file,
                    number,
                    format!("no test shows the diagnostic `{id}`"),
                ));
            }
        }
    }
    if ids == 0 {
        places.push(Place::new(
            file,
            0,
            "no diagnostic is found here: has the way they are written changed?",
        ));
    }
    places
}

/// Whether a text has the id as a whole word: `bad-name` does not show `bad-name-length`.
fn shows(text: &str, id: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    text.match_indices(id).any(|(start, _)| {
        !text[..start].ends_with(part) && !text[start + id.len()..].starts_with(part)
    })
}
