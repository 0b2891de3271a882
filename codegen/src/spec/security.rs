//! Ways to authenticate.

use schemars::JsonSchema;
use serde::Deserialize;

/// A way to authenticate.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum SecurityScheme {
    /// `Authorization: Basic`.
    Basic {
        /// Realm of the challenge.
        realm: Option<String>,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
    },
    /// `Authorization: Bearer`.
    Bearer {
        /// `CommonMark`.
        #[serde(default)]
        description: String,
    },
    /// A key in a header.
    ApiKey {
        /// The header.
        header: String,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
    },
    /// Anything else in a header.
    Custom {
        /// The header.
        header: String,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
    },
}
