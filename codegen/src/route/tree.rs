//! The table of routes as a trie over segments.
//!
//! Templates are read from the left as far as the parameter that spans segments; what is right of it
//! hangs on the node of that place, read from the right. A route whose last slash is optional has two
//! leaves. In a search each node is visited at most twice, so no path takes longer than the table is
//! large.

use std::collections::{BTreeMap, BTreeSet};

use super::value::Values;
use super::{proof, shape};
use crate::model::{Format, Route, RouteId, Segment};

/// The trie of a table.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Where a search begins, behind the first slash of a path.
    pub root: Node,
    /// What the formats accept.
    pub values: Values,
}

/// A place between two segments.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// By literal text.
    pub literals: BTreeMap<String, Node>,
    /// By parameters with text before or after them, those with more text first.
    pub affixes: Vec<Affix>,
    /// By any segment that is not empty.
    pub parameter: Option<Box<Node>>,
    /// What is right of a parameter that spans segments, read from the right.
    pub many: Option<Box<Node>>,
    /// Routes that end here. Right of a parameter that spans segments: it takes all that is left.
    pub leaves: Vec<Leaf>,
}

/// A child by a parameter with text around it.
#[derive(Clone, Debug)]
pub struct Affix {
    /// Text before it.
    pub before: String,
    /// Text after it.
    pub after: String,
    /// What follows.
    pub node: Node,
}

/// The end of a route.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The route.
    pub route: RouteId,
    /// Which of its spellings, where its last slash may be left out.
    pub variant: usize,
    /// Text before the parameter that spans segments.
    pub before: String,
    /// Text after it.
    pub after: String,
    /// The shape of a path does not decide: the values must be looked at.
    pub is_checked: bool,
}

impl Tree {
    /// The trie of `routes`.
    pub fn new(routes: &[Route], formats: &[Format]) -> Self {
        let mut root = Node::default();
        for (index, route) in routes.iter().enumerate() {
            for (variant, segments) in shape::variants(route).iter().enumerate() {
                root.insert(segments, Leaf::new(RouteId(index), variant));
            }
        }
        root.sort();
        let values = Values::of(formats);
        let mut ranks = BTreeMap::new();
        root.rank(&mut ranks);
        let contested = proof::contested(routes, &values, |first, second| {
            ranks.get(&first) < ranks.get(&second)
        })
        // To look at all values is never wrong.
        .unwrap_or_else(|_| (0..routes.len()).map(RouteId).collect());
        root.mark(&contested);
        Self { root, values }
    }
}

impl Leaf {
    fn new(route: RouteId, variant: usize) -> Self {
        Self {
            route,
            variant,
            before: String::new(),
            after: String::new(),
            is_checked: false,
        }
    }
}

impl Node {
    fn insert(&mut self, segments: &[Segment], leaf: Leaf) {
        match segments {
            [] => self.leaves.push(leaf),
            [Segment::Many { before, after, .. }, tail @ ..] => {
                let leaf = Leaf {
                    before: before.clone(),
                    after: after.clone(),
                    ..leaf
                };
                let tail: Vec<Segment> = tail.iter().rev().cloned().collect();
                self.many.get_or_insert_default().insert(&tail, leaf);
            }
            [segment, rest @ ..] => self.child(segment).insert(rest, leaf),
        }
    }

    fn child(&mut self, segment: &Segment) -> &mut Self {
        match segment {
            Segment::Literal(text) => self.literals.entry(text.clone()).or_default(),
            Segment::Parameter { before, after, .. } if !before.is_empty() || !after.is_empty() => {
                let known = self
                    .affixes
                    .iter()
                    .position(|affix| affix.before == *before && affix.after == *after);
                let index = known.unwrap_or(self.affixes.len());
                if known.is_none() {
                    self.affixes.push(Affix {
                        before: before.clone(),
                        after: after.clone(),
                        node: Self::default(),
                    });
                }
                &mut self.affixes[index].node
            }
            _ => self.parameter.get_or_insert_default(),
        }
    }

    /// More literal text goes first.
    fn sort(&mut self) {
        let text = |before: &str, after: &str| std::cmp::Reverse(before.len() + after.len());
        self.affixes.sort_by_cached_key(|affix| {
            (
                text(&affix.before, &affix.after),
                affix.before.clone(),
                affix.after.clone(),
            )
        });
        self.leaves
            .sort_by_key(|leaf| (text(&leaf.before, &leaf.after), leaf.route, leaf.variant));
        self.children_mut().for_each(Self::sort);
    }

    /// The children in the order in which a search visits them.
    fn children_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        let literals = self.literals.values_mut();
        let affixes = self.affixes.iter_mut().map(|affix| &mut affix.node);
        let others = self
            .parameter
            .as_deref_mut()
            .into_iter()
            .chain(self.many.as_deref_mut());
        literals.chain(affixes).chain(others)
    }

    /// Numbers the leaves in the order in which a search comes to them.
    fn rank(&mut self, ranks: &mut BTreeMap<(RouteId, usize), usize>) {
        self.children_mut().for_each(|child| child.rank(ranks));
        for leaf in &self.leaves {
            let rank = ranks.len();
            ranks.insert((leaf.route, leaf.variant), rank);
        }
    }

    fn mark(&mut self, contested: &BTreeSet<RouteId>) {
        for leaf in &mut self.leaves {
            leaf.is_checked = contested.contains(&leaf.route);
        }
        self.children_mut().for_each(|child| child.mark(contested));
    }
}
