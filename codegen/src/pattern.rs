//! Patterns as automata: one table serves the checks, the proof of unambiguous routes and, shipped in
//! generated code, the validation of values at run time.
//!
//! A pattern is a regular expression in the syntax of the `regex` crate, anchored at both ends. It is
//! compiled to a deterministic automaton over bytes, minimised, with bytes that are never told apart
//! folded into classes. Sizes are bounded: a pattern that would need more is an error, never memory.

mod build;
mod ecma;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use build::{BYTES, Raw, determinize, explore};
pub use ecma::ecma;

/// Most states of a pattern's automaton.
pub const MAX_STATES: usize = 4096;

/// Longest pattern, in bytes.
pub const MAX_PATTERN: usize = 4096;

/// The state from which nothing is accepted.
pub(crate) const DEAD: u16 = 0;

/// The state before the first byte.
pub(crate) const START: u16 = 1;

/// A complete deterministic automaton over bytes. State 0 is the dead state, state 1 the start.
#[derive(Clone, PartialEq, Eq)]
pub struct Dfa {
    /// Class of each byte.
    pub classes: Box<[u8; 256]>,
    /// How many classes there are.
    pub class_count: usize,
    /// Next state, by `state * class_count + class`.
    pub transitions: Vec<u16>,
    /// Whether a text may end in a state.
    pub accepting: Vec<bool>,
}

impl std::fmt::Debug for Dfa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Dfa({} states, {} classes)",
            self.accepting.len(),
            self.class_count
        )
    }
}

/// Why a pattern has no automaton.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// The pattern is no regular expression, or needs what automata do not have.
    Syntax(String),
    /// The automaton, or the work to make it, is too large.
    TooLarge,
}

impl std::fmt::Display for PatternError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Syntax(message) => f.write_str(message),
            Self::TooLarge => f.write_str("the pattern needs too many states"),
        }
    }
}

impl std::error::Error for PatternError {}

impl Dfa {
    /// The automaton of `pattern`, anchored at both ends.
    pub fn compile(pattern: &str) -> Result<Self, PatternError> {
        if pattern.len() > MAX_PATTERN {
            return Err(PatternError::TooLarge);
        }
        let dense = determinize(pattern)?;
        explore(&dense)?.finish()
    }

    /// The automaton of a pattern of this crate's own, which a process compiles once: to compile one is
    /// dear, and the values of a descriptor meet the same few again and again.
    pub(crate) fn own(pattern: &'static str) -> Self {
        static KNOWN: Mutex<BTreeMap<&str, Dfa>> = Mutex::new(BTreeMap::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let compiled = || Self::compile(pattern).expect("a short pattern of our own");
        known.entry(pattern).or_insert_with(compiled).clone()
    }

    /// The automaton of a value that spans segments. A pattern that can hold a `/` describes the whole
    /// value; any other is the pattern of one segment, and segments are joined by `/`.
    pub fn compile_segments(pattern: &str) -> Result<Self, PatternError> {
        Self::compile(pattern)?.segments()
    }

    /// As [`Dfa::compile_segments`], of a pattern that is compiled already.
    pub(crate) fn segments(self) -> Result<Self, PatternError> {
        if self.accepts_slash() {
            Ok(self)
        } else {
            self.joined_by_slash()
        }
    }

    /// Next state.
    pub fn next(&self, state: u16, byte: u8) -> u16 {
        let class = usize::from(self.classes[usize::from(byte)]);
        self.transitions[usize::from(state) * self.class_count + class]
    }

    /// Whether a text may end in `state`.
    pub fn is_accepting(&self, state: u16) -> bool {
        self.accepting[usize::from(state)]
    }

    /// Whether the whole `text` is accepted.
    pub fn matches(&self, text: &[u8]) -> bool {
        let end = text
            .iter()
            .fold(START, |state, byte| self.next(state, *byte));
        self.is_accepting(end)
    }

    /// Whether some accepted text holds a `/`.
    pub fn accepts_slash(&self) -> bool {
        self.accepts_byte(b'/')
    }

    /// Whether some accepted text holds this byte.
    pub fn accepts_byte(&self, byte: u8) -> bool {
        // Every state but the dead one lies between the start and an end: it is minimal.
        let class = usize::from(self.classes[usize::from(byte)]);
        (1..self.accepting.len())
            .any(|state| self.transitions[state * self.class_count + class] != DEAD)
    }

    /// Whether no text is accepted.
    pub fn is_empty(&self) -> bool {
        !self.accepting.contains(&true)
    }

    /// `P(/P)*`, where no text of `P` holds a `/`: a value may go on behind each `/` as it began.
    fn joined_by_slash(&self) -> Result<Self, PatternError> {
        let mut rows = self.rows();
        for (row, accepting) in rows.iter_mut().zip(&self.accepting) {
            if *accepting {
                row[usize::from(b'/')] = u32::from(START);
            }
        }
        Raw {
            classes: BYTES,
            rows,
            accepting: self.accepting.clone(),
        }
        .finish()
    }

    /// The transitions by byte.
    fn rows(&self) -> Vec<Vec<u32>> {
        let row = |state: &[u16]| {
            let next = |class: &u8| u32::from(state[usize::from(*class)]);
            self.classes.iter().map(next).collect()
        };
        self.transitions.chunks(self.class_count).map(row).collect()
    }
}

/// One byte for each set of bytes that none of `automata` tells apart, the most readable one, in the
/// order in which a person would try them.
pub(crate) fn joint_bytes(automata: &[&Dfa]) -> Vec<u8> {
    let mut seen = std::collections::BTreeSet::new();
    let readable = (b'a'..=b'z')
        .chain(b'0'..=b'9')
        .chain(b'A'..=b'Z')
        .chain(*b"-_.~");
    let others = (b'!'..=b'~').chain(0..=u8::MAX);
    readable
        .chain(others)
        .filter(|byte| {
            let key: Vec<u8> = automata
                .iter()
                .map(|dfa| dfa.classes[usize::from(*byte)])
                .collect();
            seen.insert(key)
        })
        .collect()
}

#[cfg(test)]
mod tests;
