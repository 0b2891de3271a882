//! Entity tags (RFC 9110, section 8.8.3) and the lists of them in conditions (section 13.1).
//!
//! A list is read leniently in one point: a tag without quotes counts as a strong one, since some
//! clients and caches send it. Elements that are no tag at all match nothing, which is the safe side
//! of either condition: a read is answered in full, a write is refused.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Invalid, Scalar, list};

/// An entity tag: `"text"`, or `W/"text"` where it is weak.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Etag {
    is_weak: bool,
    text: String,
}

impl Etag {
    /// A strong tag: it changes with every byte. `text` is what stands between the quotes.
    pub fn strong(text: impl Into<String>) -> Result<Self, Invalid> {
        Self::new(false, text.into())
    }

    /// A weak tag.
    pub fn weak(text: impl Into<String>) -> Result<Self, Invalid> {
        Self::new(true, text.into())
    }

    fn new(is_weak: bool, text: String) -> Result<Self, Invalid> {
        // `etagc`: visible characters but the quote, and bytes above 127. Those are refused here, since
        // a header with them is no text.
        let is_good = text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"');
        if is_good {
            Ok(Self { is_weak, text })
        } else {
            Err(Invalid::new("is not an entity tag"))
        }
    }

    /// Whether it is weak.
    pub fn is_weak(&self) -> bool {
        self.is_weak
    }

    /// What stands between the quotes.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Strong comparison (section 8.8.3.2): both are strong and equal.
    pub fn strong_eq(&self, other: &Self) -> bool {
        !self.is_weak && !other.is_weak && self.text == other.text
    }

    /// Weak comparison: equal but for weakness.
    pub fn weak_eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Scalar for Etag {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let (is_weak, quoted) = match text.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, text),
        };
        let inner = quoted
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        Self::new(
            is_weak,
            inner
                .ok_or_else(|| Invalid::new("is not an entity tag"))?
                .to_owned(),
        )
    }

    fn write(&self, out: &mut String) {
        out.push_str(if self.is_weak { "W/\"" } else { "\"" });
        out.push_str(&self.text);
        out.push('"');
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl std::str::FromStr for Etag {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Scalar::parse(text)
    }
}

impl Serialize for Etag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Etag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::format::deserialize(deserializer, PhantomData, "etag")
    }
}

/// What If-Match or If-None-Match lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`: anything that exists.
    Any,
    /// One of these.
    List(Vec<Etag>),
}

impl Tags {
    /// Reads all lines of the header; `None` where there is none.
    pub fn parse<'l>(lines: impl IntoIterator<Item = &'l str>) -> Option<Self> {
        let mut tags: Option<Vec<Etag>> = None;
        for line in lines {
            let tags = tags.get_or_insert_default();
            for element in list::elements(line) {
                if element == "*" {
                    return Some(Self::Any);
                }
                tags.extend(read(element));
            }
        }
        tags.map(Self::List)
    }

    /// If-Match (section 13.1.1): whether something that exists, with this tag, is meant. The
    /// comparison is strong. `None`: there is nothing, or it has no tag.
    pub fn matches_strongly(&self, exists: bool, current: Option<&Etag>) -> bool {
        match self {
            Self::Any => exists,
            Self::List(tags) => {
                exists
                    && current.is_some_and(|current| tags.iter().any(|tag| tag.strong_eq(current)))
            }
        }
    }

    /// If-None-Match (section 13.1.2): whether the tag is among these, by weak comparison. Then the
    /// condition is false: 304 to a read, 412 to a write.
    pub fn matches_weakly(&self, exists: bool, current: Option<&Etag>) -> bool {
        match self {
            Self::Any => exists,
            Self::List(tags) => {
                exists && current.is_some_and(|current| tags.iter().any(|tag| tag.weak_eq(current)))
            }
        }
    }
}

fn read(element: &str) -> Option<Etag> {
    let is_bare = !element.contains('"') && !element.starts_with("W/");
    if is_bare {
        Etag::strong(element).ok()
    } else {
        element.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> Etag {
        text.parse().unwrap()
    }

    #[test]
    fn a_tag_is_in_quotes() {
        assert_eq!(tag("\"sha256:ab\"").text(), "sha256:ab");
        assert!(tag("W/\"x\"").is_weak());
        assert_eq!(tag("W/\"\"").to_text(), "W/\"\"");
        for text in [
            "",
            "x",
            "\"",
            "\"a\"b\"",
            "w/\"x\"",
            "\"a b\"",
            "\"a\r\n\"",
            "\"\u{e4}\"",
            "W/x",
        ] {
            assert!(text.parse::<Etag>().is_err(), "{text:?}");
        }
        assert!(Etag::strong("a\"b").is_err());
    }

    #[test]
    fn comparison_is_strong_or_weak() {
        let (weak, strong) = (tag("W/\"1\""), tag("\"1\""));
        assert!(strong.strong_eq(&strong) && !weak.strong_eq(&weak) && !weak.strong_eq(&strong));
        assert!(weak.weak_eq(&strong) && !weak.weak_eq(&tag("W/\"2\"")));
    }

    #[test]
    fn a_list_spans_lines_and_commas_in_tags() {
        let tags = Tags::parse(["\"a\", W/\"b,c\"", "d"]).unwrap();
        assert_eq!(
            tags,
            Tags::List(vec![tag("\"a\""), tag("W/\"b,c\""), tag("\"d\"")])
        );
        assert_eq!(Tags::parse(["\"a\"", " * "]), Some(Tags::Any));
        assert_eq!(Tags::parse([]), None);
        assert_eq!(Tags::parse([""]), Some(Tags::List(vec![])));
    }

    #[test]
    fn what_is_no_tag_matches_nothing() {
        let tags = Tags::parse(["\"a, \u{e4}, W/b, \"\"x\"\""]).unwrap();
        let current = tag("\"a\"");
        assert!(!tags.matches_strongly(true, Some(&current)));
        assert!(!tags.matches_weakly(true, Some(&current)));
    }

    #[test]
    fn a_star_matches_what_exists() {
        assert!(Tags::Any.matches_strongly(true, None));
        assert!(!Tags::Any.matches_strongly(false, None));
        assert!(Tags::Any.matches_weakly(true, None));
        let list = Tags::parse(["W/\"a\""]).unwrap();
        assert!(list.matches_weakly(true, Some(&tag("\"a\""))));
        assert!(!list.matches_strongly(true, Some(&tag("\"a\""))));
        assert!(!list.matches_weakly(true, None));
        assert!(!list.matches_weakly(false, Some(&tag("\"a\""))));
    }
}
