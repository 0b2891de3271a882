//! The reference of the language and the schema for editors.
//!
//! That descriptors are valid against the schema is what a validator of others says, in `.ci/run`.

use std::path::Path;

use api_codegen::language;
use serde_json::Value as Json;

fn schema() -> Json {
    serde_json::from_str(&language::schema()).unwrap()
}

/// All keys that a definition has in the schema, of all its kinds.
fn keys<'j>(definition: &'j Json, found: &mut Vec<&'j str>) {
    for (key, value) in definition["properties"].as_object().into_iter().flatten() {
        if value["const"].is_null() {
            found.push(key);
        }
    }
    for list in ["oneOf", "anyOf"] {
        let kinds = definition[list].as_array().into_iter().flatten();
        kinds.for_each(|kind| keys(kind, found));
    }
}

#[test]
fn the_reference_and_the_schema_are_what_is_committed() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference"));
    for (name, text) in [
        ("language.md", language::reference()),
        ("descriptor.schema.json", language::schema()),
    ] {
        let committed = std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(
            text == committed,
            "{name}: `api-codegen language` prints it"
        );
    }
}

#[test]
fn the_reference_has_a_section_for_each_definition_with_a_row_for_each_key() {
    let (schema, reference) = (schema(), language::reference());
    let mut rows = 0;
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        let start = reference
            .find(&format!("\n## {name}\n"))
            .unwrap_or_else(|| panic!("{name}"));
        let section = reference[start + 1..].split("\n## ").next().unwrap();
        let mut found = Vec::new();
        keys(definition, &mut found);
        for key in found {
            let row = section
                .lines()
                .find(|line| line.starts_with(&format!("| `{key}` | ")));
            let row = row.unwrap_or_else(|| panic!("{name}.{key}"));
            assert!(!row.ends_with("|  |"), "{name}.{key} has no text");
            rows += 1;
        }
    }
    assert!(rows > 100, "{rows}");
}

#[test]
fn every_link_of_the_reference_leads_to_a_section() {
    let reference = language::reference();
    let sections: Vec<String> = reference
        .lines()
        .filter_map(|line| Some(line.strip_prefix("## ")?.to_lowercase()))
        .collect();
    let links: Vec<&str> = reference
        .split("](#")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap())
        .collect();
    assert!(links.len() > 50);
    for link in links {
        assert!(sections.iter().any(|section| section == link), "{link}");
    }
}

#[test]
fn an_included_file_need_not_have_what_belongs_to_the_root() {
    let schema = schema();
    assert_eq!(schema["required"], Json::Null);
    assert_eq!(
        schema["then"]["required"],
        serde_json::json!(["spec", "api"])
    );
    assert_eq!(schema["if"]["anyOf"].as_array().unwrap().len(), 3);
}
