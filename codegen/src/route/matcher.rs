//! The search for the route of a path, as the rules say it and not as fast as it could be.
//!
//! The generated server searches in the same trie without allocating (`api_runtime::find`). Tests hold
//! the two against each other and both against regular expressions.

use super::tree::{Leaf, Node, Tree};
use super::value::Values;
use crate::model::{Route, RouteId, Segment};

/// The route of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The route.
    pub route: RouteId,
    /// The decoded values of its parameters, in the order of the template.
    pub values: Vec<Vec<u8>>,
}

/// Finds the route of a path without query. Of several routes whose shape it has, the first whose
/// formats accept its values, else the first.
pub fn find(tree: &Tree, routes: &[Route], path: &str) -> Option<Match> {
    // The empty path is what is left where an API is mounted under a prefix.
    let segments: Vec<Vec<u8>> = match path {
        "" => Vec::new(),
        _ => path.strip_prefix('/')?.split('/').map(decode).collect(),
    };
    let mut candidates = Candidates {
        found: Vec::new(),
        values: Vec::new(),
    };
    candidates.forward(&tree.root, &segments);
    let mut found = candidates.found;
    let is_valid = |found: &Match| {
        routes
            .get(found.route.0)
            .is_some_and(|route| accepts(route, &tree.values, &found.values))
    };
    let chosen = found.iter().position(is_valid).unwrap_or(0);
    (chosen < found.len()).then(|| found.swap_remove(chosen))
}

/// Whether the formats of `route` accept the values of its parameters.
fn accepts(route: &Route, known: &Values, values: &[Vec<u8>]) -> bool {
    let formats = route.segments.iter().filter_map(|segment| match segment {
        Segment::Literal(_) => None,
        Segment::Parameter { format, .. } => Some(*format),
        Segment::Many { format, .. } => Some(Some(*format)),
    });
    formats
        .zip(values)
        .all(|(format, value)| known.get(format).iter().any(|text| text.accepts(value)))
}

/// All routes whose shape a path has, the most literal first.
struct Candidates<'p> {
    found: Vec<Match>,
    values: Vec<&'p [u8]>,
}

impl<'p> Candidates<'p> {
    fn forward(&mut self, node: &Node, segments: &'p [Vec<u8>]) {
        let Some((segment, rest)) = segments.split_first() else {
            for leaf in &node.leaves {
                self.found.push(Match {
                    route: leaf.route,
                    values: self.values.iter().map(|value| value.to_vec()).collect(),
                });
            }
            return;
        };
        self.each_child(node, segment, |search, child| search.forward(child, rest));
        if let Some(tail) = &node.many {
            let fixed = self.values.len();
            self.backward(tail, segments, fixed);
        }
    }

    /// `fixed` values are left of the parameter that spans segments.
    fn backward(&mut self, node: &Node, segments: &'p [Vec<u8>], fixed: usize) {
        if let Some((segment, rest)) = segments.split_last()
            && !rest.is_empty()
        {
            self.each_child(node, segment, |search, child| {
                search.backward(child, rest, fixed);
            });
        }
        let joined = segments.join(&b'/');
        for leaf in &node.leaves {
            self.found.extend(
                strip(&joined, &leaf.before, &leaf.after).map(|many| self.with(leaf, many, fixed)),
            );
        }
    }

    fn with(&self, leaf: &Leaf, many: &[u8], fixed: usize) -> Match {
        let (left, right) = self.values.split_at(fixed);
        let values = left
            .iter()
            .copied()
            .chain([many])
            .chain(right.iter().rev().copied());
        Match {
            route: leaf.route,
            values: values.map(<[u8]>::to_vec).collect(),
        }
    }

    fn each_child(
        &mut self,
        node: &Node,
        segment: &'p [u8],
        mut visit: impl FnMut(&mut Self, &Node),
    ) {
        let literal = node
            .literals
            .iter()
            .find(|(text, _)| text.as_bytes() == segment);
        if let Some((_, child)) = literal {
            visit(self, child);
        }
        let affixes = node
            .affixes
            .iter()
            .map(|affix| (strip(segment, &affix.before, &affix.after), &affix.node));
        let parameter = node
            .parameter
            .iter()
            .map(|child| (strip(segment, "", ""), &**child));
        for (value, child) in affixes.chain(parameter) {
            if let Some(value) = value {
                self.values.push(value);
                visit(self, child);
                self.values.pop();
            }
        }
    }
}

/// What is between two texts, where it is not empty.
fn strip<'p>(segment: &'p [u8], before: &str, after: &str) -> Option<&'p [u8]> {
    let value = segment
        .strip_prefix(before.as_bytes())?
        .strip_suffix(after.as_bytes())?;
    (!value.is_empty()).then_some(value)
}

/// Undoes percent-encoding; a `%` without two hexadecimal digits stands for itself.
fn decode(segment: &str) -> Vec<u8> {
    let bytes = segment.as_bytes();
    let digit = |at: usize| {
        bytes
            .get(at)
            .and_then(|byte| char::from(*byte).to_digit(16))
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = if *byte == b'%' {
            digit(at + 1).zip(digit(at + 2))
        } else {
            None
        };
        let code = code.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        out.push(code.unwrap_or(*byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    out
}
