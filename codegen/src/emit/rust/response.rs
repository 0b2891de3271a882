//! Answers: a struct for each declared one, and an enum of them for each operation.
//!
//! What must be there is an argument of `new`, what may be there is a method of its name, so that an
//! answer without a required header cannot be made. The structs of failures with headers, which
//! `errors` emits, have the same members.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};

use super::request::{body_type, is_stream};
use super::ty::{is_optional, literal, name, parameter_type, rust_type, style};
use super::{choice, rustdoc};
use crate::emit::ident::ident;
use crate::model::{Api, Body, BodyKind, CLASS, Operation, Pagination, Parameter, Response, Type};

/// Structs of successes, and an enum of successes for each operation.
pub(super) fn responses(api: &Api) -> impl Iterator<Item = TokenStream> {
    let mut done = BTreeSet::new();
    api.operations.iter().map(move |operation| {
        let new = successes(operation).filter(|response| done.insert(&response.type_name));
        let structs = new.map(|response| success_struct(api, response));
        let response = operation_response(operation);
        quote!(#(#structs)* #response)
    })
}

/// The successes that a handler can answer.
pub(super) fn successes(operation: &Operation) -> impl Iterator<Item = &Response> {
    operation
        .successes
        .iter()
        .filter(|success| !success.managed)
}

fn success_struct(api: &Api, response: &Response) -> TokenStream {
    let owner = name(&response.type_name);
    let fallback = format!("An answer with the status {}.", response.label());
    let doc = rustdoc::answer(response, &fallback);
    let members = header_members(api, response);
    let body = response.body.as_ref().map(|body| body_members(api, body));
    let status = response.class.then(|| {
        quote! {
            /// Its status.
            pub status: api_runtime::SuccessStatus,
        }
    });
    let new = constructor(api, &response.type_name, response, None);
    let body_choice = choice::definition(api, response.body.as_ref());
    let accept = choice::accept(response.body.as_ref());
    let definition = if response.is_bare() {
        quote! {
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub struct #owner;
        }
    } else {
        let derive = if is_stream(response.body.as_ref()) {
            quote!(#[derive(Debug)])
        } else {
            quote!(#[derive(Clone, Debug, PartialEq)])
        };
        quote! {
            #derive
            pub struct #owner { #status #members #body }
        }
    };
    quote! {
        #body_choice
        #accept
        #doc
        #definition
        #new
    }
}

/// The headers of an answer as members of its struct.
pub(super) fn header_members(api: &Api, response: &Response) -> TokenStream {
    let members = response.fields().map(|header| {
        let (doc, field, ty) = (
            rustdoc::parameter("Header", header),
            ident(&header.ident),
            parameter_type(api, header),
        );
        quote!(#doc pub #field: #ty,)
    });
    quote!(#(#members)*)
}

fn body_members(api: &Api, body: &Body) -> TokenStream {
    let content_type = body.has_wildcard().then(|| {
        quote! {
            /// Media type of the body.
            pub content_type: String,
        }
    });
    let (doc, ty) = (rustdoc::body(body), body_type(api, body));
    quote!(#content_type #doc pub body: #ty,)
}

/// `new`, which takes what is required, and a method for each optional header. `error` is the type of
/// what is wrong, where the answer is a failure with codes.
pub(super) fn constructor(
    api: &Api,
    type_name: &str,
    response: &Response,
    error: Option<&TokenStream>,
) -> TokenStream {
    let owner = name(type_name);
    let mut arguments: Vec<TokenStream> = error.iter().map(|ty| quote!(error: #ty)).collect();
    let mut members: Vec<TokenStream> = error.iter().map(|_| quote!(error)).collect();
    if response.class {
        arguments.push(quote!(status: api_runtime::SuccessStatus));
        members.push(quote!(status));
    }
    for header in response.fields() {
        let field = ident(&header.ident);
        if is_optional(header) {
            members.push(quote!(#field: Default::default()));
        } else {
            let ty = parameter_type(api, header);
            arguments.push(quote!(#field: #ty));
            members.push(quote!(#field));
        }
    }
    if let Some(body) = &response.body {
        if body.has_wildcard() {
            arguments.push(quote!(content_type: String));
            members.push(quote!(content_type));
        }
        let ty = body_type(api, body);
        arguments.push(quote!(body: #ty));
        members.push(quote!(body));
    }
    let setters = response
        .fields()
        .filter(|header| is_optional(header))
        .map(|header| setter(api, header));
    let value = if members.is_empty() {
        quote!(Self)
    } else {
        quote!(Self { #(#members),* })
    };
    quote! {
        impl #owner {
            /// From what is required; optional headers are absent.
            pub fn new(#(#arguments),*) -> Self {
                #value
            }
            #(#setters)*
        }
    }
}

fn setter(api: &Api, header: &Parameter) -> TokenStream {
    let doc = format!(" Sets `{}`.", header.wire);
    let field = ident(&header.ident);
    let (ty, value) = match (&header.prefix, header.value.nullable) {
        (Some(_), _) => (parameter_type(api, header), quote!(#field)),
        (None, true) => (rust_type(api, &header.value.ty), quote!(#field.into())),
        (None, false) => (rust_type(api, &header.value.ty), quote!(Some(#field))),
    };
    let deprecated = rustdoc::deprecated_attribute(header.value.deprecated.as_ref());
    quote! {
        #[doc = #doc]
        #deprecated
        #[must_use]
        pub fn #field(mut self, #field: #ty) -> Self {
            self.#field = #value;
            self
        }
    }
}

fn operation_response(operation: &Operation) -> TokenStream {
    let owner = format_ident!("{}Response", operation.type_name);
    let doc = format!(" How [`{}`] can succeed.", operation.type_name);
    let derive = if successes(operation).any(|success| is_stream(success.body.as_ref())) {
        quote!(#[derive(Debug)])
    } else {
        quote!(#[derive(Clone, Debug, PartialEq)])
    };
    let variants = successes(operation).map(|success| {
        let (variant, ty) = (name(&success.variant), name(&success.type_name));
        let doc = rustdoc::success(success);
        quote!(#doc #variant(#ty))
    });
    let froms = successes(operation).filter_map(|success| {
        // Of several variants with the same struct, who answers has to name one.
        let is_it = |other: &&Response| other.type_name == success.type_name;
        let is_sole = successes(operation).filter(is_it).count() == 1;
        let (variant, ty) = (name(&success.variant), name(&success.type_name));
        is_sole.then(|| {
            quote! {
                impl From<#ty> for #owner {
                    fn from(answer: #ty) -> Self {
                        Self::#variant(answer)
                    }
                }
            }
        })
    });
    quote! {
        #[doc = #doc]
        #derive
        pub enum #owner { #(#variants),* }
        #(#froms)*
    }
}

/// The answers of successes: server part. Each struct makes its own, so that operations share it.
pub(super) fn answers(api: &Api) -> impl Iterator<Item = TokenStream> {
    let mut done = BTreeSet::new();
    api.operations.iter().map(move |operation| {
        let new = successes(operation).filter(|success| done.insert(&success.type_name));
        let structs = new.map(|success| answer(api, success));
        let owner = format_ident!("{}Response", operation.type_name);
        let arms = successes(operation).map(|success| {
            let variant = name(&success.variant);
            let except = success.class.then(|| except(operation));
            quote!(Self::#variant(answer) => answer.into_answer() #except)
        });
        quote! {
            #(#structs)*
            impl #owner {
                fn into_answer(self) -> rt::Answer {
                    match self { #(#arms,)* }
                }
            }
        }
    })
}

/// The call by which an answer of a class may not have the status of another answer that says more.
fn except(operation: &Operation) -> TokenStream {
    let successes = operation.successes.iter();
    let others =
        successes.filter(|one| !one.class && !one.is_bare() && CLASS.contains(&one.status));
    let statuses: Vec<_> = others.map(|one| literal(one.status)).collect();
    if statuses.is_empty() {
        quote!()
    } else {
        quote!(.except(&[#(#statuses),*]))
    }
}

fn answer(api: &Api, success: &Response) -> TokenStream {
    let owner = name(&success.type_name);
    let status = if success.class {
        quote!(self.status.get())
    } else {
        literal(success.status).into_token_stream()
    };
    let headers = header_calls(api, success);
    let answer = quote!(rt::Answer::new(#status) #headers);
    let answer = match success.body.as_ref().map(|body| (body, &body.kind)) {
        None => answer,
        Some((_, BodyKind::Choice { type_name, of })) => {
            let written = choice::written(type_name, of, &quote!(self.body), |body| {
                let call = body_call(body, &quote!(body));
                quote!(answer #call)
            });
            quote! {
                let answer = #answer.constant("Vary", "Accept");
                #written
            }
        }
        Some((body, _)) => {
            let call = body_call(body, &quote!(self.body));
            quote!(#answer #call)
        }
    };
    quote! {
        impl #owner {
            fn into_answer(self) -> rt::Answer { #answer }
        }
    }
}

fn body_call(body: &Body, value: &TokenStream) -> TokenStream {
    let media_type = if body.has_wildcard() {
        quote!(self.content_type)
    } else {
        let media_type = &body.media_types[0];
        quote!(#media_type)
    };
    match &body.kind {
        BodyKind::Json { verbatim: true, .. } => quote!(.bytes(#media_type, #value.bytes)),
        BodyKind::Json { .. } => quote!(.json(#media_type, &#value)),
        BodyKind::Form(_) => quote!(.form(#media_type, &#value)),
        BodyKind::Text => quote!(.text(#media_type, #value)),
        BodyKind::Bytes(_) => quote!(.bytes(#media_type, #value)),
        BodyKind::Stream { .. } => quote!(.stream(#media_type, #value)),
        BodyKind::JsonLines(_) => quote!(.json_lines(#media_type, #value)),
        BodyKind::Events(_) => quote!(.events(#media_type, #value)),
        // Its bodies are written one by one.
        BodyKind::Choice { .. } => quote!(),
    }
}

/// The calls that put the headers of `self`, a struct of `response`, into an answer. Headers that every
/// answer of the API has are added by the runtime.
pub(super) fn header_calls(api: &Api, response: &Response) -> TokenStream {
    let headers = response.headers.iter().filter(|header| !header.managed);
    let calls = headers.map(|header| header_call(api, response, header));
    quote!(#(#calls)*)
}

fn header_call(api: &Api, response: &Response, header: &Parameter) -> TokenStream {
    let (wire, field) = (&header.wire, ident(&header.ident));
    if let Some(constant) = &header.value.constant {
        let is_common = api
            .constant_headers
            .iter()
            .any(|(common, _)| common.eq_ignore_ascii_case(wire));
        let text = constant
            .as_str()
            .map_or_else(|| constant.to_string(), str::to_owned);
        return if is_common {
            quote!()
        } else {
            quote!(.constant(#wire, #text))
        };
    }
    if let Some(prefix) = &header.prefix {
        let (before, after) = (&prefix.before, &prefix.after);
        return quote!(.header_prefix(#before, #after, &self.#field));
    }
    let is_link = header.wire.eq_ignore_ascii_case("link");
    let suffix = if is_optional(header) { "_optional" } else { "" };
    match &header.value.ty {
        Type::Url(_) if is_link => {
            let (method, rel) = (format_ident!("link{suffix}"), rel(api, response));
            quote!(.#method(#wire, #rel, &self.#field))
        }
        Type::Url(_) => {
            let method = format_ident!("location{suffix}");
            quote!(.#method(#wire, &self.#field))
        }
        Type::List(_) => {
            let (method, style) = (format_ident!("header_list{suffix}"), style(header));
            quote!(.#method(#wire, &self.#field, #style))
        }
        _ => {
            let method = format_ident!("header{suffix}");
            quote!(.#method(#wire, &self.#field))
        }
    }
}

/// The relation of a link in `response`: that of the pages of an operation that answers so.
pub(super) fn rel<'a>(api: &'a Api, response: &Response) -> &'a str {
    let of_operation = |operation: &'a Operation| {
        let answers = operation
            .successes
            .iter()
            .any(|success| success.type_name == response.type_name);
        match &operation.pagination {
            Some(Pagination::Link { rel }) if answers => Some(rel.as_str()),
            _ => None,
        }
    };
    api.operations
        .iter()
        .find_map(of_operation)
        .unwrap_or("next")
}
