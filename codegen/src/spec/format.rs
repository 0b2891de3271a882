//! Formats (named scalars) and error codes.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Allow, Deprecated, Extensions, Map, TypeExpr, Value};

/// A named scalar. It becomes a type whose every value has been checked.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// What it refines: `string` (the default), `integer`, `int32`, `uint32`, `uint64` or `number`.
    #[serde(rename = "type")]
    pub base: Option<String>,
    /// Pattern of the whole text. With `segments: many` that of one segment, unless it admits `/`.
    pub pattern: Option<String>,
    /// `many`: it may span path segments.
    pub segments: Option<Segments>,
    /// Smallest number.
    pub min: Option<i64>,
    /// Largest number.
    pub max: Option<i64>,
    /// Fewest characters.
    pub min_length: Option<u64>,
    /// Most characters.
    pub max_length: Option<u64>,
    /// The first of these formats that accepts the text; nothing of the above goes with it.
    pub any_of: Option<Vec<String>>,
    /// Error code that a violation yields in a path, a query or a header; in a body it is the body's.
    pub invalid: Option<String>,
    /// Texts that it accepts, checked.
    #[serde(default)]
    pub examples: Vec<String>,
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

/// How many path segments a value takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Segments {
    /// One.
    One,
    /// One or more.
    Many,
}

/// An error code. Its key is the code on the wire.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorCode {
    /// Status of an answer with it, unless the answer says otherwise.
    pub status: u16,
    /// Message on the wire.
    pub message: String,
    /// Code on the wire, where it is not the key; no two entries have the same.
    pub wire: Option<String>,
    /// Name in code, `snake_case`, where the derived one will not do.
    #[serde(rename = "as")]
    pub code_name: Option<String>,
    /// Shape of the detail.
    pub detail: Option<ErrorDetail>,
    /// One answer may hold several of it.
    #[serde(default)]
    pub repeats: bool,
    /// Page that explains it.
    pub docs: Option<String>,
    /// `CommonMark`.
    #[serde(default)]
    pub description: String,
    /// Vendor data.
    #[serde(default)]
    pub x: Extensions,
    /// Lints that say nothing here, each with the reason.
    #[serde(default)]
    pub allow: Allow,
}

/// Shape of an error's detail: one of its two keys.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorDetail {
    /// A schema that is an object.
    pub schema: Option<TypeExpr>,
    /// Fields of an object of its own.
    pub fields: Option<Map<Value>>,
}
