//! Emits Rust: tokens from the model by `quote!`, printed by prettyplease.
//!
//! Three parts, each a file: `types` (formats, schemas, errors, requests, answers, URLs), `server`
//! (traits and router) and `client`. They are included in sibling modules of these names; `server` and
//! `client` begin with `use super::types::*`. Generated code is thin: it calls `api_runtime`, so that a
//! fix there needs no new generation.

mod access;
mod calls;
mod choice;
mod client;
mod client_errors;
mod documents;
mod errors;
mod examples;
mod follow;
mod formats;
mod pages;
mod request;
mod response;
mod router;
mod rustdoc;
mod schemas;
mod server_traits;
mod statics;
mod table;
mod ty;
mod unions;
mod urls;

use std::iter::once;
use std::{io, panic, thread};

use proc_macro2::TokenStream;
use quote::quote;

use super::files::{Files, rust_header};
use crate::model::Api;

/// What a thread that emits may take of stack: to parse and print what is nested takes as much as the main
/// thread of a process has on most systems.
const STACK: usize = 8 << 20;

/// Makes a file.
type Emitter = fn(&Api) -> String;

/// `types.rs`, `server.rs`, `client.rs` and `examples.rs` of `api`. Each is made by a thread of its own, since
/// a build waits for them. Fails where threads cannot be started.
pub fn files(api: &Api) -> io::Result<Files> {
    let emitters: [(&str, Emitter); 4] = [
        ("types.rs", types),
        ("server.rs", server),
        ("client.rs", client),
        ("examples.rs", examples),
    ];
    thread::scope(|scope| {
        let started = emitters.map(|(name, emit)| {
            let builder = thread::Builder::new().stack_size(STACK);
            let emitting = builder.spawn_scoped(scope, move || emit(api))?;
            io::Result::Ok((name.to_owned(), emitting))
        });
        let files = started.into_iter().map(|started| {
            let (name, emitting) = started?;
            let text = emitting
                .join()
                .unwrap_or_else(|it| panic::resume_unwind(it));
            Ok((name, text.into_bytes()))
        });
        files.collect()
    })
}

/// The types of `api`.
pub fn types(api: &Api) -> String {
    let items = formats::formats(api)
        .chain(schemas::schemas(api))
        .chain(unions::forms(api))
        .chain(unions::events(api))
        .chain(errors::codes(api))
        .chain(statics::envelopes(api))
        .chain(statics::operations(api))
        .chain(urls::urls(api))
        .chain(request::requests(api))
        .chain(response::responses(api))
        .chain(errors::operation_errors(api));
    print(api, items)
}

/// The server traits of `api` and its router.
pub fn server(api: &Api) -> String {
    let head = quote! {
        use super::types::*;
        use api_runtime::server as rt;
    };
    let items = once(head)
        .chain(server_traits::traits(api))
        .chain(once(router::router(api)))
        .chain(router::operations(api))
        .chain(response::answers(api))
        .chain(errors::answers(api));
    print(api, items)
}

/// The client of `api`.
pub fn client(api: &Api) -> String {
    print(api, client::client(api))
}

/// The examples of `api`, as tests of servers and of the client.
pub fn examples(api: &Api) -> String {
    print(api, examples::examples(api))
}

/// The rendered documents of `api`, and a router that serves them. The
/// files themselves lie in the folder `docs` of `OUT_DIR`.
pub fn documents(api: &Api, files: &Files) -> String {
    print(api, once(documents::documents(files)))
}

/// Formats items and puts the header before them. Each is formatted by itself: the tokens of a whole API
/// are many times as large as its text.
fn print(api: &Api, items: impl Iterator<Item = TokenStream>) -> String {
    let mut out = rust_header(&api.name);
    for tokens in items {
        let file = syn::parse2(tokens).expect("emitters yield whole items");
        out.push_str(&prettyplease::unparse(&file));
    }
    out
}

/// Doc attributes, one a line. Fences without a language become `text`, so that rustdoc runs none of
/// them as a test, and brackets that are no links are escaped.
pub(super) fn doc(text: &str) -> TokenStream {
    let mut inside = false;
    let lines = text.trim().lines().map(|line| {
        let trimmed = line.trim_start();
        let line = if trimmed.starts_with("```") {
            let opens = !inside;
            inside = opens;
            if opens && trimmed.len() == 3 {
                format!("{line}text")
            } else {
                line.to_owned()
            }
        } else if inside {
            line.to_owned()
        } else {
            escape_brackets(line)
        };
        let line = if line.is_empty() {
            line
        } else {
            format!(" {line}")
        };
        quote!(#[doc = #line])
    });
    quote!(#(#lines)*)
}

/// Escapes what rustdoc would take for an intra-doc link or an HTML tag, outside of code spans.
fn escape_brackets(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let (mut in_code, mut is_escaped) = (false, false);
    for (at, c) in line.char_indices() {
        match c {
            // It stands for itself already.
            _ if is_escaped => {}
            '`' => in_code = !in_code,
            '[' | '<' if !in_code && !is_link(&line[at..]) => out.push('\\'),
            _ => {}
        }
        is_escaped = c == '\\' && !in_code && !is_escaped;
        out.push(c);
    }
    out
}

/// Whether the bracket with which a text begins is that of a link with its target.
fn is_link(text: &str) -> bool {
    let piece = text.split('`').next().unwrap_or_default();
    let has_target = piece
        .find("](")
        .is_some_and(|end| !piece[1..end].contains('['));
    has_target || text.starts_with("<http")
}

/// The text to document an item with: the first that says something.
pub(super) fn described<'t>(texts: &[&'t str]) -> &'t str {
    texts
        .iter()
        .find(|text| !text.trim().is_empty())
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::escape_brackets;
    use crate::emit::text::escape;

    #[test]
    fn brackets_are_escaped_where_they_are_no_link_and_stand_in_no_code() {
        for (line, expected) in [
            ("[a] `[b]` <c>", "\\[a] `[b]` \\<c>"),
            ("[a](b) <https://c>", "[a](b) <https://c>"),
            ("\\[a\\] \\` <b> \\\\[c]", "\\[a\\] \\` \\<b> \\\\\\[c]"),
            ("`\\` <a>", "`\\` \\<a>"),
        ] {
            assert_eq!(escape_brackets(line), expected, "{line}");
        }
    }

    #[test]
    fn a_message_is_shown_as_it_is() {
        let message = escape("bad sign ` in [Vec]<T>, *now*");
        let line = format!("`bad_sign`: {message}.");
        assert_eq!(escape_brackets(&line), line);
        assert!(line.ends_with("bad sign \\` in \\[Vec\\]\\<T\\>, \\*now\\*."));
    }
}
