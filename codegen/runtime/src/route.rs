//! The search for the route of a path, in a table that the generator compiled.
//!
//! A path is cut at its raw slashes; percent-encoding is undone after that, and only to compare. From
//! the left the search goes as far as a parameter that spans segments, what is right of it is read from
//! the end ([`search`]). It allocates nothing, keeps places in the path, and visits each node of the table
//! at most twice whatever the path is. It never judges a value unless two routes contend for one path.

mod encoded;
mod search;

use crate::Dfa;
use search::Search;

/// Most values that are taken from one path. The generator refuses templates that need more.
pub const MAX_CAPTURES: usize = 16;

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

/// Next nodes by literal text, sorted by its length and then by its bytes.
type Literals = &'static [(&'static str, Node)];

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
    /// Where each begins and ends, in the order in which they were found: a quarter of what slices take,
    /// and all of it is moved with each search.
    spans: [(u16, u16); MAX_CAPTURES],
    len: usize,
    /// So many were read from the left, the others from the right: the last of the template first.
    left: usize,
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
    if !path.is_empty() && !path.starts_with('/') {
        return None;
    }
    Search::new(path).run(table)
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

    /// Whether a parameter of one segment may follow.
    fn has_parameters(&self) -> bool {
        self.parameter.is_some() || !self.affixes.is_empty()
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

impl Leaf {
    /// Whether the values may be those of the route. Few routes contend, so it stays out of the search.
    #[inline(never)]
    fn accepts(&self, captures: &Captures) -> bool {
        let mut values = self.checks.iter().zip(captures.values());
        values.all(|(texts, value)| texts.iter().any(|texts| texts.accept(value)))
    }
}

impl Texts {
    /// Whether a percent-encoded value is one of these texts.
    fn accept(&self, value: &str) -> bool {
        let decoded = || encoded::decoded(value.as_bytes());
        // Each byte of UTF-8 that does not continue a character begins one.
        let chars = decoded().filter(|byte| byte & 0xc0 != 0x80).count();
        (self.min..=self.max).contains(&chars) && self.pattern.matches_bytes(decoded())
    }
}

impl<'p> Captures<'p> {
    fn none(path: &'p str) -> Self {
        Self {
            path,
            spans: [(0, 0); MAX_CAPTURES],
            len: 0,
            left: 0,
        }
    }

    /// The values.
    pub fn values(&self) -> impl Iterator<Item = &'p str> {
        (0..self.len).map_while(|index| self.get(index))
    }

    /// The value of the parameter that is at `index` in the template.
    pub fn get(&self, index: usize) -> Option<&'p str> {
        let place = if index < self.left {
            index
        } else {
            (self.left + self.len).checked_sub(index + 1)?
        };
        let (from, to) = *self.spans.get(..self.len)?.get(place)?;
        self.path.get(usize::from(from)..usize::from(to))
    }

    /// Writes down where in the path the value is that was found after `count` others. There is no room for
    /// one too many, and such captures are never handed out.
    fn put(&mut self, count: usize, value: &'p [u8]) {
        let from = value.as_ptr().addr() - self.path.as_ptr().addr();
        let place = |at: usize| u16::try_from(at).unwrap_or_default();
        if let Some(span) = self.spans.get_mut(count) {
            *span = (place(from), place(from + value.len()));
        }
    }
}

#[cfg(test)]
mod tests;
