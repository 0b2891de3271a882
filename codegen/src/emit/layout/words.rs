//! Words and signs of Rust that are written in a way of their own.

/// Whether a word is a lifetime and no character.
pub(super) fn is_lifetime(word: &str) -> bool {
    word.starts_with('\'') && !word[1..].ends_with('\'')
}

/// A sign of one character.
pub(super) fn single(sign: char) -> &'static str {
    match sign {
        ':' => ":",
        ',' => ",",
        '.' => ".",
        '#' => "#",
        '&' => "&",
        '<' => "<",
        '>' => ">",
        ';' => ";",
        '=' => "=",
        '\'' => "'",
        '?' => "?",
        '!' => "!",
        '-' => "-",
        '|' => "|",
        '*' => "*",
        '+' => "+",
        '/' => "/",
        '%' => "%",
        '^' => "^",
        '@' => "@",
        '~' => "~",
        _ => "$",
    }
}

/// The sign that another becomes by one more character.
pub(super) fn joined(sign: &str, next: char) -> Option<&'static str> {
    Some(match (sign, next) {
        (":", ':') => "::",
        ("-", '>') => "->",
        ("=", '>') => "=>",
        ("&", '&') => "&&",
        ("|", '|') => "||",
        (".", '.') => "..",
        ("..", '=') => "..=",
        ("..", '.') => "...",
        ("=", '=') => "==",
        ("!", '=') => "!=",
        ("<", '=') => "<=",
        (">", '=') => ">=",
        ("<", '<') => "<<",
        (">", '>') => ">>",
        ("<<", '=') => "<<=",
        (">>", '=') => ">>=",
        ("+", '=') => "+=",
        ("-", '=') => "-=",
        ("*", '=') => "*=",
        ("/", '=') => "/=",
        ("%", '=') => "%=",
        ("^", '=') => "^=",
        ("&", '=') => "&=",
        ("|", '=') => "|=",
        _ => return None,
    })
}

/// Whether a word is no value, so that what comes after it is not said of one.
pub(super) fn is_leading(word: &str) -> bool {
    matches!(
        word,
        "as" | "break"
            | "const"
            | "dyn"
            | "else"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "match"
            | "move"
            | "mut"
            | "ref"
            | "return"
            | "where"
            | "while"
    )
}

/// Whether braces that come after a word are never written on one line.
pub(super) fn is_tall(word: &str) -> bool {
    matches!(
        word,
        "enum" | "fn" | "for" | "impl" | "loop" | "mod" | "struct" | "trait" | "while"
    )
}

/// Whether what a word begins ends with its braces.
pub(super) fn is_block(word: &str) -> bool {
    is_item(word)
        || matches!(
            word,
            "extern" | "for" | "if" | "loop" | "match" | "unsafe" | "while"
        )
}

/// Whether a word begins an item.
pub(super) fn is_item(word: &str) -> bool {
    matches!(
        word,
        "async" | "const" | "enum" | "fn" | "impl" | "mod" | "pub" | "struct" | "trait"
    )
}
