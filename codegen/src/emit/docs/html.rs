//! HTML: from the CommonMark of a descriptor, and what is done to a rendered document as a whole.
//!
//! A descriptor is not trusted here. HTML in its texts comes out as text, links lead to the web or to a
//! place of the document, and a picture becomes a link to it, because a document fetches nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

use super::markdown;

/// A heading within a text.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
pub(super) struct Heading {
    level: usize,
    title: String,
    id: String,
}

/// A text as HTML. Its headings lie below one of the level `demote`; their ids begin with `anchor` and a period.
pub(super) fn from_markdown(text: &str, demote: usize, anchor: &str) -> String {
    let events = with_headings(events(text), demote, anchor).0;
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    out.trim_end().to_owned()
}

/// A text as HTML, without its paragraph where it is a single one.
pub(super) fn in_line(text: &str) -> String {
    let html = from_markdown(text, 0, "");
    let inner = html
        .strip_prefix("<p>")
        .and_then(|rest| rest.strip_suffix("</p>"));
    match inner {
        Some(inner) if !inner.contains("<p>") => inner.to_owned(),
        _ => html,
    }
}

/// The headings that [`from_markdown`] makes of a text.
pub(super) fn headings(text: &str, demote: usize, anchor: &str) -> Vec<Heading> {
    with_headings(events(text), demote, anchor).1
}

/// What a text consists of, and nothing in it that a browser would run or fetch.
fn events(text: &str) -> Vec<Event<'_>> {
    let mut kept = Vec::new();
    // For each link that is open, whether it is one.
    let mut open = Vec::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Html(text) | Event::InlineHtml(text) => kept.push(Event::Text(text)),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                open.push(is_harmless(&dest_url));
                if is_harmless(&dest_url) {
                    kept.push(Event::Start(link(dest_url)));
                }
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if open.pop() == Some(true) {
                    kept.push(Event::End(TagEnd::Link));
                }
            }
            event => kept.push(event),
        }
    }
    kept
}

fn link(dest_url: CowStr<'_>) -> Tag<'_> {
    Tag::Link {
        link_type: LinkType::Inline,
        dest_url,
        title: CowStr::Borrowed(""),
        id: CowStr::Borrowed(""),
    }
}

/// Whether a link to it may be followed: it is on the web, a mailbox, or below this document.
pub(super) fn is_harmless(url: &str) -> bool {
    let scheme = url.split(['/', '?', '#']).next().unwrap_or_default();
    match scheme.split_once(':') {
        None => !url.starts_with("//"),
        Some((scheme, _)) => {
            let known = ["http", "https", "mailto"];
            known.iter().any(|known| known.eq_ignore_ascii_case(scheme))
        }
    }
}

/// Gives headings their level and their id.
fn with_headings<'t>(
    events: Vec<Event<'t>>,
    demote: usize,
    prefix: &str,
) -> (Vec<Event<'t>>, Vec<Heading>) {
    let mut seen = BTreeMap::new();
    let mut headings: Vec<Heading> = Vec::new();
    let mut start = None;
    let mut out: Vec<Event<'t>> = Vec::with_capacity(events.len());
    let levels = markdown::levels(events.iter(), demote);
    for event in events {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                start = Some(out.len());
                out.push(event);
            }
            Event::End(TagEnd::Heading(level)) => {
                let start = start.take().unwrap_or_default();
                let title: String = out[start..].iter().filter_map(markdown::words).collect();
                let id = anchor(&markdown::anchor(&title, &mut seen));
                let id = format!("{prefix}.{id}");
                let level = levels[&level];
                let shown = HeadingLevel::try_from(level).unwrap_or(HeadingLevel::H6);
                out[start] = Event::Start(Tag::Heading {
                    level: shown,
                    id: Some(id.clone().into()),
                    classes: Vec::new(),
                    attrs: Vec::new(),
                });
                out.push(Event::End(TagEnd::Heading(shown)));
                headings.push(Heading { level, title, id });
            }
            event => out.push(event),
        }
    }
    (out, headings)
}

/// A piece of an id: letters, digits, `-`, `_` and `.` stay, each other byte becomes `.` and two digits.
pub(super) fn anchor(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'-' | b'_' | b'.' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => {
                // Writing to a string cannot fail.
                let _ = write!(out, ".{byte:02X}");
            }
        }
    }
    out
}

/// Elements in which every character counts.
const VERBATIM: [(&str, &str); 3] = [
    ("<pre", "</pre>"),
    ("<script", "</script>"),
    ("<style", "</style>"),
];

/// Without blank lines and indentation, which come from templates and say nothing.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = None;
    for line in text.lines() {
        let line = if inside.is_none() {
            line.trim_start()
        } else {
            line
        };
        let was_inside = inside.is_some();
        inside = end_of(line, inside);
        let kept = if inside.is_none() {
            line.trim_end()
        } else {
            line
        };
        if kept.is_empty() && !was_inside {
            continue;
        }
        out.push_str(kept);
        out.push('\n');
    }
    out
}

/// The end tag of the element with verbatim text that is open after a line; `open` is that before it.
fn end_of(line: &str, open: Option<&'static str>) -> Option<&'static str> {
    let (mut rest, mut open) = (line, open);
    loop {
        let next = match open {
            Some(end) => rest.find(end).map(|at| (at + end.len(), None)),
            None => start_of(rest).map(|(at, end)| (at, Some(end))),
        };
        let Some((at, state)) = next else {
            return open;
        };
        (rest, open) = (&rest[at..], state);
    }
}

/// Where the first element with verbatim text starts, and what ends it.
fn start_of(text: &str) -> Option<(usize, &'static str)> {
    let found = VERBATIM
        .iter()
        .filter_map(|(start, end)| Some((text.find(start)? + start.len(), *end)));
    found.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_in_a_text_comes_out_as_text() {
        let texts = [
            "a <script>alert(1)</script>",
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "`<b>`",
            "<!-- c --> <![CDATA[ <i> ]]>",
            "<div>\n\n*a*\n\n</div>",
        ];
        for text in texts {
            let html = from_markdown(text, 0, "x");
            let tags = html.replace("<p>", "").replace("</p>", "");
            let tags = tags
                .replace("<em>a</em>", "")
                .replace("<code>", "")
                .replace("</code>", "");
            assert!(!tags.contains('<'), "{text}: {html}");
        }
    }

    #[test]
    fn a_link_leads_to_the_web_or_it_is_none() {
        let html = |text| from_markdown(text, 0, "x");
        assert_eq!(
            html("[a](https://b.example/?c&d)"),
            "<p><a href=\"https://b.example/?c&amp;d\">a</a></p>"
        );
        assert_eq!(html("[a](#b)"), "<p><a href=\"#b\">a</a></p>");
        for text in [
            "[a](javascript:alert(1))",
            "[a](JavaScript&#58;alert(1))",
            "[a](data:text/html,b)",
            "[a](//b.example)",
            "[a](vbscript:b)",
            "![a](data:image/png;base64,AA)",
        ] {
            assert_eq!(html(text), "<p>a</p>", "{text}");
        }
    }

    #[test]
    fn a_picture_becomes_a_link_to_it() {
        assert_eq!(
            from_markdown("![a *b*](https://c.example/d.png \"e\")", 0, "x"),
            "<p><a href=\"https://c.example/d.png\">a <em>b</em></a></p>"
        );
    }

    #[test]
    fn headings_move_down_and_get_ids_of_their_own() {
        let text = "# A `b`\n\n## A b\n\n## Ä";
        let expected = "<h3 id=\"x.a-b\">A <code>b</code></h3>\n<h4 id=\"x.a-b-1\">A b</h4>\n\
            <h4 id=\"x..C3.A4\">Ä</h4>";
        assert_eq!(from_markdown(text, 2, "x"), expected);
        let found = headings(text, 5, "x");
        assert_eq!(found[1].level, 6);
        assert_eq!(
            (found[0].title.as_str(), found[0].id.as_str()),
            ("A b", "x.a-b")
        );
    }

    #[test]
    fn a_single_paragraph_is_unwrapped() {
        assert_eq!(in_line("a *b*\nc"), "a <em>b</em>\nc");
        assert_eq!(in_line("a\n\nb"), "<p>a</p>\n<p>b</p>");
        assert_eq!(in_line(""), "");
    }

    #[test]
    fn ids_have_only_letters_and_digits_and_what_stands_between_them() {
        assert_eq!(anchor("X-Meta-*"), "X-Meta-.2A");
        assert_eq!(anchor("a b\"<é"), "a.20b.22.3C.C3.A9");
    }

    #[test]
    fn blank_lines_and_indentation_stay_where_every_character_counts() {
        let text = "  <p>a  </p>  \n\n <pre>b \n\n  c\n</pre> <script>\n  d\n</script> \n\n";
        let expected = "<p>a  </p>\n<pre>b \n\n  c\n</pre> <script>\n  d\n</script>\n";
        assert_eq!(tidy(text), expected);
    }
}
