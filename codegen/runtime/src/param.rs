//! What is declared of a parameter: name, bounds, the style of a list.
//!
//! Bounds are checked on the text, which is the value's one spelling, so no type has to know of them.

use crate::percent::decode_component;
use crate::{Dfa, ErrorInfo, Invalid, Scalar, list};

/// A path parameter, a query parameter or a header.
#[derive(Debug)]
pub struct Param {
    /// Name on the wire.
    pub name: &'static str,
    /// The code that a malformed value yields; `None`: the envelope's `bad_request`.
    pub invalid: Option<&'static ErrorInfo>,
    /// How a list stands.
    pub style: Style,
    /// Bounds of the value.
    pub checks: &'static [Check],
}

/// How a list stands in a query or a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The key is repeated.
    Repeat,
    /// Separated by commas.
    Comma,
    /// Separated by spaces.
    Space,
    /// Separated by `|`.
    Pipe,
}

/// One bound.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Smallest number.
    Min(i128),
    /// Largest number.
    Max(i128),
    /// Shortest text, in characters.
    MinLength(u64),
    /// Longest text, in characters.
    MaxLength(u64),
    /// Fewest items.
    MinItems(u64),
    /// Most items.
    MaxItems(u64),
    /// Pattern of the whole text.
    Pattern(&'static Dfa),
}

impl Check {
    /// Checks one value by its text. A bound of a list says nothing of it.
    pub fn text(&self, text: &str) -> Result<(), Invalid> {
        match self {
            Self::Min(min)
                if !number_is(text, |whole| whole >= *min, |real| real >= to_real(*min)) =>
            {
                Err(Invalid::new(format!("is less than {min}")))
            }
            Self::Max(max)
                if !number_is(text, |whole| whole <= *max, |real| real <= to_real(*max)) =>
            {
                Err(Invalid::new(format!("is greater than {max}")))
            }
            Self::MinLength(min) if is_shorter(text, *min) => {
                Err(Invalid::new(format!("is shorter than {min} characters")))
            }
            Self::MaxLength(max) if is_longer(text, *max) => {
                Err(Invalid::new(format!("is longer than {max} characters")))
            }
            Self::Pattern(pattern) if !pattern.matches(text.as_bytes()) => {
                Err(Invalid::new("does not match the pattern"))
            }
            _ => Ok(()),
        }
    }

    /// Checks a list or a map by the number of its items. A bound of one value says nothing of it.
    pub fn items(&self, count: usize) -> Result<(), Invalid> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        match self {
            Self::MinItems(min) if count < *min => {
                Err(Invalid::new(format!("has fewer than {min} items")))
            }
            Self::MaxItems(max) if count > *max => {
                Err(Invalid::new(format!("has more than {max} items")))
            }
            _ => Ok(()),
        }
    }
}

/// Whether `text` has fewer than `min` characters.
pub(crate) fn is_shorter(text: &str, min: u64) -> bool {
    let min = usize::try_from(min).unwrap_or(usize::MAX);
    text.len() < min || (text.len() < min.saturating_mul(4) && text.chars().count() < min)
}

/// Whether `text` has more than `max` characters.
pub(crate) fn is_longer(text: &str, max: u64) -> bool {
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    text.len() > max && text.chars().count() > max
}

fn number_is(text: &str, whole: impl Fn(i128) -> bool, real: impl Fn(f64) -> bool) -> bool {
    match text.parse::<i128>() {
        Ok(number) => whole(number),
        Err(_) => text.parse::<f64>().is_ok_and(real),
    }
}

/// A bound as it is compared with a number that is not whole.
#[expect(
    clippy::cast_precision_loss,
    reason = "bounds of such numbers are small"
)]
pub(crate) fn to_real(bound: i128) -> f64 {
    bound as f64
}

impl Param {
    /// Parses one value and checks its bounds.
    pub fn parse<T: Scalar>(&self, text: &str) -> Result<T, Invalid> {
        let value = T::parse(text)?;
        self.checks.iter().try_for_each(|check| check.text(text))?;
        Ok(value)
    }

    /// Parses a list from the values of a query, one for each time that the key stands there, still
    /// percent-encoded. An escaped comma is part of an item, or separates two where one with it is not of the type.
    pub fn parse_list<T: Scalar>(
        &self,
        values: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Vec<T>, Invalid> {
        let mut items = Vec::new();
        for value in values {
            for item in list::items(value.as_ref(), self.style) {
                let item = decode_component(item)?;
                if self.style == Style::Comma && item.contains(',') && T::parse(&item).is_err() {
                    // Many libraries escape all that they write. (OpenAPI leaves open which comma separates.)
                    for item in item.split(',') {
                        items.push(self.parse(item)?);
                    }
                } else {
                    items.push(self.parse(&item)?);
                }
            }
        }
        self.check_items(items.len())?;
        Ok(items)
    }

    /// Parses a list from the lines of a header. Commas separate, too, whatever the style is (RFC 9110,
    /// section 5.3), unless they stand in a quoted string; empty items are skipped (section 5.6.1.2).
    pub fn parse_header_list<T: Scalar>(
        &self,
        lines: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Vec<T>, Invalid> {
        let mut items = Vec::new();
        for line in lines {
            for element in list::elements(line.as_ref()) {
                let separator = match self.style {
                    Style::Repeat | Style::Comma => None,
                    Style::Space => Some(' '),
                    Style::Pipe => Some('|'),
                };
                match separator {
                    None => items.push(self.parse(element)?),
                    Some(separator) => {
                        for item in element.split(separator) {
                            items.push(self.parse(item)?);
                        }
                    }
                }
            }
        }
        self.check_items(items.len())?;
        Ok(items)
    }

    pub(crate) fn check_items(&self, count: usize) -> Result<(), Invalid> {
        self.checks.iter().try_for_each(|check| check.items(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn param(style: Style, checks: &'static [Check]) -> Param {
        Param {
            name: "x",
            invalid: None,
            style,
            checks,
        }
    }

    #[test]
    fn numbers_keep_their_bounds() {
        let param = param(Style::Repeat, &[Check::Min(1), Check::Max(100)]);
        assert_eq!(param.parse::<u32>("100"), Ok(100));
        assert_eq!(param.parse::<u32>("0"), Err(Invalid::new("is less than 1")));
        assert_eq!(
            param.parse::<u32>("101"),
            Err(Invalid::new("is greater than 100"))
        );
        assert!(param.parse::<f64>("0.5").is_err());
        assert_eq!(param.parse::<f64>("99.5"), Ok(99.5));
        assert!(param.parse::<u32>("x").is_err());
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let param = param(Style::Repeat, &[Check::MinLength(2), Check::MaxLength(3)]);
        for (text, is_good) in [
            ("a", false),
            ("ä", false),
            ("ää", true),
            ("äää", true),
            ("ääää", false),
            ("", false),
        ] {
            assert_eq!(param.parse::<String>(text).is_ok(), is_good, "{text}");
        }
        let one = "\u{1f600}";
        assert!(param.parse::<String>(one).is_err());
    }

    #[test]
    fn a_list_of_a_query_is_split_by_its_style() {
        let parse =
            |style, values: &[&str]| param(style, &[]).parse_list::<String>(values).unwrap();
        assert_eq!(parse(Style::Repeat, &["a,b", "c"]), ["a,b", "c"]);
        assert_eq!(parse(Style::Comma, &["a,b", "c"]), ["a", "b", "c"]);
        assert_eq!(parse(Style::Space, &["a%20b"]), ["a", "b"]);
        assert_eq!(parse(Style::Pipe, &["a%7Cb+c"]), ["a", "b c"]);
        assert!(parse(Style::Comma, &[]).is_empty());
    }

    #[test]
    fn an_escaped_comma_separates_what_cannot_hold_one() {
        let param = param(Style::Comma, &[Check::MaxItems(3)]);
        let numbers = |text| param.parse_list::<f64>([text]);
        assert_eq!(numbers("5.9%2C45.8,1"), Ok(vec![5.9, 45.8, 1.0]));
        assert!(numbers("5.9%2C").is_err());
        assert!(numbers("1%2C2%2C3%2C4").is_err());
        let texts = param.parse_list::<String>(["a%2Cb,c"]);
        assert_eq!(texts.unwrap(), ["a,b", "c"]);
        let dates = super::Param {
            style: Style::Repeat,
            ..param
        };
        assert!(dates.parse_list::<f64>(["1%2C2"]).is_err());
    }

    #[test]
    fn a_list_of_a_header_is_split_at_commas_too() {
        let parse = |style, lines: &[&str]| {
            param(style, &[])
                .parse_header_list::<String>(lines)
                .unwrap()
        };
        assert_eq!(parse(Style::Repeat, &["a, b,", " ,c"]), ["a", "b", "c"]);
        assert_eq!(
            parse(Style::Repeat, &[r#"299 - "a, b", x"#]),
            [r#"299 - "a, b""#, "x"]
        );
        assert_eq!(parse(Style::Space, &["a b, c"]), ["a", "b", "c"]);
    }

    #[test]
    fn the_number_of_items_is_bounded() {
        let param = param(
            Style::Comma,
            &[Check::MinItems(1), Check::MaxItems(2), Check::Max(5)],
        );
        assert_eq!(param.parse_list::<i32>(["1,2"]), Ok(vec![1, 2]));
        assert_eq!(
            param.parse_list::<i32>([""; 0]),
            Err(Invalid::new("has fewer than 1 items"))
        );
        assert_eq!(
            param.parse_list::<i32>(["1,2,3"]),
            Err(Invalid::new("has more than 2 items"))
        );
        assert_eq!(
            param.parse_list::<i32>(["6"]),
            Err(Invalid::new("is greater than 5"))
        );
    }
}
