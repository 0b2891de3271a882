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
/// generator itself goes by.
pub fn schema() -> String {
    let mut schema = spec::json_schema().to_value();
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
