//! Schemas: objects, enumerations and unions of JSON.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::short::{self, Short};
use super::{Allow, Deprecated, Extensions, Map, TypeExpr, Value};

/// A named object, enumeration or union.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Schema {
    /// A JSON object.
    Object {
        /// Fields by key on the wire.
        fields: Map<Value>,
        /// What becomes of other keys.
        unknown: Option<UnknownKeys>,
        /// All other keys go into a map of this type.
        rest: Option<TypeExpr>,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
        /// Why not to use it.
        deprecated: Option<Deprecated>,
        /// Vendor data.
        #[serde(default)]
        x: Extensions,
        /// Lints that say nothing here, each with the reason.
        #[serde(default)]
        allow: Allow,
    },
    /// One of some texts.
    Enum {
        /// Text on the wire, and what it means.
        values: Map<EnumValue>,
        /// Unknown texts are kept, not refused.
        #[serde(default)]
        open: bool,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
        /// Why not to use it.
        deprecated: Option<Deprecated>,
        /// Vendor data.
        #[serde(default)]
        x: Extensions,
        /// Lints that say nothing here, each with the reason.
        #[serde(default)]
        allow: Allow,
    },
    /// One of several types.
    Union {
        /// Key that tells which; without it they differ by the kind of JSON that they are.
        tag: Option<String>,
        /// Key under which the value lies; without it the tag lies beside its fields.
        content: Option<String>,
        /// What has an unknown tag is kept, not refused.
        #[serde(default)]
        open: bool,
        /// Code that an unknown tag in the body of a request yields.
        unknown_tag: Option<String>,
        /// Types by their tag, or by a name where there is no tag.
        variants: Map<Variant>,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
        /// Why not to use it.
        deprecated: Option<Deprecated>,
        /// Vendor data.
        #[serde(default)]
        x: Extensions,
        /// Lints that say nothing here, each with the reason.
        #[serde(default)]
        allow: Allow,
    },
}

/// A value of an enumeration. A text is short for `{description: TEXT}`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(transform = short::or_text)]
pub struct EnumValue {
    /// Name in code, `snake_case`, where none can be made of the text.
    #[serde(rename = "as")]
    pub code_name: Option<String>,
    /// `CommonMark`: what it means.
    #[serde(default)]
    pub description: String,
}

impl<'de> Deserialize<'de> for EnumValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        short::deserialize(deserializer)
    }
}

impl Short for EnumValue {
    const EXPECTING: &'static str = "a description or a map";

    fn of_scalar(text: &str) -> Result<Self, String> {
        Ok(Self {
            description: text.to_owned(),
            ..Self::default()
        })
    }

    fn of_map<'de, D: Deserializer<'de>>(map: D) -> Result<Self, D::Error> {
        Self::deserialize(map)
    }
}

/// A variant of a union, or an event of a stream. A scalar `X` is short for `{type: X}`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(transform = short::or_type)]
pub struct Variant {
    /// Its type.
    #[serde(rename = "type")]
    pub ty: TypeExpr,
    /// Name in code, `snake_case`, where none can be made of its name, or not a good one.
    #[serde(rename = "as")]
    pub code_name: Option<String>,
    /// `CommonMark`: what it means.
    #[serde(default)]
    pub description: String,
}

impl<'de> Deserialize<'de> for Variant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        short::deserialize(deserializer)
    }
}

impl Short for Variant {
    const EXPECTING: &'static str = "a type expression or a map with the key `type`";

    fn of_scalar(text: &str) -> Result<Self, String> {
        Ok(Self {
            ty: TypeExpr::try_from(text.to_owned())?,
            code_name: None,
            description: String::new(),
        })
    }

    fn of_map<'de, D: Deserializer<'de>>(map: D) -> Result<Self, D::Error> {
        Self::deserialize(map)
    }
}

/// What becomes of keys that an object does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownKeys {
    /// They are ignored; the default.
    Ignore,
    /// They are an error.
    Reject,
}
