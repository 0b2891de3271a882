//! What whoever writes templates looks up: variables, filters, templates and their blocks.
//!
//! The variables are read off the JSON Schema of the JSON, which is derived from the structs that make
//! it; the blocks off the embedded templates.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::{DEFAULT, TEMPLATES, filters, html_filters};

const HEAD: &str = "# What templates can use

<!-- Rendered from the generator itself; `api-codegen templates` prints it. -->

`api-codegen docs` renders a document from each template whose name does not begin with `_`: those of the folder
that `--templates`, or `x: {api-codegen: {templates: FOLDER}}` of the descriptor, names, and the embedded ones. A
template of the same name replaces an embedded one. To change a part of it only, begin with
`{% extends \"default/NAME\" %}` and replace some of its blocks. `api-codegen template SPEC TEMPLATE` executes a
single template.

The language is that of [Tera](https://keats.github.io/tera/). In templates whose name ends with `.html` every value
is escaped; HTML in the texts of a descriptor never comes out as HTML.

## Variables

A template sees what `api-codegen json` prints. Keys are always there: a list without items is empty, and what does
not exist is null.
";

/// The page, from the JSON Schema of what a template sees.
pub fn reference(schema: &Json) -> String {
    let mut out = HEAD.to_owned();
    variables(&mut out, schema);
    for name in definitions(schema) {
        let definition = &schema["$defs"][&name];
        let _ = write!(out, "\n### {name}\n\n{}\n", text(definition, "description"));
        variables(&mut out, definition);
    }
    out.push_str(
        "\n## Filters\n\nBeside those of the language:\n\n| filter | what it makes |\n|---|---|\n",
    );
    for (name, about) in filters::ABOUT.iter().chain(&html_filters::ABOUT) {
        let _ = writeln!(out, "| `{name}` | {about} |");
    }
    out.push_str("\n## Templates\n\n| template | blocks |\n|---|---|\n");
    for (name, template) in TEMPLATES {
        let mut blocks: Vec<String> = blocks(template).map(|block| format!("`{block}`")).collect();
        if blocks.is_empty() {
            blocks.push("none".to_owned());
        }
        let _ = writeln!(
            out,
            "| `{}` | {} |",
            name.trim_start_matches(DEFAULT),
            blocks.join(", ")
        );
    }
    out
}

/// A table of the keys of an object.
fn variables(out: &mut String, object: &Json) {
    out.push_str("\n| variable | type | meaning |\n|---|---|---|\n");
    for (name, property) in object["properties"].as_object().into_iter().flatten() {
        let about = text(property, "description").replace('\n', " ");
        let _ = writeln!(out, "| `{name}` | {} | {about} |", type_of(property));
    }
}

/// The names of all definitions, in the order in which one meets them.
fn definitions(schema: &Json) -> Vec<String> {
    let mut found = Vec::new();
    references(schema, &mut found);
    let mut next = 0;
    while let Some(name) = found.get(next).cloned() {
        references(&schema["$defs"][&name], &mut found);
        next += 1;
    }
    found
}

/// Adds what the properties of an object refer to.
fn references(object: &Json, found: &mut Vec<String>) {
    for property in object["properties"]
        .as_object()
        .into_iter()
        .flat_map(|properties| properties.values())
    {
        let inner = [&property["items"], &property["anyOf"][0]];
        for at in inner.into_iter().chain([property]) {
            if let Some(name) = reference_of(at)
                && !found.iter().any(|known| known == name)
            {
                found.push(name.to_owned());
            }
        }
    }
}

fn reference_of(schema: &Json) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// A type in words, with a link where it has a table.
fn type_of(schema: &Json) -> String {
    if let Some(name) = reference_of(schema) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(of) = schema["anyOf"].as_array() {
        let all: Vec<String> = of.iter().map(type_of).collect();
        return all.join(" or ");
    }
    let named = |name: &str| match name {
        "array" if schema["prefixItems"].is_array() => "pair of texts".to_owned(),
        "array" => format!("list of {}", type_of(&schema["items"])),
        "string" => "text".to_owned(),
        "integer" => "number".to_owned(),
        other => other.to_owned(),
    };
    match &schema["type"] {
        Json::String(name) => named(name),
        Json::Array(all) => {
            let words: Vec<String> = all.iter().filter_map(Json::as_str).map(named).collect();
            words.join(" or ")
        }
        _ => "any".to_owned(),
    }
}

fn text<'j>(schema: &'j Json, key: &str) -> &'j str {
    schema[key].as_str().unwrap_or_default()
}

/// The blocks of a template, in their order.
fn blocks(template: &str) -> impl Iterator<Item = &str> {
    template
        .split("{% block ")
        .skip(1)
        .filter_map(|rest| rest.split([' ', '%']).next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_is_told_of() {
        for (source, about) in [
            (include_str!("filters.rs"), &filters::ABOUT[..]),
            (include_str!("html_filters.rs"), &html_filters::ABOUT[..]),
        ] {
            let registered: Vec<&str> = source
                .split("register_filter(\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .collect();
            let told: Vec<&str> = about.iter().map(|(name, _)| *name).collect();
            assert_eq!(told, registered);
        }
    }

    #[test]
    fn types_are_told_in_words() {
        let type_of = |json: &str| type_of(&serde_json::from_str(json).unwrap());
        assert_eq!(type_of(r#"{"type": ["string", "null"]}"#), "text or null");
        assert_eq!(
            type_of(r##"{"type": "array", "items": {"$ref": "#/$defs/Field"}}"##),
            "list of [Field](#field)"
        );
        assert_eq!(
            type_of(r##"{"anyOf": [{"$ref": "#/$defs/Body"}, {"type": "null"}]}"##),
            "[Body](#body) or null"
        );
        assert_eq!(type_of("true"), "any");
    }
}
