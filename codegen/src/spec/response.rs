//! Answers and bodies.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Allow, Extensions, Map, Size, TypeExpr, Value, Variant};

/// An answer: a named one by `use` alone, or one written in place.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// A named answer, as it is.
    #[serde(rename = "use")]
    pub uses: Option<String>,
    /// Status.
    pub status: Option<u16>,
    /// In place of `status`, where others than we write who answers, that is, under the path `''`: any status of
    /// the class for which the request has no answer, of which nothing else is known.
    pub status_class: Option<StatusClass>,
    /// Name in code, `snake_case`, where two answers have one status.
    #[serde(rename = "as")]
    pub code_name: Option<String>,
    /// Headers by name; `X-Meta-*` is a map of all that begin so. What `Content-Length` and `Content-Type` hold is the
    /// server's own matter, as are `Content-Range` and `Accept-Ranges` with `ranges`, and `Allow` of a 405.
    #[serde(default)]
    pub headers: Map<Value>,
    /// Body of a success.
    pub body: Option<Body>,
    /// Error codes of a failure.
    #[serde(default)]
    pub codes: Vec<String>,
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

/// Many statuses at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum StatusClass {
    /// All from 200 to 299.
    #[serde(rename = "2xx")]
    Success,
}

/// A request or response body.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Body {
    /// JSON.
    Json {
        /// Its type; this or `fields`.
        schema: Option<TypeExpr>,
        /// Fields of an object of its own.
        fields: Option<Map<Value>>,
        /// Keep the bytes beside the value.
        #[serde(default)]
        verbatim: bool,
        /// Media types; `application/json` where none are given.
        #[serde(default)]
        media_types: Vec<String>,
        /// Most bytes.
        limit: Option<Size>,
        /// Code of a body that cannot be parsed, where it is not the envelope's `bad_body`.
        invalid: Option<String>,
        /// Code of a body over the limit, where it is not the envelope's `too_large`.
        too_large: Option<String>,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
        /// An example.
        example: Option<serde_json::Value>,
    },
    /// `application/x-www-form-urlencoded`.
    Form {
        /// Its type, an object, or a union of objects with a `tag`; this or `fields`.
        schema: Option<TypeExpr>,
        /// Fields of an object of its own.
        fields: Option<Map<Value>>,
        /// Most bytes.
        limit: Option<Size>,
        /// Code of a body that cannot be parsed, where it is not the envelope's `bad_body`.
        invalid: Option<String>,
        /// Code of a body over the limit, where it is not the envelope's `too_large`.
        too_large: Option<String>,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
        /// An example.
        example: Option<serde_json::Value>,
    },
    /// UTF-8 text.
    Text {
        /// Media types; `text/plain` where none are given.
        #[serde(default)]
        media_types: Vec<String>,
        /// Most bytes.
        limit: Option<Size>,
        /// Code of a body that is no UTF-8, where it is not the envelope's `bad_body`.
        invalid: Option<String>,
        /// Code of a body over the limit, where it is not the envelope's `too_large`.
        too_large: Option<String>,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
        /// An example.
        example: Option<serde_json::Value>,
    },
    /// Bytes in memory.
    Bytes {
        /// Most bytes.
        limit: Size,
        /// What they are, for the documents.
        schema: Option<TypeExpr>,
        /// Media types; `application/octet-stream` where none are given.
        #[serde(default)]
        media_types: Vec<String>,
        /// Code of a body over the limit, where it is not the envelope's `too_large`.
        too_large: Option<String>,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
        /// An example.
        example: Option<serde_json::Value>,
    },
    /// A stream of bytes.
    Stream {
        /// Media types; `application/octet-stream` where none are given.
        #[serde(default)]
        media_types: Vec<String>,
        /// Most bytes.
        limit: Option<Size>,
        /// `required`: a request without Content-Length is refused.
        length: Option<LengthRule>,
        /// Ranges of an answer are served: Range, If-Range, 206, 416.
        #[serde(default)]
        ranges: bool,
        /// Code of a body over the limit, where it is not the envelope's `too_large`.
        too_large: Option<String>,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
        /// An example.
        example: Option<serde_json::Value>,
    },
    /// A stream of values, each as JSON in a line of its own.
    JsonLines {
        /// The type of each; this or `fields`.
        schema: Option<TypeExpr>,
        /// Fields of an object of its own, which each value is.
        fields: Option<Map<Value>>,
        /// Media types; `application/jsonl` where none are given.
        #[serde(default)]
        media_types: Vec<String>,
        /// Most bytes of a line; the stream has no limit.
        limit: Option<Size>,
        /// Code of a line that cannot be parsed, where it is not the envelope's `bad_body`.
        invalid: Option<String>,
        /// Code of a line over the limit, where it is not the envelope's `too_large`.
        too_large: Option<String>,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
        /// An example of a value.
        example: Option<serde_json::Value>,
    },
    /// Events with names, as they happen: `text/event-stream`. Of answers only.
    Events {
        /// The type of the data of each, by its name.
        events: Map<Variant>,
        /// Events of other names are kept, not passed over.
        #[serde(default)]
        open: bool,
        /// A request may say with `Last-Event-ID` behind which event it goes on.
        #[serde(default)]
        resume: bool,
        /// Most bytes of an event; the stream has no limit.
        limit: Option<Size>,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
    },
    /// One of several, each of media types of its own: by `Content-Type` in a request, by `Accept` in an
    /// answer.
    Choice {
        /// Two or more; the first is the default.
        of: Vec<Body>,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
    },
}

impl Body {
    /// Fields that it defines in place.
    pub fn fields(&self) -> Option<&Map<Value>> {
        match self {
            Self::Json { fields, .. }
            | Self::Form { fields, .. }
            | Self::JsonLines { fields, .. } => fields.as_ref(),
            Self::Text { .. }
            | Self::Bytes { .. }
            | Self::Stream { .. }
            | Self::Events { .. }
            | Self::Choice { .. } => None,
        }
    }

    /// The type that it names.
    pub fn schema(&self) -> Option<&TypeExpr> {
        match self {
            Self::Json { schema, .. }
            | Self::Form { schema, .. }
            | Self::JsonLines { schema, .. }
            | Self::Bytes { schema, .. } => schema.as_ref(),
            Self::Text { .. } | Self::Stream { .. } | Self::Events { .. } | Self::Choice { .. } => {
                None
            }
        }
    }

    /// The bodies of a choice.
    pub fn alternatives(&self) -> &[Self] {
        match self {
            Self::Choice { of, .. } => of,
            _ => &[],
        }
    }
}

/// Whether a stream must say how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LengthRule {
    /// Its length must be given.
    Required,
}
