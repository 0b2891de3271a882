//! Bodies: of every kind, of the wrong media type, too large, cut, and with something wrong inside.

use api_codegen::model::{Body, BodyKind};
use serde_json::Value as Json;

use super::{Case, json};
use crate::contract::Contract;
use crate::draft::{self, Draft};
use crate::message::Payload;

/// Most bytes of a body that is sent for real.
const MOST: u64 = 8 << 20;

/// Bodies of good requests besides the least one: those of a choice, and some bytes where none are needed.
pub(super) fn good(least: &Draft<'_>) -> Vec<Case> {
    let mut cases = Vec::new();
    let Some(body) = &least.form.request.body else {
        return cases;
    };
    for one in body.alternatives() {
        for media in &one.media_types {
            let mut draft = least.clone();
            draft.put_body(one);
            if !media.contains('*') {
                draft.put_header("Content-Type", media.clone());
            }
            cases.push(Case::new(
                format!("a body of the type {media}"),
                draft.render(),
            ));
        }
        if one.may_be_empty() && !matches!(one.kind, BodyKind::JsonLines(_)) {
            let mut draft = least.clone();
            draft.put_body(one);
            draft.body = Payload::Whole(padding(one, 10));
            cases.push(Case::new("a body of some bytes", draft.render()));
        }
    }
    cases
}

/// The body of an example; `None` where it is in a file.
pub(super) fn of_example(draft: &mut Draft<'_>, written: &Json) -> Option<()> {
    let Some((kind, value)) = written
        .as_object()
        .and_then(|body| body.iter().find(|(_, value)| !value.is_null()))
    else {
        return Some(());
    };
    let is_lines = matches!(
        draft.form.request.body.as_ref().map(|body| &body.kind),
        Some(BodyKind::JsonLines(_))
    );
    let bytes = match kind.as_str() {
        "json" if is_lines => {
            let lines = value.as_array()?.iter().map(|item| format!("{item}\n"));
            lines.collect::<String>().into_bytes()
        }
        "json" => value.to_string().into_bytes(),
        "form" => draft::form(value).into_bytes(),
        "text" => value.as_str()?.as_bytes().to_vec(),
        _ => return None,
    };
    draft.body = Payload::Whole(bytes);
    Some(())
}

/// All cases of the body of a form.
pub(super) fn cases(contract: &Contract<'_>, least: &Draft<'_>) -> Vec<Case> {
    let Some(body) = &least.form.request.body else {
        return Vec::new();
    };
    let mut cases = media_types(body, least);
    for one in body.alternatives() {
        let mut draft = least.clone();
        draft.put_body(one);
        if let BodyKind::Choice { .. } = &body.kind
            && let Some(media) = one.media_types.first()
        {
            draft.put_header("Content-Type", media.clone());
        }
        cases.extend(sizes(one, &draft));
        cases.extend(contents(contract, one, &draft));
    }
    cases
}

fn media_types(body: &Body, least: &Draft<'_>) -> Vec<Case> {
    let mut cases = Vec::new();
    let typed = |media: &str, body: Payload| {
        let mut draft = least.clone();
        draft.put_header("Content-Type", media.to_owned());
        draft.body = body;
        Case::new(format!("a body of the type {media}"), draft.render())
    };
    cases.push(typed(
        "application/x-verify",
        Payload::Whole(b"verify".to_vec()),
    ));
    if let Some(media) = body
        .media_types
        .first()
        .filter(|media| !media.contains('*'))
    {
        let with = format!("{media}; charset=utf-8");
        cases.push(typed(&with, least.body.clone()));
        cases.push(typed(&media.to_uppercase(), least.body.clone()));
    }
    cases
}

/// As large as may be, and one byte more, announced and in chunks.
fn sizes(body: &Body, draft: &Draft<'_>) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut push = |about: String, body: Payload| {
        let mut draft = draft.clone();
        draft.body = body;
        cases.push(Case::new(about, draft.render()));
    };
    if matches!(body.kind, BodyKind::Stream { .. }) && body.limit.is_none_or(|limit| limit > 10) {
        push(
            "a body in chunks".to_owned(),
            Payload::Chunked(padding(body, 10)),
        );
    }
    let Some(limit) = body.limit else {
        return cases;
    };
    let over = limit.saturating_add(1);
    // The limit of a stream of values is that of one of them.
    if !matches!(body.kind, BodyKind::JsonLines(_)) {
        push(
            format!("a body that announces {over} bytes"),
            Payload::Announced(over),
        );
    }
    if limit > MOST {
        return cases;
    }
    let of = |length: u64| padded(body, draft.body.bytes(), length);
    if let Some(bytes) = of(limit) {
        push(format!("a body of {limit} bytes"), Payload::Whole(bytes));
    }
    if let Some(bytes) = of(over) {
        push(
            format!("a body of {over} bytes"),
            Payload::Whole(bytes.clone()),
        );
        push(
            format!("a body of {over} bytes in chunks"),
            Payload::Chunked(bytes),
        );
    }
    cases
}

/// A good body of just this length, where there is one.
fn padded(body: &Body, good: &[u8], length: u64) -> Option<Vec<u8>> {
    let length = usize::try_from(length).ok()?;
    match &body.kind {
        BodyKind::Json { .. } | BodyKind::JsonLines(_) => {
            let good = good.trim_ascii_end();
            let missing = length.checked_sub(good.len())?;
            // Behind a value blanks mean nothing.
            Some([good, &vec![b' '; missing]].concat())
        }
        BodyKind::Form(_) => {
            let more = b"&x-verify=";
            let missing = length.checked_sub(good.len() + more.len())?;
            Some([good, more, &vec![b'x'; missing]].concat())
        }
        BodyKind::Text | BodyKind::Bytes(_) | BodyKind::Stream { .. } => Some(vec![b'x'; length]),
        BodyKind::Choice { .. } | BodyKind::Events(_) => None,
    }
}

/// Some bytes, within the limit.
fn padding(body: &Body, length: u64) -> Vec<u8> {
    let length = body.limit.map_or(length, |limit| limit.min(length));
    (b'0'..)
        .take(usize::try_from(length).unwrap_or(0))
        .collect()
}

/// What is wrong inside.
fn contents(contract: &Contract<'_>, body: &Body, draft: &Draft<'_>) -> Vec<Case> {
    let case = |about: &str, bytes: Vec<u8>| {
        let mut draft = draft.clone();
        draft.body = Payload::Whole(bytes);
        Case::new(format!("body: {about}"), draft.render())
    };
    let good = draft.body.bytes();
    match &body.kind {
        BodyKind::Text => vec![case("no UTF-8", b"\xff\xfe".to_vec())],
        BodyKind::Form(ty) => json::variations(contract, ty)
            .into_iter()
            .filter(|(_, json)| json.is_object())
            .map(|(about, json)| case(&about, draft::form(&json).into_bytes()))
            .collect(),
        BodyKind::Json { ty, .. } => {
            let malformed = malformed(good).map(|(about, bytes)| case(about, bytes));
            let variations = json::variations(contract, ty);
            let variations = variations
                .iter()
                .map(|(about, json)| case(about, json.to_string().into_bytes()));
            malformed.into_iter().chain(variations).collect()
        }
        BodyKind::JsonLines(ty) => {
            let line = |json: &Json| [good, format!("{json}\n").as_bytes()].concat();
            let variations = json::variations(contract, ty);
            let variations = variations
                .iter()
                .map(|(about, json)| case(about, line(json)));
            let broken = case("a line that is no JSON", [good, b"{\n"].concat());
            variations.chain([broken]).collect()
        }
        BodyKind::Bytes(_)
        | BodyKind::Stream { .. }
        | BodyKind::Choice { .. }
        | BodyKind::Events(_) => Vec::new(),
    }
}

/// Bytes that are no JSON.
fn malformed(good: &[u8]) -> [(&'static str, Vec<u8>); 5] {
    let open = good.split_last().map_or(good, |(_, rest)| rest);
    let with = |more: &[u8]| {
        let inner = open.strip_suffix(b"}").unwrap_or(open);
        let comma: &[u8] = if inner.ends_with(b"{") { b"" } else { b"," };
        [inner, comma, more, b"}"].concat()
    };
    [
        ("nothing", Vec::new()),
        ("cut before its end", open.to_vec()),
        ("something behind the value", [good, b" x"].concat()),
        ("a key that is not UTF-8", with(b"\"\xff\":1")),
        ("a value that is not UTF-8", with(b"\"x-verify\":\"\xff\"")),
    ]
}
