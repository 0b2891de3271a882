//! Emitters: from the model to text, each a module that knows of no other.
//!
//! None of them opens a file; what becomes of their output is for the caller to say.

#[cfg(feature = "docs")]
pub mod docs;
pub mod files;
mod ident;
pub mod json;
mod layout;
mod literal;
pub mod openapi;
pub mod rust;
pub mod surface;
mod text;

/// Everything that is rendered for people: the documents of the templates, `surface.txt`, and the API as
/// OpenAPI with the list of what that does not say.
#[cfg(feature = "docs")]
pub fn documents(
    api: &crate::model::Api,
    templates: &files::Files,
) -> Result<files::Files, docs::TemplateError> {
    let mut files = docs::render(&json::descriptor(api), templates)?;
    files.insert("surface.txt", surface::text(api));
    let openapi = openapi::render(api);
    files.insert("openapi.json", openapi.document);
    files.insert("openapi-losses.md", openapi.losses);
    Ok(files)
}

/// What templates can use, as a page of Markdown.
#[cfg(feature = "docs")]
pub fn template_reference() -> String {
    docs::reference(&json::schema())
}
