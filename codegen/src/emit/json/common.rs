//! What all requests and all answers have: a document says it once.
//!
//! The model has `common` merged into every request. Here it is found again by comparing, so that what
//! an author repeats by hand in every request counts as well.

use super::Common;
use super::bodies::{Response, number, response};
use super::routes::security;
use super::types::parameter;
use crate::model::{Api, Parameter, Request, Response as ModelResponse};

/// What all requests, all answers and all failures of an API have.
#[derive(Debug, Default)]
pub(super) struct Shared<'a> {
    request_headers: Vec<&'a Parameter>,
    response_headers: Vec<&'a Parameter>,
    failures: Vec<&'a ModelResponse>,
}

impl<'a> Shared<'a> {
    pub(super) fn of(api: &'a Api) -> Self {
        let requests: Vec<&Request> = requests(api).collect();
        let Some((first, others)) = requests.split_first() else {
            return Self::default();
        };
        let answers: Vec<&ModelResponse> = requests
            .iter()
            .flat_map(|request| request.successes.iter().chain(&request.failures))
            // What the server answers by itself has only the headers that its kind demands.
            .filter(|answer| !answer.managed)
            .collect();
        let in_failures = |failure: &&ModelResponse| {
            others
                .iter()
                .all(|other| has_failure(&other.failures, failure))
        };
        let sent = requests.iter().map(|request| request.headers.as_slice());
        let received = answers.iter().map(|answer| answer.headers.as_slice());
        Self {
            request_headers: everywhere(&sent.collect::<Vec<_>>()),
            response_headers: everywhere(&received.collect::<Vec<_>>()),
            failures: first.failures.iter().filter(in_failures).collect(),
        }
    }

    pub(super) fn request_header(&self, header: &Parameter) -> bool {
        self.request_headers
            .iter()
            .any(|shared| same_header(shared, header))
    }

    pub(super) fn response_header(&self, header: &Parameter) -> bool {
        self.response_headers
            .iter()
            .any(|shared| same_header(shared, header))
    }

    pub(super) fn failure(&self, failure: &ModelResponse) -> bool {
        self.failures
            .iter()
            .any(|shared| same_failure(shared, failure))
    }

    pub(super) fn written(&self, api: &Api) -> Common {
        let headers = |headers: &[&Parameter]| {
            headers
                .iter()
                .map(|header| parameter(api, "header", header, true))
                .collect()
        };
        let mut failures: Vec<Response> = self
            .failures
            .iter()
            .map(|failure| response(api, self, (None, failure), Some(&api.envelopes[0])))
            .collect();
        number(&mut failures);
        let (first, others) = match api.operations.split_first() {
            Some((first, others)) => (Some(first), others),
            None => (None, &[][..]),
        };
        let first =
            first.filter(|first| others.iter().all(|other| other.security == first.security));
        Common {
            security: first.map(|first| security(api, first)).unwrap_or_default(),
            request_headers: headers(&self.request_headers),
            response_headers: headers(&self.response_headers),
            failures,
        }
    }
}

/// All requests. Those of HEAD are those of GET over again.
fn requests(api: &Api) -> impl Iterator<Item = &Request> {
    let methods = api.routes.iter().flat_map(|route| &route.methods);
    methods
        .filter(|method| method.method != "HEAD")
        .flat_map(|method| &method.requests)
}

/// The headers that are in all of the lists. Where one is not the same in all, it is the one that is in
/// most of them; the others say something of their own.
fn everywhere<'a>(lists: &[&'a [Parameter]]) -> Vec<&'a Parameter> {
    let mut found = Vec::new();
    for header in lists.first().copied().unwrap_or_default() {
        let named = |list: &&'a [Parameter]| {
            let list: &'a [Parameter] = list;
            list.iter()
                .find(|other| other.wire.eq_ignore_ascii_case(&header.wire))
        };
        let all: Vec<&Parameter> = lists.iter().filter_map(named).collect();
        if all.len() < lists.len() {
            continue;
        }
        // There are as many as requests, and few that differ.
        let mut kinds: Vec<(&Parameter, usize)> = Vec::new();
        for header in all {
            match kinds.iter_mut().find(|(kind, _)| same_header(kind, header)) {
                Some((_, count)) => *count += 1,
                None => kinds.push((header, 1)),
            }
        }
        // The first of equals, so that the result does not depend on how a maximum is found.
        let most = kinds.iter().rev().max_by_key(|(_, count)| *count);
        found.extend(most.map(|(header, _)| *header));
    }
    found
}

fn same_header(one: &Parameter, other: &Parameter) -> bool {
    let (left, right) = (&one.value, &other.value);
    one.wire.eq_ignore_ascii_case(&other.wire)
        && left.ty == right.ty
        && left.optional == right.optional
        && left.constant == right.constant
        && left.description == right.description
}

fn has_failure(failures: &[ModelResponse], wanted: &ModelResponse) -> bool {
    failures.iter().any(|failure| same_failure(failure, wanted))
}

fn same_failure(one: &ModelResponse, other: &ModelResponse) -> bool {
    one.status == other.status && one.codes == other.codes && one.description == other.description
}
