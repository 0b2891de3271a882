//! Statics of `types`: what is known of the envelopes and of each operation.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::doc;
use super::ty::{name, option};
use crate::emit::ident::constant;
use crate::model::{
    Api, Conditional, Deprecation, Envelope, EnvelopeId, EnvelopeKind, Operation, Rejection,
    Template,
};

/// The path of an envelope's static.
pub(super) fn envelope_path(api: &Api, envelope: EnvelopeId) -> TokenStream {
    let ident = constant(&format!("{}_envelope", api[envelope].name));
    quote!(#ident)
}

/// The path of an operation's static.
pub(super) fn operation_path(operation: &Operation) -> TokenStream {
    let ident = constant(&operation.name);
    quote!(#ident)
}

/// A static for each envelope.
pub(super) fn envelopes(api: &Api) -> impl Iterator<Item = TokenStream> {
    (0..api.envelopes.len()).map(|id| envelope(api, EnvelopeId(id)))
}

fn envelope(api: &Api, id: EnvelopeId) -> TokenStream {
    let path = envelope_path(api, id);
    let envelope: &Envelope = &api[id];
    let name = &envelope.name;
    let doc = doc(&format!("How failures are written: `{name}`."));
    let shape = match &envelope.kind {
        EnvelopeKind::Json {
            template,
            media_type,
        } => {
            let template = shape(template);
            quote!(Json { template: &#template, media_type: #media_type })
        }
        EnvelopeKind::Text(template) => {
            let template = shape(template);
            quote!(Text(&#template))
        }
        EnvelopeKind::None => quote!(None),
    };
    let rejections = Rejection::ALL.iter().map(|kind| {
        let code = super::ty::name(&api[envelope.rejection(*kind)].type_name);
        quote!(<#code as api_runtime::ErrorCode>::INFO)
    });
    quote! {
        #doc
        pub static #path: api_runtime::Envelope = api_runtime::Envelope {
            name: #name,
            shape: api_runtime::EnvelopeShape::#shape,
            rejections: [#(#rejections),*],
        };
    }
}

fn shape(template: &Template) -> TokenStream {
    let variant = match template {
        Template::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let value = shape(value);
                quote!((#key, #value))
            });
            quote!(Object(&[#(#entries),*]))
        }
        Template::Array(items) => {
            let items = items.iter().map(shape);
            quote!(Array(&[#(#items),*]))
        }
        Template::Json(value) => {
            let text = value.to_string();
            quote!(Json(#text))
        }
        Template::Code => quote!(Code),
        Template::Status => quote!(Status),
        Template::Message => quote!(Message),
        Template::Detail => quote!(Detail),
        Template::DetailField(field) => quote!(DetailField(#field)),
        Template::Docs => quote!(Docs),
        Template::RequestId => quote!(RequestId),
    };
    quote!(api_runtime::Template::#variant)
}

/// A static for each operation.
pub(super) fn operations(api: &Api) -> impl Iterator<Item = TokenStream> {
    api.operations.iter().map(|operation| one(api, operation))
}

fn one(api: &Api, operation: &Operation) -> TokenStream {
    let path = operation_path(operation);
    let route = &api[operation.route];
    let doc = format!(
        " `{} {}`: what is known of [`{}`].",
        operation.method, route.path, operation.type_name
    );
    let (id, group) = (&operation.name, &api[operation.group].name);
    let (method, template, head) = (&operation.method, &route.path, operation.head);
    let conditional = option(operation.conditional.map(|conditional| {
        let kind = name(match conditional {
            Conditional::Read => "Read",
            Conditional::Write => "Write",
        });
        quote!(api_runtime::Conditional::#kind)
    }));
    let idempotency = option(operation.idempotency.as_ref().map(|header| quote!(#header)));
    let access = operation.access.iter();
    let access = access.map(|entry| operation.access_text(entry));
    let time = |time: Option<i64>| {
        option(time.map(|time| {
            let time = Literal::i64_unsuffixed(time);
            quote!(api_runtime::UnixTime(#time))
        }))
    };
    let deprecated = operation.deprecated.as_ref();
    let deprecation = time(deprecated.and_then(Deprecation::since_time));
    let sunset = time(deprecated.and_then(Deprecation::sunset_time));
    let (ranges, envelope) = (operation.ranges(), envelope_path(api, operation.envelope));
    quote! {
        #[doc = #doc]
        pub static #path: api_runtime::Operation = api_runtime::Operation {
            id: #id,
            group: #group,
            method: #method,
            template: #template,
            access: &[#(#access),*],
            head: #head,
            conditional: #conditional,
            ranges: #ranges,
            idempotency: #idempotency,
            deprecation: #deprecation,
            sunset: #sunset,
            envelope: &#envelope,
        };
    }
}
