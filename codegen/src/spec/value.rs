//! Places that hold a value: fields, parameters, headers.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::short::{self, Short};
use super::{Allow, Deprecated, Extensions, TypeExpr};

/// A field, a parameter or a header. A scalar `X` is short for `{type: X}`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(transform = short::or_type)]
pub struct Value {
    /// Its type.
    #[serde(rename = "type")]
    pub ty: TypeExpr,
    /// Name in code, `snake_case`, where the derived one will not do.
    #[serde(rename = "as")]
    pub code_name: Option<String>,
    /// How a list stands in a query or a header.
    pub style: Option<ListStyle>,
    /// Smallest number.
    pub min: Option<i64>,
    /// Largest number.
    pub max: Option<i64>,
    /// Fewest characters.
    pub min_length: Option<u64>,
    /// Most characters.
    pub max_length: Option<u64>,
    /// Pattern of the whole text.
    pub pattern: Option<String>,
    /// Fewest items of a list or map.
    pub min_items: Option<u64>,
    /// Most items of a list or map.
    pub max_items: Option<u64>,
    /// The only value there is. In an answer generated code sends it.
    #[serde(rename = "const")]
    pub constant: Option<serde_json::Value>,
    /// What an absent value means.
    pub default: Option<serde_json::Value>,
    /// An example, checked.
    pub example: Option<serde_json::Value>,
    /// Never in a log or in `Debug`.
    #[serde(default)]
    pub secret: bool,
    /// `CommonMark`.
    #[serde(default)]
    pub description: String,
    /// Why not to use it.
    pub deprecated: Option<Deprecated>,
    /// Vendor data.
    #[serde(default)]
    pub x: Extensions,
    /// Lints that say nothing here, each with the reason.
    #[serde(default)]
    pub allow: Allow,
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        short::deserialize(deserializer)
    }
}

impl Short for Value {
    const EXPECTING: &'static str = "a type expression or a map with the key `type`";

    fn of_scalar(text: &str) -> Result<Self, String> {
        TypeExpr::try_from(text.to_owned()).map(Self::of)
    }

    fn of_map<'de, D: Deserializer<'de>>(map: D) -> Result<Self, D::Error> {
        Self::deserialize(map)
    }
}

impl Value {
    /// A value of a type, without anything else.
    pub fn of(ty: TypeExpr) -> Self {
        Self {
            ty,
            code_name: None,
            style: None,
            min: None,
            max: None,
            min_length: None,
            max_length: None,
            pattern: None,
            min_items: None,
            max_items: None,
            constant: None,
            default: None,
            example: None,
            secret: false,
            description: String::new(),
            deprecated: None,
            x: Extensions::new(),
            allow: Allow::default(),
        }
    }
}

/// How a list stands in a query or a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListStyle {
    /// The name is repeated; the default.
    Repeat,
    /// Separated by commas.
    Comma,
    /// Separated by spaces.
    Space,
    /// Separated by `|`.
    Pipe,
}
