//! Problems as plain text, and as JSON.
//!
//! ```text
//! toy.yaml:12:9: error[unknown-key]: a request has no key `sucess`
//!    12 |         sucess: []
//!       |         ^^^^^^
//!   help: did you mean `success`?
//! ```
//!
//! Hazard: lines of a file may be as long as a file may be, and there may be as many problems as it has
//! values. Both are cut here.

use std::fmt::Write;

use serde_json::Value as Json;

use crate::diag::{Diagnostic, Diagnostics, Place, Severity};
use crate::source::{File, Sources, Span};

/// Problems that are shown.
const MOST: usize = 100;

/// Characters of a message that are shown.
const LONGEST: usize = 1000;

/// Characters of a line that are shown, and how many of them before the place.
const WIDTH: usize = 120;
const BEFORE: usize = 60;

/// The problems by their place; of two that are the same one stays.
pub fn sorted(problems: Diagnostics, sources: &Sources) -> Vec<Diagnostic> {
    let mut placed: Vec<(Span, Diagnostic)> = problems
        .into_vec()
        .into_iter()
        .map(|problem| (place(&problem, sources), problem))
        .collect();
    placed.sort_by_key(|(span, problem)| (span.file, span.offset, problem.severity, problem.id));
    placed.dedup();
    placed.into_iter().map(|(_, problem)| problem).collect()
}

/// Where a problem is.
pub fn place(problem: &Diagnostic, sources: &Sources) -> Span {
    let first = problem.labels.first();
    first
        .map(|label| sources.span(&label.place))
        .unwrap_or_default()
}

/// A problem in one line: `file:line:column: error[id]: message`.
pub fn headline(problem: &Diagnostic, sources: &Sources) -> String {
    let kind = severity(problem);
    let position = position(place(problem, sources), sources);
    format!(
        "{position}: {kind}[{}]: {}",
        problem.id,
        line(&problem.message)
    )
}

/// All problems, and at the end how many there are. Empty where there is none.
pub fn plain(problems: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for problem in problems.iter().take(MOST) {
        out.push_str(&one(problem, sources));
        out.push('\n');
    }
    if problems.len() > MOST {
        let _ = writeln!(out, "... and {} more\n", problems.len() - MOST);
    }
    out.push_str(&summary(problems));
    out
}

/// A text that may quote what the author wrote, as one line of a length that can be read.
pub(crate) fn line(text: &str) -> String {
    let flat = |c: char| if c.is_control() { ' ' } else { c };
    let mut line: String = text.chars().take(LONGEST).map(flat).collect();
    if line.len() < text.len() {
        line.push('…');
    }
    line
}

/// How many errors and warnings there are, in one line. Empty where there is none.
pub fn summary(problems: &[Diagnostic]) -> String {
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    let count = |count: usize, noun: &str| match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        _ => Some(format!("{count} {noun}s")),
    };
    let counts = [
        count(errors, "error"),
        count(problems.len() - errors, "warning"),
    ];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    if counts.is_empty() {
        return String::new();
    }
    counts.join(", ") + "\n"
}

/// One problem: its headline, its places, what to do.
pub fn one(problem: &Diagnostic, sources: &Sources) -> String {
    let mut out = headline(problem, sources) + "\n";
    for (number, label) in problem.labels.iter().enumerate() {
        let span = sources.span(&label.place);
        if number == 0 {
            snippet(&mut out, span, sources, &line(&label.text));
        } else {
            let _ = writeln!(out, "  {}: {}", position(span, sources), line(&label.text));
            snippet(&mut out, span, sources, "");
        }
    }
    if let Some(help) = &problem.help {
        let _ = writeln!(out, "  help: {}", line(help));
    }
    let Some(suggestion) = &problem.suggestion else {
        return out;
    };
    let (text, is_here) = (&suggestion.replacement, problem.replacement().is_some());
    let help = problem.help.as_deref().unwrap_or_default();
    // A help that spells it out already need not be told again.
    if !is_here {
        let position = position(sources.span(&suggestion.place), sources);
        let _ = writeln!(out, "  instead, at {position}: {}", line(text));
    } else if !help.contains(text.as_str()) {
        let _ = writeln!(out, "  instead: {}", line(text));
    }
    out
}

/// All problems as JSON, for programs: nothing is cut. `docs/reference/diagnostics.md` says what is where.
pub fn json(problems: &[Diagnostic], sources: &Sources) -> String {
    let all: Vec<Json> = problems.iter().map(|one| json_of(one, sources)).collect();
    let is_error = |problem: &&Diagnostic| problem.severity == Severity::Error;
    let errors = problems.iter().filter(is_error).count();
    let document = serde_json::json!({
        "problems": all,
        "errors": errors,
        "warnings": problems.len() - errors,
    });
    format!("{document:#}\n")
}

fn json_of(problem: &Diagnostic, sources: &Sources) -> Json {
    let labels = problem.labels.iter().map(|label| {
        let mut place = json_place(&label.place, sources);
        place.insert("text".to_owned(), label.text.as_str().into());
        Json::Object(place)
    });
    let labels: Vec<Json> = labels.collect();
    let suggestion = problem.suggestion.as_ref().map(|suggestion| {
        let mut place = json_place(&suggestion.place, sources);
        place.insert(
            "replacement".to_owned(),
            suggestion.replacement.as_str().into(),
        );
        Json::Object(place)
    });
    let mut out = serde_json::Map::new();
    let mut put = |key: &str, value: Json| out.insert(key.to_owned(), value);
    put("id", problem.id.as_str().into());
    put("severity", severity(problem).into());
    put("message", problem.message.as_str().into());
    for (key, value) in json_place(&place(problem, sources).into(), sources) {
        put(&key, value);
    }
    put("labels", labels.into());
    put("help", problem.help.as_deref().into());
    put("suggestion", suggestion.into());
    Json::Object(out)
}

fn json_place(place: &Place, sources: &Sources) -> serde_json::Map<String, Json> {
    let span = sources.span(place);
    let file = sources.files().get(span.file);
    let bytes = file.map_or(0..0, |file| file.bytes(span));
    let pairs: [(&str, Json); 5] = [
        ("file", file.map_or("", File::name).into()),
        ("line", span.line.max(1).into()),
        ("column", span.column.max(1).into()),
        ("start", bytes.start.into()),
        ("end", bytes.end.into()),
    ];
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn severity(problem: &Diagnostic) -> &'static str {
    match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn position(span: Span, sources: &Sources) -> String {
    let name = sources
        .files()
        .get(span.file)
        .map_or("", |file| file.name());
    format!("{name}:{}:{}", span.line.max(1), span.column.max(1))
}

/// The line of a place with the place marked, as far as it lies in this line.
fn snippet(out: &mut String, span: Span, sources: &Sources, text: &str) {
    let Some(file) = sources
        .files()
        .get(span.file)
        .filter(|file| !file.text().is_empty())
    else {
        return;
    };
    let column = span.column.max(1) - 1;
    let skipped = if column > WIDTH - BEFORE / 2 {
        column - BEFORE
    } else {
        0
    };
    let shown: String = file
        .line(span.line)
        .chars()
        .skip(skipped)
        .take(WIDTH)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let marked = file
        .slice(span)
        .split(['\n', '\r'])
        .next()
        .unwrap_or_default();
    let before = column - skipped;
    let marks = marked
        .chars()
        .take(WIDTH.saturating_sub(before))
        .count()
        .max(1);
    let dots = if skipped > 0 { "…" } else { "" };
    let before = before + dots.chars().count();
    let _ = writeln!(out, "{:>5} | {dots}{}", span.line, shown.trim_end());
    let _ = writeln!(
        out,
        "{}",
        format!("      | {:before$}{} {text}", "", "^".repeat(marks)).trim_end()
    );
}
