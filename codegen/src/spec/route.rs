//! Routes: a path and its methods.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Allow, Extensions, Map, Request, Value};

/// A path and its methods.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Short name, unique, `kebab-case`; made from the path where it is not given.
    pub name: Option<String>,
    /// Title in the documents.
    pub entity: Option<String>,
    /// Template: `/repos/{owner}/issues/{number}`. A segment is literal text, or one parameter with
    /// literal text before or after it.
    pub path: String,
    /// `optional`: the path is accepted with and without its final slash.
    pub trailing_slash: Option<TrailingSlash>,
    /// Its group.
    pub group: String,
    /// Types of the parameters in the template; one not listed is of the format that bears its name.
    #[serde(default)]
    pub path_parameters: Map<Value>,
    /// Envelope of its failures, where it is not that of the API.
    pub envelope: Option<String>,
    /// `CommonMark`.
    #[serde(default)]
    pub description: String,
    /// Requests by method, in upper case.
    pub methods: Map<Vec<Request>>,
    /// Vendor data.
    #[serde(default)]
    pub x: Extensions,
    /// Lints that say nothing here, each with the reason.
    #[serde(default)]
    pub allow: Allow,
}

/// What the final slash of a path means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrailingSlash {
    /// With and without it the path is the same.
    Optional,
    /// The path is only what is written; the default.
    Exact,
}
