//! The search for the route of a path, in a table that the generator compiled.
//!
//! A path is cut at its raw slashes; percent-encoding is undone after that, and only to compare. From
//! the left the search goes as far as a parameter that spans segments, what is right of it is read from
//! the end. It allocates nothing, keeps slices of the path, and visits each node of the table at most
//! once whatever the path is. It never judges a value unless two routes contend for one path.

use memchr::{memchr, memrchr};

use crate::Dfa;

/// Most values that are taken from one path. The generator refuses templates that need more.
pub const MAX_CAPTURES: usize = 16;

/// So many texts are looked through rather than halved.
const FEW: usize = 6;

/// A route as it is known at run time.
#[derive(Clone, Copy, Debug)]
pub struct RouteInfo {
    /// Short name, unique in its API.
    pub name: &'static str,
    /// The template of its path: what metrics and logs name it by, never the path itself.
    pub template: &'static str,
    /// Names of its parameters, in the order of the template and of [`Captures`].
    pub parameters: &'static [&'static str],
    /// Its methods, in the order of the descriptor, each HEAD behind its GET.
    pub methods: &'static [&'static str],
}

/// A place between two segments of a path.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// Next nodes by literal text, sorted by its length and then by its bytes.
    pub literals: &'static [(&'static str, Node)],
    /// Next nodes by a parameter with text before or after it, in the order in which they are tried.
    pub affixes: &'static [(&'static str, &'static str, Node)],
    /// Next node by any segment that is not empty.
    pub parameter: Option<&'static Node>,
    /// What is right of a parameter that spans segments, read from the end of the path.
    pub many: Option<&'static Node>,
    /// Routes that end here, in the order in which they are tried. In a part that is read from the end,
    /// what is left of the path is the value of the parameter that spans segments.
    pub leaves: &'static [Leaf],
}

/// The end of a route.
#[derive(Clone, Copy, Debug)]
pub struct Leaf {
    /// Index of the route.
    pub route: usize,
    /// Text before the parameter that spans segments.
    pub before: &'static str,
    /// Text after it.
    pub after: &'static str,
    /// For each value the texts it may be, where other routes contend for the same paths; else nothing,
    /// and any value is taken.
    pub checks: &'static [&'static [Texts]],
}

/// Texts of a pattern and a length.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    /// Their pattern.
    pub pattern: &'static Dfa,
    /// Fewest characters.
    pub min: usize,
    /// Most characters.
    pub max: usize,
}

/// The values that the parameters of a route have in a path: slices of it, still percent-encoded, in
/// the order of the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Captures<'p> {
    path: &'p str,
    /// Where each begins and ends: a quarter of what slices take, and all of it is moved with each search.
    spans: [(u16, u16); MAX_CAPTURES],
    len: usize,
}

/// Finds the route of a path without query, and its values. A path of 64 KiB or more has none; nor does HTTP's
/// library take one.
///
/// A path may have the shape of several routes. Of those the first is taken whose values are accepted,
/// else the first: so a malformed value reaches the route that can say what is wrong with it.
///
/// ```
/// use api_runtime::{Leaf, Node, find};
///
/// // /v1/{name}/tags, where the name may have several segments.
/// static TABLE: Node = Node {
///     literals: &[("v1", Node {
///         many: Some(&Node {
///             literals: &[("tags", Node { leaves: &[Leaf::new(0)], ..Node::EMPTY })],
///             ..Node::EMPTY
///         }),
///         ..Node::EMPTY
///     })],
///     ..Node::EMPTY
/// };
/// let (route, captures) = find(&TABLE, "/v1/team/tags/tags").expect("a path of the table");
/// assert_eq!((route, captures.get(0)), (0, Some("team/tags")));
/// assert_eq!(find(&TABLE, "/v1/tags"), None);
/// ```
pub fn find<'p>(table: &'static Node, path: &'p str) -> Option<(usize, Captures<'p>)> {
    if u16::try_from(path.len()).is_err() {
        return None;
    }
    // Behind the prefix that an API is mounted under, nothing may be left.
    let rest = if path.is_empty() {
        None
    } else {
        Some(path.strip_prefix('/')?)
    };
    let mut search = Search {
        is_encoded: memchr(b'%', path.as_bytes()).is_some(),
        captures: Captures::none(path),
        fallback: None,
    };
    match search.forward(table, rest) {
        Some(route) => Some((route, search.captures)),
        None => search.fallback,
    }
}

impl Node {
    /// A node that leads nowhere.
    pub const EMPTY: Self = Self {
        literals: &[],
        affixes: &[],
        parameter: None,
        many: None,
        leaves: &[],
    };

    /// Whether nothing follows.
    fn is_last(&self) -> bool {
        self.literals.is_empty() && self.affixes.is_empty() && self.parameter.is_none()
    }
}

impl Leaf {
    /// The end of a route for whose paths no other contends.
    pub const fn new(route: usize) -> Self {
        Self {
            route,
            before: "",
            after: "",
            checks: &[],
        }
    }
}

impl Texts {
    /// Whether a percent-encoded value is one of these texts.
    fn accept(&self, value: &str) -> bool {
        // Each byte of UTF-8 that does not continue a character begins one.
        let chars = decoded(value).filter(|byte| byte & 0xc0 != 0x80).count();
        (self.min..=self.max).contains(&chars) && self.pattern.matches_bytes(decoded(value))
    }
}

impl<'p> Captures<'p> {
    fn none(path: &'p str) -> Self {
        Self {
            path,
            spans: [(0, 0); MAX_CAPTURES],
            len: 0,
        }
    }

    /// The values.
    pub fn values(&self) -> impl Iterator<Item = &'p str> {
        (0..self.len).map_while(|index| self.get(index))
    }

    /// The value of the parameter that is at `index` in the template.
    pub fn get(&self, index: usize) -> Option<&'p str> {
        let (from, to) = *self.spans.get(..self.len)?.get(index)?;
        self.path.get(usize::from(from)..usize::from(to))
    }

    /// Adds a value, which is a slice of the path.
    fn push(&mut self, value: &'p str) {
        let from = value.as_ptr().addr() - self.path.as_ptr().addr();
        let place = |at: usize| u16::try_from(at).unwrap_or_default();
        if let Some(span) = self.spans.get_mut(self.len) {
            *span = (place(from), place(from + value.len()));
        }
        // Too many count as well: such captures are never handed out.
        self.len += 1;
    }

    /// Reverses the values from `start` on.
    fn turn(&mut self, start: usize) {
        if let Some(spans) = self.spans.get_mut(start..self.len) {
            spans.reverse();
        }
    }
}

/// A search on its way. Its methods yield the route once it is found, whose values are then the captures.
struct Search<'p> {
    is_encoded: bool,
    captures: Captures<'p>,
    /// The first route whose values are not accepted.
    fallback: Option<(usize, Captures<'p>)>,
}

impl<'p> Search<'p> {
    /// Reads from the left; without a rest the path is at its end.
    fn forward(&mut self, node: &'static Node, rest: Option<&'p str>) -> Option<usize> {
        let Some(rest) = rest else {
            return node.leaves.iter().find_map(|leaf| self.take(leaf));
        };
        // Segments on the left are short, and so a loop finds their end sooner than a search does.
        let (segment, behind) = match rest.bytes().position(|byte| byte == b'/') {
            Some(at) => (&rest[..at], Some(&rest[at + 1..])),
            None => (rest, None),
        };
        let found = self.children(node, segment, |search, child| search.forward(child, behind));
        if found.is_some() {
            return found;
        }
        let left = self.captures.len;
        self.backward(node.many?, rest, left)
    }

    /// Reads from the right. `left` values stand left of the parameter that spans segments, to which
    /// at least one segment remains.
    fn backward(&mut self, node: &'static Node, rest: &'p str, left: usize) -> Option<usize> {
        if !node.is_last()
            && let Some(at) = memrchr(b'/', rest.as_bytes())
        {
            let (before, segment) = (&rest[..at], &rest[at + 1..]);
            let go_on = |search: &mut Self, child| search.backward(child, before, left);
            let found = self.children(node, segment, go_on);
            if found.is_some() {
                return found;
            }
        }
        node.leaves.iter().find_map(|leaf| {
            let value = self.between(rest, leaf.before, leaf.after)?;
            self.captures.push(value);
            // Found last, it goes before those that were read from the right.
            self.captures.turn(left);
            let found = self.take(leaf);
            if found.is_none() {
                self.captures.turn(left);
                self.captures.len -= 1;
            }
            found
        })
    }

    /// Goes on with each child that takes `segment`.
    fn children(
        &mut self,
        node: &'static Node,
        segment: &'p str,
        go_on: impl Fn(&mut Self, &'static Node) -> Option<usize>,
    ) -> Option<usize> {
        if let Some(child) = self.literal(node, segment) {
            let found = go_on(self, child);
            if found.is_some() {
                return found;
            }
        }
        if segment.is_empty() {
            return None;
        }
        let affixes = node
            .affixes
            .iter()
            .map(|(before, after, child)| (*before, *after, child));
        let mut children = affixes.chain(node.parameter.map(|child| ("", "", child)));
        children.find_map(|(before, after, child)| {
            self.captures.push(self.between(segment, before, after)?);
            let found = go_on(self, child);
            if found.is_none() {
                self.captures.len -= 1;
            }
            found
        })
    }

    /// The child by the literal text that `segment` is.
    fn literal(&self, node: &'static Node, segment: &str) -> Option<&'static Node> {
        if self.is_encoded {
            return encoded_literal(node, segment);
        }
        // Few are looked through: most differ in length, and comparing bytes is the dearest part of a search.
        let mut few = node.literals;
        while few.len() > FEW {
            let (before, behind) = few.split_at(few.len() / 2);
            let first = behind.first().map_or("", |(text, _)| text);
            let is_before = (segment.len(), segment) < (first.len(), first);
            few = if is_before { before } else { behind };
        }
        let is_it = |(text, _): &&(&str, Node)| *text == segment;
        few.iter().find(is_it).map(|(_, child)| child)
    }

    /// What `text` has between two texts, where that is something.
    fn between(&self, text: &'p str, before: &str, after: &str) -> Option<&'p str> {
        let value = if before.is_empty() && after.is_empty() {
            text
        } else if self.is_encoded {
            let text = text.get(encoded_len(decoded_places(text), before.bytes())?..)?;
            let end = encoded_len(decoded_places(text).rev(), after.bytes().rev())?;
            text.get(..text.len() - end)?
        } else {
            text.strip_prefix(before)?.strip_suffix(after)?
        };
        (!value.is_empty()).then_some(value)
    }

    /// Takes a route, or keeps it for the case that none fits better.
    fn take(&mut self, leaf: &'static Leaf) -> Option<usize> {
        if self.captures.len > MAX_CAPTURES {
            return None;
        }
        let mut values = leaf.checks.iter().zip(self.captures.values());
        if values.all(|(texts, value)| texts.iter().any(|texts| texts.accept(value))) {
            return Some(leaf.route);
        }
        if self.fallback.is_none() {
            self.fallback = Some((leaf.route, self.captures));
        }
        None
    }
}

/// The child by the literal text that a percent-encoded segment stands for.
#[cold]
fn encoded_literal(node: &'static Node, segment: &str) -> Option<&'static Node> {
    let len = decoded(segment).count();
    let index = node.literals.binary_search_by(|(text, _)| {
        let bytes = || text.bytes().cmp(decoded(segment));
        text.len().cmp(&len).then_with(bytes)
    });
    node.literals.get(index.ok()?).map(|(_, child)| child)
}

/// The bytes that percent-encoded text stands for. A `%` without two hexadecimal digits is itself.
fn decoded(text: &str) -> impl Iterator<Item = u8> {
    decoded_places(text).map(|(byte, _)| byte)
}

/// Each byte that the text stands for, and how many bytes stand for it; from either end the same.
fn decoded_places(text: &str) -> Places<'_> {
    Places(text.as_bytes())
}

/// An iterator over percent-encoded bytes.
struct Places<'t>(&'t [u8]);

impl Iterator for Places<'_> {
    type Item = (u8, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let (first, rest) = self.0.split_first()?;
        if let [b'%', high, low, rest @ ..] = self.0
            && let Some(byte) = from_hex(*high, *low)
        {
            self.0 = rest;
            return Some((byte, 3));
        }
        self.0 = rest;
        Some((*first, 1))
    }
}

impl DoubleEndedIterator for Places<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let (last, rest) = self.0.split_last()?;
        // No digit is a `%`, so what looks like an escape from behind is one.
        if let [rest @ .., b'%', high, low] = self.0
            && let Some(byte) = from_hex(*high, *low)
        {
            self.0 = rest;
            return Some((byte, 3));
        }
        self.0 = rest;
        Some((*last, 1))
    }
}

/// How many bytes of encoded text stand for `wanted`, where it begins so.
fn encoded_len(
    mut places: impl Iterator<Item = (u8, usize)>,
    wanted: impl Iterator<Item = u8>,
) -> Option<usize> {
    let mut len = 0;
    for byte in wanted {
        let (found, size) = places.next()?;
        if found != byte {
            return None;
        }
        len += size;
    }
    Some(len)
}

fn from_hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests;
