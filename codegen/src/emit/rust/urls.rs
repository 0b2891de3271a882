//! A URL struct for each operation: its path parameters, and its query parameters, all optional.
//!
//! `Display` writes path and query; host and prefix are added where the URL is sent. The client writes
//! its requests by the same struct, so that there is one place where an operation's URL is spelt.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::request::debug;
use super::rustdoc;
use super::ty::{rust_type, style};
use crate::emit::ident::ident;
use crate::model::{Api, Operation, Parameter, Segment, Type};

/// The URL structs of all operations.
pub(super) fn urls(api: &Api) -> impl Iterator<Item = TokenStream> {
    api.operations.iter().map(|operation| url(api, operation))
}

/// Parameters that are fields of a URL struct, those of the path first.
fn path_fields(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation
        .path
        .iter()
        .filter(|parameter| is_field(parameter))
}

fn query_fields(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation
        .query
        .iter()
        .filter(|parameter| is_field(parameter))
}

fn is_field(parameter: &Parameter) -> bool {
    !parameter.managed && parameter.value.constant.is_none()
}

fn url(api: &Api, operation: &Operation) -> TokenStream {
    let owner = format_ident!("{}Url", operation.type_name);
    let path = &api[operation.route].path;
    let doc = format!(" URL of [`{}`]: `{path}`.", operation.type_name);
    let path_members = path_fields(operation).map(|parameter| member(api, parameter, false));
    let query_members = query_fields(operation).map(|parameter| member(api, parameter, true));
    let arguments = path_fields(operation).map(|parameter| {
        let (field, ty) = (ident(&parameter.ident), rust_type(api, &parameter.value.ty));
        quote!(#field: #ty)
    });
    let from_arguments = path_fields(operation).map(|parameter| ident(&parameter.ident));
    let absent = query_fields(operation).map(|parameter| {
        let field = ident(&parameter.ident);
        quote!(#field: Default::default())
    });
    let fields: Vec<_> = path_fields(operation)
        .chain(query_fields(operation))
        .collect();
    let (derive, debug) = debug(&owner.to_string(), &fields, false);
    let writes = writes(api, operation);
    // The empty path leaves nothing to write.
    let mutable = (!writes.is_empty()).then(|| quote!(mut));
    quote! {
        #[doc = #doc]
        #[derive(Clone, PartialEq)]
        #derive
        pub struct #owner { #(#path_members)* #(#query_members)* }
        #debug
        impl #owner {
            /// The URL without any query.
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#from_arguments,)* #(#absent,)* }
            }
        }
        /// Path and query, percent-encoded.
        impl std::fmt::Display for #owner {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let #mutable url = String::new();
                #writes
                f.write_str(&url)
            }
        }
    }
}

/// A field; whatever is in the query may be absent from the URL in an answer.
fn member(api: &Api, parameter: &Parameter, in_query: bool) -> TokenStream {
    let place = if in_query {
        "Query parameter"
    } else {
        "Path parameter"
    };
    let doc = rustdoc::parameter(place, parameter);
    let field = ident(&parameter.ident);
    let ty = rust_type(api, &parameter.value.ty);
    let is_option = in_query && !parameter.value.is_flag();
    let ty = match (&parameter.prefix, is_option) {
        (Some(_), _) => quote!(std::collections::BTreeMap<String, #ty>),
        (None, true) => quote!(Option<#ty>),
        (None, false) => ty,
    };
    quote!(#doc pub #field: #ty,)
}

fn writes(api: &Api, operation: &Operation) -> TokenStream {
    let segments = segments(&api[operation.route].segments, operation);
    let query: Vec<_> = operation
        .query
        .iter()
        .filter(|parameter| !parameter.managed || parameter.value.constant.is_some())
        .filter_map(query)
        .collect();
    if query.is_empty() {
        return segments;
    }
    quote! {
        #segments
        let mut query = api_runtime::query::Writer::new(&mut url);
        #(#query)*
    }
}

/// The calls that write the path. Literal text is percent-encoded here already.
fn segments(segments: &[Segment], operation: &Operation) -> TokenStream {
    let mut calls = Vec::new();
    let mut text = String::new();
    for segment in segments {
        text.push('/');
        let (before, parameter, after, method) = match segment {
            Segment::Literal(literal) => {
                text.push_str(literal);
                continue;
            }
            Segment::Parameter {
                before,
                name,
                after,
                ..
            } => (before.as_str(), name, after.as_str(), "segment"),
            Segment::Many {
                before,
                name,
                after,
                ..
            } => (before.as_str(), name, after.as_str(), "segments"),
        };
        text.push_str(before);
        let literal = std::mem::take(&mut text);
        calls.push(quote!(url.push_str(#literal);));
        let field = operation.path.iter().find(|field| field.wire == *parameter);
        let field = ident(field.map_or(parameter.as_str(), |field| field.ident.as_str()));
        let method = ident(method);
        calls.push(quote!(api_runtime::percent::#method(&mut url, &self.#field);));
        text.push_str(after);
    }
    if !text.is_empty() {
        calls.push(quote!(url.push_str(#text);));
    }
    quote!(#(#calls)*)
}

fn query(parameter: &Parameter) -> Option<TokenStream> {
    let (wire, field) = (&parameter.wire, ident(&parameter.ident));
    if parameter.value.is_flag() {
        let is_set = if parameter.value.constant.is_some() {
            quote!(true)
        } else {
            quote!(self.#field)
        };
        return Some(quote!(query.flag(#wire, #is_set);));
    }
    if let Some(constant) = &parameter.value.constant {
        let text = constant
            .as_str()
            .map_or_else(|| constant.to_string(), str::to_owned);
        return (!parameter.value.optional)
            .then(|| quote!(query.value(#wire, &String::from(#text));));
    }
    if let Some(prefix) = &parameter.prefix {
        let (before, after) = (&prefix.before, &prefix.after);
        return Some(quote!(query.prefix(#before, #after, &self.#field);));
    }
    Some(if let Type::List(_) = parameter.value.ty {
        let style = style(parameter);
        quote!(query.list_optional(#wire, &self.#field, #style);)
    } else {
        quote!(query.optional(#wire, &self.#field);)
    })
}
