//! Bodies of requests: media type, length, and what they hold.

use std::borrow::Cow;
use std::collections::BTreeSet;

use api_codegen::model::{
    Api, Body, BodyKind, ErrorId, Field, Rejection, SchemaId, SchemaKind, Type,
};
use api_codegen::values::is_required;
use api_runtime::query::Query;
use serde_json::Value as Json;

use super::{Contract, Found, Refused, refusal_of};
use crate::message::{Payload, Request};

impl<'a> Contract<'a> {
    /// The body is as declared.
    pub(super) fn body(&self, found: &Found<'a>, request: &Request) -> Result<(), Refused<'a>> {
        let operation = found.operation;
        let Some(declared) = &operation.body else {
            return Ok(());
        };
        let has_body = !request.body.is_empty();
        if operation.body_optional && !has_body {
            return Ok(());
        }
        let Some(body) = chosen(declared, request) else {
            return Err(self.refused_body(found, Rejection::MediaType, None, "its media type"));
        };
        self.head_of_body(found, body, request)?;
        let code = body.invalid;
        let Err(reason) = self.content(body, request.body.bytes()) else {
            return Ok(());
        };
        let mut refused = self.refused_body(found, Rejection::BadBody, code, &reason);
        if let Some(ty) = body_type(body) {
            let unknown = unknown_tags(self.api, ty);
            let status = Rejection::BadBody.status();
            refused
                .answers
                .extend(unknown.into_iter().map(|code| (status, code)));
        }
        refused.or_failure = body.is_stream();
        Err(refused)
    }

    /// What the head says of the body, and how much of it there is.
    fn head_of_body(
        &self,
        found: &Found<'a>,
        body: &Body,
        request: &Request,
    ) -> Result<(), Refused<'a>> {
        let types: Vec<&str> = body.media_types.iter().map(String::as_str).collect();
        let is_judged = !request.body.is_empty() && !types.contains(&"*/*");
        if let Some(content_type) = request.header("content-type").filter(|_| is_judged)
            && !api_runtime::media::is_one_of(content_type, &types)
        {
            return Err(self.refused_body(found, Rejection::MediaType, None, "its media type"));
        }
        let needs_length = matches!(
            body.kind,
            BodyKind::Stream {
                length_required: true,
                ..
            }
        );
        if needs_length && matches!(request.body, Payload::Chunked(_)) {
            let reason = "it does not announce its length";
            return Err(self.refused_body(found, Rejection::LengthRequired, None, reason));
        }
        let length = match &body.kind {
            BodyKind::JsonLines(_) => longest_line(request.body.bytes()),
            _ => request.body.len(),
        };
        if body.limit.is_some_and(|limit| length > limit) {
            let reason = format!("it has {length} bytes");
            let code = body.too_large;
            let mut refused = self.refused_body(found, Rejection::TooLarge, code, &reason);
            let is_announced = !matches!(request.body, Payload::Chunked(_));
            let is_whole = !matches!(body.kind, BodyKind::JsonLines(_));
            refused.or_failure = body.is_stream() && !(is_announced && is_whole);
            return Err(refused);
        }
        Ok(())
    }

    fn refused_body(
        &self,
        found: &Found<'a>,
        rejection: Rejection,
        code: Option<ErrorId>,
        reason: &str,
    ) -> Refused<'a> {
        let code = code.unwrap_or_else(|| self.code(found, rejection));
        let answers = vec![(rejection.status(), code)];
        refusal_of(found, rejection, answers, format!("the body: {reason}"))
    }

    /// Whether the bytes are what is declared.
    fn content(&self, body: &Body, bytes: &[u8]) -> Result<(), String> {
        match &body.kind {
            BodyKind::Json { ty, .. } => self.json(ty, bytes),
            BodyKind::JsonLines(ty) => bytes
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.trim_ascii().is_empty())
                .try_for_each(|line| self.json(ty, line)),
            BodyKind::Form(ty) => self.form(ty, bytes),
            BodyKind::Text => std::str::from_utf8(bytes)
                .map(drop)
                .map_err(|_| "it is not UTF-8".to_owned()),
            // No request has events.
            BodyKind::Bytes(_)
            | BodyKind::Stream { .. }
            | BodyKind::Choice { .. }
            | BodyKind::Events(_) => Ok(()),
        }
    }

    fn json(&self, ty: &Type, bytes: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        let json: Json = serde_json::from_str(text).map_err(|_| "it is no JSON".to_owned())?;
        self.values.check(ty, &json)
    }

    /// A form: an object, or a union of some with a tag among their fields.
    pub(crate) fn form(&self, ty: &Type, bytes: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        let query = Query::parse(Some(text)).map_err(|_| "it is no form".to_owned())?;
        self.form_of(ty, &query, None)
    }

    fn form_of(&self, ty: &Type, query: &Query<'_>, tag: Option<&str>) -> Result<(), String> {
        let Type::Schema(id) = ty else { return Ok(()) };
        match &self.api[*id].kind {
            SchemaKind::Object {
                fields,
                reject_unknown,
                ..
            } => {
                fields
                    .iter()
                    .try_for_each(|field| self.form_field(field, query))?;
                let is_known =
                    |name: &str| tag == Some(name) || fields.iter().any(|field| field.wire == name);
                match query.pairs().find(|(name, _)| !is_known(name)) {
                    Some((name, _)) if *reject_unknown => Err(format!("nobody knows `{name}`")),
                    _ => Ok(()),
                }
            }
            SchemaKind::Union {
                tag: Some(tag),
                variants,
            } => {
                let texts: Vec<String> = query.all(&tag.key).map(Cow::into_owned).collect();
                let [text] = texts.as_slice() else {
                    return Err(format!("`{}` is not there once", tag.key));
                };
                match variants.iter().find(|variant| variant.wire == *text) {
                    Some(variant) => self.form_of(&variant.ty, query, Some(&tag.key)),
                    None if tag.open => Ok(()),
                    None => Err(format!("nobody knows the `{}` {text}", tag.key)),
                }
            }
            SchemaKind::Union { .. } | SchemaKind::Enum { .. } => Ok(()),
        }
    }

    fn form_field(&self, field: &Field, query: &Query<'_>) -> Result<(), String> {
        let texts: Vec<String> = query.all(&field.wire).map(Cow::into_owned).collect();
        let value = &field.value;
        let parameter = api_codegen::model::Parameter {
            wire: field.wire.clone(),
            ident: field.ident.clone(),
            value: value.clone(),
            style: api_codegen::model::ListStyle::Repeat,
            prefix: None,
            managed: false,
        };
        let is_list = matches!(value.ty, Type::List(_));
        match texts.as_slice() {
            [] if is_required(value) => Err(format!("`{}` is missing", field.wire)),
            [] => Ok(()),
            _ if is_list => self
                .values
                .check_parameter(&parameter, &Json::from(texts.clone())),
            [text] => self
                .values
                .check_parameter(&parameter, &Json::from(text.as_str())),
            _ => Err(format!("`{}` is there more than once", field.wire)),
        }
    }
}

/// Of a choice the body of the media type; without one the first.
pub(crate) fn chosen<'b>(body: &'b Body, request: &Request) -> Option<&'b Body> {
    let BodyKind::Choice { of, .. } = &body.kind else {
        return Some(body);
    };
    let first = || of.first().map(|one| &one.body);
    let Some(content_type) = request.header("content-type") else {
        return first();
    };
    let is_it = |body: &Body| {
        let types: Vec<&str> = body.media_types.iter().map(String::as_str).collect();
        api_runtime::media::is_one_of(content_type, &types)
    };
    let found = of.iter().map(|one| &one.body).find(|body| is_it(body));
    match found {
        None if request.body.is_empty() => first(),
        found => found,
    }
}

/// The type of what a body holds.
pub(crate) fn body_type(body: &Body) -> Option<&Type> {
    match &body.kind {
        BodyKind::Json { ty, .. } | BodyKind::JsonLines(ty) | BodyKind::Form(ty) => Some(ty),
        BodyKind::Text
        | BodyKind::Bytes(_)
        | BodyKind::Stream { .. }
        | BodyKind::Choice { .. }
        | BodyKind::Events(_) => None,
    }
}

fn longest_line(bytes: &[u8]) -> u64 {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.map(|line| line.len() as u64).max().unwrap_or(0)
}

/// The codes of unknown tags of all unions in a type.
fn unknown_tags(api: &Api, ty: &Type) -> Vec<ErrorId> {
    let (mut seen, mut codes) = (BTreeSet::new(), Vec::new());
    collect(api, ty, &mut seen, &mut codes);
    codes
}

fn collect(api: &Api, ty: &Type, seen: &mut BTreeSet<SchemaId>, codes: &mut Vec<ErrorId>) {
    match ty {
        Type::List(item) | Type::Map(item) => collect(api, item, seen, codes),
        Type::Schema(id) if seen.insert(*id) => match &api[*id].kind {
            SchemaKind::Object { fields, rest, .. } => {
                let types = fields.iter().map(|field| &field.value.ty).chain(rest);
                types.for_each(|ty| collect(api, ty, seen, codes));
            }
            SchemaKind::Union { tag, variants } => {
                codes.extend(tag.as_ref().and_then(|tag| tag.unknown));
                let types = variants.iter().map(|variant| &variant.ty);
                types.for_each(|ty| collect(api, ty, seen, codes));
            }
            SchemaKind::Enum { .. } => {}
        },
        _ => {}
    }
}
