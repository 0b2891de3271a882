//! Requests: one use of a method each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Allow, Body, Deprecated, Extensions, Map, Response, Test, Value};

/// One use of a method.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Title, one line.
    pub request: String,
    /// Name of the operation, `snake_case`. Requests that name the same one share a method in code.
    pub operation: String,
    /// Mixins whose parameters it has.
    #[serde(default, rename = "use")]
    pub uses: Vec<String>,
    /// What tells it from its siblings. One request of a method may have none.
    #[serde(default)]
    pub when: When,
    /// Query parameters by name on the wire; `filter[*]` is a map of all that begin and end so.
    #[serde(default)]
    pub query: Map<Value>,
    /// Headers by name on the wire; `X-Meta-*` is a map of all that begin so.
    #[serde(default)]
    pub headers: Map<Value>,
    /// Body.
    pub body: Option<Body>,
    /// What the caller must be allowed; `{x}` is the value of a parameter.
    #[serde(default)]
    pub access: Vec<String>,
    /// Any one of these schemes, or `anonymous`; those of the API where it is not given.
    pub security: Option<Vec<String>>,
    /// What may come of it.
    #[serde(default)]
    pub success: Vec<Response>,
    /// What may go wrong.
    #[serde(default)]
    pub failure: Vec<Response>,
    /// GET only: HEAD is the same operation without the body.
    #[serde(default)]
    pub head: bool,
    /// Conditional requests that the server answers by itself.
    pub conditional: Option<Conditional>,
    /// Pages of a list.
    pub pagination: Option<Pagination>,
    /// How a caller may repeat it.
    pub idempotency: Option<Idempotency>,
    /// `CommonMark`.
    #[serde(default)]
    pub description: String,
    /// Requests as they might be, with their answers.
    #[serde(default)]
    pub examples: Vec<Example>,
    /// Why not to use it.
    pub deprecated: Option<Deprecated>,
    /// Vendor data.
    #[serde(default)]
    pub x: Extensions,
    /// Lints that say nothing here, each with the reason.
    #[serde(default)]
    pub allow: Allow,
}

/// Tests on the head of a request; all must hold.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// By query parameter: `present`, `absent`, `is V`, `is V | W`.
    #[serde(default)]
    pub query: Map<Test>,
    /// By header.
    #[serde(default)]
    pub headers: Map<Test>,
    /// The media type of the body.
    pub content_type: Option<String>,
}

/// Conditional requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Conditional {
    /// If-None-Match, If-Modified-Since: 304. If-Match, If-Unmodified-Since: 412.
    Read,
    /// If-Match, If-None-Match, If-Unmodified-Since: 412.
    Write,
}

/// Pages of a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Pagination {
    /// The answer's header `Link` holds the URL of the next page.
    Link {
        /// Relation of that link.
        rel: String,
    },
    /// The body of the answer holds what to ask the next page by.
    Token {
        /// Query parameter that takes it.
        query: String,
        /// Field that holds it; absent, null or empty at the end.
        next: String,
        /// Field with the items of the page.
        items: String,
    },
    /// The next page is asked for by the last item of this one.
    LastItem {
        /// Query parameter that takes its key.
        query: String,
        /// Field with the items of the page.
        items: String,
        /// Field of an item that is its key.
        key: String,
        /// Field that says whether there are more.
        more: String,
    },
}

/// How a caller may repeat a request without its being done twice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Idempotency {
    /// Header with a key, the same in each repetition. The client makes one up where the caller gives none.
    pub header: String,
}

/// A request as it might be, with its answer.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Name, `snake_case`, unique within the operation.
    pub name: String,
    /// `CommonMark`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What is sent.
    #[serde(default)]
    pub request: ExampleRequest,
    /// What comes back.
    pub response: ExampleResponse,
}

/// What an example sends.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleRequest {
    /// Path parameters.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub path: Map<serde_json::Value>,
    /// Query parameters.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub query: Map<serde_json::Value>,
    /// Headers.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub headers: Map<serde_json::Value>,
    /// Body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<ExampleBody>,
}

impl ExampleRequest {
    /// The text of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| value.as_str())
    }

    /// The media type of the body.
    pub(crate) fn content_type(&self) -> Option<&str> {
        self.header("Content-Type")
    }
}

/// What comes back in an example.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleResponse {
    /// Status.
    pub status: u16,
    /// Headers; those not named are not compared.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub headers: Map<serde_json::Value>,
    /// Body of a success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<ExampleBody>,
    /// Code of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What is checked for its type, but not compared: `body/updated_at`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub varies: Vec<String>,
}

/// A body in an example: one of its keys.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleBody {
    /// A JSON document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<serde_json::Value>,
    /// Fields of a form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<Map<serde_json::Value>>,
    /// Text; events as they are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// A file below the folder of the descriptor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What is in that file, once it is read.
    #[serde(skip)]
    pub content: Option<Vec<u8>>,
}
