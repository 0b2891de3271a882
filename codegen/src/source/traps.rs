//! Mistakes in YAML that everybody makes once, by the line at which the parser stops.
//!
//! The parser says what it wanted; whoever wrote a text without quotes wants to know that it needs some.

/// What to do about a text that is no YAML. `lines` are that at which the parser stopped and the one before
/// it; `is_flow` says that brackets or braces are open there.
pub(super) fn help(lines: [&str; 2], said: &str, is_flow: bool) -> &'static str {
    let known = lines.iter().find_map(|line| of_line(line, is_flow));
    match known {
        Some(help) => help,
        None if said.contains("mapping values") || said.contains("placement of ':'") => COLON,
        None => {
            "the mistake is here or before: look for a bracket, a quote or a `:`, for tabs, and for indentation"
        }
    }
}

const COLON: &str = "a text with `: ` in it needs quotes; if it has none, look for a bracket or a quote that is still open";

fn of_line(line: &str, is_flow: bool) -> Option<&'static str> {
    let indentation = line.len() - line.trim_start().len();
    if line[..indentation].contains('\t') {
        return Some("indent with spaces: YAML takes no tab there");
    }
    values(line).find_map(|value| of_value(value, is_flow))
}

/// What follows each `: ` and `- ` of a line, and each bracket and comma: there a text may begin.
fn values(line: &str) -> impl Iterator<Item = &str> {
    let line = line.trim_start();
    let starts = line
        .match_indices([':', '-', ',', '[', '{'])
        .map(|(at, _)| &line[at + 1..])
        .filter(|rest| rest.starts_with([' ', '*', '@', '`', '%']));
    std::iter::once(line).chain(starts).map(str::trim_start)
}

fn of_value(value: &str, is_flow: bool) -> Option<&'static str> {
    // Up to the end of the text, where it has no quotes.
    let own = value.split([',', '#']).next().unwrap_or_default();
    match value.chars().next()? {
        '@' | '`' => Some("a text that begins with `@` or a backtick needs quotes"),
        '%' => Some("a text that begins with `%` needs quotes"),
        '*' => Some("a text that begins with `*` needs quotes"),
        '"' | '\'' => None,
        '{' | '[' if own.trim_end().ends_with([']', '}']) => None,
        '{' | '[' if !is_flow && own.contains([']', '}']) => {
            Some("a text that begins with `{` or `[` needs quotes")
        }
        _ if is_flow && has_brace(own) => Some(
            "in brackets and braces a text that has some of its own needs quotes, such as '/toys/{toy}'",
        ),
        _ => None,
    }
}

/// Whether a bracket or a brace stands within a word.
fn has_brace(text: &str) -> bool {
    // What stands in quotes is every second piece.
    text.split(['"', '\'']).step_by(2).any(|piece| {
        let inside = piece.trim_start_matches(['{', '[', ' ']);
        inside
            .match_indices(['{', '['])
            .any(|(at, _)| !inside[..at].ends_with([' ', '{', '[']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str, is_flow: bool, word: &str) {
        let help = help([line, ""], "", is_flow);
        assert!(help.contains(word), "{line}: {help}");
    }

    #[test]
    fn what_a_text_begins_with_is_named() {
        told("\tname: toys", false, "spaces");
        told("  description: @team", false, "`@`");
        told("- `code`", false, "backtick");
        told("  description: 100%", false, "the mistake is here");
        told("  description: %d toys", false, "`%`");
        told("  media_types: [*/*]", true, "`*`");
        told("  - path: {toy}/parts", false, "`{`");
        told("  pattern: [a-z]+", false, "`[`");
        told("  - {path: /toys/{toy}, name: toys}", true, "of its own");
        told(
            "  - {path: '/toys/{toy}', name: [a]",
            true,
            "the mistake is here",
        );
    }

    #[test]
    fn a_colon_within_a_text_is_named_where_the_parser_stops_at_one() {
        let said = "mapping values are not allowed in this context";
        assert_eq!(help(["  description: Note: all", ""], said, false), COLON);
    }
}
