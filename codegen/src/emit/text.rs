//! Texts of a descriptor that are no Markdown, such as titles and messages, where Markdown is written.
//!
//! The documents and the comments of generated code are Markdown; both use this.

/// A text that is no Markdown, as Markdown in one line: none of its signs means anything.
pub(crate) fn escape(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let after = text[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        let means_something = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '~' | '|' => true,
            // A reference to a character, emphasis, and the end of a heading.
            '&' => after == '#' || after.is_alphanumeric(),
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '#' => before == ' ',
            // What begins a list, or a line under a heading.
            '-' | '+' | '=' => at == 0,
            '.' | ')' => {
                let number = &text[..at];
                after == ' ' && at > 0 && number.bytes().all(|byte| byte.is_ascii_digit())
            }
            _ => false,
        };
        if means_something {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_text_is_escaped_only_where_a_sign_means_something() {
        assert_eq!(
            escape("snake_case & C#, a - b! 1."),
            "snake_case & C#, a - b! 1."
        );
        assert_eq!(escape(" _a_ \n b_ &lt; # "), "\\_a\\_ b\\_ \\&lt; \\#");
        assert_eq!(escape("1. a 2) b"), "1\\. a 2) b");
        assert_eq!(escape("- a - b"), "\\- a - b");
        assert_eq!(escape("==="), "\\===");
        assert_eq!(escape("\\|<a>~[`*"), "\\\\\\|\\<a\\>\\~\\[\\`\\*");
    }
}
