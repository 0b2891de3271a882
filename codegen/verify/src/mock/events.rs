//! Streams of events, from their beginning or from behind one that the client has seen.

use api_codegen::values;
use serde_json::Value as Json;

use super::reply::Reply;
use crate::contract::Taken;
use crate::events::{events, text};
use crate::message::Request;

/// An event of a stream of events: its name under `event`, what it says under `data`.
pub(super) fn event(json: &Json) -> String {
    let mut event = format!("event: {}\n", values::text(&json["event"]));
    for line in values::text(&json["data"]).split('\n') {
        event.extend(["data: ", line, "\n"]);
    }
    event.push('\n');
    event
}

/// An answer whose events can be gone on with: each has an id, its number where it has none of its own, and those
/// up to the last one with the id that was seen are left out.
pub(super) fn resumed(taken: &Taken<'_>, request: &Request, mut reply: Reply) -> Reply {
    let media = reply.header("content-type").unwrap_or_default();
    let is_stream = api_runtime::media::is_one_of(media, &["text/event-stream"]);
    let Some(header) = taken.operation.resume() else {
        return reply;
    };
    if reply.status != 200 || !is_stream {
        return reply;
    }
    let body = text(&reply.body);
    let all: Vec<(String, String)> = events(&body)
        .zip(1_usize..)
        .map(|(event, number)| match (event.id(), number.to_string()) {
            (Some(id), _) => (id.to_owned(), format!("{}\n\n", event.lines)),
            (None, id) => {
                let lines = format!("id: {id}\n{}\n\n", event.lines);
                (id, lines)
            }
        })
        .collect();
    let seen = request.header(&header.wire);
    let at = all.iter().rposition(|(id, _)| Some(id.as_str()) == seen);
    let rest = all.into_iter().skip(at.map_or(0, |at| at + 1));
    reply.body = rest.flat_map(|(_, lines)| lines.into_bytes()).collect();
    reply
}
