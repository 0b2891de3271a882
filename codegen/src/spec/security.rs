//! Ways to authenticate.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Allow, Map};

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
        /// Lints that say nothing here, each with the reason.
        #[serde(default)]
        allow: Allow,
    },
    /// `Authorization: Bearer`.
    Bearer {
        /// `CommonMark`.
        #[serde(default)]
        description: String,
        /// Lints that say nothing here, each with the reason.
        #[serde(default)]
        allow: Allow,
    },
    /// A key in a header.
    ApiKey {
        /// The header.
        header: String,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
        /// Lints that say nothing here, each with the reason.
        #[serde(default)]
        allow: Allow,
    },
    /// Anything else in a header.
    Custom {
        /// The header.
        header: String,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
        /// Lints that say nothing here, each with the reason.
        #[serde(default)]
        allow: Allow,
    },
    /// OAuth 2.0: `Authorization: Bearer` with a token of an authorization server.
    Oauth2 {
        /// The ways to a token.
        flows: Vec<Flow>,
        /// What a token may be good for, and what that means.
        #[serde(default)]
        scopes: Map<String>,
        /// `CommonMark`.
        #[serde(default)]
        description: String,
        /// Lints that say nothing here, each with the reason.
        #[serde(default)]
        allow: Allow,
    },
}

/// A way to a token.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Flow {
    /// A person agrees in a browser.
    AuthorizationCode {
        /// Where the person is sent.
        authorization_url: String,
        /// Where the code becomes a token.
        token_url: String,
        /// Where a token is renewed, where that is another place.
        refresh_url: Option<String>,
    },
    /// A program speaks for itself.
    ClientCredentials {
        /// Where a token is given out.
        token_url: String,
        /// Where a token is renewed, where that is another place.
        refresh_url: Option<String>,
    },
    /// A person agrees on another device.
    DeviceCode {
        /// Where the device gets its code.
        device_authorization_url: String,
        /// Where the code becomes a token.
        token_url: String,
        /// Where a token is renewed, where that is another place.
        refresh_url: Option<String>,
    },
}
