//! Why and until when something is there that should not be used any more.
//!
//! Dates are seconds since 1970 where they become headers. The calendar is computed here: nothing else of
//! the generator has to do with time.

/// Why something should not be used any more.
#[derive(Clone, Debug)]
pub struct Deprecation {
    /// Version or date since when.
    pub since: Option<String>,
    /// Date of its end.
    pub sunset: Option<String>,
    /// What to use instead.
    pub instead: Option<String>,
    /// CommonMark.
    pub reason: String,
}

impl Deprecation {
    /// When it began, where a date is given and no version: what `Deprecation` says (RFC 9745).
    pub fn since_time(&self) -> Option<i64> {
        unix_time(self.since.as_deref()?)
    }

    /// When it ends: what `Sunset` says (RFC 8594).
    pub fn sunset_time(&self) -> Option<i64> {
        unix_time(self.sunset.as_deref()?)
    }
}

/// The first second of a day that is written `2026-11-24`, since 1970; `None` where it is no such day.
pub(crate) fn unix_time(date: &str) -> Option<i64> {
    let has_shape = date.len() == 10
        && date.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let mut parts = date.split('-').filter_map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if !has_shape || year < 1970 || !is_day(year, month, day) {
        return None;
    }
    let years = (1970..year).map(|year| month_lengths(year).iter().sum::<i64>());
    let months = month_lengths(year);
    let months = months.iter().zip(1..month).map(|(length, _)| length);
    Some((years.sum::<i64>() + months.sum::<i64>() + day - 1) * 24 * 60 * 60)
}

/// Whether there is such a day.
pub(crate) fn is_day(year: i64, month: i64, day: i64) -> bool {
    let length = usize::try_from(month - 1)
        .ok()
        .and_then(|month| month_lengths(year).get(month).copied());
    length.is_some_and(|length| (1..=length).contains(&day))
}

fn month_lengths(year: i64) -> [i64; 12] {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if is_leap { 29 } else { 28 };
    [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_first_second() {
        for (date, seconds) in [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400),
            ("2026-11-24", 1_795_478_400),
            ("2027-11-24", 1_827_014_400),
        ] {
            assert_eq!(unix_time(date), Some(seconds), "{date}");
        }
    }

    #[test]
    fn a_version_or_a_day_that_is_not_is_no_date() {
        for date in [
            "",
            "2",
            "2.1",
            "2026-11",
            "2026-13-01",
            "2026-00-01",
            "2026-02-29",
            "2026-04-31",
            "2026-04-00",
            "1969-12-31",
            "2026-1-001",
            "2026-11-24Z",
            "26-11-24",
            "+026-11-24",
        ] {
            assert_eq!(unix_time(date), None, "{date}");
        }
    }
}
