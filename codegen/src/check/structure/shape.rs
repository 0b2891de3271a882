//! The JSON Schema of the language as something to walk along.
//!
//! schemars derives the schema from the types that serde reads, so the walk and serde go by one
//! definition. Only the forms that it derives for those types are read; another form is a mistake in
//! `spec`, and the tests of this crate, which all load a descriptor, would show it at once.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use super::words::a;
use crate::diag::clip;
use crate::pattern::Dfa;
use crate::spec::reserved;

/// The language: shapes by the name of their definition, and where to begin.
pub(super) struct Language {
    definitions: IndexMap<String, Shape>,
    root: Shape,
}

/// What may stand at a place.
pub(super) enum Shape {
    /// Anything.
    Any,
    /// Text, perhaps with a grammar.
    Text(Grammar),
    /// One of these texts.
    Choice(Vec<String>),
    /// `true` or `false`.
    Bool,
    /// A whole number within these bounds.
    Integer(i128, i128),
    /// A list of the shape.
    List(Box<Shape>),
    /// A map of the shape, whose keys are the author's.
    Map(Box<Shape>),
    /// A map with these keys.
    Object(Object),
    /// A map whose key `type` says which of these it is.
    Kinds(String, IndexMap<String, Object>),
    /// Text of the one shape or a map of the other.
    Either(Box<(Shape, Shape)>),
    /// The definition of this name.
    Definition(String),
}

/// The grammar of a text.
pub(super) struct Grammar {
    /// Definition that it belongs to.
    pub(super) definition: String,
    /// Accepts the texts that have it. `None`: any text.
    pub(super) pattern: Option<Dfa>,
}

impl Grammar {
    /// What is wrong with a text, if anything is.
    pub(super) fn complaint(&self, text: &str) -> Option<String> {
        let pattern = self.pattern.as_ref()?;
        if pattern.matches(text.as_bytes()) {
            return None;
        }
        let complaint = reserved::complaint(&self.definition, text);
        Some(
            complaint.unwrap_or_else(|| format!("`{}` is not {}", clip(text), a(&self.definition))),
        )
    }
}

/// A map whose keys the language names.
pub(super) struct Object {
    /// Definition that it belongs to.
    pub(super) definition: String,
    /// Its keys.
    pub(super) fields: IndexMap<String, Shape>,
    /// Those that must be there.
    pub(super) required: Vec<String>,
}

impl Language {
    /// The language whose schema this is.
    pub(super) fn of(schema: &Json) -> Result<Self, String> {
        let mut definitions = IndexMap::new();
        for (name, definition) in entries(schema, "$defs") {
            definitions.insert(name.clone(), shape(definition, name)?);
        }
        let root = shape(schema, "Spec")?;
        let language = Self { definitions, root };
        Ok(language)
    }

    /// All definitions by name.
    #[cfg(test)]
    pub(super) fn definitions(&self) -> impl Iterator<Item = (&String, &Shape)> {
        self.definitions.iter()
    }

    pub(super) fn root(&self) -> &Shape {
        self.resolve(&self.root)
    }

    /// The shape itself, where it is only named.
    pub(super) fn resolve<'s>(&'s self, shape: &'s Shape) -> &'s Shape {
        match shape {
            Shape::Definition(name) => self.definitions.get(name).unwrap_or(&Shape::Any),
            shape => shape,
        }
    }
}

fn shape(schema: &Json, definition: &str) -> Result<Shape, String> {
    let unreadable = || format!("{definition}: {schema}");
    let Json::Object(object) = schema else {
        return (schema == &Json::Bool(true))
            .then_some(Shape::Any)
            .ok_or_else(unreadable);
    };
    if let Some(reference) = object.get("$ref") {
        let name = reference
            .as_str()
            .and_then(|text| text.strip_prefix("#/$defs/"));
        return Ok(Shape::Definition(name.ok_or_else(unreadable)?.to_owned()));
    }
    if let Some(Json::Array(either)) = object.get("anyOf") {
        let [text, map] = either.as_slice() else {
            return Err(unreadable());
        };
        return Ok(Shape::Either(Box::new((
            shape(text, definition)?,
            shape(map, definition)?,
        ))));
    }
    if let Some(Json::Array(options)) = object.get("oneOf") {
        return options_of(options, definition);
    }
    match object.get("type").and_then(Json::as_str) {
        None if object
            .keys()
            .all(|key| matches!(key.as_str(), "description" | "title" | "default")) =>
        {
            Ok(Shape::Any)
        }
        Some("string") => text(object, definition).ok_or_else(unreadable),
        Some("boolean") => Ok(Shape::Bool),
        Some("integer") => bounds(object).ok_or_else(unreadable),
        Some("array") => {
            let items = shape(object.get("items").unwrap_or(&Json::Bool(true)), definition)?;
            Ok(Shape::List(Box::new(items)))
        }
        Some("object") => match object.get("additionalProperties") {
            Some(Json::Bool(false)) => self::object(object, definition).map(Shape::Object),
            Some(values) => Ok(Shape::Map(Box::new(shape(values, definition)?))),
            None => Err(unreadable()),
        },
        _ => Err(unreadable()),
    }
}

/// An enumeration: of texts, or of maps that their key `type` tells apart.
fn options_of(options: &[Json], definition: &str) -> Result<Shape, String> {
    let texts: Option<Vec<String>> = options
        .iter()
        .map(|option| option.get("const")?.as_str().map(str::to_owned))
        .collect();
    if let Some(texts) = texts {
        return Ok(Shape::Choice(texts));
    }
    let mut kinds = IndexMap::new();
    for option in options {
        let unreadable = || format!("{definition}: {option}");
        let kind = option
            .pointer("/properties/type/const")
            .and_then(Json::as_str)
            .ok_or_else(unreadable)?;
        let map = option.as_object().ok_or_else(unreadable)?;
        kinds.insert(kind.to_owned(), object(map, definition)?);
    }
    Ok(Shape::Kinds(definition.to_owned(), kinds))
}

fn object(schema: &Map<String, Json>, definition: &str) -> Result<Object, String> {
    let mut fields = IndexMap::new();
    for (key, value) in schema
        .get("properties")
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
    {
        let field = match value.get("const").and_then(Json::as_str) {
            Some(kind) => Shape::Choice(vec![kind.to_owned()]),
            None => shape(value, definition)?,
        };
        fields.insert(key.clone(), field);
    }
    let required = schema
        .get("required")
        .and_then(Json::as_array)
        .into_iter()
        .flatten();
    let required = required
        .filter_map(Json::as_str)
        .map(str::to_owned)
        .collect();
    Ok(Object {
        definition: definition.to_owned(),
        fields,
        required,
    })
}

/// `None` where the pattern is not one of ours.
fn text(schema: &Map<String, Json>, definition: &str) -> Option<Shape> {
    if let Some(Json::Array(choices)) = schema.get("enum") {
        let choices: Option<Vec<String>> = choices
            .iter()
            .map(|text| text.as_str().map(str::to_owned))
            .collect();
        return choices.map(Shape::Choice);
    }
    let pattern = match schema.get("pattern") {
        None => None,
        Some(pattern) => {
            let inner = pattern.as_str()?.strip_prefix('^')?.strip_suffix('$')?;
            Some(Dfa::compile(inner).ok()?)
        }
    };
    Some(Shape::Text(Grammar {
        definition: definition.to_owned(),
        pattern,
    }))
}

/// `None` for a format of which it does not know the bounds.
fn bounds(schema: &Map<String, Json>) -> Option<Shape> {
    let (least, most) = match schema.get("format").and_then(Json::as_str)? {
        "int32" => (i128::from(i32::MIN), i128::from(i32::MAX)),
        "int64" => (i128::from(i64::MIN), i128::from(i64::MAX)),
        "uint8" => (0, i128::from(u8::MAX)),
        "uint16" => (0, i128::from(u16::MAX)),
        "uint32" => (0, i128::from(u32::MAX)),
        "uint64" => (0, i128::from(u64::MAX)),
        _ => return None,
    };
    let number = |key: &str| schema.get(key).and_then(Json::as_i64).map(i128::from);
    let least = number("minimum").map_or(least, |minimum| minimum.max(least));
    let most = number("maximum").map_or(most, |maximum| maximum.min(most));
    Some(Shape::Integer(least, most))
}

fn entries<'j>(schema: &'j Json, key: &str) -> impl Iterator<Item = (&'j String, &'j Json)> {
    schema
        .get(key)
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
}
