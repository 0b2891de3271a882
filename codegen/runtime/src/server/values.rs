//! The values of path parameters: where they stand in the path of a request, so that none is copied.

use std::borrow::Cow;

use http::Uri;
use http::uri::PathAndQuery;

use crate::{Captures, Invalid, MAX_CAPTURES, percent};

/// The values of path parameters, in the order of the template. Layers may clone the request that they lie in.
#[derive(Clone, Debug)]
pub(super) struct Values {
    /// The path they stand in, where that of the request may be another one by now.
    kept: Option<Box<PathAndQuery>>,
    /// Where each begins and ends, percent-encoded. A path that is longer than this can count is none of HTTP's
    /// library.
    spans: [(u16, u16); MAX_CAPTURES],
    len: usize,
}

impl Values {
    /// The values that `captures` has, which are slices of `path`.
    pub(super) fn of(path: &str, captures: &Captures<'_>) -> Self {
        let place = |at: usize| u16::try_from(at).unwrap_or_default();
        let mut values = Self {
            kept: None,
            spans: [(0, 0); MAX_CAPTURES],
            len: 0,
        };
        for (span, value) in values.spans.iter_mut().zip(captures.values()) {
            let from = value.as_ptr().addr() - path.as_ptr().addr();
            *span = (place(from), place(from + value.len()));
            values.len += 1;
        }
        values
    }

    /// The same, whatever becomes of `uri`, whose path they stand in.
    pub(super) fn kept(mut self, uri: &Uri) -> Self {
        self.kept = uri.path_and_query().cloned().map(Box::new);
        self
    }

    /// The value at `index`, decoded. `uri` is that of the request.
    pub(super) fn get<'v>(
        &'v self,
        uri: &'v Uri,
        index: usize,
    ) -> Option<Result<Cow<'v, str>, Invalid>> {
        let path = match &self.kept {
            Some(kept) => kept.path(),
            None => uri.path(),
        };
        let (from, to) = *self.spans.get(..self.len)?.get(index)?;
        Some(percent::decode(
            path.get(usize::from(from)..usize::from(to))?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Leaf, Node, find};

    /// `/x/{}/{}`.
    static TABLE: Node = Node {
        literals: &[(
            "x",
            Node {
                parameter: Some(&Node {
                    parameter: Some(&Node {
                        leaves: &[Leaf::new(0)],
                        ..Node::EMPTY
                    }),
                    ..Node::EMPTY
                }),
                ..Node::EMPTY
            },
        )],
        ..Node::EMPTY
    };

    fn texts(values: &Values, uri: &Uri) -> Vec<Option<String>> {
        let text = |index| Some(values.get(uri, index)?.ok()?.into_owned());
        (0..3).map(text).collect()
    }

    #[test]
    fn values_are_read_where_they_stand_also_behind_a_prefix() {
        let uri = Uri::from_static("/api/x/a%2Fb/%zz?q");
        let behind = uri.path().strip_prefix("/api").expect("is there");
        let (_, captures) = find(&TABLE, behind).expect("a path of the table");
        let values = Values::of(uri.path(), &captures);
        assert_eq!(texts(&values, &uri), [Some("a/b".to_owned()), None, None]);
        assert!(values.get(&uri, 1).is_some_and(|value| value.is_err()));
        let other = Uri::from_static("/");
        assert_eq!(texts(&values, &other), [None, None, None]);
        let kept = values.kept(&uri);
        assert_eq!(texts(&kept, &other), texts(&kept, &uri));
        assert_eq!(texts(&kept, &other)[0].as_deref(), Some("a/b"));
    }
}
