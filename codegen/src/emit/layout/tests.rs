//! What is laid out reads well, and is still the same tokens.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;

use super::laid_out;

/// Fails where the text of tokens is not Rust, or other tokens. Let pass are commas at the end of lists and
/// the forms of doc comments.
pub(in crate::emit) fn keeps_what_it_lays_out(tokens: TokenStream) {
    let text = laid_out([tokens.clone()]);
    if let Err(error) = syn::parse_file(&text) {
        panic!("{error} in\n{text}");
    }
    let again = text.parse().unwrap();
    assert_eq!(laid_out([TokenStream::clone(&again)]), text);
    assert_eq!(meaning(again), meaning(tokens), "\n{text}");
}

/// Tokens without spaces, but for those between words.
fn meaning(tokens: TokenStream) -> String {
    let text = undocumented(tokens).to_string();
    let is_word =
        |char: Option<char>| char.is_some_and(|char| char.is_alphanumeric() || char == '_');
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let is_between = is_word(out.chars().next_back()) && is_word(chars.peek().copied());
        if char == ' ' && !is_between {
            continue;
        }
        if matches!(char, ')' | ']' | '}') && out.ends_with(',') {
            out.pop();
        }
        out.push(char);
    }
    out
}

/// Tokens without attributes that document.
fn undocumented(tokens: TokenStream) -> TokenStream {
    let mut out: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.stream().to_string().starts_with("doc =") => {
                out.pop();
            }
            TokenTree::Group(group) => {
                let inner = undocumented(group.stream());
                out.push(Group::new(group.delimiter(), inner).into());
            }
            other => out.push(other),
        }
    }
    out.into_iter().collect()
}

#[test]
fn an_item_has_lines_and_what_fits_into_one_has_not() {
    let tokens = quote! {
        #[derive(Clone, Debug)]
        pub struct Book<'a> { #[doc = " Its title."] pub title: &'a str, pages: Vec<Option<u32>>, }
        impl<'a> Book<'a> where Self: Sized, {
            #[doc = " A book.\n\n Without pages."]
            pub fn new(title: &'a str,) -> Self { Self { title, pages: Vec::new(), } }
            #[doc = " Two."]
            const PAGES: usize = 2;
            #[doc = " Whether it is."]
            fn is_long(&self) -> bool { !self.pages.is_empty() && -1 < *self.count() as i64 }
        }
        use std::{fmt, io};
    };
    let text = "#[derive(Clone, Debug)]
pub struct Book<'a> {
    /// Its title.
    pub title: &'a str,
    pages: Vec<Option<u32>>,
}

impl<'a> Book<'a> where Self: Sized, {
    /// A book.
    ///
    /// Without pages.
    pub fn new(title: &'a str) -> Self {
        Self { title, pages: Vec::new() }
    }

    /// Two.
    const PAGES: usize = 2;

    /// Whether it is.
    fn is_long(&self) -> bool {
        !self.pages.is_empty() && -1 < *self.count() as i64
    }
}
use std::{fmt, io};
";
    assert_eq!(laid_out([tokens.clone()]), text);
    keeps_what_it_lays_out(tokens);
}

#[test]
fn what_is_too_long_for_a_line_is_broken_where_it_has_groups_and_calls() {
    let tokens = quote! {
        fn all(&self) -> Result<(), Error> {
            let found = self.shelves.iter().filter(|shelf| shelf.name == "history").map(|shelf| shelf.books.len());
            let request = Request::new(self.first_of_the_arguments, self.second_of_the_arguments, self.third);
            match found { Some(0) | None => Ok(()), Some(one) if one > 1 => { self.tell(one)?; Ok(()) } _ => {} }
            if let Some(x) = y { a() } else { b() }
            Box::pin(async move { self.wait().await; (request,) })
        }
    };
    let text = r#"fn all(&self) -> Result<(), Error> {
    let found = self.shelves
        .iter()
        .filter(|shelf| shelf.name == "history")
        .map(|shelf| shelf.books.len());
    let request = Request::new(
        self.first_of_the_arguments,
        self.second_of_the_arguments,
        self.third,
    );
    match found {
        Some(0) | None => Ok(()),
        Some(one) if one > 1 => {
            self.tell(one)?;
            Ok(())
        }
        _ => {}
    }
    if let Some(x) = y { a() } else { b() }
    Box::pin(async move {
        self.wait().await;
        (request,)
    })
}
"#;
    assert_eq!(laid_out([tokens.clone()]), text);
    keeps_what_it_lays_out(tokens);
}

#[test]
fn what_a_macro_is_given_keeps_its_commas() {
    let tokens = quote! {
        api_runtime::format! { #[doc = r" A \d."] Day, min Some(1), (a,), }
        const DAYS: [Day; 2] = make!(first; second,);
    };
    let text = "api_runtime::format! {
    /// A \\d.
    Day,
    min Some(1),
    (a,),
}

const DAYS: [Day; 2] = make!(first; second,);
";
    assert_eq!(laid_out([tokens.clone()]), text);
    keeps_what_it_lays_out(tokens);
}

#[test]
fn documentation_that_is_no_comment_stays_an_attribute() {
    for text in ["/ a", "a\rb", "a\u{0}b"] {
        let tokens = quote! { #[doc = #text] struct Odd; };
        assert!(laid_out([tokens.clone()]).starts_with("#[doc = \""));
        keeps_what_it_lays_out(tokens);
    }
    let tokens = quote!(
        #[doc = concat!("a", "b")]
        struct Made;
    );
    assert_eq!(
        laid_out([tokens]),
        "#[doc = concat!(\"a\", \"b\")]\nstruct Made;\n"
    );
}
