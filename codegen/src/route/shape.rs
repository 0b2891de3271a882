//! Shapes: what is left of a template when formats are forgotten, and which of them can meet.
//!
//! Two routes *meet* if some path has the shape of both. Only those pairs need a proof, and only their
//! leaves are contested. The search for pairs is a walk of the trie against itself, so that its cost
//! follows the size of the table and the pairs that it finds, not the square of the table.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Route, RouteId, Segment};

/// Most steps of a search for pairs. A table of ten thousand routes that differ in their literal text
/// takes a hundredth of it.
const MAX_STEPS: u64 = 1 << 22;

/// Most pairs that are kept.
const MAX_PAIRS: usize = 1 << 18;

/// A segment of a shape.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// This text.
    Literal(String),
    /// A parameter with text before it or after it.
    Affix(String, String),
    /// A parameter.
    Parameter,
    /// One or more segments, whatever text is before and after it.
    Many,
}

impl Part {
    fn of(segment: &Segment) -> Self {
        match segment {
            Segment::Literal(text) => Self::Literal(text.clone()),
            Segment::Parameter { before, after, .. } if before.is_empty() && after.is_empty() => {
                Self::Parameter
            }
            Segment::Parameter { before, after, .. } => Self::Affix(before.clone(), after.clone()),
            Segment::Many { .. } => Self::Many,
        }
    }

    /// Whether some segment has both shapes. Never used for parts that span segments.
    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Literal(left), Self::Literal(right)) => left == right,
            (Self::Literal(text), Self::Affix(before, after))
            | (Self::Affix(before, after), Self::Literal(text)) => {
                text.len() > before.len() + after.len()
                    && text.starts_with(before)
                    && text.ends_with(after)
            }
            (Self::Affix(before, after), Self::Affix(other_before, other_after)) => {
                (before.starts_with(other_before) || other_before.starts_with(before))
                    && (after.ends_with(other_after) || other_after.ends_with(after))
            }
            (Self::Literal(text), _) | (_, Self::Literal(text)) => !text.is_empty(),
            _ => true,
        }
    }
}

/// The segments of the paths that `route` takes: two lists where its last slash may be left out. So it
/// may for the empty path, which HTTP writes as a slash where nothing stands before it.
pub(super) fn variants(route: &Route) -> Vec<Vec<Segment>> {
    let written = route.segments.clone();
    let mut other = written.clone();
    let last = Segment::Literal(String::new());
    if other.last() == Some(&last) {
        other.pop();
    } else {
        other.push(last);
    }
    if written.is_empty() {
        vec![other, written]
    } else if route.slash_optional {
        vec![written, other]
    } else {
        vec![written]
    }
}

/// The shapes of a list of segments.
pub(super) fn parts(segments: &[Segment]) -> Vec<Part> {
    segments.iter().map(Part::of).collect()
}

/// The pairs of routes that meet.
#[derive(Debug)]
pub(super) struct Meetings {
    /// Each pair once, the smaller id first. All of them, unless the search was given up.
    pub(super) pairs: BTreeSet<(RouteId, RouteId)>,
    /// The search was given up: the table has too many pairs.
    pub(super) is_cut: bool,
}

/// Finds the pairs of `routes` that meet.
pub(super) fn meetings<'r>(routes: impl IntoIterator<Item = (RouteId, &'r Route)>) -> Meetings {
    let mut trie = Trie::default();
    for (id, route) in routes {
        for segments in variants(route) {
            trie.insert(id, &parts(&segments));
        }
    }
    let mut search = Search {
        pairs: BTreeSet::new(),
        steps: MAX_STEPS,
        is_reversed: false,
    };
    search.join(&trie, &trie);
    Meetings {
        is_cut: search.is_over(),
        pairs: search.pairs,
    }
}

/// A trie over the parts of shapes. What is behind a part that spans segments is kept as a list.
#[derive(Debug, Default)]
struct Trie {
    literals: BTreeMap<String, Trie>,
    others: BTreeMap<Part, Trie>,
    leaves: Vec<RouteId>,
    many: Vec<(RouteId, Vec<Part>)>,
}

impl Trie {
    fn insert(&mut self, route: RouteId, parts: &[Part]) {
        match parts {
            [] => self.leaves.push(route),
            [Part::Many, rest @ ..] => self.many.push((route, rest.to_vec())),
            [Part::Literal(text), rest @ ..] => {
                self.literals
                    .entry(text.clone())
                    .or_default()
                    .insert(route, rest);
            }
            [part, rest @ ..] => self
                .others
                .entry(part.clone())
                .or_default()
                .insert(route, rest),
        }
    }

    fn children(&self) -> impl Iterator<Item = &Self> {
        self.literals.values().chain(self.others.values())
    }

    /// Everything below this node, as lists of parts read from the right, as far as `steps` last.
    fn reversed(&self, steps: &mut u64) -> Self {
        let mut out = Self::default();
        self.collect(&mut Vec::new(), &mut out, steps);
        out
    }

    fn collect(&self, prefix: &mut Vec<Part>, out: &mut Self, steps: &mut u64) {
        for route in &self.leaves {
            out.insert(*route, &reversed(prefix, steps));
        }
        for (route, rest) in &self.many {
            let mut parts = reversed(rest, steps);
            parts.push(Part::Many);
            out.insert(*route, &parts);
        }
        let literals = self
            .literals
            .iter()
            .map(|(text, child)| (Part::Literal(text.clone()), child));
        let others = self
            .others
            .iter()
            .map(|(part, child)| (part.clone(), child));
        for (part, child) in literals.chain(others) {
            if *steps == 0 {
                return;
            }
            prefix.push(part);
            child.collect(prefix, out, steps);
            prefix.pop();
        }
    }
}

fn reversed(parts: &[Part], steps: &mut u64) -> Vec<Part> {
    *steps = steps.saturating_sub(1 + parts.len() as u64);
    parts.iter().rev().cloned().collect()
}

/// The walk of two tries side by side.
#[derive(Debug)]
struct Search {
    pairs: BTreeSet<(RouteId, RouteId)>,
    /// How many steps it may still take.
    steps: u64,
    /// Segments are read from the right: a part that spans segments ends the walk.
    is_reversed: bool,
}

impl Search {
    fn is_over(&self) -> bool {
        self.steps == 0
    }

    /// Counts; false once it is too much.
    fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        !self.is_over()
    }

    fn pair(&mut self, left: RouteId, right: RouteId) {
        if left != right && self.step() {
            self.pairs.insert((left.min(right), left.max(right)));
            if self.pairs.len() >= MAX_PAIRS {
                self.steps = 0;
            }
        }
    }

    fn join(&mut self, left: &Trie, right: &Trie) {
        if !self.step() {
            return;
        }
        let is_same = std::ptr::eq(left, right);
        for (index, first) in left.leaves.iter().enumerate() {
            let rest = if is_same {
                &right.leaves[index + 1..]
            } else {
                &right.leaves
            };
            for second in rest {
                self.pair(*first, *second);
                if self.is_over() {
                    return;
                }
            }
        }
        self.many(left, right);
        if !is_same {
            self.many(right, left);
        }
        self.children(left, right, is_same);
    }

    fn children(&mut self, left: &Trie, right: &Trie, is_same: bool) {
        let (small, large) = if left.literals.len() <= right.literals.len() {
            (left, right)
        } else {
            (right, left)
        };
        for (text, child) in &small.literals {
            if let Some(other) = large.literals.get(text) {
                self.join(child, other);
            }
        }
        for (index, (part, child)) in left.others.iter().enumerate() {
            // A pair of two different children of one node would come up twice.
            let seen = if is_same { index } else { 0 };
            for (other_part, other) in right.others.iter().skip(seen) {
                if !self.step() {
                    return;
                }
                if part.meets(other_part) {
                    self.join(child, other);
                }
            }
        }
        self.literals(left, right);
        if !is_same {
            self.literals(right, left);
        }
    }

    /// Literals of one side against parameters of the other.
    fn literals(&mut self, left: &Trie, right: &Trie) {
        for (part, other) in &right.others {
            for (text, child) in &left.literals {
                if !self.step() {
                    return;
                }
                if part.meets(&Part::Literal(text.clone())) {
                    self.join(child, other);
                }
            }
        }
    }

    /// What spans segments on the left against everything on the right.
    fn many(&mut self, left: &Trie, right: &Trie) {
        if left.many.is_empty() {
            return;
        }
        if self.is_reversed {
            for (route, _) in &left.many {
                self.below(*route, right, true);
            }
            return;
        }
        let mut tails = Trie::default();
        for (route, rest) in &left.many {
            let mut parts: Vec<Part> = rest.iter().rev().cloned().collect();
            parts.push(Part::Many);
            tails.insert(*route, &parts);
        }
        let others = right.reversed(&mut self.steps);
        self.is_reversed = true;
        self.join(&tails, &others);
        self.is_reversed = false;
    }

    /// A part that spans segments takes whatever is left, at least one segment.
    fn below(&mut self, route: RouteId, node: &Trie, is_top: bool) {
        if !self.step() {
            return;
        }
        for (other, _) in &node.many {
            self.pair(route, *other);
        }
        if !is_top {
            for other in &node.leaves {
                self.pair(route, *other);
            }
        }
        for child in node.children() {
            self.below(route, child, false);
        }
    }
}
