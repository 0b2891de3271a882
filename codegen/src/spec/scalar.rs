//! Scalars with a grammar of their own: sizes and tests.

use serde::Deserialize;

/// Implements `JsonSchema` for a text with a grammar: a string with a pattern.
macro_rules! text_schema {
    ($name:ident, $description:literal, $pattern:expr) => {
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "description": $description, "pattern": $pattern})
            }
        }
    };
}
pub(super) use text_schema;

/// A number of bytes: `64 KiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Size(pub u64);

text_schema!(
    Size,
    "A number of bytes: `64 KiB`.",
    "^[0-9]{1,9} (B|KiB|MiB|GiB)$"
);

impl TryFrom<String> for Size {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parse = || {
            let (number, unit) = text.split_once(' ')?;
            let unit = match unit {
                "B" => 1,
                "KiB" => 1 << 10,
                "MiB" => 1 << 20,
                "GiB" => 1 << 30,
                _ => return None,
            };
            let is_number =
                (1..=9).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
            let number: u64 = number.parse().ok().filter(|_| is_number)?;
            number.checked_mul(unit)
        };
        parse().map(Self).ok_or_else(|| {
            format!("`{text}` is no size: write a whole number, a space, and B, KiB, MiB or GiB, such as `4 MiB`")
        })
    }
}

/// What a condition demands: `present`, `absent`, `is V`, `is V | W`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Test {
    /// It is there.
    Present,
    /// It is not there.
    Absent,
    /// It is there and has one of these values.
    Is(Vec<String>),
}

text_schema!(
    Test,
    "`present`, `absent`, `is V` or `is V | W`.",
    r"^(present|absent|is [^ |\n]+( \| [^ |\n]+)*)$"
);

impl TryFrom<String> for Test {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_value = |value: &&str| !value.is_empty() && !value.contains([' ', '|', '\n']);
        match text.as_str() {
            "present" => Ok(Self::Present),
            "absent" => Ok(Self::Absent),
            _ => text
                .strip_prefix("is ")
                .map(|values| values.split(" | ").collect::<Vec<_>>())
                .filter(|values| values.iter().all(is_value))
                .map(|values| Self::Is(values.into_iter().map(str::to_owned).collect()))
                .ok_or_else(|| {
                    format!("`{text}` is no test: write `present`, `absent`, `is V` or `is V | W`")
                }),
        }
    }
}

/// The size that was probably meant: `4MiB`, `4 mib`.
pub(super) fn meant_size(text: &str) -> Option<String> {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim().to_lowercase().as_str() {
        "" | "b" | "bytes" => "B",
        "kib" => "KiB",
        "mib" => "MiB",
        "gib" => "GiB",
        _ => return None,
    };
    let meant = format!("{number} {unit}");
    Size::try_from(meant.clone()).ok().map(|_| meant)
}

/// The test that was probably meant: `Present`, `is a|b`.
pub(super) fn meant_test(text: &str) -> Option<String> {
    let lower = text.trim().to_lowercase();
    if lower == "present" || lower == "absent" {
        return Some(lower);
    }
    let values = text
        .trim()
        .strip_prefix("is ")
        .or(text.trim().strip_prefix("Is "))?;
    let values: Vec<&str> = values.split('|').map(str::trim).collect();
    let meant = format!("is {}", values.join(" | "));
    Test::try_from(meant.clone()).ok().map(|_| meant)
}
