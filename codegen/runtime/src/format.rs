//! What formats and enumerations of an API become: newtypes that hold only what is valid.
//!
//! Four macros, because the types differ in nothing but names and bounds, and a fix is then here and
//! not in code that was generated long ago. They are for generated code; their syntax may change.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use crate::param::{is_longer, is_shorter, to_real};
use crate::{Dfa, ErrorInfo, Invalid, Scalar};

/// Checks a text against a format's pattern and lengths.
pub fn check_text(
    text: &str,
    format: &'static str,
    pattern: Option<&Dfa>,
    min: Option<u64>,
    max: Option<u64>,
) -> Result<(), Invalid> {
    if let Some(max) = max.filter(|max| is_longer(text, *max)) {
        return Err(Invalid::new(format!("is longer than {max} characters")));
    }
    if let Some(min) = min.filter(|min| is_shorter(text, *min)) {
        return Err(Invalid::new(format!("is shorter than {min} characters")));
    }
    match pattern {
        Some(pattern) if !pattern.matches(text.as_bytes()) => Err(no_format(format)),
        _ => Ok(()),
    }
}

/// Checks a whole number against a format's bounds.
pub fn check_integer(number: i128, min: Option<i128>, max: Option<i128>) -> Result<(), Invalid> {
    if let Some(min) = min.filter(|min| number < *min) {
        return Err(Invalid::new(format!("is less than {min}")));
    }
    match max.filter(|max| number > *max) {
        Some(max) => Err(Invalid::new(format!("is greater than {max}"))),
        None => Ok(()),
    }
}

/// Checks a number against a format's bounds.
pub fn check_float(number: f64, min: Option<i128>, max: Option<i128>) -> Result<(), Invalid> {
    if let Some(min) = min.filter(|min| number < to_real(*min)) {
        return Err(Invalid::new(format!("is less than {min}")));
    }
    match max.filter(|max| number > to_real(*max)) {
        Some(max) => Err(Invalid::new(format!("is greater than {max}"))),
        None => Ok(()),
    }
}

/// The text is not of this format.
fn no_format(format: &'static str) -> Invalid {
    Invalid::new(format!("does not have the format `{format}`"))
}

/// Characters that only one of several formats has, and the code that this format's violation yields.
type Meant = (&'static [u8], &'static ErrorInfo);

/// The text is none of a format's alternatives. A character that only one of its alternatives has tells which one
/// was meant.
pub fn no_alternative(format: &'static str, text: &str, alternatives: &[Meant]) -> Invalid {
    let invalid = no_format(format);
    let meant = alternatives
        .iter()
        .find(|(own, _)| text.bytes().any(|byte| own.contains(&byte)));
    match meant {
        Some((_, code)) => invalid.with_code(code),
        None => invalid,
    }
}

/// Deserializes a scalar from a text.
pub fn deserialize<'de, D, T>(
    deserializer: D,
    _: PhantomData<T>,
    what: &'static str,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Scalar,
{
    struct Text<T>(&'static str, PhantomData<T>);

    impl<T: Scalar> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a text of the format `{}`", self.0)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            T::parse(text).map_err(|invalid| E::custom(format_args!("a text that {invalid}")))
        }
    }

    deserializer.deserialize_str(Text(what, PhantomData))
}

/// Deserializes a number and checks it.
pub fn deserialize_number<'de, D, N, T>(
    deserializer: D,
    new: impl FnOnce(N) -> Result<T, Invalid>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    N: Deserialize<'de>,
{
    let number = N::deserialize(deserializer)?;
    new(number).map_err(|invalid| D::Error::custom(format_args!("a number that {invalid}")))
}

/// What every type that is a text has in common.
#[doc(hidden)]
#[macro_export]
macro_rules! __text_traits {
    ($name:ident, $wire:literal) => {
        impl $crate::Scalar for $name {
            fn parse(text: &str) -> Result<Self, $crate::Invalid> {
                Self::parse(text)
            }
            fn write(&self, out: &mut String) {
                out.push_str(self.as_str());
            }
            fn to_text(&self) -> String {
                self.as_str().to_owned()
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::Invalid;
            fn from_str(text: &str) -> Result<Self, $crate::Invalid> {
                Self::parse(text)
            }
        }
        impl TryFrom<&str> for $name {
            type Error = $crate::Invalid;
            fn try_from(text: &str) -> Result<Self, $crate::Invalid> {
                Self::parse(text)
            }
        }
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $crate::__private::deserialize(deserializer, std::marker::PhantomData, $wire)
            }
        }
    };
}

/// A format of texts: pattern and lengths.
#[macro_export]
macro_rules! string_format {
    ($(#[$meta:meta])* $name:ident, $wire:literal, $pattern:expr, min $min:expr, max $max:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Checks a text and keeps it.
            pub fn parse(text: &str) -> Result<Self, $crate::Invalid> {
                Self::check(text)?;
                Ok(Self(text.to_owned()))
            }
            fn check(text: &str) -> Result<(), $crate::Invalid> {
                let pattern: Option<&'static $crate::Dfa> = $pattern;
                $crate::__private::check_text(text, $wire, pattern, $min, $max)
            }
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
            /// The text, by value.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        $crate::__text_traits!($name, $wire);

        impl TryFrom<String> for $name {
            type Error = $crate::Invalid;
            fn try_from(text: String) -> Result<Self, $crate::Invalid> {
                Self::check(&text)?;
                Ok(Self(text))
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
    };
}

/// A text that has one of some formats: the first that accepts it.
#[macro_export]
macro_rules! any_of_format {
    ($(#[$meta:meta])* $name:ident, $wire:literal, $($variant:ident),+ $(,)?) => {
        $crate::any_of_format! { $(#[$meta])* $name, $wire, $($variant),+; meant &[] }
    };
    ($(#[$meta:meta])* $name:ident, $wire:literal, $($variant:ident),+; meant $meant:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(
                #[doc = concat!(" A [`", stringify!($variant), "`].")]
                $variant($variant),
            )+
        }

        impl $name {
            /// Finds the first format that accepts the text.
            pub fn parse(text: &str) -> Result<Self, $crate::Invalid> {
                $(
                    if let Ok(value) = $variant::parse(text) {
                        return Ok(Self::$variant(value));
                    }
                )+
                Err($crate::__private::no_alternative($wire, text, $meant))
            }
            /// The text.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant(value) => value.as_str(),)+
                }
            }
            /// The text, by value.
            pub fn into_string(self) -> String {
                match self {
                    $(Self::$variant(value) => value.into_string(),)+
                }
            }
        }

        $crate::__text_traits!($name, $wire);

        impl TryFrom<String> for $name {
            type Error = $crate::Invalid;
            fn try_from(text: String) -> Result<Self, $crate::Invalid> {
                Self::parse(&text)
            }
        }
        $(
            impl From<$variant> for $name {
                fn from(value: $variant) -> Self {
                    Self::$variant(value)
                }
            }
        )+
    };
}

/// A format of numbers: bounds.
#[macro_export]
macro_rules! number_format {
    ($(#[$meta:meta])* $name:ident: f64, $wire:literal, min $min:expr, max $max:expr) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
        pub struct $name(f64);
        $crate::__number_traits!($name, f64, |number| $crate::__private::check_float(number, $min, $max));
    };
    ($(#[$meta:meta])* $name:ident: $base:ident, $wire:literal, min $min:expr, max $max:expr) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($base);
        $crate::__number_traits!($name, $base, |number| {
            $crate::__private::check_integer(i128::from(number), $min, $max)
        });
    };
}

/// What every format of numbers has.
#[doc(hidden)]
#[macro_export]
macro_rules! __number_traits {
    ($name:ident, $base:ident, |$number:ident| $check:expr) => {
        impl $name {
            /// Checks a number and keeps it.
            pub fn new($number: $base) -> Result<Self, $crate::Invalid> {
                $check?;
                Ok(Self($number))
            }
            /// Parses a text and checks its number.
            pub fn parse(text: &str) -> Result<Self, $crate::Invalid> {
                Self::new(<$base as $crate::Scalar>::parse(text)?)
            }
            /// The number.
            pub fn get(self) -> $base {
                self.0
            }
        }
        impl $crate::Scalar for $name {
            fn parse(text: &str) -> Result<Self, $crate::Invalid> {
                Self::parse(text)
            }
            fn write(&self, out: &mut String) {
                $crate::Scalar::write(&self.0, out);
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::Invalid;
            fn from_str(text: &str) -> Result<Self, $crate::Invalid> {
                Self::parse(text)
            }
        }
        impl TryFrom<$base> for $name {
            type Error = $crate::Invalid;
            fn try_from(number: $base) -> Result<Self, $crate::Invalid> {
                Self::new(number)
            }
        }
        impl From<$name> for $base {
            fn from(value: $name) -> $base {
                value.0
            }
        }
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                $crate::serde::Serialize::serialize(&self.0, serializer)
            }
        }
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $crate::__private::deserialize_number(deserializer, Self::new)
            }
        }
    };
}

/// One of some texts; where it is open, any other text is kept.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident, $wire:literal, open true,
        $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A text that is none of the others.
            Other(String),
        }

        impl $name {
            /// Finds the value; a text that is none of them is kept.
            pub fn parse(text: &str) -> Result<Self, $crate::Invalid> {
                Ok(match text {
                    $($text => Self::$variant,)+
                    _ => Self::Other(text.to_owned()),
                })
            }
            /// The text.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        $crate::__text_traits!($name, $wire);
    };
    ($(#[$meta:meta])* $name:ident, $wire:literal, open false,
        $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// Finds the value.
            pub fn parse(text: &str) -> Result<Self, $crate::Invalid> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::Invalid::new(concat!("is none of: ", $crate::__private::joined!($($text),+)))),
                }
            }
            /// The text.
            pub fn as_str(&self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        $crate::__text_traits!($name, $wire);
    };
}

/// Texts with commas between them.
#[doc(hidden)]
#[macro_export]
macro_rules! __joined {
    ($first:literal $(, $rest:literal)*) => { concat!("`", $first, "`" $(, ", `", $rest, "`")*) };
}

#[cfg(test)]
#[expect(
    unreachable_pub,
    reason = "the macros make types for modules that are public"
)]
mod tests {
    use super::*;

    static LOWER: Dfa = Dfa {
        classes: &{
            let mut classes = [0; 256];
            let mut byte = b'a';
            while byte <= b'z' {
                classes[byte as usize] = 1;
                byte += 1;
            }
            classes
        },
        class_count: 2,
        transitions: &[0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0],
        accepting: &[0, 0, 1],
    };

    string_format! { /// A word.
    Word, "word", Some(&LOWER), min None, max Some(5) }
    string_format! { /// Anything long.
    Long, "long", None, min Some(6), max None }
    any_of_format! { /// Either.
    Either, "either", Word, Long }
    number_format! { /// A size.
    Size: u32, "size", min Some(1), max Some(100) }
    number_format! { /// A share.
    Share: f64, "share", min Some(0), max Some(1) }
    text_enum! { /// A state.
    State, "State", open false,
    /// To do.
    Open = "open", Closed = "closed" }
    text_enum! { /// A colour.
    Colour, "Colour", open true, Red = "red" }

    #[test]
    fn a_text_format_holds_only_what_is_valid() {
        assert_eq!(Word::parse("abc").unwrap().as_str(), "abc");
        assert_eq!(Word::parse("aBc"), Err(no_format("word")));
        assert_eq!(Word::parse(""), Err(no_format("word")));
        assert_eq!(
            Word::parse("abcdef").unwrap_err().reason(),
            "is longer than 5 characters"
        );
        assert_eq!(
            Long::parse("abc").unwrap_err().reason(),
            "is shorter than 6 characters"
        );
        assert_eq!(
            Word::try_from("abc".to_owned()).unwrap().into_string(),
            "abc"
        );
        assert!(Word::try_from("ABC".to_owned()).is_err());
        assert_eq!("abc".parse::<Word>().unwrap().to_string(), "abc");
        assert_eq!(<Word as Scalar>::parse("abc").unwrap().to_text(), "abc");
    }

    #[test]
    fn json_is_validated_and_the_value_does_not_show_in_the_error() {
        assert_eq!(
            serde_json::from_str::<Word>("\"abc\"").unwrap(),
            Word::parse("abc").unwrap()
        );
        assert_eq!(
            serde_json::to_string(&Word::parse("abc").unwrap()).unwrap(),
            "\"abc\""
        );
        let error = serde_json::from_str::<Word>("\"SECRET\"")
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("a text that is longer than 5 characters"),
            "{error}"
        );
        let error = serde_json::from_str::<Word>("7").unwrap_err().to_string();
        assert!(
            error.contains("expected a text of the format `word`"),
            "{error}"
        );
    }

    #[test]
    fn a_character_of_one_alternative_alone_tells_which_was_meant() {
        static CODE: ErrorInfo = ErrorInfo {
            code: "HASH_INVALID",
            status: 400,
            message: "",
            rejection_detail: false,
            docs: None,
        };
        let code = |text| no_alternative("either", text, &[(b":", &CODE)]).code();
        assert_eq!(code("sha256:x"), Some(&CODE));
        assert_eq!(code("sha256"), None);
    }

    #[test]
    fn the_first_format_that_accepts_is_taken() {
        assert_eq!(
            Either::parse("abc").unwrap(),
            Either::from(Word::parse("abc").unwrap())
        );
        assert_eq!(
            Either::parse("ABCDEF").unwrap(),
            Either::Long(Long::parse("ABCDEF").unwrap())
        );
        assert_eq!(Either::parse("ABC"), Err(no_format("either")));
        assert_eq!(Either::parse("abcdefg").unwrap().into_string(), "abcdefg");
    }

    #[test]
    fn a_number_format_keeps_its_bounds() {
        assert_eq!(Size::parse("100").unwrap().get(), 100);
        assert_eq!(Size::new(0).unwrap_err().reason(), "is less than 1");
        assert_eq!(
            Size::parse("101").unwrap_err().reason(),
            "is greater than 100"
        );
        assert_eq!(serde_json::from_str::<Size>("7").unwrap().to_string(), "7");
        assert!(serde_json::from_str::<Size>("0").is_err());
        assert!(serde_json::from_str::<Size>("-1").is_err());
        assert!(serde_json::from_str::<Size>("\"7\"").is_err());
        assert_eq!(Share::parse("0.5").unwrap().get().to_string(), "0.5");
        assert!(Share::parse("1.5").is_err());
        assert_eq!(u32::from(Size::try_from(5).unwrap()), 5);
    }

    #[test]
    fn a_closed_enumeration_lists_its_values_in_the_error() {
        assert_eq!(State::parse("open"), Ok(State::Open));
        assert_eq!(
            State::parse("OPEN").unwrap_err().reason(),
            "is none of: `open`, `closed`"
        );
        assert_eq!(serde_json::to_string(&State::Closed).unwrap(), "\"closed\"");
    }

    #[test]
    fn an_open_enumeration_keeps_what_it_does_not_know() {
        assert_eq!(Colour::parse("red"), Ok(Colour::Red));
        assert_eq!(
            serde_json::from_str::<Colour>("\"blue\"").unwrap().as_str(),
            "blue"
        );
        assert_eq!(Colour::parse("blue").unwrap().to_text(), "blue");
    }
}
