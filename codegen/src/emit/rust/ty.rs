//! Rust types of the model's types, and literals of its bounds.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::emit::ident::ident;
use crate::model::{
    Api, Builtin, Constraints, ErrorId, Field, ListStyle, OperationId, Parameter, Type, Value,
};
use crate::pattern::Dfa;

/// The Rust type of `ty`.
pub(super) fn rust_type(api: &Api, ty: &Type) -> TokenStream {
    match ty {
        Type::Builtin(builtin) => builtin_type(*builtin),
        Type::Format(id) => name(&api[*id].type_name),
        Type::Schema(id) => name(&api[*id].name),
        Type::List(item) => {
            let item = rust_type(api, item);
            quote!(Vec<#item>)
        }
        Type::Map(item) => {
            let item = rust_type(api, item);
            quote!(std::collections::BTreeMap<String, #item>)
        }
        Type::Url(operation) => {
            let url = url_name(api, *operation);
            quote!(api_runtime::Location<#url>)
        }
        Type::Challenge(_) => quote!(String),
    }
}

fn builtin_type(builtin: Builtin) -> TokenStream {
    match builtin {
        Builtin::String => quote!(String),
        Builtin::Boolean | Builtin::Flag => quote!(bool),
        Builtin::Integer => quote!(i64),
        Builtin::Int32 => quote!(i32),
        Builtin::Uint32 => quote!(u32),
        Builtin::Uint64 => quote!(u64),
        Builtin::Number => quote!(f64),
        Builtin::Any => quote!(api_runtime::Json),
        Builtin::Date => quote!(api_runtime::Date),
        Builtin::DateTime => quote!(api_runtime::DateTime),
        Builtin::HttpDate => quote!(api_runtime::HttpDate),
        Builtin::UnixTime => quote!(api_runtime::UnixTime),
        Builtin::Uuid => quote!(api_runtime::Uuid),
        Builtin::Uri => quote!(api_runtime::Uri),
        Builtin::Base64 => quote!(api_runtime::Base64),
        Builtin::Etag => quote!(api_runtime::Etag),
    }
}

/// The Rust type of a field of an object: one that leads back to the object is kept apart.
pub(super) fn field_type(api: &Api, field: &Field) -> TokenStream {
    let ty = rust_type(api, &field.value.ty);
    if field.boxed {
        return around(&field.value, quote!(std::boxed::Box<#ty>));
    }
    around(&field.value, ty)
}

/// The Rust type of a value: `Option` and `Patch` put around.
pub(super) fn value_type(api: &Api, value: &Value) -> TokenStream {
    around(value, rust_type(api, &value.ty))
}

fn around(value: &Value, ty: TokenStream) -> TokenStream {
    if value.is_flag() {
        return ty;
    }
    match (value.optional && value.default.is_none(), value.nullable) {
        (true, true) => quote!(api_runtime::Patch<#ty>),
        (true, false) | (false, true) => quote!(Option<#ty>),
        (false, false) => ty,
    }
}

/// The Rust type of a parameter: a name with `*` is a map.
pub(super) fn parameter_type(api: &Api, parameter: &Parameter) -> TokenStream {
    if parameter.prefix.is_some() {
        let ty = rust_type(api, &parameter.value.ty);
        return quote!(std::collections::BTreeMap<String, #ty>);
    }
    value_type(api, &parameter.value)
}

/// Whether a field may be left out when the value is made.
pub(super) fn is_optional(parameter: &Parameter) -> bool {
    parameter.prefix.is_some() || (parameter.value.optional && parameter.value.default.is_none())
}

/// A status or an index, without a suffix.
pub(super) fn literal(number: impl Into<u64>) -> Literal {
    Literal::u64_unsuffixed(number.into())
}

/// A type's name as tokens.
pub(super) fn name(type_name: &str) -> TokenStream {
    let ident = ident(type_name);
    quote!(#ident)
}

/// The name of an operation's URL struct.
pub(super) fn url_name(api: &Api, operation: OperationId) -> TokenStream {
    name(&format!("{}Url", api[operation].type_name))
}

/// `Some(..)` or `None`.
pub(super) fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}

/// The static description of an error code, where one is named.
pub(super) fn info(api: &Api, error: Option<ErrorId>) -> TokenStream {
    option(error.map(|error| code_info(api, error)))
}

/// The static description of an error code.
pub(super) fn code_info(api: &Api, error: ErrorId) -> TokenStream {
    let code = name(&api[error].type_name);
    quote!(<#code as api_runtime::ErrorCode>::INFO)
}

/// The code that a value of `ty` yields where it is malformed.
pub(super) fn invalid_of(api: &Api, ty: &Type) -> Option<ErrorId> {
    match ty {
        Type::Format(id) => api[*id].invalid,
        Type::List(item) | Type::Map(item) => invalid_of(api, item),
        _ => None,
    }
}

/// A `Param` literal.
pub(super) fn param(api: &Api, parameter: &Parameter) -> TokenStream {
    let wire = &parameter.wire;
    let invalid = info(api, invalid_of(api, &parameter.value.ty));
    let style = style(parameter);
    let checks = checks(&parameter.value.constraints);
    quote! {
        api_runtime::Param {
            name: #wire,
            invalid: #invalid,
            style: #style,
            checks: #checks,
        }
    }
}

/// How a list stands in a query or a header.
pub(super) fn style(parameter: &Parameter) -> TokenStream {
    let style = name(match parameter.style {
        ListStyle::Repeat => "Repeat",
        ListStyle::Comma => "Comma",
        ListStyle::Space => "Space",
        ListStyle::Pipe => "Pipe",
    });
    quote!(api_runtime::Style::#style)
}

/// A slice of `Check` literals.
pub(super) fn checks(constraints: &Constraints) -> TokenStream {
    let number = |value: i128| Literal::i128_unsuffixed(value);
    let count = |value: u64| Literal::u64_unsuffixed(value);
    let signed = [("Min", constraints.min), ("Max", constraints.max)];
    let unsigned = [
        ("MinLength", constraints.min_length),
        ("MaxLength", constraints.max_length),
        ("MinItems", constraints.min_items),
        ("MaxItems", constraints.max_items),
    ];
    let signed = signed.into_iter().filter_map(|(check, value)| {
        let (check, value) = (name(check), number(value?));
        Some(quote!(api_runtime::Check::#check(#value)))
    });
    let unsigned = unsigned.into_iter().filter_map(|(check, value)| {
        let (check, value) = (name(check), count(value?));
        Some(quote!(api_runtime::Check::#check(#value)))
    });
    let pattern = constraints.pattern.iter().map(|(_, pattern)| {
        let pattern = dfa(pattern);
        quote!(api_runtime::Check::Pattern(&#pattern))
    });
    quote!(&[#(#signed,)* #(#unsigned,)* #(#pattern,)*])
}

/// A `Dfa` literal; its tables are byte strings, which compile quickly.
pub(super) fn dfa(dfa: &Dfa) -> TokenStream {
    let classes = Literal::byte_string(&dfa.classes[..]);
    let count = Literal::usize_unsuffixed(dfa.class_count);
    let transitions: Vec<u8> = dfa
        .transitions
        .iter()
        .flat_map(|state| state.to_le_bytes())
        .collect();
    let transitions = Literal::byte_string(&transitions);
    let accepting: Vec<u8> = dfa
        .accepting
        .iter()
        .map(|accepting| u8::from(*accepting))
        .collect();
    let accepting = Literal::byte_string(&accepting);
    quote! {
        api_runtime::Dfa {
            classes: #classes,
            class_count: #count,
            transitions: #transitions,
            accepting: #accepting,
        }
    }
}
