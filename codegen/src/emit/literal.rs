//! Values as expressions of Rust: in the documentation of clients, and in the documents.
//!
//! They are values of the generated types, by what these offer: constructors, variants, and `parse` where the
//! type is known from the place.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Value as Json;

use crate::emit::ident::ident as name;
use crate::model::{Api, Builtin, Field, SchemaId, SchemaKind, Tag, Type, Value, Variant};
use crate::wire::text;

/// What a field or a parameter holds that is not left out.
pub(crate) fn of_value(api: &Api, value: &Value, json: Option<&Json>) -> TokenStream {
    let json = json.unwrap_or(&Json::Null);
    match (value.nullable, json) {
        (true, Json::Null) => quote!(None),
        (true, json) => {
            let value = of_type(api, &value.ty, json);
            quote!(Some(#value))
        }
        (false, json) => of_type(api, &value.ty, json),
    }
}

/// A value of a type, as an expression; it may use `?`.
pub(crate) fn of_type(api: &Api, ty: &Type, json: &Json) -> TokenStream {
    match ty {
        Type::Builtin(builtin) => of_builtin(*builtin, json),
        Type::Format(_) => parsed(json),
        Type::Schema(id) => of_schema(api, *id, json),
        Type::List(item) => {
            // In a query one item may stand for a list of one.
            let items = json
                .as_array()
                .map_or(std::slice::from_ref(json), Vec::as_slice);
            let items = items.iter().map(|json| of_type(api, item, json));
            quote!(vec![#(#items),*])
        }
        Type::Map(item) => {
            let entries = json.as_object().into_iter().flatten().map(|(key, json)| {
                let value = of_type(api, item, json);
                quote!((#key.to_owned(), #value))
            });
            quote!([#(#entries),*].into())
        }
        Type::Url(_) => {
            let text = text(json);
            quote!(api_runtime::Location::from_text(#text))
        }
        Type::Challenge(_) => owned(json),
    }
}

fn of_builtin(builtin: Builtin, json: &Json) -> TokenStream {
    match builtin {
        Builtin::String => owned(json),
        Builtin::Boolean | Builtin::Flag => {
            let value = text(json) == "true";
            quote!(#value)
        }
        Builtin::Integer | Builtin::Int32 | Builtin::Uint32 | Builtin::Uint64 => whole(json),
        Builtin::Number => {
            let number = text(json).parse().unwrap_or_default();
            let number = Literal::f64_unsuffixed(number);
            quote!(#number)
        }
        Builtin::UnixTime => {
            let seconds = whole(json);
            quote!(api_runtime::UnixTime(#seconds))
        }
        Builtin::Any => {
            let text = json.to_string();
            quote!(api_runtime::from_json(#text))
        }
        Builtin::Date
        | Builtin::DateTime
        | Builtin::HttpDate
        | Builtin::Uuid
        | Builtin::Uri
        | Builtin::Base64
        | Builtin::Etag => parsed(json),
    }
}

fn of_schema(api: &Api, id: SchemaId, json: &Json) -> TokenStream {
    // Where the values of a type are deeper or larger than anybody reads, there is no sample.
    if json.is_null() {
        return quote!(panic!("too deep or too large to be shown"));
    }
    let schema = &api[id];
    let owner = name(&schema.name);
    match &schema.kind {
        SchemaKind::Object { fields, .. } => {
            let required = fields.iter().filter(|Field { value, .. }| {
                !value.optional && value.default.is_none() && value.constant.is_none()
            });
            let arguments =
                required.map(|field| of_value(api, &field.value, json.get(&field.wire)));
            quote!(#owner::new(#(#arguments),*))
        }
        SchemaKind::Enum { values, .. } => {
            let text = text(json);
            let value = values.iter().find(|value| value.wire == text);
            if let Some(value) = value.or(values.first()) {
                let variant = name(&value.ident);
                quote!(#owner::#variant)
            } else {
                quote!(#owner::Other(#text.to_owned()))
            }
        }
        SchemaKind::Union { tag, variants } => {
            let (variant, content) = chosen(tag.as_ref(), variants, json);
            let (member, value) = (name(&variant.ident), of_type(api, &variant.ty, content));
            quote!(#owner::#member(#value))
        }
    }
}

/// The variant that a value is of, and what is in it.
fn chosen<'a>(
    tag: Option<&Tag>,
    variants: &'a [Variant],
    json: &'a Json,
) -> (&'a Variant, &'a Json) {
    let mut own = variants.iter();
    let variant = own.find(|variant| variant.is_of(tag, json));
    let variant = variant.unwrap_or(&variants[0]);
    let content = tag.and_then(|tag| json.get(tag.content.as_ref()?));
    (variant, content.unwrap_or(json))
}

fn owned(json: &Json) -> TokenStream {
    let text = text(json);
    quote!(#text.to_owned())
}

fn parsed(json: &Json) -> TokenStream {
    let text = text(json);
    quote!(#text.parse()?)
}

/// A whole number; in a URL it is a text.
fn whole(json: &Json) -> TokenStream {
    let number = text(json).parse().unwrap_or_default();
    let number = Literal::i128_unsuffixed(number);
    quote!(#number)
}
