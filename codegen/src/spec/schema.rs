//! Schemas: objects, enumerations and unions of JSON.

use schemars::JsonSchema;
use serde::Deserialize;

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
        values: Map<String>,
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
        variants: Map<TypeExpr>,
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

/// What becomes of keys that an object does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownKeys {
    /// They are ignored; the default.
    Ignore,
    /// They are an error.
    Reject,
}
