//! Whether two templates take one path: their automata, searched side by side.
//!
//! A path is a word over bytes and one more symbol, the raw slash: a slash in a value that was
//! percent-encoded is another thing. A template is a row of blocks, and its automaton is walked without
//! being built. The hazard is size: every step is counted, and a search that takes too many is given up.

use std::collections::BTreeSet;

use super::value::{BEGIN, Text, Values, is_char_start};
use crate::model::{FormatId, Segment};
use crate::pattern::{DEAD, Dfa, joint_bytes};

/// The raw slash.
const SLASH: u16 = 256;

/// What it takes to find the symbols that automata tell apart, in steps.
const SYMBOL_STEPS: u64 = 64;

/// A part of a template.
#[derive(Clone, Copy, Debug)]
enum Block<'a> {
    Slash,
    Text(&'a [u8]),
    Value { texts: &'a [Text], many: bool },
}

/// A template as a row of blocks.
#[derive(Clone, Debug)]
pub(super) struct Blocks<'a>(Vec<Block<'a>>);

impl<'a> Blocks<'a> {
    /// The paths that fit `segments` with values that their formats accept.
    pub(super) fn valid(segments: &'a [Segment], values: &'a Values) -> Self {
        Self::new(segments, |format| values.get(format))
    }

    /// The paths that have the shape of `segments`.
    pub(super) fn shape(segments: &'a [Segment], values: &'a Values) -> Self {
        Self::new(segments, |_| values.any())
    }

    fn new(segments: &'a [Segment], texts: impl Fn(Option<FormatId>) -> &'a [Text]) -> Self {
        let mut blocks = Vec::new();
        for segment in segments {
            let (before, value, after): (&str, _, &str) = match segment {
                Segment::Literal(text) => (text, None, ""),
                Segment::Parameter {
                    before,
                    format,
                    after,
                    ..
                } => (
                    before,
                    Some(Block::Value {
                        texts: texts(*format),
                        many: false,
                    }),
                    after,
                ),
                Segment::Many {
                    before,
                    format,
                    after,
                    ..
                } => (
                    before,
                    Some(Block::Value {
                        texts: texts(Some(*format)),
                        many: true,
                    }),
                    after,
                ),
            };
            let text = |text: &'a str| (!text.is_empty()).then_some(Block::Text(text.as_bytes()));
            blocks.push(Block::Slash);
            blocks.extend(text(before).into_iter().chain(value).chain(text(after)));
        }
        Self(blocks)
    }

    fn texts(&self) -> impl Iterator<Item = &'a Text> {
        self.0.iter().flat_map(|block| match block {
            Block::Value { texts, .. } => *texts,
            _ => &[],
        })
    }
}

/// Where a walk is: before some block or within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    block: u16,
    /// Which of the alternatives of a value.
    alternative: u16,
    /// The state of its automaton, or how much of a literal text was read.
    at: u32,
    /// Characters of the value, where lengths count.
    count: u32,
}

/// A walk of one template.
struct Walk<'b, 'a> {
    blocks: &'b [Block<'a>],
    /// Lengths of values count.
    counts: bool,
}

impl<'a> Walk<'_, 'a> {
    fn block(&self, state: State) -> Option<&Block<'a>> {
        self.blocks.get(usize::from(state.block))
    }

    /// The states in front of `block`.
    fn enter(&self, block: u16, out: &mut Vec<State>) {
        let state = |alternative, at| State {
            block,
            alternative,
            at,
            count: 0,
        };
        match self.block(state(0, 0)) {
            Some(Block::Value { texts, .. }) => {
                let alternatives = (0..=u16::MAX).take(texts.len());
                out.extend(alternatives.map(|alternative| state(alternative, BEGIN)));
            }
            _ => out.push(state(0, 0)),
        }
    }

    /// The only symbol that leads on, where there is but one.
    fn expected(&self, state: State) -> Option<u16> {
        match self.block(state)? {
            Block::Slash => Some(SLASH),
            Block::Text(text) => text.get(state.at as usize).map(|byte| u16::from(*byte)),
            Block::Value { .. } => None,
        }
    }

    fn is_end(&self, state: State) -> bool {
        self.block(state).is_none()
    }

    /// The states behind `symbol`.
    fn step(&self, state: State, symbol: u16, out: &mut Vec<State>) {
        match self.block(state) {
            Some(Block::Value { texts, many }) => {
                let byte = match u8::try_from(symbol) {
                    Ok(byte) => byte,
                    Err(_) if *many => b'/',
                    Err(_) => return,
                };
                self.step_value(state, &texts[usize::from(state.alternative)], byte, out);
            }
            Some(_) if self.expected(state) != Some(symbol) => {}
            Some(Block::Text(text)) if state.at as usize + 1 < text.len() => {
                out.push(State {
                    at: state.at + 1,
                    ..state
                });
            }
            Some(_) => self.enter(state.block + 1, out),
            None => {}
        }
    }

    fn step_value(&self, state: State, text: &Text, byte: u8, out: &mut Vec<State>) {
        let at = u16::try_from(state.at).map_or(DEAD, |at| text.dfa.next(at, byte));
        let count = state
            .count
            .saturating_add(u32::from(self.counts && is_char_start(byte)));
        let is_too_long = text.max.is_some_and(|max| u64::from(count) > max);
        if at == DEAD || (self.counts && is_too_long) {
            return;
        }
        let is_long_enough = u64::from(count) >= text.min;
        // Where there is no most, more than the fewest is all the same.
        let is_counted = text.max.is_some() || !is_long_enough;
        let kept = if is_counted { count } else { state.count };
        out.push(State {
            at: u32::from(at),
            count: kept,
            ..state
        });
        if text.dfa.is_accepting(at) && (!self.counts || is_long_enough) {
            self.enter(state.block + 1, out);
        }
    }
}

/// The work of a search is too much.
#[derive(Debug)]
pub(super) struct Exhausted;

/// How much work may still be done, in steps.
#[derive(Debug)]
pub(super) struct Budget(pub(super) u64);

impl Budget {
    fn take(&mut self, steps: u64) -> Result<(), Exhausted> {
        self.0 = self.0.checked_sub(steps).ok_or(Exhausted)?;
        Ok(())
    }
}

/// A shortest path that both take.
pub(super) fn common_path(
    left: &Blocks,
    right: &Blocks,
    budget: &mut Budget,
) -> Result<Option<String>, Exhausted> {
    // Lengths make a search large, and most templates are told apart without them.
    let found = Search::run(left, right, false, budget)?;
    let is_bounded = left.texts().chain(right.texts()).any(Text::is_bounded);
    if found.is_some() && is_bounded {
        Search::run(left, right, true, budget)
    } else {
        Ok(found)
    }
}

/// A pair of states, and by which symbol and from which earlier pair it was reached.
#[derive(Clone, Copy, Debug)]
struct Reached {
    pair: (State, State),
    symbol: u16,
    from: usize,
}

/// Pairs in the order in which they were reached, so that the first end is a nearest one.
#[derive(Debug, Default)]
struct Search {
    reached: Vec<Reached>,
    seen: BTreeSet<(State, State)>,
    lefts: Vec<State>,
    rights: Vec<State>,
}

impl Search {
    fn run(
        left: &Blocks,
        right: &Blocks,
        counts: bool,
        budget: &mut Budget,
    ) -> Result<Option<String>, Exhausted> {
        let automata: Vec<_> = left
            .texts()
            .chain(right.texts())
            .map(|text| &text.dfa)
            .collect();
        let mut all: Option<Vec<u16>> = None;
        let (left, right) = (
            Walk {
                blocks: &left.0,
                counts,
            },
            Walk {
                blocks: &right.0,
                counts,
            },
        );
        let mut search = Self::default();
        left.enter(0, &mut search.lefts);
        right.enter(0, &mut search.rights);
        search.add(SLASH, 0);
        let mut next = 0;
        while let Some(Reached {
            pair: (first, second),
            ..
        }) = search.reached.get(next).copied()
        {
            if left.is_end(first) && right.is_end(second) {
                return Ok(Some(search.path(next)));
            }
            let only = left.expected(first).or_else(|| right.expected(second));
            if only.is_none() && all.is_none() {
                budget.take(SYMBOL_STEPS)?;
                all = Some(symbols(&automata));
            }
            let tried = only
                .as_ref()
                .map_or(all.as_deref().unwrap_or_default(), std::slice::from_ref);
            for symbol in tried {
                budget.take(1)?;
                left.step(first, *symbol, &mut search.lefts);
                right.step(second, *symbol, &mut search.rights);
                search.add(*symbol, next);
            }
            next += 1;
        }
        Ok(None)
    }

    /// Each of the new left states beside each of the right ones.
    fn add(&mut self, symbol: u16, from: usize) {
        for left in self.lefts.drain(..) {
            for right in &self.rights {
                let pair = (left, *right);
                if self.seen.insert(pair) {
                    self.reached.push(Reached { pair, symbol, from });
                }
            }
        }
        self.rights.clear();
    }

    /// The path that leads to the pair at `end`.
    fn path(&self, mut end: usize) -> String {
        let mut symbols = Vec::new();
        // A path begins with a slash, so there is one pair to begin with.
        while end > 0 {
            let Reached { symbol, from, .. } = self.reached[end];
            symbols.push(symbol);
            end = from;
        }
        symbols.into_iter().rev().map(encoded).collect()
    }
}

/// One symbol of each sort that the automata tell apart. The slash first: a witness is more readable
/// with one than with an encoded one.
fn symbols(automata: &[&Dfa]) -> Vec<u16> {
    let bytes = joint_bytes(automata).into_iter().map(u16::from);
    [SLASH].into_iter().chain(bytes).collect()
}

/// A symbol as it stands in a path.
fn encoded(symbol: u16) -> String {
    match u8::try_from(symbol).map(char::from) {
        Err(_) => "/".to_owned(),
        Ok(plain) if plain.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:@".contains(plain) => {
            plain.into()
        }
        Ok(_) => format!("%{symbol:02X}"),
    }
}
