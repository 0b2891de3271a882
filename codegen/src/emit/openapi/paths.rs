//! Paths and operations.

use std::collections::BTreeSet;

use indexmap::{IndexMap, IndexSet};
use serde_json::Value as Json;

use super::bodies::Content;
use super::components::Out;
use super::object::Object;
use super::requests::{self, Form, told_by};
use super::{examples, parameters, responses, security};
use crate::model::{Api, Route, Segment};

/// The methods of a path.
struct PathItem<'a> {
    first: &'a Route,
    routes: Vec<&'a Route>,
    methods: IndexMap<&'a str, Vec<Form<'a>>>,
}

pub(super) fn paths(out: &mut Out<'_>) -> Object {
    let mut ids = BTreeSet::new();
    let mut object = Object::new();
    for item in items(out.api) {
        let written = path(out, &item, &mut ids);
        object = object.set(shown(item.first), written);
    }
    object
}

/// Routes whose templates differ in the names of their parameters alone are one path.
fn items(api: &Api) -> Vec<PathItem<'_>> {
    let mut items: IndexMap<String, PathItem<'_>> = IndexMap::new();
    for route in &api.routes {
        let item = items.entry(nameless(route)).or_insert_with(|| PathItem {
            first: route,
            routes: Vec::new(),
            methods: IndexMap::new(),
        });
        item.routes.push(route);
        let named_by = item.first;
        for entry in &route.methods {
            let forms = entry.requests.iter().map(|request| Form {
                route,
                request,
                operation: &api[request.operation],
                named_by,
            });
            item.methods.entry(&entry.method).or_default().extend(forms);
        }
    }
    items.into_values().collect()
}

/// The path; that of the root has a slash.
fn shown(route: &Route) -> &str {
    if route.path.is_empty() {
        "/"
    } else {
        &route.path
    }
}

fn nameless(route: &Route) -> String {
    let segment = |segment: &Segment| match segment {
        Segment::Literal(text) => text.clone(),
        Segment::Parameter { before, after, .. } | Segment::Many { before, after, .. } => {
            format!("{before}{{}}{after}")
        }
    };
    route
        .segments
        .iter()
        .map(segment)
        .collect::<Vec<_>>()
        .join("/")
}

fn path(out: &mut Out<'_>, item: &PathItem<'_>, ids: &mut BTreeSet<String>) -> Object {
    out.losses.at(shown(item.first));
    if item.routes.len() > 1 {
        let paths: Vec<&str> = item
            .routes
            .iter()
            .map(|route| route.path.as_str())
            .collect();
        out.losses.add(format!(
            "that these are several routes, told apart by the formats of their parameters: `{}`",
            paths.join("`, `")
        ));
    }
    if item.first.slash_optional {
        out.losses
            .add("that the final slash may be left out, or added; it is in `x-trailing-slash`");
    }
    for name in item.routes.iter().flat_map(|route| spanning(route)) {
        out.losses.add(format!(
            "that `{name}` may have slashes in it; it is in `x-multi-segment`"
        ));
    }
    let mut texts: Vec<&str> = item
        .routes
        .iter()
        .map(|route| route.description.trim_end())
        .collect();
    texts.retain(|text| !text.is_empty());
    let mut object = Object::new()
        .text("summary", &item.first.entity)
        .text("description", &texts.join("\n\n"))
        .some(
            "x-trailing-slash",
            item.first.slash_optional.then_some("optional"),
        )
        .vendor(&item.first.extensions);
    for (method, forms) in &item.methods {
        out.losses.at(format!("{method} {}", shown(item.first)));
        let id = unique(&operation_id(method, forms), ids);
        object = object.set(&method.to_lowercase(), operation(out, method, forms, id));
    }
    object
}

/// Parameters that span segments.
fn spanning(route: &Route) -> impl Iterator<Item = &str> {
    route.segments.iter().filter_map(|segment| match segment {
        Segment::Many { name, .. } => Some(name.as_str()),
        _ => None,
    })
}

/// The name of the operation; of several, all of them.
fn operation_id(method: &str, forms: &[Form<'_>]) -> String {
    let mut names: Vec<&str> = forms
        .iter()
        .map(|form| form.operation.name.as_str())
        .collect();
    names.dedup();
    let name = names.join("_or_");
    if method == "HEAD" {
        format!("head_{name}")
    } else {
        name
    }
}

fn unique(id: &str, ids: &mut BTreeSet<String>) -> String {
    let mut unique = id.to_owned();
    let mut count = 1;
    while !ids.insert(unique.clone()) {
        count += 1;
        unique = format!("{id}_{count}");
    }
    unique
}

fn operation(out: &mut Out<'_>, method: &str, forms: &[Form<'_>], id: String) -> Json {
    let api = out.api;
    let tags: IndexSet<&str> = forms
        .iter()
        .map(|form| api[form.route.group].name.as_str())
        .collect();
    let deprecated = forms.iter().all(|form| form.request.deprecated.is_some());
    let (own, others) = parameters::parameters(out, forms);
    let body = request_body(out, forms);
    let responses = responses::responses(out, forms, method == "HEAD");
    Object::new()
        .set("operationId", id)
        .set("tags", tags.into_iter().collect::<Vec<_>>())
        .set("summary", summary(forms))
        .text("description", &description(forms))
        .with(security_of(api, forms))
        .list("parameters", own)
        .some("requestBody", body)
        .set("responses", responses)
        .on("deprecated", deprecated)
        .list("x-parameters", others)
        .with(requests::details(out, forms))
        .object("x-examples", examples::all(forms))
        .json()
}

fn summary(forms: &[Form<'_>]) -> String {
    let titles: Vec<&str> = forms
        .iter()
        .map(|form| form.request.title.as_str())
        .collect();
    titles.join(" / ")
}

fn description(forms: &[Form<'_>]) -> String {
    if let [only] = forms {
        return only.request.description.trim_end().to_owned();
    }
    let one = |form: &Form<'_>| {
        let request = form.request;
        let told = told_by(request);
        let head = if told.is_empty() {
            format!("**{}**", request.title)
        } else {
            format!("**{}** ({told})", request.title)
        };
        format!("{head}\n\n{}", request.description.trim_end())
            .trim_end()
            .to_owned()
    };
    forms.iter().map(one).collect::<Vec<_>>().join("\n\n")
}

/// Where it is not that of the document.
fn security_of(api: &Api, forms: &[Form<'_>]) -> Object {
    let mut ways: Vec<Json> = Vec::new();
    for way in forms
        .iter()
        .flat_map(|form| security::ways(api, &form.operation.security, &requests::access(form)))
    {
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    let is_common = ways == security::common(api);
    Object::new().some("security", (!is_common).then_some(ways))
}

fn request_body(out: &mut Out<'_>, forms: &[Form<'_>]) -> Option<Json> {
    let mut content = Content::default();
    let mut texts: Vec<&str> = Vec::new();
    let mut with_body = 0;
    for form in forms {
        let Some(body) = &form.request.body else {
            continue;
        };
        with_body += 1;
        content.add(out, body);
        let text = body.description.trim_end();
        if !text.is_empty() && !texts.contains(&text) {
            texts.push(text);
        }
    }
    if content.is_empty() {
        return None;
    }
    for form in forms {
        examples::of_request(form, &mut content);
    }
    let body = Object::new()
        .text("description", &texts.join("\n\n"))
        .set("required", with_body == forms.len())
        .set("content", content.object());
    Some(body.json())
}
