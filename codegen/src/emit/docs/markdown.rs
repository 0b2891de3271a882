//! What is done to Markdown as a whole: contents, anchors, headings, blank lines.
//!
//! Anchors are computed as code hosts compute them from headings, so that no HTML is needed. Text in a
//! fenced block is never touched.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pulldown_cmark::{Event, Parser, Tag};

use crate::emit::text::escape;

/// A line that the table of contents replaces; `N` is the deepest level of headings in it.
const CONTENTS: &str = "<!-- contents ";

/// Brings a rendered document into its final form.
pub(super) fn finish(text: &str) -> String {
    tidy(&with_contents(text))
}

/// The anchor that a code host gives a heading.
pub(super) fn slug(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let text = heading.trim().to_lowercase();
    text.chars()
        .filter(kept)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// Moves headings down by `by` levels, at most to the sixth.
pub(super) fn demote(text: &str, by: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for (line, heading) in lines(text) {
        if let Some((level, _)) = heading {
            out.push_str(&"#".repeat(by.min(6 - level)));
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// The lines of a text, with level and title of those that are headings.
fn lines(text: &str) -> impl Iterator<Item = (&str, Option<(usize, &str)>)> {
    outside(text).map(|(line, outside)| (line, heading(line).filter(|_| outside)))
}

/// The lines of a text, and whether they lie outside of fenced blocks.
fn outside(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut fence: Option<&str> = None;
    text.lines().map(move |line| {
        let start = line.trim_start();
        let was_inside = fence.is_some();
        match fence {
            Some(open) if start.trim_end() == open => fence = None,
            Some(_) => {}
            None => fence = fence_of(start),
        }
        (line, !was_inside && fence.is_none())
    })
}

/// The fence with which a line opens a block.
fn fence_of(line: &str) -> Option<&str> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(mark).len();
    (length >= 3).then(|| &line[..length])
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    let title = title.strip_prefix(' ')?.trim();
    ((1..=6).contains(&level) && !title.is_empty()).then_some((level, title))
}

/// Replaces the mark of the contents by links to the headings behind it.
fn with_contents(text: &str) -> String {
    let Some(start) = text.find(CONTENTS) else {
        return text.to_owned();
    };
    let (before, mark) = text.split_at(start);
    let (mark, after) = mark.split_once('\n').unwrap_or((mark, ""));
    let depth = mark[CONTENTS.len()..]
        .split(' ')
        .next()
        .and_then(|depth| depth.parse().ok());
    let depth: usize = depth.unwrap_or(6);

    let mut seen = BTreeMap::new();
    let mut contents = String::new();
    for (_, heading) in lines(before) {
        heading.map(|(_, title)| anchor(&Title::of(title).shown, &mut seen));
    }
    for (level, title) in lines(after).filter_map(|(_, heading)| heading) {
        let read = Title::of(title);
        let anchor = anchor(&read.shown, &mut seen);
        if (2..=depth).contains(&level) {
            let indent = "  ".repeat(level - 2);
            // A link has no link in it.
            let title = if read.has_link {
                &escape(&read.shown)
            } else {
                title
            };
            let _ = writeln!(contents, "{indent}- [{title}](#{anchor})");
        }
    }
    format!("{before}{contents}\n{after}")
}

/// What a reader sees of a title that is Markdown.
struct Title {
    shown: String,
    has_link: bool,
}

impl Title {
    fn of(title: &str) -> Self {
        let heading = format!("# {title}");
        let events: Vec<Event<'_>> = Parser::new(&heading).collect();
        Self {
            shown: events.iter().filter_map(words).collect(),
            has_link: events
                .iter()
                .any(|event| matches!(event, Event::Start(Tag::Link { .. } | Tag::Image { .. }))),
        }
    }
}

/// What an event shows of a text.
pub(super) fn words<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text),
        Event::SoftBreak => Some(" "),
        _ => None,
    }
}

/// The anchor of a heading; one that is there already gets a number.
pub(super) fn anchor(title: &str, seen: &mut BTreeMap<String, usize>) -> String {
    let slug = slug(title);
    let count = seen.entry(slug.clone()).or_default();
    *count += 1;
    match *count {
        1 => slug,
        count => format!("{slug}-{}", count - 1),
    }
}

/// One blank line at most, no space at the end of a line, one line break at the end.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = true;
    for (line, outside) in outside(text) {
        let line = line.trim_end();
        if line.is_empty() && blank && outside {
            continue;
        }
        blank = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    let end = out.trim_end().len();
    out.truncate(end);
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_of_code_hosts() {
        assert_eq!(slug("GET Book lending"), "get-book-lending");
        assert_eq!(slug("Format `page_size`"), "format-page_size");
        assert_eq!(slug("/v2/{name}/tags: a, b & c"), "v2nametags-a-b--c");
    }

    #[test]
    fn contents_show_what_a_heading_shows() {
        let text = "<!-- contents 2 -->\n## *A* [b_](c) `d`\n## `[e]` *f*\n## 1. G\n";
        let expected = "- [A b\\_ d](#a-b_-d)\n- [`[e]` *f*](#e-f)\n- [1. G](#1-g)\n";
        assert!(finish(text).starts_with(expected), "{}", finish(text));
    }

    #[test]
    fn contents_list_the_headings_behind_them_and_number_what_is_there_twice() {
        let text = "# T\n<!-- contents 3 -->\n## A\n### B\n#### C\n```\n## not\n```\n## A\n";
        let expected = "# T\n- [A](#a)\n  - [B](#b)\n- [A](#a-1)\n\n## A\n";
        assert!(finish(text).starts_with(expected));
    }

    #[test]
    fn headings_move_down_but_not_in_a_fenced_block() {
        assert_eq!(
            demote("## A\n```\n# b\n```\n#hash", 1),
            "### A\n```\n# b\n```\n#hash\n"
        );
    }

    #[test]
    fn blank_lines_are_kept_in_a_fenced_block_only() {
        assert_eq!(
            tidy("\na  \n\n\n\nb\n```\n\n\n```\n\n"),
            "a\n\nb\n```\n\n\n```\n"
        );
    }
}
