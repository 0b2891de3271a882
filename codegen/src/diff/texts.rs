//! What is on no wire: descriptions, examples, deprecations, vendor data, by the place where they stand.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::exchange::{Answer, Extra};
use super::operations::{end, forms};
use super::rules::Rule;
use super::scene::{Comparison, Scene, Shown};
use crate::model::{
    Api, Body, Deprecation, OperationId, Parameter, Request, Response, SchemaKind, Type, Value,
};
use crate::values::Put;

/// Texts by their owner, their part and their sort.
type Texts = BTreeMap<(String, String, Rule), String>;

impl<'a> Comparison<'a> {
    /// Everything about the API as a whole, and all texts.
    pub(super) fn head(&mut self) {
        let urls = |api: &'a Api| -> Vec<&'a str> {
            api.servers
                .iter()
                .map(|server| server.url.as_str())
                .collect()
        };
        let (before, after) = (urls(self.old), urls(self.new));
        let scene = self.first_scene("api");
        let url = |url: &str| Shown::special(Extra::Base(url.to_owned()), Answer::Nobody);
        for lost in before.iter().filter(|own| !after.contains(own)) {
            self.tell(Rule::ServerUrlRemoved, &scene, *lost, &url(lost));
        }
        for gained in after.iter().filter(|own| !before.contains(own)) {
            self.tell(Rule::ServerUrlAdded, &scene, *gained, &url(gained));
        }
        self.constant_headers(&scene);
    }

    /// Some operation that both sides have, to show what all of them have in common.
    fn first_scene(&self, owner: &str) -> Scene<'a> {
        let both = self.pairs().into_iter().find_map(|(old, new)| old.zip(new));
        let first = |api: &'a Api, id: OperationId| {
            forms(api, id)
                .first()
                .map(|request: &&'a Request| end(api, id, request))
        };
        let (old, new) = match both {
            Some((old, new)) => (first(self.old, old), first(self.new, new)),
            None => (None, None),
        };
        Scene::new(owner.to_owned(), old, new)
    }

    fn constant_headers(&mut self, scene: &Scene<'a>) {
        let shown = Shown::taken(Put::Nothing);
        let find = |api: &'a Api, name: &str| {
            let mut all = api.constant_headers.iter();
            all.find(|(own, _)| own.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        };
        for (name, before) in &self.old.constant_headers {
            let here = scene.at(super::exchange::Spot::Whole, format!("header {name}"));
            match find(self.new, name) {
                None => self.tell(Rule::ConstantHeaderRemoved, &here, before.as_str(), &shown),
                Some(after) if after != before => {
                    let detail = format!("it was {before} and is {after}");
                    self.tell(Rule::ConstantHeaderChanged, &here, detail, &shown);
                }
                Some(_) => {}
            }
        }
        for (name, value) in &self.new.constant_headers {
            if find(self.old, name).is_none() {
                let here = scene.at(super::exchange::Spot::Whole, format!("header {name}"));
                self.tell(Rule::ConstantHeaderAdded, &here, value.as_str(), &shown);
            }
        }
    }

    /// Texts that stand at places which both sides have.
    pub(super) fn texts(&mut self) {
        let (old, new) = (texts(self.old), texts(self.new));
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for (old, new) in self.pairs() {
            if let (Some(old), Some(new)) = (old, new) {
                let (old, new) = (&self.old[old].name, &self.new[new].name);
                names.insert(format!("operation {old}"), format!("operation {new}"));
            }
        }
        for ((owner, part, rule), before) in &old {
            let owner_now = names.get(owner).unwrap_or(owner);
            let Some(after) = new.get(&(owner_now.clone(), part.clone(), *rule)) else {
                continue;
            };
            let rule = match rule {
                Rule::DeprecationChanged if before.is_empty() => Rule::DeprecationAdded,
                Rule::DeprecationChanged if after.is_empty() => Rule::DeprecationRemoved,
                rule => *rule,
            };
            if before != after {
                self.tell_quietly(rule, owner, part, "");
            }
        }
    }
}

/// All texts of a descriptor.
fn texts(api: &Api) -> Texts {
    let mut texts = Collected {
        api,
        texts: Texts::new(),
    };
    texts.head();
    for format in &api.formats {
        let owner = format!("format {}", format.name);
        texts.add(&owner, "", Rule::DocumentationChanged, &format.description);
        texts.add(
            &owner,
            "",
            Rule::ExampleChanged,
            &format.examples.join("\n"),
        );
        texts.deprecation(&owner, "", format.deprecated.as_ref());
    }
    texts.schemas();
    texts.routes();
    for id in 0..api.operations.len() {
        texts.operation(OperationId(id));
    }
    texts.texts
}

struct Collected<'a> {
    api: &'a Api,
    texts: Texts,
}

impl Collected<'_> {
    fn add(&mut self, owner: &str, part: &str, rule: Rule, text: &str) {
        let entry = self
            .texts
            .entry((owner.to_owned(), part.to_owned(), rule))
            .or_default();
        // What several requests have alike stands there once.
        if !text.is_empty() && !entry.contains(text) {
            entry.push_str(text);
            entry.push('\n');
        }
    }

    /// What a value of an enumeration means, or a variant of a union.
    fn member(&mut self, owner: &str, noun: &str, wire: &str, description: &str) {
        let part = format!("{noun} {wire}");
        self.add(owner, &part, Rule::DocumentationChanged, description);
    }

    fn deprecation(&mut self, owner: &str, part: &str, deprecation: Option<&Deprecation>) {
        let text = deprecation.map_or_else(String::new, |deprecation| format!("{deprecation:?}"));
        self.add(owner, part, Rule::DeprecationChanged, &text);
    }

    fn vendor(&mut self, owner: &str, data: &Json) {
        let text = if data.is_null() || data.as_object().is_some_and(serde_json::Map::is_empty) {
            String::new()
        } else {
            data.to_string()
        };
        self.add(owner, "", Rule::VendorDataChanged, &text);
    }

    fn head(&mut self) {
        let api = self.api;
        self.add(
            "api",
            "",
            Rule::VersionChanged,
            &format!("{} {}", api.name, api.version),
        );
        self.add(
            "api",
            "",
            Rule::DocumentationChanged,
            &format!("{}\n{}", api.title, api.description),
        );
        self.vendor("api", &api.extensions);
        for server in &api.servers {
            self.add(
                "api",
                &server.url,
                Rule::DocumentationChanged,
                &server.description,
            );
        }
        for group in &api.groups {
            let text = format!("{}\n{}", group.title, group.description);
            self.add(
                &format!("group {}", group.name),
                "",
                Rule::DocumentationChanged,
                &text,
            );
        }
        for scheme in &api.security {
            let owner = format!("security {}", scheme.name);
            self.add(&owner, "", Rule::DocumentationChanged, &scheme.description);
            if let crate::model::SecuritySchemeKind::Oauth2 { scopes, .. } = &scheme.kind {
                for (name, text) in scopes {
                    self.add(&owner, name, Rule::DocumentationChanged, text);
                }
            }
        }
        for error in &api.errors {
            let owner = format!("error {}", error.code);
            self.add(&owner, "", Rule::MessageChanged, &error.message);
            let docs = error.docs.as_deref().unwrap_or_default();
            self.add(
                &owner,
                "",
                Rule::DocumentationChanged,
                &format!("{}\n{docs}", error.description),
            );
        }
    }

    fn schemas(&mut self) {
        for schema in &self.api.schemas {
            let owner = format!("schema {}", schema.name);
            self.add(&owner, "", Rule::DocumentationChanged, &schema.description);
            self.deprecation(&owner, "", schema.deprecated.as_ref());
            match &schema.kind {
                SchemaKind::Object { fields, .. } => {
                    for field in fields {
                        self.value(&owner, &format!("field {}", field.wire), &field.value);
                    }
                }
                SchemaKind::Enum { values, .. } => {
                    for value in values {
                        self.member(&owner, "value", &value.wire, &value.description);
                    }
                }
                SchemaKind::Union { variants, .. } => {
                    for variant in variants {
                        self.member(&owner, "variant", &variant.wire, &variant.description);
                    }
                }
            }
        }
    }

    fn routes(&mut self) {
        for route in &self.api.routes {
            let owner = format!("route {}", route.path);
            let texts = [route.name.as_str(), &route.entity, &route.description];
            self.add(&owner, "", Rule::DocumentationChanged, &texts.join("\n"));
            for entry in &route.methods {
                self.add(
                    &owner,
                    &entry.method,
                    Rule::DocumentationChanged,
                    &entry.description,
                );
            }
            self.vendor(&owner, &route.extensions);
        }
    }

    fn operation(&mut self, id: OperationId) {
        let operation = &self.api[id];
        let owner = format!("operation {}", operation.name);
        for request in forms(self.api, id) {
            self.add(
                &owner,
                "",
                Rule::DocumentationChanged,
                &format!("{}\n{}", request.title, request.description),
            );
            let examples: Vec<String> = request.examples.iter().map(Json::to_string).collect();
            self.add(&owner, "", Rule::ExampleChanged, &examples.join("\n"));
            self.deprecation(&owner, "", request.deprecated.as_ref());
            self.vendor(&owner, &request.extensions);
            for (place, parameters) in [
                ("path", &request.path),
                ("query", &request.query),
                ("header", &request.headers),
            ] {
                self.parameters(&owner, place, parameters);
            }
            self.body(&owner, "body", request.body.as_ref());
            for response in request.successes.iter().chain(&request.failures) {
                self.response(&owner, response);
            }
        }
    }

    fn parameters(&mut self, owner: &str, place: &str, parameters: &[Parameter]) {
        for parameter in parameters {
            self.value(
                owner,
                &format!("{place} {}", parameter.wire),
                &parameter.value,
            );
        }
    }

    fn response(&mut self, owner: &str, response: &Response) {
        let part = format!("answer {}", response.label());
        self.add(
            owner,
            &part,
            Rule::DocumentationChanged,
            &response.description,
        );
        self.parameters(owner, &format!("{part}, header"), &response.headers);
        self.body(owner, &format!("{part}, body"), response.body.as_ref());
    }

    fn body(&mut self, owner: &str, part: &str, body: Option<&Body>) {
        let alternatives = body.into_iter().flat_map(Body::alternatives);
        for body in body.into_iter().chain(alternatives) {
            self.add(owner, part, Rule::DocumentationChanged, &body.description);
            let example = body
                .example
                .as_ref()
                .map_or_else(String::new, Json::to_string);
            self.add(owner, part, Rule::ExampleChanged, &example);
        }
    }

    fn value(&mut self, owner: &str, part: &str, value: &Value) {
        // What a format says of itself is told once.
        let of_format = match &value.ty {
            Type::Format(id) => self.api[*id].description == value.description,
            _ => false,
        };
        let description = if of_format {
            ""
        } else {
            value.description.as_str()
        };
        self.add(owner, part, Rule::DocumentationChanged, description);
        let example = value
            .example
            .as_ref()
            .map_or_else(String::new, Json::to_string);
        self.add(owner, part, Rule::ExampleChanged, &example);
        let secret = if value.secret { "secret" } else { "" };
        self.add(owner, part, Rule::SecrecyChanged, secret);
        self.deprecation(owner, part, value.deprecated.as_ref());
    }
}
