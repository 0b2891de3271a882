//! Which texts are values of the types that the language brings along.
//!
//! These are the rules of the runtime (`api_runtime::values`), which reads the same texts in requests and
//! answers: what a descriptor gives as an example, its own server has to take. Contract tests judge by
//! them, too. `{type: date, example: '2026-02-30'}` fails: there is no such day.

use super::types::builtin_name;
use crate::model::{self, Builtin};
use crate::pattern::Dfa;

/// Whether `text` is a value of `builtin`.
pub(super) fn text(builtin: Builtin, text: &str) -> Result<(), String> {
    let is_fine = match builtin {
        Builtin::String | Builtin::Any => true,
        // Whoever reads parameters has looked at it.
        Builtin::Flag => text == "true",
        Builtin::Boolean => matches!(text, "true" | "false"),
        // A sign `+` would be a space in a query.
        _ if builtin.is_number() && text.starts_with('+') => false,
        Builtin::Integer | Builtin::UnixTime => text.parse::<i64>().is_ok(),
        Builtin::Int32 => text.parse::<i32>().is_ok(),
        Builtin::Uint32 => text.parse::<u32>().is_ok(),
        Builtin::Uint64 => text.parse::<u64>().is_ok(),
        Builtin::Number => text.parse::<f64>().is_ok_and(f64::is_finite),
        Builtin::Date => date(text).is_some(),
        Builtin::DateTime => is_date_time(text),
        Builtin::HttpDate => is_http_date(text),
        Builtin::Uuid => matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text),
        Builtin::Uri => matches(
            "([A-Za-z0-9._~:/?#@!$&'()*+,;=\\[\\]-]|%[0-9A-Fa-f]{2})+",
            text,
        ),
        // The bits of the last character that belong to no byte are none.
        Builtin::Base64 => matches(
            "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?",
            text,
        ),
        Builtin::Etag => matches("(W/)?\"[!#-~]*\"", text),
    };
    if is_fine {
        Ok(())
    } else {
        Err(format!("`{text}` is no `{}`", builtin_name(builtin)))
    }
}

/// Whether `text` matches a pattern of this file.
fn matches(pattern: &'static str, text: &str) -> bool {
    Dfa::own(pattern).matches(text.as_bytes())
}

/// The number that a part of a text is.
fn number(text: &str, from: usize, to: usize) -> Option<i64> {
    text.get(from..to)?.parse().ok()
}

/// Year, month and day of a day that there is.
fn date(text: &str) -> Option<(i64, i64, i64)> {
    if !matches("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) {
        return None;
    }
    let (year, month) = (number(text, 0, 4)?, number(text, 5, 7)?);
    let day = number(text, 8, 10)?;
    model::is_day(year, month, day).then_some((year, month, day))
}

fn is_date_time(text: &str) -> bool {
    // A leap second is read as the one before it.
    let time = "([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
    // The last day of all is beyond what the runtime can hold under some offsets, so it takes none of it.
    let day = text.split_once('T').and_then(|(day, _)| date(day));
    let is_day = day.is_some_and(|day| day != (9999, 12, 31));
    is_day && matches(time, text.get(11..).unwrap_or_default())
}

fn is_http_date(text: &str) -> bool {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let shape =
        "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} ([01][0-9]|2[0-3])(:[0-5][0-9]){2} GMT";
    if !matches(shape, text) {
        return false;
    }
    let Some(month) = MONTHS.iter().position(|month| *month == &text[8..11]) else {
        return false;
    };
    let (year, day) = (&text[12..16], &text[5..7]);
    let seconds = model::unix_time(&format!("{year}-{:02}-{day}", month + 1));
    let weekday = seconds.and_then(|seconds| usize::try_from(seconds / (24 * 60 * 60) % 7).ok());
    // The first of January 1970 was a Thursday.
    weekday.is_some_and(|at| DAYS[at] == &text[..3])
}

#[cfg(test)]
mod tests {
    use api_runtime::Scalar;

    use super::*;

    /// Asserts which texts are values, here and for the runtime.
    fn assert_agreed<T: Scalar>(builtin: Builtin, good: &[&str], bad: &[&str]) {
        let (good, bad) = (
            good.iter().map(|it| (it, true)),
            bad.iter().map(|it| (it, false)),
        );
        for (value, is_one) in good.chain(bad) {
            assert_eq!(text(builtin, value).is_ok(), is_one, "{value}");
            assert_eq!(T::parse(value).is_ok(), is_one, "{value} in the runtime");
        }
    }

    #[test]
    fn a_day_is_one_of_the_calendar() {
        let good = [
            "2026-11-24",
            "2024-02-29",
            "2000-02-29",
            "1969-01-01",
            "0001-01-01",
        ];
        let bad = [
            "2026-02-30",
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "2026-1-1",
            "20260101",
            "2026-01-01T00:00:00Z",
            "",
        ];
        assert_agreed::<api_runtime::Date>(Builtin::Date, &good, &bad);
    }

    #[test]
    fn a_time_is_one_of_a_clock() {
        let good = [
            "2026-11-24T00:00:00Z",
            "2026-11-24T23:59:60Z",
            "2026-11-24T21:16:00-00:00",
            "2026-11-24T21:16:00.123456789+23:59",
            "1900-01-01T00:00:00-12:00",
        ];
        let bad = [
            "2026-02-30T00:00:00Z",
            "2026-11-24T24:00:00Z",
            "2026-11-24T21:60:00Z",
            "2026-11-24T21:16:00+25:00",
            "2026-11-24T21:16:00+24:00",
            "2026-11-24T21:16:00+01:60",
            "2026-11-24t21:16:00z",
            "2026-11-24 21:16:00Z",
            "2026-11-24T21:16:00",
            "2026-11-24",
            "2026-11-24T21:16:00.Z",
            "2026-11-24T21:16:00.1234567891Z",
            "9999-12-31T00:00:00Z",
            "",
        ];
        assert_agreed::<api_runtime::DateTime>(Builtin::DateTime, &good, &bad);
    }

    #[test]
    fn a_date_in_a_header_has_the_day_of_the_week_that_it_was() {
        let good = [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Tue, 24 Nov 2026 21:16:00 GMT",
        ];
        let bad = [
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Mon, 30 Feb 2026 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Now 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Wed, 31 Dec 1969 23:59:59 GMT",
            "",
        ];
        assert_agreed::<api_runtime::HttpDate>(Builtin::HttpDate, &good, &bad);
    }

    #[test]
    fn a_number_has_no_plus() {
        assert_agreed::<i64>(Builtin::Integer, &["1", "-1", "007"], &["+1", "1.0", ""]);
        assert_agreed::<u32>(Builtin::Uint32, &["0"], &["+1", "-1", "4294967296"]);
        assert_agreed::<f64>(
            Builtin::Number,
            &["1.5", "-1e3", "7"],
            &["+1", "inf", "NaN", ""],
        );
    }

    #[test]
    fn what_the_library_of_the_runtime_refuses_is_no_value() {
        assert_agreed::<api_runtime::Base64>(
            Builtin::Base64,
            &["", "aGk=", "/w==", "AAEC"],
            &["aGl=", "/x==", "aGk", "a", "===="],
        );
        assert_agreed::<api_runtime::Uri>(
            Builtin::Uri,
            &["https://h:1/a%2fb?x=y#z", "[::1]", "mailto:x@y"],
            &["50%", "%zz", "a b", "<x>", "\u{e4}", ""],
        );
        assert_agreed::<api_runtime::Uuid>(
            Builtin::Uuid,
            &[
                "0c4a1b6e-5f5d-4c0e-9f6b-3b1f6d0a7c11",
                "0C4A1B6E-5F5D-4C0E-9F6B-3B1F6D0A7C11",
            ],
            &[
                "0c4a1b6e5f5d4c0e9f6b3b1f6d0a7c11",
                "{0c4a1b6e-5f5d-4c0e-9f6b-3b1f6d0a7c11}",
                "",
            ],
        );
        assert_agreed::<api_runtime::Etag>(
            Builtin::Etag,
            &["\"\"", "\"a\"", "W/\"a\""],
            &["a b", "\"a b\"", "w/\"a\"", "\"a\"b\"", ""],
        );
    }
}
