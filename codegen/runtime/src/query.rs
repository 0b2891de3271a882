//! Queries: `key=value` pairs joined by `&`, as forms have them (WHATWG URL, section 5).
//!
//! A query is checked once, as a whole: a broken escape anywhere is an error, also in a parameter that
//! nobody asks for. Afterwards it is searched where it lies: no map is built, and only a value with
//! escapes is copied.

use std::borrow::Cow;

use crate::percent::{component, decode_component};
use crate::{Invalid, Scalar, Style, list};

/// The query of a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<'q> {
    raw: &'q str,
}

impl<'q> Query<'q> {
    /// Checks a query; `None` is an empty one.
    pub fn parse(raw: Option<&'q str>) -> Result<Self, Invalid> {
        let Some(raw) = raw else {
            return Ok(Self::default());
        };
        let query = Self { raw };
        for (key, value) in query.raw_pairs() {
            decode_component(key)?;
            decode_component(value.unwrap_or_default())?;
        }
        Ok(query)
    }

    /// The value that stands first under `key`; a key without `=` has an empty one.
    pub fn first(&self, key: &str) -> Option<Cow<'q, str>> {
        self.all(key).next()
    }

    /// All values under `key`, in order.
    pub fn all(&self, key: &str) -> impl Iterator<Item = Cow<'q, str>> {
        self.pairs()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// All values under `key` as they stand in the query, still percent-encoded: a list is taken apart before
    /// its items are decoded.
    pub fn raw(&self, key: &str) -> impl Iterator<Item = &'q str> {
        self.raw_pairs()
            .filter(move |(name, _)| decode_component(name).is_ok_and(|name| name == key))
            .map(|(_, value)| value.unwrap_or_default())
    }

    /// Whether `key` is there, with or without a value.
    pub fn has(&self, key: &str) -> bool {
        self.pairs().any(|(name, _)| name == key)
    }

    /// Whether `key` is there as a flag: `?acl`, or `?acl=`.
    pub fn flag(&self, key: &str) -> bool {
        self.all(key).any(|value| value.is_empty())
    }

    /// All pairs, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)> + use<'q> {
        // `parse` has made sure that nothing is skipped here.
        self.raw_pairs().filter_map(|(key, value)| {
            Some((
                decode_component(key).ok()?,
                decode_component(value.unwrap_or_default()).ok()?,
            ))
        })
    }

    fn raw_pairs(&self) -> impl Iterator<Item = (&'q str, Option<&'q str>)> + use<'q> {
        self.raw
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| match pair.split_once('=') {
                Some((key, value)) => (key, Some(value)),
                None => (pair, None),
            })
    }
}

/// Appends a query to a path.
#[derive(Debug)]
pub struct Writer<'o> {
    out: &'o mut String,
    separator: char,
}

impl<'o> Writer<'o> {
    /// A writer behind `out`, which holds a path without a query.
    pub fn new(out: &'o mut String) -> Self {
        Self {
            out,
            separator: '?',
        }
    }

    fn key(&mut self, key: &str) {
        self.out.push(self.separator);
        self.separator = '&';
        component(self.out, key);
    }

    fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        self.out.push('=');
        component(self.out, text);
    }

    /// Writes a value.
    pub fn value<V: Scalar>(&mut self, key: &str, value: &V) -> &mut Self {
        self.text(key, &value.to_text());
        self
    }

    /// Writes a value where there is one.
    pub fn optional<V: Scalar>(&mut self, key: &str, value: &Option<V>) -> &mut Self {
        if let Some(value) = value {
            self.value(key, value);
        }
        self
    }

    /// Writes a key without a value where it is set.
    pub fn flag(&mut self, key: &str, is_set: bool) -> &mut Self {
        if is_set {
            self.key(key);
        }
        self
    }

    /// Writes a list: a pair for each item, or one pair with all of them. An empty list is no pair, or one
    /// without a value.
    pub fn list<V: Scalar>(&mut self, key: &str, values: &[V], style: Style) -> &mut Self {
        let Some(separator) = list::separators(style).first() else {
            for value in values {
                self.text(key, &value.to_text());
            }
            return self;
        };
        self.key(key);
        self.out.push('=');
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.out.push_str(separator);
            }
            component(self.out, &value.to_text());
        }
        self
    }

    /// Writes a list where there is one.
    pub fn list_optional<V: Scalar>(
        &mut self,
        key: &str,
        values: &Option<Vec<V>>,
        style: Style,
    ) -> &mut Self {
        match values {
            Some(values) => self.list(key, values, style),
            None => self,
        }
    }

    /// Writes a pair for each entry of a map; its name stands between `before` and `after`.
    pub fn prefix<'v, V: Scalar + 'v>(
        &mut self,
        before: &str,
        after: &str,
        values: impl IntoIterator<Item = (&'v String, &'v V)>,
    ) -> &mut Self {
        for (name, value) in values {
            self.text(&format!("{before}{name}{after}"), &value.to_text());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn query(raw: &str) -> Query<'_> {
        Query::parse(Some(raw)).unwrap()
    }

    #[test]
    fn the_first_value_and_all_of_them_are_found() {
        let query = query("n=1&last=a%2Fb&n=2&&x=a=b");
        assert_eq!(query.first("n").unwrap(), "1");
        assert_eq!(query.all("n").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(query.first("last").unwrap(), "a/b");
        assert_eq!(query.first("x").unwrap(), "a=b");
        assert_eq!(query.first("y"), None);
        assert!(Query::parse(None).unwrap().first("").is_none());
    }

    #[test]
    fn a_key_may_be_escaped_and_a_plus_is_a_space() {
        let query = query("%6e=1&a+b=c+d%2B");
        assert_eq!(query.first("n").unwrap(), "1");
        assert_eq!(query.first("a b").unwrap(), "c d+");
    }

    #[test]
    fn what_has_no_escape_is_borrowed() {
        let query = query("n=10&m=%31");
        assert!(matches!(query.first("n"), Some(Cow::Borrowed("10"))));
        assert!(matches!(query.first("m"), Some(Cow::Owned(_))));
    }

    #[test]
    fn a_flag_has_no_value() {
        let query = query("acl&x=&y=1");
        assert!(query.flag("acl") && query.flag("x") && !query.flag("y") && !query.flag("z"));
        assert!(query.has("y") && !query.has("z"));
        assert_eq!(query.first("acl").unwrap(), "");
    }

    #[test]
    fn a_broken_escape_anywhere_is_an_error() {
        for raw in ["n=%", "n=1&x=%zz", "%f=1", "n=%ff", "=%2"] {
            assert!(Query::parse(Some(raw)).is_err(), "{raw}");
        }
        assert!(Query::parse(Some("&&=&=a&?")).is_ok());
    }

    #[test]
    fn what_is_written_is_read() {
        let mut url = "/v1/x".to_owned();
        let map = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
        Writer::new(&mut url)
            .value("d", &"sha:1 +&=".to_owned())
            .optional("none", &None::<String>)
            .flag("acl", true)
            .flag("no", false)
            .list("r", &[1_i32, 2], Style::Repeat)
            .list("c", &[1_i32, 2], Style::Comma)
            .list_optional("l", &Some(Vec::<i32>::new()), Style::Comma)
            .prefix("meta[", "]", &map);
        assert_eq!(
            url,
            "/v1/x?d=sha%3A1%20%2B%26%3D&acl&r=1&r=2&c=1,2&l=&meta%5Bk%5D=v"
        );
        let query = query(url.split_once('?').unwrap().1);
        assert_eq!(query.first("d").unwrap(), "sha:1 +&=");
        assert!(query.flag("acl"));
        assert_eq!(query.first("meta[k]").unwrap(), "v");
    }

    #[test]
    fn an_item_of_a_list_keeps_the_sign_that_separates_others() {
        for (style, expected) in [
            (Style::Comma, "/?x=a%2Cb,c%20%7C"),
            (Style::Repeat, "/?x=a%2Cb&x=c%20%7C"),
        ] {
            let mut url = "/".to_owned();
            let items = ["a,b".to_owned(), "c |".to_owned()];
            Writer::new(&mut url).list("x", &items, style);
            assert_eq!(url, expected);
            let param = crate::Param {
                name: "x",
                invalid: None,
                style,
                checks: &[],
            };
            let read = param.parse_list::<String>(query(&url[2..]).raw("x"));
            assert_eq!(read.unwrap(), items);
        }
    }
}
