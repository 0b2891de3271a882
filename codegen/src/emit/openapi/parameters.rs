//! Parameters of the requests of one method, united.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::components::Out;
use super::examples;
use super::object::{Object, any_of};
use super::requests::Form;
use super::types;
use crate::model::{ConditionPlace, ListStyle, Parameter, Prefix, Type};

/// Headers that OpenAPI says elsewhere, and does not take as parameters.
const ELSEWHERE: [&str; 3] = ["accept", "content-type", "authorization"];

/// A parameter as the requests have it that do.
struct United<'a> {
    place: &'static str,
    name: String,
    of: Vec<(&'a Form<'a>, &'a Parameter)>,
}

/// The parameters that OpenAPI has words for, and those that it has not.
pub(super) fn parameters<'a>(out: &mut Out<'_>, forms: &'a [Form<'a>]) -> (Vec<Json>, Vec<Json>) {
    let mut own = Vec::new();
    let mut others = Vec::new();
    for united in united(forms) {
        let written = written(out, &united, forms);
        let is_map = united
            .of
            .iter()
            .any(|(_, parameter)| parameter.prefix.is_some());
        let is_elsewhere = ELSEWHERE.contains(&united.name.to_lowercase().as_str());
        // Whoever says how to authenticate has said what this header is for.
        if united.name.eq_ignore_ascii_case("Authorization") && !out.api.security.is_empty() {
            continue;
        }
        if united.place == "header" && (is_map || is_elsewhere) {
            let why = if is_map {
                "whose names vary"
            } else {
                "which is no parameter there"
            };
            out.losses.add(format!(
                "the header `{}`, {why}; it is in `x-parameters`",
                united.name
            ));
            others.push(written);
        } else {
            own.push(written);
        }
    }
    let undeclared = conditions(forms, &own, &others);
    own.extend(undeclared);
    (own, others)
}

fn united<'a>(forms: &'a [Form<'a>]) -> Vec<United<'a>> {
    let mut all: IndexMap<(&'static str, String), United<'a>> = IndexMap::new();
    for place in ["path", "query", "header"] {
        for form in forms {
            let list = match place {
                "path" => &form.request.path,
                "query" => &form.request.query,
                _ => &form.request.headers,
            };
            for (index, parameter) in list.iter().enumerate() {
                let name = match place {
                    "path" => form.path_name(index, parameter),
                    _ => parameter.wire.clone(),
                };
                let key = match place {
                    "header" => name.to_lowercase(),
                    _ => name.clone(),
                };
                let united = all.entry((place, key)).or_insert_with(|| United {
                    place,
                    name,
                    of: Vec::new(),
                });
                united.of.push((form, parameter));
            }
        }
    }
    all.into_values().collect()
}

fn written(out: &mut Out<'_>, united: &United<'_>, forms: &[Form<'_>]) -> Json {
    let first = united.of.first().map(|(_, parameter)| *parameter);
    let prefix = first.and_then(|parameter| parameter.prefix.as_ref());
    let is_required =
        united.of.len() == forms.len() && united.of.iter().all(|(_, one)| is_required(one));
    let schemas: Vec<Json> = united
        .of
        .iter()
        .map(|(_, parameter)| types::value(out, &parameter.value).json())
        .collect();
    let schema = any_of(schemas);
    let (name, schema) = match prefix {
        Some(prefix) => named_by(united, prefix, schema),
        None => (united.name.clone(), schema),
    };
    let is_flag = united.of.iter().any(|(_, one)| one.value.is_flag());
    let is_many = united.place == "path"
        && united
            .of
            .iter()
            .any(|(form, _)| form.spans_segments(&united.name));
    let deprecated = united
        .of
        .iter()
        .all(|(_, one)| one.value.deprecated.is_some());
    let deprecated = first
        .filter(|_| deprecated)
        .and_then(|one| one.value.deprecated.as_ref());
    let is_secret = united.of.iter().any(|(_, one)| one.value.secret);
    let is_managed = united.of.iter().all(|(_, one)| one.managed);
    Object::new()
        .set("name", name)
        .set("in", united.place)
        .text("description", &description(united))
        .on("required", is_required)
        .with(style(united, prefix))
        .on("allowEmptyValue", is_flag)
        .set("schema", schema)
        .with(examples_of(out, united))
        .with(types::deprecation(out, deprecated))
        .on("x-multi-segment", is_many)
        .on("x-secret", is_secret)
        .on("x-managed", is_managed)
        .json()
}

/// Those of the requests, or else the one that stands with the parameter. A map has none.
fn examples_of(out: &Out<'_>, united: &United<'_>) -> Object {
    let Some((_, first)) = united.of.first().filter(|(_, one)| one.prefix.is_none()) else {
        return Object::new();
    };
    let examples = examples::of_parameter(out, united.place, &united.of);
    if !examples.is_empty() {
        return Object::new().set("examples", examples);
    }
    let example = first.value.example.as_ref();
    let example = example
        .map(|json| types::in_parameter(out, &first.value.ty, json, first.style.separator()));
    Object::new().some("example", example)
}

fn is_required(parameter: &Parameter) -> bool {
    !parameter.value.optional && parameter.value.default.is_none() && parameter.prefix.is_none()
}

/// The texts of all, each once.
fn description(united: &United<'_>) -> String {
    let mut texts: Vec<&str> = Vec::new();
    for (_, parameter) in &united.of {
        let text = parameter.value.description.trim_end();
        if !text.is_empty() && !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.join("\n\n")
}

/// A name with a `*` stands for a map: `metadata[*]` is an object of its own, any other belongs to the query.
fn named_by(united: &United<'_>, prefix: &Prefix, schema: Json) -> (String, Json) {
    if let Some(name) = deep(united.place, prefix) {
        return (
            name,
            json!({"type": "object", "additionalProperties": schema}),
        );
    }
    let pattern = format!("^{}.*{}$", quoted(&prefix.before), quoted(&prefix.after));
    let map = Object::new()
        .set("type", "object")
        .set("patternProperties", Object::new().set(&pattern, schema))
        .set("additionalProperties", false);
    (united.name.clone(), map.json())
}

/// The name of an object whose keys stand in brackets.
fn deep(place: &str, prefix: &Prefix) -> Option<String> {
    let name = prefix
        .before
        .strip_suffix('[')
        .filter(|name| !name.is_empty())?;
    (place == "query" && prefix.after == "]").then(|| name.to_owned())
}

fn quoted(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if !c.is_alphanumeric() && !matches!(c, '-' | '_') {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

fn style(united: &United<'_>, prefix: Option<&Prefix>) -> Object {
    let query =
        |style: &str, explode: bool| Object::new().set("style", style).set("explode", explode);
    if united.place != "query" {
        return Object::new();
    }
    match prefix {
        Some(prefix) if deep(united.place, prefix).is_some() => return query("deepObject", true),
        Some(_) => return query("form", true),
        None => {}
    }
    let list = united
        .of
        .iter()
        .find(|(_, one)| matches!(one.value.ty, Type::List(_)));
    match list.map(|(_, one)| one.style) {
        None => Object::new(),
        Some(ListStyle::Repeat) => query("form", true),
        Some(ListStyle::Comma) => query("form", false),
        Some(ListStyle::Space) => query("spaceDelimited", false),
        Some(ListStyle::Pipe) => query("pipeDelimited", false),
    }
}

/// What only tells requests apart need not be declared by any of them, and is a parameter all the same.
fn conditions(forms: &[Form<'_>], own: &[Json], others: &[Json]) -> Vec<Json> {
    let mut all: Vec<Json> = Vec::new();
    for condition in forms.iter().flat_map(|form| &form.request.when) {
        let place = match condition.place {
            ConditionPlace::Query => "query",
            ConditionPlace::Header => "header",
        };
        let same = |one: &&Json| {
            one["in"] == place
                && one["name"]
                    .as_str()
                    .is_some_and(|name| name.eq_ignore_ascii_case(&condition.name))
        };
        let is_elsewhere =
            place == "header" && ELSEWHERE.contains(&condition.name.to_lowercase().as_str());
        if is_elsewhere || own.iter().chain(others).chain(&all).any(|one| same(&one)) {
            continue;
        }
        all.push(json!({
            "name": condition.name,
            "in": place,
            "description": "Tells the requests of this method apart.",
            "schema": {"type": "string"},
        }));
    }
    all
}
