//! Names in generated Rust: keywords, case, status phrases.
//!
//! `check/names` has made sure that names are legal and do not collide; here they only become tokens.

use proc_macro2::{Ident, Span};

/// Keywords that even `r#` does not make names of.
const NOT_RAW: [&str; 4] = ["crate", "self", "super", "Self"];

/// An identifier; a keyword is escaped.
pub(crate) fn ident(name: &str) -> Ident {
    if NOT_RAW.contains(&name) {
        return Ident::new(&format!("{name}_"), Span::call_site());
    }
    match syn::parse_str::<Ident>(name) {
        Ok(ident) => ident,
        Err(_) => Ident::new_raw(name, Span::call_site()),
    }
}

/// The name of a static: `MOUNT_BLOB`.
pub(crate) fn constant(name: &str) -> Ident {
    ident(&name.to_uppercase())
}
