//! The head of a descriptor: the API, its groups, what is common to all requests.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Allow, Extensions, Map, Response, Value};

/// What the API is called, and its defaults.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiHead {
    /// Short name, `snake_case`; names the generated modules.
    pub name: String,
    /// Title of the documents.
    pub title: String,
    /// Version of the API, in quotes.
    pub version: String,
    /// Envelope of every route that names none. May be left out where there is only one.
    pub envelope: Option<String>,
    /// Any one of these schemes, or `anonymous`, on every request that names none.
    #[serde(default)]
    pub security: Vec<String>,
    /// Base URLs.
    #[serde(default)]
    pub servers: Vec<Server>,
    /// `CommonMark`.
    #[serde(default)]
    pub description: String,
    /// Vendor data.
    #[serde(default)]
    pub x: Extensions,
}

/// A base URL of the API.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Absolute URL.
    pub url: String,
    /// `CommonMark`.
    #[serde(default)]
    pub description: String,
    /// Lints that say nothing here, each with the reason.
    #[serde(default)]
    pub allow: Allow,
}

/// A chapter of the documents and one server trait.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Title of the chapter.
    pub title: String,
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

/// What every request and every answer carries.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Common {
    /// Of every request.
    #[serde(default)]
    pub request: CommonRequest,
    /// Of every answer.
    #[serde(default)]
    pub response: CommonResponse,
    /// Failures of every request.
    #[serde(default)]
    pub failure: Vec<Response>,
}

/// What every request carries.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommonRequest {
    /// Query parameters.
    #[serde(default)]
    pub query: Map<Value>,
    /// Headers.
    #[serde(default)]
    pub headers: Map<Value>,
}

/// What every answer carries.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommonResponse {
    /// Headers. In what the server answers by itself, such as the 404 of a path that is none, there are those with a
    /// `const` alone.
    #[serde(default)]
    pub headers: Map<Value>,
}

/// Parameters to reuse.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mixin {
    /// Query parameters.
    #[serde(default)]
    pub query: Map<Value>,
    /// Headers.
    #[serde(default)]
    pub headers: Map<Value>,
    /// Lints that say nothing here, each with the reason.
    #[serde(default)]
    pub allow: Allow,
}

/// Why something should not be used any more.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deprecated {
    /// `CommonMark`.
    pub reason: String,
    /// Version since when.
    pub since: Option<String>,
    /// Date of its end.
    pub sunset: Option<String>,
    /// What to use instead.
    pub instead: Option<String>,
}
