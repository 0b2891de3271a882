//! Examples as tests: each as it is on the wire, and a function that sends it by the client.
//!
//! The texts of the wire are written here from the descriptor, apart from what the client and the server
//! write by, so that one is held against the other. What lies in a file has been read with the descriptor;
//! where there is none to read, as in a text that is no file, the example has no place here.

mod client;
mod defaults;
mod wire;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value as Json;

use super::statics::operation_path;
use crate::emit::ident::{constant, ident};
use crate::emit::text::escape;
use crate::model::{Api, ErrorCode, Operation, Request, Response, Route, of_status};
use crate::wire::entries;

/// An example and what it is of.
#[derive(Clone, Copy)]
struct Case<'a> {
    route: &'a Route,
    request: &'a Request,
    operation: &'a Operation,
    written: &'a Json,
}

impl<'a> Case<'a> {
    fn name(&self) -> &'a str {
        self.written["name"].as_str().unwrap_or_default()
    }

    fn status(&self) -> u16 {
        let status = self.written["response"]["status"].as_u64();
        status
            .and_then(|status| status.try_into().ok())
            .unwrap_or_default()
    }

    /// The code of the failure.
    fn code(&self, api: &'a Api) -> Option<&'a ErrorCode> {
        let code = self.written["response"]["code"].as_str()?;
        api.errors.iter().find(|error| error.code == code)
    }

    /// The answer of its status.
    fn answer(&self) -> Option<&'a Response> {
        let of = |list: &'a [Response]| of_status(list, self.status()).first().copied();
        of(&self.request.successes).or_else(|| of(&self.request.failures))
    }

    fn constant(&self) -> Ident {
        constant(&format!("{}_{}", self.operation.name, self.name()))
    }

    fn function(&self) -> Ident {
        ident(&format!("{}_{}", self.operation.name, self.name()))
    }
}

/// The items of the module `examples`.
pub(super) fn examples(api: &Api) -> impl Iterator<Item = TokenStream> {
    let cases: Vec<Case<'_>> = cases(api).filter(wire::is_complete).collect();
    let names: Vec<Ident> = cases.iter().map(Case::constant).collect();
    let functions: Vec<(Ident, TokenStream)> = cases
        .iter()
        .filter_map(|case| Some((case.function(), client::function(api, case)?)))
        .collect();
    let calls = functions
        .iter()
        .map(|(name, _)| quote!(found.extend(#name().await.err());));
    let head = quote! {
        #[allow(unused_imports, reason = "an API may have no example")]
        use super::client::Client;
        #[allow(unused_imports, reason = "an API may have no example")]
        use super::types::*;
        use api_runtime::testing as rt;

        /// All examples, in the order of the descriptor. `api_runtime::testing::Server` holds a server against them.
        pub static EXAMPLES: &[&rt::Example] = &[#(&#names),*];

        /// What the client does in another way than the examples say.
        #[allow(unused_mut, clippy::unused_async, clippy::cognitive_complexity, reason = "an API may have no example, or many")]
        pub async fn client() -> Vec<rt::Mismatch> {
            let mut found = Vec::new();
            #(#calls)*
            found
        }
    };
    let statics: Vec<TokenStream> = cases.iter().map(|case| example(api, case)).collect();
    std::iter::once(head)
        .chain(statics)
        .chain(functions.into_iter().map(|(_, function)| function))
}

/// All examples; those of HEAD are those of GET over again.
fn cases(api: &Api) -> impl Iterator<Item = Case<'_>> {
    api.routes.iter().flat_map(move |route| {
        let entries = route.methods.iter().filter(|entry| entry.method != "HEAD");
        entries.flat_map(move |entry| {
            entry.requests.iter().flat_map(move |request| {
                request.examples.iter().map(move |written| Case {
                    route,
                    request,
                    operation: &api[request.operation],
                    written,
                })
            })
        })
    })
}

fn example(api: &Api, case: &Case<'_>) -> TokenStream {
    let (constant, name) = (case.constant(), case.name());
    let operation = operation_path(case.operation);
    let text = case.written["description"].as_str().unwrap_or_default();
    let title = format!("{}, `{name}`. {text}", escape(&case.request.title));
    let doc = super::doc(title.trim_end_matches(['.', ' ']));
    let target = wire::target(case, &case.request.query);
    let headers = pairs(&wire::request_headers(case));
    let body = wire::request_body(case);
    let status = super::ty::literal(case.status());
    let answered = pairs(&entries(&case.written["response"]["headers"]));
    let others = pairs(&wire::other_headers(api, case));
    let answer = wire::answer_body(api, case);
    let varies = case.written["response"]["varies"].as_array();
    let varies: Vec<&str> = varies
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    quote! {
        #doc
        pub static #constant: rt::Example = rt::Example {
            name: #name,
            operation: &#operation,
            target: #target,
            headers: #headers,
            body: #body,
            answer: rt::Answer {
                status: #status,
                headers: #answered,
                others: #others,
                body: #answer,
                varies: &[#(#varies),*],
            },
        };
    }
}

fn pairs(pairs: &[(String, String)]) -> TokenStream {
    let pairs = pairs.iter().map(|(name, value)| quote!((#name, #value)));
    quote!(&[#(#pairs),*])
}

/// A variant of `Content`.
fn content(variant: &str, value: impl quote::ToTokens) -> TokenStream {
    let variant = format_ident!("{variant}");
    quote!(rt::Content::#variant(#value))
}
