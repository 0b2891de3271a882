//! Parameters of path, query and headers, and the body that `Accept` chooses.

use std::borrow::Cow;

use api_codegen::model::{
    Api, Body, Builtin, ErrorId, FormatId, FormatKind, ListStyle, Parameter, Rejection, Type,
};
use api_codegen::values::is_required;
use api_runtime::accept::Accept;
use api_runtime::query::Query;
use api_runtime::{Param, Style};
use serde_json::Value as Json;

use super::{Contract, Found, Refused, refusal_of};
use crate::message::Request;

/// A parameter that is not as declared: why, and what it is answered with.
type Wrong = (String, Vec<(u16, ErrorId)>);

impl<'a> Contract<'a> {
    /// All parameters of the operation are as declared. A server may tell of all that are not, or of some.
    pub(super) fn parameters(
        &self,
        found: &Found<'a>,
        request: &Request,
    ) -> Result<(), Refused<'a>> {
        let query = Query::parse(request.query()).unwrap_or_default();
        let operation = found.operation;
        let mut wrong: Vec<Wrong> = Vec::new();
        for (index, parameter) in operation.path.iter().enumerate() {
            wrong.extend(self.wrong(found, parameter, path_value(found, request, index)));
        }
        for parameter in operation.query.iter().filter(|query| !query.managed) {
            wrong.extend(self.wrong(found, parameter, self.query_values(parameter, &query)));
        }
        for parameter in operation.headers.iter().filter(|header| !header.managed) {
            wrong.extend(self.wrong(found, parameter, header_values(parameter, request)));
        }
        let Some((reason, _)) = wrong.first() else {
            return Ok(());
        };
        let reason = reason.clone();
        let answers = wrong.into_iter().flat_map(|(_, answers)| answers).collect();
        Err(refusal_of(found, Rejection::BadRequest, answers, reason))
    }

    fn wrong(
        &self,
        found: &Found<'a>,
        parameter: &Parameter,
        texts: Result<Option<Vec<String>>, String>,
    ) -> Option<Wrong> {
        let reason = texts.and_then(|texts| self.check(parameter, texts)).err()?;
        let codes = codes(self.api, &parameter.value.ty);
        let bad_request = (
            Rejection::BadRequest.status(),
            self.code(found, Rejection::BadRequest),
        );
        let answers = if codes.is_empty() {
            vec![bad_request]
        } else {
            let status = |code: ErrorId| (self.api[code].status, code);
            codes.into_iter().map(status).collect()
        };
        let reason = crate::message::shortened(&reason);
        Some((format!("`{}`: {reason}", parameter.wire), answers))
    }

    /// Whether the texts that stand under the name of a parameter are what it may be.
    fn check(&self, parameter: &Parameter, texts: Option<Vec<String>>) -> Result<(), String> {
        let value = &parameter.value;
        if value.ty == Type::Builtin(Builtin::Flag) && !parameter.managed {
            return match texts.unwrap_or_default().as_slice() {
                [] => Ok(()),
                [text] if text.is_empty() => Ok(()),
                [_] => Err("a flag has no value".to_owned()),
                _ => Err("it is there more than once".to_owned()),
            };
        }
        if value.ty == Type::Builtin(Builtin::Flag) {
            // It tells the request from others by being there, with whatever value.
            return Ok(());
        }
        if parameter.prefix.is_some() {
            return texts
                .into_iter()
                .flatten()
                .try_for_each(|text| self.values.check_parameter(parameter, &Json::from(text)));
        }
        let Some(texts) = texts else {
            return if is_required(value) {
                Err("it is missing".to_owned())
            } else {
                Ok(())
            };
        };
        if let Type::List(_) = value.ty {
            return self.values.check_parameter(parameter, &Json::from(texts));
        }
        match <[String; 1]>::try_from(texts) {
            Ok([text]) => self.values.check_parameter(parameter, &Json::from(text)),
            Err(_) => Err("it is there more than once".to_owned()),
        }
    }

    /// What stands under the name of a query parameter, where it is there; of a list its items, which may be none.
    fn query_values(
        &self,
        parameter: &Parameter,
        query: &Query<'_>,
    ) -> Result<Option<Vec<String>>, String> {
        if let Some(prefix) = &parameter.prefix {
            let pairs = query
                .pairs()
                .map(|(name, value)| (name.into_owned(), value.into_owned()));
            return prefixed(pairs, (&prefix.before, &prefix.after)).map(Some);
        }
        let texts: Vec<String> = query.all(&parameter.wire).map(Cow::into_owned).collect();
        if texts.is_empty() || !matches!(parameter.value.ty, Type::List(_)) {
            return Ok(Some(texts).filter(|texts| !texts.is_empty()));
        }
        let items = items(parameter, |param| {
            param.parse_list(query.raw(&parameter.wire))
        })?;
        Ok(Some(self.split_where_needed(parameter, items)))
    }

    /// As the runtime reads a list: a comma that is left in an item was escaped, and separates two where no item
    /// may hold one.
    fn split_where_needed(&self, parameter: &Parameter, items: Vec<String>) -> Vec<String> {
        let fits = |items: &[String]| {
            self.values
                .check_parameter(parameter, &Json::from(items))
                .is_ok()
        };
        if parameter.style != ListStyle::Comma || fits(&items) {
            return items;
        }
        let split = items.iter().flat_map(|item| item.split(','));
        let split: Vec<String> = split.map(str::to_owned).collect();
        if fits(&split) { split } else { items }
    }

    /// The body that is chosen by `Accept`, where there is a choice.
    pub(super) fn accepted(
        &self,
        found: &Found<'a>,
        request: &Request,
    ) -> Result<Option<&'a Body>, Refused<'a>> {
        let Some((_, of)) = found.operation.choice() else {
            return Ok(None);
        };
        let media = |body: &'a Body| body.media_types.first().map_or("", String::as_str);
        let types: Vec<&str> = of.iter().map(|one| media(&one.body)).collect();
        let chosen = Accept::parse(request.all("accept")).choose(&types);
        if let Some(index) = chosen {
            return Ok(of.get(index).map(|one| &one.body));
        }
        let rejection = Rejection::NotAcceptable;
        let answers = vec![(rejection.status(), self.code(found, rejection))];
        let reason = "nothing that it accepts can be answered".to_owned();
        Err(refusal_of(found, rejection, answers, reason))
    }
}

/// What stands at a place of the path.
fn path_value(
    found: &Found<'_>,
    request: &Request,
    index: usize,
) -> Result<Option<Vec<String>>, String> {
    let value = found.values.get(index).cloned().unwrap_or_default();
    let text = String::from_utf8(value).map_err(|_| "it is not UTF-8".to_owned())?;
    // Which value an escape was in is not known any more; mostly there is one.
    if api_runtime::percent::decode(request.path()).is_err() {
        return Err("an escape is malformed".to_owned());
    }
    Ok(Some(vec![text]))
}

/// What stands under the name of a header, in the same way.
fn header_values(parameter: &Parameter, request: &Request) -> Result<Option<Vec<String>>, String> {
    if let Some(prefix) = &parameter.prefix {
        let headers = request.headers.iter();
        let pairs = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
        let (before, after) = (
            prefix.before.to_ascii_lowercase(),
            prefix.after.to_ascii_lowercase(),
        );
        return prefixed(pairs, (&before, &after)).map(Some);
    }
    let texts: Vec<String> = request
        .all(&parameter.wire)
        .map(|text| text.trim_matches([' ', '\t']).to_owned())
        .collect();
    if texts.is_empty() || !matches!(parameter.value.ty, Type::List(_)) {
        return Ok(Some(texts).filter(|texts| !texts.is_empty()));
    }
    items(parameter, |param| param.parse_header_list(&texts)).map(Some)
}

/// The items of a list, as the runtime takes them apart.
pub(crate) fn items(
    parameter: &Parameter,
    parse: impl FnOnce(&Param) -> Result<Vec<String>, api_runtime::Invalid>,
) -> Result<Vec<String>, String> {
    let param = Param {
        name: "",
        invalid: None,
        style: match parameter.style {
            ListStyle::Repeat => Style::Repeat,
            ListStyle::Comma => Style::Comma,
            ListStyle::Space => Style::Space,
            ListStyle::Pipe => Style::Pipe,
        },
        checks: &[],
    };
    parse(&param).map_err(|invalid| invalid.reason().to_owned())
}

/// The values of all names between these ends, each name once.
fn prefixed(
    pairs: impl Iterator<Item = (String, String)>,
    (before, after): (&str, &str),
) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    let mut values = Vec::new();
    for (name, value) in pairs {
        let between = name
            .strip_prefix(before)
            .and_then(|name| name.strip_suffix(after));
        if between.is_none() {
            continue;
        }
        if names.contains(&name) {
            return Err("it is there more than once".to_owned());
        }
        names.push(name);
        values.push(value);
    }
    Ok(values)
}

/// The codes that a malformed value of a type may yield; none: the envelope's own.
fn codes(api: &Api, ty: &Type) -> Vec<ErrorId> {
    match ty {
        Type::Format(id) => format_codes(api, *id),
        Type::List(item) | Type::Map(item) => codes(api, item),
        _ => Vec::new(),
    }
}

/// The code of a format comes first. One of its alternatives is right where the text is plainly meant for it.
fn format_codes(api: &Api, id: FormatId) -> Vec<ErrorId> {
    let format = &api[id];
    let Some(own) = format.invalid else {
        return Vec::new();
    };
    let mut codes = vec![own];
    if let FormatKind::AnyOf(parts) = &format.kind {
        codes.extend(parts.iter().filter_map(|part| api[*part].invalid));
    }
    codes
}
