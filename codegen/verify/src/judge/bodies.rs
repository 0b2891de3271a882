//! Bodies of successes: their media types, and what they hold.

use api_codegen::model::{Body, BodyKind, Response, Type};
use serde_json::Value as Json;

use super::json::{parse, urls};
use super::{Exchange, Finding, media_type};
use crate::contract::{Contract, Taken};
use crate::events;
use crate::kind::Kind;
use crate::message::Answer;

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
    let types: Vec<&str> = body.media_types.iter().map(String::as_str).collect();
    let is_text = !matches!(body.kind, BodyKind::Bytes(_) | BodyKind::Stream { .. });
    let mut findings: Vec<Finding> = media_type(answer, &types, is_text).into_iter().collect();
    if !exchange.is_head() {
        findings.extend(content(contract, body, exchange));
    }
    findings
}

fn content(contract: &Contract<'_>, body: &Body, exchange: Exchange<'_>) -> Option<Finding> {
    let answer = exchange.answer;
    let is_stream = body.is_stream();
    if answer.is_cut && !is_stream {
        // It is too long, or too slow, to be judged here.
        return None;
    }
    let problem = match &body.kind {
        BodyKind::Json { ty, .. } => json(contract, ty, &answer.body, exchange),
        BodyKind::JsonLines(ty) => lines(contract, ty, exchange),
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

fn json(
    contract: &Contract<'_>,
    ty: &Type,
    bytes: &[u8],
    exchange: Exchange<'_>,
) -> Result<(), String> {
    let json = parse(bytes)?;
    contract.values.check(ty, &json)?;
    urls(contract, ty, &json, exchange)
}

/// Each line that has come as a whole.
fn lines(contract: &Contract<'_>, ty: &Type, exchange: Exchange<'_>) -> Result<(), String> {
    let answer = exchange.answer;
    let mut lines: Vec<&[u8]> = answer.body.split(|byte| *byte == b'\n').collect();
    if answer.is_cut {
        lines.pop();
    }
    let mut lines = lines
        .into_iter()
        .filter(|line| !line.trim_ascii().is_empty());
    lines.try_for_each(|line| json(contract, ty, line, exchange))
}

/// Each event that has come as a whole, of a union with the tag `event` and the content `data`. The data of
/// some are texts, those of others JSON.
fn events(contract: &Contract<'_>, ty: &Type, answer: &Answer) -> Result<(), String> {
    let text = events::text(&answer.body);
    if let Some(name) = events::unheard(&text) {
        return Err(format!(
            "the event `{name}` has no data, so that nobody hears it"
        ));
    }
    if !answer.is_cut && events::is_unfinished(&text) {
        return Err("no empty line ends the last event, so that nobody hears it".to_owned());
    }
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
