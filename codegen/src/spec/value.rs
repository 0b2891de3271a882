//! Places that hold a value: fields, parameters, headers.

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer};

use super::{Allow, Deprecated, Extensions, TypeExpr};

/// A field, a parameter or a header. A scalar `X` is short for `{type: X}`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(transform = or_scalar)]
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
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Value;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a type expression or a map with the key `type`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
                TypeExpr::try_from(text.to_owned())
                    .map(Value::of)
                    .map_err(E::custom)
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
                // The derived function, which `remote` makes an inherent one.
                Value::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_any(Visitor)
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

/// The schema of a map becomes that of a type expression or that map.
fn or_scalar(schema: &mut schemars::Schema) {
    let map = std::mem::take(schema.ensure_object());
    let scalar = serde_json::json!({"$ref": "#/$defs/TypeExpr"});
    schema.insert("anyOf".to_owned(), serde_json::json!([scalar, map]));
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
