//! Forms: flat lists of names and texts.
//!
//! Rules: a form is an object, or one of several that a tag beside their fields tells apart, and its
//! fields are scalars or lists of them, a pair for each item. Nothing else can be written as pairs and
//! read again: no null, no unknown tag that is kept, and no `rest`, since what is read before its type is
//! known stays text. `body: {type: form, schema: Toy}` fails where a toy has a map of parts.

use serde_json::Value as Json;

use super::literals::Types;
use super::scope::Scope;
use super::values::is_scalar;
use crate::diag::{Diagnostic, Id, Path};
use crate::model::{Builtin, Field, ListStyle, Schema, SchemaId, SchemaKind, Tag, Type, Variant};
use crate::spec::Map;

/// Checks the type of the form at `path`; `ty` is not one that stands in for an unknown one.
pub(super) fn check(scope: &mut Scope<'_, '_>, ty: &Type, path: &Path) {
    let schema = match ty {
        Type::Builtin(Builtin::Any) => {
            any(scope, &path.key("schema"));
            return;
        }
        Type::Schema(id) => scope.schemas.get(id.0).cloned().map(|schema| (*id, schema)),
        _ => None,
    };
    let Some((id, schema)) = schema else {
        not_flat(scope, path);
        return;
    };
    match &schema.kind {
        SchemaKind::Object { .. } => object(scope, id, &schema, path),
        SchemaKind::Union {
            tag: Some(tag),
            variants,
        } => {
            let definition = definition(scope, id);
            if tag.content.is_some() {
                let message = "a form has no place for a value under a key of its own";
                let label = (&definition.key("content"), "the tag lies beside the fields");
                refuse(scope, path, message, label);
            }
            if tag.open {
                let message = "an open union keeps JSON, which a form is not";
                refuse(scope, path, message, (&definition.key("open"), "kept here"));
            }
            for variant in variants {
                // One that is no object has no fields for the tag to lie beside, which is told there.
                if let Type::Schema(id) = &variant.ty
                    && let Some(schema) = scope.object(*id).cloned()
                {
                    object(scope, *id, &schema, path);
                }
            }
        }
        SchemaKind::Union { tag: None, .. } | SchemaKind::Enum { .. } => not_flat(scope, path),
    }
}

fn not_flat(scope: &mut Scope<'_, '_>, path: &Path) {
    scope.push(
        Diagnostic::error(Id::BadBody, path, "a form is an object")
            .help("or a union with a `tag`, whose variants are objects"),
    );
}

/// A form whose fields nobody knows could be neither read nor shown.
fn any(scope: &mut Scope<'_, '_>, path: &Path) {
    scope.push(
        Diagnostic::error(
            Id::BadBody,
            path,
            "a form has fields, which `any` does not name",
        )
        .help("name them in `fields`, or take the bytes as they are: `type: bytes` with this media type"),
    );
}

fn object(scope: &mut Scope<'_, '_>, id: SchemaId, schema: &Schema, path: &Path) {
    let SchemaKind::Object { fields, rest, .. } = &schema.kind else {
        return;
    };
    let definition = definition(scope, id);
    if rest.is_some() {
        let message = format!("a form cannot keep the other fields of `{}`", schema.name);
        refuse(scope, path, message, (&definition.key("rest"), "kept here"));
    }
    for field in fields {
        let label = "this field";
        if let Some(problem) = problem(scope, field) {
            let message = format!("a form holds scalars and lists of them, and {problem}");
            let place = definition.key("fields").key(&field.wire);
            refuse(scope, path, message, (&place, label));
        }
    }
}

fn problem(scope: &Scope<'_, '_>, field: &Field) -> Option<String> {
    let item = match &field.value.ty {
        Type::List(item) => item,
        ty => ty,
    };
    if !is_scalar(scope, item) {
        Some(format!("`{}` is neither", field.wire))
    } else if field.value.nullable {
        Some(format!("`{}` may be null", field.wire))
    } else {
        None
    }
}

fn refuse(
    scope: &mut Scope<'_, '_>,
    path: &Path,
    message: impl Into<String>,
    (place, label): (&Path, &str),
) {
    scope.push(
        Diagnostic::error(Id::BadBody, path, message)
            .help("send it as JSON, or give the form fields of its own")
            .label(place, label),
    );
}

/// Where a schema is written.
fn definition(scope: &Scope<'_, '_>, id: SchemaId) -> Path {
    let inline = scope.inline.iter().find(|(known, _)| *known == id);
    match (inline, scope.spec.schemas.get_index(id.0)) {
        (Some((_, path)), _) => path.clone(),
        (None, Some((name, _))) => Path::root().key("schemas").key(name),
        (None, None) => Path::root(),
    }
}

impl<'m> Types<'m> {
    /// Whether a form can be of `schema`.
    pub(super) fn form(self, schema: &Schema, form: &Map<Json>) -> Result<(), String> {
        let (fields, tag) = match &schema.kind {
            SchemaKind::Object { fields, .. } => (fields.as_slice(), None),
            SchemaKind::Union {
                tag: Some(tag),
                variants,
            } => match self.tagged(tag, variants, form)? {
                Some(fields) => (fields, Some(&tag.key)),
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        for field in fields {
            match form.get(&field.wire) {
                Some(json) => self
                    .parameter(&field.value, ListStyle::Repeat, json)
                    .map_err(|problem| format!("in `{}`: {problem}", field.wire))?,
                None if field.value.optional || field.value.default.is_some() => {}
                None => return Err(format!("`{}` is required", field.wire)),
            }
        }
        let unknown = form
            .keys()
            .find(|key| tag != Some(key) && !fields.iter().any(|field| field.wire == **key));
        match unknown {
            Some(key) => Err(format!("`{}` has no field `{key}`", schema.name)),
            None => Ok(()),
        }
    }

    /// The fields of what the tag of a form names.
    fn tagged(
        self,
        tag: &Tag,
        variants: &[Variant],
        form: &Map<Json>,
    ) -> Result<Option<&'m [Field]>, String> {
        let Some(name) = form.get(&tag.key).and_then(Json::as_str) else {
            return Err(format!("`{}` is required", tag.key));
        };
        let Some(variant) = variants.iter().find(|variant| variant.wire == name) else {
            return Err(format!("no variant has the `{}` that it has", tag.key));
        };
        let Type::Schema(id) = &variant.ty else {
            return Ok(None);
        };
        Ok(match self.schemas.get(id.0).map(|schema| &schema.kind) {
            Some(SchemaKind::Object { fields, .. }) => Some(fields),
            _ => None,
        })
    }
}
