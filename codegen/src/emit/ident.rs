//! Names in generated Rust: keywords, case, status phrases.
//!
//! `check/names` has made sure that names are legal and do not collide; here they only become tokens.

use proc_macro2::{Ident, Span};

use crate::model::Response;

/// Keywords that even `r#` does not make names of.
const NOT_RAW: [&str; 4] = ["crate", "self", "super", "Self"];

/// The other words that edition 2024 reserves.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// An identifier; a keyword is escaped.
pub(crate) fn ident(name: &str) -> Ident {
    if NOT_RAW.contains(&name) {
        Ident::new(&format!("{name}_"), Span::call_site())
    } else if KEYWORDS.contains(&name) {
        Ident::new_raw(name, Span::call_site())
    } else {
        Ident::new(name, Span::call_site())
    }
}

/// The name of a static: `LIST_TAGS`.
pub(crate) fn constant(name: &str) -> Ident {
    ident(&name.to_uppercase())
}

/// The phrase of a status; empty for one that has none.
pub(crate) fn status_phrase(status: u16) -> &'static str {
    PHRASES
        .iter()
        .find(|(known, _)| *known == status)
        .map_or("", |(_, phrase)| phrase)
}

/// The phrase of an answer's status, or that of its class.
pub(crate) fn phrase(response: &Response) -> &'static str {
    if response.class {
        "Successful"
    } else {
        status_phrase(response.status)
    }
}

/// The statuses of RFC 9110 and their later companions.
const PHRASES: [(u16, &str); 51] = [
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (203, "Non-Authoritative Information"),
    (204, "No Content"),
    (205, "Reset Content"),
    (206, "Partial Content"),
    (207, "Multi-Status"),
    (300, "Multiple Choices"),
    (301, "Moved Permanently"),
    (302, "Found"),
    (303, "See Other"),
    (304, "Not Modified"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (402, "Payment Required"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (407, "Proxy Authentication Required"),
    (408, "Request Timeout"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "Length Required"),
    (412, "Precondition Failed"),
    (413, "Content Too Large"),
    (414, "URI Too Long"),
    (415, "Unsupported Media Type"),
    (416, "Range Not Satisfiable"),
    (417, "Expectation Failed"),
    (421, "Misdirected Request"),
    (422, "Unprocessable Content"),
    (423, "Locked"),
    (424, "Failed Dependency"),
    (425, "Too Early"),
    (426, "Upgrade Required"),
    (428, "Precondition Required"),
    (429, "Too Many Requests"),
    (431, "Request Header Fields Too Large"),
    (451, "Unavailable For Legal Reasons"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Gateway Timeout"),
    (505, "HTTP Version Not Supported"),
    (507, "Insufficient Storage"),
    (511, "Network Authentication Required"),
];

#[cfg(test)]
mod tests {
    use super::ident;

    #[test]
    fn every_word_that_edition_2024_reserves_is_escaped() {
        let words = "as break const continue dyn else enum extern false fn for gen if impl in let loop match mod \
                     move mut pub ref return static struct trait true type unsafe use where while async await \
                     abstract become box do final macro override priv typeof unsized virtual yield try";
        for word in words.split_whitespace() {
            assert_eq!(ident(word).to_string(), format!("r#{word}"));
        }
        for word in ["crate", "self", "super", "Self"] {
            assert_eq!(ident(word).to_string(), format!("{word}_"));
        }
        for word in ["union", "auto", "raw", "safe", "general"] {
            assert_eq!(ident(word).to_string(), word);
        }
    }
}
