//! Both searches and the proof, held against regular expressions over paths made of the words of the
//! API itself.

use api_codegen::route::Tree;

use super::live::Live;
use super::reference::Reference;
use super::table::{Dice, Paths, Sketch, Table};
use super::{FORMATS, REGISTRY, SHA};

/// Templates, formats, and words to fill them with.
type Api = (
    &'static [&'static str],
    &'static [Sketch],
    &'static [&'static str],
);

const PATHS: Api = (
    &REGISTRY,
    &FORMATS,
    &[
        "v2",
        "_catalog",
        "_oci",
        "ext",
        "discover",
        "tags",
        "list",
        "manifests",
        "blobs",
        "uploads",
        "referrers",
        SHA,
        "sha256:00",
        "latest",
        "v1.2",
        "0c4a1b6e-5f5d-4c0e-9f6b-3b1f6d0a7c11",
        "team",
        "UPPER",
        "a",
        "..",
        "",
        ".",
        "a_-b",
    ],
);

/// Literal text around a parameter that spans segments.
const JOBS: Api = (
    &[
        "/v1/{Job}",
        "/v1/{Job}:cancel",
        "/v1/{Job}:pause",
        "/v1/at-{Job}-end",
        "/v1/{Place}/jobs",
    ],
    &[
        ("Job", "jobs/[a-z]+(/runs)?", 0),
        ("Place", "places/[a-z]+", 0),
    ],
    &[
        "jobs",
        "jobs/a",
        "runs",
        "places",
        "places/jobs",
        "a:cancel",
        "at-jobs",
        "x-end",
        "X",
        "",
    ],
);

/// Routes that only their formats tell apart.
const FORMATTED: Api = (
    &[
        "/{number}",
        "/{word}",
        "/{word}/tags",
        "/tags/{number}",
        "/{number}/{word}",
        "/a/b",
        "/{file}.zip",
    ],
    &[
        ("number", "[0-9]+", 0),
        ("word", "[a-z]{2,3}", 2),
        ("file", "[A-Z]+|jobs", 0),
    ],
    &[
        "7", "12", "ab", "abc", "tags", "a", "b", "jobs", "jobs.zip", "AB", ".zip", "",
    ],
);

/// A parameter that spans segments at either end, beside others.
const ENDS: Api = (
    &[
        "/{Key}",
        "/a/{Upper}/",
        "/a/?",
        "/{part}/list/{Upper}/of/{rest}",
        "/{Loose}/x?",
    ],
    &[
        ("Key", "[b-z]+|[0-9]+(/[0-9]+)+", 0),
        ("Upper", "[A-Z]+", 3),
        ("part", "[A-Z]", 0),
        ("Loose", "[0-9]", 3),
    ],
    &[
        "a", "b", "1", "22", "1/2", "A", "AB", "AB/C", "A/list", "list", "of", "x", "",
    ],
);

/// Texts around parameters that share bytes.
const AROUND: Api = (
    &[
        "",
        "/{x}/{y}/{z}",
        "/{x}/b/{z}/",
        "/{x}/b/?",
        "/{x}/b/c/d",
        "/x{n}y/b/{m}-{tail}",
        "/v/x{k}?",
    ],
    &[("x", "[a-m]+", 0), ("y", "[0-9]", 0), ("n", "[n-z]", 0)],
    &[
        "a", "b", "c", "d", "7", "m", "n", "xny", "xy", "xyy", "n-o", "-o", "v", "x", "xx", "",
    ],
);

/// A table with all that judges it.
struct Judged {
    table: Table,
    tree: Tree,
    live: Live,
    reference: Reference,
}

/// What a path is to a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    NoRoute,
    Malformed,
    Accepted,
}

impl Judged {
    fn new(table: Table) -> Self {
        let tree = Tree::new(&table.routes, &table.formats);
        let live = Live::new(&tree, &table.routes);
        let reference = Reference::new(&table.routes, &table.formats);
        Self {
            table,
            tree,
            live,
            reference,
        }
    }

    /// Searches in every way and holds the results against each other.
    fn judge(&self, path: &str) -> Outcome {
        let found = self.table.find(&self.tree, path);
        assert_eq!(self.live.find(path), found, "the runtime differs: {path}");
        let verdict = self.reference.judge(path);
        assert!(
            verdict.routes().len() <= 1,
            "the proof is wrong: {path} {verdict:?}"
        );
        let Some(found) = found else {
            assert!(
                verdict.shaped.is_empty(),
                "nothing is found: {path} {verdict:?}"
            );
            return Outcome::NoRoute;
        };
        let is_accepted = !verdict.accepted.is_empty();
        let expected = if is_accepted {
            &verdict.accepted
        } else {
            &verdict.shaped
        };
        assert!(
            expected.contains(&(found.route.0, found.values)),
            "{path}: {verdict:?}"
        );
        if is_accepted {
            Outcome::Accepted
        } else {
            Outcome::Malformed
        }
    }
}

fn compare((templates, formats, words): Api, count: usize) {
    compare_table(
        Table::new(templates, formats),
        templates.to_vec(),
        words,
        count,
    );
}

fn compare_table(table: Table, templates: Vec<&str>, words: &[&str], count: usize) {
    assert_eq!(table.overlap_texts(), Vec::<String>::new());
    let judged = Judged::new(table);
    let mut paths = Paths {
        templates,
        words: words.to_vec(),
        dice: Dice(1),
    };
    let outcomes: Vec<Outcome> = (0..count)
        .map(|_| judged.judge(&paths.next_path()))
        .collect();
    // The paths are worth the name: many are a route's, with good values and with bad ones.
    for outcome in [Outcome::Malformed, Outcome::Accepted] {
        let share = outcomes.iter().filter(|found| **found == outcome).count();
        assert!(share > count / 50, "{share} of {count}");
    }
}

#[test]
fn a_hundred_thousand_paths_of_a_registry_go_where_regular_expressions_send_them() {
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/../api-spec/distribution");
    let api = api_codegen::load(spec.as_ref())
        .expect("a descriptor without errors")
        .api;
    let (templates, _, words) = PATHS;
    let table = Table {
        routes: api.routes,
        formats: api.formats,
    };
    let written: Vec<String> = table
        .routes
        .iter()
        .map(|route| route.path.replace("{name}", "{Name}"))
        .collect();
    assert!(written.len() >= templates.len());
    compare_table(
        table,
        written.iter().map(String::as_str).collect(),
        words,
        100_000,
    );
}

#[test]
fn paths_of_other_tables_go_where_regular_expressions_send_them() {
    for api in [PATHS, JOBS, FORMATTED, ENDS, AROUND] {
        compare(api, 10_000);
    }
}

#[test]
fn what_is_proved_of_random_tables_is_true() {
    let segments = [
        "a",
        "b",
        "{x}",
        "{x}",
        "{y}",
        "x{n}",
        "{n}y",
        "{Key}",
        "{Upper}:go",
        "list",
        "",
    ];
    let formats = [
        ("x", "[a-m]+", 2),
        ("y", "[0-9]|b", 0),
        ("n", "[k-z]+", 0),
        ("Key", "[a-z]+|[0-9]+(/[0-9]+)+/?", 0),
        ("Upper", "[A-Z]+", 3),
    ];
    let words = [
        "a", "b", "ab", "k", "xk", "ky", "xky", "7", "0", "12", "AB:go", "A", "list", "", "q",
    ];
    let mut dice = Dice(7);
    let (mut apart, mut shared) = (0, 0);
    for _ in 0..120 {
        let count = 2 + dice.roll(4);
        let templates: Vec<String> = (0..count)
            .map(|_| random_template(&segments, &mut dice))
            .collect();
        let judged = Judged::new(Table::new(&templates, &formats));
        let overlaps = judged.table.overlaps().expect("a small table");
        for overlap in &overlaps {
            let accepted = judged.reference.judge(&overlap.witness).routes();
            let both = [overlap.first.0, overlap.second.0];
            let is_shared = both.iter().all(|route| accepted.contains(route));
            assert!(is_shared, "{templates:?} {overlap:?}");
        }
        if !overlaps.is_empty() {
            shared += 1;
            continue;
        }
        apart += 1;
        let templates = templates.iter().map(String::as_str).collect();
        let mut paths = Paths {
            templates,
            words: words.to_vec(),
            dice: Dice(3),
        };
        for _ in 0..100 {
            judged.judge(&paths.next_path());
        }
    }
    assert!(apart > 10 && shared > 10, "{apart} {shared}");
}

fn random_template(segments: &[&str], dice: &mut Dice) -> String {
    let mut template = String::new();
    let mut has_many = false;
    for _ in 0..=dice.roll(4) {
        let mut segment = dice.pick(segments);
        let is_many = segment.contains("{Key}") || segment.contains("{Upper}");
        if is_many && has_many {
            segment = "a";
        }
        has_many |= is_many;
        template.extend(["/", segment]);
    }
    if dice.roll(3) == 0 {
        format!("{template}?")
    } else {
        template
    }
}
