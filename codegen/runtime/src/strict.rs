//! JSON as it is declared, where serde and its derives take more.
//!
//! A derived struct takes an array for an object, its fields one after the other; and what is ignored is
//! not looked at, so that it need not even be text. Here a struct is an object, in all depths, and all of a
//! body is UTF-8. `unions` and `json` read with this, too.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

/// Reads a value from bytes of JSON.
#[cfg(any(feature = "server", feature = "client"))]
pub(crate) fn from_slice<T: serde::de::DeserializeOwned>(
    bytes: &[u8],
) -> Result<T, serde_json::Error> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| serde::de::Error::custom("it is not valid UTF-8"))?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(Strict(&mut deserializer))?;
    deserializer.end()?;
    Ok(value)
}

/// A deserializer, a visitor or a part of one of these that takes a struct for nothing but an object.
#[derive(Debug)]
pub(crate) struct Strict<T>(pub(crate) T);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct identifier
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(Strict(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Strict(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(Strict(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, Strict(visitor))
    }

    /// No type of generated code is read so.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_ignored_any(visitor)
    }
}

/// Passes a scalar on.
macro_rules! scalars {
    ($($visit:ident: $ty:ty,)*) => {
        $(
            fn $visit<E: serde::de::Error>(self, value: $ty) -> Result<V::Value, E> {
                self.0.$visit(value)
            }
        )*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<V> {
    type Value = V::Value;

    scalars! {
        visit_bool: bool,
        visit_i64: i64,
        visit_i128: i128,
        visit_u64: u64,
        visit_u128: u128,
        visit_f64: f64,
        visit_str: &str,
        visit_borrowed_str: &'de str,
        visit_string: String,
    }

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Strict(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Strict(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Strict(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Strict(entries))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(deserializer))
    }
}

#[cfg(all(test, any(feature = "server", feature = "client")))]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Point {
        x: u32,
        y: Option<f64>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Drawing {
        points: Vec<Point>,
        named: BTreeMap<String, Point>,
        last: Option<Point>,
    }

    #[test]
    fn an_object_is_read_as_serde_reads_it() {
        let text = r#" {"points": [{"x": 1, "y": 2}, {"y": null, "x": 3}], "named": {"a": {"x": 4}},
            "last": {"x": 5, "y": 1.5, "z": [{}]}} "#;
        let drawing: Drawing = from_slice(text.as_bytes()).unwrap();
        assert_eq!(drawing, serde_json::from_str(text).unwrap());
        assert_eq!(drawing.last.and_then(|point| point.y), Some(1.5));
    }

    #[test]
    fn an_array_is_no_object_at_any_depth() {
        for text in [
            "[[], {}, null]",
            r#"{"points": [[1, 2]], "named": {}}"#,
            r#"{"points": [], "named": {"a": [1, 2]}}"#,
            r#"{"points": [], "named": {}, "last": [1, 2]}"#,
        ] {
            assert!(serde_json::from_str::<Drawing>(text).is_ok(), "{text}");
            let error = from_slice::<Drawing>(text.as_bytes()).unwrap_err();
            assert!(
                error.to_string().contains("invalid type: sequence"),
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_ignored_is_text_nevertheless() {
        for text in [
            &b"{\"x\": 1, \"z\": {\"\xff\": 2}}"[..],
            b"{\"x\": 1, \"z\": \"\xff\"}",
        ] {
            assert!(serde_json::from_slice::<Point>(text).is_ok());
            let error = from_slice::<Point>(text).unwrap_err();
            assert_eq!(error.to_string(), "it is not valid UTF-8");
        }
    }

    #[test]
    fn nothing_stands_behind_a_value() {
        assert!(from_slice::<Point>(br#"{"x": 1} {}"#).is_err());
    }
}
