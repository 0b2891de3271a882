//! Finding the route of a path, and proving that it has but one.
//!
//! Tables of this file are written as templates. What a search finds is held against regular
//! expressions, over paths made of the words of the API itself.

mod live;
mod paths;
mod reference;
mod table;

use api_codegen::route::{MAX_PARAMETERS, MAX_SEGMENTS, TooLarge};

use self::table::{Sketch, Table};

const NAME: Sketch = ("Name", r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*", 255);
const TAG: Sketch = ("tag", "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", 128);
const DIGEST: Sketch = (
    "digest",
    "sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}",
    0,
);
const REFERENCE: Sketch = ("reference", "=digest tag", 0);
const UPLOAD: Sketch = ("uuid", "[A-Za-z0-9][A-Za-z0-9_.=-]*", 128);

const REGISTRY: [&str; 10] = [
    "/v2/?",
    "/v2/_catalog",
    "/v2/_oci/ext/discover",
    "/v2/{Name}/_oci/ext/discover",
    "/v2/{Name}/tags/list",
    "/v2/{Name}/manifests/{reference}",
    "/v2/{Name}/blobs/{digest}",
    "/v2/{Name}/blobs/uploads/?",
    "/v2/{Name}/blobs/uploads/{uuid}",
    "/v2/{Name}/referrers/{digest}",
];

const FORMATS: [Sketch; 5] = [NAME, TAG, DIGEST, REFERENCE, UPLOAD];

const SHA: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn registry() -> Table {
    Table::new(&REGISTRY, &FORMATS)
}

#[test]
fn words_of_the_api_may_stand_in_a_name() {
    let table = registry();
    for name in [
        "team/blobs/app",
        "team/manifests/app",
        "tags/list",
        "blobs/uploads",
        "manifests/manifests",
        "a/uploads/b",
        "v2",
        "_catalog/x",
    ] {
        for (tail, value) in [
            ("tags/list", ""),
            ("manifests/latest", " latest"),
            ("blobs/uploads/u", " u"),
            ("_oci/ext/discover", ""),
        ] {
            let template = tail
                .replace("latest", "{reference}")
                .replace("/u", "/{uuid}")
                .replace("{uuid}ploads", "uploads");
            assert_eq!(
                table.found(&format!("/v2/{name}/{tail}")),
                format!("/v2/{{Name}}/{template} {name}{value}")
            );
        }
        for tail in ["blobs", "referrers"] {
            assert_eq!(
                table.found(&format!("/v2/{name}/{tail}/{SHA}")),
                format!("/v2/{{Name}}/{tail}/{{digest}} {name} {SHA}")
            );
        }
        for path in [
            format!("/v2/{name}/blobs/uploads"),
            format!("/v2/{name}/blobs/uploads/"),
        ] {
            assert_eq!(
                table.found(&path),
                format!("/v2/{{Name}}/blobs/uploads/ {name}")
            );
        }
    }
    assert_eq!(
        table.found("/v2/x/blobs/uploads/blobs/uploads/u"),
        "/v2/{Name}/blobs/uploads/{uuid} x/blobs/uploads u"
    );
    assert_eq!(
        table.found("/v2/x/blobs/uploads/uploads"),
        "/v2/{Name}/blobs/uploads/{uuid} x uploads"
    );
}

#[test]
fn a_path_without_a_name_has_no_route() {
    let table = registry();
    for path in [
        "/v2/manifests/x",
        "/v2//manifests/x",
        "/v2/tags/list",
        "/v2/blobs/uploads/",
        "/v2/blobs/uploads",
        "/v2/blobs/uploads/u",
    ] {
        assert_eq!(table.found(path), "-", "{path}");
    }
}

#[test]
fn a_malformed_value_reaches_its_route() {
    let table = registry();
    for (path, found) in [
        ("/v2/UPPER/tags/list", "/v2/{Name}/tags/list UPPER"),
        ("/v2//a/tags/list", "/v2/{Name}/tags/list /a"),
        ("/v2/a//tags/list", "/v2/{Name}/tags/list a/"),
        (
            "/v2/a//b/manifests/..",
            "/v2/{Name}/manifests/{reference} a//b ..",
        ),
        (
            "/v2/../manifests/x",
            "/v2/{Name}/manifests/{reference} .. x",
        ),
        (
            "/v2/a%2Fb/blobs/sha256%3Axyz",
            "/v2/{Name}/blobs/{digest} a/b sha256:xyz",
        ),
        (
            "/v2/a%00/blobs/uploads/%2e%2e",
            "/v2/{Name}/blobs/uploads/{uuid} a\0 ..",
        ),
        ("/v2/_catalog/tags/list", "/v2/{Name}/tags/list _catalog"),
        (
            "/v2/_oci/blobs/upload",
            "/v2/{Name}/blobs/{digest} _oci upload",
        ),
    ] {
        assert_eq!(table.found(path), found, "{path}");
    }
}

#[test]
fn a_last_slash_counts_unless_it_is_optional() {
    let table = registry();
    for path in ["/v2", "/v2/"] {
        assert_eq!(table.found(path), "/v2/");
    }
    for path in [
        "/v2/_catalog/",
        "/v2/a/tags/list/",
        "/v2/a/manifests/",
        "/v2//",
        "/v2/a/blobs/uploads//",
        "/",
        "",
    ] {
        assert_eq!(table.found(path), "-", "{path}");
    }
}

#[test]
fn the_empty_path_is_what_a_prefix_leaves_over_or_a_slash() {
    let table = Table::new(&["", "/a"], &[]);
    for (path, found) in [("", ""), ("/", ""), ("/a", "/a"), ("//", "-"), ("a", "-")] {
        assert_eq!(table.found(path), found, "{path}");
    }
}

#[test]
fn literal_text_is_compared_decoded() {
    let table = registry();
    assert_eq!(table.found("/v2/%5Fcatalog"), "/v2/_catalog");
    assert_eq!(
        table.found("/%76%32/a/b%6Cobs/%75ploads/"),
        "/v2/{Name}/blobs/uploads/ a"
    );
    // An encoded slash parts nothing, and nothing is decoded twice.
    assert_eq!(table.found("/v2%2F_catalog"), "-");
    assert_eq!(table.found("/v2/%255Fcatalog"), "-");
}

/// Templates, formats, and what is reported: two templates and a path.
const SHARED: &[(&[&str], &[Sketch], &[&str])] = &[
    (
        &["/a/{x}", "/a/b"],
        &[("x", "[a-z]+", 0)],
        &["/a/{x} /a/b /a/b"],
    ),
    (&["/a/{x}", "/a/b"], &[("x", "[a-z]{2,}", 0)], &[]),
    (
        &["/a/{x}", "/a/{y}"],
        &[("x", "[a-z]+", 0), ("y", "[0-9x]+", 0)],
        &["/a/{x} /a/{y} /a/x"],
    ),
    // Lengths count.
    (
        &["/a/{x}", "/a/{y}"],
        &[("x", "[a-z]+", 3), ("y", "[a-z]{4,}", 0)],
        &[],
    ),
    (
        &["/a/{x}", "/a/{y}"],
        &[("x", "[a-z]+", 4), ("y", "[a-z]{4,}", 0)],
        &["/a/{x} /a/{y} /a/aaaa"],
    ),
    // Each route is reported once.
    (
        &["/a/{x}", "/a/{y}", "/a/{z}"],
        &[],
        &["/a/{x} /a/{y} /a/a", "/a/{x} /a/{z} /a/a"],
    ),
    (
        &["/{X}/b", "/{X}/{y}"],
        &[("X", "[a-z]+", 0), ("y", "[0-9]+", 0)],
        &[],
    ),
    (
        &["/{X}/b", "/a/{y}/{z}"],
        &[("X", "[a-z]+", 0)],
        &["/{X}/b /a/{y}/{z} /a/a/b"],
    ),
    // A raw slash and an encoded one are two things.
    (&["/{X}", "/a%2Fb"], &[("X", "a/b", 0)], &[]),
    (
        &["/{X}", "/{y}"],
        &[("X", "a/b", 0), ("y", "a.b", 0)],
        &["/{X} /{y} /a%2Fb"],
    ),
    (&["/a/?", "/{x}"], &[("x", "[a-c]", 0)], &["/a/ /{x} /a"]),
    (&["/a/?", "/a"], &[], &["/a/ /a /a"]),
    (&["/a/?", "/a/{x}"], &[], &[]),
    (&["", "/a"], &[], &[]),
    // The empty path is a slash where nothing stands before it.
    (&["", "/"], &[], &[" / /"]),
    (&["", "/?"], &[], &[" / /"]),
    (&["/{X}", "/{X}:go"], &[("X", "[a-z]+", 0)], &[]),
    (
        &["/{X}", "/{X}:go"],
        &[("X", "[a-z:]+", 0)],
        &["/{X} /{X}:go /a:go"],
    ),
    (
        &["/x{n}", "/{n}y"],
        &[("n", "é+|[xy]", 0)],
        &["/x{n} /{n}y /xy"],
    ),
    (
        &["/{n}", "/{n}"],
        &[("n", "é ", 0)],
        &["/{n} /{n} /%C3%A9%20"],
    ),
    (&["/{n}", "/{n}"], &[("n", "(?s)", 0)], &[]),
];

#[test]
fn what_the_routes_of_a_table_share_is_reported_with_a_path() {
    for (templates, formats, expected) in SHARED {
        let table = Table::new(templates, formats);
        assert_eq!(table.overlap_texts(), *expected, "{templates:?}");
    }
    assert_eq!(registry().overlap_texts(), Vec::<String>::new());
}

#[test]
fn ten_thousand_routes_are_proved_and_too_many_alike_are_given_up() {
    let distinct: Vec<String> = (0..10_000)
        .map(|index| format!("/v1/things{index}/{{x}}/parts/{{Name}}/end"))
        .collect();
    assert_eq!(Table::new(&distinct, &[NAME]).overlaps(), Ok(vec![]));
    let mut beside: Vec<String> = (0..10_000)
        .map(|index| format!("/v1/thing-{index}/parts"))
        .collect();
    beside.push("/v1/{word}/parts".to_owned());
    assert_eq!(
        Table::new(&beside, &[("word", "[a-z]+", 0)]).overlaps(),
        Ok(vec![])
    );
    let equal = vec!["/v1/{x}"; 500];
    assert_eq!(
        Table::new(&equal, &[]).overlaps().map(|found| found.len()),
        Ok(499)
    );
    // All of one shape, and no two of them share a path.
    let words: Vec<&'static str> = (0..28).map(|index| &*format!("w{index}").leak()).collect();
    let formats: Vec<Sketch> = words.iter().map(|word| (*word, *word, 0)).collect();
    let pairs = words
        .iter()
        .flat_map(|first| words.iter().map(move |second| (first, second)));
    let apart: Vec<String> = pairs
        .map(|(first, second)| format!("/v1/{{{first}}}/{{{second}}}"))
        .collect();
    assert_eq!(Table::new(&apart, &formats).overlaps(), Err(TooLarge));
    assert_eq!(Table::new(&apart[..100], &formats).overlaps(), Ok(vec![]));
    // Nodes that all have to be looked at beside each other, each with a parameter that spans segments.
    let forks: Vec<String> = (0_u32..4096)
        .map(|bits| {
            let segments = (0..12).map(|at| if bits >> at & 1 == 0 { "/a" } else { "/{x}" });
            format!("{}/{{Name}}/end", segments.collect::<String>())
        })
        .collect();
    assert_ne!(Table::new(&forks, &[NAME]).overlaps(), Ok(vec![]));
    let verbs: Vec<String> = (0..1000)
        .map(|index| format!("/v1/{{word}}:do{index}x"))
        .collect();
    assert_eq!(
        Table::new(&verbs, &[("word", "[a-z]+", 0)]).overlaps(),
        Ok(vec![])
    );
    let long = "/a".repeat(MAX_SEGMENTS + 1);
    assert_eq!(Table::new(&[long], &[]).overlaps(), Err(TooLarge));
    let large = [("x", "([ab]{4001})+c", 0), ("y", "([ab]{3989})+d", 0)];
    assert_eq!(
        Table::new(&["/{x}", "/{y}"], &large).overlaps(),
        Err(TooLarge)
    );
}

/// A descriptor of one route with this path.
fn described(path: &str) -> String {
    format!(
        "spec: 1
api: {{name: toys, title: Toys, version: '1'}}
groups: {{toys: {{title: Toys}}}}
errors: {{broken: {{status: 500, message: out of order}}}}
envelopes:
  plain:
    type: json
    body: {{error: $code, message: $message}}
    rejections: {{no_route: broken, no_method: broken, bad_request: broken, internal: broken}}
routes:
  - {{path: '{path}', group: toys, methods: {{GET: [{{request: A, operation: a, success: [{{status: 204}}]}}]}}}}
"
    )
}

#[test]
fn a_template_that_the_table_has_no_room_for_is_refused_where_it_stands() {
    let problems = |path: &str| {
        let loaded = api_codegen::load_str("toys.yaml", &described(path));
        loaded.map_or_else(|failure| failure.to_string(), |_| String::new())
    };
    let longest = "/a".repeat(MAX_SEGMENTS);
    assert_eq!(problems(&longest), "");
    assert!(
        problems(&format!("{longest}/a"))
            .contains("toys.yaml:11:12: error[bad-path]: a path has at most 64 segments")
    );
    let full: String = (0..MAX_PARAMETERS)
        .map(|index| format!("/{{p{index}}}"))
        .collect::<Vec<_>>()
        .concat();
    assert!(!problems(&full).contains("a path has at most"));
    assert!(
        problems(&format!("{full}/{{q}}"))
            .contains("error[bad-path]: a path has at most 16 parameters")
    );
}
