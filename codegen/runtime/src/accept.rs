//! Accept (RFC 9110, section 12.5.1): which of the possible answers a client would like.
//!
//! Several header lines are one list. What cannot be read is skipped, and a header of which nothing can
//! be read counts as none: refusing an answer is no help to a client that misspelt a preference.

use crate::list;
use crate::media::Media;

/// The bodies among which a caller chooses; generated code implements it for an enum without data.
pub trait Offered: Copy + PartialEq + 'static {
    /// Each with its media type. The first is the default.
    const ALL: &'static [(Self, &'static str)];

    /// What of them the lines of `Accept` like best; `None`: nothing is acceptable.
    fn chosen<'l>(lines: impl IntoIterator<Item = &'l str>) -> Option<Self> {
        let media_types: Vec<&str> = Self::ALL
            .iter()
            .map(|(_, media_type)| *media_type)
            .collect();
        let index = Accept::parse(lines).choose(&media_types)?;
        Self::ALL.get(index).map(|(one, _)| *one)
    }

    /// Its media type.
    fn media_type(self) -> &'static str {
        let found = Self::ALL.iter().find(|(one, _)| *one == self);
        found.map_or("*/*", |(_, media_type)| media_type)
    }
}

/// What a client accepts.
#[derive(Clone, Debug)]
pub struct Accept<'l> {
    ranges: Vec<Range<'l>>,
}

#[derive(Clone, Debug)]
struct Range<'l> {
    media: Media<'l>,
    /// Thousandths.
    quality: u16,
}

impl<'l> Accept<'l> {
    /// Reads all lines of the header.
    pub fn parse(lines: impl IntoIterator<Item = &'l str>) -> Self {
        Self {
            ranges: lines
                .into_iter()
                .flat_map(list::elements)
                .filter_map(Range::parse)
                .collect(),
        }
    }

    /// Whether everything is as good as anything else: there is no such header.
    pub fn is_absent(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How much `media_type` is liked, from 0 (not acceptable) to 1000. The most precise entry that
    /// covers it decides, not the one with the highest quality.
    pub fn quality(&self, media_type: &str) -> u16 {
        if self.is_absent() {
            return 1000;
        }
        let Ok(media) = Media::parse(media_type) else {
            return 0;
        };
        self.ranges
            .iter()
            .filter_map(|range| Some((range.precision(&media)?, range.quality)))
            .max()
            .map_or(0, |(_, quality)| quality)
    }

    /// The index of the best of `available`; of equals the first. `None`: nothing is acceptable.
    pub fn choose(&self, available: &[&str]) -> Option<usize> {
        let mut best = None;
        for (index, media_type) in available.iter().enumerate() {
            let quality = self.quality(media_type);
            if quality > best.map_or(0, |(_, quality)| quality) {
                best = Some((index, quality));
            }
        }
        best.map(|(index, _)| index)
    }
}

impl<'l> Range<'l> {
    fn parse(element: &'l str) -> Option<Self> {
        let media = Media::parse(element).ok().or_else(|| {
            // `*` alone is what Java's own client has always sent.
            let rest = element.strip_prefix('*').map(str::trim_start)?;
            let media = Media::parse("*/*").ok()?;
            if rest.is_empty() || rest.starts_with(';') {
                Some(media.with_parameters(rest))
            } else {
                None
            }
        })?;
        let quality = match media.parameter("q") {
            Some(text) => quality(&text)?,
            None => 1000,
        };
        Some(Self { media, quality })
    }

    /// How precisely the range covers `media`; `None` where it does not. Its parameters before `q` must
    /// be there.
    fn precision(&self, media: &Media<'_>) -> Option<(u8, usize)> {
        if !self.media.covers(media) {
            return None;
        }
        let mut count = 0;
        for (key, value) in self
            .media
            .parameters()
            .take_while(|(key, _)| !key.eq_ignore_ascii_case("q"))
        {
            if !media
                .parameter(key)
                .is_some_and(|other| other.eq_ignore_ascii_case(&value))
            {
                return None;
            }
            count += 1;
        }
        Some((self.media.precision(), count))
    }
}

/// A `qvalue` (section 12.4.2), in thousandths: up to three digits behind the point. The zero before it
/// may be missing.
fn quality(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = fraction.len() <= 3 && fraction.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number || !matches!(whole, "" | "0" | "1") || text.is_empty() || text == "." {
        return None;
    }
    let thousandths = format!("{fraction:0<3}").parse::<u16>().ok()?;
    match whole {
        "1" => (thousandths == 0).then_some(1000),
        _ => Some(thousandths),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn qualities(lines: &[&str], types: &[&str]) -> Vec<u16> {
        let accept = Accept::parse(lines.iter().copied());
        types
            .iter()
            .map(|media_type| accept.quality(media_type))
            .collect()
    }

    #[test]
    fn without_the_header_everything_is_acceptable() {
        assert_eq!(qualities(&[], &["a/b"]), [1000]);
        assert_eq!(qualities(&["", " , "], &["a/b"]), [1000]);
        assert_eq!(qualities(&["rubbish", "a/b;q=x"], &["a/b"]), [1000]);
        assert_eq!(Accept::parse([]).choose(&["a/b", "c/d"]), Some(0));
        assert_eq!(Accept::parse([]).choose(&[]), None);
    }

    #[test]
    fn the_most_precise_entry_decides() {
        // The example of section 12.5.1.
        let line = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5";
        let types = [
            "text/plain;format=flowed",
            "text/plain",
            "text/html",
            "image/jpeg",
            "text/plain;format=fixed",
            "text/html;level=3",
        ];
        assert_eq!(qualities(&[line], &types), [1000, 700, 300, 500, 400, 300]);
    }

    #[test]
    fn several_lines_are_one_list() {
        let accept = Accept::parse([
            "application/json;q=0.5",
            "Application/Vnd.X+Json",
            "text/plain; q=0",
        ]);
        assert_eq!(
            accept.choose(&["application/json", "application/vnd.x+json"]),
            Some(1)
        );
        assert_eq!(accept.choose(&["text/plain"]), None);
        assert_eq!(accept.choose(&["text/plain", "application/json"]), Some(1));
    }

    #[test]
    fn zero_excludes_what_a_wildcard_would_allow() {
        assert_eq!(qualities(&["*/*, a/b;q=0"], &["a/b", "a/c"]), [0, 1000]);
        assert_eq!(
            qualities(&["a/*;q=0, */*;q=0.1"], &["a/b", "c/d"]),
            [0, 100]
        );
    }

    #[test]
    fn of_equals_the_first_wins() {
        let accept = Accept::parse(["b/b, a/a"]);
        assert_eq!(accept.choose(&["a/a", "b/b"]), Some(0));
    }

    #[test]
    fn a_quality_is_a_decimal_of_three_places() {
        for (text, expected) in [
            ("1", Some(1000)),
            ("0", Some(0)),
            ("0.5", Some(500)),
            ("0.123", Some(123)),
            ("1.000", Some(1000)),
            (".2", Some(200)),
            ("0.", Some(0)),
            ("1.1", None),
            ("2", None),
            ("-1", None),
            ("0.1234", None),
            ("", None),
            (".", None),
            ("0.x", None),
            ("+0.5", None),
            ("1e0", None),
            ("nan", None),
        ] {
            assert_eq!(quality(text), expected, "{text}");
        }
    }

    #[test]
    fn a_star_alone_means_everything() {
        assert_eq!(
            qualities(&["text/html, *; q=.2, */*; q=.2"], &["a/b", "text/html"]),
            [200, 1000]
        );
        assert_eq!(qualities(&["*"], &["a/b"]), [1000]);
    }
}
