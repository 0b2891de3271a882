//! The maker of sample values: for documents and snippets, for the messages of a difference, for contract
//! tests and mocks.
//!
//! A value that the author gives comes first, as an example, a default or a constant; else it is a small one
//! that keeps all bounds. What would go on for ever ends where it may: a list without an item, an optional
//! value that is left out, another variant of a union.

use serde_json::{Map, Value as Json};

use super::domain::{Domain, Use};
use super::{is_required, scalar};
use crate::check::literals::Types;
use crate::model::{
    Api, Constraints, Field, Operation, Parameter, SchemaId, SchemaKind, Segment, Tag, Test, Type,
    Value, Variant,
};
use crate::wire::{encoded, text};

/// How much of a type a sample shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What is required.
    Least,
    /// What is optional, too.
    Whole,
}

/// Schemas within each other of which a whole sample shows what is optional.
const SHOWN: usize = 6;

/// Most values that one sample has. Who needs more gets none.
const MOST: u64 = 4096;

/// A value for a place that is filled.
pub(crate) fn value(api: &Api, value: &Value, extent: Extent) -> Json {
    let given = given(value).cloned();
    given.unwrap_or_else(|| of(&Use::of(api, value), extent))
}

/// A value of a type.
pub(crate) fn of(used: &Use<'_>, extent: Extent) -> Json {
    let made = Maker::new(used.api, extent).of(used);
    let least = || Maker::new(used.api, Extent::Least).of(used);
    made.or_else(least).unwrap_or_default()
}

/// A value of a parameter of a request; where a condition asks for one, it is what the condition wants to see.
pub(crate) fn tested(api: &Api, place: &Value, test: Option<&Test>) -> Json {
    let own = value(api, place, Extent::Least);
    let Some(Test::Is(texts)) = test else {
        return own;
    };
    if texts.contains(&text(&own)) {
        return own;
    }
    let types = Types::of(api);
    let is_one = |json: &Json| types.json(&place.ty, &place.constraints, json, 0).is_ok();
    let Some(wanted) = texts.first() else {
        return own;
    };
    // A number is one in JSON, too.
    let number = serde_json::from_str(wanted).ok();
    number
        .filter(is_one)
        .unwrap_or_else(|| Json::from(wanted.as_str()))
}

/// The path of an operation with these values.
pub(crate) fn path(
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

/// What the author gives as a value.
fn given(value: &Value) -> Option<&Json> {
    let example = value.constant.as_ref().or(value.example.as_ref());
    example.or(value.default.as_ref())
}

/// A variant's value with its tag.
pub(super) fn tagged(tag: Option<&Tag>, variant: &Variant, value: Json) -> Json {
    let Some(tag) = tag else {
        return value;
    };
    let mut object = Map::from_iter([(tag.key.clone(), Json::from(variant.wire.as_str()))]);
    match (&tag.content, value) {
        (Some(content), value) => {
            object.insert(content.clone(), value);
        }
        (None, Json::Object(fields)) => object.extend(fields),
        // The check has seen that a tag lies beside fields.
        (None, _) => {}
    }
    Json::Object(object)
}

/// A sample that is being made. A part has no value where it would lie in itself without end, or where the
/// whole grows too large.
struct Maker<'a> {
    api: &'a Api,
    extent: Extent,
    /// The schemas in which the part lies that is being made.
    within: Vec<SchemaId>,
    /// How many more values there may be.
    left: u64,
}

impl<'a> Maker<'a> {
    fn new(api: &'a Api, extent: Extent) -> Self {
        Self {
            api,
            extent,
            within: Vec::new(),
            left: MOST,
        }
    }

    fn value(&mut self, value: &Value) -> Option<Json> {
        match given(value) {
            Some(given) => Some(given.clone()),
            None => self.of(&Use::of(self.api, value)),
        }
    }

    fn of(&mut self, used: &Use<'_>) -> Option<Json> {
        self.left = self.left.checked_sub(1)?;
        match used.ty {
            Type::Builtin(_) | Type::Format(_) => scalar::of(used),
            Type::List(item) => {
                let items = self.items(item, used.constraints)?;
                Some(Json::Array(items))
            }
            Type::Map(item) => {
                let items = self.items(item, used.constraints)?.into_iter();
                let entries = items.enumerate().map(|(index, item)| match index {
                    0 => ("key".to_owned(), item),
                    more => (format!("key{more}"), item),
                });
                Some(Json::Object(entries.collect()))
            }
            Type::Schema(id) if self.within.contains(id) => None,
            Type::Schema(id) => {
                self.within.push(*id);
                let made = self.schema(*id);
                self.within.pop();
                made
            }
            Type::Url(id) => Some(Json::from(path(
                self.api,
                &self.api[*id],
                |_, parameter| value(self.api, &parameter.value, self.extent),
            ))),
            Type::Challenge(id) => Some(scalar::challenge(&self.api[*id])),
        }
    }

    /// One item, or as many as there must be.
    fn items(&mut self, item: &Type, bounds: &Constraints) -> Option<Vec<Json>> {
        let fewest = bounds.min_items.unwrap_or(0);
        let count = fewest.max(1).min(bounds.max_items.unwrap_or(u64::MAX));
        let before = self.left;
        let is_shown = self.is_shown() || fewest > 0;
        let Some(item) = self.of(&Use::new(self.api, item)).filter(|_| is_shown) else {
            return (fewest == 0).then(Vec::new);
        };
        let each = before - self.left;
        let others = each.saturating_mul(count.saturating_sub(1));
        self.left = self.left.checked_sub(others)?;
        Some((0..count).map(|_| item.clone()).collect())
    }

    /// Whether what may be left out is to be seen.
    fn is_shown(&self) -> bool {
        self.within.len() <= SHOWN
    }

    fn schema(&mut self, id: SchemaId) -> Option<Json> {
        let api = self.api;
        match &api[id].kind {
            SchemaKind::Object { fields, .. } => self.object(fields),
            SchemaKind::Enum { values, .. } => {
                let first = values.first().map_or("", |value| value.wire.as_str());
                Some(Json::from(first))
            }
            SchemaKind::Union { tag, variants } => variants.iter().find_map(|variant| {
                let value = self.of(&Use::new(api, &variant.ty))?;
                Some(tagged(tag.as_ref(), variant, value))
            }),
        }
    }

    fn object(&mut self, fields: &[Field]) -> Option<Json> {
        let mut object = Map::new();
        for Field { wire, value, .. } in fields {
            let is_required = is_required(value);
            if !is_required && (self.extent == Extent::Least || !self.is_shown()) {
                continue;
            }
            let made = self.value(value);
            let null = value.nullable.then_some(Json::Null);
            match made.or(null.filter(|_| is_required)) {
                Some(json) => {
                    object.insert(wire.clone(), json);
                }
                None if is_required => return None,
                None => {}
            }
        }
        Some(Json::Object(object))
    }
}

/// A value that is no body of JSON.
pub(crate) fn no_value() -> Json {
    let texts = super::domain::texts(&Domain::Any);
    Json::from(texts.shortest().unwrap_or_default())
}
