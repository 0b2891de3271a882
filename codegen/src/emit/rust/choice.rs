//! Bodies to choose from: their enum, how it is read, and how it is written.
//!
//! A request's is told by `Content-Type`. An answer's is told so, too; what a caller would like is a field
//! `accept` of the request, which the server fills from `Accept`, or refuses where there is no such body.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::request::{body_type, is_stream};
use super::ty::name;
use super::{described, doc, rustdoc};
use crate::model::{Alternative, Api, Body, BodyKind, Operation};

/// The enum of a body that is a choice; nothing of others.
pub(super) fn definition(api: &Api, body: Option<&Body>) -> Option<TokenStream> {
    let body = body?;
    let BodyKind::Choice { type_name, of } = &body.kind else {
        return None;
    };
    let owner = name(type_name);
    let doc = doc(described(&[
        &body.description,
        "A body of one of several media types.",
    ]));
    let derive = if is_stream(Some(body)) {
        quote!(#[derive(Debug)])
    } else {
        quote!(#[derive(Clone, Debug, PartialEq)])
    };
    let variants = of.iter().map(|one| {
        let (variant, ty) = (name(&one.variant), body_type(api, &one.body));
        let doc = rustdoc::body(&one.body);
        quote!(#doc #variant(#ty))
    });
    Some(quote! {
        #doc
        #derive
        pub enum #owner { #(#variants),* }
    })
}

fn media_types(one: &Alternative) -> String {
    format!("`{}`.", one.body.media_types.join("`, `"))
}

/// The enum of what can be asked for.
pub(super) fn accept(body: Option<&Body>) -> Option<TokenStream> {
    let BodyKind::Choice { type_name, of } = &body?.kind else {
        return None;
    };
    let owner = accept_name(type_name);
    let doc = format!(" What of [`{type_name}`] is asked for by `Accept`.");
    let variants = of.iter().enumerate().map(|(index, one)| {
        let (variant, doc) = (name(&one.variant), self::doc(&media_types(one)));
        let default = (index == 0).then(|| quote!(#[default]));
        quote!(#doc #default #variant)
    });
    let all = of.iter().map(|one| {
        let (variant, media_type) = (name(&one.variant), &one.body.media_types[0]);
        quote!((Self::#variant, #media_type))
    });
    Some(quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum #owner { #(#variants),* }
        impl api_runtime::accept::Offered for #owner {
            const ALL: &'static [(Self, &'static str)] = &[#(#all),*];
        }
    })
}

fn accept_name(type_name: &str) -> proc_macro2::Ident {
    format_ident!("{type_name}Accept")
}

/// The type of the request's field `accept`, where the caller chooses.
pub(super) fn accept_type(operation: &Operation) -> Option<proc_macro2::Ident> {
    operation
        .choice()
        .map(|(type_name, _)| accept_name(type_name))
}

/// `match index { 0 => ..., _ => ... }`: `read` reads the body at a place.
pub(super) fn matched(
    type_name: &str,
    of: &[Alternative],
    index: &TokenStream,
    read: impl Fn(&Literal, &Body) -> TokenStream,
) -> TokenStream {
    let owner = name(type_name);
    let arms = of.iter().enumerate().map(|(index, one)| {
        let at = Literal::usize_unsuffixed(index);
        let (variant, value) = (name(&one.variant), read(&at, &one.body));
        if index + 1 == of.len() {
            return quote!(_ => #owner::#variant(#value));
        }
        quote!(#at => #owner::#variant(#value))
    });
    quote!(match #index { #(#arms,)* })
}

/// `match value { X::Json(body) => ..., ... }`: `write` writes `body`.
pub(super) fn written(
    type_name: &str,
    of: &[Alternative],
    value: &TokenStream,
    write: impl Fn(&Body) -> TokenStream,
) -> TokenStream {
    let owner = name(type_name);
    let arms = of.iter().map(|one| {
        let (variant, written) = (name(&one.variant), write(&one.body));
        quote!(#owner::#variant(body) => #written)
    });
    quote!(match #value { #(#arms,)* })
}
