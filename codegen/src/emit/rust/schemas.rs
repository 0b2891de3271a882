//! Schemas become structs and enums with serde derives.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::ty::{checks, field_type, name, rust_type, value_type};
use super::{described, rustdoc, unions};
use crate::emit::ident::ident;
use crate::model::{Api, BodyKind, Field, Schema, SchemaKind, Type, Value};

/// All schemas but those that are the detail of an error, which become the error's struct.
pub(super) fn schemas(api: &Api) -> impl Iterator<Item = TokenStream> {
    let details: BTreeSet<usize> = api
        .errors
        .iter()
        .filter_map(|error| Some(error.detail?.0))
        .collect();
    let schemas = api.schemas.iter().enumerate();
    let bodies = bodies(api);
    schemas
        .filter(move |(id, _)| !details.contains(id))
        .map(move |(id, schema)| one(api, schema, bodies.get(&id)))
}

/// Which body each schema is, in words; of several the first.
fn bodies(api: &Api) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    for operation in &api.operations {
        let answers = operation.successes.iter().map(|answer| &answer.body);
        let all = std::iter::once(("The body of", &operation.body))
            .chain(answers.map(|body| ("The body of an answer to", body)));
        for (what, body) in all {
            if let Some(BodyKind::Json { ty, .. } | BodyKind::Form(ty)) =
                body.as_ref().map(|body| &body.kind)
                && let Type::Schema(id) = ty
            {
                let text = || format!("{what} `{}`.", operation.type_name);
                found.entry(id.0).or_insert_with(text);
            }
        }
    }
    found
}

/// `body` says which body it is, where it is one.
fn one(api: &Api, schema: &Schema, body: Option<&String>) -> TokenStream {
    let ident = name(&schema.name);
    let fallback = body.map_or_else(|| format!("`{}`.", schema.name), String::clone);
    let text = described(&[&schema.description, &fallback]);
    let doc = rustdoc::definition(text, schema.deprecated.as_ref());
    match &schema.kind {
        SchemaKind::Enum { values, open } => {
            let wire = &schema.name;
            let variants = values.iter().map(|value| {
                let doc = rustdoc::named(&value.wire, &value.description);
                let (variant, text) = (name(&value.ident), &value.wire);
                quote!(#doc #variant = #text)
            });
            quote!(api_runtime::text_enum! { #doc #ident, #wire, open #open, #(#variants),* })
        }
        SchemaKind::Union { tag, variants } => {
            unions::union(api, &schema.name, &doc, (tag.as_ref(), variants))
        }
        SchemaKind::Object {
            fields,
            reject_unknown,
            rest,
        } => {
            let body = object(api, &schema.name, fields, rest.as_ref());
            let deny = reject_unknown.then(|| quote!(#[serde(deny_unknown_fields)]));
            let debug = secret_debug(&schema.name, fields);
            let derive_debug = debug.is_none().then(|| quote!(#[derive(Debug)]));
            let helpers = body.helpers;
            let definition = body.fields;
            let new = constructor(api, &schema.name, fields, rest.is_some());
            quote! {
                #doc
                #[derive(Clone, PartialEq, api_runtime::serde::Serialize, api_runtime::serde::Deserialize)]
                #[serde(crate = "api_runtime::serde")]
                #derive_debug
                #deny
                pub struct #ident { #definition }
                #new
                #debug
                #helpers
            }
        }
    }
}

/// The fields of an object as serde wants them, and the functions that its attributes name.
pub(super) struct Object {
    pub(super) fields: TokenStream,
    pub(super) helpers: TokenStream,
}

/// Renders the fields of `owner`.
pub(super) fn object(api: &Api, owner: &str, fields: &[Field], rest: Option<&Type>) -> Object {
    let mut helpers = Vec::new();
    let mut rendered: Vec<TokenStream> = fields
        .iter()
        .map(|field| {
            let ty = field_type(api, field);
            let attributes = attributes(owner, field, &ty, &mut helpers);
            let doc = rustdoc::field(field);
            let ident = ident(&field.ident);
            quote!(#doc #attributes pub #ident: #ty,)
        })
        .collect();
    if let Some(ty) = rest {
        let ty = rust_type(api, ty);
        rendered.push(quote! {
            /// All other keys.
            #[serde(flatten, deserialize_with = "api_runtime::rest")]
            pub rest: std::collections::BTreeMap<String, #ty>,
        });
    }
    Object {
        fields: quote!(#(#rendered)*),
        helpers: quote!(#(#helpers)*),
    }
}

/// The serde attributes of a field. Bounds and defaults need functions, which go into `helpers`.
fn attributes(
    owner: &str,
    field: &Field,
    ty: &TokenStream,
    helpers: &mut Vec<TokenStream>,
) -> TokenStream {
    let Value {
        optional,
        nullable,
        constraints,
        default,
        constant,
        ..
    } = &field.value;
    let prefix = format!("{}_{}", owner.to_lowercase(), field.ident);
    let is_checked = !constraints.is_empty() || constant.is_some();
    let rename = (ident(&field.ident) != field.wire).then(|| {
        let wire = &field.wire;
        quote!(#[serde(rename = #wire)])
    });
    let initial = initial(&field.value).map(|value| {
        let function = format_ident!("default_{prefix}");
        let text = value.to_string();
        helpers.push(quote! {
            fn #function() -> #ty {
                api_runtime::from_json(#text)
            }
        });
        function.to_string()
    });
    let presence = match (default.as_ref().and(initial), *optional, *nullable) {
        (Some(path), ..) => Some(quote!(#[serde(default = #path)])),
        (None, true, true) => {
            Some(quote!(#[serde(default, skip_serializing_if = "api_runtime::Patch::is_absent")]))
        }
        (None, true, false) => {
            let read = (!is_checked).then(|| quote!(, deserialize_with = "api_runtime::present"));
            Some(quote!(#[serde(default, skip_serializing_if = "Option::is_none" #read)]))
        }
        (None, false, true) => Some(quote!(#[serde(deserialize_with = "api_runtime::nullable")])),
        (None, false, false) => None,
    };
    let checked = is_checked.then(|| {
        let function = format_ident!("check_{prefix}");
        let path = function.to_string();
        let checks = checks(constraints);
        let constant = super::ty::option(constant.as_ref().map(|value| {
            let text = value.to_string();
            quote!(#text)
        }));
        // Null is not what an optional value may be.
        let present = (*optional && !*nullable && default.is_none()).then(|| quote!(.map(Some)));
        helpers.push(quote! {
            fn #function<'de, D_: api_runtime::serde::Deserializer<'de>>(deserializer: D_) -> Result<#ty, D_::Error> {
                api_runtime::checked(deserializer, #checks, #constant) #present
            }
        });
        quote!(#[serde(deserialize_with = #path)])
    });
    // The function that checks says itself that the field has to be there.
    let presence = if is_checked && !*optional && *nullable && default.is_none() {
        None
    } else {
        presence
    };
    quote!(#rename #presence #checked)
}

/// What a field is at first, where `new` does not take it. A constant that may be absent is, until it is set.
fn initial(value: &Value) -> Option<&serde_json::Value> {
    let constant = value.constant.as_ref().filter(|_| !value.optional);
    value.default.as_ref().or(constant)
}

/// `new`, which takes the required fields and leaves the others empty.
fn constructor(api: &Api, owner: &str, fields: &[Field], has_rest: bool) -> TokenStream {
    let owner_ident = name(owner);
    let required = |field: &&Field| !field.value.optional && initial(&field.value).is_none();
    let arguments = fields.iter().filter(required).map(|field| {
        let (ident, ty) = (ident(&field.ident), value_type(api, &field.value));
        quote!(#ident: #ty)
    });
    let members = fields.iter().map(|field| {
        let member = ident(&field.ident);
        if required(&field) {
            return match (field.boxed, field.value.nullable) {
                (false, _) => quote!(#member),
                (true, false) => quote!(#member: std::boxed::Box::new(#member)),
                (true, true) => quote!(#member: #member.map(std::boxed::Box::new)),
            };
        }
        if initial(&field.value).is_some() {
            let function = format_ident!("default_{}_{}", owner.to_lowercase(), field.ident);
            return quote!(#member: #function());
        }
        quote!(#member: Default::default())
    });
    let rest = has_rest.then(|| quote!(rest: Default::default(),));
    quote! {
        impl #owner_ident {
            /// From the required fields; the others are empty or have their defaults.
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#members,)* #rest }
            }
        }
    }
}

/// A `Debug` that does not show secret fields; `None` where there are none.
fn secret_debug(owner: &str, fields: &[Field]) -> Option<TokenStream> {
    if !fields.iter().any(|field| field.value.secret) {
        return None;
    }
    let ident_of_owner = name(owner);
    let members = fields.iter().map(|field| {
        let (member, text) = (ident(&field.ident), &field.ident);
        if field.value.secret {
            quote!(.field(#text, &"[secret]"))
        } else {
            quote!(.field(#text, &self.#member))
        }
    });
    Some(quote! {
        impl std::fmt::Debug for #ident_of_owner {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(#owner) #(#members)* .finish()
            }
        }
    })
}
