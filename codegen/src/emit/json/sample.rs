//! A JSON value that shows what a type looks like: its examples put together.
//!
//! The keys stand in the order of the descriptor, which a map of `serde_json` does not keep; hence a
//! tree of its own, which is written in one line where that fits.

use serde_json::Value as Json;

use crate::model::{
    Api, Base, Builtin, ErrorCode, Field, Format, FormatKind, SchemaKind, Tag, Template, Type,
    Value, Variant,
};

/// Columns up to which a value stays in one line.
const WIDTH: usize = 100;

/// Levels of nesting after which a recursive type ends.
const DEPTH: usize = 6;

/// A JSON value with its keys in order.
#[derive(Debug)]
pub(super) enum Node {
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    /// JSON text.
    Scalar(String),
}

impl Node {
    fn text(text: &str) -> Self {
        Self::Scalar(Json::from(text).to_string())
    }

    /// As text, in one line or in several.
    pub(super) fn write(&self) -> String {
        let mut out = String::new();
        self.write_at(0, &mut out);
        out
    }

    /// As the fields of a form, not encoded, so that they can be read.
    pub(super) fn form(&self) -> String {
        let field = |(key, value): (Option<&str>, &Self)| {
            let value = value.in_line();
            format!("{}={}", key.unwrap_or_default(), value.trim_matches('"'))
        };
        self.entries()
            .into_iter()
            .map(field)
            .collect::<Vec<_>>()
            .join("&")
    }

    /// As an event: its fields are lines.
    pub(super) fn event(&self) -> String {
        let line = |(field, value): (Option<&str>, &Self)| {
            let json = value.in_line();
            let text = serde_json::from_str::<String>(&json).unwrap_or(json);
            format!(
                "{}: {}",
                field.unwrap_or_default(),
                text.replace('\n', "\ndata: ")
            )
        };
        let lines = self.entries().into_iter().map(line);
        lines.collect::<Vec<_>>().join("\n")
    }

    fn write_at(&self, indent: usize, out: &mut String) {
        let line = self.in_line();
        if indent + line.len() <= WIDTH || matches!(self, Self::Scalar(_)) {
            out.push_str(&line);
            return;
        }
        let (open, close) = match self {
            Self::Object(_) => ('{', '}'),
            _ => ('[', ']'),
        };
        out.push(open);
        let mut first = true;
        for (key, value) in self.entries() {
            out.push_str(if first { "\n" } else { ",\n" });
            first = false;
            out.push_str(&" ".repeat(indent + 2));
            if let Some(key) = key {
                out.push_str(&Json::from(key).to_string());
                out.push_str(": ");
            }
            value.write_at(indent + 2, out);
        }
        out.push('\n');
        out.push_str(&" ".repeat(indent));
        out.push(close);
    }

    fn entries(&self) -> Vec<(Option<&str>, &Self)> {
        match self {
            Self::Object(fields) => fields
                .iter()
                .map(|(key, value)| (Some(key.as_str()), value))
                .collect(),
            Self::Array(items) => items.iter().map(|item| (None, item)).collect(),
            Self::Scalar(_) => Vec::new(),
        }
    }

    /// As text in one line.
    pub(super) fn in_line(&self) -> String {
        match self {
            Self::Scalar(text) => text.clone(),
            Self::Object(fields) => {
                let fields = fields.iter().map(|(key, value)| {
                    format!("{}: {}", Json::from(key.as_str()), value.in_line())
                });
                format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
            }
            Self::Array(items) => {
                let items = items.iter().map(Self::in_line);
                format!("[{}]", items.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl From<&Json> for Node {
    fn from(json: &Json) -> Self {
        match json {
            Json::Object(map) => Self::Object(
                map.iter()
                    .map(|(key, value)| (key.clone(), value.into()))
                    .collect(),
            ),
            Json::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            scalar => Self::Scalar(scalar.to_string()),
        }
    }
}

/// A value of the type.
pub(super) fn of_type(api: &Api, ty: &Type) -> Node {
    type_at(api, ty, 0)
}

/// The answer that an envelope makes of an error; `None` for a key without a value.
pub(super) fn of_envelope(
    api: &Api,
    template: &Template,
    status: u16,
    error: &ErrorCode,
) -> Option<Node> {
    Some(match template {
        Template::Object(fields) => {
            let field = |(key, value): &(String, Template)| {
                Some((key.clone(), of_envelope(api, value, status, error)?))
            };
            Node::Object(fields.iter().filter_map(field).collect())
        }
        Template::Array(items) => Node::Array(
            items
                .iter()
                .filter_map(|item| of_envelope(api, item, status, error))
                .collect(),
        ),
        Template::Json(value) => value.into(),
        Template::Code => Node::text(&error.code),
        Template::Status => Node::Scalar(status.to_string()),
        Template::Message => Node::text(&error.message),
        Template::Detail => of_type(api, &Type::Schema(error.detail?)),
        Template::DetailField(name) => match &api[error.detail?].kind {
            SchemaKind::Object { fields, .. } => {
                let field = fields.iter().find(|field| field.wire == *name)?;
                value_at(api, &field.value, 1)
            }
            SchemaKind::Enum { .. } | SchemaKind::Union { .. } => return None,
        },
        Template::Docs => Node::text(error.docs.as_ref()?),
        Template::RequestId => return None,
    })
}

fn value_at(api: &Api, value: &Value, depth: usize) -> Node {
    let given = value
        .constant
        .as_ref()
        .or(value.example.as_ref())
        .or(value.default.as_ref());
    given.map_or_else(|| type_at(api, &value.ty, depth), Node::from)
}

fn type_at(api: &Api, ty: &Type, depth: usize) -> Node {
    if depth > DEPTH {
        return Node::Scalar("null".to_owned());
    }
    match ty {
        Type::Builtin(builtin) => Node::Scalar(builtin_sample(*builtin).to_owned()),
        Type::Format(id) => format_sample(api, &api[*id]),
        Type::Schema(id) => match &api[*id].kind {
            SchemaKind::Object { fields, .. } => {
                let field =
                    |field: &Field| (field.wire.clone(), value_at(api, &field.value, depth + 1));
                Node::Object(fields.iter().map(field).collect())
            }
            SchemaKind::Enum { values, .. } => {
                Node::text(values.first().map_or("", |value| value.wire.as_str()))
            }
            SchemaKind::Union { tag, variants } => variants
                .first()
                .map_or(Node::Object(Vec::new()), |variant| {
                    variant_at(api, tag.as_ref(), variant, depth + 1)
                }),
        },
        Type::List(inner) => Node::Array(vec![type_at(api, inner, depth + 1)]),
        Type::Map(inner) => Node::Object(vec![("key".to_owned(), type_at(api, inner, depth + 1))]),
        Type::Url(id) => Node::text(&api[api[*id].route].path),
        Type::Challenge(id) => Node::text(&api[*id].name),
    }
}

/// A variant of a union with its tag.
fn variant_at(api: &Api, tag: Option<&Tag>, variant: &Variant, depth: usize) -> Node {
    let value = type_at(api, &variant.ty, depth);
    let Some(tag) = tag else {
        return value;
    };
    let mut members = vec![(tag.key.clone(), Node::text(&variant.wire))];
    match (&tag.content, value) {
        (Some(content), value) => members.push((content.clone(), value)),
        (None, Node::Object(fields)) => members.extend(fields),
        // It is nested too deeply to be shown.
        (None, _) => {}
    }
    Node::Object(members)
}

fn format_sample(api: &Api, format: &Format) -> Node {
    let is_number =
        matches!(&format.kind, FormatKind::Scalar { base, .. } if *base != Base::String);
    match (format.examples.first(), &format.kind) {
        (Some(example), _) if is_number => Node::Scalar(example.clone()),
        (Some(example), _) => Node::text(example),
        (None, FormatKind::AnyOf(ids)) if !ids.is_empty() => format_sample(api, &api[ids[0]]),
        (None, _) if is_number => Node::Scalar("0".to_owned()),
        (None, _) => Node::text(&format.name),
    }
}

fn builtin_sample(builtin: Builtin) -> &'static str {
    match builtin {
        Builtin::String => r#""text""#,
        // A flag stands in no JSON.
        Builtin::Boolean | Builtin::Flag => "true",
        Builtin::Integer | Builtin::Int32 | Builtin::Uint32 | Builtin::Uint64 => "1",
        Builtin::Number => "1.5",
        Builtin::Any => "{}",
        Builtin::Date => r#""2026-11-24""#,
        Builtin::DateTime => r#""2026-11-24T09:30:00Z""#,
        Builtin::HttpDate => r#""Tue, 24 Nov 2026 09:30:00 GMT""#,
        Builtin::UnixTime => "1795512600",
        Builtin::Uuid => r#""0c4a1b6e-5f5d-4c0e-9f6b-3b1f6d0a7c11""#,
        Builtin::Uri => r#""https://example.com/""#,
        Builtin::Base64 => r#""AAEC""#,
        Builtin::Etag => r#""\"v1\"""#,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_in_one_line_where_it_fits() {
        let short = Node::from(&serde_json::json!({"a": [1, "b"], "c": {}}));
        assert_eq!(short.write(), r#"{"a": [1, "b"], "c": {}}"#);
    }

    #[test]
    fn a_longer_value_has_a_line_for_each_entry() {
        let text = "x".repeat(60);
        let long = Node::from(&serde_json::json!({"a": [text, text], "b": 1}));
        let expected =
            format!("{{\n  \"a\": [\n    \"{text}\",\n    \"{text}\"\n  ],\n  \"b\": 1\n}}");
        assert_eq!(long.write(), expected);
    }
}
