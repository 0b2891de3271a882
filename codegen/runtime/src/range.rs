//! Ranges of bytes: Range, If-Range, Content-Range (RFC 9110, section 14).
//!
//! What a server makes of a Range header is decided here alone. A unit other than bytes is ignored;
//! so is more than one range, which section 14.2 allows and which spares a server multipart answers
//! that amplify. One range that is malformed, inverted or beyond the end is refused with 416. Numbers
//! of the client are compared with the length, never used for anything else.

use std::fmt;
use std::ops::Range;

use crate::{Etag, HttpDate, Scalar, list};

/// What to answer to a Range header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All of it, with 200.
    Whole,
    /// These bytes, with 206. There is at least one.
    Part(Range<u64>),
    /// 416.
    Unsatisfiable,
}

/// Decides on the lines of the header Range, for a body of `len` bytes.
pub fn answer<'l>(lines: impl IntoIterator<Item = &'l str>, len: u64) -> Answer {
    let mut lines = lines.into_iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return Answer::Whole;
    };
    let Some((unit, set)) = line.split_once('=') else {
        return Answer::Whole;
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Answer::Whole;
    }
    let mut specs = list::elements(set);
    match (specs.next(), specs.next()) {
        (Some(spec), None) => one(spec, len),
        (Some(_), Some(_)) => Answer::Whole,
        (None, _) => Answer::Unsatisfiable,
    }
}

/// One `range-spec` (section 14.1.1).
fn one(spec: &str, len: u64) -> Answer {
    let Some((first, last)) = spec.split_once('-') else {
        return Answer::Unsatisfiable;
    };
    let range = match (first, last) {
        ("", suffix) => match number(suffix) {
            // The last bytes of nothing are all of it, which no Content-Range can say.
            Some(count) if count > 0 && len == 0 => return Answer::Whole,
            Some(count) => len.saturating_sub(count)..len,
            None => return Answer::Unsatisfiable,
        },
        (first, "") => match number(first) {
            Some(first) => first..len,
            None => return Answer::Unsatisfiable,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) => first..last.saturating_add(1).min(len),
            _ => return Answer::Unsatisfiable,
        },
    };
    if range.start < range.end {
        Answer::Part(range)
    } else {
        Answer::Unsatisfiable
    }
}

/// Digits. A number that is too large is as good as the largest one.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Whether If-Range holds (section 13.1.5), so that Range counts: the same strong entity tag, or
/// exactly the same date.
pub fn if_range(line: &str, etag: Option<&Etag>, last_modified: Option<HttpDate>) -> bool {
    if let Ok(tag) = line.trim().parse::<Etag>() {
        return etag.is_some_and(|etag| tag.strong_eq(etag));
    }
    let date = <HttpDate as Scalar>::parse(line.trim()).ok();
    date.is_some() && date == last_modified
}

/// The header Content-Range (section 14.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContentRange {
    /// `bytes 0-9/20`: these bytes, and how many there are, where that is known.
    Part(Range<u64>, Option<u64>),
    /// `bytes */20`: none of the bytes that were asked for, because there are so many.
    Unsatisfied(u64),
}

impl ContentRange {
    /// Parses the header; `None` where it is of another unit or makes no sense.
    pub fn parse(text: &str) -> Option<Self> {
        let (unit, rest) = text.trim().split_once(' ')?;
        let (range, total) = rest.trim_start().split_once('/')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let exact = |text: &str| number(text).filter(|number| *number < u64::MAX);
        if range == "*" {
            return exact(total).map(Self::Unsatisfied);
        }
        let (first, last) = range.split_once('-')?;
        let range = exact(first)?..exact(last)? + 1;
        let total = if total == "*" {
            None
        } else {
            Some(exact(total)?)
        };
        let is_within = range.start < range.end && total.is_none_or(|total| range.end <= total);
        is_within.then_some(Self::Part(range, total))
    }
}

impl fmt::Display for ContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsatisfied(total) => write!(f, "bytes */{total}"),
            Self::Part(range, total) => {
                write!(f, "bytes {}-{}/", range.start, range.end.saturating_sub(1))?;
                match total {
                    Some(total) => write!(f, "{total}"),
                    None => f.write_str("*"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Answer {
        answer([line], 100)
    }

    #[test]
    fn first_and_last_position_are_inclusive_and_cut_at_the_end() {
        for (line, range) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-99", 0..100),
            ("bytes=0-100", 0..100),
            ("bytes=99-", 99..100),
            ("bytes=10-19", 10..20),
            ("Bytes= 10-19 ,", 10..20),
            ("bytes=5-99999999999999999999999", 5..100),
            ("bytes=-1", 99..100),
            ("bytes=-100", 0..100),
            ("bytes=-99999999999999999999999", 0..100),
        ] {
            assert_eq!(of(line), Answer::Part(range), "{line}");
        }
    }

    #[test]
    fn what_is_beyond_the_end_inverted_or_malformed_is_refused() {
        for line in [
            "bytes=100-",
            "bytes=100-200",
            "bytes=9-5",
            "bytes=-0",
            "bytes=",
            "bytes=-",
            "bytes=x",
            "bytes=1",
            "bytes=a-b",
            "bytes=1-b",
            "bytes=+1-2",
            "bytes=1--2",
            "bytes=0x1-2",
            "bytes=1-2-3",
            "bytes=99999999999999999999999-",
            "bytes=,",
        ] {
            assert_eq!(of(line), Answer::Unsatisfiable, "{line}");
        }
    }

    #[test]
    fn other_units_and_several_ranges_get_the_whole() {
        for line in [
            "items=0-1",
            "bytes",
            "",
            "=0-1",
            "bytes=0-1,5-6",
            "bytes=0-1, x",
            "bits=9-5",
        ] {
            assert_eq!(of(line), Answer::Whole, "{line}");
        }
        assert_eq!(answer([], 100), Answer::Whole);
        assert_eq!(answer(["bytes=0-1", "bytes=2-3"], 100), Answer::Whole);
    }

    #[test]
    fn of_nothing_no_part_can_be_had() {
        assert_eq!(answer(["bytes=0-0"], 0), Answer::Unsatisfiable);
        assert_eq!(answer(["bytes=0-"], 0), Answer::Unsatisfiable);
        assert_eq!(answer(["bytes=-5"], 0), Answer::Whole);
        assert_eq!(answer(["bytes=-0"], 0), Answer::Unsatisfiable);
        assert_eq!(
            answer(["bytes=0-18446744073709551615"], u64::MAX),
            Answer::Part(0..u64::MAX)
        );
    }

    #[test]
    fn if_range_wants_the_same_strong_tag_or_the_same_date() {
        let tag: Etag = "\"a\"".parse().unwrap();
        let weak: Etag = "W/\"a\"".parse().unwrap();
        let text = "Sun, 06 Nov 1994 08:49:37 GMT";
        let date = Some(text.parse::<HttpDate>().unwrap());
        assert!(if_range(" \"a\" ", Some(&tag), None));
        assert!(!if_range("\"b\"", Some(&tag), None));
        assert!(!if_range("W/\"a\"", Some(&weak), None));
        assert!(!if_range("\"a\"", None, date));
        assert!(if_range(text, None, date));
        assert!(!if_range("Sun, 06 Nov 1994 08:49:38 GMT", None, date));
        assert!(!if_range(text, Some(&tag), None));
        assert!(!if_range("rubbish", Some(&tag), None));
        assert!(!if_range("", None, None));
    }

    #[test]
    fn a_content_range_is_parsed_as_it_is_written() {
        for (text, range) in [
            ("bytes 0-9/20", ContentRange::Part(0..10, Some(20))),
            ("bytes 5-5/*", ContentRange::Part(5..6, None)),
            ("bytes */20", ContentRange::Unsatisfied(20)),
        ] {
            assert_eq!(ContentRange::parse(text), Some(range.clone()), "{text}");
            assert_eq!(range.to_string(), text);
        }
        for text in [
            "",
            "bytes",
            "bytes 0-9",
            "0-9/20",
            "bytes 9-0/20",
            "bytes 0-20/20",
            "bytes */*",
            "items 0-9/20",
            "bytes x-9/20",
            "bytes 0-18446744073709551615/*",
            "bytes 0-9/x",
            "bytes -9/20",
        ] {
            assert_eq!(ContentRange::parse(text), None, "{text}");
        }
    }
}
