//! Whether two templates take one path: their automata, searched side by side.
//!
//! A path is a word over bytes and one more symbol, the raw slash: a slash in a value that was
//! percent-encoded is another thing. A template is a row of blocks, and its automaton is walked without
//! being built. The hazard is size: every step is counted, and a search that takes too many is given up.

use std::collections::BTreeSet;

use super::value::{BEGIN, Text, Values, is_char_start};
use crate::model::Segment;
use crate::pattern::{DEAD, joint_bytes};

/// The raw slash.
const SLASH: u16 = 256;

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

    fn new(
        segments: &'a [Segment],
        texts: impl Fn(Option<crate::model::FormatId>) -> &'a [Text],
    ) -> Self {
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
    block: usize,
    /// Which of the alternatives of a value.
    alternative: usize,
    /// The state of its automaton, or how much of a literal text was read.
    at: u32,
    /// Characters of the value, where lengths count.
    count: u64,
}

/// A walk of one template.
struct Walk<'b, 'a> {
    blocks: &'b [Block<'a>],
    /// Lengths of values count.
    counts: bool,
}

impl Walk<'_, '_> {
    /// The states in front of `block`.
    fn enter(&self, block: usize, out: &mut Vec<State>) {
        let state = |alternative, at| State {
            block,
            alternative,
            at,
            count: 0,
        };
        match self.blocks.get(block) {
            Some(Block::Value { texts, .. }) => {
                out.extend((0..texts.len()).map(|index| state(index, BEGIN)));
            }
            _ => out.push(state(0, 0)),
        }
    }

    /// The only symbol that leads on, where there is but one.
    fn expected(&self, state: State) -> Option<u16> {
        match self.blocks.get(state.block)? {
            Block::Slash => Some(SLASH),
            Block::Text(text) => text.get(state.at as usize).map(|byte| u16::from(*byte)),
            Block::Value { .. } => None,
        }
    }

    fn is_end(&self, state: State) -> bool {
        state.block == self.blocks.len()
    }

    /// The states behind `symbol`.
    fn step(&self, state: State, symbol: u16, out: &mut Vec<State>) {
        match self.blocks.get(state.block) {
            Some(Block::Value { texts, many }) => {
                let byte = match u8::try_from(symbol) {
                    Ok(byte) => byte,
                    Err(_) if *many => b'/',
                    Err(_) => return,
                };
                self.step_value(state, &texts[state.alternative], byte, out);
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
        let count = state.count + u64::from(self.counts && is_char_start(byte));
        if at == DEAD || (self.counts && text.max.is_some_and(|max| count > max)) {
            return;
        }
        // Where there is no most, more than the fewest is all the same.
        let kept = if text.max.is_none() {
            count.min(text.min)
        } else {
            count
        };
        out.push(State {
            at: u32::from(at),
            count: kept,
            ..state
        });
        if text.dfa.is_accepting(at) && (!self.counts || count >= text.min) {
            self.enter(state.block + 1, out);
        }
    }
}

/// The work of a search is too much.
pub(super) struct Exhausted;

/// How much work may still be done.
#[derive(Debug)]
pub(super) struct Budget(pub(super) u64);

impl Budget {
    fn step(&mut self) -> Result<(), Exhausted> {
        self.0 = self.0.checked_sub(1).ok_or(Exhausted)?;
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
    let found = search(left, right, false, budget)?;
    let is_bounded = left.texts().chain(right.texts()).any(Text::is_bounded);
    if found.is_some() && is_bounded {
        search(left, right, true, budget)
    } else {
        Ok(found)
    }
}

fn search(
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
    // The slash first: a witness is more readable with one than with an encoded one.
    let symbols: Vec<u16> = [SLASH]
        .into_iter()
        .chain(joint_bytes(&automata).into_iter().map(u16::from))
        .collect();
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
    let mut lists = (Vec::new(), Vec::new());
    left.enter(0, &mut lists.0);
    right.enter(0, &mut lists.1);
    // Pairs in the order in which they were reached: by which symbol, and from which pair.
    let mut reached: Vec<((State, State), u16, usize)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut add = |lists: &mut (Vec<State>, Vec<State>), symbol, from, reached: &mut Vec<_>| {
        for first in &lists.0 {
            reached.extend(
                lists
                    .1
                    .iter()
                    .map(|second| (*first, *second))
                    .filter(|pair| seen.insert(*pair))
                    .map(|pair| (pair, symbol, from)),
            );
        }
        lists.0.clear();
        lists.1.clear();
    };
    add(&mut lists, SLASH, 0, &mut reached);
    let begin = reached.len();
    let mut next = 0;
    while let Some(((first, second), ..)) = reached.get(next).copied() {
        if left.is_end(first) && right.is_end(second) {
            return Ok(Some(path(&reached, next, begin)));
        }
        let only = left.expected(first).or_else(|| right.expected(second));
        let tried = only.as_ref().map_or(&symbols[..], std::slice::from_ref);
        for symbol in tried {
            budget.step()?;
            left.step(first, *symbol, &mut lists.0);
            right.step(second, *symbol, &mut lists.1);
            add(&mut lists, *symbol, next, &mut reached);
        }
        next += 1;
    }
    Ok(None)
}

/// The path that leads to the pair `end`; the first `begin` pairs are where a search begins.
fn path(reached: &[((State, State), u16, usize)], mut end: usize, begin: usize) -> String {
    let mut symbols = Vec::new();
    while end >= begin {
        let (_, symbol, from) = reached[end];
        symbols.push(symbol);
        end = from;
    }
    let mut out = String::new();
    for symbol in symbols.into_iter().rev() {
        match u8::try_from(symbol).map(char::from) {
            Err(_) => out.push('/'),
            Ok(plain) if plain.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:@".contains(plain) => {
                out.push(plain);
            }
            Ok(_) => out.extend(format!("%{symbol:02X}").chars()),
        }
    }
    out
}
