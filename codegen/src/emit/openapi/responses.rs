//! Answers of the requests of one method, united by status.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::bodies::Content;
use super::components::{Component, Out};
use super::object::{Object, any_of};
use super::requests::Form;
use super::{envelopes, examples, types};
use crate::emit::ident::phrase;
use crate::model::{EnvelopeId, ErrorId, Parameter, Response, Type};

/// An answer and the request that it belongs to.
type Answer<'a> = (&'a Form<'a>, &'a Response);

pub(super) fn responses(out: &mut Out<'_>, forms: &[Form<'_>], is_head: bool) -> Object {
    let mut by_status: BTreeMap<(u16, bool), Vec<Answer<'_>>> = BTreeMap::new();
    for form in forms {
        let all = form.request.successes.iter().chain(&form.request.failures);
        for response in all {
            by_status
                .entry(response.rank())
                .or_default()
                .push((form, response));
        }
    }
    let mut object = Object::new();
    for answers in by_status.values() {
        let Some((_, first)) = answers.first() else {
            continue;
        };
        let written = response(out, first, answers, is_head);
        object = object.set(&key(first), written);
    }
    let mut envelopes: Vec<EnvelopeId> = forms.iter().map(|form| form.route.envelope).collect();
    envelopes.dedup();
    // All of them are of one path, and where they are not, the first speaks for all.
    let rejected = envelopes
        .first()
        .map(|envelope| out.reference(Component::Rejections(*envelope, is_head)));
    object.some("default", rejected)
}

/// What OpenAPI calls the status of an answer: `204`, and `2XX` in capitals.
pub(super) fn key(response: &Response) -> String {
    response.label().to_uppercase()
}

/// The `answers` of one status, which is that of `first`.
fn response(out: &mut Out<'_>, first: &Response, answers: &[Answer<'_>], is_head: bool) -> Json {
    let mut content = Content::default();
    let mut codes: IndexMap<EnvelopeId, Vec<ErrorId>> = IndexMap::new();
    for (form, response) in answers {
        if let Some(body) = &response.body {
            content.add(out, body);
        }
        if !response.codes.is_empty() {
            let known = codes.entry(form.route.envelope).or_default();
            known.extend(&response.codes);
            known.sort();
            known.dedup();
        }
    }
    for (envelope, codes) in &codes {
        if let Some((media_type, schema)) = envelopes::content(out, *envelope, codes) {
            content.add_schema(&media_type, schema);
        }
    }
    // Of a class nothing is known that an example could show.
    for (form, _) in answers.iter().filter(|_| !first.class) {
        examples::of_response(out, form, first.status, &mut content);
    }
    let names: Vec<&str> = codes
        .values()
        .flatten()
        .map(|code| out.api[*code].code.as_str())
        .collect();
    let written = (!is_head && !content.is_empty()).then(|| content.object());
    let (headers, maps) = headers(out, answers);
    let is_managed = answers.iter().all(|(_, response)| response.managed);
    Object::new()
        .set("description", description(first, answers))
        .object("headers", headers)
        .some("content", written)
        .list("x-codes", names)
        .list("x-header-maps", maps)
        .on("x-managed", is_managed)
        .json()
}

fn description(first: &Response, answers: &[Answer<'_>]) -> String {
    let mut texts: Vec<&str> = Vec::new();
    for (_, response) in answers {
        let text = response.description.trim_end();
        if !text.is_empty() && !texts.contains(&text) {
            texts.push(text);
        }
    }
    if texts.is_empty() {
        let phrase = phrase(first);
        return if phrase.is_empty() {
            first.label()
        } else {
            phrase.to_owned()
        };
    }
    texts.join("\n\n")
}

/// The headers, and those whose names vary.
fn headers(out: &mut Out<'_>, answers: &[Answer<'_>]) -> (Object, Vec<Json>) {
    let mut united: IndexMap<String, Vec<&Parameter>> = IndexMap::new();
    for (_, response) in answers {
        for header in &response.headers {
            united
                .entry(header.wire.to_lowercase())
                .or_default()
                .push(header);
        }
    }
    let mut plain = Object::new();
    let mut maps = Vec::new();
    for (key, headers) in united {
        let Some(first) = headers.first() else {
            continue;
        };
        // The content says it.
        if key == "content-type" {
            continue;
        }
        let is_everywhere = headers.len() == answers.len();
        let written = header(out, &headers, is_everywhere);
        if first.prefix.is_some() {
            out.losses.add(format!(
                "the header `{}`, whose names vary; it is in `x-header-maps`",
                first.wire
            ));
            maps.push(
                Object::new()
                    .set("name", first.wire.as_str())
                    .with(written)
                    .json(),
            );
        } else {
            plain = plain.set(&first.wire, written);
        }
    }
    (plain, maps)
}

fn header(out: &mut Out<'_>, headers: &[&Parameter], is_everywhere: bool) -> Object {
    let is_required = is_everywhere
        && headers
            .iter()
            .all(|header| !header.value.optional && header.prefix.is_none());
    let schemas: Vec<Json> = headers
        .iter()
        .map(|header| schema(out, header).json())
        .collect();
    let text = headers
        .iter()
        .map(|header| header.value.description.as_str())
        .find(|text| !text.is_empty());
    let first = headers.first();
    let example = first.and_then(|header| {
        let example = header.value.example.as_ref()?;
        Some(types::in_parameter(
            out,
            &header.value.ty,
            example,
            header.style.separator(),
        ))
    });
    let deprecated = first.and_then(|header| header.value.deprecated.as_ref());
    Object::new()
        .text("description", text.unwrap_or_default())
        .on("required", is_required)
        .set("schema", any_of(schemas))
        .some("example", example)
        .with(types::deprecation(out, deprecated))
}

/// A URL in `Link` stands in angle brackets, with its relation behind it.
fn schema(out: &mut Out<'_>, header: &Parameter) -> Object {
    let schema = types::value(out, &header.value);
    if header.wire.eq_ignore_ascii_case("Link") && matches!(header.value.ty, Type::Url(_)) {
        return schema.without("format");
    }
    schema
}
