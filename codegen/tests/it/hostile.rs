//! Input that is out to hurt: it ends in a diagnostic, not in a panic, a wait or a full memory.
//!
//! Nothing is timed. What takes too long here takes so long that nobody overlooks it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use api_codegen::diag::{Diagnostics, Id};
use api_codegen::model::Api;
use api_codegen::source::Sources;
use api_codegen::{Failure, emit, load, load_str};

const HEAD: &str = "spec: 1\napi: {name: toys, title: Toys, version: '1'}\n";

/// A text that must fail.
fn failure(text: &str) -> Box<Failure> {
    load_str("hostile.yaml", text).expect_err("this is no descriptor")
}

/// Ids of all problems of a text that must fail. What is said about them stays short.
fn ids(text: &str) -> Vec<Id> {
    let failure = failure(text);
    let said = failure.to_string();
    assert!(said.len() < 200_000, "{} bytes are said", said.len());
    failure.problems.iter().map(|problem| problem.id).collect()
}

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let sides = u64::try_from(sides.max(1)).unwrap();
        usize::try_from(self.0 % sides).unwrap()
    }
}

fn everything() -> String {
    fs::read_to_string("tests/data/pass/everything.yaml").unwrap()
}

#[test]
fn the_descriptor_with_every_key_is_a_good_one() {
    let loaded = load(Path::new("tests/data/pass/everything.yaml"));
    let loaded = loaded.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

#[test]
fn depth_is_bounded_in_brackets_and_in_indentation() {
    let brackets = format!(
        "{HEAD}x: {}{}",
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    assert_eq!(ids(&brackets), [Id::NestedTooDeep]);
    let open = format!("{HEAD}x: {}", "{a: ".repeat(100_000));
    assert_eq!(ids(&open), [Id::NestedTooDeep]);
    let dashes = format!("{HEAD}x:\n  {}1", "- ".repeat(100_000));
    assert_eq!(ids(&dashes), [Id::NestedTooDeep]);
    let mut steps = String::from(HEAD);
    for depth in 0..1000 {
        writeln!(steps, "{}a:", " ".repeat(depth)).unwrap();
    }
    assert_eq!(ids(&steps), [Id::NestedTooDeep]);
}

#[test]
fn aliases_multiply_nothing() {
    let mut bomb = format!("{HEAD}a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let inner = level - 1;
        writeln!(
            bomb,
            "a{level}: &a{level} [*a{inner}, *a{inner}, *a{inner}, *a{inner}, *a{inner}, *a{inner}]"
        )
        .unwrap();
    }
    let found = ids(&bomb);
    assert!(
        found
            .iter()
            .all(|id| matches!(id, Id::YamlFeature | Id::UnknownKey)),
        "{found:?}"
    );
}

#[test]
fn the_number_of_values_is_bounded_and_a_large_map_is_no_slow_one() {
    assert_eq!(
        ids(&format!("{HEAD}x: [{}]", "1,".repeat(250_000))),
        [Id::TooManyNodes]
    );
    let mut map = format!("{HEAD}formats:\n");
    for number in 0..90_000 {
        writeln!(map, "  f{number}: 5").unwrap();
    }
    assert!(ids(&map).len() >= 1000);
    let same = format!("{HEAD}formats:\n{}", "  f: {}\n".repeat(60_000));
    assert!(ids(&same).contains(&Id::DuplicateKey));
}

#[test]
fn a_long_line_is_shown_in_part_however_many_problems_it_has() {
    let mut line = format!("{HEAD}formats: {{");
    for number in 0..20_000 {
        write!(line, "f{number}: {{ü: 1}}, ").unwrap();
    }
    line.push('}');
    assert!(ids(&line).contains(&Id::UnknownKey));
}

#[test]
fn names_and_texts_may_be_huge() {
    let huge = "x".repeat(1_000_000);
    // YAML has a bound of its own for a key that does not say that it is one.
    assert_eq!(ids(&format!("{HEAD}\"{huge}\": 1")), [Id::YamlSyntax]);
    assert_eq!(ids(&format!("{HEAD}? {huge}\n: 1\n")), [Id::UnknownKey]);
    let formats = format!("{HEAD}formats: {{f: {{segments: {huge}}}}}\nroutes: {huge}");
    assert_eq!(ids(&formats), [Id::UnknownValue, Id::WrongType]);
    let ty = format!("{HEAD}schemas: {{T: {{type: object, fields: {{f: {huge}<}}}}}}");
    assert_eq!(ids(&ty), [Id::BadText]);
    let number = format!(
        "spec: {}\napi: {{name: toys, title: Toys, version: '1'}}",
        "9".repeat(100_000)
    );
    ids(&number);
}

#[test]
fn patterns_that_explode_are_refused() {
    for pattern in [
        "(a{1000}){1000}",
        "(((a*)*)*)*b{900}{900}",
        "(.*a.{30}|b){20}",
        "((((",
        "[a-",
        "\\",
        "(?<n>a)\\k<n>",
        "\\p{L}{500}",
    ] {
        let text = format!("{HEAD}formats: {{f: {{pattern: '{pattern}', examples: [a]}}}}");
        // Some are good patterns; none of them takes the generator down.
        if let Err(failure) = load_str("hostile.yaml", &text) {
            assert!(!failure.to_string().is_empty());
        }
    }
}

#[test]
fn what_is_no_text_is_refused() {
    for text in [
        "\0",
        "spec: 1\0",
        "\u{feff}\u{feff}spec: 1",
        "spec: \u{7}1",
        "\u{fffe}",
        "a: \u{85}b",
        "\u{2028}: 1",
        "--- !!binary |\n",
        "%YAML 9.9\n---\na",
        "%TAG ! x:\n---\n!a b",
    ] {
        ids(text);
    }
    for text in [
        "", " ", "\n", "#", "---", "...", "--- ---", "\u{feff}", "\t", ":", "- ", "? ", "&", "*",
        "!", "|", ">", "%", "@", "`", "'", "\"", "{", "}", "[", "]", ",",
    ] {
        ids(text);
    }
}

#[test]
fn files_are_bounded_and_links_do_not_lead_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join("spec").join(name);
    fs::create_dir(folder.path().join("spec")).unwrap();
    fs::write(folder.path().join("outside.yaml"), "formats: {}").unwrap();
    fs::write(path("large.yaml"), vec![b'#'; 5 << 20]).unwrap();
    fs::write(path("latin.yaml"), b"formats: {a: \xff}").unwrap();
    std::os::unix::fs::symlink("../outside.yaml", path("out.yaml")).unwrap();
    std::os::unix::fs::symlink("loop.yaml", path("loop.yaml")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", path("zero.yaml")).unwrap();
    std::os::unix::fs::symlink("api.yaml", path("again.yaml")).unwrap();
    fs::write(
        path("api.yaml"),
        format!(
            "{HEAD}include: [large.yaml, latin.yaml, out.yaml, loop.yaml, zero.yaml, again.yaml]\n"
        ),
    )
    .unwrap();
    let failure = load(&folder.path().join("spec")).unwrap_err();
    let found: Vec<Id> = failure.problems.iter().map(|problem| problem.id).collect();
    let expected = [
        Id::FileTooLarge,
        Id::IncludePath,
        Id::UnreadableFile,
        Id::IncludePath,
        Id::IncludePath,
        Id::NotText,
    ];
    assert_eq!(found, expected, "{failure}");
    for root in ["large.yaml", "zero.yaml", "loop.yaml", "missing.yaml"] {
        let failure = load(&path(root)).unwrap_err();
        let id = failure.problems[0].id;
        assert!(
            matches!(id, Id::FileTooLarge | Id::UnreadableFile),
            "{failure}"
        );
    }
}

#[test]
fn bytes_that_change_at_random_break_nothing() {
    let good = everything();
    let marks = b"{}[]:,-?&*!|>'\"%@`#\n \t0\xff\xc3\x80<$.";
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..200 {
        let mut bytes = good.clone().into_bytes();
        for _ in 0..=dice.roll(4) {
            let at = dice.roll(bytes.len());
            match dice.roll(4) {
                0 => bytes[at] = marks[dice.roll(marks.len())],
                1 => bytes.insert(at, marks[dice.roll(marks.len())]),
                2 => drop(bytes.remove(at)),
                _ => {
                    let end = (at + dice.roll(80)).min(bytes.len());
                    drop(bytes.drain(at..end));
                }
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Err(failure) = load_str("hostile.yaml", &text) {
            assert!(!failure.to_string().is_empty());
        }
    }
}

#[test]
fn lines_that_change_their_places_break_nothing() {
    let good = everything();
    let lines: Vec<&str> = good.lines().collect();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    for _ in 0..150 {
        let mut mixed = lines.clone();
        for _ in 0..=dice.roll(3) {
            let (from, to) = (dice.roll(mixed.len()), dice.roll(mixed.len()));
            match dice.roll(3) {
                0 => mixed.swap(from, to),
                1 => mixed.insert(to, mixed[from]),
                _ => drop(mixed.remove(from)),
            }
        }
        if let Err(failure) = load_str("hostile.yaml", &mixed.join("\n")) {
            assert!(!failure.to_string().is_empty());
        }
    }
}

/// All values within a value.
fn values<'v>(value: &'v serde_json::Value, found: &mut Vec<&'v serde_json::Value>) {
    found.push(value);
    match value {
        serde_json::Value::Array(items) => items.iter().for_each(|item| values(item, found)),
        serde_json::Value::Object(map) => map.values().for_each(|item| values(item, found)),
        _ => {}
    }
}

/// Puts `new` in the place of the value that is number `left` within a value.
fn put(value: &mut serde_json::Value, left: &mut usize, new: &serde_json::Value) {
    if *left == 0 {
        *value = new.clone();
    }
    *left = left.wrapping_sub(1);
    match value {
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| put(item, left, new)),
        serde_json::Value::Object(map) => map.values_mut().for_each(|item| put(item, left, new)),
        _ => {}
    }
}

/// Puts values in the places of others in a descriptor, and looks whether anything panics: the checks or,
/// where they find nothing, the emitters. Returns how many descriptors came out.
fn mix(path: &str, rounds: usize) -> usize {
    let mut problems = Diagnostics::new();
    let sources = Sources::read(Path::new(path), &mut problems);
    let mut good = serde_json::to_value(sources.root().to_yaml()).unwrap();
    good["include"] = serde_json::json!([]);
    let mut all = Vec::new();
    values(&good, &mut all);
    let mut dice = Dice(0xd1b5_4a32_d192_ed03);
    let mut passed = 0;
    for _ in 0..rounds {
        let mut mixed = good.clone();
        for _ in 0..=dice.roll(2) {
            let mut place = dice.roll(all.len());
            // A value of the same kind gets further than another.
            let kind = std::mem::discriminant(all[place]);
            let same = all
                .iter()
                .filter(|value| std::mem::discriminant(**value) == kind);
            let same: Vec<_> = same.collect();
            put(&mut mixed, &mut place, same[dice.roll(same.len())]);
        }
        // JSON is YAML.
        match load_str("hostile.yaml", &mixed.to_string()) {
            Ok(loaded) => {
                passed += 1;
                emit_all(&loaded.api);
            }
            Err(failure) => assert!(!failure.to_string().is_empty()),
        }
    }
    passed
}

fn emit_all(api: &Api) {
    for text in [
        emit::rust::types(api),
        emit::rust::server(api),
        emit::rust::client(api),
        emit::json::text(api),
        emit::surface::text(api),
    ] {
        assert!(!text.is_empty());
    }
}

#[test]
fn values_in_the_places_of_others_break_neither_checks_nor_emitters() {
    assert!(mix("tests/data/pass/everything.yaml", 100) > 0);
    assert!(mix("tests/toy/spec", 50) > 0);
    assert!(mix("../api-spec/distribution", 30) > 0);
}
