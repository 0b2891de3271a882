//! Values in the JSON: type expressions, parameters, formats, schemas.

use serde::Serialize;
use serde_json::Value as Json;

use crate::model::{
    self, Api, Base, Builtin, Constraints, FormatKind, ListStyle, SchemaKind, Type,
};

/// A value of a parameter, a header or a field.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
#[expect(clippy::struct_excessive_bools, reason = "the keys of the JSON")]
pub(super) struct Value {
    /// The type expression, without `optional` and `null`.
    r#type: String,
    /// The definition that it names.
    refers_to: Option<Reference>,
    /// It is always there: neither optional nor with a default.
    required: bool,
    /// It may be null.
    nullable: bool,
    /// What bounds it.
    constraints: Bounds,
    /// What it is where it is absent.
    default: Option<Json>,
    /// The only value there is.
    r#const: Option<Json>,
    /// What it is, as CommonMark.
    description: String,
    /// The description is that of the format.
    described_by_format: bool,
    /// An example, as it is on the wire.
    example: Option<Json>,
    /// It is never logged.
    secret: bool,
    /// Why not to use it.
    deprecated: Option<Deprecation>,
}

/// What a type expression names.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
pub(super) struct Reference {
    /// `format`, `schema`, `operation` or `scheme`.
    kind: &'static str,
    /// Its name.
    name: String,
    /// What its chapter in a document is called.
    title: String,
}

/// Only those that are there.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Bounds {
    /// The smallest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<i128>,
    /// The largest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<i128>,
    /// The fewest characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_length: Option<u64>,
    /// The most characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<u64>,
    /// The fewest items.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_items: Option<u64>,
    /// The most items.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_items: Option<u64>,
    /// The pattern of the whole text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
}

/// Why something is not to be used any more.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
pub(super) struct Deprecation {
    /// The version since when.
    since: Option<String>,
    /// The date of its end.
    sunset: Option<String>,
    /// What to use instead.
    instead: Option<String>,
    /// Why, as CommonMark.
    reason: String,
    /// Headers of answers that say so.
    headers: Vec<&'static str>,
}

/// A parameter of a request, or a header of an answer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
pub(super) struct Parameter {
    /// `path`, `query` or `header`.
    r#in: &'static str,
    /// Its name on the wire.
    name: String,
    /// Its name in code.
    ident: String,
    #[serde(flatten)]
    value: Value,
    /// How a list stands: `repeat`, `comma`, `space` or `pipe`.
    style: &'static str,
    /// The name stands for all that begin and end so: text before and after the `*`.
    prefix: Option<(String, String)>,
    /// Read or written by the server itself.
    managed: bool,
    /// All requests have it, or all answers.
    pub(super) common: bool,
}

/// A named scalar.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
pub(super) struct Format {
    /// Its name in the descriptor.
    name: String,
    /// What it is, as CommonMark.
    description: String,
    /// `scalar` or `any_of`.
    r#type: &'static str,
    /// What a scalar refines, such as `string`.
    base: Option<&'static str>,
    /// What bounds it.
    constraints: Bounds,
    /// The formats of which it is one.
    any_of: Vec<String>,
    /// May span path segments.
    many_segments: bool,
    /// Code that a violation yields.
    invalid: Option<String>,
    /// Its examples.
    examples: Vec<String>,
    /// Why not to use it.
    deprecated: Option<Deprecation>,
}

/// A named object, enumeration or union.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
pub(super) struct Schema {
    /// Its name in the descriptor.
    name: String,
    /// `object`, `enum` or `union`.
    r#type: &'static str,
    /// What it is, as CommonMark.
    description: String,
    /// The fields of an object.
    fields: Vec<Field>,
    /// `ignore` or `reject`.
    unknown: &'static str,
    /// Type of all other keys.
    rest: Option<String>,
    /// The values of an enumeration.
    values: Vec<EnumValue>,
    /// Values or tags beside these are kept.
    open: bool,
    /// Key that tells the variants of a union apart; without it the kind of JSON does.
    tag: Option<String>,
    /// Key of the value of a union; without it the tag lies beside the fields.
    content: Option<String>,
    /// Code that an unknown tag yields.
    unknown_tag: Option<String>,
    /// The types of a union.
    variants: Vec<Variant>,
    /// It is the detail of these codes.
    detail_of: Vec<String>,
    /// Why not to use it.
    deprecated: Option<Deprecation>,
}

/// A field of an object.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Field {
    /// Its name on the wire.
    name: String,
    /// Its name in code.
    ident: String,
    #[serde(flatten)]
    value: Value,
}

/// A value of an enumeration.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct EnumValue {
    /// Its text on the wire.
    name: String,
    /// What it is, as CommonMark.
    description: String,
}

/// A type of a union.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
struct Variant {
    /// Its tag.
    name: String,
    /// What it means, as CommonMark.
    description: String,
    /// The type expression of its value.
    r#type: String,
    /// The definition that it names.
    refers_to: Option<Reference>,
    /// It may be null.
    nullable: bool,
}

/// A type expression as it is written in a descriptor.
pub(super) fn type_text(api: &Api, ty: &Type) -> String {
    match ty {
        Type::Builtin(builtin) => builtin_text(*builtin).to_owned(),
        Type::Format(id) => api[*id].name.clone(),
        Type::Schema(id) => api[*id].name.clone(),
        Type::List(inner) => format!("list<{}>", type_text(api, inner)),
        Type::Map(inner) => format!("map<{}>", type_text(api, inner)),
        Type::Url(id) => format!("url<{}>", api[*id].name),
        Type::Challenge(id) => format!("challenge<{}>", api[*id].name),
    }
}

fn builtin_text(builtin: Builtin) -> &'static str {
    match builtin {
        Builtin::String => "string",
        Builtin::Boolean => "boolean",
        Builtin::Integer => "integer",
        Builtin::Int32 => "int32",
        Builtin::Uint32 => "uint32",
        Builtin::Uint64 => "uint64",
        Builtin::Number => "number",
        Builtin::Any => "any",
        Builtin::Date => "date",
        Builtin::DateTime => "date_time",
        Builtin::HttpDate => "http_date",
        Builtin::UnixTime => "unix_time",
        Builtin::Uuid => "uuid",
        Builtin::Uri => "uri",
        Builtin::Base64 => "base64",
        Builtin::Etag => "etag",
        Builtin::Flag => "flag",
    }
}

fn base_text(base: Base) -> &'static str {
    match base {
        Base::String => "string",
        Base::Integer => "integer",
        Base::Int32 => "int32",
        Base::Uint32 => "uint32",
        Base::Uint64 => "uint64",
        Base::Number => "number",
    }
}

pub(super) fn reference(api: &Api, ty: &Type) -> Option<Reference> {
    let (kind, name, title) = match ty {
        Type::Builtin(_) => return None,
        Type::List(inner) | Type::Map(inner) => return reference(api, inner),
        Type::Format(id) => ("format", &api[*id].name, &api[*id].name),
        Type::Schema(id) => ("schema", &api[*id].name, &api[*id].name),
        Type::Url(id) => ("operation", &api[*id].name, &api[*id].title),
        Type::Challenge(id) => ("scheme", &api[*id].name, &api[*id].name),
    };
    Some(Reference {
        kind,
        name: name.clone(),
        title: title.clone(),
    })
}

pub(super) fn deprecation(deprecated: Option<&model::Deprecation>) -> Option<Deprecation> {
    deprecated.map(|deprecated| Deprecation {
        since: deprecated.since.clone(),
        sunset: deprecated.sunset.clone(),
        instead: deprecated.instead.clone(),
        reason: deprecated.reason.clone(),
        headers: Vec::new(),
    })
}

/// The deprecation of a request. Answers tell of it where the whole operation is deprecated.
pub(super) fn announced(
    operation: &model::Operation,
    request: &model::Request,
) -> Option<Deprecation> {
    let written = request.deprecated.as_ref()?;
    let of_all = operation.deprecated.as_ref();
    let headers = [
        (
            "Deprecation",
            of_all.and_then(model::Deprecation::since_time).is_some(),
        ),
        (
            "Sunset",
            of_all.and_then(model::Deprecation::sunset_time).is_some(),
        ),
        ("Link", operation.successor.is_some()),
    ];
    let headers = headers.into_iter().filter(|(_, is_sent)| *is_sent);
    Some(Deprecation {
        headers: headers.map(|(name, _)| name).collect(),
        ..deprecation(Some(written))?
    })
}

fn bounds(constraints: &Constraints) -> Bounds {
    Bounds {
        min: constraints.min,
        max: constraints.max,
        min_length: constraints.min_length,
        max_length: constraints.max_length,
        min_items: constraints.min_items,
        max_items: constraints.max_items,
        pattern: constraints.pattern.as_ref().map(|(text, _)| text.clone()),
    }
}

fn value(api: &Api, value: &model::Value) -> Value {
    Value {
        r#type: type_text(api, &value.ty),
        refers_to: reference(api, &value.ty),
        required: !value.optional && value.default.is_none(),
        nullable: value.nullable,
        constraints: bounds(&value.constraints),
        default: value.default.clone(),
        r#const: value.constant.clone(),
        description: value.description.clone(),
        described_by_format: described_by_format(api, value),
        example: value.example.clone(),
        secret: value.secret,
        deprecated: deprecation(value.deprecated.as_ref()),
    }
}

fn described_by_format(api: &Api, value: &model::Value) -> bool {
    let mut ty = &value.ty;
    while let Type::List(inner) | Type::Map(inner) = ty {
        ty = inner;
    }
    matches!(ty, Type::Format(id) if api[*id].description == value.description)
}

/// A parameter of a place; `common` where all requests or all answers have it.
pub(super) fn parameter(
    api: &Api,
    place: &'static str,
    parameter: &model::Parameter,
    common: bool,
) -> Parameter {
    let prefix = parameter.prefix.as_ref();
    Parameter {
        r#in: place,
        name: parameter.wire.clone(),
        ident: parameter.ident.clone(),
        value: value(api, &parameter.value),
        style: match parameter.style {
            ListStyle::Repeat => "repeat",
            ListStyle::Comma => "comma",
            ListStyle::Space => "space",
            ListStyle::Pipe => "pipe",
        },
        prefix: prefix.map(|prefix| (prefix.before.clone(), prefix.after.clone())),
        managed: parameter.managed,
        common,
    }
}

pub(super) fn formats(api: &Api) -> Vec<Format> {
    let format = |format: &model::Format| {
        let (kind, base, constraints, any_of) = match &format.kind {
            FormatKind::Scalar { base, constraints } => (
                "scalar",
                Some(base_text(*base)),
                bounds(constraints),
                Vec::new(),
            ),
            FormatKind::AnyOf(ids) => {
                let names = ids.iter().map(|id| api[*id].name.clone()).collect();
                ("any_of", None, bounds(&Constraints::default()), names)
            }
        };
        Format {
            name: format.name.clone(),
            description: format.description.clone(),
            r#type: kind,
            base,
            constraints,
            any_of,
            many_segments: format.many_segments,
            invalid: format.invalid.map(|error| api[error].code.clone()),
            examples: format.examples.clone(),
            deprecated: deprecation(format.deprecated.as_ref()),
        }
    };
    api.formats.iter().map(format).collect()
}

pub(super) fn schemas(api: &Api) -> Vec<Schema> {
    let schemas = api.schemas.iter().enumerate();
    schemas
        .map(|(index, item)| schema(api, index, item))
        .collect()
}

fn schema(api: &Api, index: usize, schema: &model::Schema) -> Schema {
    let is_detail = |error: &&model::ErrorCode| error.detail.is_some_and(|id| id.0 == index);
    let mut result = Schema {
        name: schema.name.clone(),
        r#type: "object",
        description: schema.description.clone(),
        fields: Vec::new(),
        unknown: "ignore",
        rest: None,
        values: Vec::new(),
        open: false,
        tag: None,
        content: None,
        unknown_tag: None,
        variants: Vec::new(),
        detail_of: api
            .errors
            .iter()
            .filter(is_detail)
            .map(|error| error.code.clone())
            .collect(),
        deprecated: deprecation(schema.deprecated.as_ref()),
    };
    match &schema.kind {
        SchemaKind::Object {
            fields,
            reject_unknown,
            rest,
        } => {
            result.fields = fields.iter().map(|item| field(api, item)).collect();
            result.unknown = if *reject_unknown { "reject" } else { "ignore" };
            result.rest = rest.as_ref().map(|ty| type_text(api, ty));
        }
        SchemaKind::Enum { values, open } => {
            result.r#type = "enum";
            result.values = values.iter().map(enum_value).collect();
            result.open = *open;
        }
        SchemaKind::Union { tag, variants } => {
            result.r#type = "union";
            let tag = tag.as_ref();
            result.open = tag.is_some_and(|tag| tag.open);
            result.tag = tag.map(|tag| tag.key.clone());
            result.content = tag.and_then(|tag| tag.content.clone());
            let unknown = tag.and_then(|tag| tag.unknown);
            result.unknown_tag = unknown.map(|error| api[error].code.clone());
            let variant = |variant: &model::Variant| Variant {
                name: variant.wire.clone(),
                description: variant.description.clone(),
                r#type: type_text(api, &variant.ty),
                refers_to: reference(api, &variant.ty),
                nullable: false,
            };
            result.variants = variants.iter().map(variant).collect();
        }
    }
    result
}

fn field(api: &Api, field: &model::Field) -> Field {
    Field {
        name: field.wire.clone(),
        ident: field.ident.clone(),
        value: value(api, &field.value),
    }
}

fn enum_value(value: &model::EnumValue) -> EnumValue {
    EnumValue {
        name: value.wire.clone(),
        description: value.description.clone(),
    }
}
