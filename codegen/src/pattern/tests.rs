//! Patterns against texts, their limits, and the smallest automaton of each.

use super::*;

fn dfa(pattern: &str) -> Dfa {
    Dfa::compile(pattern).expect("the pattern is small and legal")
}

#[test]
fn a_pattern_is_anchored_at_both_ends() {
    let name = dfa("[a-z]+|b");
    for (text, accepted) in [
        ("abc", true),
        ("b", true),
        ("", false),
        ("abc1", false),
        (" abc", false),
        ("abc\n", false),
    ] {
        assert_eq!(name.matches(text.as_bytes()), accepted, "{text:?}");
    }
}

#[test]
fn the_longer_alternative_is_found_behind_the_shorter_one() {
    let either = dfa("a|ab|abc");
    assert!(
        ["a", "ab", "abc"]
            .iter()
            .all(|text| either.matches(text.as_bytes()))
    );
    assert!(!either.matches(b"abcd"));
}

#[test]
fn anchors_inside_a_pattern_mean_the_ends_of_the_text() {
    assert!(dfa("^a$").matches(b"a"));
    assert!(dfa("a$|b^").matches(b"a"));
    assert!(dfa("(?m)a$\\n^b").matches(b"a\nb"));
    assert!(dfa("a^b").is_empty());
    assert!(!dfa("a^b").matches(b"ab"));
}

#[test]
fn patterns_are_unicode_and_refuse_what_is_not_utf8() {
    let word = dfa(r"\w+");
    assert!(word.matches("größe".as_bytes()));
    assert!(dfa(".").matches("é".as_bytes()));
    assert!(!dfa(".").matches(&[0xe9]));
    assert!(!dfa("(?s).*").matches(&[b'a', 0xff]));
}

#[test]
fn equal_languages_have_equal_automata() {
    assert_eq!(dfa("a(b|c)*"), dfa("a|a[bc]+"));
    assert_eq!(dfa("(aa)*a?"), dfa("a*"));
    assert_eq!(dfa("ab|cd"), dfa("c[d]|(?:a)b"));
    assert_eq!(dfa("[a&&b]"), dfa("a^b"));
    assert_eq!(dfa(""), dfa("(a^b)?"));
}

#[test]
fn automata_are_minimal_and_their_bytes_folded() {
    let name = dfa("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*");
    // Dead; start, which is also behind a period; inside a word; behind one underscore; behind hyphens.
    assert_eq!(name.accepting.len(), 5);
    // Other bytes, letters and digits, period, underscore, hyphen.
    assert_eq!(name.class_count, 5);
    assert_eq!(dfa("a{4000}").accepting.len(), 4002);
}

#[test]
fn a_pattern_that_explodes_is_an_error_and_not_a_wait() {
    let large = [
        "(?s)(a|b)*a(a|b){20}",
        "((a{100}){100}){100}",
        "a{5000}",
        r"\w{200}",
        "((((((((((x{9}){9}){9}){9}){9}){9}){9}){9}){9}){9})",
        "(?:){4294967295}x{100000}",
    ];
    for pattern in large {
        assert_eq!(
            Dfa::compile(pattern),
            Err(PatternError::TooLarge),
            "{pattern}"
        );
    }
    assert_eq!(
        Dfa::compile(&"a".repeat(MAX_PATTERN + 1)),
        Err(PatternError::TooLarge)
    );
}

#[test]
fn what_is_no_pattern_says_why() {
    for (pattern, reason) in [
        ("a(b", "unclosed group"),
        ("*a", "repetition operator missing expression"),
        ("a)b(c", "unopened group"),
    ] {
        assert_eq!(
            Dfa::compile(pattern),
            Err(PatternError::Syntax(reason.to_owned())),
            "{pattern}"
        );
    }
    assert!(
        matches!(Dfa::compile(r"\bword\b"), Err(PatternError::Syntax(reason)) if reason.contains("word boundary"))
    );
    assert!(Dfa::compile(r"(?-u:\bword\b)").is_ok());
    assert!(matches!(
        Dfa::compile(&"(".repeat(2000)),
        Err(PatternError::Syntax(_))
    ));
}

#[test]
fn a_pattern_of_one_segment_is_repeated_between_slashes() {
    let name = Dfa::compile_segments("[a-z]+").expect("legal");
    for (text, accepted) in [
        ("a", true),
        ("a/b", true),
        ("team/blobs/app", true),
        ("a//b", false),
        ("/a", false),
        ("a/", false),
        ("", false),
    ] {
        assert_eq!(name.matches(text.as_bytes()), accepted, "{text:?}");
    }
    assert_eq!(name, dfa("[a-z]+(/[a-z]+)*"));
    let empty = Dfa::compile_segments("a?").expect("legal");
    assert_eq!(empty, dfa("a?(/a?)*"));
}

#[test]
fn a_pattern_that_can_hold_a_slash_describes_the_whole_value() {
    let operation = Dfa::compile_segments("projects/[^/:]+/operations/[^/:]+").expect("legal");
    assert!(operation.matches(b"projects/p/operations/o"));
    assert!(!operation.matches(b"projects/p/operations/o/projects/p/operations/o"));
}

#[test]
fn slashes_are_found_wherever_they_can_stand() {
    for (pattern, slash) in [
        ("a/b", true),
        ("[^a]", true),
        (".*", true),
        ("[a-z]+", false),
        ("a(/b&&c)?", true),
        ("[/&&a]", false),
    ] {
        assert_eq!(dfa(pattern).accepts_slash(), slash, "{pattern}");
    }
}
