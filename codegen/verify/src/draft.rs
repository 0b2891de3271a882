//! A request of one form, in pieces that can be changed one by one.
//!
//! A draft begins with what is required and nothing else; values are those that whoever runs the tests has
//! given, or the author's examples, or small ones.

use std::collections::BTreeMap;

use api_codegen::model::{
    Api, Body, BodyKind, Builtin, ConditionPlace, ListStyle, MethodEntry, Operation, Parameter,
    Request as Use, Route, Segment, Test, Type,
};
use api_codegen::values::{Put, Step, Values, is_required, text};
use api_runtime::percent;
use serde_json::Value as Json;

use crate::message::{Payload, Request};

/// Values of parameters that whoever runs the tests has given, by their names on the wire.
pub type Pins = BTreeMap<String, String>;

/// One use of a method, with all that it belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form<'a> {
    pub(crate) api: &'a Api,
    pub(crate) route: &'a Route,
    pub(crate) entry: &'a MethodEntry,
    pub(crate) request: &'a Use,
}

impl<'a> Form<'a> {
    pub(crate) fn operation(&self) -> &'a Operation {
        &self.api[self.request.operation]
    }

    /// All forms of a route.
    pub(crate) fn of(api: &'a Api, route: &'a Route) -> impl Iterator<Item = Self> {
        route.methods.iter().flat_map(move |entry| {
            entry.requests.iter().map(move |request| Form {
                api,
                route,
                entry,
                request,
            })
        })
    }
}

/// A request in pieces.
#[derive(Clone, Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) form: Form<'a>,
    /// The values of the path.
    pub(crate) path: Vec<String>,
    /// Names, and values as they stand in a URL; a flag has none.
    pub(crate) query: Vec<(String, Option<String>)>,
    /// What is appended to the query as it is.
    pub(crate) raw_query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Payload,
}

impl<'a> Draft<'a> {
    /// The least request of a form.
    pub(crate) fn least(form: Form<'a>, pins: &Pins) -> Self {
        let mut draft = Self {
            form,
            path: form
                .request
                .path
                .iter()
                .map(|parameter| {
                    let sample = Values::new(form.api).sample(&parameter.value);
                    texts(&sample, parameter, pins).concat()
                })
                .collect(),
            query: Vec::new(),
            raw_query: String::new(),
            headers: Vec::new(),
            body: Payload::None,
        };
        for parameter in &form.request.query {
            if is_sent(form.request, ConditionPlace::Query, parameter) {
                draft.add_query(parameter, pins);
            }
        }
        for parameter in &form.request.headers {
            if is_sent(form.request, ConditionPlace::Header, parameter) {
                draft.add_header(parameter, pins);
            }
        }
        draft.add_conditions();
        if let Some(body) = form.request.body.as_ref() {
            draft.put_body(body.alternatives().next().unwrap_or(body));
        }
        draft
    }

    /// Adds a parameter of the query.
    pub(crate) fn add_query(&mut self, parameter: &Parameter, pins: &Pins) {
        let name = spelt(parameter);
        if parameter.value.ty == Type::Builtin(Builtin::Flag) {
            self.query.push((name, None));
            return;
        }
        let sample = self.sample(ConditionPlace::Query, parameter);
        self.put_query(parameter, &texts(&sample, parameter, pins));
    }

    /// Sets a parameter of the query to these items; one that is no list has one.
    pub(crate) fn put_query(&mut self, parameter: &Parameter, texts: &[String]) {
        let name = spelt(parameter);
        self.query.retain(|(own, _)| *own != name);
        let texts = texts.iter().map(|text| escaped(text));
        match parameter.style.separator() {
            Some(separator) => {
                let texts: Vec<String> = texts.collect();
                // A comma that separates is not escaped: one that is belongs to its item.
                let value = match parameter.style {
                    ListStyle::Comma => texts.join(separator),
                    _ => texts.join(&escaped(separator)),
                };
                self.query.push((name, Some(value)));
            }
            None => self
                .query
                .extend(texts.map(|text| (name.clone(), Some(text)))),
        }
    }

    /// Adds a header.
    pub(crate) fn add_header(&mut self, parameter: &Parameter, pins: &Pins) {
        let sample = self.sample(ConditionPlace::Header, parameter);
        let texts = texts(&sample, parameter, pins);
        self.put_header(&spelt(parameter), texts.join(", "));
    }

    /// A value of a parameter by which the request is of its form.
    fn sample(&self, place: ConditionPlace, parameter: &Parameter) -> Json {
        Values::new(self.form.api).sent(self.form.request, place, parameter)
    }

    /// Sets a header.
    pub(crate) fn put_header(&mut self, name: &str, value: String) {
        self.headers
            .retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value));
    }

    /// Takes a header away.
    pub(crate) fn remove_header(&mut self, name: &str) {
        self.headers
            .retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    }

    /// What tells the form from others.
    fn add_conditions(&mut self) {
        for condition in &self.form.request.when {
            let value = match &condition.test {
                Test::Present => None,
                Test::Absent => continue,
                Test::Is(values) => values.first().cloned(),
            };
            let name = &condition.name;
            match condition.place {
                ConditionPlace::Query if self.query.iter().all(|(own, _)| own != name) => {
                    // Without a value: where no parameter has this name, it is a flag.
                    let value = value.map(|value| escaped(&value));
                    self.query.push((name.clone(), value));
                }
                ConditionPlace::Header
                    if !self
                        .headers
                        .iter()
                        .any(|(own, _)| own.eq_ignore_ascii_case(name)) =>
                {
                    self.put_header(name, value.unwrap_or_else(|| "1".to_owned()));
                }
                ConditionPlace::Query | ConditionPlace::Header => {}
            }
        }
    }

    /// A body of this kind, with its media type.
    pub(crate) fn put_body(&mut self, body: &Body) {
        if let Some(media) = media_type(body) {
            self.put_header("Content-Type", media);
        }
        self.body = Payload::Whole(content(self.form.api, body));
    }

    /// The request.
    pub(crate) fn render(&self) -> Request {
        let mut target = path(self.form.route, &self.path);
        let mut separator = '?';
        for (name, value) in &self.query {
            target.push(separator);
            separator = '&';
            percent::component(&mut target, name);
            if let Some(value) = value {
                target.push('=');
                target.push_str(value);
            }
        }
        if !self.raw_query.is_empty() {
            target.push(separator);
            target.push_str(&self.raw_query);
        }
        Request {
            method: self.form.entry.method.clone(),
            target,
            headers: self.headers.clone(),
            body: self.body.clone(),
        }
    }
}

/// As a key or a value of a query.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    percent::component(&mut out, text);
    out
}

/// The path of a route with these values.
pub(crate) fn path(route: &Route, values: &[String]) -> String {
    let mut out = String::new();
    let mut values = values.iter();
    let mut value = || values.next().cloned().unwrap_or_default();
    for segment in &route.segments {
        out.push('/');
        match segment {
            Segment::Literal(text) => out.push_str(text),
            Segment::Parameter { before, after, .. } => {
                out.push_str(before);
                percent::segment(&mut out, &value());
                out.push_str(after);
            }
            Segment::Many { before, after, .. } => {
                out.push_str(before);
                percent::segments(&mut out, &value());
                out.push_str(after);
            }
        }
    }
    out
}

/// Whether a parameter belongs to the least request.
fn is_sent(request: &Use, place: ConditionPlace, parameter: &Parameter) -> bool {
    if parameter.managed || parameter.prefix.is_some() {
        return false;
    }
    match request.tested(place, &parameter.wire) {
        Some(Test::Present | Test::Is(_)) => true,
        Some(Test::Absent) => false,
        None => is_required(&parameter.value) || is_constant(parameter),
    }
}

/// A constant that must be there.
fn is_constant(parameter: &Parameter) -> bool {
    parameter.value.constant.is_some() && !parameter.value.optional
}

/// A name with its `*` filled in.
pub(crate) fn spelt(parameter: &Parameter) -> String {
    parameter.wire.replacen('*', "verify", 1)
}

/// The texts of a parameter: one, or the items of a list.
fn texts(sample: &Json, parameter: &Parameter, pins: &Pins) -> Vec<String> {
    if let Some(pinned) = pins.get(&parameter.wire) {
        return vec![pinned.clone()];
    }
    match sample {
        Json::Array(items) => items.iter().map(text).collect(),
        json => vec![text(json)],
    }
}

/// A media type of a body, its first.
pub(crate) fn media_type(body: &Body) -> Option<String> {
    let media = body
        .media_types
        .first()?
        .replace("*/*", "application/octet-stream");
    Some(match media.strip_suffix("/*") {
        Some(kind) => format!("{kind}/x-verify"),
        None => media,
    })
}

/// The bytes of a small body of this kind.
pub(crate) fn content(api: &Api, body: &Body) -> Vec<u8> {
    let values = Values::new(api);
    let json = |ty: &Type| match &body.example {
        Some(example) => example.clone(),
        None => values.along(ty, &[], &Put::Nothing),
    };
    match &body.kind {
        BodyKind::Json { ty, .. } => json(ty).to_string().into_bytes(),
        BodyKind::JsonLines(ty) => format!("{}\n", json(ty)).into_bytes(),
        BodyKind::Form(ty) => form(&json(ty)).into_bytes(),
        BodyKind::Text => match &body.example {
            Some(Json::String(example)) => example.clone().into_bytes(),
            _ => b"text".to_vec(),
        },
        BodyKind::Bytes(ty) => match (&body.example, ty) {
            (Some(Json::String(example)), _) => example.clone().into_bytes(),
            (Some(example), _) => example.to_string().into_bytes(),
            (None, Some(ty)) => json(ty).to_string().into_bytes(),
            (None, None) => Vec::new(),
        },
        BodyKind::Stream { .. } => match &body.example {
            Some(Json::String(example)) => example.clone().into_bytes(),
            _ => Vec::new(),
        },
        // No request has events.
        BodyKind::Events(_) => Vec::new(),
        BodyKind::Choice { of, .. } => of
            .first()
            .map(|first| content(api, &first.body))
            .unwrap_or_default(),
    }
}

/// An object as a form.
pub(crate) fn form(json: &Json) -> String {
    let mut out = String::new();
    for (key, value) in json.as_object().into_iter().flatten() {
        let items = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        for item in items {
            if !out.is_empty() {
                out.push('&');
            }
            percent::component(&mut out, key);
            out.push('=');
            percent::component(&mut out, &text(item));
        }
    }
    out
}

/// Steps into a value, in words.
pub(crate) fn spelt_steps(steps: &[Step]) -> String {
    let words: Vec<String> = steps
        .iter()
        .map(|step| match step {
            Step::Field(name) => name.clone(),
            Step::Item => "[]".to_owned(),
            Step::Entry => "*".to_owned(),
            Step::Variant(tag) => format!("<{tag}>"),
        })
        .collect();
    words.join(".")
}

#[cfg(test)]
mod tests {
    use super::{Draft, Form, Pins};

    const LISTS: &str = "
spec: 1
api: {name: lists, title: Lists, version: '1'}
groups: {all: {title: All}}
errors: {fault: {status: 500, message: fault}}
envelopes: {plain: {type: none, rejections: {no_route: fault, no_method: fault, bad_request: fault, internal: fault}}}
routes:
  - path: /lists
    group: all
    methods:
      GET:
        - request: Look at lists
          operation: look
          query:
            comma: {type: list<string>, style: comma, example: [a, 'b,c']}
            space: {type: list<string>, style: space, example: [a, b]}
            again: {type: list<string>, style: repeat, example: [a, 'b&']}
          success: [{status: 204}]
";

    #[test]
    fn a_comma_separates_items_and_is_escaped_within_one() {
        let loaded = api_codegen::load_str("lists", LISTS);
        let api = loaded.unwrap_or_else(|failure| panic!("{failure}")).api;
        let form = Form::of(&api, &api.routes[0]).next().expect("a form");
        let target = Draft::least(form, &Pins::new()).render().target;
        assert_eq!(
            target,
            "/lists?comma=a,b%2Cc&space=a%20b&again=a&again=b%26"
        );
    }
}
