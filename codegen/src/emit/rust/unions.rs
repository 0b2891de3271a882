//! Unions become enums. Serde's derive writes them; they are read by functions of the runtime, which keep
//! what is unknown and can say why something is refused. Those that stand in forms have a way of their own
//! to be read from one.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::rustdoc;
use super::ty::{info, name, option, rust_type};
use crate::check::literals::Types;
use crate::model::{
    Api, Body, BodyKind, JsonKind, Schema, SchemaId, SchemaKind, Tag, Type, Variant,
};

/// The enum `owner`, whose documentation is `docs`.
pub(super) fn union(
    api: &Api,
    owner: &str,
    docs: &TokenStream,
    (tag, variants): (Option<&Tag>, &[Variant]),
) -> TokenStream {
    let ident = name(owner);
    let shape = match tag {
        None => quote!(#[serde(untagged)]),
        Some(Tag {
            key, content: None, ..
        }) => quote!(#[serde(tag = #key)]),
        Some(Tag {
            key,
            content: Some(content),
            ..
        }) => {
            quote!(#[serde(tag = #key, content = #content)])
        }
    };
    let members = variants.iter().map(|variant| {
        let (member, wire) = (name(&variant.ident), &variant.wire);
        let (doc, ty) = (
            rustdoc::named(wire, &variant.description),
            rust_type(api, &variant.ty),
        );
        let rename = tag.map(|_| quote!(#[serde(rename = #wire)]));
        quote!(#doc #rename #member(#ty))
    });
    let other = tag.is_some_and(|tag| tag.open).then(|| {
        quote! {
            /// Another one: all of it, as it was sent.
            #[serde(untagged)]
            Other(api_runtime::Json)
        }
    });
    let members = members.chain(other);
    let read = match tag {
        Some(tag) => tagged(api, tag, variants),
        None => by_kind(owner, variants),
    };
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, api_runtime::serde::Serialize)]
        #[serde(crate = "api_runtime::serde")]
        #shape
        pub enum #ident { #(#members),* }
        impl<'de> api_runtime::serde::Deserialize<'de> for #ident {
            fn deserialize<D: api_runtime::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #read
            }
        }
    }
}

fn tagged(api: &Api, tag: &Tag, variants: &[Variant]) -> TokenStream {
    let key = &tag.key;
    let content = option(tag.content.as_ref().map(|content| quote!(#content)));
    let arms = variants.iter().map(|variant| {
        let (member, wire) = (name(&variant.ident), &variant.wire);
        quote!(#wire => union.variant().map(Self::#member))
    });
    let rest = if tag.open {
        quote!(Ok(Self::Other(union.into_json())))
    } else {
        let code = info(api, tag.unknown);
        quote!(Err(union.unknown(#code)))
    };
    quote! {
        let union = api_runtime::unions::Tagged::read(deserializer, #key, #content)?;
        match union.tag() {
            #(#arms,)*
            _ => #rest,
        }
    }
}

fn by_kind(owner: &str, variants: &[Variant]) -> TokenStream {
    let arms = variants.iter().map(|variant| {
        let member = name(&variant.ident);
        let kinds = variant.kinds.iter().map(|kind| {
            let kind = name(match kind {
                JsonKind::String => "String",
                JsonKind::Number => "Number",
                JsonKind::Boolean => "Bool",
                JsonKind::Array => "Array",
                JsonKind::Object => "Object",
            });
            quote!(api_runtime::Json::#kind(_))
        });
        quote!(#(#kinds)|* => api_runtime::unions::variant(json).map(Self::#member))
    });
    quote! {
        let json = api_runtime::unions::read(deserializer)?;
        match json {
            #(#arms,)*
            _ => Err(api_runtime::unions::none_of(#owner)),
        }
    }
}

/// How a form of this type is read: by a function of the runtime of this name.
pub(super) fn form(api: &Api, ty: &Type) -> TokenStream {
    name(match union_id(api, ty) {
        Some(_) => "form_union",
        None => "form",
    })
}

fn union_id(api: &Api, ty: &Type) -> Option<SchemaId> {
    match ty {
        Type::Schema(id) if matches!(api[*id].kind, SchemaKind::Union { .. }) => Some(*id),
        _ => None,
    }
}

/// How the unions that stand in forms are read from them.
pub(super) fn forms(api: &Api) -> impl Iterator<Item = TokenStream> {
    let in_form = |body: &Body| match &body.kind {
        BodyKind::Form(ty) => union_id(api, ty),
        _ => None,
    };
    let unions = bodies(api, in_form);
    unions
        .into_iter()
        .filter_map(|id| in_form_of(api, &api[id]))
}

/// What is known of the unions that are streams of events.
pub(super) fn events(api: &Api) -> impl Iterator<Item = TokenStream> {
    let in_events = |body: &Body| match &body.kind {
        BodyKind::Events(ty) => union_id(api, ty),
        _ => None,
    };
    let unions = bodies(api, in_events);
    unions.into_iter().filter_map(|id| named(api, &api[id]))
}

fn named(api: &Api, schema: &Schema) -> Option<TokenStream> {
    let SchemaKind::Union {
        tag: Some(tag),
        variants,
    } = &schema.kind
    else {
        return None;
    };
    let (ident, open) = (name(&schema.name), tag.open);
    let names = variants.iter().map(|variant| {
        let (wire, is_text) = (&variant.wire, Types::of(api).is_text(&variant.ty));
        quote!((#wire, #is_text))
    });
    let arms = variants.iter().map(|variant| {
        let (member, wire) = (name(&variant.ident), &variant.wire);
        let write = name(if Types::of(api).is_text(&variant.ty) {
            "text"
        } else {
            "json"
        });
        quote!(Self::#member(data) => api_runtime::events::#write(#wire, data))
    });
    let other = open.then(|| quote!(Self::Other(event) => api_runtime::events::other(event),));
    Some(quote! {
        impl api_runtime::events::Named for #ident {
            const NAMES: &'static [(&'static str, bool)] = &[#(#names),*];
            const OPEN: bool = #open;
            fn parts(&self) -> Result<(String, String), api_runtime::ItemError> {
                match self { #(#arms,)* #other }
            }
        }
    })
}

/// The unions that `of` finds in bodies.
fn bodies(api: &Api, of: impl Fn(&Body) -> Option<SchemaId>) -> BTreeSet<SchemaId> {
    api.operations
        .iter()
        .flat_map(|operation| {
            let answers = operation.successes.iter();
            let answers = answers.filter_map(|success| success.body.as_ref());
            operation.body.iter().chain(answers)
        })
        .flat_map(Body::alternatives)
        .filter_map(of)
        .collect()
}

fn in_form_of(api: &Api, schema: &Schema) -> Option<TokenStream> {
    let SchemaKind::Union {
        tag: Some(tag),
        variants,
    } = &schema.kind
    else {
        return None;
    };
    let (ident, key, code) = (name(&schema.name), &tag.key, info(api, tag.unknown));
    let arms = variants.iter().map(|variant| {
        let (member, wire) = (name(&variant.ident), &variant.wire);
        quote!(#wire => form.variant().map(Self::#member))
    });
    Some(quote! {
        impl api_runtime::form::Union for #ident {
            const TAG: &'static str = #key;
            fn read(form: &api_runtime::form::Tagged) -> Result<Self, api_runtime::Invalid> {
                match form.tag() {
                    #(#arms,)*
                    _ => Err(form.unknown(#code)),
                }
            }
        }
    })
}
