//! What a parameter of a path accepts, as automata.
//!
//! The proof and the table of the generated server decide by the same automata. They accept at least
//! what the format accepts: bounds of numbers and the grammars of builtins are left out.

use crate::model::{Base, Constraints, Format, FormatId, FormatKind};
use crate::pattern::{Dfa, START};

/// Any text that is not empty.
const ANY: &str = "(?s).+";

/// Texts of a pattern and a length.
#[derive(Clone, Debug)]
pub struct Text {
    /// Their automaton.
    pub dfa: Dfa,
    /// Fewest characters.
    pub min: u64,
    /// Most characters.
    pub max: Option<u64>,
}

impl Text {
    fn unbounded(dfa: Dfa) -> Self {
        Self {
            dfa,
            min: 1,
            max: None,
        }
    }

    fn of(base: Base, constraints: &Constraints) -> Self {
        let mut text = Self::unbounded(match (base, &constraints.pattern) {
            (Base::String, Some((_, dfa))) => dfa.clone(),
            (Base::String, None) => Dfa::own(ANY),
            (Base::Integer | Base::Int32, _) => Dfa::own(r"[+-]?\d+"),
            (Base::Uint32 | Base::Uint64, _) => Dfa::own(r"\+?\d+"),
            // Not worth a grammar: infinities and exponents are numbers, too.
            (Base::Number, _) => Dfa::own("[0-9A-Za-z.+-]+"),
        });
        if base == Base::String {
            text.min = constraints.min_length.unwrap_or(0).max(1);
            text.max = constraints.max_length;
        }
        text
    }

    /// Whether `value` is one of these texts.
    pub fn accepts(&self, value: &[u8]) -> bool {
        let chars = value.iter().filter(|byte| is_char_start(**byte)).count() as u64;
        let in_bounds = chars >= self.min && self.max.is_none_or(|max| chars <= max);
        in_bounds && self.dfa.matches(value)
    }

    /// Whether more than the automaton and the rule that a value is not empty decides.
    pub(super) fn is_bounded(&self) -> bool {
        self.min > 1 || self.max.is_some()
    }
}

/// Whether a byte begins a character of UTF-8.
pub(super) fn is_char_start(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

/// The accepted texts of all formats.
#[derive(Clone, Debug)]
pub struct Values {
    formats: Vec<Vec<Text>>,
    any: Vec<Text>,
}

impl Values {
    /// Those of `formats`.
    pub fn of(formats: &[Format]) -> Self {
        let formats = (0..formats.len())
            .map(|index| {
                let mut out = Vec::new();
                collect(formats, FormatId(index), &mut Vec::new(), &mut out);
                out
            })
            .collect();
        Self {
            formats,
            any: vec![Text::unbounded(Dfa::own(ANY))],
        }
    }

    /// The alternatives of a format; any text without one.
    pub fn get(&self, format: Option<FormatId>) -> &[Text] {
        format
            .and_then(|id| self.formats.get(id.0))
            .unwrap_or(&self.any)
    }

    /// Any text.
    pub(super) fn any(&self) -> &[Text] {
        &self.any
    }
}

/// The alternatives of a format. `seen` are those that it is part of.
fn collect(formats: &[Format], id: FormatId, seen: &mut Vec<FormatId>, out: &mut Vec<Text>) {
    let Some(format) = formats.get(id.0) else {
        return;
    };
    if seen.contains(&id) {
        return;
    }
    seen.push(id);
    match &format.kind {
        FormatKind::AnyOf(parts) => parts
            .iter()
            .for_each(|part| collect(formats, *part, seen, out)),
        FormatKind::Scalar { base, constraints } => out.push(Text::of(*base, constraints)),
    }
}

/// Where the automaton of a text begins.
pub(super) const BEGIN: u32 = START as u32;
