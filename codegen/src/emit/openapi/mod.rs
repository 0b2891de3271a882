//! The API as a document of OpenAPI 3.1, and the list of what such a document cannot say.
//!
//! A method of a path is one operation there. The requests of one method are united, so that each of them
//! is described and no other is ruled in more than it must be: a parameter is required where all have it,
//! and where they differ any of their schemas holds. What is lost so, and what OpenAPI has no words for,
//! stands in fields that begin with `x-` and is a line of the losses.

mod bodies;
mod components;
mod envelopes;
mod examples;
mod losses;
mod object;
mod parameters;
mod paths;
mod requests;
mod responses;
mod schemas;
mod security;
mod types;
mod unions;

use serde_json::{Value as Json, json};

use crate::model::Api;
use components::Out;
use object::Object;

/// The version of OpenAPI.
const VERSION: &str = "3.1.0";

/// The API in two texts, each with a line break at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenApi {
    /// The document, as JSON.
    pub document: String,
    /// What it does not say, as Markdown, a line for each.
    pub losses: String,
}

/// The API as OpenAPI.
pub fn render(api: &Api) -> OpenApi {
    let mut out = Out::new(api);
    let paths = paths::paths(&mut out);
    let components = out.components();
    let document = Object::new()
        .set("openapi", VERSION)
        .set("info", info(api))
        .set("servers", servers(api))
        .list("tags", tags(api))
        .set("security", security::common(api))
        .set("paths", paths)
        .set("components", components)
        .vendor(&api.extensions)
        .json();
    let mut text = format!("{document:#}");
    text.push('\n');
    OpenApi {
        document: text,
        losses: out.losses.text(),
    }
}

fn info(api: &Api) -> Json {
    Object::new()
        .set("title", api.title.as_str())
        .set("version", api.version.as_str())
        .text("description", &api.description)
        .json()
}

/// Where none is named, the one that OpenAPI supposes.
fn servers(api: &Api) -> Vec<Json> {
    if api.servers.is_empty() {
        return vec![json!({"url": "/"})];
    }
    let server = |server: &crate::model::Server| {
        Object::new()
            .set("url", server.url.as_str())
            .text("description", &server.description)
            .json()
    };
    api.servers.iter().map(server).collect()
}

fn tags(api: &Api) -> Vec<Json> {
    let tag = |group: &crate::model::Group| {
        Object::new()
            .set("name", group.name.as_str())
            .text("description", &group.description)
            .set("x-displayName", group.title.as_str())
            .json()
    };
    api.groups.iter().map(tag).collect()
}
