//! Whether an answer is one that the descriptor declares.
//!
//! What a server holds nobody knows here: of a well-formed request any declared answer is right. A malformed
//! one has one right answer, the refusal. Whoever is not known, or may not, may be told so in both cases.

mod bodies;
mod envelope;
mod headers;
mod json;

use api_codegen::model::{ErrorId, Operation, Rejection, Response, of_status};
use api_runtime::media::Media;

use crate::contract::{Contract, Reading, Refused, Taken};
use crate::kind::Kind;
use crate::message::{Answer, Request};
use crate::wire::Target;

pub(crate) use headers::url;

/// Something that is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) kind: Kind,
    pub(crate) expected: String,
    /// Why that is expected, where it is not plain.
    pub(crate) reason: String,
    pub(crate) got: String,
}

impl Finding {
    pub(crate) fn new(kind: Kind, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self {
            kind,
            expected: expected.into(),
            reason: String::new(),
            got: got.into(),
        }
    }
}

/// An answer with the request that it answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchange<'e> {
    pub(crate) target: &'e Target,
    pub(crate) request: &'e Request,
    pub(crate) answer: &'e Answer,
}

impl Exchange<'_> {
    pub(crate) fn is_head(&self) -> bool {
        self.request.method == "HEAD"
    }
}

/// All that is wrong with an answer. `probed` are answers by which a good value would be refused.
pub(crate) fn judge(
    contract: &Contract<'_>,
    reading: &Reading<'_>,
    exchange: Exchange<'_>,
    probed: &[(u16, ErrorId)],
) -> Vec<Finding> {
    let mut findings = as_http(contract, exchange);
    findings.extend(match reading {
        Reading::Refused(refused) => {
            let mut findings = refusal(contract, refused, exchange);
            for finding in &mut findings {
                finding.reason.clone_from(&refused.reason);
            }
            findings
        }
        Reading::Taken(taken) => match is_refused(contract, taken, exchange, probed) {
            Some(finding) => vec![finding],
            None => declared(contract, taken, exchange),
        },
    });
    findings
}

/// Whether an answer says that somebody is not known, or may not: then nothing else was looked at.
pub(crate) fn is_denied(operation: Option<&Operation>, status: u16) -> bool {
    let is_guarded =
        |operation: &Operation| !operation.security.is_empty() || !operation.access.is_empty();
    matches!(status, 401 | 403) && operation.is_some_and(is_guarded)
}

/// What every answer must be.
fn as_http(contract: &Contract<'_>, exchange: Exchange<'_>) -> Vec<Finding> {
    let answer = exchange.answer;
    let mut findings = Vec::new();
    if let Some(fault) = &answer.fault {
        findings.push(Finding::new(Kind::Framing, "a whole body", fault.clone()));
    }
    if exchange.is_head() && !answer.body.is_empty() {
        findings.push(Finding::new(Kind::Head, "no body", answer.summary()));
    } else if matches!(answer.status, 204 | 304) && !answer.body.is_empty() {
        findings.push(Finding::new(Kind::Body, "no body", answer.summary()));
    }
    let types: Vec<&str> = answer.all("content-type").collect();
    if types.len() > 1 {
        let got = format!("Content-Type: {}", types.join(" and "));
        findings.push(Finding::new(Kind::Header, "one Content-Type", got));
    }
    for (name, value) in &contract.api.constant_headers {
        let expected = format!("{name}: {value}");
        match answer.header(name) {
            Some(given) if given == value => {}
            Some(given) => {
                let got = format!("{name}: {given}");
                findings.push(Finding::new(Kind::Header, expected, got));
            }
            None => findings.push(without(Kind::Missing, expected, answer)),
        }
    }
    findings
}

/// What is wrong with the media type of an answer that is to be one of these. Where it `is_text`, it is UTF-8.
fn media_type(answer: &Answer, types: &[&str], is_text: bool) -> Option<Finding> {
    let expected = format!("Content-Type: {}", types.join(" or "));
    let Some(given) = answer.header("content-type") else {
        let got = format!("{} without Content-Type", answer.status);
        return Some(Finding::new(Kind::MediaType, expected, got));
    };
    let got = format!("{} with Content-Type: {given}", answer.status);
    if !api_runtime::media::is_one_of(given, types) {
        return Some(Finding::new(Kind::MediaType, expected, got));
    }
    let charset = Media::parse(given).ok()?.parameter("charset")?;
    let known = ["utf-8", "utf8", "us-ascii"];
    let is_known = known
        .iter()
        .any(|known| charset.eq_ignore_ascii_case(known));
    let expected = format!("{expected} in UTF-8");
    (is_text && !is_known).then(|| Finding::new(Kind::MediaType, expected, got))
}

/// A header that is not there.
fn without(kind: Kind, expected: impl Into<String>, answer: &Answer) -> Finding {
    Finding::new(kind, expected, format!("{} without it", answer.status))
}

/// The answer to a malformed request.
fn refusal(contract: &Contract<'_>, refused: &Refused<'_>, exchange: Exchange<'_>) -> Vec<Finding> {
    let answer = exchange.answer;
    let expected = expected(contract, &refused.answers);
    let of_status = |(status, _): &&(u16, ErrorId)| *status == answer.status;
    let codes: Vec<ErrorId> = refused
        .answers
        .iter()
        .filter(of_status)
        .map(|(_, code)| *code)
        .collect();
    if codes.is_empty() {
        return other_than_refused(contract, refused, exchange, expected);
    }
    let mut findings = Vec::new();
    if refused.rejection == Rejection::NoMethod {
        findings.extend(allow(refused, answer));
    }
    let has_challenge = answer.header("www-authenticate").is_some();
    if refused.rejection == Rejection::Unauthenticated && !has_challenge {
        findings.push(without(Kind::Missing, "WWW-Authenticate", answer));
    }
    findings.extend(envelope::judge(
        contract,
        refused.envelope,
        exchange,
        (&codes, &expected),
    ));
    findings
}

/// A malformed request has another answer than its refusal.
fn other_than_refused(
    contract: &Contract<'_>,
    refused: &Refused<'_>,
    exchange: Exchange<'_>,
    expected: String,
) -> Vec<Finding> {
    let answer = exchange.answer;
    if let Some(operation) = refused.operation {
        if is_denied(Some(operation), answer.status) {
            return denied(contract, operation, exchange);
        }
        let is_failure = |failure: &Response| {
            answer.status >= 400 && !failure.managed && failure.status == answer.status
        };
        if refused.or_failure && operation.failures.iter().any(is_failure) {
            return failure(contract, operation, exchange);
        }
    }
    let kind = if answer.status < 400 {
        Kind::Taken
    } else {
        Kind::Status
    };
    vec![Finding::new(kind, expected, answer.summary())]
}

/// `Allow` lists the methods of the route.
fn allow(refused: &Refused<'_>, answer: &Answer) -> Option<Finding> {
    let methods = refused.route?.methods.iter();
    let mut declared: Vec<&str> = methods.map(|entry| entry.method.as_str()).collect();
    declared.sort_unstable();
    let expected = format!("Allow: {}", declared.join(", "));
    if answer.header("allow").is_none() {
        return Some(without(Kind::Allow, expected, answer));
    }
    let mut given: Vec<&str> = answer
        .all("allow")
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|method| !method.is_empty())
        .collect();
    given.sort_unstable();
    let got = format!("Allow: {}", given.join(", "));
    (given != declared).then(|| Finding::new(Kind::Allow, expected, got))
}

/// A well-formed value that is refused as if it were none.
fn is_refused(
    contract: &Contract<'_>,
    taken: &Taken<'_>,
    exchange: Exchange<'_>,
    probed: &[(u16, ErrorId)],
) -> Option<Finding> {
    // What has a body can be refused for what is in it, and HEAD says no code.
    let is_plain = matches!(taken.entry.method.as_str(), "GET" | "DELETE");
    if !is_plain || !exchange.request.body.is_empty() {
        return None;
    }
    let codes = envelope::codes(contract, taken.operation.envelope, exchange.answer)?;
    let is_it = |(status, code): &&(u16, ErrorId)| {
        *status == exchange.answer.status && codes.contains(&contract.api[*code].code)
    };
    let (status, code) = probed.iter().find(is_it)?;
    let code = &contract.api[*code].code;
    let expected = format!("no {status} {code}: the value is well-formed");
    Some(Finding::new(
        Kind::Refused,
        expected,
        exchange.answer.summary(),
    ))
}

/// The answer to a well-formed request.
fn declared(contract: &Contract<'_>, taken: &Taken<'_>, exchange: Exchange<'_>) -> Vec<Finding> {
    let (operation, answer) = (taken.operation, exchange.answer);
    let can_be = |response: &&Response| !response.managed || is_asked(exchange, response.status);
    let possible = operation.successes.iter().filter(can_be);
    let successes = of_status(possible, answer.status);
    if !successes.is_empty() {
        return fewest(successes.iter().map(|response| {
            let mut findings = headers::judge(contract, taken, response, exchange);
            findings.extend(bodies::judge(contract, taken, response, exchange));
            findings
        }));
    }
    let possible = operation.failures.iter().filter(can_be);
    if !of_status(possible, answer.status).is_empty() {
        return failure(contract, operation, exchange);
    }
    if is_denied(Some(operation), answer.status) {
        return denied(contract, operation, exchange);
    }
    let responses = operation.successes.iter().chain(&operation.failures);
    let mut possible: Vec<&Response> = responses.filter(can_be).collect();
    possible.sort_by_key(|response| response.rank());
    let mut statuses: Vec<String> = possible.iter().map(|one| one.label()).collect();
    statuses.dedup();
    let expected = format!("one of {}", statuses.join(", "));
    vec![Finding::new(Kind::Status, expected, answer.summary())]
}

/// Whether the request asks for what the runtime answers by this status: a condition, a range.
fn is_asked(exchange: Exchange<'_>, status: u16) -> bool {
    let names: &[&str] = match status {
        206 | 416 => &["range"],
        _ => &[
            "if-match",
            "if-none-match",
            "if-modified-since",
            "if-unmodified-since",
        ],
    };
    names
        .iter()
        .any(|name| exchange.request.header(name).is_some())
}

/// Of several answers with the same status it is the one that fits best.
fn fewest(judged: impl Iterator<Item = Vec<Finding>>) -> Vec<Finding> {
    judged.min_by_key(Vec::len).unwrap_or_default()
}

/// A failure that the operation declares.
fn failure(contract: &Contract<'_>, operation: &Operation, exchange: Exchange<'_>) -> Vec<Finding> {
    let status = exchange.answer.status;
    let failures = of_status(&operation.failures, status);
    let codes: Vec<ErrorId> = failures
        .iter()
        .flat_map(|failure| failure.codes.iter().copied())
        .collect();
    let pairs: Vec<(u16, ErrorId)> = codes.iter().map(|code| (status, *code)).collect();
    let expected = expected(contract, &pairs);
    fewest(failures.iter().map(|failure| {
        let mut findings = headers::of_failure(contract, failure, exchange);
        findings.extend(envelope::judge(
            contract,
            operation.envelope,
            exchange,
            (&codes, &expected),
        ));
        findings
    }))
}

/// Somebody is not known, or may not.
fn denied(contract: &Contract<'_>, operation: &Operation, exchange: Exchange<'_>) -> Vec<Finding> {
    let status = exchange.answer.status;
    if operation.failures.iter().any(|one| one.status == status) {
        return failure(contract, operation, exchange);
    }
    let rejection = if status == 401 {
        Rejection::Unauthenticated
    } else {
        Rejection::Forbidden
    };
    let codes = [contract.api[operation.envelope].rejection(rejection)];
    let expected = expected(contract, &[(status, codes[0])]);
    envelope::judge(contract, operation.envelope, exchange, (&codes, &expected))
}

/// Statuses with their codes, in words.
fn expected(contract: &Contract<'_>, answers: &[(u16, ErrorId)]) -> String {
    let mut words: Vec<String> = Vec::new();
    for (status, code) in answers {
        let word = format!("{status} {}", contract.api[*code].code);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(" or ")
}
