//! Titles and messages are texts: whatever their signs mean in Markdown and in HTML, they are read as they are
//! written, in one line. And what has nothing in it is left out.
//!
//! The descriptor is `data/docs/titles.yaml`; the Markdown is read by a parser, as a code host would.

use std::collections::BTreeSet;
use std::path::Path;

use api_codegen::emit::documents;
use api_codegen::emit::files::Files;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

const TITLE: &str = "A | B <c> *d* `e` [f](g) _h_ & &amp; #";
const GROUP: &str = "G | <g> **g** ![g](h)";
const ENTITY: &str = "Thing | <t> *t* `t` [t](u) v";
const REQUEST: &str = "Get | <r> ~~r~~ `r` [r](s) t\\";
const MESSAGE: &str = "m | <m> *m* `m` [m](n) n";

fn rendered() -> Files {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/docs/titles.yaml");
    let loaded = api_codegen::load(&path).unwrap_or_else(|failure| panic!("{failure}"));
    documents(&loaded.api, &Files::new()).unwrap()
}

fn file(name: &str) -> String {
    String::from_utf8(rendered().get(name).unwrap().to_vec()).unwrap()
}

fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// What the elements of a kind show, each as one text.
fn shown(text: &str, is_it: impl Fn(&Tag<'_>) -> bool) -> Vec<String> {
    let (mut all, mut depth) = (Vec::new(), 0);
    for event in events(text) {
        match event {
            Event::Start(tag) if depth == 0 && is_it(&tag) => {
                depth = 1;
                all.push(String::new());
            }
            Event::Start(_) if depth > 0 => depth += 1,
            Event::End(_) if depth > 0 => depth -= 1,
            Event::Text(text) | Event::Code(text) if depth > 0 => {
                all.last_mut().unwrap().push_str(&text);
            }
            _ => {}
        }
    }
    all
}

fn headings(text: &str) -> Vec<String> {
    shown(text, |tag| matches!(tag, Tag::Heading { .. }))
}

#[test]
fn a_title_is_read_in_markdown_as_it_is_written() {
    let text = file("api.md");
    let headings = headings(&text);
    for title in [
        TITLE.to_owned(),
        ENTITY.to_owned(),
        format!("GET {ENTITY}"),
        format!("HEAD {ENTITY}"),
        REQUEST.to_owned(),
        "See there and b".to_owned(),
    ] {
        assert!(headings.contains(&title), "{title}: {headings:?}");
    }
    let strong = shown(&text, |tag| *tag == Tag::Strong);
    assert!(strong.contains(&format!("{GROUP}.")), "{strong:?}");
    let cells = shown(&text, |tag| *tag == Tag::TableCell);
    for cell in [MESSAGE, ENTITY, REQUEST] {
        assert!(cells.contains(&cell.to_owned()), "{cell}: {cells:?}");
    }
}

#[test]
fn no_sign_of_a_title_makes_a_link_or_an_element() {
    let text = file("api.md");
    for event in events(&text) {
        match event {
            // The comment on top.
            Event::Html(html) => assert!(html.starts_with("<!-- Rendered by "), "{html}"),
            Event::InlineHtml(html) => panic!("{html}"),
            Event::Start(Tag::Link { dest_url, .. }) => assert!(
                dest_url.starts_with('#') || dest_url.starts_with("https://there.example"),
                "{dest_url}"
            ),
            Event::Start(Tag::Image { dest_url, .. }) => panic!("{dest_url}"),
            _ => {}
        }
    }
    assert!(text.contains("(<https://there.example/"));
    let links = events(&text).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    });
    let links: BTreeSet<String> = links.collect();
    assert!(links.contains("https://there.example/<a>_b_"), "{links:?}");
}

#[test]
fn contents_show_each_title_and_lead_to_its_heading() {
    let text = file("api.md");
    let headings = headings(&text);
    let (contents, _) = text.split_once("## Introduction").unwrap();
    let listed = shown(contents, |tag| matches!(tag, Tag::Link { .. }));
    // Those of requests lie deeper than the contents go.
    let is_shown = |title: &&String| ![REQUEST, "At once"].contains(&title.as_str());
    let expected = headings.iter().filter(is_shown).skip(2);
    assert_eq!(listed, expected.cloned().collect::<Vec<_>>());
    let anchors: BTreeSet<String> = headings.iter().map(|title| anchor(title)).collect();
    for target in text.split("](#").skip(1) {
        let target = target.split(')').next().unwrap();
        assert!(anchors.contains(target), "{target}: {anchors:?}");
    }
}

#[test]
fn headings_of_texts_lie_below_those_of_their_places() {
    let text = file("api.md");
    let mut levels = Vec::new();
    for (event, place) in Parser::new(&text).into_offset_iter() {
        if let Event::Start(Tag::Heading { level, .. }) = event {
            levels.push((level as usize, text[place].trim_end().to_owned()));
        }
    }
    assert_eq!(levels[0].0, 1);
    for pair in levels.windows(2) {
        assert!(pair[1].0 > 1 && pair[1].0 <= pair[0].0 + 1, "{pair:?}");
    }
    for heading in ["### How it is *used*", "#### Its parts", "###### At once"] {
        assert!(levels.iter().any(|(_, own)| own == heading), "{levels:?}");
    }
    let page = file("html/index.html");
    for heading in [
        "<h3 id=\"introduction.how-it-is-used\">",
        "<h4 id=\"route-thing.its-parts\">",
        "<h5 id=\"get_thing.at-once\">",
    ] {
        assert!(page.contains(heading), "{heading}");
    }
}

/// The anchor that a code host makes of what a heading shows.
fn anchor(shown: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let kept: String = shown.to_lowercase().chars().filter(kept).collect();
    kept.replace(' ', "-")
}

#[test]
fn every_row_of_a_table_is_as_wide_as_its_head() {
    let (mut columns, mut cells, mut rows) = (0, 0, 0);
    let text = file("api.md");
    // A row that is too wide is cut, and one that is too short is filled: only the lines tell.
    for line in text.lines().filter(|line| line.starts_with('|')) {
        assert!(line.ends_with(" |") || line.ends_with("-|"), "{line}");
    }
    for event in events(&text) {
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => cells = 0,
            Event::End(TagEnd::TableCell) => cells += 1,
            Event::End(TagEnd::TableHead) => columns = cells,
            Event::End(TagEnd::TableRow) => {
                assert_eq!(cells, columns);
                rows += 1;
            }
            _ => {}
        }
    }
    assert_eq!(rows, 8);
}

#[test]
fn a_title_is_read_in_html_as_it_is_written() {
    let page = file("html/index.html");
    let escaped = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    for (tag, title) in [
        ("h1", TITLE),
        ("title", TITLE),
        ("h2", GROUP),
        ("h4", REQUEST),
    ] {
        let found = page
            .split(&format!("<{tag}>"))
            .skip(1)
            .any(|rest| rest.contains(&escaped(title)));
        assert!(found, "{tag}: {title}");
    }
    assert!(file("surface.txt").starts_with(&format!("# {TITLE} 1 *a* | b: ")));
}

#[test]
fn what_has_nothing_in_it_is_left_out() {
    let text = file("api.md");
    let headings = headings(&text);
    for title in ["Error details", "Schemas", "Formats", "Authentication"] {
        assert!(!headings.contains(&title.to_owned()), "{title}");
    }
    assert!(!text.contains("On failure"));
    assert!(!file("html/index.html").contains("<h5>Failures</h5>"));
    // A head and no row under it.
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair[0].starts_with("|---")) {
        assert!(pair[1].starts_with("| "), "{pair:?}");
    }
}
