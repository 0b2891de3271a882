//! Lists in pages. All of them are sorted by the bytes of their items, and a page begins behind an item.

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest<T> {
    /// Only items behind this one, which need not exist.
    pub after: Option<T>,
    /// How many items at most. Nothing is allocated by it.
    pub limit: usize,
}

impl<T> PageRequest<T> {
    /// The first items.
    pub fn first(limit: usize) -> Self {
        Self { after: None, limit }
    }

    /// The items behind one.
    pub fn after(item: T, limit: usize) -> Self {
        Self {
            after: Some(item),
            limit,
        }
    }
}

/// A part of a list. It is no snapshot: what comes and goes meanwhile may be seen or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Whether there are more behind the last of them; never so on an empty page.
    pub more: bool,
}

impl<T> Page<T> {
    /// No item, and none to come.
    pub const fn empty() -> Self {
        Self {
            items: Vec::new(),
            more: false,
        }
    }

    /// Cuts a list that was read one item too far down to a page.
    pub fn cut(mut items: Vec<T>, limit: usize) -> Self {
        let more = limit > 0 && items.len() > limit;
        items.truncate(limit);
        Self { items, more }
    }

    /// Behind which item the next page begins; none on the last one.
    pub fn next(&self) -> Option<&T> {
        if self.more { self.items.last() } else { None }
    }
}
