//! Literals against their types: `default`, `const`, `example`.
//!
//! Rule: what a descriptor gives as a value is one. `{type: digest, example: sha256}` fails: the text
//! is not of that format.

use serde_json::Value as Json;

use super::builtins;
use super::scope::Scope;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{
    Api, Base, Builtin, Constraints, Format, FormatId, FormatKind, ListStyle, Schema, SchemaKind,
    Tag, Type, Value, Variant,
};

/// Deepest nesting that is looked into.
const DEPTH: usize = 64;

/// A literal that is put aside.
#[derive(Debug)]
pub(super) struct Literal {
    pub(super) id: Id,
    pub(super) path: Path,
    pub(super) json: Json,
    pub(super) value: Value,
    pub(super) style: ListStyle,
    /// It stands in a path, a query or a header.
    pub(super) is_text: bool,
}

/// All types of the API.
#[derive(Clone, Copy)]
pub(crate) struct Types<'m> {
    pub(crate) formats: &'m [Format],
    pub(crate) schemas: &'m [Schema],
}

/// Checks all literals that were put aside.
pub(super) fn check(scope: &mut Scope<'_, '_>, types: Types<'_>) {
    for literal in std::mem::take(&mut scope.literals) {
        let Err(problem) = types.literal(&literal) else {
            continue;
        };
        let message = format!("this is not of its own type: {problem}");
        let problem = Diagnostic::error(literal.id, &literal.path, message)
            .help("write a value of the type, or give the place another type");
        scope.push(beside_type(scope, problem, &literal.value.ty));
    }
}

/// A problem with a label where a type is defined, if it is.
pub(super) fn beside_type(scope: &Scope<'_, '_>, problem: Diagnostic, ty: &Type) -> Diagnostic {
    match definition(scope, ty) {
        Some(definition) => problem.label(At::key(&definition), "the type is defined here"),
        None => problem,
    }
}

/// Where a type is defined, or what a list or map of it holds.
pub(super) fn definition(scope: &Scope<'_, '_>, ty: &Type) -> Option<Path> {
    let (map, name) = match ty {
        Type::List(inner) | Type::Map(inner) => return definition(scope, inner),
        Type::Format(id) => ("formats", scope.spec.formats.get_index(id.0)?.0),
        Type::Schema(id) => ("schemas", scope.spec.schemas.get_index(id.0)?.0),
        Type::Builtin(_) | Type::Url(_) | Type::Challenge(_) => return None,
    };
    Some(Path::root().key(map).key(name))
}

impl<'m> Types<'m> {
    /// Those of a model.
    pub(crate) fn of(api: &'m Api) -> Self {
        Self {
            formats: &api.formats,
            schemas: &api.schemas,
        }
    }

    /// Whether each value of a type is a text in JSON.
    pub(crate) fn is_text(self, ty: &Type) -> bool {
        match ty {
            Type::Builtin(builtin) => builtin.is_text(),
            Type::Format(id) => match self.formats.get(id.0).map(|format| &format.kind) {
                Some(FormatKind::AnyOf(ids)) => {
                    ids.iter().all(|id| self.is_text(&Type::Format(*id)))
                }
                _ => self.format_base(*id) == Base::String,
            },
            Type::Schema(id) => {
                let schema = self.schemas.get(id.0);
                schema.is_some_and(|schema| matches!(schema.kind, SchemaKind::Enum { .. }))
            }
            Type::Url(_) | Type::Challenge(_) => true,
            Type::List(_) | Type::Map(_) => false,
        }
    }

    fn literal(self, literal: &Literal) -> Result<(), String> {
        if literal.is_text {
            self.parameter(&literal.value, literal.style, &literal.json)
        } else {
            self.value(&literal.value, &literal.json, 0)
        }
    }

    /// Whether `json` can stand in a path, a query or a header.
    pub(crate) fn parameter(
        self,
        value: &Value,
        style: ListStyle,
        json: &Json,
    ) -> Result<(), String> {
        if value.is_flag() {
            let is_there = *json == Json::Bool(true) || *json == Json::String(String::new());
            return if is_there {
                Ok(())
            } else {
                Err("a flag is `true`, or it is left out".to_owned())
            };
        }
        let Type::List(item) = &value.ty else {
            return self.text(
                &value.ty,
                &value.constraints,
                &self.written(&value.ty, json)?,
            );
        };
        let texts: Vec<String> = match json {
            Json::Array(items) => items
                .iter()
                .map(|one| self.written(item, one))
                .collect::<Result<_, _>>()?,
            _ => split(&text_of(json)?, style),
        };
        count(&value.constraints, texts.len())?;
        texts
            .iter()
            .try_for_each(|text| self.text(item, &Constraints::default(), text))
    }

    /// Whether `json` can be the value of a field.
    pub(crate) fn value(self, value: &Value, json: &Json, depth: usize) -> Result<(), String> {
        if json.is_null() && value.nullable {
            return Ok(());
        }
        if let Some(constant) = &value.constant
            && constant != json
        {
            return Err(format!("the only value is `{constant}`"));
        }
        self.json(&value.ty, &value.constraints, json, depth)
    }

    /// Whether `json` is of type `ty`.
    pub(crate) fn json(
        self,
        ty: &Type,
        constraints: &Constraints,
        json: &Json,
        depth: usize,
    ) -> Result<(), String> {
        if depth > DEPTH {
            return Err("it is nested too deeply".to_owned());
        }
        match ty {
            Type::Builtin(builtin) => builtin_json(*builtin, constraints, json),
            Type::Format(id) => match self.format_base(*id) {
                Base::String => self.text(ty, constraints, text_in(json)?),
                _ => self.text(
                    ty,
                    constraints,
                    &json.as_number().ok_or("a number is wanted")?.to_string(),
                ),
            },
            Type::List(item) => {
                let items = json.as_array().ok_or("a list is wanted")?;
                count(constraints, items.len())?;
                items
                    .iter()
                    .try_for_each(|json| self.json(item, &Constraints::default(), json, depth + 1))
            }
            Type::Map(item) => {
                let entries = json.as_object().ok_or("a map is wanted")?;
                count(constraints, entries.len())?;
                entries
                    .values()
                    .try_for_each(|json| self.json(item, &Constraints::default(), json, depth + 1))
            }
            Type::Schema(id) => self
                .schemas
                .get(id.0)
                .map_or(Ok(()), |schema| self.schema(schema, json, depth)),
            Type::Url(_) | Type::Challenge(_) => json
                .as_str()
                .map(|_| ())
                .ok_or_else(|| "a text is wanted".to_owned()),
        }
    }

    /// The text of a scalar of this type. One that YAML reads as a fraction may have been another text: `1.10`
    /// and `1.1` are one number.
    fn written(self, ty: &Type, json: &Json) -> Result<String, String> {
        let is_number = match ty {
            Type::Builtin(builtin) => !builtin.is_text(),
            Type::Format(id) => self.format_base(*id) != Base::String,
            _ => false,
        };
        if json.is_f64() && !is_number {
            return Err(format!(
                "YAML reads it as the number {json}, and a text stands in quotes"
            ));
        }
        text_of(json)
    }

    fn format_base(self, id: FormatId) -> Base {
        match self.formats.get(id.0).map(|format| &format.kind) {
            Some(FormatKind::Scalar { base, .. }) => *base,
            _ => Base::String,
        }
    }

    fn schema(self, schema: &Schema, json: &Json, depth: usize) -> Result<(), String> {
        match &schema.kind {
            SchemaKind::Enum { values, open } => {
                let text = json.as_str().ok_or("a text is wanted")?;
                if *open || values.iter().any(|value| value.wire == text) {
                    return Ok(());
                }
                Err(format!("`{text}` is no value of `{}`", schema.name))
            }
            SchemaKind::Union { tag, variants } => self
                .union(tag.as_ref(), variants, json, depth)
                .map_err(|problem| format!("`{}`: {problem}", schema.name)),
            SchemaKind::Object {
                fields,
                reject_unknown,
                rest,
            } => {
                let object = json
                    .as_object()
                    .ok_or_else(|| format!("`{}` is a map", schema.name))?;
                for field in fields {
                    match object.get(&field.wire) {
                        Some(json) => self
                            .value(&field.value, json, depth + 1)
                            .map_err(|problem| format!("in `{}`: {problem}", field.wire))?,
                        None if field.value.optional || field.value.default.is_some() => {}
                        None => {
                            return Err(format!(
                                "`{}` of `{}` is missing",
                                field.wire, schema.name
                            ));
                        }
                    }
                }
                for (key, json) in object {
                    if fields.iter().any(|field| field.wire == *key) {
                        continue;
                    }
                    if let Some(ty) = rest {
                        self.json(ty, &Constraints::default(), json, depth + 1)?;
                    } else if *reject_unknown {
                        return Err(format!("`{}` has no key `{key}`", schema.name));
                    }
                }
                Ok(())
            }
        }
    }

    fn union(
        self,
        tag: Option<&Tag>,
        variants: &[Variant],
        json: &Json,
        depth: usize,
    ) -> Result<(), String> {
        let none = Constraints::default();
        let Some(tag) = tag else {
            let variant = variants.iter().find(|variant| variant.is_of(None, json));
            let variant = variant.ok_or("this is none of its variants")?;
            return self.json(&variant.ty, &none, json, depth + 1);
        };
        let object = json.as_object().ok_or("a map is wanted")?;
        let wire = object.get(&tag.key).and_then(Json::as_str);
        let wire = wire.ok_or_else(|| format!("the tag `{}` is missing", tag.key))?;
        let Some(variant) = variants.iter().find(|variant| variant.wire == wire) else {
            return if tag.open {
                Ok(())
            } else {
                Err(format!("there is no variant `{wire}`"))
            };
        };
        let value = if let Some(content) = &tag.content {
            let value = object.get(content).cloned();
            value.ok_or_else(|| format!("`{content}` is missing"))?
        } else {
            let mut fields = object.clone();
            fields.remove(&tag.key);
            Json::Object(fields)
        };
        self.json(&variant.ty, &none, &value, depth + 1)
    }

    /// Whether `text` is of type `ty`.
    pub(crate) fn text(
        self,
        ty: &Type,
        constraints: &Constraints,
        text: &str,
    ) -> Result<(), String> {
        match ty {
            Type::Builtin(builtin) => {
                builtins::text(*builtin, text)?;
                bounds(constraints, text)
            }
            Type::Format(id) => {
                if let Some(format) = self.formats.get(id.0) {
                    self.format(format, text, 0)?;
                }
                bounds(constraints, text)
            }
            Type::Schema(id) => match self.schemas.get(id.0) {
                Some(schema) => self.schema(schema, &Json::String(text.to_owned()), 0),
                None => Ok(()),
            },
            Type::Url(_) | Type::Challenge(_) => Ok(()),
            Type::List(_) | Type::Map(_) => Err("a list or a map is no text".to_owned()),
        }
    }

    /// Whether `text` is a value of `format`.
    pub(super) fn format(self, format: &Format, text: &str, depth: usize) -> Result<(), String> {
        let is_fine = match &format.kind {
            FormatKind::Scalar { base, constraints } => {
                return builtins::text(Builtin::from(*base), text)
                    .and_then(|()| bounds(constraints, text))
                    .map_err(|problem| format!("`{text}` is no `{}`: {problem}", format.name));
            }
            // A cycle of formats is an error of its own.
            FormatKind::AnyOf(_) if depth > DEPTH => true,
            FormatKind::AnyOf(members) => members
                .iter()
                .filter_map(|id| self.formats.get(id.0))
                .any(|member| self.format(member, text, depth + 1).is_ok()),
        };
        if is_fine {
            Ok(())
        } else {
            Err(format!("`{text}` is no `{}`", format.name))
        }
    }
}

/// The text that a value of JSON is.
fn text_in(json: &Json) -> Result<&str, String> {
    let wanted = "a text is wanted";
    json.as_str().ok_or_else(|| match json {
        Json::Number(_) => {
            format!("{wanted}, and YAML reads `{json}` as a number: put it in quotes")
        }
        Json::Bool(_) => {
            format!("{wanted}, and YAML reads `{json}` as a boolean: put it in quotes")
        }
        _ => wanted.to_owned(),
    })
}

/// The text of a scalar in an example.
fn text_of(json: &Json) -> Result<String, String> {
    match json {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Bool(bool) => Ok(bool.to_string()),
        Json::Null => Err("null is no text".to_owned()),
        Json::Array(_) => Err("one value is wanted".to_owned()),
        Json::Object(_) => Err("a map is no text".to_owned()),
    }
}

fn split(text: &str, style: ListStyle) -> Vec<String> {
    let Some(separator) = style.separator() else {
        return vec![text.to_owned()];
    };
    text.split(separator)
        .map(|item| item.trim().to_owned())
        .collect()
}

fn count(constraints: &Constraints, items: usize) -> Result<(), String> {
    let items = items as u64;
    match (constraints.min_items, constraints.max_items) {
        (Some(min), _) if items < min => Err(format!("{items} items are fewer than {min}")),
        (_, Some(max)) if items > max => Err(format!("{items} items are more than {max}")),
        _ => Ok(()),
    }
}

/// Whether `text` keeps the bounds.
fn bounds(constraints: &Constraints, text: &str) -> Result<(), String> {
    // Of bounds that nothing fits these are told alone.
    if constraints.is_contradiction() {
        return Ok(());
    }
    let length = text.chars().count() as u64;
    if let Some(min) = constraints.min_length.filter(|min| length < *min) {
        return Err(format!("{length} characters are fewer than {min}"));
    }
    if let Some(max) = constraints.max_length.filter(|max| length > *max) {
        return Err(format!("{length} characters are more than {max}"));
    }
    if let Some((pattern, dfa)) = &constraints.pattern
        && !dfa.matches(text.as_bytes())
    {
        return Err(format!("it does not match `{pattern}`"));
    }
    number_bounds(constraints, text)
}

fn number_bounds(constraints: &Constraints, text: &str) -> Result<(), String> {
    if constraints.min.is_none() && constraints.max.is_none() {
        return Ok(());
    }
    let number: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "the text of an example is short"
    )]
    let (low, high) = (
        constraints.min.map(|min| min as f64),
        constraints.max.map(|max| max as f64),
    );
    match (low, high) {
        (Some(min), _) if number < min => Err(format!("it is less than {min}")),
        (_, Some(max)) if number > max => Err(format!("it is more than {max}")),
        _ => Ok(()),
    }
}

fn builtin_json(builtin: Builtin, constraints: &Constraints, json: &Json) -> Result<(), String> {
    match builtin {
        Builtin::Any => Ok(()),
        Builtin::Boolean => json
            .as_bool()
            .map(|_| ())
            .ok_or_else(|| "true or false is wanted".to_owned()),
        Builtin::Integer
        | Builtin::Int32
        | Builtin::Uint32
        | Builtin::Uint64
        | Builtin::Number
        | Builtin::UnixTime => {
            let text = json.as_number().ok_or("a number is wanted")?.to_string();
            builtins::text(builtin, &text)?;
            bounds(constraints, &text)
        }
        _ => {
            let text = text_in(json)?;
            builtins::text(builtin, text)?;
            bounds(constraints, text)
        }
    }
}
