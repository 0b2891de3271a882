//! The cases that follow from a descriptor: requests, good ones and all sorts of bad ones.
//!
//! A case does not say what is right: that is read from the descriptor when the answer is judged. Here it
//! is only seen to that everything is asked for that a descriptor bounds. Neighbours: `parameters`,
//! `bodies`, `elsewhere` (paths and methods that are not there).

mod bodies;
mod elsewhere;
mod json;
mod parameters;

use api_codegen::model::{Api, ConditionPlace, ErrorId, Parameter, Route, SecurityUse, Test};
use serde_json::Value as Json;

use crate::contract::Contract;
use crate::draft::{Draft, Form, Pins};
use crate::message::Request;

pub(crate) use elsewhere::elsewhere;

/// A request, and what it is about.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// In words.
    pub(crate) about: String,
    pub(crate) request: Request,
    /// Answers by which a server would say that the value that is tried here is malformed.
    pub(crate) probed: Vec<(u16, ErrorId)>,
    /// The credentials that are given for all requests are left out.
    pub(crate) is_bare: bool,
    /// It is about a caller who is not known or may not.
    pub(crate) is_about_caller: bool,
}

impl Case {
    pub(crate) fn new(about: impl Into<String>, request: Request) -> Self {
        Self {
            about: about.into(),
            request,
            probed: Vec::new(),
            is_bare: false,
            is_about_caller: false,
        }
    }
}

/// The methods in the order in which they are tried: what makes things there comes before what reads them,
/// and what takes them away comes last.
pub(crate) fn rank(method: &str) -> usize {
    const ORDER: [&str; 6] = ["POST", "PUT", "PATCH", "GET", "HEAD", "DELETE"];
    ORDER
        .iter()
        .position(|own| *own == method)
        .unwrap_or(ORDER.len() - 1)
}

/// All forms of the API in the order in which they are tried.
pub(crate) fn forms(api: &Api) -> Vec<Form<'_>> {
    let mut forms: Vec<Form<'_>> = api
        .routes
        .iter()
        .flat_map(|route| Form::of(api, route))
        .collect();
    forms.sort_by_key(|form| rank(&form.entry.method));
    forms
}

/// Good requests of a form: the least one, one with all that may be there, those of the examples.
pub(crate) fn good(form: Form<'_>, pins: &Pins) -> Vec<Case> {
    let least = Draft::least(form, pins);
    let mut cases = vec![Case::new("the least request", least.render())];
    cases.extend(bodies::good(&least));
    let mut full = least.clone();
    let may_be_there = |place, one: &Parameter| {
        !one.managed && form.request.tested(place, &one.wire) != Some(&Test::Absent)
    };
    let query = form.request.query.iter();
    for parameter in query.filter(|one| may_be_there(ConditionPlace::Query, one)) {
        if full.query.iter().all(|(name, _)| *name != parameter.wire) {
            full.add_query(parameter, pins);
        }
    }
    let headers = form.request.headers.iter();
    for header in headers.filter(|one| may_be_there(ConditionPlace::Header, one)) {
        let is_there = |(name, _): &(String, String)| name.eq_ignore_ascii_case(&header.wire);
        if !full.headers.iter().any(is_there) && !header.value.secret {
            full.add_header(header, pins);
        }
    }
    cases.push(Case::new("with all that may be there", full.render()));
    cases.extend(
        form.request
            .examples
            .iter()
            .filter_map(|example| of_example(form, pins, example)),
    );
    cases
}

/// The request of an example.
fn of_example(form: Form<'_>, pins: &Pins, example: &Json) -> Option<Case> {
    let name = example.get("name")?.as_str()?;
    let written = example.get("request")?;
    let mut draft = Draft::least(form, pins);
    for (value, parameter) in draft.path.iter_mut().zip(&form.request.path) {
        if let Some(given) = written["path"].get(&parameter.wire) {
            *value = api_codegen::values::text(given);
        }
    }
    for parameter in &form.request.query {
        match written["query"].get(&parameter.wire) {
            Some(Json::Bool(true)) => draft.add_query(parameter, pins),
            Some(given) => {
                let texts: Vec<String> = given
                    .as_array()
                    .map_or(std::slice::from_ref(given), Vec::as_slice)
                    .iter()
                    .map(api_codegen::values::text)
                    .collect();
                draft.put_query(parameter, &texts);
            }
            None => {}
        }
    }
    for (name, value) in written["headers"].as_object().into_iter().flatten() {
        draft.put_header(name, api_codegen::values::text(value));
    }
    bodies::of_example(&mut draft, &written["body"])?;
    let status = example["response"]["status"].as_u64();
    Some(Case {
        is_about_caller: matches!(status, Some(401 | 403)),
        ..Case::new(format!("the example `{name}`"), draft.render())
    })
}

/// Requests of a form of which each has one thing that is special, or wrong.
pub(crate) fn special(contract: &Contract<'_>, form: Form<'_>, pins: &Pins) -> Vec<Case> {
    let least = Draft::least(form, pins);
    let mut cases = parameters::cases(contract, &least, pins);
    // The answer to HEAD says nothing of a body that it was sent.
    if form.entry.method != "HEAD" {
        cases.extend(bodies::cases(contract, &least));
        cases.extend(parameters::accept(&least));
    }
    cases
}

/// The least request of a form without credentials, where it must have some.
pub(crate) fn bare(form: Form<'_>, pins: &Pins) -> Option<Case> {
    let security = &form.operation().security;
    let is_needed = !security.is_empty() && !security.contains(&SecurityUse::Anonymous);
    is_needed.then(|| Case {
        is_bare: true,
        is_about_caller: true,
        ..Case::new("without credentials", Draft::least(form, pins).render())
    })
}

/// Combinations of parameters of the forms of a route.
pub(crate) fn combined<'a>(api: &'a Api, route: &'a Route, pins: &Pins) -> Vec<Case> {
    let mut cases = Vec::new();
    let forms: Vec<Form<'a>> = Form::of(api, route).collect();
    for (index, first) in forms.iter().enumerate() {
        for second in &forms[index + 1..] {
            if first.entry.method != second.entry.method
                || (first.request.when.is_empty() && second.request.when.is_empty())
            {
                continue;
            }
            let (mut draft, other) = (Draft::least(*first, pins), Draft::least(*second, pins));
            for (name, value) in other.query {
                if draft.query.iter().all(|(own, _)| *own != name) {
                    draft.query.push((name, value));
                }
            }
            for (name, value) in other.headers {
                let is_it = |(own, _): &(String, String)| own.eq_ignore_ascii_case(&name);
                if !draft.headers.iter().any(is_it) {
                    draft.headers.push((name, value));
                }
            }
            let about = format!(
                "what tells apart `{}` and `{}`, both",
                first.request.title, second.request.title
            );
            cases.push(Case::new(about, draft.render()));
        }
    }
    cases
}
