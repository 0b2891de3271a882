//! An API made from `api.yaml`: its types, server, client and documents are generated, `notes.rs` is what it does.

mod notes;

api_runtime::include_api!(types, server, client, docs);

pub use notes::Notebook;

/// The API with an empty notebook, and its documents at `/docs`.
pub fn app() -> api_runtime::axum::Router {
    // Who may do what, where not everybody may: implement `Authorize` in place of `AllowAll`.
    let allow = api_runtime::server::AllowAll;
    server::router(Notebook::default(), allow).merge(docs::router("/docs"))
}
