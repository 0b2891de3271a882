//! Examples of calls, in the documentation of the client's methods. They compile: rustdoc tries them as tests.
//!
//! They say no more than what an operation requires; the documents show whole requests (`emit::json::snippets`).
//! The values are those that the descriptor gives as examples, or else small ones. Hidden lines take in all of the
//! client's module by the path that it really has, which the generator does not know and the compiler does; so the
//! module has to be public.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Value as Json;

use super::ty::{is_optional, name};
use crate::emit::ident::ident;
use crate::model::{
    Api, Body, BodyKind, Builtin, Field, JsonKind, Operation, SchemaId, SchemaKind, Tag, Type,
    Value, Variant,
};
use crate::values::{Put, Values};

/// The documentation of an example of a call.
pub(super) fn example(api: &Api, operation: &Operation) -> TokenStream {
    let lines = lines(api, operation).into_iter().map(|line| {
        let line = format!(" {line}");
        quote!(#[doc = #line])
    });
    quote! {
        #[doc = ""]
        #[doc = " ```no_run"]
        #[doc = concat!(" # use ", module_path!(), "::*;")]
        #[doc = " # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {"]
        #(#lines)*
        #[doc = " # Ok(())"]
        #[doc = " # }"]
        #[doc = " ```"]
    }
}

fn lines(api: &Api, operation: &Operation) -> Vec<String> {
    let (method, request) = (ident(&operation.name), name(&operation.type_name));
    let arguments = arguments(api, operation);
    let file = syn::parse2(quote! {
        fn example() {
            let request = #request::new(#(#arguments),*);
            let answer = client.#method(request).await?;
        }
    });
    let text = prettyplease::unparse(&file.expect("an expression for each argument"));
    let inner = text.lines().filter_map(|line| line.strip_prefix("    "));
    inner.map(str::to_owned).collect()
}

/// What `new` of the request takes.
fn arguments(api: &Api, operation: &Operation) -> Vec<TokenStream> {
    let required = operation
        .fields()
        .filter(|parameter| !is_optional(parameter) && parameter.value.default.is_none());
    let values = Values::new(api);
    let mut arguments: Vec<TokenStream> = required
        .map(|parameter| {
            of_value(
                api,
                &parameter.value,
                Some(&values.sample(&parameter.value)),
            )
        })
        .collect();
    if let Some(body) = &operation.body
        && !operation.body_optional
    {
        arguments.push(of_body(api, body));
    }
    arguments
}

fn of_body(api: &Api, body: &Body) -> TokenStream {
    let sample = |ty: &Type| {
        let given = body.example.clone();
        given.unwrap_or_else(|| Values::new(api).along(ty, &[], &Put::Nothing))
    };
    match &body.kind {
        BodyKind::Json { ty, verbatim } => {
            let json = sample(ty);
            let value = of_type(api, ty, &json);
            if *verbatim {
                let text = json.to_string();
                quote!(api_runtime::Verbatim::new(#value, #text.into()))
            } else {
                value
            }
        }
        BodyKind::Form(ty) => of_type(api, ty, &sample(ty)),
        BodyKind::Text => quote!("...".to_owned()),
        BodyKind::Bytes(_) => quote!("...".into()),
        BodyKind::Stream { .. } => quote!(api_runtime::Body::from("...".to_owned())),
        BodyKind::JsonLines(ty) => {
            let item = of_type(api, ty, &sample(ty));
            quote!(vec![#item].into())
        }
        // Only an answer is a stream of events.
        BodyKind::Events(_) => quote!(panic!("no request has events")),
        BodyKind::Choice { type_name, of } => {
            let owner = name(type_name);
            let first = of.first().map(|first| {
                let (variant, body) = (name(&first.variant), of_body(api, &first.body));
                quote!(#owner::#variant(#body))
            });
            quote!(#first)
        }
    }
}

/// What a field or a parameter holds that is not left out.
fn of_value(api: &Api, value: &Value, json: Option<&Json>) -> TokenStream {
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

fn of_type(api: &Api, ty: &Type, json: &Json) -> TokenStream {
    match ty {
        Type::Builtin(builtin) => of_builtin(*builtin, json),
        Type::Format(_) => parsed(json),
        Type::Schema(id) => of_schema(api, *id, json),
        Type::List(item) => {
            let items = json.as_array().into_iter().flatten();
            let items = items.map(|json| of_type(api, item, json));
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
            let value = json.as_bool().unwrap_or_default();
            quote!(#value)
        }
        Builtin::Integer | Builtin::Int32 | Builtin::Uint32 | Builtin::Uint64 => whole(json),
        Builtin::Number => {
            let number = Literal::f64_unsuffixed(json.as_f64().unwrap_or_default());
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
    // Where the values of a type go deeper than anybody reads, the sample ends.
    if json.is_null() {
        return quote!(panic!("too deep to be shown"));
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
    let is_it = |variant: &&Variant| match tag {
        Some(tag) => json
            .get(&tag.key)
            .is_some_and(|wire| *wire == *variant.wire),
        None => variant.kinds.iter().any(|kind| is_of(*kind, json)),
    };
    let variant = variants.iter().find(is_it).unwrap_or(&variants[0]);
    let content = tag.and_then(|tag| json.get(tag.content.as_ref()?));
    (variant, content.unwrap_or(json))
}

fn is_of(kind: JsonKind, json: &Json) -> bool {
    match kind {
        JsonKind::String => json.is_string(),
        JsonKind::Number => json.is_number(),
        JsonKind::Boolean => json.is_boolean(),
        JsonKind::Array => json.is_array(),
        JsonKind::Object => json.is_object(),
    }
}

fn text(json: &Json) -> String {
    crate::values::text(json)
}

fn owned(json: &Json) -> TokenStream {
    let text = text(json);
    quote!(#text.to_owned())
}

fn parsed(json: &Json) -> TokenStream {
    let text = text(json);
    quote!(#text.parse()?)
}

fn whole(json: &Json) -> TokenStream {
    let number = json.as_i64().map(Literal::i64_unsuffixed);
    let number = number.or(json.as_u64().map(Literal::u64_unsuffixed));
    let number = number.unwrap_or(Literal::i64_unsuffixed(0));
    quote!(#number)
}
