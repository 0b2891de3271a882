//! An example by the client: its request made of values, its answer compared with values.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value as Json;

use super::{Case, defaults, wire};
use crate::check::literals::Types;
use crate::emit::ident::ident;
use crate::emit::rust::choice;
use crate::emit::rust::ty::{is_optional, literal, name, option};
use crate::model::{
    Alternative, Api, Body, BodyKind, Builtin, ListStyle, Parameter, Response, SchemaKind, Type,
};
use crate::wire::{entries, text as text_of};

/// The function of an example; `None` where the client cannot read an answer that says no more.
pub(super) fn function(api: &Api, case: &Case<'_>) -> Option<TokenStream> {
    let operation = case.operation;
    let (function, constant) = (case.function(), case.constant());
    let doc = format!(" [`{constant}`] by the client.");
    // What the server answers by itself, and asks by conditions or of ranges, has methods of its own.
    let answer = case.answer().filter(|answer| !answer.managed)?;
    if is_conditional(case) {
        return None;
    }
    let sends = sends(api, case);
    let request = request(api, case)?;
    let method = ident(&operation.name);
    let arm = match case.code(api) {
        Some(code) => failure(&code.code),
        None if answer.codes.is_empty()
            && !operation
                .failures
                .iter()
                .any(|one| one.status == answer.status) =>
        {
            success(api, case, answer)?
        }
        None => return None,
    };
    Some(quote! {
        #[doc = #doc]
        pub async fn #function() -> Result<(), rt::Mismatch> {
            let play = rt::Play::new(&#constant)#sends;
            let client = Client::from(play.caller()?);
            let answer = client.#method(#request).await;
            play.sent()?;
            match answer {
                #arm
                other => Err(play.unexpected(&other)),
            }
        }
    })
}

/// What the client sends, where that is not what the example says: with its defaults.
fn sends(api: &Api, case: &Case<'_>) -> Option<TokenStream> {
    let written = defaults::filled(api, case);
    let filled = Case {
        written: &written,
        ..*case
    };
    let sent = |case: &Case<'_>| {
        let target = wire::target(case, &case.operation.query);
        (target, wire::request_body(case).to_string())
    };
    let target = wire::target(&filled, &filled.operation.query);
    let body = wire::request_body(&filled);
    (sent(&filled) != sent(case)).then(|| quote!(.sending(#target, #body)))
}

/// Whether a header of the request is one of those that no plain call has.
fn is_conditional(case: &Case<'_>) -> bool {
    let given = &case.written["request"]["headers"];
    let mut headers = case.request.headers.iter();
    headers.any(|header| header.managed && given_for(given, header).is_some())
}

fn failure(code: &str) -> TokenStream {
    quote!(Err(api_runtime::client::Error::Declared(error)) => play.failed(&error, #code),)
}

fn success(api: &Api, case: &Case<'_>, answer: &Response) -> Option<TokenStream> {
    let owner = format_ident!("{}Response", case.operation.type_name);
    let variant = name(&answer.variant);
    let given = &case.written["response"]["headers"];
    let mut checks: Vec<TokenStream> = Vec::new();
    if answer.class {
        let status = literal(case.status());
        checks.push(quote!(play.same("the status", &answer.status.get(), &#status)?;));
    }
    for header in answer.fields() {
        let Some(json) = given_for(given, header) else {
            continue;
        };
        // A link stands in brackets, with its relation behind it, and of a map each header is one entry.
        let is_link = header.wire.eq_ignore_ascii_case("Link");
        if is_link || header.prefix.is_some() {
            continue;
        }
        let field = ident(&header.ident);
        let (what, expected) = (
            format!("the header `{}`", header.wire),
            value(header, Some(json)),
        );
        checks.push(quote!(play.same(#what, &answer.#field, &#expected)?;));
    }
    if let Some(declared) = &answer.body {
        let named = content_type(given).filter(|_| declared.has_wildcard());
        if let Some(text) = named {
            checks.push(
                quote!(play.same("the media type", &answer.content_type, &#text.to_owned())?;),
            );
        }
        checks.push(body_check(api, case, declared)?);
    }
    let bound = if checks.is_empty() {
        quote!(_)
    } else {
        quote!(answer)
    };
    Some(quote! {
        Ok(#owner::#variant(#bound)) => {
            #(#checks)*
            Ok(())
        }
    })
}

/// `None` where the example does not say a body without which there is no value.
fn body_check(api: &Api, case: &Case<'_>, declared: &Body) -> Option<TokenStream> {
    let body = &case.written["response"]["body"];
    let got = quote!(answer.body);
    let Some(one) = wire::answered(case) else {
        let is_enough = matches!(
            declared.kind,
            BodyKind::Stream { .. } | BodyKind::Bytes(_) | BodyKind::Text
        );
        return is_enough.then(|| quote!());
    };
    if let BodyKind::Choice { type_name, of } = &declared.kind {
        let (owner, variant) = (name(type_name), chosen(of, one)?);
        let check = one_check(api, one, body, &quote!(body))?;
        return Some(quote! {
            match answer.body {
                #owner::#variant(body) => { #check }
                #[allow(unreachable_patterns, reason = "another body of the choice")]
                other => play.same("the body", &format!("{other:?}"), &"of another media type".to_owned())?,
            }
        });
    }
    one_check(api, one, body, &got)
}

fn one_check(api: &Api, one: &Body, body: &Json, got: &TokenStream) -> Option<TokenStream> {
    Some(match &one.kind {
        BodyKind::Events(ty) => {
            let told = wire::events(body).into_iter();
            let told: Result<Vec<Json>, String> =
                told.map(|event| event.told(Types::of(api), ty)).collect();
            let told = Json::from(told.ok()?).to_string();
            quote!(play.same_events(#got, #told).await?;)
        }
        BodyKind::Stream { .. } => quote!(play.same_body(#got).await?;),
        BodyKind::JsonLines(_) => {
            let lines = wire::text(one, body);
            quote!(play.same_items(#got, #lines).await?;)
        }
        _ => {
            let expected = content(api, one, body)?;
            quote!(play.same("the body", &#got, &#expected)?;)
        }
    })
}

fn chosen(of: &[Alternative], one: &Body) -> Option<TokenStream> {
    let alternative = of.iter().find(|alternative| alternative.body == *one)?;
    Some(name(&alternative.variant))
}

/// The struct of the request.
fn request(api: &Api, case: &Case<'_>) -> Option<TokenStream> {
    let operation = case.operation;
    let owner = name(&operation.type_name);
    let given = &case.written["request"];
    let members = operation.fields().map(|parameter| {
        let field = ident(&parameter.ident);
        let of = |place: &str, list: &[Parameter]| {
            let is_here = list
                .iter()
                .any(|one| one.wire == parameter.wire && one.ident == parameter.ident);
            is_here
                .then(|| given_for(&given[place], parameter))
                .flatten()
        };
        let json = of("path", &operation.path)
            .or_else(|| of("query", &operation.query))
            .or_else(|| of("headers", &operation.headers));
        let value = match &parameter.prefix {
            Some(_) => map(given, parameter),
            None => value(parameter, json),
        };
        quote!(#field: #value,)
    });
    let members: Vec<TokenStream> = members.collect();
    let accept = choice::accept_type(operation).map(|owner| {
        let value = asked(case).map(|variant| quote!(#owner::#variant));
        let value = value.unwrap_or_else(|| quote!(Default::default()));
        quote!(accept: #value,)
    });
    let body = match &operation.body {
        Some(declared) => Some(request_body(api, case, declared)?),
        None => None,
    };
    Some(quote!(#owner { #(#members)* #accept #body }))
}

/// Which body of the answer the example has.
fn asked(case: &Case<'_>) -> Option<TokenStream> {
    let declared = case.answer()?.body.as_ref()?;
    let BodyKind::Choice { of, .. } = &declared.kind else {
        return None;
    };
    chosen(of, wire::accepted(case)?)
}

fn request_body(api: &Api, case: &Case<'_>, declared: &Body) -> Option<TokenStream> {
    let body = &case.written["request"]["body"];
    let is_optional = case.operation.body_optional;
    let content_type = declared.has_wildcard().then(|| {
        let named = content_type(&case.written["request"]["headers"]);
        let value = option(named.map(|text| quote!(#text.to_owned())));
        quote!(content_type: #value,)
    });
    let value = match (wire::sent(case), &declared.kind) {
        (None, _) if is_optional => quote!(None),
        (None, BodyKind::Stream { .. }) => quote!(rt::body(b"")),
        (None, BodyKind::Bytes(_)) => quote!(rt::bytes(b"")),
        (None, _) => return None,
        (Some(one), kind) => {
            let mut value = content(api, one, body)?;
            if let BodyKind::Choice { type_name, of } = kind {
                let (owner, variant) = (name(type_name), chosen(of, one)?);
                value = quote!(#owner::#variant(#value));
            }
            if is_optional {
                quote!(Some(#value))
            } else {
                value
            }
        }
    };
    Some(quote!(#content_type body: #value,))
}

/// The media type that an example names.
fn content_type(headers: &Json) -> Option<String> {
    let mut headers = headers.as_object().into_iter().flatten();
    let named = headers.find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
    named.map(|(_, json)| text_of(json))
}

/// The value of a body.
fn content(api: &Api, one: &Body, body: &Json) -> Option<TokenStream> {
    let text = wire::text(one, body);
    let bytes = text
        .clone()
        .map_or_else(|| wire::decoded(&body["base64"]), String::into_bytes);
    let bytes = Literal::byte_string(&bytes);
    Some(match &one.kind {
        BodyKind::Json { verbatim: true, .. } => quote!(rt::verbatim(#text)),
        BodyKind::Json { .. } => quote!(rt::json(#text)),
        BodyKind::JsonLines(_) => quote!(rt::items(#text)),
        BodyKind::Form(ty) if is_union(api, ty) => quote!(rt::form_union(#text)),
        BodyKind::Form(_) => quote!(rt::form(#text)),
        BodyKind::Text => quote!(#text.to_owned()),
        BodyKind::Bytes(_) => quote!(rt::bytes(#bytes)),
        BodyKind::Stream { .. } => quote!(rt::body(#bytes)),
        BodyKind::Events(_) | BodyKind::Choice { .. } => return None,
    })
}

fn is_union(api: &Api, ty: &Type) -> bool {
    matches!(ty, Type::Schema(id) if matches!(api[*id].kind, SchemaKind::Union { .. }))
}

fn given_for<'j>(given: &'j Json, parameter: &Parameter) -> Option<&'j Json> {
    let mut entries = given.as_object().into_iter().flatten();
    let named = entries.find(|(name, _)| name.eq_ignore_ascii_case(&parameter.wire));
    named.map(|(_, json)| json)
}

/// The value of a parameter or a header.
fn value(parameter: &Parameter, given: Option<&Json>) -> TokenStream {
    if parameter.value.is_flag() {
        let is_set = given.is_some_and(|given| *given != Json::Bool(false));
        return quote!(#is_set);
    }
    let Some(json) = given else {
        let default = parameter.value.default.as_ref().map(Json::to_string);
        let default = default.map(|text| quote!(api_runtime::from_json(#text)));
        return default.unwrap_or_else(|| quote!(Default::default()));
    };
    let value = match &parameter.value.ty {
        Type::List(_) => {
            let texts = items(json, parameter.style);
            quote!(rt::list(&[#(#texts),*]))
        }
        Type::Builtin(Builtin::String) | Type::Challenge(_) => {
            let text = text_of(json);
            quote!(#text.to_owned())
        }
        _ => {
            let text = text_of(json);
            quote!(rt::scalar(#text))
        }
    };
    let is_wrapped = is_optional(parameter) || parameter.value.nullable;
    if is_wrapped {
        quote!(Some(#value))
    } else {
        value
    }
}

/// The texts of a list.
fn items(json: &Json, style: ListStyle) -> Vec<String> {
    match (json, style.separator()) {
        (Json::Array(items), _) => items.iter().map(text_of).collect(),
        (json, Some(separator)) => {
            let text = text_of(json);
            text.split(separator)
                .map(|item| item.trim().to_owned())
                .collect()
        }
        (json, None) => vec![text_of(json)],
    }
}

/// The map of all whose names a `*` catches.
fn map(given: &Json, parameter: &Parameter) -> TokenStream {
    let Some(prefix) = &parameter.prefix else {
        return quote!(Default::default());
    };
    let entries = ["query", "headers"]
        .into_iter()
        .flat_map(|place| entries(&given[place]));
    let caught = entries.filter_map(|(name, text)| {
        let name = name.to_lowercase();
        let rest = name.strip_prefix(&prefix.before.to_lowercase())?;
        let key = rest.strip_suffix(&prefix.after.to_lowercase())?.to_owned();
        Some(quote!((#key, #text)))
    });
    let caught: Vec<TokenStream> = caught.collect();
    if caught.is_empty() {
        return quote!(Default::default());
    }
    quote!(rt::map(&[#(#caught),*]))
}
