//! The header Link (RFC 8288): `<target>; rel="next"`.
//!
//! A link whose context is another resource (`anchor`) is left out, as section 3.2 allows. What cannot
//! be read ends its line, since nobody can tell where the next link would begin.

use std::borrow::Cow;

use crate::list::{pieces, unquote, unquoted};

/// One link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link<'l> {
    target: &'l str,
    parameters: &'l str,
}

impl<'l> Link<'l> {
    /// The target, relative to the URL of the request, as it was sent.
    pub fn target(&self) -> &'l str {
        self.target
    }

    /// Whether the link has the relation `rel`. There may be several in one parameter, without case;
    /// only the first parameter `rel` counts (section 3.3).
    pub fn has_rel(&self, rel: &str) -> bool {
        self.parameter("rel").is_some_and(|rels| {
            rels.split_ascii_whitespace()
                .any(|one| one.eq_ignore_ascii_case(rel))
        })
    }

    /// The value of a parameter, without its quotes.
    pub fn parameter(&self, name: &str) -> Option<Cow<'l, str>> {
        pieces(self.parameters, b';').find_map(|piece| {
            let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
            key.trim_end()
                .eq_ignore_ascii_case(name)
                .then(|| unquote(value.trim_start()))
        })
    }
}

/// The links of one line of the header.
pub fn parse(line: &str) -> impl Iterator<Item = Link<'_>> {
    let mut rest = line;
    let links = std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (target, tail) = rest.strip_prefix('<')?.split_once('>')?;
        // Parameters go on to the next comma that is not in quotes.
        let (parameters, after) = tail.split_at(unquoted(tail, b',').unwrap_or(tail.len()));
        rest = after;
        let parameters = parameters
            .trim_start_matches([' ', '\t'])
            .strip_prefix(';')
            .unwrap_or_default();
        Some(Link {
            target: target.trim(),
            parameters,
        })
    });
    links.filter(|link| link.parameter("anchor").is_none())
}

/// The target of the first link with the relation `rel` in the lines of the header.
pub fn find<'l>(lines: impl IntoIterator<Item = &'l str>, rel: &str) -> Option<&'l str> {
    lines
        .into_iter()
        .flat_map(parse)
        .find(|link| link.has_rel(rel))
        .map(|link| link.target())
}

/// The header for a link to `url`, which is written as URLs of this crate are.
pub fn write(url: &str, rel: &str) -> String {
    format!("<{url}>; rel=\"{rel}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_is_found_among_others() {
        let line = r#"</a?x=1,2;3>; rel=prev, <https://h/b>;title="x, <y>; rel=\"next\"" ; REL="up Next" , </c>;rel=last"#;
        assert_eq!(find([line], "next"), Some("https://h/b"));
        assert_eq!(find([line], "up"), Some("https://h/b"));
        assert_eq!(find([line], "prev"), Some("/a?x=1,2;3"));
        assert_eq!(find([line], "last"), Some("/c"));
        assert_eq!(find([line], "first"), None);
        assert_eq!(find(["<a>; rel=x", "<b>; rel=y"], "y"), Some("b"));
    }

    #[test]
    fn only_the_first_rel_counts_and_other_contexts_are_left_out() {
        assert_eq!(find(["<a>; rel=x; rel=next"], "next"), None);
        assert_eq!(
            find(["<a>; rel=next; anchor=\"/other\", <b>; rel=next"], "next"),
            Some("b")
        );
    }

    #[test]
    fn what_is_no_link_yields_none() {
        for line in [
            "",
            "next",
            "<",
            "<a",
            "a>; rel=next",
            "; rel=next",
            "<a>",
            "<a>; rel",
            "<a>; relx=next",
            "<a> rel=next, ",
            "\u{e4}",
        ] {
            assert_eq!(find([line], "next"), None, "{line}");
        }
        assert_eq!(find(["<a>; rel=\"next"], "next"), None);
        assert_eq!(find([",, <a>;;rel = next"], "next"), Some("a"));
        assert_eq!(find(["<>; rel=next"], "next"), Some(""));
    }

    #[test]
    fn what_is_written_is_found() {
        let line = write("/v1/x?n=2&last=a%2Fb", "next");
        assert_eq!(line, "</v1/x?n=2&last=a%2Fb>; rel=\"next\"");
        assert_eq!(find([line.as_str()], "next"), Some("/v1/x?n=2&last=a%2Fb"));
    }
}
