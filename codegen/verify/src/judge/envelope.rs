//! Failures in their envelope.

use api_codegen::model::{EnvelopeId, EnvelopeKind, ErrorCode, ErrorId, Template, Type};
use serde_json::{Map, Value as Json};

use super::{Exchange, Finding, media_type};
use crate::contract::Contract;
use crate::kind::Kind;
use crate::message::{Answer, shown};

/// One error of an answer, as far as the envelope shows it.
#[derive(Clone, Debug, Default)]
struct Entry {
    code: Option<String>,
    detail: Option<Json>,
}

/// The body of a failure, which has one of these codes.
pub(super) fn judge(
    contract: &Contract<'_>,
    id: EnvelopeId,
    exchange: Exchange<'_>,
    (codes, expected): (&[ErrorId], &str),
) -> Vec<Finding> {
    let Some(envelope) = contract.api.envelopes.get(id.0) else {
        return Vec::new();
    };
    if exchange.is_head() {
        return Vec::new();
    }
    let answer = exchange.answer;
    let known: Vec<&ErrorCode> = codes.iter().map(|code| &contract.api[*code]).collect();
    match &envelope.kind {
        EnvelopeKind::None if answer.body.is_empty() => Vec::new(),
        EnvelopeKind::None => vec![Finding::new(Kind::Envelope, "no body", answer.summary())],
        EnvelopeKind::Text(template) => text(template, answer, &known, expected),
        EnvelopeKind::Json {
            template,
            media_type: wanted,
        } => {
            let mut findings: Vec<Finding> =
                media_type(answer, &[wanted], true).into_iter().collect();
            match read(template, answer) {
                Ok(entries) => {
                    findings.extend(judged(contract, &entries, &known, (answer, expected)));
                }
                Err(problem) => {
                    let got = format!("{}: {problem}", answer.summary());
                    findings.push(Finding::new(Kind::Envelope, expected, got));
                }
            }
            findings
        }
    }
}

/// A failure that is its message, or its code, alone.
fn text(
    template: &Template,
    answer: &Answer,
    known: &[&ErrorCode],
    expected: &str,
) -> Vec<Finding> {
    let text = |code: &&ErrorCode| match template {
        Template::Code => code.code.clone(),
        _ => code.message.clone(),
    };
    let texts: Vec<String> = known.iter().map(text).collect();
    let mut findings: Vec<Finding> = media_type(answer, &["text/plain"], true)
        .into_iter()
        .collect();
    let body = String::from_utf8_lossy(&answer.body);
    if !texts.iter().any(|text| *text == body) {
        let expected = format!("{expected}: `{}`", texts.join("` or `"));
        findings.push(Finding::new(Kind::Code, expected, answer.summary()));
    }
    findings
}

/// The codes of a failure, where its envelope has some.
pub(super) fn codes(
    contract: &Contract<'_>,
    id: EnvelopeId,
    answer: &Answer,
) -> Option<Vec<String>> {
    let EnvelopeKind::Json { template, .. } = &contract.api.envelopes.get(id.0)?.kind else {
        return None;
    };
    if answer.status < 400 {
        return None;
    }
    let entries = read(template, answer).ok()?;
    Some(entries.into_iter().filter_map(|entry| entry.code).collect())
}

/// Codes and details of the entries.
fn judged(
    contract: &Contract<'_>,
    entries: &[Entry],
    known: &[&ErrorCode],
    (answer, expected): (&Answer, &str),
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for entry in entries {
        let Some(code) = &entry.code else { continue };
        let Some(found) = known.iter().find(|known| known.code == *code) else {
            findings.push(Finding::new(Kind::Code, expected, answer.summary()));
            continue;
        };
        if let Err(problem) = detail(contract, found, entry.detail.as_ref()) {
            let given = entry.detail.as_ref().map_or_else(
                || "none".to_owned(),
                |detail| shown(detail.to_string().as_bytes()),
            );
            let expected = format!("the detail of {code}");
            findings.push(Finding::new(
                Kind::Detail,
                expected,
                format!("{given}: {problem}"),
            ));
        }
    }
    findings
}

fn detail(contract: &Contract<'_>, code: &ErrorCode, detail: Option<&Json>) -> Result<(), String> {
    match (code.detail, detail) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err("none is declared".to_owned()),
        (Some(id), Some(detail)) => contract.values.check(&Type::Schema(id), detail),
        // One without any field is left out.
        (Some(id), None) => contract
            .values
            .check(&Type::Schema(id), &Json::Object(Map::new())),
    }
}

/// The entries of a failure; what is wrong with its shape.
fn read(template: &Template, answer: &Answer) -> Result<Vec<Entry>, String> {
    let json: Json =
        serde_json::from_slice(&answer.body).map_err(|_| "it is no JSON".to_owned())?;
    let mut entries = vec![Entry::default()];
    fits(template, &json, answer.status, &mut entries)?;
    Ok(entries)
}

/// Holds `json` against the template and fills the last of `entries`.
fn fits(
    template: &Template,
    json: &Json,
    status: u16,
    entries: &mut Vec<Entry>,
) -> Result<(), String> {
    match template {
        Template::Object(members) => {
            let object = json.as_object().ok_or("an object is wanted")?;
            for (key, template) in members {
                match object.get(key) {
                    Some(json) => fits(template, json, status, entries)?,
                    None if may_lack(template) => {}
                    None => return Err(format!("`{key}` is missing")),
                }
            }
            Ok(())
        }
        Template::Array(items) => list(items, json, status, entries),
        Template::Json(literal) if literal == json => Ok(()),
        Template::Json(literal) => Err(format!("{literal} is wanted, not {json}")),
        Template::Code => {
            let code = json.as_str().ok_or("the code is no text")?;
            last(entries).code = Some(code.to_owned());
            Ok(())
        }
        Template::Status if json.as_u64() == Some(status.into()) => Ok(()),
        Template::Status => Err(format!("the status in it is {json}")),
        Template::Message | Template::Docs | Template::RequestId if json.is_string() => Ok(()),
        Template::Message | Template::Docs | Template::RequestId => {
            Err(format!("a text is wanted, not {json}"))
        }
        Template::Detail => {
            last(entries).detail = Some(json.clone());
            Ok(())
        }
        Template::DetailField(field) => {
            let detail = &mut last(entries).detail;
            let detail = detail.get_or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(fields) = detail {
                fields.insert(field.clone(), json.clone());
            }
            Ok(())
        }
    }
}

/// A list with an entry for each error, where there is a code in it.
fn list(
    items: &[Template],
    json: &Json,
    status: u16,
    entries: &mut Vec<Entry>,
) -> Result<(), String> {
    let list = json.as_array().ok_or("a list is wanted")?;
    match items {
        [template] if has_code(template) => {
            if list.is_empty() {
                return Err("there is no error in it".to_owned());
            }
            entries.clear();
            for json in list {
                entries.push(Entry::default());
                fits(template, json, status, entries)?;
            }
            Ok(())
        }
        items => in_order(items, list, status, entries),
    }
}

/// A list as it stands in the template: one after the other, but those that are left out.
fn in_order(
    items: &[Template],
    mut list: &[Json],
    status: u16,
    entries: &mut Vec<Entry>,
) -> Result<(), String> {
    for (at, template) in items.iter().enumerate() {
        let needed = items[at + 1..]
            .iter()
            .filter(|item| !may_lack(item))
            .count();
        match list {
            [json, rest @ ..] if !may_lack(template) || rest.len() >= needed => {
                fits(template, json, status, entries)?;
                list = rest;
            }
            _ if may_lack(template) => {}
            _ => return Err(format!("a list of {} is wanted", items.len())),
        }
    }
    match list {
        [] => Ok(()),
        _ => Err(format!("a list of {} is wanted", items.len())),
    }
}

fn last(entries: &mut Vec<Entry>) -> &mut Entry {
    if entries.is_empty() {
        entries.push(Entry::default());
    }
    let last = entries.len() - 1;
    &mut entries[last]
}

/// Whether a key is left out where its placeholder has no value.
fn may_lack(template: &Template) -> bool {
    match template {
        Template::Detail | Template::DetailField(_) | Template::Docs | Template::RequestId => true,
        Template::Array(items) => items.iter().all(may_lack),
        _ => false,
    }
}

fn has_code(template: &Template) -> bool {
    match template {
        Template::Code => true,
        Template::Object(members) => members.iter().any(|(_, template)| has_code(template)),
        Template::Array(items) => items.iter().any(has_code),
        _ => false,
    }
}
