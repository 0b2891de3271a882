//! The language for people and for editors, rendered from the types that serde reads: the JSON Schema that
//! an editor goes by, and the reference that people read.
//!
//! The texts are the doc comments of `spec`; the structural walk goes by the same definitions, so what an
//! editor accepts and what the generator reads cannot drift apart.

mod reference;

use serde_json::{Value as Json, json};

use crate::spec;

pub use reference::reference;

/// Keys of the root file alone.
const ROOT_ONLY: [&str; 3] = ["spec", "api", "include"];

/// The JSON Schema of a file of the language, as text with a line break at its end.
///
/// A file that is included is none of its own: it lacks what belongs to the root file. All else is what the
/// generator itself goes by, and what its checks demand beyond that of a single map or list.
pub fn schema() -> String {
    let mut schema = spec::json_schema().to_value();
    demand(&mut schema);
    if let Json::Object(root) = &mut schema {
        root.insert("title".to_owned(), json!("A descriptor of api-codegen"));
        root.insert(
            "description".to_owned(),
            json!("A descriptor of an HTTP API, or a file that one includes."),
        );
        let required = root.remove("required").unwrap_or_default();
        let is_root: Vec<Json> = ROOT_ONLY
            .iter()
            .map(|key| json!({"required": [key]}))
            .collect();
        root.insert("if".to_owned(), json!({"anyOf": is_root}));
        root.insert("then".to_owned(), json!({"required": required}));
    }
    format!("{schema:#}\n")
}

/// Puts in what the checks tell in better words than the structural walk would: an editor has no others.
fn demand(schema: &mut Json) {
    schema["properties"]["spec"]["const"] = json!(1);
    let definitions = &mut schema["$defs"];
    let status: Vec<Json> = ["use", "status", "status_class"]
        .iter()
        .map(|key| json!({"required": [key]}))
        .collect();
    definitions["Response"]["anyOf"] = status.into();
    let methods = &mut definitions["Route"]["properties"]["methods"];
    methods["minProperties"] = json!(1);
    methods["additionalProperties"]["minItems"] = json!(1);
    let request = &mut definitions["Request"];
    request["properties"]["success"]["minItems"] = json!(1);
    if let Some(required) = request["required"].as_array_mut() {
        required.push(json!("success"));
    }
}
