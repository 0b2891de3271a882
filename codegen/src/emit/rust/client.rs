//! The client: a method for each operation, on the types that the server has.
//!
//! For each operation there are two functions, which write its request and read its answer, and methods
//! that put them together: the plain one, and where the operation has them HEAD, conditions, ranges, pages
//! and streams of events. What they call is in `api_runtime::client`, which knows no API; what a failure means is
//! decided by its status and its code together (`client_errors`).

use std::collections::BTreeSet;

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::response::{rel, successes};
use super::statics::operation_path;
use super::ty::{is_optional, name, style};
use super::{calls, choice, client_errors, doc, follow, pages, rustdoc, unions};
use crate::emit::ident::ident;
use crate::emit::text::escape;
use crate::model::{Api, Body, BodyKind, CLASS, Conditional, Operation, Parameter, Response, Type};

/// The items of the module `client`.
pub(super) fn client(api: &Api) -> impl Iterator<Item = TokenStream> {
    let client = definition(api);
    let methods = api
        .operations
        .iter()
        .map(|operation| methods(api, operation));
    let functions = api.operations.iter().map(|operation| {
        let (call, answer) = (call(operation), answer(operation));
        let error = client_errors::declared(api, operation);
        quote!(#call #answer #error)
    });
    let head = quote! {
        use api_runtime::client as runtime;
        #[doc(hidden)]
        pub use super::types::*;
        #client
        impl<T: runtime::Transport> Client<T> { #(#methods)* }
    };
    std::iter::once(head)
        .chain(functions)
        .chain(answers(api))
        .chain(client_errors::structs(api))
}

fn definition(api: &Api) -> TokenStream {
    let doc = doc(&format!(
        "A client of the API \"{}\". Clones share connections.",
        escape(&api.title)
    ));
    quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct Client<T: runtime::Transport = runtime::HttpTransport> {
            caller: runtime::Caller<T>,
        }
        impl Client {
            /// A client of the API at `base_url` (`http://host[:port][/prefix]`).
            pub fn new(base_url: &str) -> Result<Self, runtime::TransportError> {
                Ok(Self { caller: runtime::Caller::new(base_url)? })
            }
        }
        impl<T: runtime::Transport> Client<T> {
            /// A client whose requests go through `transport`.
            pub fn with_transport(base_url: &str, transport: T) -> Result<Self, runtime::TransportError> {
                Ok(Self { caller: runtime::Caller::with_transport(base_url, transport)? })
            }
            /// What sends the calls of this client; it can also fetch what a server pointed to.
            pub fn caller(&self) -> &runtime::Caller<T> {
                &self.caller
            }
            /// The same client with the next call going to `location`, which a server named.
            #[must_use]
            pub fn at<U: std::fmt::Display>(&self, location: &api_runtime::Location<U>) -> Self {
                Self { caller: self.caller.at(location) }
            }
        }
        impl<T: runtime::Transport> From<runtime::Caller<T>> for Client<T> {
            fn from(caller: runtime::Caller<T>) -> Self {
                Self { caller }
            }
        }
    }
}

/// The names that the functions of one operation have in common.
pub(super) struct Names {
    pub(super) method: proc_macro2::Ident,
    pub(super) request: TokenStream,
    pub(super) success: proc_macro2::Ident,
    pub(super) error: proc_macro2::Ident,
    pub(super) call: proc_macro2::Ident,
    pub(super) answer: proc_macro2::Ident,
}

impl Names {
    pub(super) fn of(operation: &Operation) -> Self {
        Self {
            method: ident(&operation.name),
            request: name(&operation.type_name),
            success: format_ident!("{}Response", operation.type_name),
            error: format_ident!("{}Error", operation.type_name),
            call: format_ident!("{}_call", operation.name),
            answer: format_ident!("{}_answer", operation.name),
        }
    }
}

fn methods(api: &Api, operation: &Operation) -> TokenStream {
    let Names {
        method,
        request,
        success,
        error,
        call,
        answer,
    } = Names::of(operation);
    let title = doc(&rustdoc::title(api, operation));
    let more = format!(" [`{}`] says more.", operation.type_name);
    let (demands, example) = (
        rustdoc::demands(api, operation),
        calls::example(api, operation),
    );
    let deprecated = rustdoc::deprecated_attribute(operation.deprecated.as_ref());
    let head = operation.head.then(|| head(operation));
    let conditional = operation
        .conditional
        .map(|kind| conditional(operation, kind));
    let ranges = operation.ranges().then(|| ranges(operation));
    let pages = pages::method(api, operation);
    let events = follow::method(api, operation);
    quote! {
        #title
        #[doc = #more]
        #demands
        #example
        #deprecated
        pub async fn #method(&self, request: #request) -> Result<#success, runtime::Error<#error>> {
            #answer(self.caller.send(#call(request)).await?).await
        }
        #head
        #conditional
        #ranges
        #pages
        #events
    }
}

/// HEAD. Where the body of some success is a value, an answer without it is none; what counts is then
/// the head.
fn head(operation: &Operation) -> TokenStream {
    let Names {
        method,
        request,
        success,
        error,
        call,
        answer,
    } = Names::of(operation);
    let head = format_ident!("head_{}", operation.name);
    let deprecated = rustdoc::deprecated_attribute(operation.deprecated.as_ref());
    let doc = rustdoc::variation("As", &method, ", by HEAD: without the body.");
    let is_value = |body: &Body| {
        matches!(
            body.kind,
            BodyKind::Json { .. } | BodyKind::Form(_) | BodyKind::Choice { .. }
        )
    };
    if !successes(operation).any(|success| success.body.as_ref().is_some_and(is_value)) {
        return quote! {
            #doc
            #deprecated
            pub async fn #head(
                &self,
                request: #request,
            ) -> Result<runtime::Bodiless<#success>, runtime::Error<#error>> {
                runtime::bodiless(self.caller.send(#call(request).head()).await?, #answer).await
            }
        };
    }
    let statuses = successes(operation).map(statuses);
    quote! {
        #doc
        #deprecated
        pub async fn #head(
            &self,
            request: #request,
        ) -> Result<runtime::Bodiless<()>, runtime::Error<#error>> {
            let reply = self.caller.send(#call(request).head()).await?;
            match reply.status() {
                #(#statuses)|* => Ok(reply.into_bodiless()),
                _ => Err(reply.failure().await),
            }
        }
    }
}

fn conditional(operation: &Operation, kind: Conditional) -> TokenStream {
    let Names {
        method,
        request,
        success,
        error,
        call,
        answer,
    } = Names::of(operation);
    let conditional = format_ident!("{}_if", operation.name);
    let deprecated = rustdoc::deprecated_attribute(operation.deprecated.as_ref());
    let doc = rustdoc::variation("As", &method, ", under conditions.");
    let (answered, read) = match kind {
        Conditional::Read => (quote!(Revalidated), quote!(revalidated)),
        Conditional::Write => (quote!(Guarded), quote!(guarded)),
    };
    quote! {
        #doc
        #deprecated
        pub async fn #conditional(
            &self,
            request: #request,
            conditions: &runtime::Conditions,
        ) -> Result<runtime::#answered<#success>, runtime::Error<#error>> {
            let call = #call(request).conditions(conditions);
            runtime::#read(self.caller.send(call).await?, #answer).await
        }
    }
}

fn ranges(operation: &Operation) -> TokenStream {
    let Names {
        method,
        request,
        success,
        error,
        call,
        answer,
    } = Names::of(operation);
    let ranged = format_ident!("{}_range", operation.name);
    let deprecated = rustdoc::deprecated_attribute(operation.deprecated.as_ref());
    let doc = rustdoc::variation("As", &method, ", but only a part of the body.");
    quote! {
        #doc
        #deprecated
        pub async fn #ranged(
            &self,
            request: #request,
            range: &runtime::RangeRequest,
        ) -> Result<runtime::Partial<#success>, runtime::Error<#error>> {
            let reply = self.caller.send(#call(request).range(range)).await?;
            runtime::partial(range, reply, #answer).await
        }
    }
}

/// The function that writes a request.
fn call(operation: &Operation) -> TokenStream {
    let Names { request, call, .. } = Names::of(operation);
    let path = operation_path(operation);
    let is_redirect =
        |response: &Response| (300..400).contains(&response.status) && !response.managed;
    let keep = operation
        .successes
        .iter()
        .chain(&operation.failures)
        .any(is_redirect);
    let keep = keep.then(|| quote!(.keep_redirects()));
    let headers = operation
        .headers
        .iter()
        .filter(|header| !header.managed || header.value.constant.is_some())
        .filter_map(|header| {
            let key = operation.idempotency.as_ref();
            let is_key = key.is_some_and(|key| key.eq_ignore_ascii_case(&header.wire));
            if is_key && is_optional(header) {
                let (wire, field) = (&header.wire, ident(&header.ident));
                return Some(quote!(.key(#wire, &request.#field)));
            }
            header_call(header)
        });
    let lists = operation.query.iter().filter_map(query_list);
    let accept = operation.choice().map(|_| quote!(.accept(request.accept)));
    let head = quote! {
        runtime::Call::new(&#path, request.url().to_string()).access(request.access())
            #keep #accept #(#lists)* #(#headers)*
    };
    let is_choice = |body: &Body| matches!(body.kind, BodyKind::Choice { .. });
    let rest = match &operation.body {
        None => quote!(#head),
        Some(body) if operation.body_optional => {
            let sent = sent(body, &quote!(call), &quote!(body));
            quote! {
                let call = #head;
                match request.body {
                    Some(body) => #sent,
                    None => call,
                }
            }
        }
        Some(body) if is_choice(body) => {
            let sent = sent(body, &quote!(call), &quote!(request.body));
            quote! {
                let call = #head;
                #sent
            }
        }
        Some(body) => sent(body, &head, &quote!(request.body)),
    };
    quote! {
        fn #call(request: #request) -> runtime::Call { #rest }
    }
}

/// The call that refuses a list which the query cannot hold.
fn query_list(parameter: &Parameter) -> Option<TokenStream> {
    let is_written = !parameter.managed && parameter.value.constant.is_none();
    if !is_written || !matches!(parameter.value.ty, Type::List(_)) || parameter.prefix.is_some() {
        return None;
    }
    let (wire, field) = (&parameter.wire, ident(&parameter.ident));
    let suffix = if is_optional(parameter) {
        "_optional"
    } else {
        ""
    };
    let (method, style) = (format_ident!("query_list{suffix}"), style(parameter));
    Some(quote!(.#method(#wire, &request.#field, #style)))
}

fn header_call(header: &Parameter) -> Option<TokenStream> {
    let (wire, field) = (&header.wire, ident(&header.ident));
    if let Some(constant) = &header.value.constant {
        let text = constant
            .as_str()
            .map_or_else(|| constant.to_string(), str::to_owned);
        return (!header.value.optional).then(|| quote!(.header_text(#wire, #text)));
    }
    if let Some(prefix) = &header.prefix {
        let (before, after) = (&prefix.before, &prefix.after);
        return Some(quote!(.header_prefix(#before, #after, &request.#field)));
    }
    let suffix = if is_optional(header) { "_optional" } else { "" };
    Some(if let Type::List(_) = header.value.ty {
        let (method, style) = (format_ident!("header_list{suffix}"), style(header));
        quote!(.#method(#wire, &request.#field, #style))
    } else {
        let method = format_ident!("header{suffix}");
        quote!(.#method(#wire, &request.#field))
    })
}

/// The expression that puts the body `value` into `call`.
fn sent(body: &Body, call: &TokenStream, value: &TokenStream) -> TokenStream {
    if let BodyKind::Choice { type_name, of } = &body.kind {
        return choice::written(type_name, of, value, |body| sent(body, call, &quote!(body)));
    }
    let sent = body_call(body, value);
    quote!(#call #sent)
}

fn body_call(body: &Body, value: &TokenStream) -> TokenStream {
    let known = body.media_types.iter().find(|media| !media.contains('*'));
    let media_type = match known {
        Some(known) if body.has_wildcard() => {
            quote!(request.content_type.as_deref().unwrap_or(#known))
        }
        Some(known) => quote!(#known),
        // Nothing is said where the caller says nothing.
        None => quote!(request.content_type.as_deref().unwrap_or_default()),
    };
    match &body.kind {
        BodyKind::Json { verbatim: true, .. } => quote!(.bytes(#media_type, #value.bytes)),
        BodyKind::Json { .. } => quote!(.json(#media_type, &#value)),
        BodyKind::Form(_) => quote!(.form(#media_type, &#value)),
        BodyKind::Text => quote!(.text(#media_type, #value)),
        BodyKind::Bytes(_) => quote!(.bytes(#media_type, #value)),
        BodyKind::Stream { .. } => quote!(.stream(#media_type, #value)),
        BodyKind::JsonLines(_) => quote!(.json_lines(#media_type, #value)),
        // Of a choice the bodies are written one by one; no request has events.
        BodyKind::Choice { .. } | BodyKind::Events(_) => quote!(),
    }
}

/// The function that reads an answer.
fn answer(operation: &Operation) -> TokenStream {
    let Names {
        success,
        error,
        answer,
        ..
    } = Names::of(operation);
    let arms = arms(operation).into_iter().map(|(response, guard)| {
        let (status, variant) = (statuses(response), name(&response.variant));
        let value = if response.is_bare() {
            name(&response.type_name)
        } else {
            let read = reader(&response.type_name);
            quote!(#read(reply).await?)
        };
        quote!(#status #guard => #success::#variant(#value))
    });
    quote! {
        async fn #answer(reply: runtime::Reply) -> Result<#success, runtime::Error<#error>> {
            Ok(match reply.status() {
                #(#arms,)*
                _ => return Err(reply.failure().await),
            })
        }
    }
}

/// The successes by status, a class behind the statuses of its own. Of several with one status each but the last is told by the headers that it
/// requires; one that requires no other headers than a later one cannot be told.
fn arms(operation: &Operation) -> Vec<(&Response, Option<TokenStream>)> {
    let required = |response: &Response| -> Vec<String> {
        let fields = response.fields().filter(|header| !is_optional(header));
        fields.map(|header| header.wire.clone()).collect()
    };
    let mut all: Vec<&Response> = successes(operation).collect();
    all.sort_by_key(|response| (response.rank(), std::cmp::Reverse(required(response).len())));
    let mut arms: Vec<(&Response, Option<TokenStream>)> = Vec::new();
    for (index, response) in all.iter().copied().enumerate() {
        let is_last = all
            .get(index + 1)
            .is_none_or(|next| next.rank() != response.rank());
        let is_told = arms
            .last()
            .is_none_or(|(last, guard)| last.rank() != response.rank() || guard.is_some());
        let names = required(response);
        let guard =
            (!is_last && !names.is_empty()).then(|| quote!(if reply.head().has(&[#(#names),*])));
        if is_told {
            arms.push((response, guard));
        }
    }
    arms
}

/// A pattern of the statuses that an answer may have.
fn statuses(response: &Response) -> TokenStream {
    if response.class {
        let (first, last) = (CLASS.start(), CLASS.end());
        let [first, last] = [first, last].map(|status| Literal::u16_unsuffixed(*status));
        return quote!(#first..=#last);
    }
    Literal::u16_unsuffixed(response.status).into_token_stream()
}

/// A function for the struct of each success, which several operations may share.
fn answers(api: &Api) -> impl Iterator<Item = TokenStream> {
    let mut done = BTreeSet::new();
    let responses = api.operations.iter().flat_map(successes);
    responses
        .filter(move |response| !response.is_bare() && done.insert(&response.type_name))
        .map(|response| read_success(api, response))
}

/// The name of the function that reads a struct: `read_page_created`.
fn reader(type_name: &str) -> proc_macro2::Ident {
    let mut text = String::from("read");
    for letter in type_name.chars() {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    ident(&text)
}

fn read_success(api: &Api, response: &Response) -> TokenStream {
    let (reader, owner) = (reader(&response.type_name), name(&response.type_name));
    let status = response
        .class
        .then(|| quote!(status: reply.success_status()?,));
    let headers = response.fields().map(|header| {
        let (field, value) = (ident(&header.ident), header_value(api, response, header));
        quote!(#field: head.#value?,)
    });
    let content_type = response.body.iter().filter(|body| body.has_wildcard());
    let content_type = content_type.map(|_| quote!(content_type: head.content_type()?,));
    let body = response.body.as_ref().map(|body| {
        let value = match &body.kind {
            BodyKind::Choice { type_name, of } => {
                let types = of.iter().map(|one| {
                    let media_types = &one.body.media_types;
                    quote!(&[#(#media_types),*])
                });
                let index = quote!(reply.head().choice(&[#(#types),*])?);
                choice::matched(type_name, of, &index, |_, body| body_value(api, body))
            }
            _ => body_value(api, body),
        };
        quote!(body: #value,)
    });
    let has_head = response.has_fields() || response.body.as_ref().is_some_and(Body::has_wildcard);
    let head = has_head.then(|| quote!(let head = reply.head();));
    // The head is borrowed from the answer up to where the body is taken out of it.
    quote! {
        async fn #reader(reply: runtime::Reply) -> Result<#owner, runtime::CallError> {
            #head
            Ok(#owner { #status #(#headers)* #(#content_type)* #body })
        }
    }
}

/// The call that reads a header out of a head; it can fail.
pub(super) fn header_value(api: &Api, response: &Response, header: &Parameter) -> TokenStream {
    let wire = &header.wire;
    if let Some(prefix) = &header.prefix {
        let (before, after) = (&prefix.before, &prefix.after);
        return quote!(header_prefix(#before, #after));
    }
    let suffix = if is_optional(header) { "_optional" } else { "" };
    match &header.value.ty {
        Type::Url(_) if wire.eq_ignore_ascii_case("link") => {
            let (method, rel) = (format_ident!("link{suffix}"), rel(api, response));
            quote!(#method(#wire, #rel))
        }
        Type::Url(_) => {
            let method = format_ident!("location{suffix}");
            quote!(#method(#wire))
        }
        Type::List(_) => {
            let (method, style) = (format_ident!("header_list{suffix}"), style(header));
            quote!(#method(#wire, #style))
        }
        _ => {
            let method = format_ident!("header{suffix}");
            quote!(#method(#wire))
        }
    }
}

fn body_value(api: &Api, body: &Body) -> TokenStream {
    let limit = super::ty::option(body.limit.map(|limit| {
        let limit = Literal::u64_unsuffixed(limit);
        quote!(#limit)
    }));
    match &body.kind {
        BodyKind::Json { verbatim: true, .. } => quote!(reply.verbatim(#limit).await?),
        BodyKind::Json { .. } => quote!(reply.json(#limit).await?),
        BodyKind::Form(ty) => {
            let form = unions::form(api, ty);
            quote!(reply.#form(#limit).await?)
        }
        BodyKind::Text => quote!(reply.text(#limit).await?),
        BodyKind::Bytes(_) => quote!(reply.bytes(#limit).await?),
        BodyKind::JsonLines(_) => quote!(reply.json_lines(#limit)),
        BodyKind::Events(_) => quote!(reply.events(#limit)),
        BodyKind::Stream { .. } | BodyKind::Choice { .. } => quote!(reply.into_body()),
    }
}
