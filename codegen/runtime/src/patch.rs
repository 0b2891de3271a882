//! Three states of a field: absent, null, a value.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field that is optional and may be null, as a change to a resource has them: leave it, clear it, set
/// it. Serde needs `#[serde(default, skip_serializing_if = "Patch::is_absent")]` on the field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// The field was not there.
    #[default]
    Absent,
    /// The field was null.
    Null,
    /// The field had a value.
    Value(T),
}

impl<T> Patch<T> {
    /// Whether the field was not there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the field was null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value, where there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Absent is `None`, null is `Some(None)`.
    pub fn into_change(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Change {
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        text: Patch<String>,
    }

    #[test]
    fn the_three_states_survive_json() {
        for (json, text) in [
            ("{}", Patch::Absent),
            (r#"{"text":null}"#, Patch::Null),
            (r#"{"text":"x"}"#, Patch::Value("x".to_owned())),
        ] {
            let change: Change = serde_json::from_str(json).unwrap();
            assert_eq!(change, Change { text });
            assert_eq!(serde_json::to_string(&change).unwrap(), json);
        }
    }
}
