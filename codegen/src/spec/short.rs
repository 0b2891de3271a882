//! What may be written as one scalar or as a map of its keys.

use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};

/// A definition whose usual case is one scalar.
pub(super) trait Short: Sized {
    /// What may stand there, for the message of whoever reads something else.
    const EXPECTING: &'static str;

    /// From the scalar; the error is why it is none.
    fn of_scalar(text: &str) -> Result<Self, String>;

    /// From the map: the derived function, which `remote` makes an inherent one.
    fn of_map<'de, D: Deserializer<'de>>(map: D) -> Result<Self, D::Error>;
}

/// Reads either.
pub(super) fn deserialize<'de, T: Short, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(Either(PhantomData))
}

struct Either<T>(PhantomData<T>);

impl<'de, T: Short> Visitor<'de> for Either<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(T::EXPECTING)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::of_scalar(text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::of_map(MapAccessDeserializer::new(map))
    }
}

/// The JSON schema of a map becomes that of a type expression or that map.
pub(super) fn or_type(schema: &mut schemars::Schema) {
    or(schema, &serde_json::json!({"$ref": "#/$defs/TypeExpr"}));
}

/// The same with a text.
pub(super) fn or_text(schema: &mut schemars::Schema) {
    or(schema, &serde_json::json!({"type": "string"}));
}

fn or(schema: &mut schemars::Schema, scalar: &serde_json::Value) {
    let map = std::mem::take(schema.ensure_object());
    schema.insert("anyOf".to_owned(), serde_json::json!([scalar, map]));
}
