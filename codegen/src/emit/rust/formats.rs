//! Formats become newtypes, made by macros of the runtime.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::ty::{code_info, dfa, name, option};
use super::{described, rustdoc};
use crate::model::{Api, Base, Constraints, Format, FormatId, FormatKind};
use crate::pattern::Dfa;

/// All formats.
pub(super) fn formats(api: &Api) -> impl Iterator<Item = TokenStream> {
    api.formats.iter().map(|format| one(api, format))
}

fn one(api: &Api, format: &Format) -> TokenStream {
    let (ident, wire) = (name(&format.type_name), &format.name);
    let fallback = format!("A value of the format `{wire}`.");
    let doc = rustdoc::format(described(&[&format.description, &fallback]), format);
    match &format.kind {
        FormatKind::AnyOf(formats) => {
            let variants = formats.iter().map(|id| name(&api[*id].type_name));
            let meant = meant(api, format, formats);
            quote!(api_runtime::any_of_format! { #doc #ident, #wire, #(#variants),* #meant })
        }
        FormatKind::Scalar {
            base: Base::String,
            constraints,
        } => text(&doc, format, constraints),
        FormatKind::Scalar { base, constraints } => {
            let base = base_type(*base);
            let min = number(constraints.min);
            let max = number(constraints.max);
            quote!(api_runtime::number_format! { #doc #ident: #base, #wire, min #min, max #max })
        }
    }
}

fn text(doc: &TokenStream, format: &Format, constraints: &Constraints) -> TokenStream {
    let (ident, wire) = (name(&format.type_name), &format.name);
    let table = format_ident!("{}_PATTERN", format.name.to_uppercase());
    let statics = constraints.pattern.iter().map(|(_, pattern)| {
        let pattern = dfa(pattern);
        quote!(static #table: api_runtime::Dfa = #pattern;)
    });
    let pattern = option(constraints.pattern.is_some().then(|| quote!(&#table)));
    let (min, max) = (
        length(constraints.min_length),
        length(constraints.max_length),
    );
    quote! {
        #(#statics)*
        api_runtime::string_format! { #doc #ident, #wire, #pattern, min #min, max #max }
    }
}

/// The characters by which a text that no alternative accepts is known as one of them, and the code that
/// it yields then: where that is not the code of the whole, and only printable ones.
fn meant(api: &Api, format: &Format, alternatives: &[FormatId]) -> Option<TokenStream> {
    let pattern = |id: &FormatId| match &api[*id].kind {
        FormatKind::Scalar { constraints, .. } => constraints.pattern.as_ref().map(|(_, dfa)| dfa),
        FormatKind::AnyOf(_) => None,
    };
    // An alternative without a pattern may hold anything: then no character tells.
    let patterns: Vec<&Dfa> = alternatives.iter().map(pattern).collect::<Option<_>>()?;
    let entries: Vec<TokenStream> = alternatives
        .iter()
        .zip(&patterns)
        .filter_map(|(id, own)| {
            let code = api[*id]
                .invalid
                .filter(|code| Some(*code) != format.invalid)?;
            let others = |byte| patterns.iter().filter(|dfa| dfa.accepts_byte(byte)).count();
            let bytes: Vec<u8> = (b'!'..=b'~')
                .filter(|byte| own.accepts_byte(*byte) && others(*byte) == 1)
                .collect();
            let (bytes, info) = (Literal::byte_string(&bytes), code_info(api, code));
            Some(quote!((#bytes, #info)))
        })
        .collect();
    (!entries.is_empty()).then(|| quote!(; meant &[#(#entries),*]))
}

fn base_type(base: Base) -> TokenStream {
    match base {
        Base::String => quote!(String),
        Base::Integer => quote!(i64),
        Base::Int32 => quote!(i32),
        Base::Uint32 => quote!(u32),
        Base::Uint64 => quote!(u64),
        Base::Number => quote!(f64),
    }
}

fn number(bound: Option<i128>) -> TokenStream {
    option(bound.map(|bound| {
        let bound = Literal::i128_unsuffixed(bound);
        quote!(#bound)
    }))
}

fn length(bound: Option<u64>) -> TokenStream {
    option(bound.map(|bound| {
        let bound = Literal::u64_unsuffixed(bound);
        quote!(#bound)
    }))
}
