//! Bodies of successes: their media types, and what they hold.

use api_codegen::model::{Body, BodyKind, Response, Type};
use serde_json::Value as Json;

use super::{Exchange, Finding};
use crate::contract::{Contract, Taken};
use crate::events;
use crate::kind::Kind;
use crate::message::{Answer, shown};

/// The body of a success.
pub(super) fn judge(
    contract: &Contract<'_>,
    taken: &Taken<'_>,
    response: &Response,
    exchange: Exchange<'_>,
) -> Vec<Finding> {
    let answer = exchange.answer;
    let Some(declared) = &response.body else {
        let is_empty = answer.body.is_empty() || matches!(answer.status, 204 | 304);
        // What the runtime answers by itself, such as a part of a body, has that body, and of an answer of a
        // class nothing is known.
        let may_be_there = response.managed || response.class;
        return if is_empty || may_be_there || exchange.is_head() {
            Vec::new()
        } else {
            vec![Finding::new(Kind::Body, "no body", answer.summary())]
        };
    };
    let body = match taken.accepted {
        Some(accepted) if matches!(declared.kind, BodyKind::Choice { .. }) => accepted,
        _ => declared,
    };
    let mut findings: Vec<Finding> = media_type(body, answer).into_iter().collect();
    if !exchange.is_head() {
        findings.extend(content(contract, body, answer));
    }
    findings
}

fn media_type(body: &Body, answer: &Answer) -> Option<Finding> {
    let types: Vec<&str> = body.media_types.iter().map(String::as_str).collect();
    let got = match answer.header("content-type") {
        Some(given) if api_runtime::media::is_one_of(given, &types) => return None,
        Some(given) => format!("{} with Content-Type: {given}", answer.status),
        None => format!("{} without Content-Type", answer.status),
    };
    let expected = format!("Content-Type: {}", types.join(" or "));
    Some(Finding::new(Kind::MediaType, expected, got))
}

fn content(contract: &Contract<'_>, body: &Body, answer: &Answer) -> Option<Finding> {
    let is_stream = body.is_stream();
    if answer.is_cut && !is_stream {
        // It is too long, or too slow, to be judged here.
        return None;
    }
    let problem = match &body.kind {
        BodyKind::Json { ty, .. } => json(contract, ty, &answer.body),
        BodyKind::JsonLines(ty) => lines(contract, ty, answer),
        BodyKind::Events(ty) => events(contract, ty, answer),
        BodyKind::Form(ty) => contract.form(ty, &answer.body),
        BodyKind::Text => std::str::from_utf8(&answer.body)
            .map(drop)
            .map_err(|_| "it is not UTF-8".to_owned()),
        _ => Ok(()),
    };
    let length = answer.body.len() as u64;
    let problem = problem.and_then(|()| match body.limit {
        Some(limit) if !is_stream && length > limit => {
            Err(format!("it has {length} bytes, and {limit} are the most"))
        }
        _ => Ok(()),
    });
    let expected = format!("a body as declared: {}", problem.err()?);
    Some(Finding::new(Kind::Body, expected, answer.summary()))
}

fn json(contract: &Contract<'_>, ty: &Type, bytes: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let json: Json =
        serde_json::from_str(text).map_err(|_| format!("`{}` is no JSON", shown(bytes)))?;
    contract.values.check(ty, &json)
}

/// Each line that has come as a whole.
fn lines(contract: &Contract<'_>, ty: &Type, answer: &Answer) -> Result<(), String> {
    let mut lines: Vec<&[u8]> = answer.body.split(|byte| *byte == b'\n').collect();
    if answer.is_cut {
        lines.pop();
    }
    let mut lines = lines
        .into_iter()
        .filter(|line| !line.trim_ascii().is_empty());
    lines.try_for_each(|line| json(contract, ty, line))
}

/// Each event that has come as a whole, of a union with the tag `event` and the content `data`. The data of
/// some are texts, those of others JSON.
fn events(contract: &Contract<'_>, ty: &Type, answer: &Answer) -> Result<(), String> {
    let text = events::text(&answer.body);
    events::events(&text).try_for_each(|event| {
        let data = event.data();
        if data.is_empty() {
            return Ok(());
        }
        let checked = |data: Json| {
            let event = serde_json::json!({"event": event.name(), "data": data});
            contract.values.check(ty, &event)
        };
        let parsed = serde_json::from_str::<Json>(&data);
        checked(Json::from(data)).or_else(|problem| match parsed {
            Ok(parsed) => checked(parsed),
            Err(_) => Err(problem),
        })
    })
}
