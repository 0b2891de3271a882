//! Types that the language brings along: dates, times, UUIDs, URIs, base64.
//!
//! Each is one text on the wire with one grammar, stricter than what the libraries below accept: a
//! date is `2026-11-24` and nothing else.

use std::fmt;
use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::scalar::write_display;
use crate::{Invalid, Scalar};

/// A type whose text is what `Display` shows: JSON, and `FromStr`.
macro_rules! text_value {
    ($name:ident, $what:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::format::deserialize(deserializer, PhantomData, $what)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                <Self as Scalar>::parse(text)
            }
        }
    };
}

/// Whether `text` has the shape of `mask`: `0` is a digit, anything else is itself.
fn has_shape(text: &str, mask: &str) -> bool {
    text.len() == mask.len()
        && text.bytes().zip(mask.bytes()).all(|(byte, shape)| {
            if shape == b'0' {
                byte.is_ascii_digit()
            } else {
                byte == shape
            }
        })
}

/// A day: `2026-11-24` (RFC 3339, `full-date`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub jiff::civil::Date);

impl Scalar for Date {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let date = has_shape(text, "0000-00-00")
            .then(|| text.parse().ok())
            .flatten();
        date.map(Self)
            .ok_or_else(|| Invalid::new("is not a date like 2026-11-24"))
    }

    fn write(&self, out: &mut String) {
        write_display(self, out);
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

text_value!(Date, "date");

/// A moment: `2026-11-24T21:16:00Z` (RFC 3339, `date-time`). Another offset than UTC is accepted, and
/// converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(pub jiff::Timestamp);

impl DateTime {
    fn has_grammar(text: &str) -> bool {
        let Some((start, rest)) = text.split_at_checked(19) else {
            return false;
        };
        let rest = match rest.strip_prefix('.') {
            Some(fraction) => {
                let offset = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
                if offset.len() == fraction.len() {
                    return false;
                }
                offset
            }
            None => rest,
        };
        // The library reads offsets of more than a day, too.
        let is_offset = rest == "Z"
            || ((has_shape(rest, "+00:00") || has_shape(rest, "-00:00")) && &rest[1..3] < "24");
        has_shape(start, "0000-00-00T00:00:00") && is_offset
    }
}

impl Scalar for DateTime {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let time = Self::has_grammar(text).then(|| text.parse().ok()).flatten();
        time.map(Self)
            .ok_or_else(|| Invalid::new("is not a time like 2026-11-24T21:16:00Z"))
    }

    fn write(&self, out: &mut String) {
        write_display(self, out);
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

text_value!(DateTime, "date_time");

/// A moment as headers have it: `Tue, 24 Nov 2026 21:16:00 GMT` (RFC 9110, section 5.6.7). The two
/// obsolete forms are read, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub struct HttpDate(pub httpdate::HttpDate);

impl Scalar for HttpDate {
    fn parse(text: &str) -> Result<Self, Invalid> {
        text.parse()
            .map(Self)
            .map_err(|_| Invalid::new("is not a date like Tue, 24 Nov 2026 21:16:00 GMT"))
    }

    fn write(&self, out: &mut String) {
        write_display(self, out);
    }
}

impl fmt::Display for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl From<SystemTime> for HttpDate {
    fn from(time: SystemTime) -> Self {
        Self(time.into())
    }
}

/// To the second, and from 1970 on: a header says no more.
impl From<DateTime> for HttpDate {
    fn from(time: DateTime) -> Self {
        let seconds = u64::try_from(time.0.as_second()).unwrap_or(0);
        (SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).into()
    }
}

impl From<HttpDate> for SystemTime {
    fn from(date: HttpDate) -> Self {
        date.0.into()
    }
}

text_value!(HttpDate, "http_date");

/// Seconds since 1970; a number in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(pub i64);

impl Scalar for UnixTime {
    fn parse(text: &str) -> Result<Self, Invalid> {
        i64::parse(text).map(Self)
    }

    fn write(&self, out: &mut String) {
        self.0.write(out);
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A UUID (RFC 9562, section 4): five groups of hexadecimal digits, written in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub uuid::Uuid);

impl Scalar for Uuid {
    fn parse(text: &str) -> Result<Self, Invalid> {
        // The library takes braces, URNs and missing hyphens, too.
        let uuid = (text.len() == 36)
            .then(|| uuid::Uuid::try_parse(text).ok())
            .flatten();
        uuid.map(Self).ok_or_else(|| Invalid::new("is not a UUID"))
    }

    fn write(&self, out: &mut String) {
        write_display(self, out);
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.as_hyphenated(), f)
    }
}

text_value!(Uuid, "uuid");

/// A URI or a relative reference (RFC 3986, section 4.1). Only its characters and escapes are checked;
/// it is kept as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uri(String);

impl Uri {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, by value.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Scalar for Uri {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let is_allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
        let is_good = !text.is_empty()
            && text.bytes().all(is_allowed)
            && text.split('%').skip(1).all(|tail| {
                tail.len() >= 2 && tail.bytes().take(2).all(|digit| digit.is_ascii_hexdigit())
            });
        if is_good {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("is not a URI"))
        }
    }

    fn write(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_value!(Uri, "uri");

/// Bytes that are sent in base64 (RFC 4648, section 4), with padding.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Base64(pub Bytes);

impl Scalar for Base64 {
    fn parse(text: &str) -> Result<Self, Invalid> {
        match STANDARD.decode(text) {
            Ok(bytes) => Ok(Self(bytes.into())),
            Err(_) => Err(Invalid::new("is not base64")),
        }
    }

    fn write(&self, out: &mut String) {
        STANDARD.encode_string(&self.0, out);
    }
}

impl fmt::Display for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

text_value!(Base64, "base64");

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<T: Scalar>(texts: &[(&str, &str)]) {
        for (text, written) in texts {
            assert_eq!(
                T::parse(text).ok().map(|value| value.to_text()).as_deref(),
                Some(*written),
                "{text}"
            );
        }
    }

    fn refused<T: Scalar>(texts: &[&str]) {
        for text in texts {
            assert!(T::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_date_has_one_spelling() {
        round_trip::<Date>(&[("2026-11-24", "2026-11-24"), ("2024-02-29", "2024-02-29")]);
        refused::<Date>(&[
            "",
            "20261124",
            "2026-2-1",
            "2026-02-29",
            "2026-11-24T00:00",
            "+002026-11-24",
            "2026-W48-2",
        ]);
    }

    #[test]
    fn a_time_has_seconds_and_an_offset() {
        round_trip::<DateTime>(&[
            ("2026-11-24T21:16:00Z", "2026-11-24T21:16:00Z"),
            ("2026-11-24T21:16:00.25Z", "2026-11-24T21:16:00.25Z"),
            ("2026-11-24T21:16:00+01:00", "2026-11-24T20:16:00Z"),
        ]);
        refused::<DateTime>(&[
            "",
            "2026-11-24",
            "2026-11-24T21:16:00",
            "2026-11-24 21:16:00Z",
            "2026-11-24T21:16Z",
            "2026-11-24T21:16:00.Z",
            "2026-11-24T21:16:00Z[UTC]",
            "2026-11-24T25:16:00Z",
            "2026-11-24T21:16:00+01",
            "2026-11-24T21:16:00+24:00",
            "2026-11-24T21:16:00-25:00",
            "2026-11-24T21:16:00+01:60",
            "2026-11-24T24:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-11-24t21:16:00z",
            "2026-11-24T21:16:0\u{e4}Z",
        ]);
    }

    #[test]
    fn a_time_in_a_header_has_no_fractions_and_begins_in_1970() {
        for (time, date) in [
            (
                "1994-11-06T09:49:37.9+01:00",
                "Sun, 06 Nov 1994 08:49:37 GMT",
            ),
            ("1822-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("9999-12-30T00:00:00Z", "Thu, 30 Dec 9999 00:00:00 GMT"),
        ] {
            let time = DateTime::parse(time).unwrap();
            assert_eq!(HttpDate::from(time).to_text(), date);
        }
    }

    #[test]
    fn a_date_of_a_header_is_read_in_three_forms_and_written_in_one() {
        let written = "Sun, 06 Nov 1994 08:49:37 GMT";
        round_trip::<HttpDate>(&[
            (written, written),
            ("Sunday, 06-Nov-94 08:49:37 GMT", written),
            ("Sun Nov  6 08:49:37 1994", written),
        ]);
        refused::<HttpDate>(&[
            "",
            "0",
            "1994-11-06",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Mon, 30 Feb 2026 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
        ]);
    }

    #[test]
    fn a_unix_time_is_a_number_in_json() {
        assert_eq!(serde_json::to_string(&UnixTime(-5)).unwrap(), "-5");
        assert_eq!(serde_json::from_str::<UnixTime>("7").unwrap(), UnixTime(7));
        round_trip::<UnixTime>(&[("0", "0"), ("-1", "-1")]);
        refused::<UnixTime>(&["", "1.5", "+1", "9223372036854775808"]);
    }

    #[test]
    fn a_uuid_has_its_hyphens() {
        let uuid = "0c4a1b6e-5f5d-4c0e-9f6b-3b1f6d0a7c11";
        round_trip::<Uuid>(&[(uuid, uuid), (&uuid.to_uppercase(), uuid)]);
        refused::<Uuid>(&[
            "",
            "0c4a1b6e5f5d4c0e9f6b3b1f6d0a7c11",
            "{0c4a1b6e-5f5d-4c0e-9f6b-3b1f6d0a7c11}",
            "x",
        ]);
    }

    #[test]
    fn a_uri_is_kept_as_it_was_written() {
        for uri in ["https://h:1/a%2fb?x=y#z", "/a", "mailto:x@y", "//h", "?q"] {
            round_trip::<Uri>(&[(uri, uri)]);
        }
        refused::<Uri>(&[
            "", "a b", "a\r\n", "%", "%4", "%zz", "\u{e4}", "<x>", "a\"b",
        ]);
    }

    #[test]
    fn base64_has_its_padding() {
        round_trip::<Base64>(&[("", ""), ("aGk=", "aGk="), ("+/+/", "+/+/")]);
        refused::<Base64>(&["aGk", "-_-_", "aGk=\n", "a", "===="]);
        assert_eq!(serde_json::from_str::<Base64>("\"aGk=\"").unwrap().0, "hi");
    }
}
