//! Request structs: all that a caller says, path, query, headers and body.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::ty::{is_optional, name, parameter_type, rust_type};
use super::{access, choice, rustdoc};
use crate::emit::ident::ident;
use crate::model::{Api, Body, BodyKind, Operation, Parameter};

/// The request structs of all operations.
pub(super) fn requests(api: &Api) -> impl Iterator<Item = TokenStream> {
    api.operations
        .iter()
        .map(|operation| request(api, operation))
}

/// The Rust type of a body.
pub(super) fn body_type(api: &Api, body: &Body) -> TokenStream {
    match &body.kind {
        BodyKind::Json { ty, verbatim } => {
            let ty = rust_type(api, ty);
            if *verbatim {
                quote!(api_runtime::Verbatim<#ty>)
            } else {
                ty
            }
        }
        BodyKind::Form(ty) => rust_type(api, ty),
        BodyKind::Text => quote!(String),
        BodyKind::Bytes(_) => quote!(api_runtime::bytes::Bytes),
        BodyKind::Stream { .. } => quote!(api_runtime::Body),
        BodyKind::JsonLines(ty) => {
            let ty = rust_type(api, ty);
            quote!(api_runtime::Items<#ty>)
        }
        BodyKind::Events(ty) => {
            let ty = rust_type(api, ty);
            quote!(api_runtime::Items<api_runtime::Event<#ty>>)
        }
        BodyKind::Choice { type_name, .. } => {
            let owner = name(type_name);
            quote!(#owner)
        }
    }
}

/// Whether a body is read once only, so that its owner is neither cloned nor compared.
pub(super) fn is_stream(body: Option<&Body>) -> bool {
    body.is_some_and(|body| body.alternatives().any(Body::is_stream))
}

/// `#[derive(Debug)]`, or an implementation that does not show what is secret.
pub(super) fn debug(
    owner: &str,
    fields: &[&Parameter],
    has_body: bool,
) -> (TokenStream, TokenStream) {
    if !fields.iter().any(|field| field.value.secret) {
        return (quote!(#[derive(Debug)]), quote!());
    }
    let ident_of_owner = name(owner);
    let members = fields.iter().map(|parameter| {
        let (field, text) = (ident(&parameter.ident), &parameter.ident);
        if parameter.value.secret {
            quote!(.field(#text, &"[secret]"))
        } else {
            quote!(.field(#text, &self.#field))
        }
    });
    let body = has_body.then(|| quote!(.field("body", &self.body)));
    let implementation = quote! {
        impl std::fmt::Debug for #ident_of_owner {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(#owner) #(#members)* #body .finish()
            }
        }
    };
    (quote!(), implementation)
}

fn request(api: &Api, operation: &Operation) -> TokenStream {
    let owner = name(&operation.type_name);
    let doc = rustdoc::operation(api, operation);
    let fields: Vec<&Parameter> = operation.fields().collect();
    let members = fields.iter().map(|parameter| {
        let doc = rustdoc::parameter(place(operation, parameter), parameter);
        let (field, ty) = (ident(&parameter.ident), parameter_type(api, parameter));
        quote!(#doc pub #field: #ty,)
    });
    let body = body_members(api, operation);
    let derives = if is_stream(operation.body.as_ref()) {
        quote!()
    } else {
        quote!(#[derive(Clone, PartialEq)])
    };
    let (derive, debug) = debug(&operation.type_name, &fields, operation.body.is_some());
    let new = constructor(api, operation, &fields);
    let url = url(operation);
    let access = access::method(operation);
    let accept = choice::accept_type(operation).map(|ty| {
        quote! {
            /// The body of the answer that is asked for.
            pub accept: #ty,
        }
    });
    let body_choice = choice::definition(api, operation.body.as_ref());
    quote! {
        #body_choice
        #doc
        #derives
        #derive
        pub struct #owner { #(#members)* #accept #body }
        #debug
        impl #owner {
            #new
            #url
            #access
        }
    }
}

/// Where a parameter stands on the wire.
fn place(operation: &Operation, parameter: &Parameter) -> &'static str {
    let is_it = |other: &Parameter| std::ptr::eq(other, parameter);
    if operation.path.iter().any(is_it) {
        "Path parameter"
    } else if operation.query.iter().any(is_it) {
        "Query parameter"
    } else {
        "Header"
    }
}

/// The fields `content_type`, where a media type is a wildcard, and `body`.
fn body_members(api: &Api, operation: &Operation) -> Option<TokenStream> {
    let body = operation.body.as_ref()?;
    let ty = body_type(api, body);
    let ty = if operation.body_optional {
        quote!(Option<#ty>)
    } else {
        ty
    };
    let doc = rustdoc::body(body);
    let content_type = body.has_wildcard().then(|| {
        quote! {
            /// `Content-Type` as it was sent.
            pub content_type: Option<String>,
        }
    });
    Some(quote!(#content_type #doc pub body: #ty,))
}

/// `new`, which takes what is required.
fn constructor(api: &Api, operation: &Operation, fields: &[&Parameter]) -> TokenStream {
    let is_required =
        |parameter: &Parameter| !is_optional(parameter) && parameter.value.default.is_none();
    let mut arguments = Vec::new();
    let mut members = Vec::new();
    for parameter in fields {
        let field = ident(&parameter.ident);
        if is_required(parameter) {
            let ty = parameter_type(api, parameter);
            arguments.push(quote!(#field: #ty));
            members.push(quote!(#field));
        } else if let Some(default) = &parameter.value.default {
            let text = default.to_string();
            members.push(quote!(#field: api_runtime::from_json(#text)));
        } else {
            members.push(quote!(#field: Default::default()));
        }
    }
    if operation.choice().is_some() {
        members.push(quote!(accept: Default::default()));
    }
    if let Some(body) = &operation.body {
        if body.has_wildcard() {
            members.push(quote!(content_type: None));
        }
        if operation.body_optional {
            members.push(quote!(body: None));
        } else {
            let ty = body_type(api, body);
            arguments.push(quote!(body: #ty));
            members.push(quote!(body));
        }
    }
    quote! {
        /// From what is required; the rest is absent or has its default.
        pub fn new(#(#arguments),*) -> Self {
            Self { #(#members),* }
        }
    }
}

/// The URL of a request: its path and query parameters.
fn url(operation: &Operation) -> TokenStream {
    let owner = format_ident!("{}Url", operation.type_name);
    let is_field =
        |parameter: &&Parameter| !parameter.managed && parameter.value.constant.is_none();
    let path = operation.path.iter().filter(is_field).map(|parameter| {
        let field = ident(&parameter.ident);
        quote!(#field: self.#field.clone())
    });
    let query = operation.query.iter().filter(is_field).map(|parameter| {
        let field = ident(&parameter.ident);
        if is_optional(parameter) {
            quote!(#field: self.#field.clone())
        } else {
            quote!(#field: Some(self.#field.clone()))
        }
    });
    quote! {
        /// Where it is sent.
        pub fn url(&self) -> #owner {
            #owner { #(#path,)* #(#query,)* }
        }
    }
}
