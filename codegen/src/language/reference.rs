//! The reference of the language: a section for each definition, with a table of its keys.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use crate::check;
use crate::model::Rejection;
use crate::spec::{self, reserved};

/// The reference, as Markdown.
pub fn reference() -> String {
    let schema = spec::json_schema().to_value();
    let mut out = include_str!("reference.md").to_owned();
    builtins(&mut out);
    placeholders(&mut out);
    definition(&mut out, "Spec", &schema);
    for (name, body) in schema["$defs"].as_object().into_iter().flatten() {
        definition(&mut out, name, body);
    }
    kept(&mut out);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn builtins(out: &mut String) {
    out.push_str("| builtin | what it is |\n|---|---|\n");
    for (name, text) in check::builtins() {
        let _ = writeln!(out, "| `{name}` | {text} |");
    }
    out.push('\n');
}

/// What may stand in an envelope.
fn placeholders(out: &mut String) {
    out.push_str("## Placeholders and rejections\n\n");
    let names = check::placeholders().join("`, `");
    let _ = writeln!(
        out,
        "The placeholders of an envelope are `{names}` and\n`$detail.FIELD`. A key whose placeholder has no \
         value is left out.\n\nUnder `rejections` stands the code of each answer that the server gives by itself. \
         The status\nbelongs to the answer, not to the code.\n\n| rejection | status |\n|---|---|"
    );
    for rejection in Rejection::ALL {
        let _ = writeln!(out, "| `{}` | {} |", rejection.name(), rejection.status());
    }
    out.push('\n');
}

/// What later versions will mean by a key, or by a value of `type`.
fn kept(out: &mut String) {
    out.push_str("## Reserved words\n\n");
    out.push_str(
        "Later versions of the language will have these. Today each is an error that says so.\n\n",
    );
    out.push_str("| definition | keys | values of `type` |\n|---|---|---|\n");
    let of = |table: &[(&str, &[&str])], name: &str| {
        let words = table.iter().filter(|(place, _)| *place == name);
        let words: Vec<String> = words
            .flat_map(|(_, words)| words.iter())
            .map(|word| format!("`{word}`"))
            .collect();
        words.join(", ")
    };
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in reserved::KEYS.iter().chain(reserved::TYPES) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    for name in names {
        let (keys, types) = (of(reserved::KEYS, name), of(reserved::TYPES, name));
        let _ = writeln!(out, "| [{name}](#{}) | {keys} | {types} |", anchor(name));
    }
    let heads: Vec<String> = reserved::TYPE_HEADS
        .iter()
        .map(|head| format!("`{head}<TYPE>`"))
        .collect();
    let _ = writeln!(out, "\nAs types, {} are reserved.", heads.join(", "));
}

fn definition(out: &mut String, name: &str, body: &Json) {
    let _ = writeln!(out, "## {name}\n");
    let about = |body: &Json| {
        text(body)
            .map(|text| format!("{text}\n\n"))
            .unwrap_or_default()
    };
    if let Some([scalar, map]) = body["anyOf"].as_array().map(Vec::as_slice) {
        let _ = write!(
            out,
            "{}{} or a map:\n\n",
            about(map),
            capital(&holds(scalar))
        );
        return keys(out, map);
    }
    out.push_str(&about(body));
    let Some(options) = body["oneOf"].as_array() else {
        if let Some(pattern) = body["pattern"]
            .as_str()
            .filter(|pattern| pattern.len() <= 80)
        {
            let _ = writeln!(out, "It matches `{pattern}`.\n");
        }
        return keys(out, body);
    };
    if options.iter().all(|option| option["const"].is_string()) {
        out.push_str("| value | what it means |\n|---|---|\n");
        for option in options {
            let value = option["const"].as_str().unwrap_or_default();
            let _ = writeln!(
                out,
                "| `{value}` | {} |",
                cell(text(option).unwrap_or_default())
            );
        }
        out.push('\n');
        return;
    }
    for option in options {
        let kind = option["properties"]["type"]["const"]
            .as_str()
            .unwrap_or_default();
        let _ = write!(out, "### {name}, `type: {kind}`\n\n{}", about(option));
        keys(out, option);
    }
}

/// The table of keys of a map.
fn keys(out: &mut String, body: &Json) {
    let Some(properties) = body["properties"].as_object() else {
        return;
    };
    let rows: Vec<(&String, &Json)> = properties
        .iter()
        .filter(|(_, value)| value["const"].is_null())
        .collect();
    if rows.is_empty() {
        return;
    }
    let required = |key: &str| {
        let all = body["required"].as_array().into_iter().flatten();
        all.filter_map(Json::as_str).any(|one| one == key)
    };
    out.push_str("| key | holds | required | what it says |\n|---|---|---|---|\n");
    for (key, value) in rows {
        let is_required = if required(key) { "yes" } else { "" };
        let text = cell(text(value).unwrap_or_default());
        let _ = writeln!(
            out,
            "| `{key}` | {} | {is_required} | {text} |",
            holds(value)
        );
    }
    out.push('\n');
}

/// What may stand there, in a few words.
fn holds(value: &Json) -> String {
    if let Some(name) = reference_of(value) {
        return format!("[{name}](#{})", anchor(name));
    }
    let Some(object) = value.as_object() else {
        return "anything".to_owned();
    };
    match object.get("type").and_then(Json::as_str) {
        Some("array") => format!(
            "list of {}",
            object.get("items").map_or("anything".to_owned(), holds)
        ),
        Some("object") => format!("map of {}", map_of(object)),
        Some("string") => "text".to_owned(),
        Some("boolean") => "`true` or `false`".to_owned(),
        Some("integer") => "whole number".to_owned(),
        _ => "anything".to_owned(),
    }
}

fn map_of(object: &Map<String, Json>) -> String {
    match object.get("additionalProperties") {
        Some(inner @ Json::Object(_)) => holds(inner),
        _ => "anything".to_owned(),
    }
}

fn reference_of(value: &Json) -> Option<&str> {
    value["$ref"].as_str()?.strip_prefix("#/$defs/")
}

fn text(body: &Json) -> Option<&str> {
    body["description"].as_str()
}

/// A text within a table.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

fn anchor(name: &str) -> String {
    name.to_lowercase()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
