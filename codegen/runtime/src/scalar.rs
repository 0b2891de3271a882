//! Scalars: what stands in a path, a query or a header as one text.
//!
//! Text is what a parameter is after percent-decoding. Parsing is strict, so that one value has one
//! spelling as far as possible: no sign `+`, no white space, no `inf`. An [`Invalid`] says what is wrong
//! and never holds the value, which may be secret or long.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::ErrorInfo;

/// Why a value was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    reason: Cow<'static, str>,
    code: Option<&'static ErrorInfo>,
}

impl Invalid {
    /// A reason that goes behind the name of the parameter: `is longer than 255 characters`. It is sent
    /// to clients: do not put the value into it.
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            reason: reason.into(),
            code: None,
        }
    }

    /// The same with the code that is answered, where it is not that of the parameter.
    #[must_use]
    pub fn with_code(mut self, code: &'static ErrorInfo) -> Self {
        self.code = Some(code);
        self
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The code that is answered, where it is not that of the parameter.
    pub fn code(&self) -> Option<&'static ErrorInfo> {
        self.code
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Invalid {}

/// A value that is one text on the wire.
pub trait Scalar: Sized {
    /// Parses a text, percent-decoded already.
    fn parse(text: &str) -> Result<Self, Invalid>;

    /// Appends the text of this value, not yet percent-encoded.
    fn write(&self, out: &mut String);

    /// The text of this value.
    fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }
}

impl Scalar for String {
    fn parse(text: &str) -> Result<Self, Invalid> {
        Ok(text.to_owned())
    }

    fn write(&self, out: &mut String) {
        out.push_str(self);
    }
}

impl Scalar for bool {
    fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Invalid::new("is neither `true` nor `false`")),
        }
    }

    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

macro_rules! integers {
    ($($integer:ty),*) => {
        $(
            impl Scalar for $integer {
                fn parse(text: &str) -> Result<Self, Invalid> {
                    integer(text)
                }

                fn write(&self, out: &mut String) {
                    write_display(self, out);
                }
            }
        )*
    };
}

integers!(i32, i64, u32, u64);

impl Scalar for f64 {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let is_number = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        match text.parse::<Self>() {
            Ok(number) if is_number && !text.starts_with('+') && number.is_finite() => Ok(number),
            _ => Err(Invalid::new("is not a number")),
        }
    }

    fn write(&self, out: &mut String) {
        write_display(self, out);
    }
}

/// Parses a whole number.
fn integer<I: FromStr<Err = std::num::ParseIntError>>(text: &str) -> Result<I, Invalid> {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    // `FromStr` of integers takes a sign `+`, which in a query string is a space anyway.
    if text.starts_with('+') {
        return Err(Invalid::new("is not a whole number"));
    }
    text.parse()
        .map_err(|error: std::num::ParseIntError| match error.kind() {
            PosOverflow | NegOverflow => Invalid::new("is out of range"),
            _ => Invalid::new("is not a whole number"),
        })
}

/// Appends what `Display` shows.
pub(crate) fn write_display(value: &impl fmt::Display, out: &mut String) {
    use fmt::Write;
    // Writing to a `String` cannot fail.
    let _ = write!(out, "{value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_one_sign_and_no_space() {
        assert_eq!(u64::parse("18446744073709551615"), Ok(u64::MAX));
        assert_eq!(i64::parse("-9"), Ok(-9));
        for text in ["", "+1", " 1", "1 ", "1.0", "0x1", "-", "\u{661}", "--1"] {
            assert_eq!(
                i64::parse(text),
                Err(Invalid::new("is not a whole number")),
                "{text}"
            );
        }
        assert_eq!(
            u32::parse("4294967296"),
            Err(Invalid::new("is out of range"))
        );
        assert!(u32::parse("-1").is_err());
    }

    #[test]
    fn numbers_are_finite() {
        assert_eq!(f64::parse("-1.5e3"), Ok(-1500.0));
        for text in ["inf", "NaN", "1e999", "+1", "", "infinity"] {
            assert!(f64::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn scalars_are_written_as_they_are_parsed() {
        assert_eq!(bool::parse("true"), Ok(true));
        assert!(bool::parse("True").is_err());
        assert_eq!((-12_i32).to_text(), "-12");
        assert_eq!(1.5_f64.to_text(), "1.5");
        assert_eq!(false.to_text(), "false");
        assert_eq!("a b".to_owned().to_text(), "a b");
    }
}
