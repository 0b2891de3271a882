//! Emitters: from the model to text, each a module that knows of no other.
//!
//! None of them opens a file; what becomes of their output is for the caller to say.

#[cfg(feature = "docs")]
pub mod docs;
pub mod files;
mod ident;
pub mod json;
pub mod rust;
pub mod surface;

/// Everything that is rendered for people: the documents of the templates, and `surface.txt`.
#[cfg(feature = "docs")]
pub fn documents(
    api: &crate::model::Api,
    templates: &files::Files,
) -> Result<files::Files, docs::TemplateError> {
    let mut files = docs::render(&json::descriptor(api), templates)?;
    files.insert("surface.txt", surface::text(api));
    Ok(files)
}
