//! A list that holds something.

use std::fmt;

/// One value or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonEmpty<T> {
    first: T,
    rest: Vec<T>,
}

/// There was no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Empty;

impl fmt::Display for Empty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the list is empty")
    }
}

impl std::error::Error for Empty {}

#[expect(clippy::len_without_is_empty, reason = "it never is")]
impl<T> NonEmpty<T> {
    /// A list of one.
    pub fn new(first: T) -> Self {
        Self {
            first,
            rest: Vec::new(),
        }
    }

    /// Appends a value.
    pub fn push(&mut self, value: T) {
        self.rest.push(value);
    }

    /// The first value.
    pub fn first(&self) -> &T {
        &self.first
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        1 + self.rest.len()
    }

    /// The values in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

impl<T> From<T> for NonEmpty<T> {
    fn from(first: T) -> Self {
        Self::new(first)
    }
}

impl<T> TryFrom<Vec<T>> for NonEmpty<T> {
    type Error = Empty;

    fn try_from(values: Vec<T>) -> Result<Self, Empty> {
        let mut values = values.into_iter();
        let first = values.next().ok_or(Empty)?;
        Ok(Self {
            first,
            rest: values.collect(),
        })
    }
}

impl<T> From<NonEmpty<T>> for Vec<T> {
    fn from(values: NonEmpty<T>) -> Self {
        values.into_iter().collect()
    }
}

impl<T> Extend<T> for NonEmpty<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        self.rest.extend(values);
    }
}

impl<T> IntoIterator for NonEmpty<T> {
    type Item = T;
    type IntoIter = std::iter::Chain<std::iter::Once<T>, std::vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self.first).chain(self.rest)
    }
}

impl<'l, T> IntoIterator for &'l NonEmpty<T> {
    type Item = &'l T;
    type IntoIter = std::iter::Chain<std::iter::Once<&'l T>, std::slice::Iter<'l, T>>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_vector_is_refused_and_others_keep_their_order() {
        assert_eq!(NonEmpty::<u8>::try_from(Vec::new()), Err(Empty));
        let mut values = NonEmpty::try_from(vec![1, 2]).unwrap();
        values.push(3);
        values.extend([4]);
        assert_eq!((values.len(), *values.first()), (4, 1));
        assert_eq!(values.iter().copied().collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(Vec::from(values), [1, 2, 3, 4]);
    }
}
