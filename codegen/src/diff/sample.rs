//! Values that messages are made of: those that the author gives as examples, and else small ones that
//! their types accept.

use serde_json::{Map, Value as Json};

use super::values::{self, Domain, Use, texts};
use crate::model::{Api, Builtin, Field, Operation, Parameter, SchemaKind, Segment, Type, Value};
use crate::wire::{encoded, text};

/// Levels of nesting after which a value ends.
const DEPTH: usize = 12;

/// Most items of a list or a map that are made.
const MOST_ITEMS: u64 = 20;

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

/// A value for a place that is filled.
pub(crate) fn value(api: &Api, value: &Value) -> Json {
    value_at(api, value, 0)
}

fn value_at(api: &Api, value: &Value, depth: usize) -> Json {
    let given = value
        .constant
        .as_ref()
        .or(value.example.as_ref())
        .or(value.default.as_ref());
    given.cloned().unwrap_or_else(|| {
        let used = Use {
            api,
            ty: &value.ty,
            constraints: &value.constraints,
            constant: None,
        };
        of(&used, depth)
    })
}

/// A value of a type.
fn of(used: &Use<'_>, depth: usize) -> Json {
    let api = used.api;
    if depth > DEPTH {
        return Json::Null;
    }
    match used.ty {
        Type::Format(id) if used.constraints.is_empty() && !api[*id].examples.is_empty() => {
            let example = api[*id].examples[0].as_str();
            let is_number = matches!(
                values::format(api, *id),
                Domain::Whole(..) | Domain::Number(..)
            );
            let number = is_number
                .then(|| serde_json::from_str(example).ok())
                .flatten();
            number.unwrap_or_else(|| Json::from(example))
        }
        Type::List(item) => {
            let count = used.constraints.min_items.unwrap_or(1).clamp(1, MOST_ITEMS);
            let item = of(&Use::new(api, item), depth + 1);
            (0..count).map(|_| item.clone()).collect()
        }
        Type::Map(item) => {
            let count = used.constraints.min_items.unwrap_or(1).clamp(1, MOST_ITEMS);
            let item = of(&Use::new(api, item), depth + 1);
            let key = |index| match index {
                0 => "key".to_owned(),
                more => format!("key{more}"),
            };
            Json::Object((0..count).map(|index| (key(index), item.clone())).collect())
        }
        Type::Schema(id) => match &api[*id].kind {
            SchemaKind::Object { fields, .. } => {
                let needed = fields.iter().filter(|field| is_required(&field.value));
                let entry =
                    |field: &Field| (field.wire.clone(), value_at(api, &field.value, depth + 1));
                Json::Object(needed.map(entry).collect())
            }
            SchemaKind::Enum { values, .. } => {
                Json::from(values.first().map_or("", |value| value.wire.as_str()))
            }
            SchemaKind::Union { variants, .. } => variants.first().map_or(Json::Null, |variant| {
                along(used, &[Step::Variant(variant.wire.clone())], &Put::Nothing)
            }),
        },
        Type::Url(id) => Json::from(path(api, &api[*id], |_, parameter| {
            value_at(api, &parameter.value, depth + 1)
        })),
        Type::Challenge(id) => Json::from(format!("Bearer realm=\"{}\"", api[*id].name)),
        Type::Builtin(builtin) if used.constraints.is_empty() => builtin_sample(*builtin),
        Type::Builtin(_) | Type::Format(_) => used
            .domain()
            .map_or(Json::Null, |domain| of_domain(&domain)),
    }
}

/// The path of an operation with these values.
pub(super) fn path(
    api: &Api,
    operation: &Operation,
    value: impl Fn(usize, &Parameter) -> Json,
) -> String {
    let values = operation.path.iter().enumerate();
    let mut values = values.map(|(index, parameter)| text(&value(index, parameter)));
    let mut value = || values.next().unwrap_or_default();
    let mut out = String::new();
    for segment in &api[operation.route].segments {
        out.push('/');
        match segment {
            Segment::Literal(text) => out.push_str(text),
            Segment::Parameter { before, after, .. } => {
                out.extend([before.as_str(), &encoded(&value(), ":@,"), after]);
            }
            Segment::Many { before, after, .. } => {
                out.extend([before.as_str(), &encoded(&value(), "/:@,"), after]);
            }
        }
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

/// Whether an absent value is an error.
pub(crate) fn is_required(value: &Value) -> bool {
    !value.optional && value.default.is_none()
}

/// A value of a set.
pub(super) fn of_domain(domain: &Domain) -> Json {
    match domain {
        Domain::Text(language) => Json::from(language.shortest().unwrap_or_default()),
        Domain::Whole(min, max) => {
            let number = 1_i128.clamp(*min, *max.max(min));
            serde_json::from_str(&number.to_string()).unwrap_or_default()
        }
        Domain::Number(min, _) => {
            serde_json::from_str(&min.unwrap_or(1).to_string()).unwrap_or_default()
        }
        Domain::Boolean(_, yes) => Json::Bool(*yes),
        Domain::Only(json) => json.clone(),
        Domain::Any => Json::Object(Map::new()),
    }
}

fn builtin_sample(builtin: Builtin) -> Json {
    Json::from(match builtin {
        Builtin::String => "text",
        Builtin::Boolean => return Json::Bool(true),
        Builtin::Integer | Builtin::Int32 | Builtin::Uint32 | Builtin::Uint64 => {
            return Json::from(1);
        }
        Builtin::Number => return Json::from(1.5),
        Builtin::Any => return Json::Object(Map::new()),
        Builtin::Date => "2026-11-24",
        Builtin::DateTime => "2026-11-24T09:30:00Z",
        Builtin::HttpDate => "Tue, 24 Nov 2026 09:30:00 GMT",
        Builtin::UnixTime => return Json::from(1_795_512_600),
        Builtin::Uuid => "0c4a1b6e-5f5d-4c0e-9f6b-3b1f6d0a7c11",
        Builtin::Uri => "https://example.com/",
        Builtin::Base64 => "AAEC",
        Builtin::Flag => "",
        Builtin::Etag => "\"v1\"",
    })
}

/// A value of a type in which `put` stands at the end of `steps`. Where the type has no such place, it is
/// whatever fits.
pub(crate) fn along(used: &Use<'_>, steps: &[Step], put: &Put) -> Json {
    let api = used.api;
    let Some((step, rest)) = steps.split_first() else {
        return match put {
            Put::Value(json) => json.clone(),
            Put::Nothing | Put::Absent => of(used, 0),
        };
    };
    match (step, used.ty) {
        (Step::Item, Type::List(item)) => Json::Array(vec![along(&Use::new(api, item), rest, put)]),
        (Step::Entry, Type::Map(item)) => {
            let item = along(&Use::new(api, item), rest, put);
            Json::Object(Map::from_iter([("key".to_owned(), item)]))
        }
        (Step::Variant(tag), Type::Schema(id)) => variant(api, *id, (tag, rest), put),
        (Step::Field(_) | Step::Entry, Type::Schema(id)) => {
            let mut whole = of(used, 0);
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
        _ => of(used, 0),
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
    let used = Use {
        api,
        ty: &field.value.ty,
        constraints: &field.value.constraints,
        constant: None,
    };
    let json = if rest.is_empty() && *put == Put::Nothing {
        value(api, &field.value)
    } else {
        along(&used, rest, put)
    };
    object.insert(key.clone(), json);
}

/// A variant of a union with its tag.
fn variant(api: &Api, id: crate::model::SchemaId, (tag, rest): (&str, &[Step]), put: &Put) -> Json {
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
    let Some(own) = own else {
        return value;
    };
    let mut object = Map::from_iter([(own.key.clone(), Json::from(variant.wire.as_str()))]);
    match (&own.content, value) {
        (Some(content), value) => {
            object.insert(content.clone(), value);
        }
        (None, Json::Object(fields)) => object.extend(fields),
        (None, _) => {}
    }
    Json::Object(object)
}

/// A value that is no body of JSON.
pub(super) fn no_value() -> Json {
    Json::from(texts(&Domain::Any).shortest().unwrap_or_default())
}
