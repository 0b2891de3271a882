//! Inputs that are out to hurt by their size alone, too large to be stored.
//!
//! Nothing is timed: what takes too long here takes so long that nobody overlooks it.

use std::fmt::Write as _;
use std::path::Path;

use registry_fuzz::TARGETS;

const HEAD: &str = "spec: 1\napi: {name: toys, title: Toys, version: '1'}\n";

fn run(name: &str, input: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    super::run(target, Path::new("a large input"), input.as_bytes());
}

/// YAML that is small and says much, or is just large.
fn bombs() -> Vec<String> {
    let mut aliases = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let inner = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(aliases, "a{level}: &a{level} [{inner}]").unwrap();
    }
    let mut keys = String::new();
    for number in 0..10_000 {
        writeln!(keys, "key{number}: {number}").unwrap();
    }
    let mut steps = String::new();
    for depth in 0..2000 {
        writeln!(steps, "{}a:", " ".repeat(depth)).unwrap();
    }
    vec![
        aliases,
        keys,
        steps,
        format!("x: {}", "[".repeat(100_000)),
        format!("x: {}", "{a: ".repeat(100_000)),
        format!("x:\n  {}1", "- ".repeat(100_000)),
        format!("x: {}", "y".repeat(1 << 20)),
        format!("x: \"{}\"", "\\n".repeat(1 << 19)),
        format!("x: |\n{}", " y\n".repeat(1 << 18)),
        format!("{}: x", "y".repeat(1 << 20)),
        format!("x: [{}]", "1, ".repeat(300_000)),
        format!("x: {}1", "&a ".repeat(10_000)),
        format!("x: {}", "!".repeat(100_000)),
        "--- x\n".repeat(10_000),
        "# comment\n".repeat(100_000),
    ]
}

#[test]
fn a_bomb_of_yaml_is_no_descriptor() {
    for bomb in bombs() {
        run("descriptor", &format!("{HEAD}{bomb}"));
    }
}

#[test]
fn a_bomb_of_yaml_is_no_configuration() {
    for bomb in bombs() {
        run(
            "configuration",
            &format!("version: 0.1\nstorage: inmemory\n{bomb}"),
        );
    }
}

#[test]
fn a_descriptor_may_have_ten_thousand_routes() {
    let mut text = format!(
        "{HEAD}groups: {{toys: {{title: Toys}}}}
errors: {{broken: {{status: 500, message: out of order}}}}
envelopes:
  bare: {{type: none, rejections: {{no_route: broken, no_method: broken, bad_request: broken, internal: broken}}}}
routes:
"
    );
    for number in 0..10_000 {
        writeln!(
            text,
            "  - {{path: /toys{number}, group: toys, methods: {{GET: [{{request: R{number}, operation: r{number}, success: [{{status: 204}}]}}]}}}}"
        )
        .unwrap();
    }
    run("descriptor", &text);
}

#[test]
fn a_bomb_of_json_is_no_manifest() {
    for bomb in [
        "[".repeat(1 << 20),
        "{\"a\":".repeat(1 << 18),
        format!("[{}0]", "0,".repeat(1 << 20)),
        format!("{{\"mediaType\":\"{}\"}}", "\\u0000".repeat(1 << 17)),
        format!("{{\"a\":{}}}", "9".repeat(1 << 20)),
        format!("{{\"layers\":[{}{{}}]}}", "{},".repeat(50_000)),
    ] {
        run(
            "manifest",
            &format!("application/vnd.oci.image.manifest.v1+json\n{bomb}"),
        );
    }
}

#[test]
fn a_path_of_any_length_is_searched_once() {
    for piece in ["/a", "/", "/blobs/uploads", "/%2f", "/tags/list"] {
        // The longest that has a route, and one beyond.
        for length in [60 * 1024, 1024 * 1024] {
            run(
                "router",
                &format!("/v2{}", piece.repeat(length / piece.len())),
            );
        }
    }
}
