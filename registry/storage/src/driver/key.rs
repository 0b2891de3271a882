//! Names of files in storage. No text of a client becomes a path but through this type.
//!
//! A key is relative, its segments are joined by `/`, and each is harmless as the name of a file on
//! every system and of an object in every store: no `..`, no separator, no control character.

use std::fmt;
use std::str::FromStr;

/// The longest segment, in bytes: what file systems take.
pub const MAX_SEGMENT: usize = 255;
/// The longest key, in bytes: what object stores take.
pub const MAX_KEY: usize = 1024;

/// Room for most keys: a link in a repository with a name of usual length.
const ROOM: usize = 192;

/// Where a file or directory lies, seen from the root of the storage.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// A text is no key, or no segment of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a key of the storage")]
pub struct InvalidKey(String);

impl Key {
    /// The root itself: a directory, never a file.
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// Takes a path apart; the empty text is no key (`root` is meant to be said).
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        Self::from_segments(text.split('/'))
    }

    /// Joins segments; each is checked.
    pub fn from_segments<I>(segments: I) -> Result<Self, InvalidKey>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        // Most are about as long; growing step by step would cost more than all else.
        let mut key = Self(String::with_capacity(ROOM));
        for segment in segments {
            key.push(segment.as_ref())?;
        }
        Ok(key)
    }

    /// The key of `segment` in this directory.
    pub fn child(&self, segment: &str) -> Result<Self, InvalidKey> {
        let mut key = Self(String::with_capacity(self.0.len() + 1 + segment.len()));
        key.0.push_str(&self.0);
        key.push(segment)?;
        Ok(key)
    }

    /// The key `rest` below this directory.
    pub fn join(&self, rest: &Self) -> Result<Self, InvalidKey> {
        let mut key = self.clone();
        for segment in rest.segments() {
            key.push(segment)?;
        }
        Ok(key)
    }

    /// The directory it lies in; the root has none.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let end = self.0.rfind('/').unwrap_or(0);
        Some(Self(self.0[..end].to_owned()))
    }

    /// The last segment; the root has none.
    pub fn name(&self) -> Option<&str> {
        self.0.rsplit('/').next().filter(|name| !name.is_empty())
    }

    /// The segments from the root down.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }

    /// Whether it is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it lies below `directory`, at any depth.
    pub fn is_below(&self, directory: &Self) -> bool {
        if directory.is_root() {
            return !self.is_root();
        }
        self.0
            .strip_prefix(&directory.0)
            .is_some_and(|rest| rest.starts_with('/'))
    }

    /// The text, without a leading slash; empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn push(&mut self, segment: &str) -> Result<(), InvalidKey> {
        if !is_segment(segment) || self.0.len() + 1 + segment.len() > MAX_KEY {
            return Err(InvalidKey(segment.escape_debug().to_string()));
        }
        if !self.is_root() {
            self.0.push('/');
        }
        self.0.push_str(segment);
        Ok(())
    }
}

/// Whether a text may be a segment of a key.
pub fn is_segment(text: &str) -> bool {
    let is_harmless = |byte| {
        matches!(byte,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'=' | b'+')
    };
    !matches!(text, "" | "." | "..") && text.len() <= MAX_SEGMENT && text.bytes().all(is_harmless)
}

/// The root is shown as `.`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        Self::parse(text)
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, MAX_KEY, is_segment};

    #[test]
    fn nothing_that_leads_elsewhere_is_a_segment() {
        let bad = [
            "", ".", "..", "a/b", "/", "a\\b", "a\0", "a b", "a\n", "%2e%2e", "é", "\u{ff0e}", "~",
            "c:", "*", "?", "\u{202e}", "&lt", "\"", "'", "#", "@", ",", ";", "|", "$HOME", "`",
            "(", "\u{7f}",
        ];
        for text in bad {
            assert!(!is_segment(text), "{text:?}");
            assert!(Key::root().child(text).is_err(), "{text:?}");
        }
        assert!(!is_segment(&"a".repeat(256)));
    }

    #[test]
    fn a_key_is_parsed_only_as_it_is_shown() {
        for text in ["a", "a/b/c", ".a/..b/...", "A_b-c.d=e+f"] {
            assert_eq!(Key::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "/", "/a", "a/", "a//b", "a/../b", "./a", "a/.", "../a"] {
            assert!(text.parse::<Key>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_error_shows_no_control_character() {
        let error = Key::parse("a\u{1b}[2J\n").unwrap_err().to_string();
        assert_eq!(error, "`a\\u{1b}[2J\\n` is not a key of the storage");
    }

    #[test]
    fn a_key_has_a_greatest_length() {
        let half = Key::from_segments(std::iter::repeat_n("a", MAX_KEY / 4)).unwrap();
        let whole = half.join(&half).unwrap();
        assert_eq!(whole.as_str().len(), MAX_KEY - 1);
        assert!(whole.child("a").is_err());
    }

    #[test]
    fn parents_and_names_lead_up_to_the_root() {
        let key = Key::parse("a/b/c").unwrap();
        assert_eq!(key.name(), Some("c"));
        let above: Vec<_> = std::iter::successors(key.parent(), Key::parent).collect();
        let shown: Vec<_> = above.iter().map(Key::to_string).collect();
        assert_eq!(shown, ["a/b", "a", "."]);
        assert_eq!(
            (Key::root().name(), Key::root().segments().count()),
            (None, 0)
        );
    }

    #[test]
    fn only_what_is_in_a_directory_is_below_it() {
        let key = |text| Key::parse(text).unwrap();
        assert!(key("a/b").is_below(&key("a")) && key("a").is_below(&Key::root()));
        for other in ["a", "ab", "a.b", "b/a"] {
            assert!(!key(other).is_below(&key("a")), "{other}");
        }
        assert!(!Key::root().is_below(&Key::root()));
    }
}
