//! Unions become enums. Serde's derive writes them; they are read by functions of the runtime, which keep
//! what is unknown and can say why something is refused.

use proc_macro2::TokenStream;
use quote::quote;

use super::doc;
use super::ty::{info, name, option, rust_type};
use crate::model::{Api, JsonKind, Tag, Variant};

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
        let (doc, ty) = (doc(&format!("`{wire}`.")), rust_type(api, &variant.ty));
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
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #shape
        pub enum #ident { #(#members),* }
        impl<'de> serde::Deserialize<'de> for #ident {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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
