//! A sample in which something particular stands at one place.

use serde_json::{Map, Value as Json};

use super::domain::Use;
use super::sample::{self, Extent, tagged};
use crate::model::{Api, Field, SchemaId, SchemaKind, Type};

/// A step from a value into one of its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field, by its key.
    Field(String),
    /// An item of a list.
    Item,
    /// An entry of a map, or another key of an object.
    Entry,
    /// A variant of a union, by its tag.
    Variant(String),
}

/// What is to be shown at a place.
#[derive(Clone, Debug, PartialEq)]
pub enum Put {
    /// Whatever fits.
    Nothing,
    /// This value.
    Value(Json),
    /// That nothing is there.
    Absent,
}

/// A value of a type in which `put` stands at the end of `steps`. Where the type has no such place, it is
/// whatever fits.
pub(crate) fn along(used: &Use<'_>, steps: &[Step], put: &Put) -> Json {
    let api = used.api;
    let Some((step, rest)) = steps.split_first() else {
        return match put {
            Put::Value(json) => json.clone(),
            Put::Nothing | Put::Absent => sample::of(used, Extent::Least),
        };
    };
    match (step, used.ty) {
        (Step::Item, Type::List(item)) => {
            let mut whole = sample::of(used, Extent::Least);
            let items = whole.as_array_mut().map(std::mem::take);
            let others = items.into_iter().flatten().skip(1);
            let item = along(&Use::new(api, item), rest, put);
            std::iter::once(item).chain(others).collect()
        }
        (Step::Entry, Type::Map(item)) => {
            let mut whole = sample::of(used, Extent::Least);
            if let Json::Object(entries) = &mut whole {
                let item = along(&Use::new(api, item), rest, put);
                entries.insert("key".to_owned(), item);
            }
            whole
        }
        (Step::Variant(tag), Type::Schema(id)) => variant(api, *id, (tag, rest), put),
        (Step::Field(_) | Step::Entry, Type::Schema(id)) => {
            let mut whole = sample::of(used, Extent::Least);
            if let (
                Json::Object(object),
                SchemaKind::Object {
                    fields,
                    rest: others,
                    ..
                },
            ) = (&mut whole, &api[*id].kind)
            {
                fill(api, (fields, others.as_ref()), (step, rest), (object, put));
            }
            whole
        }
        _ => sample::of(used, Extent::Least),
    }
}

/// Puts a value at a key of an object.
fn fill(
    api: &Api,
    (fields, others): (&[Field], Option<&Type>),
    (step, rest): (&Step, &[Step]),
    (object, put): (&mut Map<String, Json>, &Put),
) {
    let Step::Field(key) = step else {
        let json = match (put, others) {
            (Put::Value(json), _) if rest.is_empty() => json.clone(),
            (put, Some(ty)) => along(&Use::new(api, ty), rest, put),
            (_, None) => Json::from("text"),
        };
        object.insert("other".to_owned(), json);
        return;
    };
    if rest.is_empty() && *put == Put::Absent {
        object.shift_remove(key);
        return;
    }
    let Some(field) = fields.iter().find(|field| field.wire == *key) else {
        return;
    };
    let json = if rest.is_empty() && *put == Put::Nothing {
        sample::value(api, &field.value, Extent::Least)
    } else {
        along(&Use::of(api, &field.value), rest, put)
    };
    object.insert(key.clone(), json);
}

/// A variant of a union with its tag.
fn variant(api: &Api, id: SchemaId, (tag, rest): (&str, &[Step]), put: &Put) -> Json {
    let SchemaKind::Union { tag: own, variants } = &api[id].kind else {
        return Json::Null;
    };
    let Some(variant) = variants
        .iter()
        .find(|variant| variant.wire == tag)
        .or(variants.first())
    else {
        return Json::Null;
    };
    let value = along(&Use::new(api, &variant.ty), rest, put);
    tagged(own.as_ref(), variant, value)
}
