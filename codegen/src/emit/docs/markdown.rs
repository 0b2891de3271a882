//! What is done to Markdown as a whole: contents, anchors, headings, blank lines.
//!
//! Anchors are computed as code hosts compute them from headings, so that no HTML is needed. Text in a
//! fenced block is never touched.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag};

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

/// The level of each heading of a text within a section whose own heading is of level `by`, by the level that
/// it is written with: the topmost lie right below the section, and no level is left out, so that whoever
/// goes by headings finds the way.
pub(super) fn levels<'e>(
    events: impl Iterator<Item = &'e Event<'e>>,
    by: usize,
) -> BTreeMap<HeadingLevel, usize> {
    let levels = events.filter_map(|event| match event {
        Event::Start(Tag::Heading { level, .. }) => Some(*level),
        _ => None,
    });
    let levels: BTreeSet<HeadingLevel> = levels.collect();
    let below = levels.into_iter().zip(by + 1..);
    below.map(|(level, below)| (level, below.min(6))).collect()
}

/// Moves headings below a section whose heading is of level `by`. Those that are underlined become such with
/// signs before them: there are only two levels of the others, and the contents are made of lines.
pub(super) fn demote(text: &str, by: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    let events: Vec<(Event<'_>, Range<usize>)> = Parser::new_ext(text, Options::ENABLE_TABLES)
        .into_offset_iter()
        .collect();
    let levels = levels(events.iter().map(|(event, _)| event), by);
    for (event, place) in &events {
        let Event::Start(Tag::Heading { level, .. }) = event else {
            continue;
        };
        out.push_str(&text[copied..place.start]);
        let (signs, written) = ("#".repeat(levels[level]), &text[place.clone()]);
        let title = written.trim_start_matches('#');
        let is_underlined = written.len() - title.len() != *level as usize
            || !(title.is_empty() || title.starts_with([' ', '\t', '\n']));
        out.push_str(&signs);
        copied = if is_underlined {
            out.push(' ');
            out.push_str(&underlined(written));
            place.start + written.trim_end().len()
        } else {
            place.start + *level as usize
        };
    }
    out.push_str(&text[copied..]);
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// The title of an underlined heading, in one line.
fn underlined(heading: &str) -> String {
    let lines: Vec<&str> = heading.trim_end().lines().collect();
    let title = lines.split_last().map_or(&[][..], |(_, title)| title);
    // Within a quote its sign stands before each line but the first.
    let lines = title.iter().map(|line| line.trim_matches([' ', '\t', '>']));
    let title = lines.collect::<Vec<_>>().join(" ");
    // Signs at the end would be taken for the end of the heading.
    match title.strip_suffix('#') {
        Some(before) if !before.ends_with('\\') => format!("{before}\\#"),
        _ => title,
    }
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
            "## A\n```\n# b\n```\n#hash\n"
        );
    }

    #[test]
    fn underlined_headings_move_down_as_others_do() {
        assert_eq!(
            demote("A *b*\n===\ntext\n\nC\n---\n", 1),
            "## A *b*\ntext\n\n### C\n"
        );
        assert_eq!(demote("one\n  two\n---", 3), "#### one two\n");
        assert_eq!(
            demote("> one\n> two\n> ---\n> three", 5),
            "> ###### one two\n> three\n"
        );
        assert_eq!(demote("C #\n---\n", 0), "# C \\#\n");
        assert_eq!(demote("#1\n===\n", 1), "## #1\n");
        let others = "a\n\n---\n\n```\nb\n---\n```\n\n| c |\n|---|\n| d |\n\n- e\n- f\n";
        assert_eq!(demote(others, 2), others);
        assert_eq!(demote("", 2), "");
    }

    #[test]
    fn no_level_is_left_out_between_a_section_and_its_headings() {
        assert_eq!(demote("## a\n#### b\n# c\n", 2), "#### a\n##### b\n### c\n");
    }

    #[test]
    fn blank_lines_are_kept_in_a_fenced_block_only() {
        assert_eq!(
            tidy("\na  \n\n\n\nb\n```\n\n\n```\n\n"),
            "a\n\nb\n```\n\n\n```\n"
        );
    }
}
