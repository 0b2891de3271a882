//! Lints: what becomes of them in a descriptor, and at one place of it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

use super::Map;
use super::scalar::text_schema;
use crate::diag::{Id, Level};

/// What becomes of lints, by their names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Lints(Map<Level>);

impl Lints {
    /// What becomes of a lint, where it is said.
    pub fn level(&self, id: Id) -> Option<Level> {
        self.0.get(&id.key()).copied()
    }
}

impl JsonSchema for Lints {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Lints".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let level = generator.subschema_for::<Level>();
        by_lint("What becomes of lints, by their names.", &level)
    }
}

/// Lints that say nothing of a place and of what is within it, each with the reason why. The structural
/// walk finds them, since only it knows their places.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Allow(Map<Reason>);

impl Allow {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl JsonSchema for Allow {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Allow".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let reason = generator.subschema_for::<Reason>();
        by_lint(
            "Lints that say nothing of this and of what is within it, each with the reason why.",
            &reason,
        )
    }
}

/// The map of all lints to a value.
fn by_lint(description: &str, value: &Schema) -> Schema {
    let properties: serde_json::Map<String, serde_json::Value> = Id::lints()
        .map(|id| {
            let mut value = value.clone();
            value.insert("description".to_owned(), id.rule().into());
            (id.key(), value.to_value())
        })
        .collect();
    schemars::json_schema!({
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": false,
    })
}

/// Why a lint says nothing: a text that is not blank.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Reason(pub String);

text_schema!(
    Reason,
    "Why the lint says nothing here.",
    r"^(.|\n)*[^ \n](.|\n)*$"
);

impl TryFrom<String> for Reason {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.chars().all(|c| c == ' ' || c == '\n') {
            return Err("a lint is silenced for a reason: say why".to_owned());
        }
        Ok(Self(text))
    }
}
