//! Envelopes: how an error answer is written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Allow, Map};

/// The code of each answer that the generated server gives by itself, by kind of answer.
pub type Rejections = Map<String>;

/// The shape of an error answer.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Envelope {
    /// JSON, written as it is on the wire, with placeholders.
    Json {
        /// Its media type; `application/json` where none is given. Such as `application/problem+json`.
        media_type: Option<String>,
        /// The document; `$code`, `$message` and the other placeholders stand for their values. An
        /// array with one element that holds `$code` repeats it for each error of the answer.
        // Not `serde_json::Value`, so that numbers and order stay as they are written.
        #[schemars(with = "serde_json::Value")]
        body: serde_yaml::Value,
        /// Codes of the answers that the server gives by itself.
        #[serde(default)]
        rejections: Rejections,
        /// Lints that say nothing here, each with the reason.
        #[serde(default)]
        allow: Allow,
    },
    /// `text/plain`.
    Text {
        /// The text: `$message` or `$code`.
        body: String,
        /// Codes of the answers that the server gives by itself.
        #[serde(default)]
        rejections: Rejections,
        /// Lints that say nothing here, each with the reason.
        #[serde(default)]
        allow: Allow,
    },
    /// No body.
    None {
        /// Codes of the answers that the server gives by itself; they show in metrics.
        #[serde(default)]
        rejections: Rejections,
        /// Lints that say nothing here, each with the reason.
        #[serde(default)]
        allow: Allow,
    },
}

impl Envelope {
    /// Codes of the answers that the server gives by itself.
    pub fn rejections(&self) -> &Rejections {
        match self {
            Self::Json { rejections, .. }
            | Self::Text { rejections, .. }
            | Self::None { rejections, .. } => rejections,
        }
    }
}
