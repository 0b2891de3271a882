//! What is wrong with a line as a whole: its blanks, its indentation, a comment that takes the rest of it.

use std::ops::Range;

use super::{Stop, Trap};

/// Blanks that look like a space and are none.
const BLANKS: [char; 6] = [
    '\u{a0}', '\u{2003}', '\u{200b}', '\u{202f}', '\u{3000}', '\u{feff}',
];

/// How many lines before a mistake are looked at for where it began.
const MOST_LINES: usize = 200;

impl<'a> Stop<'a> {
    fn line(&self, number: usize) -> &'a str {
        self.file.line(number)
    }

    /// A piece of a line, by byte offsets in it.
    fn piece(&self, number: usize, piece: Range<usize>) -> Range<usize> {
        let start = self.file.start_of(number);
        start + piece.start..start + piece.end
    }

    /// The text of a line, without the blanks around it.
    fn text(&self, number: usize) -> Range<usize> {
        let line = self.line(number);
        let start = indentation_of(line);
        self.piece(number, start..start.max(line.trim_end().len()))
    }

    /// The number of the nearest line above that has a text.
    fn above(&self, number: usize) -> Option<usize> {
        (1..number)
            .rev()
            .take(MOST_LINES)
            .find(|number| has_text(self.line(*number)))
    }

    /// The line at which the parser stopped, the one above, and the one below where a tab is said to be.
    fn suspects(&self) -> impl Iterator<Item = usize> {
        let below = self.said.contains("tab").then_some(self.line + 1);
        [Some(self.line), self.above(self.line), below]
            .into_iter()
            .flatten()
    }
}

/// Tabs and other blanks where YAML takes spaces alone, and spaces that are missing.
pub(super) fn blanks(stop: &Stop<'_>) -> Option<Trap> {
    stop.suspects().find_map(|number| {
        let line = stop.line(number);
        let indented = line.len() - line.trim_start().len();
        let piece = |at: usize, length: usize| stop.piece(number, at..at + length);
        if let Some(at) = line[..indented].find('\t') {
            return Some(
                Trap::help("indent with spaces: YAML takes no tab there").at(piece(at, 1)),
            );
        }
        if stop.said.contains("whitespace")
            && let Some(at) = line.find(":\t")
        {
            return Some(
                Trap::help("write a space behind `:` in place of the tab").at(piece(at + 1, 1)),
            );
        }
        let odd = |(at, c): &(usize, char)| {
            BLANKS.contains(c) && (*at <= indented || line[..*at].ends_with([':', '-']))
        };
        if let Some((at, c)) = line.char_indices().find(odd) {
            let help = format!(
                "type a space in place of the character U+{:04X}",
                u32::from(c)
            );
            return Some(Trap::help(help).near(
                piece(at, c.len_utf8()),
                "this looks like a space and is none",
            ));
        }
        let at = joined(line).filter(|_| stop.open.is_none() && is_about_keys(stop.said))?;
        Some(Trap::help("write a space there").near(piece(at, 1), "a space is missing behind this"))
    })
}

/// What the parser says where a line is neither `key: value` nor `- item`.
fn is_about_keys(said: &str) -> bool {
    [
        "mapping values",
        "simple key expect",
        "expected key",
        "'-' indicator",
    ]
    .iter()
    .any(|part| said.contains(part))
}

/// Where a line has a `:` behind its key, or a `-` before its item, without a space after it.
fn joined(line: &str) -> Option<usize> {
    let indented = indentation_of(line);
    let text = &line[indented..];
    if let Some(item) = text.strip_prefix('-') {
        return item.starts_with(char::is_alphabetic).then_some(indented);
    }
    let key = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let value = text[key..].strip_prefix(':').filter(|_| key > 0)?;
    let is_joined = !value.is_empty() && !value.starts_with([' ', ':']) && !value.starts_with("//");
    is_joined.then_some(indented + key)
}

/// A ` #` within brackets or braces that are still open: what closes them may stand behind it.
pub(super) fn comment(stop: &Stop<'_>) -> Option<Trap> {
    let first = stop.file.line_of(stop.open?);
    let last = stop.line.min(first + MOST_LINES);
    (first..last).find_map(|number| {
        let line = stop.line(number);
        let at = line
            .find(" #")
            .filter(|at| line[*at..].contains(['}', ']']))?;
        let piece = stop.piece(number, at + 1..line.trim_end().len());
        Some(
            Trap::help("put the text in quotes, or the comment in a line of its own")
                .near(piece, "` #` begins a comment"),
        )
    })
}

/// A line that is indented otherwise than those it belongs to.
pub(super) fn indentation(stop: &Stop<'_>) -> Option<Trap> {
    let line = stop.line(stop.line);
    let above = stop.above(stop.line).filter(|_| stop.open.is_none())?;
    let indented = indentation_of(line);
    let column = stop.offset.saturating_sub(stop.file.start_of(stop.line));
    if stop.said.contains("mapping values") {
        let is_key = line.get(indented..column).is_some_and(is_word);
        let goes_on = is_key && indentation_of(stop.line(above)) < indented;
        return goes_on.then(|| {
            Trap::help("indent both alike if this is a key of its own; a text with `: ` in it needs quotes")
                .near(stop.text(above), "this line is indented deeper, and so goes on with the text here")
        });
    }
    if !is_about_keys(stop.said) || column != indented {
        return None;
    }
    if stop.said.contains("simple key expect") {
        return Some(Trap::help("a line is `key: value`, `- item`, or indented deeper than the text that it goes on with").near(stop.text(above), "no key ends here"));
    }
    if line[indented..].starts_with("- ") && stop.said.contains("expected key") {
        return Some(Trap::help(
            "what stands beside it are keys of a map: take `- ` away, or begin each of them with it",
        ));
    }
    let (number, fitting) = fitting(stop, above, indented)?;
    if indentation_of(stop.line(number)) == indented {
        let help = format!(
            "what stands beside it are items of a list: begin it with `- `, or indent it by {fitting} spaces as a part of the one above"
        );
        return Some(Trap::help(help).near(stop.text(number), "an item of the list"));
    }
    let spaces = if fitting == 1 { "space" } else { "spaces" };
    let help = format!(
        "indent it as what it belongs to, such as line {number}: by {fitting} {spaces}, not {indented}"
    );
    Some(Trap::help(help).near(stop.text(number), "indented otherwise"))
}

/// Of the lines above that something may stand beside, the one whose indentation is nearest, and that.
/// `None` where one fits.
fn fitting(stop: &Stop<'_>, above: usize, indented: usize) -> Option<(usize, usize)> {
    let mut least = usize::MAX;
    let mut found: Vec<(usize, usize)> = Vec::new();
    for number in (1..=above).rev().take(MOST_LINES) {
        let line = stop.line(number);
        let own = indentation_of(line);
        if !has_text(line) || own >= least {
            continue;
        }
        least = own;
        // Behind the dash of an item stands the first of its keys.
        if line[own..].starts_with("- ") {
            let item = line[own + 1..].trim_start();
            found.push((number, line.len() - item.len()));
        } else {
            found.push((number, own));
        }
    }
    if found.iter().any(|(_, own)| *own == indented) {
        return None;
    }
    found
        .into_iter()
        .min_by_key(|(_, own)| own.abs_diff(indented))
}

fn indentation_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn has_text(line: &str) -> bool {
    let text = line.trim_start();
    !text.is_empty() && !text.starts_with('#')
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::super::super::File;
    use super::super::find;

    const KEYS: &str = "did not find expected key";
    const ITEMS: &str = "did not find expected '-' indicator";
    const COLON: &str = "mapping values are not allowed in this context";
    const SIMPLE: &str = "simple key expect ':'";

    /// What is told where the parser stops at `!` in a text, and the piece that is shown beside it.
    fn told(text: &str, said: &str) -> (String, String) {
        let offset = text.find('!').unwrap();
        let file = File::new("x".to_owned(), text.replace('!', ""), 0);
        let open = text.find('{');
        let trap = find(&file, offset, said, open);
        let near = trap.near.map(|(piece, _)| file.text()[piece].to_owned());
        (trap.help, near.unwrap_or_default())
    }

    #[test]
    fn a_line_that_is_indented_otherwise_is_told_of_the_line_that_it_belongs_to() {
        let (help, near) = told("a:\n    b: 1\n   !c: 2", KEYS);
        assert!(help.contains("line 2: by 4 spaces, not 3"), "{help}");
        assert_eq!(near, "b: 1");
        let (help, near) = told("a:\n  - b: 1\n   !c: 2", ITEMS);
        assert!(help.contains("line 2: by 4 spaces, not 3"), "{help}");
        assert_eq!(near, "- b: 1");
        let (help, near) = told("a:\n  - b: 1\n\n  # c\n  !c: 2", ITEMS);
        assert!(
            help.contains("begin it with `- `, or indent it by 4"),
            "{help}"
        );
        assert_eq!(near, "- b: 1");
        let (help, _) = told("a:\n  b: 1\n  !- c: 2", KEYS);
        assert!(help.contains("take `- ` away"), "{help}");
        let (help, near) = told("a:\n  b: text\n   c!: 2", COLON);
        assert!(help.contains("indent both alike"), "{help}");
        assert_eq!(near, "b: text");
    }

    #[test]
    fn spaces_that_are_missing_or_are_none_are_shown() {
        for (text, said, near) in [
            ("spec:1\napi!: x", COLON, ":"),
            ("  title:Toys\n  !name: x", SIMPLE, ":"),
            ("  -a: b\n   c!: d", COLON, "-"),
            ("  title:\u{a0}Toys\n  !name: x", SIMPLE, "\u{a0}"),
            ("\u{a0}\u{a0}title: Toys\n  !name: x", SIMPLE, "\u{a0}"),
            ("  title： Toys\n  !name: x", SIMPLE, "title： Toys"),
            (
                "a: {b: c # d}\n!e: f",
                "invalid indentation in flow construct",
                "# d}",
            ),
        ] {
            assert_eq!(told(text, said).1, near, "{text}");
        }
        // These have none.
        let (help, near) = told("url: http://x\n b!: c", COLON);
        assert!(help.contains("indent both"), "{help}");
        assert_eq!(near, "url: http://x");
    }

    #[test]
    fn a_tab_is_where_the_problem_is() {
        let text = "name: toys\n\ttitle: Toys";
        let file = File::new("x".to_owned(), text.to_owned(), 0);
        let trap = find(&file, 6, "while scanning a plain scalar, found a tab", None);
        assert_eq!(trap.at, Some(11..12));
        let file = File::new("x".to_owned(), "a:\tb".to_owned(), 0);
        let trap = find(
            &file,
            3,
            "':' must be followed by a valid YAML whitespace",
            None,
        );
        assert_eq!(trap.at, Some(2..3));
    }
}
