//! Examples of calls, in the documentation of the client's methods. They compile: rustdoc tries them as tests.
//!
//! They say no more than what an operation requires; the documents show whole requests (`emit::json::snippets`).
//! The values are those that the descriptor gives as examples, or else small ones. Hidden lines take in all of the
//! client's module by the path that it really has, which the generator does not know and the compiler does; so the
//! module has to be public.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value as Json;

use super::ty::{is_optional, name};
use crate::emit::ident::ident;
use crate::emit::layout::laid_out;
use crate::emit::literal::{of_type, of_value};
use crate::model::{Api, Body, BodyKind, ConditionPlace, Operation, Parameter, Type};
use crate::values::sample::tested;
use crate::values::{Put, Values};

/// The documentation of an example of a call.
pub(super) fn example(api: &Api, operation: &Operation) -> TokenStream {
    let lines = lines(api, operation).into_iter().map(|line| {
        let line = format!(" {line}");
        quote!(#[doc = #line])
    });
    quote! {
        #[doc = ""]
        #[doc = " ```no_run"]
        #[doc = concat!(" # use ", module_path!(), "::*;")]
        #[doc = " # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {"]
        #(#lines)*
        #[doc = " # Ok(())"]
        #[doc = " # }"]
        #[doc = " ```"]
    }
}

fn lines(api: &Api, operation: &Operation) -> Vec<String> {
    let (method, request) = (ident(&operation.name), name(&operation.type_name));
    let arguments = arguments(api, operation);
    let text = laid_out([quote! {
        fn example() {
            let request = #request::new(#(#arguments),*);
            let answer = client.#method(request).await?;
        }
    }]);
    let inner = text.lines().filter_map(|line| line.strip_prefix("    "));
    inner.map(str::to_owned).collect()
}

/// What `new` of the request takes.
fn arguments(api: &Api, operation: &Operation) -> Vec<TokenStream> {
    let required = operation
        .fields()
        .filter(|parameter| !is_optional(parameter) && parameter.value.default.is_none());
    let mut arguments: Vec<TokenStream> = required
        .map(|parameter| {
            let sample = sample(api, operation, parameter);
            of_value(api, &parameter.value, Some(&sample))
        })
        .collect();
    if let Some(body) = &operation.body
        && !operation.body_optional
    {
        arguments.push(of_body(api, body));
    }
    arguments
}

/// A value of a parameter, one by which the first request of the operation is told from others.
fn sample(api: &Api, operation: &Operation, parameter: &Parameter) -> Json {
    let methods = api[operation.route].methods.iter();
    let mut requests = methods.flat_map(|entry| &entry.requests);
    let first = requests.find(|request| operation.is(api, request.operation));
    let test = first.and_then(|request| {
        let has = |list: &[Parameter]| list.iter().any(|one| one.ident == parameter.ident);
        if has(&request.query) {
            request.tested(ConditionPlace::Query, &parameter.wire)
        } else if has(&request.headers) {
            request.tested(ConditionPlace::Header, &parameter.wire)
        } else {
            None
        }
    });
    tested(api, &parameter.value, test)
}

fn of_body(api: &Api, body: &Body) -> TokenStream {
    let sample = |ty: &Type| {
        let given = body.example.clone();
        given.unwrap_or_else(|| Values::new(api).along(ty, &[], &Put::Nothing))
    };
    match &body.kind {
        BodyKind::Json { ty, verbatim } => {
            let json = sample(ty);
            let value = of_type(api, ty, &json);
            if *verbatim {
                let text = json.to_string();
                quote!(api_runtime::Verbatim::new(#value, #text.into()))
            } else {
                value
            }
        }
        BodyKind::Form(ty) => of_type(api, ty, &sample(ty)),
        BodyKind::Text => quote!("...".to_owned()),
        BodyKind::Bytes(_) => quote!("...".into()),
        BodyKind::Stream { .. } => quote!(api_runtime::Body::from("...".to_owned())),
        BodyKind::JsonLines(ty) => {
            let item = of_type(api, ty, &sample(ty));
            quote!(vec![#item].into())
        }
        // Only an answer is a stream of events.
        BodyKind::Events(_) => quote!(panic!("no request has events")),
        BodyKind::Choice { type_name, of } => {
            let owner = name(type_name);
            let first = of.first().map(|first| {
                let (variant, body) = (name(&first.variant), of_body(api, &first.body));
                quote!(#owner::#variant(#body))
            });
            quote!(#first)
        }
    }
}
