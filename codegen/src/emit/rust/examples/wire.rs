//! What an example looks like on the wire.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Value as Json;

use super::{Case, content};
use crate::event_text::{self, EventText};
use crate::model::{Api, Body, BodyKind, EnvelopeKind, Parameter, Template, Type};
use crate::values::{Put, Values};
use crate::wire::{encoded, entries, form, given};

/// Whether all of it stands in the descriptor. What lies in a file does not.
pub(super) fn is_complete(case: &Case<'_>) -> bool {
    case.written["request"]["body"].is_null() || sent(case).is_some()
}

/// The body of the request, of a choice the one that the example has; nothing where it is in a file.
pub(super) fn sent<'a>(case: &Case<'a>) -> Option<&'a Body> {
    let request = &case.written["request"];
    let declared = case.request.body.as_ref()?;
    let mut bodies = declared.of_type(header(request, "Content-Type"));
    bodies.find(|one| is_written(one, &request["body"]))
}

/// The body of the answer, in the same way.
pub(super) fn answered<'a>(case: &Case<'a>) -> Option<&'a Body> {
    let accepted = accepted(case)?;
    is_written(accepted, &case.written["response"]["body"]).then_some(accepted)
}

/// The body of the answer that is asked for.
pub(super) fn accepted<'a>(case: &Case<'a>) -> Option<&'a Body> {
    let declared = case.answer()?.body.as_ref()?;
    declared.accepted(header(&case.written["request"], "Accept"))
}

/// A header of a side of an example.
fn header<'j>(side: &'j Json, name: &str) -> Option<&'j str> {
    let mut headers = side["headers"].as_object().into_iter().flatten();
    let (_, value) = headers.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
    value.as_str()
}

/// Path and query, which is of these parameters.
pub(super) fn target(case: &Case<'_>, query: &[Parameter]) -> String {
    let request = &case.written["request"];
    let mut target = case.route.path.clone();
    for (name, value) in entries(&request["path"]) {
        target = target.replace(&format!("{{{name}}}"), &encoded(&value, "/:@"));
    }
    if target.is_empty() {
        target.push('/');
    }
    target.push_str(&given(query, &request["query"]));
    target
}

fn constant(parameter: &Parameter) -> Option<(String, String)> {
    let constant = parameter.value.constant.as_ref()?;
    Some((parameter.wire.clone(), crate::wire::text(constant)))
}

/// The headers of the request, with its media type.
pub(super) fn request_headers(case: &Case<'_>) -> Vec<(String, String)> {
    let mut headers = entries(&case.written["request"]["headers"]);
    headers.extend(case.request.headers.iter().filter_map(constant));
    if let Some(media_type) = sent(case).and_then(media_type) {
        add_media_type(&mut headers, media_type);
    }
    headers
}

/// The media type that goes with a body; of a wildcard there is none to say.
fn media_type(one: &Body) -> Option<&str> {
    let media_type = one.media_types.first()?;
    (!media_type.contains('*')).then_some(media_type)
}

fn add_media_type(headers: &mut Vec<(String, String)>, media_type: &str) {
    let is_there = |(name, _): &(String, String)| name.eq_ignore_ascii_case("Content-Type");
    if !headers.iter().any(is_there) {
        headers.push(("Content-Type".to_owned(), media_type.to_owned()));
    }
}

/// Whether the body of an example is written as one of this kind is.
fn is_written(one: &Body, body: &Json) -> bool {
    let has = |key: &str| !body[key].is_null();
    match one.kind {
        BodyKind::Json { .. } | BodyKind::JsonLines(_) => has("json"),
        BodyKind::Form(_) => has("form"),
        BodyKind::Text | BodyKind::Events(_) => has("text"),
        BodyKind::Bytes(_) | BodyKind::Stream { .. } => has("text") || has("base64") || has("json"),
        BodyKind::Choice { .. } => false,
    }
}

pub(super) fn request_body(case: &Case<'_>) -> TokenStream {
    written(sent(case), &case.written["request"]["body"])
}

/// The body of the answer: what is written, or what the envelope makes of the code.
pub(super) fn answer_body(api: &Api, case: &Case<'_>) -> TokenStream {
    if let Some(code) = case.code(api) {
        return match &api[case.route.envelope].kind {
            EnvelopeKind::Json { template, .. } => {
                let detail = code.detail.map(Type::Schema);
                let detail = detail.map(|ty| Values::new(api).along(&ty, &[], &Put::Nothing));
                let filled = |detail| template.filled(case.status(), code, detail);
                let [says, played] = [None, detail.as_ref()]
                    .map(|detail| filled(detail).unwrap_or_default().to_string());
                quote!(rt::Content::Failure { says: #says, played: #played })
            }
            EnvelopeKind::Text(Template::Code) => bytes(code.code.as_bytes()),
            EnvelopeKind::Text(_) => bytes(code.message.as_bytes()),
            EnvelopeKind::None => quote!(rt::Content::Unsaid),
        };
    }
    written(answered(case), &case.written["response"]["body"])
}

fn written(one: Option<&Body>, body: &Json) -> TokenStream {
    let Some(one) = one else {
        return quote!(rt::Content::Unsaid);
    };
    match (&one.kind, text(one, body)) {
        (BodyKind::Json { .. }, Some(text)) => content("Json", text),
        (BodyKind::JsonLines(_), Some(text)) => content("Lines", text),
        (BodyKind::Form(_), Some(text)) => content("Form", text),
        (BodyKind::Events(_), Some(text)) => content("Events", text),
        (_, Some(text)) => bytes(text.as_bytes()),
        (_, None) => bytes(&decoded(&body["base64"])),
    }
}

fn bytes(bytes: &[u8]) -> TokenStream {
    content("Bytes", Literal::byte_string(bytes))
}

/// The text of a body; bytes have none.
pub(super) fn text(declared: &Body, body: &Json) -> Option<String> {
    match declared.kind {
        BodyKind::JsonLines(_) => {
            let values = body["json"].as_array().into_iter().flatten();
            Some(
                values
                    .map(|value| format!("{value}\n"))
                    .collect::<Vec<_>>()
                    .concat(),
            )
        }
        BodyKind::Form(_) => Some(form(&body["form"])),
        BodyKind::Events(_) => Some(events(body).iter().map(EventText::write).collect()),
        _ if !body["json"].is_null() => Some(body["json"].to_string()),
        _ => body["text"].as_str().map(str::to_owned),
    }
}

/// The events of a body, which the check has read.
pub(super) fn events(body: &Json) -> Vec<EventText> {
    let text = body["text"].as_str().unwrap_or_default();
    event_text::read(text).unwrap_or_default()
}

/// The headers that the answer must have and the example does not name.
pub(super) fn other_headers(api: &Api, case: &Case<'_>) -> Vec<(String, String)> {
    let named = entries(&case.written["response"]["headers"]);
    let mut others = Vec::new();
    let headers = case.answer().map_or(&[][..], |answer| &answer.headers);
    for header in headers {
        let is_named = named
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(&header.wire));
        let is_required = !header.value.optional && header.prefix.is_none();
        if !is_named && is_required {
            others.push((header.wire.clone(), sample(api, header)));
        }
    }
    let own = answered(case).and_then(media_type);
    let failure = case.code(api);
    let failure = failure.and_then(|_| api[case.route.envelope].media_type());
    if let Some(media_type) = failure.or(own)
        && !named
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("Content-Type"))
    {
        add_media_type(&mut others, media_type);
    }
    others
}

/// A text that the header can have.
fn sample(api: &Api, header: &Parameter) -> String {
    match Values::new(api).sample(&header.value) {
        Json::Array(items) => items
            .iter()
            .map(crate::wire::text)
            .collect::<Vec<_>>()
            .join(", "),
        json => crate::wire::text(&json),
    }
}

/// The bytes of base64, which the check has read.
pub(super) fn decoded(text: &Json) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in text.as_str().unwrap_or_default().bytes() {
        let Some(value) = ALPHABET.iter().position(|known| *known == byte) else {
            continue;
        };
        held = (held << 6) | u32::try_from(value).unwrap_or_default();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((held >> bits) & 0xFF).unwrap_or_default());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_becomes_its_bytes() {
        for (text, expected) in [
            ("", &b""[..]),
            ("AAEC", &[0, 1, 2]),
            ("/w==", &[255]),
            ("aGk=", b"hi"),
        ] {
            assert_eq!(decoded(&Json::from(text)), expected);
        }
    }
}
