//! The generated table of routes against regular expressions that know the API by themselves.
//!
//! They are written from the protocol and not from the descriptor, so this also holds the descriptor's
//! paths and patterns against it.

use regex::Regex;
use registry_protocol::server::{ROUTES, find_route};

const SHA: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// For each route what follows `/v2/`: the shape of its paths, and what its values may be.
const EXPECTED: [(&str, &str, &[&str]); 10] = [
    ("base", "", &[]),
    ("catalog", "_catalog", &[]),
    ("registry-extensions", "_oci/ext/discover", &[]),
    ("repository-extensions", "(.+)/_oci/ext/discover", &[NAME]),
    ("tags", "(.+)/tags/list", &[NAME]),
    ("manifest", "(.+)/manifests/([^/]+)", &[NAME, REFERENCE]),
    ("blob", "(.+)/blobs/([^/]+)", &[NAME, DIGEST]),
    ("blob-upload", "(.+)/blobs/uploads/?", &[NAME]),
    (
        "blob-upload-chunk",
        "(.+)/blobs/uploads/([^/]+)",
        &[NAME, UPLOAD],
    ),
    ("referrers", "(.+)/referrers/([^/]+)", &[NAME, DIGEST]),
];

const NAME: &str = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*";
const DIGEST: &str = "sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}";
const REFERENCE: &str = "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}";
const UPLOAD: &str = "[A-Za-z0-9][A-Za-z0-9_.=-]*";

const WORDS: [&str; 25] = [
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
    "%41",
    "a%62",
];

/// A route by its name, the shape of its paths, and what its values may be.
struct Expected {
    name: &'static str,
    shape: Regex,
    values: Vec<Regex>,
}

fn expected() -> Vec<Expected> {
    let whole =
        |pattern: &str| Regex::new(&format!(r"\A(?:{pattern})\z")).expect("a legal pattern");
    let routes = EXPECTED.iter().map(|(name, shape, values)| {
        // The root has two spellings.
        let shape = if shape.is_empty() {
            "/v2/?".to_owned()
        } else {
            format!("/v2/{shape}")
        };
        let values = values.iter().map(|value| whole(value)).collect();
        Expected {
            name,
            shape: whole(&shape),
            values,
        }
    });
    routes.collect()
}

/// Numbers that look random and are the same on every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).expect("less than a usize")
    }

    /// A template with words in it, now and then with a slash too many or too few.
    fn path(&mut self) -> String {
        let template = ROUTES[self.roll(ROUTES.len())].template;
        let mut path = String::new();
        for (index, piece) in template.split(['{', '}']).enumerate() {
            if index % 2 == 0 {
                path.push_str(piece);
                continue;
            }
            let count = if piece == "name" { 1 + self.roll(4) } else { 1 };
            let words: Vec<&str> = (0..count).map(|_| WORDS[self.roll(WORDS.len())]).collect();
            path.push_str(&words.join("/"));
        }
        match self.roll(8) {
            0 => path.push('/'),
            1 => path.truncate(path.trim_end_matches('/').len()),
            2 => path = path.replacen('/', "//", 1 + self.roll(3)),
            _ => {}
        }
        path
    }
}

fn decode(text: &str) -> String {
    text.replace("%41", "A").replace("%62", "b")
}

#[test]
fn a_hundred_thousand_paths_go_where_the_protocol_sends_them() {
    let (expected, mut dice) = (expected(), Dice(1));
    let mut counts = [0; 3];
    for _ in 0..100_000 {
        let path = dice.path();
        let decoded = decode(&path);
        let found = find_route(&path).map(|(route, captures)| {
            (
                route.name,
                captures.values().map(decode).collect::<Vec<_>>(),
            )
        });
        let (mut shaped, mut accepted) = (Vec::new(), Vec::new());
        for route in &expected {
            let Some(captures) = route.shape.captures(&decoded) else {
                continue;
            };
            let values = captures
                .iter()
                .skip(1)
                .flatten()
                .map(|value| value.as_str().to_owned());
            let candidate = (route.name, values.collect::<Vec<_>>());
            let mut values = route.values.iter().zip(&candidate.1);
            if values.all(|(pattern, value)| pattern.is_match(value)) {
                accepted.push(candidate.clone());
            }
            shaped.push(candidate);
        }
        assert!(accepted.len() <= 1, "{path}: {accepted:?}");
        let expected = if accepted.is_empty() {
            &shaped
        } else {
            &accepted
        };
        match found {
            None => assert!(expected.is_empty(), "{path} has no route, but {expected:?}"),
            Some(found) => assert!(expected.contains(&found), "{path}: {found:?}, {expected:?}"),
        }
        counts[usize::from(!shaped.is_empty()) + usize::from(!accepted.is_empty())] += 1;
    }
    // The paths are worth the name: without a route, with malformed values, and good ones.
    assert!(counts.iter().all(|count| *count > 5000), "{counts:?}");
}

#[test]
fn routes_are_named_by_their_templates() {
    let (route, captures) =
        find_route("/v2/a/tags/b/blobs/uploads/u-1").expect("a path of an upload");
    assert_eq!(route.template, "/v2/{name}/blobs/uploads/{uuid}");
    assert_eq!(route.parameters, ["name", "uuid"]);
    assert_eq!(captures.values().collect::<Vec<_>>(), ["a/tags/b", "u-1"]);
    assert_eq!(route.methods, ["GET", "HEAD", "PATCH", "PUT", "DELETE"]);
    assert!(find_route("/v3/").is_none());
}

#[test]
fn a_route_is_found_without_an_allocation() {
    let mut dice = Dice(2);
    let paths: Vec<String> = (0..10_000).map(|_| dice.path()).collect();
    let mut found = 0;
    let allocations = allocation_counter::measure(|| {
        found = paths
            .iter()
            .filter(|path| find_route(path).is_some())
            .count();
    });
    assert_eq!(allocations.count_total, 0);
    assert!((1000..10_000).contains(&found), "{found}");
    // Were nothing counted, this would be none, too.
    let allocations = allocation_counter::measure(|| drop(paths.clone()));
    assert!(allocations.count_total > 10_000);
}
