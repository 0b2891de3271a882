//! Events over as many connections as it takes: a method of the client for each operation whose events can go on
//! behind one that was seen.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::choice::accept_type;
use super::client::Names;
use super::response::successes;
use super::rustdoc;
use super::ty::{name, rust_type};
use crate::emit::ident::ident;
use crate::model::{Alternative, Api, Body, BodyKind, Operation, Response, Type};

/// The method that yields all events.
pub(super) fn method(api: &Api, operation: &Operation) -> Option<TokenStream> {
    let header = ident(&operation.resume()?.ident);
    let found = successes(operation).find_map(|one| Some((one, events(one.body.as_ref()?)?)));
    let (response, events) = found?;
    let Names {
        method,
        request,
        error,
        call,
        ..
    } = Names::of(operation);
    let following = format_ident!("{}_events", operation.name);
    let deprecated = rustdoc::deprecated_attribute(operation.deprecated.as_ref());
    let doc = rustdoc::variation("All events of", &method, ", from that of `request` on.");
    let event = rust_type(api, events.ty);
    let accept = events.variant().zip(accept_type(operation));
    let accept = accept.map(|(variant, owner)| quote!(request.accept = #owner::#variant;));
    let read = read(operation, response, &events);
    Some(quote! {
        #doc
        ///
        /// Where a connection ends it goes on behind the last id that was said. An answer without events is
        /// the end, and so is a failure that is declared; other errors only after the last try of `backoff`.
        #deprecated
        pub fn #following(
            &self,
            request: #request,
            backoff: runtime::Backoff,
        ) -> runtime::Following<#event, #error> {
            runtime::follow(
                self.caller.clone(),
                request,
                backoff,
                |mut request: #request, last| {
                    #accept
                    runtime::resume(last, &mut request.#header)?;
                    Ok(#call(request))
                },
                |reply| async move { #read },
            )
        }
    })
}

/// A stream of events in an answer.
struct Events<'a> {
    ty: &'a Type,
    /// What it is of a choice, and the enum of that.
    chosen: Option<(&'a str, &'a Alternative)>,
}

impl Events<'_> {
    fn variant(&self) -> Option<TokenStream> {
        self.chosen.map(|(_, one)| name(&one.variant))
    }
}

fn events(body: &Body) -> Option<Events<'_>> {
    match &body.kind {
        BodyKind::Events(ty) => Some(Events { ty, chosen: None }),
        BodyKind::Choice { type_name, of } => of.iter().find_map(|one| match &one.body.kind {
            BodyKind::Events(ty) => {
                let chosen = Some((type_name.as_str(), one));
                Some(Events { ty, chosen })
            }
            _ => None,
        }),
        _ => None,
    }
}

/// The events of `reply`; of an answer that has none, nothing.
fn read(operation: &Operation, response: &Response, events: &Events<'_>) -> TokenStream {
    let Names {
        success, answer, ..
    } = Names::of(operation);
    let variant = name(&response.variant);
    let body = match events.chosen {
        None => quote!(Some(answer.body)),
        Some((owner, one)) => {
            let (owner, variant) = (name(owner), name(&one.variant));
            quote! {
                match answer.body {
                    #owner::#variant(events) => Some(events),
                    _ => None,
                }
            }
        }
    };
    let others = (successes(operation).count() > 1).then(|| quote!(_ => None,));
    quote! {
        Ok(match #answer(reply).await? {
            #success::#variant(answer) => #body,
            #others
        })
    }
}
