//! Texts as automata with lengths, and the question whether one set of texts goes beyond another.
//!
//! The answer is a shortest text that the one set has and the other lacks. The search is bounded: where
//! lengths and patterns together are too large, the question stays open, and whoever asks must take that
//! for a difference.

use std::collections::BTreeSet;

use crate::pattern::{DEAD, Dfa, START, joint_bytes};

/// Most states that one search looks at.
const MAX_STATES: usize = 1 << 18;

/// The texts of a pattern within bounds of length.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    pub(crate) dfa: Dfa,
    /// Fewest characters.
    pub(crate) min: u64,
    /// Most characters.
    pub(crate) max: Option<u64>,
}

/// A set of texts: the union of some.
#[derive(Clone, Debug)]
pub(crate) struct Language(pub(crate) Vec<Texts>);

/// The search was too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Undecided;

impl Language {
    /// The texts of a pattern.
    pub(crate) fn of_pattern(pattern: &str) -> Self {
        // Patterns are our own or one literal; a literal that is too long has no automaton.
        Self(Dfa::compile(pattern).into_iter().map(Texts::of).collect())
    }

    /// The texts of a pattern of this crate's own.
    pub(crate) fn own(pattern: &'static str) -> Self {
        Self(vec![Texts::of(Dfa::own(pattern))])
    }

    /// Any text.
    pub(crate) fn any() -> Self {
        Self::own("(?s).*")
    }

    /// These texts alone.
    pub(crate) fn literals<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        Self(
            texts
                .flat_map(|text| Self::of_pattern(&escaped(text)).0)
                .collect(),
        )
    }

    /// A shortest text, not the empty one where there is another.
    pub(crate) fn shortest(&self) -> Option<String> {
        self.beyond(&Self(Vec::new())).ok().flatten()
    }

    /// A shortest text of this set that `other` lacks, not the empty one where there is another.
    pub(crate) fn beyond(&self, other: &Self) -> Result<Option<String>, Undecided> {
        let mut best: Option<String> = None;
        for texts in &self.0 {
            let found = Search::run(texts, &other.0)?;
            if let Some(found) = found
                && best.as_ref().is_none_or(|best| better(&found, best))
            {
                best = Some(found);
            }
        }
        Ok(best)
    }
}

fn better(text: &str, than: &str) -> bool {
    let rank = |text: &str| (text.is_empty(), text.len());
    rank(text) < rank(than)
}

/// A pattern that takes this text alone.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_string()
            } else {
                format!("\\x{{{:x}}}", u32::from(c))
            }
        })
        .collect()
}

impl Texts {
    /// Of any length.
    fn of(dfa: Dfa) -> Self {
        Self {
            dfa,
            min: 0,
            max: None,
        }
    }

    fn has_length(&self, count: u64) -> bool {
        count >= self.min && self.max.is_none_or(|max| count <= max)
    }

    /// Whether it is plain that all texts of `other` are among these.
    fn plainly_covers(&self, other: &Self) -> bool {
        let is_longer = match (self.max, other.max) {
            (None, _) => true,
            (Some(own), Some(other)) => own >= other,
            (Some(_), None) => false,
        };
        self.dfa == other.dfa && self.min <= other.min && is_longer
    }
}

/// Where a search is: the state of the automaton, of those that must not accept, and the length so far,
/// no further than it counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    own: u16,
    others: Vec<u16>,
    count: u64,
}

/// States in the order in which they were reached: by which byte, and from which earlier one.
struct Search<'t> {
    texts: &'t Texts,
    others: &'t [Texts],
    reached: Vec<(State, u8, usize)>,
    seen: BTreeSet<State>,
}

impl<'t> Search<'t> {
    fn run(texts: &'t Texts, others: &'t [Texts]) -> Result<Option<String>, Undecided> {
        if others.iter().any(|other| other.plainly_covers(texts)) {
            return Ok(None);
        }
        let all = || std::iter::once(texts).chain(others);
        let automata: Vec<&Dfa> = all().map(|texts| &texts.dfa).collect();
        let bytes = joint_bytes(&automata);
        // Beyond this length nothing changes any more.
        let most = all().map(|texts| texts.min.max(texts.max.map_or(0, |max| max + 1)));
        let most = most.max().unwrap_or(0);
        let mut search = Self {
            texts,
            others,
            reached: Vec::new(),
            seen: BTreeSet::new(),
        };
        let first = State {
            own: START,
            others: vec![START; others.len()],
            count: 0,
        };
        let is_empty_found = search.is_found(&first);
        search.add(first, 0, 0);
        let mut next = 0;
        while next < search.reached.len() {
            if next > MAX_STATES {
                return Err(Undecided);
            }
            for byte in &bytes {
                let state = search.step(next, *byte, most);
                if state.own == DEAD || texts.max.is_some_and(|max| state.count > max) {
                    continue;
                }
                let is_found = search.is_found(&state);
                search.add(state, *byte, next);
                if is_found {
                    return Ok(Some(search.text()));
                }
            }
            next += 1;
        }
        Ok(is_empty_found.then(String::new))
    }

    fn step(&self, from: usize, byte: u8, most: u64) -> State {
        let state = &self.reached[from].0;
        // Bytes that continue a character do not count.
        let count = state.count + u64::from(byte & 0xc0 != 0x80);
        let others = self.others.iter().zip(&state.others);
        State {
            own: self.texts.dfa.next(state.own, byte),
            others: others
                .map(|(texts, state)| texts.dfa.next(*state, byte))
                .collect(),
            count: count.min(most),
        }
    }

    fn is_found(&self, state: &State) -> bool {
        let has = |texts: &Texts, at| texts.dfa.is_accepting(at) && texts.has_length(state.count);
        let mut others = self.others.iter().zip(&state.others);
        has(self.texts, state.own) && !others.any(|(texts, at)| has(texts, *at))
    }

    fn add(&mut self, state: State, byte: u8, from: usize) {
        if self.seen.insert(state.clone()) || self.is_found(&state) {
            self.reached.push((state, byte, from));
        }
    }

    /// The text that leads to the state reached last.
    fn text(&self) -> String {
        let mut bytes = Vec::new();
        let mut at = self.reached.len() - 1;
        while at > 0 {
            let (_, byte, from) = &self.reached[at];
            bytes.push(*byte);
            at = *from;
        }
        bytes.reverse();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beyond(left: &str, right: &str) -> Option<String> {
        let (left, right) = (Language::of_pattern(left), Language::of_pattern(right));
        left.beyond(&right).unwrap()
    }

    #[test]
    fn a_wider_pattern_has_a_witness_and_a_narrower_one_has_none() {
        assert_eq!(beyond("[a-z0-9]+", "[a-z]+").as_deref(), Some("0"));
        assert_eq!(beyond("[a-z]+", "[a-z0-9]+"), None);
        assert_eq!(beyond("a|b|c", "c|a").as_deref(), Some("b"));
        assert_eq!(beyond("(ab)*", "(abab)*").as_deref(), Some("ab"));
    }

    #[test]
    fn lengths_count_in_characters() {
        let bounded = |min, max| {
            let mut language = Language::any();
            language.0[0].min = min;
            language.0[0].max = max;
            language
        };
        let beyond = |left: &Language, right: &Language| left.beyond(right).unwrap();
        assert_eq!(
            beyond(&bounded(0, Some(4)), &bounded(0, Some(3))).as_deref(),
            Some("aaaa")
        );
        assert_eq!(beyond(&bounded(0, Some(3)), &bounded(0, Some(4))), None);
        assert_eq!(
            beyond(&bounded(0, None), &bounded(2, None)).as_deref(),
            Some("a")
        );
        assert_eq!(
            beyond(&bounded(0, None), &bounded(1, None)).as_deref(),
            Some("")
        );
        let two = Language::of_pattern("éé");
        assert_eq!(beyond(&two, &bounded(0, Some(2))), None);
    }

    #[test]
    fn the_texts_of_an_enumeration_stand_for_themselves() {
        let dots = Language::literals(["a.b", "(x)"].into_iter());
        assert_eq!(dots.beyond(&Language::of_pattern(r"a\.b|\(x\)")), Ok(None));
        assert_eq!(
            Language::of_pattern("acb").beyond(&dots),
            Ok(Some("acb".to_owned()))
        );
    }
}
