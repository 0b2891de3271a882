//! A request as people send it: with curl, and with the generated client.
//!
//! Both say the same: the values of the first example that succeeds, or else what is required and what
//! has an example of its own. The toy's tests run all of them. What a caller keeps to himself, his
//! credentials, is a variable; what a program fills in by itself is left out.

mod curl;
mod rust;

use serde::Serialize;
use serde_json::Value as Json;

use super::wire::shown;
use crate::model::{
    Api, Body, BodyKind, ConditionPlace, Operation, Parameter, Request, SecurityScheme,
    SecurityUse, Test, Type,
};
use crate::values::sample::tested;
use crate::values::{Values, is_required};
use crate::wire::text;

/// How a request is sent.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema))]
pub(super) struct Snippets {
    /// A command line.
    curl: String,
    /// Statements that use a `client`.
    rust: String,
}

/// The snippets of a request.
pub(super) fn snippets(api: &Api, path: &str, request: &Request) -> Snippets {
    let call = Call::new(api, path, request);
    Snippets {
        curl: curl::command(&call),
        rust: rust::statements(&call),
    }
}

pub(super) use rust::setup;

/// A file that holds the bytes of a body.
const FILE: &str = "data.bin";

/// Headers that every program fills in by itself, or asks its user for.
const BY_ITSELF: [&str; 4] = ["Host", "Content-Length", "Content-Type", "Authorization"];

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Path,
    Query,
    Header,
}

impl Place {
    /// Its key in an example.
    fn key(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "headers",
        }
    }

    /// Where a condition looks for it.
    fn condition(self) -> Option<ConditionPlace> {
        match self {
            Self::Path => None,
            Self::Query => Some(ConditionPlace::Query),
            Self::Header => Some(ConditionPlace::Header),
        }
    }
}

/// A value that is sent.
#[derive(Debug)]
struct Sent<'a> {
    place: Place,
    /// On the wire; of a parameter with a `*` it is what stands for it.
    name: String,
    value: Json,
    /// `None` for what tells the request from others and is no parameter.
    parameter: Option<&'a Parameter>,
}

/// What the body of a request holds.
#[derive(Debug)]
enum Content {
    Json(Json),
    Form(Json),
    Text(String),
    Lines(Vec<Json>),
    File(String),
}

/// A request with its values.
#[derive(Debug)]
struct Call<'a> {
    api: &'a Api,
    path: &'a str,
    request: &'a Request,
    operation: &'a Operation,
    sent: Vec<Sent<'a>>,
    /// The body, of a choice the default or the one of the example, and what it holds.
    body: Option<(&'a Body, Content)>,
    /// The media type of the body, where the example names it.
    content_type: Option<String>,
}

impl<'a> Call<'a> {
    fn new(api: &'a Api, path: &'a str, request: &'a Request) -> Self {
        let example = shown(request);
        let example = example.map(|example| &example["request"]);
        let headers = example.and_then(|example| example["headers"].as_object());
        let mut headers = headers.into_iter().flatten();
        let content_type = headers.find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
        let content_type = content_type.map(|(_, value)| text(value));
        let body = request.body.as_ref().and_then(|body| {
            let body = body.of_type(content_type.as_deref()).next()?;
            Some((
                body,
                content(api, body, example.map(|example| &example["body"])),
            ))
        });
        let mut sent = Vec::new();
        for (place, parameters) in [
            (Place::Path, &request.path),
            (Place::Query, &request.query),
            (Place::Header, &request.headers),
        ] {
            match example {
                Some(example) => sent.extend(given(place, parameters, &example[place.key()])),
                None => sent.extend(sampled(api, request, place, parameters)),
            }
        }
        add_conditions(request, &mut sent);
        let operation = &api[request.operation];
        Self {
            api,
            path,
            request,
            operation,
            sent,
            body,
            content_type,
        }
    }

    fn of(&self, place: Place) -> impl Iterator<Item = &Sent<'a>> {
        self.sent.iter().filter(move |sent| sent.place == place)
    }

    /// The value of a parameter.
    fn value(&self, parameter: &Parameter) -> Option<&Sent<'a>> {
        let is_it = |sent: &&Sent<'_>| {
            sent.parameter
                .is_some_and(|other| other.ident == parameter.ident)
        };
        self.sent.iter().find(is_it)
    }

    /// The first way to authenticate, unless nobody has to.
    fn scheme(&self) -> Option<&'a SecurityScheme> {
        match self.operation.security.first()? {
            SecurityUse::Scheme(id) => Some(&self.api[*id]),
            SecurityUse::Anonymous => None,
        }
    }

    /// The media type of the body, with something in place of its stars.
    fn media_type(&self, body: &Body) -> String {
        if let Some(named) = &self.content_type {
            return named.clone();
        }
        let mut conditions = self.request.when.iter();
        let told = conditions.find_map(|condition| match &condition.test {
            Test::Is(values) if condition.name.eq_ignore_ascii_case("Content-Type") => {
                values.first()
            }
            _ => None,
        });
        let written = self.request.headers.iter().find_map(|header| {
            let is_it = header.wire.eq_ignore_ascii_case("Content-Type");
            header.value.example.as_ref().filter(|_| is_it).map(text)
        });
        let declared = || body.media_types.first().cloned().unwrap_or_default();
        let media_type = told.cloned().or(written).unwrap_or_else(declared);
        let Some(kind) = media_type.strip_suffix("/*") else {
            return media_type;
        };
        match kind {
            "text" => "text/plain",
            "image" => "image/png",
            "audio" => "audio/mpeg",
            "video" => "video/mp4",
            _ => "application/octet-stream",
        }
        .to_owned()
    }
}

/// The values that an example gives.
fn given<'a>(place: Place, parameters: &'a [Parameter], values: &Json) -> Vec<Sent<'a>> {
    let named = |name: &str| {
        parameters.iter().find(|parameter| match &parameter.prefix {
            Some(prefix) => name
                .to_lowercase()
                .starts_with(&prefix.before.to_lowercase()),
            None => parameter.wire.eq_ignore_ascii_case(name),
        })
    };
    let entries = values.as_object().into_iter().flatten();
    let sent = entries.map(|(name, value)| Sent {
        place,
        name: name.clone(),
        value: value.clone(),
        parameter: named(name),
    });
    let constants = parameters.iter().filter_map(|parameter| {
        let constant = parameter.value.constant.clone()?;
        let is_given = values.get(&parameter.wire).is_some();
        (!is_given).then(|| sent_as(place, parameter, constant))
    });
    sent.filter(|sent| !is_left_out(sent.place, &sent.name))
        .chain(constants)
        .collect()
}

/// What is required, what tells the request from others, and what its author wants to be shown.
fn sampled<'a>(
    api: &Api,
    request: &Request,
    place: Place,
    parameters: &'a [Parameter],
) -> Vec<Sent<'a>> {
    let shown = parameters.iter().filter(|parameter| {
        !is_left_out(place, &parameter.wire)
            && parameter.prefix.is_none()
            && !parameter.value.secret
    });
    let sent = shown.filter_map(|parameter| {
        let value = &parameter.value;
        let test = place
            .condition()
            .and_then(|place| request.tested(place, &parameter.wire));
        let is_sent = match test {
            Some(Test::Absent) => false,
            Some(Test::Present | Test::Is(_)) => true,
            None => {
                let has_example = value.example.is_some() && !parameter.managed;
                is_required(value) || value.constant.is_some() || has_example
            }
        };
        is_sent.then(|| sent_as(place, parameter, tested(api, value, test)))
    });
    sent.collect()
}

fn sent_as(place: Place, parameter: &Parameter, value: Json) -> Sent<'_> {
    Sent {
        place,
        name: parameter.wire.clone(),
        value,
        parameter: Some(parameter),
    }
}

fn is_left_out(place: Place, name: &str) -> bool {
    place == Place::Header
        && BY_ITSELF
            .iter()
            .any(|other| other.eq_ignore_ascii_case(name))
}

/// What tells the request from others, where no value says it yet.
fn add_conditions(request: &Request, sent: &mut Vec<Sent<'_>>) {
    for condition in &request.when {
        let place = match condition.place {
            ConditionPlace::Query => Place::Query,
            ConditionPlace::Header => Place::Header,
        };
        let is_there = sent
            .iter()
            .any(|sent| sent.place == place && sent.name.eq_ignore_ascii_case(&condition.name));
        let Test::Is(values) = &condition.test else {
            continue;
        };
        let value = values.first().filter(|_| !is_there);
        if let Some(value) = value.filter(|_| !is_left_out(place, &condition.name)) {
            sent.push(Sent {
                place,
                name: condition.name.clone(),
                value: Json::from(value.as_str()),
                parameter: None,
            });
        }
    }
}

/// What a body holds; `written` is that of the example.
fn content(api: &Api, body: &Body, written: Option<&Json>) -> Content {
    let written = written.filter(|written| !written.is_null());
    let named = |kind: &str| written.map(|written| &written[kind]).cloned();
    let value = |ty: &Type, kind: &str| {
        let given = named(kind).or_else(|| body.example.clone());
        given.unwrap_or_else(|| Values::new(api).whole(ty))
    };
    match &body.kind {
        BodyKind::Json { ty, .. } => Content::Json(value(ty, "json")),
        BodyKind::Form(ty) => Content::Form(value(ty, "form")),
        BodyKind::JsonLines(ty) => Content::Lines(match value(ty, "json") {
            Json::Array(items) if written.is_some() => items,
            item => vec![item],
        }),
        BodyKind::Text => {
            let given = named("text").or_else(|| body.example.clone());
            Content::Text(given.as_ref().map_or_else(|| "text".to_owned(), text))
        }
        // No request has events.
        BodyKind::Bytes(_)
        | BodyKind::Stream { .. }
        | BodyKind::Choice { .. }
        | BodyKind::Events(_) => {
            let file = named("file").and_then(|file| file.as_str().map(str::to_owned));
            Content::File(file.unwrap_or_else(|| FILE.to_owned()))
        }
    }
}
