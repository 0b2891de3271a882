//! The search itself, in parts of the path that each begin with a slash.
//!
//! It takes segments from the left ([`Left`]) and, where a parameter spans segments, from the right
//! ([`Right`]). A literal is compared with as much of the path as it has itself: the next slash is looked for
//! only where a parameter may be. The last way on from a node is taken in a loop: only where a search may have
//! to come back there is recursion, no deeper than the table.

use memchr::{memchr, memrchr};

use super::{Captures, Leaf, Literals, MAX_CAPTURES, Node, encoded};

/// So many texts are looked through rather than halved.
const FEW: usize = 6;

/// A search on its way. Its methods yield the route once it is found, whose values are then the captures.
///
/// They are told how many values have been found (`count`): so there is nothing to undo where a way leads
/// nowhere.
pub(super) struct Search<'p> {
    captures: Captures<'p>,
    is_encoded: bool,
    /// Whether routes are taken that do not accept their values.
    takes_any: bool,
    /// Whether a route has not accepted its values.
    has_refused: bool,
}

/// What came of a segment.
enum Step<'p> {
    Found(usize),
    /// The only way on: its node, what is left of the path, and how many values have been found.
    On(&'static Node, &'p [u8], usize),
    Nowhere,
}

impl<'p> Search<'p> {
    pub(super) fn new(path: &'p str) -> Self {
        Self {
            captures: Captures::none(path),
            is_encoded: has_percent(path.as_bytes()),
            takes_any: false,
            has_refused: false,
        }
    }

    /// Finds the first route that accepts its values, else the first.
    pub(super) fn run(mut self, table: &'static Node) -> Option<(usize, Captures<'p>)> {
        let path = self.captures.path.as_bytes();
        let mut found = self.forward(table, path, 0);
        if found.is_none() && self.has_refused {
            self.takes_any = true;
            found = self.forward(table, path, 0);
        }
        Some((found?, self.captures))
    }

    /// Reads from the left.
    fn forward(
        &mut self,
        mut node: &'static Node,
        mut rest: &'p [u8],
        mut count: usize,
    ) -> Option<usize> {
        while !rest.is_empty() {
            match self.children::<Left>(node, rest, count, node.many.is_some()) {
                Step::Found(route) => return Some(route),
                Step::On(child, left, more) => (node, rest, count) = (child, left, more),
                Step::Nowhere => {
                    self.captures.left = count;
                    return self.backward(node.many?, rest, count);
                }
            }
        }
        self.captures.left = count;
        node.leaves.iter().find_map(|leaf| self.take(leaf, count))
    }

    /// Reads from the right. What is left in the end is the value of the parameter that spans segments.
    fn backward(
        &mut self,
        mut node: &'static Node,
        mut rest: &'p [u8],
        mut count: usize,
    ) -> Option<usize> {
        loop {
            match self.children::<Right>(node, rest, count, !node.leaves.is_empty()) {
                Step::Found(route) => return Some(route),
                Step::On(child, left, more) => (node, rest, count) = (child, left, more),
                Step::Nowhere => break,
            }
        }
        let many = rest.get(1..)?;
        node.leaves.iter().find_map(|leaf| {
            let value = self.between(many, leaf.before, leaf.after)?;
            self.captures.put(count, value);
            self.take(leaf, count + 1)
        })
    }

    /// Goes on with each child that takes the next segment. The last of them is left to the caller, unless
    /// the node `has_more` than its children.
    fn children<S: Side>(
        &mut self,
        node: &'static Node,
        rest: &'p [u8],
        count: usize,
        has_more: bool,
    ) -> Step<'p> {
        if let Some((child, left)) = self.literal::<S>(node.literals, rest) {
            if !has_more && !node.has_parameters() {
                return Step::On(child, left, count);
            }
            if let Some(route) = S::go_on(self, child, left, count) {
                return Step::Found(route);
            }
        }
        if node.has_parameters() {
            self.parameters::<S>(node, rest, count, has_more)
        } else {
            Step::Nowhere
        }
    }

    /// As [`children`](Self::children), for those behind a parameter.
    fn parameters<S: Side>(
        &mut self,
        node: &'static Node,
        rest: &'p [u8],
        count: usize,
        has_more: bool,
    ) -> Step<'p> {
        let Some((segment, left)) = next::<S>(rest) else {
            return Step::Nowhere;
        };
        for (before, after, child) in node.affixes {
            if let Some(value) = self.between(segment, before, after) {
                self.captures.put(count, value);
                if let Some(route) = S::go_on(self, child, left, count + 1) {
                    return Step::Found(route);
                }
            }
        }
        let Some(child) = node.parameter.filter(|_| !segment.is_empty()) else {
            return Step::Nowhere;
        };
        self.captures.put(count, segment);
        if !has_more {
            return Step::On(child, left, count + 1);
        }
        S::go_on(self, child, left, count + 1).map_or(Step::Nowhere, Step::Found)
    }

    /// The child by the literal text that the next segment is, and what is left of the path.
    fn literal<S: Side>(
        &self,
        literals: Literals,
        rest: &'p [u8],
    ) -> Option<(&'static Node, &'p [u8])> {
        if self.is_encoded
            && !literals.is_empty()
            && let Some((segment, left)) = next_encoded::<S>(rest)
        {
            return Some((encoded::literal(literals, segment)?, left));
        }
        if literals.len() > FEW {
            return literal_of_many::<S>(literals, rest);
        }
        // Most of few are too long or too short, and one byte tells.
        literals.iter().find_map(|(text, child)| {
            let (segment, left) = S::cut(rest, text.len())?;
            is_same(segment, text.as_bytes()).then_some((child, left))
        })
    }

    /// What `text` has between two texts, where that is something.
    fn between(&self, text: &'p [u8], before: &str, after: &str) -> Option<&'p [u8]> {
        let value = if before.is_empty() && after.is_empty() {
            text
        } else if self.is_encoded {
            encoded::between(text, before, after)?
        } else {
            text.strip_prefix(before.as_bytes())?
                .strip_suffix(after.as_bytes())?
        };
        (!value.is_empty()).then_some(value)
    }

    /// Takes a route, unless it does not accept its values.
    fn take(&mut self, leaf: &'static Leaf, count: usize) -> Option<usize> {
        if count > MAX_CAPTURES {
            return None;
        }
        self.captures.len = count;
        if leaf.checks.is_empty() || self.takes_any || leaf.accepts(&self.captures) {
            return Some(leaf.route);
        }
        self.has_refused = true;
        None
    }
}

/// The side of a path from which segments are taken.
trait Side {
    /// Cuts off the next segment if it has `len` bytes: it and what is left.
    fn cut(rest: &[u8], len: usize) -> Option<(&[u8], &[u8])>;

    /// How long the next segment is.
    fn len(rest: &[u8]) -> Option<usize>;

    fn go_on<'p>(
        search: &mut Search<'p>,
        node: &'static Node,
        rest: &'p [u8],
        count: usize,
    ) -> Option<usize>;
}

struct Left;

impl Side for Left {
    fn cut(rest: &[u8], len: usize) -> Option<(&[u8], &[u8])> {
        let (segment, behind) = rest.get(1..)?.split_at_checked(len)?;
        let is_whole = behind.first().is_none_or(|byte| *byte == b'/');
        is_whole.then_some((segment, behind))
    }

    fn len(rest: &[u8]) -> Option<usize> {
        let behind = rest.get(1..)?;
        Some(memchr(b'/', behind).unwrap_or(behind.len()))
    }

    fn go_on<'p>(
        search: &mut Search<'p>,
        node: &'static Node,
        rest: &'p [u8],
        count: usize,
    ) -> Option<usize> {
        search.forward(node, rest, count)
    }
}

struct Right;

impl Side for Right {
    fn cut(rest: &[u8], len: usize) -> Option<(&[u8], &[u8])> {
        let (before, segment) = rest.split_at_checked(rest.len().checked_sub(len)?)?;
        Some((segment, before.strip_suffix(b"/")?))
    }

    fn len(rest: &[u8]) -> Option<usize> {
        Some(rest.len() - memrchr(b'/', rest)? - 1)
    }

    fn go_on<'p>(
        search: &mut Search<'p>,
        node: &'static Node,
        rest: &'p [u8],
        count: usize,
    ) -> Option<usize> {
        search.backward(node, rest, count)
    }
}

/// The next segment, and what is left.
fn next<S: Side>(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    S::cut(rest, S::len(rest)?)
}

/// As [`next`], if the segment may be percent-encoded.
#[cold]
fn next_encoded<S: Side>(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    next::<S>(rest).filter(|(segment, _)| segment.contains(&b'%'))
}

/// As [`Search::literal`], by halving.
#[inline(never)]
fn literal_of_many<S: Side>(literals: Literals, rest: &[u8]) -> Option<(&'static Node, &[u8])> {
    let (segment, left) = next::<S>(rest)?;
    let key = (segment.len(), segment);
    let index = literals.binary_search_by(|(text, _)| (text.len(), text.as_bytes()).cmp(&key));
    literals.get(index.ok()?).map(|(_, child)| (child, left))
}

/// Whether two texts of one length are the same. They are short, and a call to what compares texts of any
/// length takes longer than to find out which to compare.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    match other.len() {
        0 => true,
        1..=2 => have_same_ends::<1>(one, other),
        3..=4 => have_same_ends::<2>(one, other),
        5..=8 => have_same_ends::<4>(one, other),
        9..=16 => have_same_ends::<8>(one, other),
        _ => one == other,
    }
}

/// Whether the first `N` bytes are the same and the last, which together may be all.
fn have_same_ends<const N: usize>(one: &[u8], other: &[u8]) -> bool {
    one.first_chunk::<N>() == other.first_chunk() && one.last_chunk::<N>() == other.last_chunk()
}

/// Whether anything may be percent-encoded. Of a chunk each byte is looked at, with no way out before the
/// last: so the compiler makes one comparison of all.
fn has_percent(path: &[u8]) -> bool {
    let has = |chunk: &[u8; 16]| {
        chunk
            .iter()
            .fold(0, |found, byte| found | u8::from(*byte == b'%'))
            != 0
    };
    match path.last_chunk() {
        Some(last) => has(last) || path.as_chunks().0.iter().any(has),
        None => path.contains(&b'%'),
    }
}
