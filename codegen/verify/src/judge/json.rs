//! The JSON of an answer: read so that no key of an object is lost, and the URLs in it.

use std::fmt;

use api_codegen::model::{SchemaKind, Tag, Type, Variant};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

use super::{Exchange, url};
use crate::contract::Contract;
use crate::message::shown;

/// The value that these bytes are. A key that an object has twice is an error: one reader takes the first, another
/// the last, and generated clients take neither.
pub(super) fn parse(bytes: &[u8]) -> Result<Json, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    match serde_json::from_str::<Strict>(text) {
        Ok(Strict(json)) => Ok(json),
        Err(error) if error.is_data() => Err(error.to_string()),
        Err(_) => Err(format!("`{}` is no JSON", shown(bytes))),
    }
}

/// A value whose objects have each key once.
struct Strict(Json);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut all = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Json::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut all = Map::new();
        while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if all.contains_key(&key) {
                return Err(A::Error::custom(format_args!("`{key}` is there twice")));
            }
            all.insert(key, value);
        }
        Ok(Json::Object(all))
    }
}

/// Whether the URLs in a value, which is of this type, are those of their operations.
pub(super) fn urls(
    contract: &Contract<'_>,
    ty: &Type,
    json: &Json,
    exchange: Exchange<'_>,
) -> Result<(), String> {
    let inside = |ty: &Type, json: &Json| urls(contract, ty, json, exchange);
    match (ty, json) {
        (Type::Url(operation), Json::String(text)) => url(contract, *operation, text, exchange)
            .map(drop)
            .map_err(|problem| format!("`{text}`: {problem}")),
        (Type::List(item), Json::Array(items)) => {
            items.iter().try_for_each(|json| inside(item, json))
        }
        (Type::Map(item), Json::Object(entries)) => {
            entries.values().try_for_each(|json| inside(item, json))
        }
        (Type::Schema(id), json) => match &contract.api[*id].kind {
            SchemaKind::Object { fields, rest, .. } => {
                let entries = json.as_object().into_iter().flatten();
                entries.into_iter().try_for_each(|(key, json)| {
                    let field = fields.iter().find(|field| field.wire == *key);
                    let ty = field.map(|field| &field.value.ty).or(rest.as_ref());
                    ty.map_or(Ok(()), |ty| inside(ty, json))
                })
            }
            SchemaKind::Union { tag, variants } => {
                match variant(contract, tag.as_ref(), variants, json) {
                    Some((ty, json)) => inside(ty, json),
                    None => Ok(()),
                }
            }
            SchemaKind::Enum { .. } => Ok(()),
        },
        _ => Ok(()),
    }
}

/// The type of a union that a value has, and where in it.
fn variant<'v>(
    contract: &Contract<'_>,
    tag: Option<&Tag>,
    variants: &'v [Variant],
    json: &'v Json,
) -> Option<(&'v Type, &'v Json)> {
    let Some(tag) = tag else {
        let is_it = |variant: &&Variant| contract.values.check(&variant.ty, json).is_ok();
        return variants
            .iter()
            .find(is_it)
            .map(|variant| (&variant.ty, json));
    };
    let (variant, json) = Variant::chosen(Some(tag), variants, json)?;
    Some((&variant.ty, json))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_there_once() {
        assert_eq!(
            parse(br#"{"a":[1,-1,1.5,null,true,"x"],"b":{"a":1}}"#),
            Ok(serde_json::json!({"a": [1, -1, 1.5, null, true, "x"], "b": {"a": 1}}))
        );
        assert!(
            parse(br#"[{"a":1,"b":2,"a":1}]"#)
                .unwrap_err()
                .contains("`a` is there twice")
        );
        assert!(parse(b"{").unwrap_err().contains("no JSON"));
        assert!(parse(b"\xff").unwrap_err().contains("UTF-8"));
    }
}
