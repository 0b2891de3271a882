//! Patterns: the automaton of a pattern accepts what a regular expression accepts.

use api_codegen::pattern::{Dfa, MAX_STATES};
use regex::RegexBuilder;

use crate::first_line;

/// The first line is a pattern, each of the others a text.
pub fn pattern(bytes: &[u8]) {
    let (pattern, rest) = first_line(bytes);
    let Ok(dfa) = Dfa::compile(&pattern) else {
        return;
    };
    assert!(dfa.accepting.len() <= MAX_STATES);
    assert_eq!(dfa.transitions.len(), dfa.accepting.len() * dfa.class_count);
    let segments = Dfa::compile_segments(&pattern);
    // A comment in the pattern would swallow the end of the group.
    let mut builder = RegexBuilder::new(&format!(r"\A(?:{pattern})\z"));
    let Some(regex) = builder
        .size_limit(1 << 20)
        .build()
        .ok()
        .filter(|_| !pattern.contains('#'))
    else {
        return;
    };
    for text in String::from_utf8_lossy(rest).lines().take(20) {
        let accepted = dfa.matches(text.as_bytes());
        assert_eq!(accepted, regex.is_match(text), "{pattern:?} {text:?}");
        if let Ok(segments) = &segments {
            assert!(
                !accepted || segments.matches(text.as_bytes()),
                "{pattern:?} {text:?}"
            );
        }
    }
}
