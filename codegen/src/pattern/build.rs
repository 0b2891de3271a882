//! From a regular expression to the smallest automaton.
//!
//! regex-automata determinises; its table is then walked, minimised by Hopcroft's method and its bytes
//! are folded into classes. The result depends on the language of the pattern alone, so that it is the
//! same with every version of the crate. Hazard: determinising can explode; each step has a limit.

use std::collections::BTreeMap;

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::alphabet::Unit;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};

use super::{DEAD, Dfa, MAX_STATES, PatternError, START};

/// Most memory that a step of compiling one pattern may take, in bytes.
const MAX_COMPILE: usize = 4 << 20;

/// Most states before minimising.
const MAX_RAW_STATES: usize = 4 * MAX_STATES;

/// All bytes.
pub(super) const BYTES: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut byte = 0_u8;
    while byte < u8::MAX {
        byte += 1;
        bytes[byte as usize] = byte;
    }
    bytes
};

/// Most entries of a finished transition table.
const MAX_TABLE: usize = 1 << 18;

/// An automaton that is not yet minimal: for each state a row with the next state of each class of bytes.
/// State 0 is dead, state 1 the start. Classes are numbered in the order of their first bytes.
pub(super) struct Raw {
    pub(super) classes: [u8; 256],
    pub(super) rows: Vec<Vec<u32>>,
    pub(super) accepting: Vec<bool>,
}

/// Parses and determinises `pattern`.
pub(super) fn determinize(pattern: &str) -> Result<dense::DFA<Vec<u32>>, PatternError> {
    let config = syntax::Config::new().nest_limit(100);
    let hir = syntax::parse_with(pattern, &config)
        .map_err(|error| PatternError::Syntax(last_line(&error.to_string())))?;
    let nfa = thompson::Compiler::new()
        .configure(
            thompson::Config::new()
                .nfa_size_limit(Some(MAX_COMPILE))
                .which_captures(thompson::WhichCaptures::None),
        )
        .build_from_hir(&hir)
        .map_err(|error| {
            if error.size_limit().is_some() {
                PatternError::TooLarge
            } else {
                PatternError::Syntax(error.to_string())
            }
        })?;
    let config = dense::Config::new()
        .start_kind(StartKind::Anchored)
        // All ways to match are kept: a shorter one must not end the search for the end of the text.
        .match_kind(regex_automata::MatchKind::All)
        .accelerate(false)
        .dfa_size_limit(Some(MAX_COMPILE))
        .determinize_size_limit(Some(MAX_COMPILE));
    dense::Builder::new()
        .configure(config)
        .build_from_nfa(&nfa)
        .map_err(|error| {
            let text = error.to_string();
            if text.contains("word boundar") {
                PatternError::Syntax(
                    "a Unicode word boundary has no automaton; write `(?-u:\\b)`".to_owned(),
                )
            } else {
                PatternError::TooLarge
            }
        })
}

/// The line of a parser's message that says what is wrong, without its picture.
fn last_line(message: &str) -> String {
    let line = message.lines().last().unwrap_or(message).trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// Walks a dense automaton from its start, so that only what a text can reach is kept.
pub(super) fn explore(dense: &dense::DFA<Vec<u32>>) -> Result<Raw, PatternError> {
    let config = start::Config::new().anchored(Anchored::Yes);
    let first = dense
        .start_state(&config)
        .map_err(|error| PatternError::Syntax(error.to_string()))?;
    let classes = dense.byte_classes();
    let all = classes.representatives(0..=u8::MAX);
    let bytes: Vec<u8> = all.filter_map(Unit::as_u8).collect();
    let mut walk = Walk {
        dense,
        ids: BTreeMap::new(),
        order: Vec::new(),
        // The dead state and the start, whose row is yet to be filled.
        raw: Raw {
            classes: BYTES.map(|byte| classes.get(byte)),
            rows: vec![vec![u32::from(DEAD); bytes.len()]; 2],
            accepting: vec![false; 2],
        },
        bytes,
    };
    walk.id(first)?;
    let mut next = 0;
    while let Some(state) = walk.order.get(next).copied() {
        next += 1;
        walk.fill(state, next)?;
    }
    Ok(walk.raw)
}

/// A walk over a dense automaton.
struct Walk<'d> {
    dense: &'d dense::DFA<Vec<u32>>,
    /// One byte of each class.
    bytes: Vec<u8>,
    ids: BTreeMap<StateID, u32>,
    order: Vec<StateID>,
    raw: Raw,
}

impl Walk<'_> {
    /// The number of a state; new ones wait in `order`.
    fn id(&mut self, state: StateID) -> Result<u32, PatternError> {
        if self.dense.is_dead_state(state) {
            return Ok(u32::from(DEAD));
        }
        if self.dense.is_quit_state(state) {
            return Err(PatternError::Syntax(
                "the pattern needs what automata do not have".to_owned(),
            ));
        }
        if let Some(id) = self.ids.get(&state) {
            return Ok(*id);
        }
        self.order.push(state);
        let id = u32::try_from(self.order.len()).map_err(|_| PatternError::TooLarge)?;
        self.ids.insert(state, id);
        if self.order.len() > 1 {
            self.raw.push()?;
        }
        Ok(id)
    }

    /// The row of the state whose number is `id`.
    fn fill(&mut self, state: StateID, id: usize) -> Result<(), PatternError> {
        let end = self.dense.next_eoi_state(state);
        self.raw.accepting[id] = self.dense.is_match_state(end);
        for class in 0..self.bytes.len() {
            let next = self.dense.next_state(state, self.bytes[class]);
            self.raw.rows[id][class] = self.id(next)?;
        }
        Ok(())
    }
}

impl Raw {
    /// A new state without transitions.
    fn push(&mut self) -> Result<(), PatternError> {
        if self.rows.len() >= MAX_RAW_STATES {
            return Err(PatternError::TooLarge);
        }
        let dead = self.rows[usize::from(DEAD)].clone();
        self.rows.push(dead);
        self.accepting.push(false);
        Ok(())
    }

    /// Minimises, numbers the states in the order in which texts reach them, and folds bytes.
    pub(super) fn finish(self) -> Result<Dfa, PatternError> {
        let (states, classes) = (self.rows.len(), self.rows[usize::from(DEAD)].len());
        let (folded, columns) = fold(states, classes, |state, class| self.rows[state][class]);
        let next = |state: usize, class: usize| self.rows[state][columns[class]] as usize;
        let blocks = Partition::of(&self.accepting, columns.len(), &next);
        let mut order = vec![
            blocks.of_state[usize::from(DEAD)],
            blocks.of_state[usize::from(START)],
        ];
        let mut number = BTreeMap::from([(order[0], 0_u16)]);
        number.entry(order[1]).or_insert(START);
        let mut at = 1;
        let mut transitions = vec![0; columns.len()];
        while at < order.len() {
            let state = blocks.member(order[at]);
            for class in 0..columns.len() {
                let block = blocks.of_state[next(state, class)];
                let id = if let Some(id) = number.get(&block) {
                    *id
                } else {
                    let id = u16::try_from(order.len()).map_err(|_| PatternError::TooLarge)?;
                    number.insert(block, id);
                    order.push(block);
                    id
                };
                transitions.push(id);
            }
            at += 1;
        }
        if order.len() > MAX_STATES {
            return Err(PatternError::TooLarge);
        }
        let accepting = order
            .iter()
            .map(|block| self.accepting[blocks.member(*block)])
            .collect();
        let classes = self.classes.map(|class| folded[usize::from(class)]);
        refold(&classes, columns.len(), &transitions, accepting)
    }
}

/// Folds once more: minimising has made more bytes equal.
fn refold(
    classes: &[usize; 256],
    count: usize,
    transitions: &[u16],
    accepting: Vec<bool>,
) -> Result<Dfa, PatternError> {
    let (folded, columns) = fold(accepting.len(), count, |state, class| {
        u32::from(transitions[state * count + class])
    });
    if columns.len() * accepting.len() > MAX_TABLE {
        return Err(PatternError::TooLarge);
    }
    let table = (0..accepting.len())
        .flat_map(|state| columns.iter().map(move |class| (state, *class)))
        .map(|(state, class)| transitions[state * count + class])
        .collect();
    let class =
        |class: usize| u8::try_from(folded[class]).expect("256 bytes have at most 256 classes");
    Ok(Dfa {
        classes: Box::new(classes.map(class)),
        class_count: columns.len(),
        transitions: table,
        accepting,
    })
}

/// For each class the one that it becomes where those that lead to the same state from each state are one,
/// and for each new class an old one of it.
fn fold(
    states: usize,
    classes: usize,
    next: impl Fn(usize, usize) -> u32,
) -> (Vec<usize>, Vec<usize>) {
    let mut seen: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
    let mut columns = Vec::new();
    let folded = (0..classes).map(|class| {
        let column = (0..states).map(|state| next(state, class)).collect();
        *seen.entry(column).or_insert_with(|| {
            columns.push(class);
            columns.len() - 1
        })
    });
    (folded.collect(), columns)
}

/// States by what may follow them: Hopcroft's partition refinement over arrays, a block being a range
/// of `elements` whose first `marked` ones are to be split off.
struct Partition {
    elements: Vec<usize>,
    position: Vec<usize>,
    of_state: Vec<usize>,
    ranges: Vec<(usize, usize)>,
    marked: Vec<usize>,
}

impl Partition {
    fn of(accepting: &[bool], classes: usize, next: &impl Fn(usize, usize) -> usize) -> Self {
        let mut partition = Self::by_acceptance(accepting);
        let before = predecessors(accepting.len(), classes, next);
        let mut work: Vec<(usize, usize)> = (0..partition.ranges.len())
            .flat_map(|block| (0..classes).map(move |class| (block, class)))
            .collect();
        let mut waiting = vec![true; work.len()];
        while let Some((splitter, class)) = work.pop() {
            waiting[splitter * classes + class] = false;
            let (from, to) = partition.ranges[splitter];
            let reached: Vec<usize> = partition.elements[from..to]
                .iter()
                .flat_map(|state| &before[class][*state])
                .copied()
                .collect();
            for (old, new) in partition.split(&reached) {
                waiting.resize(partition.ranges.len() * classes, false);
                for class in 0..classes {
                    let smaller = if partition.size(old) < partition.size(new) {
                        old
                    } else {
                        new
                    };
                    let block = if waiting[old * classes + class] {
                        new
                    } else {
                        smaller
                    };
                    waiting[block * classes + class] = true;
                    work.push((block, class));
                }
            }
        }
        partition
    }

    /// Accepting states and others.
    fn by_acceptance(accepting: &[bool]) -> Self {
        let mut elements: Vec<usize> = (0..accepting.len()).collect();
        elements.sort_by_key(|state| accepting[*state]);
        let others = accepting.iter().filter(|accepting| !**accepting).count();
        let mut position = vec![0; elements.len()];
        for (index, state) in elements.iter().enumerate() {
            position[*state] = index;
        }
        let of_state = accepting
            .iter()
            .map(|accepting| usize::from(*accepting && others > 0))
            .collect();
        let ranges: Vec<_> = [(0, others), (others, elements.len())]
            .into_iter()
            .filter(|(from, to)| from < to)
            .collect();
        let marked = vec![0; ranges.len()];
        Self {
            elements,
            position,
            of_state,
            ranges,
            marked,
        }
    }

    fn size(&self, block: usize) -> usize {
        self.ranges[block].1 - self.ranges[block].0
    }

    fn member(&self, block: usize) -> usize {
        self.elements[self.ranges[block].0]
    }

    /// Splits every block that `states` cut in two; yields the old and the new block of each.
    fn split(&mut self, states: &[usize]) -> Vec<(usize, usize)> {
        let mut touched = Vec::new();
        for state in states {
            let block = self.of_state[*state];
            let target = self.ranges[block].0 + self.marked[block];
            let position = self.position[*state];
            if position < target {
                continue;
            }
            if self.marked[block] == 0 {
                touched.push(block);
            }
            let other = self.elements[target];
            self.elements.swap(target, position);
            self.position[other] = position;
            self.position[*state] = target;
            self.marked[block] += 1;
        }
        let mut out = Vec::new();
        for block in touched {
            let count = std::mem::take(&mut self.marked[block]);
            let (from, to) = self.ranges[block];
            if from + count == to {
                continue;
            }
            let new = self.ranges.len();
            self.ranges[block] = (from + count, to);
            self.ranges.push((from, from + count));
            self.marked.push(0);
            for state in &self.elements[from..from + count] {
                self.of_state[*state] = new;
            }
            out.push((block, new));
        }
        out
    }
}

/// For each class and state, the states from which the class leads there.
fn predecessors(
    states: usize,
    classes: usize,
    next: &impl Fn(usize, usize) -> usize,
) -> Vec<Vec<Vec<usize>>> {
    let mut before = vec![vec![Vec::new(); states]; classes];
    for (class, lists) in before.iter_mut().enumerate() {
        for state in 0..states {
            lists[next(state, class)].push(state);
        }
    }
    before
}
