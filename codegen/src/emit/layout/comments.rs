//! Documentation, which is an attribute among tokens and a comment in text.

use proc_macro2::{Literal, TokenTree};

/// The text of an attribute that documents, where it can be written as comments.
pub(super) fn doc_text(attribute: &[TokenTree]) -> Option<String> {
    let [
        TokenTree::Ident(name),
        TokenTree::Punct(_),
        TokenTree::Literal(text),
    ] = attribute
    else {
        return None;
    };
    let text = unescaped(text).filter(|_| name == "doc")?;
    let is_written = text
        .split('\n')
        .all(|line| !line.starts_with('/') && !line.contains('\r'));
    is_written.then_some(text)
}

/// What a literal of a string means, unless it has escapes of a kind that no text should need.
fn unescaped(literal: &Literal) -> Option<String> {
    let literal = literal.to_string();
    if let Some(raw) = literal.strip_prefix('r') {
        let text = raw.trim_matches('#').strip_prefix('"')?;
        return text.strip_suffix('"').map(str::to_owned);
    }
    let text = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        out.push(match char {
            '\\' => match chars.next()? {
                'n' => '\n',
                't' => '\t',
                char @ ('"' | '\'' | '\\') => char,
                _ => return None,
            },
            char => char,
        });
    }
    Some(out)
}
