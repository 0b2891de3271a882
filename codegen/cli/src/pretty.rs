//! Problems for a terminal, as rustc shows them.

use std::fmt::Write;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Patch, Renderer, Snippet};
use api_codegen::diag::{Diagnostic, Severity};
use api_codegen::render;
use api_codegen::source::{File, Sources, Span};

/// Problems that are shown.
const MOST: usize = 100;

/// Longest line that the renderer is given; it does not cut lines.
const LONGEST: usize = 400;

/// All problems, and at the end how many there are.
pub(super) fn render(problems: &[Diagnostic], sources: &Sources) -> String {
    with(&Renderer::styled(), problems, sources)
}

fn with(renderer: &Renderer, problems: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for problem in problems.iter().take(MOST) {
        match report(problem, sources) {
            Some(report) => out.push_str(&renderer.render(&report)),
            None => out.push_str(render::one(problem, sources).trim_end()),
        }
        out.push_str("\n\n");
    }
    if problems.len() > MOST {
        let _ = write!(out, "... and {} more\n\n", problems.len() - MOST);
    }
    out + &render::summary(problems)
}

/// `None` where a place cannot be shown.
fn report<'a>(problem: &'a Diagnostic, sources: &'a Sources) -> Option<Vec<Group<'a>>> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut snippets: Vec<Element<'a>> = Vec::new();
    for (number, label) in problem.labels.iter().enumerate() {
        let (file, range) = shown(sources.span(&label.place), sources)?;
        let kind = if number == 0 {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let annotation = kind.span(range).label(label.text.as_str());
        snippets.push(source(file).annotation(annotation).into());
    }
    let title = level
        .primary_title(problem.message.as_str())
        .id(problem.id.as_str());
    let mut group = title.elements(snippets);
    let help = problem.help.as_deref();
    let Some(suggestion) = &problem.suggestion else {
        group = group.elements(help.map(|help| Level::HELP.message(help)));
        return Some(vec![group]);
    };
    let (file, range) = shown(sources.span(&suggestion.place), sources)?;
    let patch = Snippet::source(file.text())
        .path(file.name())
        .patch(Patch::new(range, suggestion.replacement.as_str()));
    let title = Level::HELP.secondary_title(help.unwrap_or("write this instead"));
    Some(vec![group, title.element(patch)])
}

fn source(file: &File) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    Snippet::source(file.text()).path(file.name())
}

/// A place as far as it lies in its first line.
fn shown(span: Span, sources: &Sources) -> Option<(&File, Range<usize>)> {
    let file = sources.files().get(span.file)?;
    let line = file.line(span.line);
    if file.text().is_empty() || line.len() > LONGEST {
        return None;
    }
    let marked = file
        .slice(span)
        .split(['\n', '\r'])
        .next()
        .unwrap_or_default();
    Some((file, span.offset..span.offset + marked.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let failure = api_codegen::load_str("toys.yaml", text).expect_err("it is broken");
        with(&Renderer::plain(), &failure.problems, &failure.sources)
    }

    #[test]
    fn a_place_is_shown_with_the_text_that_would_be_right() {
        let shown = shown(
            "spec: 1\napi: {name: toys, titel: Töys, version: 'é', x: {a: ü}}\nenvelopes: {none: {type: none}}\n",
        );
        let expected = "\
error[unknown-key]: `api` has no key `titel`
 --> toys.yaml:2:19
  |
2 | api: {name: toys, titel: Töys, version: 'é', x: {a: ü}}
  |                   ^^^^^
  |
help: did you mean `title`?
  |
2 - api: {name: toys, titel: Töys, version: 'é', x: {a: ü}}
2 + api: {name: toys, title: Töys, version: 'é', x: {a: ü}}
  |

1 error
";
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_definition_is_shown_beside_the_place_of_the_problem() {
        let shown = shown("spec: 1\napi: {name: toys, title: Toys, version: '1', name: x}\n");
        assert!(
            shown.contains("^^^^") && shown.contains("---- it is already here"),
            "{shown}"
        );
    }

    #[test]
    fn a_line_that_is_too_long_is_shown_in_part() {
        let shown = shown(&format!("spec: 1\napi: {{titel: {}}}\n", "x".repeat(5000)));
        assert!(
            shown.contains("toys.yaml:2:7: error[unknown-key]: "),
            "{shown}"
        );
        assert!(shown.contains("help: did you mean `title`?"), "{shown}");
        assert!(shown.len() < 2000, "{shown}");
    }

    #[test]
    fn nothing_readable_is_no_hindrance() {
        let shown = shown("");
        assert!(shown.contains("this descriptor is empty"), "{shown}");
    }
}
