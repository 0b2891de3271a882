//! The rendered documents as a part of the program, and the router that serves them.

use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::files::Files;

/// `DOCUMENTS` and `router`.
pub(super) fn documents(files: &Files) -> TokenStream {
    let documents = files.iter().map(|(name, _)| {
        let place = format!("/docs/{name}");
        quote! {
            api_runtime::server::Document {
                name: #name,
                content: include_bytes!(concat!(env!("OUT_DIR"), #place)),
            }
        }
    });
    quote! {
        /// The documents, rendered when this was built.
        pub static DOCUMENTS: &[api_runtime::server::Document] = &[#(#documents),*];
        /// Serves the documents below `prefix` (`/docs`), which itself leads to the page for browsers.
        pub fn router(prefix: &str) -> api_runtime::axum::Router {
            api_runtime::server::documents(prefix, DOCUMENTS)
        }
    }
}
