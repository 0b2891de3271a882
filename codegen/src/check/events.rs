//! Streams of events.
//!
//! Rules: there is at least one event, names are not empty and have no control characters, and only answers
//! have events. `events: {}` fails. In code the events are a union with the tag `event` and the content `data`, which is
//! what they are on the wire, so that whatever knows unions knows events.

use super::scope::Scope;
use super::{idempotency, unions};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Builtin, LAST_EVENT_ID, Parameter, Schema, Type};
use crate::spec;

/// The union of the events that are written in the body at `path`.
pub(super) fn union(
    scope: &mut Scope<'_, '_>,
    (events, open): (&spec::Map<spec::Variant>, bool),
    path: &Path,
    name: &str,
) -> Type {
    let list = path.key("events");
    if events.is_empty() {
        scope.error(
            Id::BadBody,
            &list,
            "a stream has at least one event",
            "name one, with the type of what it carries",
        );
        return Type::Builtin(Builtin::Any);
    }
    let named = named(scope, events, &list);
    if named.is_empty() {
        return Type::Builtin(Builtin::Any);
    }
    let (tag, content) = ("event".to_owned(), "data".to_owned());
    let tag = unions::Tag {
        key: Some(&tag),
        content: Some(&content),
        open,
        unknown: None,
    };
    let schema = Schema {
        name: format!("{name}Event"),
        description: "An event of the stream.".to_owned(),
        kind: unions::union(scope, &tag, &named, path, &list),
        deprecated: None,
    };
    Type::Schema(scope.add_schema(schema, path))
}

/// The events whose names can be sent; complains about the others.
fn named(
    scope: &mut Scope<'_, '_>,
    events: &spec::Map<spec::Variant>,
    list: &Path,
) -> spec::Map<spec::Variant> {
    let mut named = events.clone();
    named.retain(|name, _| {
        if !name.is_empty() && !name.contains(char::is_control) {
            return true;
        }
        let place = At::key(&list.key(name));
        let message = "the name of an event is a line of text";
        let help = match name.as_str() {
            "" => "an event without a name is called `message`",
            _ => "write a name without line breaks and the like",
        };
        scope.push(Diagnostic::error(Id::BadName, place, message).help(help));
        false
    });
    named
}

/// Adds the header by which a stream is resumed, where it is not declared.
pub(super) fn take_header(
    scope: &mut Scope<'_, '_>,
    written: &spec::Request,
    path: &Path,
    headers: &mut Vec<Parameter>,
) {
    let spec = scope.spec;
    let body = |response: &spec::Response| match &response.uses {
        Some(name) => spec.responses.get(name)?.body.clone(),
        None => response.body.clone(),
    };
    let resumes = written
        .success
        .iter()
        .filter_map(body)
        .any(|body| is_resumed(&body));
    let mut known = headers.iter();
    if resumes && !known.any(|header| header.wire.eq_ignore_ascii_case(LAST_EVENT_ID)) {
        let says = "The id of the last event that was seen; what comes behind it is sent.";
        headers.push(idempotency::optional_text(scope, LAST_EVENT_ID, says, path));
    }
}

fn is_resumed(body: &spec::Body) -> bool {
    match body {
        spec::Body::Events { resume, .. } => *resume,
        spec::Body::Choice { of, .. } => of.iter().any(is_resumed),
        _ => false,
    }
}
