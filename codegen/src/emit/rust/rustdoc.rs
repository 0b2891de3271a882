//! What generated items say of themselves: the text of the descriptor, and then in words what holds besides.
//!
//! Bounds and defaults of a value, what is deprecated, whom an operation is for and how it fails. What is a link
//! is put behind the texts of the descriptor, in which brackets are no links of ours (`doc`).

use std::fmt::Write as _;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::errors::{Failure, failures};
use super::{described, doc};
use crate::emit::text::escape;
use crate::model::{
    Api, Body, BodyKind, Constraints, Deprecation, ErrorCode, ErrorId, Field, Format, FormatKind,
    Operation, Parameter, Response, SecurityUse, Value,
};

/// The documentation of a field of an object, and its deprecation.
pub(super) fn field(field: &Field) -> TokenStream {
    let name = (field.wire != field.ident).then(|| code(&field.wire));
    of_value(name, &field.wire, &field.value)
}

/// The same of a field that holds a parameter; `place` says where it stands on the wire.
pub(super) fn parameter(place: &str, parameter: &Parameter) -> TokenStream {
    let name = format!("{place} {}", code(&parameter.wire));
    of_value(Some(name), &parameter.wire, &parameter.value)
}

/// A value: what it is, what it is called on the wire where that says something, its bounds.
fn of_value(name: Option<String>, wire: &str, value: &Value) -> TokenStream {
    let words = bounds(value).join(", ");
    let line = match (name, words.is_empty()) {
        (Some(name), true) => format!("{name}."),
        (Some(name), false) => format!("{name}: {words}."),
        (None, true) => String::new(),
        (None, false) => format!("{}.", capital(&words)),
    };
    let own = code(wire) + ".";
    let mut text = joined(&[value.description.trim(), &line]);
    if text.is_empty() {
        text = own;
    }
    definition(&text, value.deprecated.as_ref())
}

/// Paragraphs; those that say nothing are left out.
fn joined(texts: &[&str]) -> String {
    let texts = texts.iter().filter(|text| !text.is_empty());
    texts.copied().collect::<Vec<_>>().join("\n\n")
}

fn bounds(value: &Value) -> Vec<String> {
    let mut words = constraints(&value.constraints);
    if let Some(constant) = &value.constant {
        words.push(format!("always {}", literal(constant)));
    }
    if let Some(default) = &value.default {
        words.push(format!("{} where it is absent", literal(default)));
    }
    if let Some(example) = &value.example {
        words.push(format!("for example {}", literal(example)));
    }
    if value.secret {
        words.push("shown neither in logs nor by `Debug`".to_owned());
    }
    words
}

/// What the bounds demand, in words.
pub(super) fn constraints(constraints: &Constraints) -> Vec<String> {
    let items = between(constraints.min_items, constraints.max_items);
    let length = between(constraints.min_length, constraints.max_length);
    let pattern = constraints.pattern.as_ref();
    let words = [
        between(constraints.min, constraints.max),
        items.map(|words| counted(&words, "item")),
        length.map(|words| counted(&words, "character")),
        pattern.map(|(pattern, _)| format!("matching {}", code(pattern))),
    ];
    words.into_iter().flatten().collect()
}

fn between<N: PartialEq + ToString>(least: Option<N>, most: Option<N>) -> Option<String> {
    Some(match (least, most) {
        (None, None) => return None,
        (Some(least), None) => format!("at least {}", least.to_string()),
        (None, Some(most)) => format!("at most {}", most.to_string()),
        (Some(least), Some(most)) if least == most => format!("exactly {}", most.to_string()),
        (Some(least), Some(most)) => format!("from {} to {}", least.to_string(), most.to_string()),
    })
}

fn counted(words: &str, noun: &str) -> String {
    let plural = if words.ends_with(" 1") && !words.ends_with(" to 1") {
        ""
    } else {
        "s"
    };
    format!("{words} {noun}{plural}")
}

/// A value as it is on the wire, texts without their quotes.
fn literal(value: &serde_json::Value) -> String {
    match value.as_str() {
        Some("") => "the empty text".to_owned(),
        Some(text) => code(text),
        None => code(&value.to_string()),
    }
}

/// A code span, with enough backticks around it.
pub(super) fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let mut signs = "`".to_owned();
    while text.contains(&signs) {
        signs.push('`');
    }
    if text.is_empty() {
        return "`\"\"`".to_owned();
    }
    if text.starts_with('`') || text.ends_with('`') {
        return format!("{signs} {text} {signs}");
    }
    format!("{signs}{text}{signs}")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// Why something is not to be used any more, as a paragraph.
fn deprecated(deprecation: &Deprecation) -> String {
    let since = deprecation.since.as_ref();
    let since = since.map(|since| format!(" since {since}"));
    format!(
        "**Deprecated{}:** {}",
        since.unwrap_or_default(),
        note(deprecation)
    )
}

/// The reason, what to use, and the end.
fn note(deprecation: &Deprecation) -> String {
    let mut note = deprecation.reason.trim().to_owned();
    if let Some(instead) = &deprecation.instead {
        let _ = write!(note, " Use {} instead.", code(instead));
    }
    if let Some(sunset) = &deprecation.sunset {
        let _ = write!(note, " It ends on {sunset}.");
    }
    note
}

/// The attribute of what is not to be used any more; nothing of the rest. Who uses it is warned, but for the
/// modules of generated code, in which it is allowed (`include_api`).
pub(super) fn deprecated_attribute(deprecation: Option<&Deprecation>) -> Option<TokenStream> {
    deprecation.map(|deprecation| {
        let note = note(deprecation);
        let since = deprecation.since.iter();
        quote!(#[deprecated(#(since = #since,)* note = #note)])
    })
}

/// The documentation of something that has a text of its own, and its deprecation, which rustdoc shows.
pub(super) fn definition(text: &str, deprecation: Option<&Deprecation>) -> TokenStream {
    let (doc, attribute) = (doc(text), deprecated_attribute(deprecation));
    quote!(#doc #attribute)
}

/// The same without the attribute, of what a server has to name although it is deprecated: the deprecation is a
/// paragraph.
fn told(text: &str, deprecation: Option<&Deprecation>) -> TokenStream {
    let deprecated = deprecation.map(self::deprecated);
    doc(&joined(&[text.trim(), &deprecated.unwrap_or_default()]))
}

/// One line on an operation: its title, its method and its path.
pub(super) fn title(api: &Api, operation: &Operation) -> String {
    format!(
        "{}: `{} {}`.",
        escape(&operation.title),
        operation.method,
        api[operation.route].path
    )
}

/// The title of an operation and its description.
pub(super) fn operation(api: &Api, operation: &Operation) -> TokenStream {
    let title = title(api, operation);
    let text = joined(&[&title, operation.description.trim()]);
    told(&text, operation.deprecated.as_ref())
}

/// Whom an operation is for, and how it fails: a paragraph and a list, each where there is something to say.
pub(super) fn demands(api: &Api, operation: &Operation) -> TokenStream {
    let mut text = String::new();
    let callers = [security(api, operation), access(operation)];
    let callers: Vec<String> = callers.into_iter().flatten().collect();
    if !callers.is_empty() {
        let _ = writeln!(text, "\nCallers {}.", callers.join(", and "));
    }
    let errors = errors(api, operation);
    if !errors.is_empty() {
        let _ = write!(text, "\n# Errors\n\n{errors}");
    }
    raw(&text)
}

fn security(api: &Api, operation: &Operation) -> Option<String> {
    let is_open = operation.security.as_slice() == [SecurityUse::Anonymous];
    if operation.security.is_empty() || is_open {
        return None;
    }
    let names = operation.security.iter().map(|one| match one {
        SecurityUse::Scheme(id) => format!("by {}", code(&api[*id].name)),
        SecurityUse::Anonymous => "not at all".to_owned(),
    });
    let names: Vec<String> = names.collect();
    Some(format!("authenticate {}", names.join(" or ")))
}

fn access(operation: &Operation) -> Option<String> {
    let texts = operation.access.iter();
    let texts: Vec<String> = texts
        .map(|access| code(&operation.access_text(access)))
        .collect();
    (!texts.is_empty()).then(|| format!("need the access {}", texts.join(" and ")))
}

/// A line for each variant of the operation's errors, with a link to it.
fn errors(api: &Api, operation: &Operation) -> String {
    let mut list = String::new();
    for failure in failures(api, operation) {
        let codes = failure.codes().iter();
        let codes: Vec<String> = codes
            .map(|id| format!(" {}", code(&api[*id].code)))
            .collect();
        let _ = writeln!(
            list,
            "- [`{variant}`]({}Error::{variant}): {}{}",
            operation.type_name,
            failure.response.status,
            codes.join(","),
            variant = failure.variant,
        );
    }
    list
}

/// What an answer says of itself: its own text, or `fallback`.
pub(super) fn answer(response: &Response, fallback: &str) -> TokenStream {
    doc(described(&[&response.description, fallback]))
}

/// A code of the API.
pub(super) fn error_code(error: &ErrorCode) -> TokenStream {
    let title = ended(message(error));
    let docs = error.docs.as_ref();
    let docs = docs.map(|docs| format!("<{docs}> says more."));
    doc(&joined(&[
        &title,
        error.description.trim(),
        &docs.unwrap_or_default(),
    ]))
}

/// A code and its message, which is no Markdown.
fn message(error: &ErrorCode) -> String {
    format!(
        "{}: {}",
        code(&error.code),
        escape(sentence(&error.message))
    )
}

/// The errors of an operation; `contested` are codes that several variants take.
pub(super) fn operation_error(operation: &Operation, contested: &[String]) -> TokenStream {
    let mut text = format!("How [`{}`] can fail.", operation.type_name);
    if !contested.is_empty() {
        let names: Vec<String> = contested.iter().map(|name| format!("[`{name}`]")).collect();
        let _ = write!(
            text,
            "\n\nMore than one variant has {}: `into()` makes none of them, so name the one that is meant.",
            names.join(", ")
        );
    }
    raw(&text)
}

/// A variant of the errors of an operation: its status, its codes with their messages, and what the
/// descriptor says of it.
pub(super) fn failure(api: &Api, failure: &Failure<'_>) -> TokenStream {
    let response = failure.response;
    let codes: Vec<String> = failure
        .codes()
        .iter()
        .map(|id| message(&api[*id]))
        .collect();
    let status = response.status;
    let title = if codes.is_empty() {
        format!("{status}, without a body.")
    } else {
        ended(format!("{status} {}", codes.join("; or ")))
    };
    // What only says the message again says nothing.
    let text = response.description.trim();
    let is_message =
        |id: &ErrorId| sentence(text).eq_ignore_ascii_case(sentence(&api[*id].message));
    let text = if failure.codes().iter().any(is_message) {
        ""
    } else {
        text
    };
    doc(&joined(&[&title, text]))
}

/// The body of a message: what it is, its media types, and how large it may be.
pub(super) fn body(body: &Body) -> TokenStream {
    let types: Vec<String> = body.media_types.iter().map(|one| code(one)).collect();
    let unit = match body.kind {
        BodyKind::JsonLines(_) => " a line",
        BodyKind::Events(_) => " an event",
        _ => "",
    };
    let limit = body
        .limit
        .map(|limit| format!(", at most {}{unit}", size(limit)));
    let line = format!("{}{}.", types.join(", "), limit.unwrap_or_default());
    match body.description.trim() {
        "" => doc(&format!("The body: {line}")),
        text => doc(&joined(&[text, &line])),
    }
}

/// A size in the largest binary unit that divides it.
fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = units
        .iter()
        .find(|(unit, _)| bytes.is_multiple_of(*unit) && bytes > 0);
    match unit {
        Some((unit, name)) => format!("{} {name}", bytes / unit),
        None => format!("{bytes} bytes"),
    }
}

/// A format: what it is, what it demands, examples.
pub(super) fn format(text: &str, format: &Format) -> TokenStream {
    let words = match &format.kind {
        FormatKind::Scalar { constraints, .. } => self::constraints(constraints).join(", "),
        FormatKind::AnyOf(_) => String::new(),
    };
    let words = (!words.is_empty()).then(|| format!("{}.", capital(&words)));
    let examples: Vec<String> = format
        .examples
        .iter()
        .map(|example| code(example))
        .collect();
    let examples = (!examples.is_empty()).then(|| format!("Examples: {}.", examples.join(", ")));
    let text = joined(&[
        text.trim(),
        &words.unwrap_or_default(),
        &examples.unwrap_or_default(),
    ]);
    definition(&text, format.deprecated.as_ref())
}

/// An answer as a variant: its status, and its text.
pub(super) fn success(response: &Response) -> TokenStream {
    match response.description.trim() {
        "" => doc(&format!("{}.", response.label())),
        text => doc(&format!("{}: {text}", response.label())),
    }
}

/// Something that has a name on the wire, and perhaps a text.
pub(super) fn named(wire: &str, text: &str) -> TokenStream {
    match text.trim() {
        "" => doc(&format!("{}.", code(wire))),
        text => doc(&format!("{}: {text}", code(wire))),
    }
}

/// Another way to call an operation.
pub(super) fn variation(before: &str, method: &Ident, after: &str) -> TokenStream {
    let method = method.to_string();
    // Links name a keyword as it is written on the page, which is without `r#`.
    let target = method
        .strip_prefix("r#")
        .map(|plain| format!("(Client::{plain})"));
    raw(&format!(
        "{before} [`Client::{method}`]{}{after}",
        target.unwrap_or_default()
    ))
}

/// A text with a full stop at its end, where it does not ask or exclaim.
fn ended(mut text: String) -> String {
    if !text.ends_with(['?', '!']) {
        text.push('.');
    }
    text
}

/// A text without the full stop at its end.
fn sentence(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}

/// Doc attributes of a text that the generator wrote, in which links are links.
pub(super) fn raw(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| {
        let line = if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        };
        quote!(#[doc = #line])
    });
    quote!(#(#lines)*)
}
