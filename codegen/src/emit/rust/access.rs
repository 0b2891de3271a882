//! What a caller must be allowed, with the values of one request put in.
//!
//! The server has the values in local variables, because the body, a field of the request struct, is
//! not read before access is granted; the client has them in the request struct.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::emit::ident::ident;
use crate::model::{Access, AccessPart, Operation};

/// The method `access` of the request struct of `operation`.
pub(super) fn method(operation: &Operation) -> TokenStream {
    let body = entries(operation, |field| quote!(self.#field));
    quote! {
        /// What the caller must be allowed.
        pub fn access(&self) -> Vec<String> {
            #body
        }
    }
}

/// The expression for all entries of `operation`; `place` says where the value of a field is.
pub(super) fn entries(
    operation: &Operation,
    place: impl Fn(&proc_macro2::Ident) -> TokenStream,
) -> TokenStream {
    let all = &operation.access;
    if all.is_empty() {
        return quote!(Vec::new());
    }
    if all.iter().all(|access| optional(access).next().is_none()) {
        let texts = all.iter().map(|access| text(access, &place));
        return quote!(vec![#(#texts),*]);
    }
    let pushes = all.iter().map(|access| push(access, &place));
    quote! {
        {
            let mut access = Vec::new();
            #(#pushes)*
            access
        }
    }
}

/// Adds an entry, unless an optional parameter that it names is absent.
fn push(access: &Access, place: &impl Fn(&proc_macro2::Ident) -> TokenStream) -> TokenStream {
    let bound: Vec<_> = optional(access).map(ident).collect();
    let text = text(access, place);
    if bound.is_empty() {
        return quote!(access.push(#text););
    }
    let patterns = bound.iter().map(|field| {
        let local = local(field);
        quote!(Some(#local))
    });
    let values = bound.iter().map(|field| {
        let value = place(field);
        quote!(&#value)
    });
    quote! {
        if let (#(#patterns,)*) = (#(#values,)*) {
            access.push(#text);
        }
    }
}

/// The text of an entry: one literal, or a `format!`.
fn text(access: &Access, place: &impl Fn(&proc_macro2::Ident) -> TokenStream) -> TokenStream {
    let mut pattern = String::new();
    let mut values = Vec::new();
    for part in &access.parts {
        match part {
            AccessPart::Literal(text) => {
                pattern.push_str(&text.replace('{', "{{").replace('}', "}}"));
            }
            AccessPart::Parameter {
                ident: field,
                optional,
            } => {
                pattern.push_str("{}");
                let field = ident(field);
                let value = if *optional {
                    let local = local(&field);
                    quote!(#local)
                } else {
                    let value = place(&field);
                    quote!(&#value)
                };
                values.push(quote!(api_runtime::Scalar::to_text(#value)));
            }
        }
    }
    if values.is_empty() {
        let text = pattern.replace("{{", "{").replace("}}", "}");
        return quote!(String::from(#text));
    }
    quote!(format!(#pattern, #(#values),*))
}

/// The name under which an optional value is bound: that of its field, which may be a raw identifier.
fn local(field: &proc_macro2::Ident) -> proc_macro2::Ident {
    format_ident!("the_{}", field)
}

fn optional(access: &Access) -> impl Iterator<Item = &str> {
    access.parts.iter().filter_map(|part| match part {
        AccessPart::Parameter {
            ident,
            optional: true,
        } => Some(ident.as_str()),
        _ => None,
    })
}
