//! Error codes become structs; what an operation may answer becomes an enum of them.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::rustdoc;
use super::schemas::object;
use super::statics::envelope_path;
use super::ty::{literal, name, option};
use crate::emit::text::escape;
use crate::model::{Api, Conditional, ErrorCode, ErrorId, Operation, Response, SchemaKind};

/// A struct for each code of the API.
pub(super) fn codes(api: &Api) -> impl Iterator<Item = TokenStream> {
    api.errors.iter().map(|error| code(api, error))
}

fn code(api: &Api, error: &ErrorCode) -> TokenStream {
    let ident = name(&error.type_name);
    let doc = rustdoc::error_code(error);
    let (wire, status, message) = (&error.code, error.status, &error.message);
    let rejection_detail = error.rejection_detail;
    let docs = option(error.docs.as_ref().map(|docs| quote!(#docs)));
    let (definition, detail, from_detail) = match error.detail.map(|id| &api[id].kind) {
        Some(SchemaKind::Object { fields, rest, .. }) => {
            let object = object(api, &error.type_name, fields, rest.as_ref());
            let (members, helpers) = (object.fields, object.helpers);
            let default = fields
                .iter()
                .all(|field| field.value.optional)
                .then(|| quote!(Default,));
            (
                quote! {
                    #[derive(Clone, Debug, PartialEq, #default api_runtime::serde::Serialize, api_runtime::serde::Deserialize)]
                    #[serde(crate = "api_runtime::serde")]
                    pub struct #ident { #members }
                    #helpers
                },
                quote!(api_runtime::to_detail(self)),
                quote!(api_runtime::of_detail(detail)),
            )
        }
        _ => (
            quote! {
                #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
                pub struct #ident;
            },
            quote!(None),
            quote!(Some(Self)),
        ),
    };
    let detail_argument = if error.detail.is_some() {
        quote!(detail)
    } else {
        quote!(_detail)
    };
    quote! {
        #doc
        #definition
        impl api_runtime::ErrorCode for #ident {
            const INFO: &'static api_runtime::ErrorInfo = &api_runtime::ErrorInfo {
                code: #wire,
                status: #status,
                message: #message,
                rejection_detail: #rejection_detail,
                docs: #docs,
            };
            fn detail(&self) -> Option<api_runtime::Json> {
                #detail
            }
            fn from_detail(#detail_argument: Option<&api_runtime::Json>) -> Option<Self> {
                #from_detail
            }
        }
    }
}

/// One way in which an operation can fail, as a variant of its enum.
pub(super) struct Failure<'m> {
    /// Name of the variant.
    pub(super) variant: String,
    /// What it holds.
    pub(super) kind: FailureKind,
    /// The answer that declares it.
    pub(super) response: &'m Response,
}

impl Failure<'_> {
    /// The codes that it can have.
    pub(super) fn codes(&self) -> &[ErrorId] {
        match &self.kind {
            FailureKind::Code(code) => std::slice::from_ref(code),
            FailureKind::Struct => &self.response.codes,
            FailureKind::Status => &[],
        }
    }
}

/// What the variant of a failure holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// A code (several of it, where it repeats).
    Code(ErrorId),
    /// The struct of an answer that has headers to fill, or a name of its own.
    Struct,
    /// Nothing: a status without a body.
    Status,
}

/// The variants of an operation's error enum, in the order of its failures.
pub(super) fn failures<'m>(api: &Api, operation: &'m Operation) -> Vec<Failure<'m>> {
    let mut out: Vec<Failure<'m>> = Vec::new();
    for response in operation.failures.iter().filter(|failure| !failure.managed) {
        if response.is_struct() {
            let variant = response.variant.clone();
            out.push(Failure {
                variant,
                kind: FailureKind::Struct,
                response,
            });
        } else if response.codes.is_empty() {
            let variant = response.variant.clone();
            out.push(Failure {
                variant,
                kind: FailureKind::Status,
                response,
            });
        }
        if response.is_struct() {
            continue;
        }
        for code in &response.codes {
            let is_known = |other: &Failure<'_>| {
                other.kind == FailureKind::Code(*code) && other.response.status == response.status
            };
            if out.iter().any(is_known) {
                continue;
            }
            let plain = &api[*code].type_name;
            let variant = if is_main(api, operation, *code, response.status)
                && !out.iter().any(|other| other.variant == *plain)
            {
                plain.clone()
            } else {
                format!("{plain}{}", response.status)
            };
            out.push(Failure {
                variant,
                kind: FailureKind::Code(*code),
                response,
            });
        }
    }
    out
}

/// Whether `status` is the one that is meant where an operation just names the code: the code's own, or
/// the first that the operation has for it. So a code means the same in all operations.
fn is_main(api: &Api, operation: &Operation, code: ErrorId, status: u16) -> bool {
    let mut statuses = operation
        .failures
        .iter()
        .filter(|failure| !failure.managed && !failure.is_struct() && failure.codes.contains(&code))
        .map(|failure| failure.status);
    let first = statuses.clone().next();
    let own = statuses.find(|status| *status == api[code].status);
    own.or(first) == Some(status)
}

/// The type that the variant of a code holds.
pub(super) fn code_type(api: &Api, code: ErrorId) -> TokenStream {
    let ident = name(&api[code].type_name);
    if api[code].repeats {
        quote!(api_runtime::NonEmpty<#ident>)
    } else {
        ident
    }
}

/// structs of failures that have one, and an enum of failures for each operation.
pub(super) fn operation_errors(api: &Api) -> impl Iterator<Item = TokenStream> {
    let mut done = BTreeSet::new();
    api.operations.iter().map(move |operation| {
        let failures = failures(api, operation);
        let new = failures.iter().filter(|failure| {
            failure.kind == FailureKind::Struct && done.insert(&failure.response.type_name)
        });
        let structs = new.map(|failure| failure_struct(api, failure.response));
        let error = operation_error(api, operation);
        quote!(#(#structs)* #error)
    })
}

/// The type of the field `error` of a failure's struct: its code, or an enum of its codes.
pub(super) fn error_field(api: &Api, response: &Response) -> Option<TokenStream> {
    match response.codes.as_slice() {
        [] => None,
        [code] => Some(code_type(api, *code)),
        _ => Some(name(&format!("{}Code", response.type_name))),
    }
}

fn failure_struct(api: &Api, response: &Response) -> TokenStream {
    let ident = name(&response.type_name);
    let fallback = format!("A failure with the status {}.", response.status);
    let doc = rustdoc::answer(response, &fallback);
    let error = error_field(api, response);
    let error_member = error
        .iter()
        .map(|ty| quote!(#[doc = " What is wrong."] pub error: #ty,));
    let members = super::response::header_members(api, response);
    let new = super::response::constructor(api, &response.type_name, response, error.as_ref());
    let codes = (response.codes.len() > 1).then(|| code_enum(api, response));
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq)]
        pub struct #ident { #(#error_member)* #members }
        #new
        #codes
    }
}

fn code_enum(api: &Api, response: &Response) -> TokenStream {
    let ident = format_ident!("{}Code", response.type_name);
    let doc = format!(" The codes of [`{}`].", response.type_name);
    let variants: Vec<_> = response
        .codes
        .iter()
        .map(|code| (name(&api[*code].type_name), code_type(api, *code)))
        .collect();
    let texts = response.codes.iter().map(|code| {
        let error = &api[*code];
        rustdoc::named(&error.code, &escape(&error.message))
    });
    let members = variants
        .iter()
        .zip(texts)
        .map(|((variant, ty), doc)| quote!(#doc #variant(#ty)));
    let froms = variants.iter().map(|(variant, ty)| {
        quote! {
            impl From<#ty> for #ident {
                fn from(error: #ty) -> Self {
                    Self::#variant(error)
                }
            }
        }
    });
    let texts = response.codes.iter().map(|code| {
        let (variant, text) = (name(&api[*code].type_name), code_text(api, *code));
        quote!(Self::#variant(_) => f.write_str(#text))
    });
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug, PartialEq)]
        pub enum #ident { #(#members),* }
        #(#froms)*
        impl std::fmt::Display for #ident {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self { #(#texts,)* }
            }
        }
    }
}

fn operation_error(api: &Api, operation: &Operation) -> TokenStream {
    let ident = format_ident!("{}Error", operation.type_name);
    let failures = failures(api, operation);
    let doc = rustdoc::operation_error(operation, &contested(api, &failures));
    let variants = failures.iter().map(|failure| variant(api, failure));
    let froms = failures
        .iter()
        .map(|failure| from(api, &ident, failure, &failures));
    let texts = failures.iter().map(|failure| {
        let variant = ident_of(failure);
        let text = display(api, failure);
        match (failure.kind, failure.response.codes.len()) {
            (FailureKind::Status, _) => quote!(Self::#variant => f.write_str(#text)),
            (FailureKind::Struct, 2..) => {
                quote!(Self::#variant(failure) => std::fmt::Display::fmt(&failure.error, f))
            }
            _ => quote!(Self::#variant(_) => f.write_str(#text)),
        }
    });
    quote! {
        #doc
        #[derive(Debug)]
        pub enum #ident {
            #(#variants,)*
            /// What nobody declared: logged, and answered by the envelope's `internal` code.
            Internal(api_runtime::Source),
        }
        #(#froms)*
        impl From<api_runtime::Source> for #ident {
            fn from(source: api_runtime::Source) -> Self {
                Self::Internal(source)
            }
        }
        impl std::fmt::Display for #ident {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    #(#texts,)*
                    Self::Internal(source) => std::fmt::Display::fmt(source, f),
                }
            }
        }
        impl std::error::Error for #ident {}
    }
}

fn ident_of(failure: &Failure<'_>) -> TokenStream {
    name(&failure.variant)
}

fn variant(api: &Api, failure: &Failure<'_>) -> TokenStream {
    let ident = ident_of(failure);
    let doc = rustdoc::failure(api, failure);
    match failure.kind {
        FailureKind::Code(code) => {
            let ty = code_type(api, code);
            quote!(#doc #ident(#ty))
        }
        FailureKind::Struct => {
            let ty = name(&failure.response.type_name);
            quote!(#doc #ident(#ty))
        }
        FailureKind::Status => quote!(#doc #ident),
    }
}

/// The conversions into an enum of failures: from the struct, and from a code whose answer has no
/// header that must be filled.
fn from(
    api: &Api,
    owner: &proc_macro2::Ident,
    failure: &Failure<'_>,
    all: &[Failure<'_>],
) -> TokenStream {
    let ident = ident_of(failure);
    match failure.kind {
        FailureKind::Status => quote!(),
        FailureKind::Struct => {
            let ty = name(&failure.response.type_name);
            let codes = from_bare_codes(api, owner, failure, all);
            quote! {
                impl From<#ty> for #owner {
                    fn from(failure: #ty) -> Self {
                        Self::#ident(failure)
                    }
                }
                #codes
            }
        }
        FailureKind::Code(code) => {
            if is_meant(api, all, failure, code) {
                from_code(api, owner, code, &quote!(Self::#ident(error)))
            } else {
                quote!()
            }
        }
    }
}

/// Whether `failure` is what a code alone becomes.
fn is_meant(api: &Api, all: &[Failure<'_>], failure: &Failure<'_>, code: ErrorId) -> bool {
    meant(api, all, code).is_some_and(|meant| std::ptr::eq(meant, failure))
}

/// The codes of which nobody knows which variant is meant.
fn contested(api: &Api, all: &[Failure<'_>]) -> Vec<String> {
    let codes: BTreeSet<ErrorId> = all.iter().flat_map(Failure::codes).copied().collect();
    codes
        .into_iter()
        .filter(|code| meant(api, all, *code).is_none())
        .map(|code| api[code].type_name.clone())
        .collect()
}

/// The variant that is meant by a code alone: the one of that name, where it is the only one or has the code's own
/// status; else the only struct with the code. Of several nobody knows, and who answers has to name one.
fn meant<'f, 'm>(api: &Api, all: &'f [Failure<'m>], code: ErrorId) -> Option<&'f Failure<'m>> {
    let sole = |found: Vec<&'f Failure<'m>>| match found.as_slice() {
        [one] => Some(*one),
        _ => None,
    };
    let is_plain = |failure: &&Failure<'_>| failure.kind == FailureKind::Code(code);
    let plain: Vec<_> = all.iter().filter(is_plain).collect();
    if plain.is_empty() {
        let has_code = |failure: &&Failure<'_>| failure.codes().contains(&code);
        return sole(all.iter().filter(has_code).collect());
    }
    let own = |failure: &&&Failure<'_>| failure.response.status == api[code].status;
    plain.iter().find(own).copied().or_else(|| sole(plain))
}

/// Conversions from the codes of a failure all of whose headers are optional.
fn from_bare_codes(
    api: &Api,
    owner: &proc_macro2::Ident,
    failure: &Failure<'_>,
    all: &[Failure<'_>],
) -> TokenStream {
    let response = failure.response;
    if !response.fields().all(super::ty::is_optional) {
        return quote!();
    }
    let (variant, ty) = (ident_of(failure), name(&response.type_name));
    let froms = response.codes.iter().map(|code| {
        if !is_meant(api, all, failure, *code) {
            return quote!();
        }
        let into = if response.codes.len() > 1 {
            quote!(.into())
        } else {
            quote!()
        };
        let value = quote!(Self::#variant(#ty::new(error #into)));
        from_code(api, owner, *code, &value)
    });
    quote!(#(#froms)*)
}

/// The conversion from a code; `value` is what becomes of `error`.
fn from_code(
    api: &Api,
    owner: &proc_macro2::Ident,
    code: ErrorId,
    value: &TokenStream,
) -> TokenStream {
    let plain = name(&api[code].type_name);
    let ty = code_type(api, code);
    let one = api[code].repeats.then(|| {
        quote! {
            impl From<#plain> for #owner {
                fn from(error: #plain) -> Self {
                    Self::from(api_runtime::NonEmpty::new(error))
                }
            }
        }
    });
    quote! {
        impl From<#ty> for #owner {
            fn from(error: #ty) -> Self {
                #value
            }
        }
        #one
    }
}

fn display(api: &Api, failure: &Failure<'_>) -> String {
    let status = failure.response.status;
    match (failure.kind, failure.response.codes.as_slice()) {
        (FailureKind::Code(code), _) => code_text(api, code),
        (_, [code]) => code_text(api, *code),
        _ => format!("status {status}"),
    }
}

fn code_text(api: &Api, code: ErrorId) -> String {
    format!("{}: {}", api[code].code, api[code].message)
}

/// The answers of failures: server part.
pub(super) fn answers(api: &Api) -> impl Iterator<Item = TokenStream> {
    let mut done = BTreeSet::new();
    api.operations.iter().map(move |operation| {
        let failures = failures(api, operation);
        let new = failures.iter().filter(|failure| {
            failure.kind == FailureKind::Struct && done.insert(&failure.response.type_name)
        });
        let structs = new.map(|failure| struct_answer(api, failure.response));
        let ident = format_ident!("{}Error", operation.type_name);
        let envelope = envelope_path(api, operation.envelope);
        let arms = failures.iter().map(|failure| arm(api, failure, &envelope));
        let precondition = precondition(operation, &ident);
        quote! {
            #(#structs)*
            #precondition
            impl #ident {
                fn into_answer(self) -> rt::Answer {
                    match self {
                        #(#arms,)*
                        Self::Internal(source) => rt::internal(&#envelope, source),
                    }
                }
            }
        }
    })
}

/// The conversion of a condition that does not hold, which only operations have that declare conditions: in
/// others, who asks for them does not compile.
fn precondition(operation: &Operation, ident: &proc_macro2::Ident) -> Option<TokenStream> {
    (operation.conditional == Some(Conditional::Write)).then(|| {
        quote! {
            impl From<rt::PreconditionFailed> for #ident {
                fn from(failed: rt::PreconditionFailed) -> Self {
                    Self::Internal(api_runtime::Source::new(failed))
                }
            }
        }
    })
}

fn arm(api: &Api, failure: &Failure<'_>, envelope: &TokenStream) -> TokenStream {
    let (variant, status) = (ident_of(failure), literal(failure.response.status));
    match failure.kind {
        FailureKind::Status => quote!(Self::#variant => rt::Answer::new(#status)),
        FailureKind::Struct => quote!(Self::#variant(failure) => failure.into_answer(&#envelope)),
        FailureKind::Code(code) => {
            let answer = coded(api, code, &quote!(#status, &#envelope), &quote!(error));
            quote!(Self::#variant(error) => #answer)
        }
    }
}

/// The answer of a failure that has a struct. Which envelope it has depends on the operation.
fn struct_answer(api: &Api, response: &Response) -> TokenStream {
    let (owner, status) = (name(&response.type_name), literal(response.status));
    let head = quote!(#status, envelope);
    let headers = super::response::header_calls(api, response);
    let envelope = if response.codes.is_empty() {
        quote!(_)
    } else {
        quote!(envelope)
    };
    let answer = match response.codes.as_slice() {
        [] => quote!(rt::Answer::new(#status) #headers),
        [code] => {
            let answer = coded(api, *code, &head, &quote!(self.error));
            quote!(#answer #headers)
        }
        codes => {
            let codes_owner = format_ident!("{}Code", response.type_name);
            let arms = codes.iter().map(|code| {
                let variant = name(&api[*code].type_name);
                let answer = coded(api, *code, &head, &quote!(error));
                quote!(#codes_owner::#variant(error) => #answer)
            });
            quote! {
                let answer = match self.error { #(#arms,)* };
                answer #headers
            }
        }
    };
    quote! {
        impl #owner {
            fn into_answer(self, #envelope: &'static api_runtime::Envelope) -> rt::Answer {
                #answer
            }
        }
    }
}

/// The answer of a code's value.
fn coded(api: &Api, code: ErrorId, head: &TokenStream, value: &TokenStream) -> TokenStream {
    if api[code].repeats {
        quote!(rt::Answer::errors(#head, #value.iter()))
    } else {
        quote!(rt::Answer::error(#head, &#value))
    }
}
