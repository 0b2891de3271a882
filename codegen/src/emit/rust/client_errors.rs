//! How a client reads failures: a table for each operation's enum, and a reader for each struct of a
//! failure with headers.
//!
//! A failure is the operation's own where its status and its code are declared together; the runtime
//! searches the table, and knows what to make of failures without codes.

use std::collections::BTreeSet;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::client::header_value;
use super::errors::{Failure, FailureKind, failures};
use super::statics::envelope_path;
use super::ty::name;
use crate::emit::ident::ident;
use crate::model::{Api, ErrorId, Operation, Response};

/// The implementation of `DeclaredError` for the errors of `operation`.
pub(super) fn declared(api: &Api, operation: &Operation) -> TokenStream {
    let owner = format_ident!("{}Error", operation.type_name);
    let envelope = envelope_path(api, operation.envelope);
    let failures = failures(api, operation);
    let entries = failures.iter().map(|failure| entry(api, failure));
    let status = statuses(&failures);
    quote! {
        impl runtime::DeclaredError for #owner {
            const ENVELOPE: &'static api_runtime::Envelope = &#envelope;
            const FAILURES: &'static [&'static dyn runtime::Reads<Self>] = &[#(#entries),*];
            fn status(&self) -> u16 {
                match self { #(#status),* }
            }
        }
    }
}

/// How a variant is read.
fn entry(api: &Api, failure: &Failure<'_>) -> TokenStream {
    let status = Literal::u16_unsuffixed(failure.response.status);
    let variant = name(&failure.variant);
    match failure.kind {
        FailureKind::Status => quote!(&runtime::Bare(#status, || Self::#variant)),
        FailureKind::Struct => quote!(&runtime::Whole(#status, Self::#variant)),
        FailureKind::Code(code) if api[code].repeats => {
            quote!(&runtime::Repeated(#status, Self::#variant))
        }
        FailureKind::Code(_) => quote!(&runtime::One(#status, Self::#variant)),
    }
}

/// The implementation of `ReadFailure` for each struct, which several operations may share.
pub(super) fn structs(api: &Api) -> impl Iterator<Item = TokenStream> {
    let mut done = BTreeSet::new();
    let failures = api
        .operations
        .iter()
        .flat_map(|operation| failures(api, operation));
    failures
        .filter(move |failure| {
            failure.kind == FailureKind::Struct && done.insert(&failure.response.type_name)
        })
        .map(|failure| read_struct(api, failure.response))
}

fn read_struct(api: &Api, response: &Response) -> TokenStream {
    let owner = name(&response.type_name);
    let infos = response.codes.iter().map(|code| {
        let code = name(&api[*code].type_name);
        quote!(<#code as api_runtime::ErrorCode>::INFO)
    });
    let headers = response.fields().map(|header| {
        let (field, value) = (ident(&header.ident), header_value(api, response, header));
        quote!(#field: all.head().#value.ok()?,)
    });
    let read = |code: ErrorId| {
        if api[code].repeats {
            quote!(all.repeated()?)
        } else {
            quote!(runtime::read(one)?)
        }
    };
    let error = match response.codes.as_slice() {
        [] => None,
        [code] => Some(read(*code)),
        codes => {
            let owner = format_ident!("{}Code", response.type_name);
            let arms = codes.iter().map(|code| {
                let (wire, variant) = (&api[*code].code, name(&api[*code].type_name));
                let value = read(*code);
                quote!(#wire => #owner::#variant(#value))
            });
            Some(quote!(match &*one.code { #(#arms,)* _ => return None }))
        }
    };
    let codes = &response.codes;
    let repeats = |code: &ErrorId| api[*code].repeats;
    let unless = |unused: bool, used: TokenStream| if unused { quote!(_) } else { used };
    let all = unless(
        !response.has_fields() && !codes.iter().any(repeats),
        quote!(all),
    );
    let one = unless(codes.len() < 2 && codes.iter().all(repeats), quote!(one));
    let error = error.map(|error| quote!(error: #error,));
    quote! {
        impl runtime::ReadFailure for #owner {
            const CODES: &'static [&'static api_runtime::ErrorInfo] = &[#(#infos),*];
            fn read(#all: &runtime::Failure, #one: &api_runtime::WireError) -> Option<Self> {
                Some(Self { #error #(#headers)* })
            }
        }
    }
}

/// The arms of `status`: the variants of each status.
fn statuses(failures: &[Failure<'_>]) -> Vec<TokenStream> {
    let mut by_status: Vec<(u16, Vec<TokenStream>)> = Vec::new();
    for failure in failures {
        let variant = name(&failure.variant);
        let pattern = if failure.kind == FailureKind::Status {
            quote!(Self::#variant)
        } else {
            quote!(Self::#variant(_))
        };
        push(&mut by_status, failure.response.status, pattern);
    }
    push(&mut by_status, 500, quote!(Self::Internal(_)));
    let arms = by_status.into_iter().map(|(status, patterns)| {
        let status = Literal::u16_unsuffixed(status);
        quote!(#(#patterns)|* => #status)
    });
    arms.collect()
}

fn push(by_status: &mut Vec<(u16, Vec<TokenStream>)>, status: u16, pattern: TokenStream) {
    match by_status.iter_mut().find(|(other, _)| *other == status) {
        Some((_, patterns)) => patterns.push(pattern),
        None => by_status.push((status, vec![pattern])),
    }
}
