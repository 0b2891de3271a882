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
#[derive(Debug, Default)]
pub(super) struct Meetings {
    /// Each pair once, the smaller id first. All of them, unless the search was given up.
    pub(super) pairs: BTreeSet<(RouteId, RouteId)>,
    /// The search was given up: the table has too many pairs.
    pub(super) is_cut: bool,
    /// How much was looked at.
    pub(super) steps: u64,
}

/// Finds the pairs of `routes` that meet.
pub(super) fn meetings<'r>(routes: impl IntoIterator<Item = (RouteId, &'r Route)>) -> Meetings {
    let mut trie = Trie::default();
    for (id, route) in routes {
        for segments in variants(route) {
            trie.insert(id, &parts(&segments));
        }
    }
    let mut search = Search::default();
    search.join(&trie, &trie);
    search.found
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

    /// Everything below this node, as lists of parts read from the right.
    fn reversed(&self) -> Self {
        let mut out = Self::default();
        let mut prefix = Vec::new();
        self.collect(&mut prefix, &mut out);
        out
    }

    fn collect(&self, prefix: &mut Vec<Part>, out: &mut Self) {
        for route in &self.leaves {
            let parts: Vec<Part> = prefix.iter().rev().cloned().collect();
            out.insert(*route, &parts);
        }
        for (route, rest) in &self.many {
            let mut parts: Vec<Part> = rest.iter().rev().cloned().collect();
            parts.push(Part::Many);
            out.insert(*route, &parts);
        }
        for (text, child) in &self.literals {
            prefix.push(Part::Literal(text.clone()));
            child.collect(prefix, out);
            prefix.pop();
        }
        for (part, child) in &self.others {
            prefix.push(part.clone());
            child.collect(prefix, out);
            prefix.pop();
        }
    }
}

/// The walk of two tries side by side.
#[derive(Debug, Default)]
struct Search {
    found: Meetings,
    /// Segments are read from the right: a part that spans segments ends the walk.
    is_reversed: bool,
}

impl Search {
    /// Counts; false once it is too much.
    fn step(&mut self) -> bool {
        self.found.steps += 1;
        self.found.is_cut |= self.found.steps > MAX_STEPS;
        !self.found.is_cut
    }

    fn pair(&mut self, left: RouteId, right: RouteId) {
        if left != right && self.step() {
            self.found.pairs.insert((left.min(right), left.max(right)));
            self.found.is_cut |= self.found.pairs.len() > MAX_PAIRS;
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
                if self.found.is_cut {
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
        for (part, child) in &left.others {
            for (other_part, other) in &right.others {
                // A pair of two different children of one node comes up twice.
                if part.meets(other_part) && (!is_same || part <= other_part) {
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
        let others = right.reversed();
        let mut search = Self {
            found: std::mem::take(&mut self.found),
            is_reversed: true,
        };
        search.join(&tails, &others);
        self.found = search.found;
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
