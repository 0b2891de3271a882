//! Emits Rust: tokens from the model by `quote!`, laid out as text.
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
use super::layout::laid_out;
use crate::model::Api;

/// What a thread that emits may take of stack: to lay out what is nested takes as much as the main
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
    print(api, items_of_types(api))
}

fn items_of_types(api: &Api) -> impl Iterator<Item = TokenStream> {
    formats::formats(api)
        .chain(schemas::schemas(api))
        .chain(unions::forms(api))
        .chain(unions::events(api))
        .chain(errors::codes(api))
        .chain(statics::envelopes(api))
        .chain(statics::operations(api))
        .chain(urls::urls(api))
        .chain(request::requests(api))
        .chain(response::responses(api))
        .chain(errors::operation_errors(api))
}

/// The server traits of `api` and its router.
pub fn server(api: &Api) -> String {
    print(api, items_of_server(api))
}

fn items_of_server(api: &Api) -> impl Iterator<Item = TokenStream> {
    let head = quote! {
        use super::types::*;
        use api_runtime::server as rt;
    };
    once(head)
        .chain(server_traits::traits(api))
        .chain(once(router::router(api)))
        .chain(router::operations(api))
        .chain(response::answers(api))
        .chain(errors::answers(api))
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

/// Lays items out and puts the header before them. Each is laid out by itself: the tokens of a whole API
/// are many times as large as its text.
fn print(api: &Api, items: impl Iterator<Item = TokenStream>) -> String {
    rust_header(&api.name) + &laid_out(items)
}

/// A doc attribute, all lines in one: the layout makes a comment of each. Fences without a language become
/// `text`, so that rustdoc runs none of them as a test, and brackets that are no links are escaped.
pub(super) fn doc(text: &str) -> TokenStream {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut inside = false;
    for (at, line) in text.trim().lines().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        if !line.is_empty() {
            out.push(' ');
        }
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") {
            inside = !inside;
            out.push_str(line);
            if inside && trimmed.len() == 3 {
                out.push_str("text");
            }
        } else if inside {
            out.push_str(line);
        } else {
            escape_brackets(line, &mut out);
        }
    }
    if out.is_empty() {
        return TokenStream::new();
    }
    quote!(#[doc = #out])
}

/// Escapes what rustdoc would take for an intra-doc link or an HTML tag, outside of code spans.
fn escape_brackets(line: &str, out: &mut String) {
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
    use std::path::Path;

    use super::*;
    use crate::emit::layout::tests::keeps_what_it_lays_out;
    use crate::emit::text::escape;

    const SPECS: [&str; 10] = [
        "tests/toy/spec",
        "tests/data/pass/behaviours.yaml",
        "tests/data/pass/bodies.yaml",
        "tests/data/pass/everything.yaml",
        "tests/data/pass/keywords.yaml",
        "tests/data/pass/names.yaml",
        "tests/data/pass/recursion.yaml",
        "tests/data/pass/schemas.yaml",
        "../api-spec/distribution",
        "../api-spec/notifications.yaml",
    ];

    #[test]
    fn code_keeps_its_tokens_where_it_is_laid_out() {
        for spec in SPECS {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(spec);
            let api = match crate::load(&path) {
                Ok(loaded) => loaded.api,
                Err(failure) => panic!("{failure}"),
            };
            let items = items_of_types(&api)
                .chain(items_of_server(&api))
                .chain(client::client(&api))
                .chain(examples::examples(&api));
            items.for_each(keeps_what_it_lays_out);
        }
    }

    fn escaped(line: &str) -> String {
        let mut out = String::new();
        escape_brackets(line, &mut out);
        out
    }

    #[test]
    fn brackets_are_escaped_where_they_are_no_link_and_stand_in_no_code() {
        for (line, expected) in [
            ("[a] `[b]` <c>", "\\[a] `[b]` \\<c>"),
            ("[a](b) <https://c>", "[a](b) <https://c>"),
            ("\\[a\\] \\` <b> \\\\[c]", "\\[a\\] \\` \\<b> \\\\\\[c]"),
            ("`\\` <a>", "`\\` \\<a>"),
        ] {
            assert_eq!(escaped(line), expected, "{line}");
        }
    }

    #[test]
    fn a_message_is_shown_as_it_is() {
        let message = escape("bad sign ` in [Vec]<T>, *now*");
        let line = format!("`bad_sign`: {message}.");
        assert_eq!(escaped(&line), line);
        assert!(line.ends_with("bad sign \\` in \\[Vec\\]\\<T\\>, \\*now\\*."));
    }
}
