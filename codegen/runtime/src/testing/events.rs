//! Streams of events in examples: read here in another way than clients read them, so that one is held against the
//! other.

use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::events::Named;
use crate::{Body, CollectError, Event};

/// The events of a text that have come as a whole, as objects of what is said of each.
pub(super) fn whole(text: &str) -> Vec<Map<String, Json>> {
    let text = text.replace("\r\n", "\n");
    let end = text.rfind("\n\n").map_or(0, |end| end + 1);
    let blocks = text[..end].split("\n\n").map(fields);
    blocks.filter(|event| event.contains_key("data")).collect()
}

fn fields(block: &str) -> Map<String, Json> {
    let mut texts: Vec<(&str, String)> = Vec::new();
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match texts.iter_mut().find(|(own, _)| *own == field) {
            Some((_, text)) if field == "data" => {
                text.push('\n');
                text.push_str(value);
            }
            Some((_, text)) => value.clone_into(text),
            None => texts.push((field, value.to_owned())),
        }
    }
    let known = texts.into_iter().filter(|(field, _)| !field.is_empty());
    let known = known.map(|(field, text)| {
        let json = match field {
            "data" => serde_json::from_str(&text).ok(),
            _ => None,
        };
        (field.to_owned(), json.unwrap_or(Json::String(text)))
    });
    known.collect()
}

/// The bytes up to where there are this many events.
pub(super) async fn first(body: Body, count: usize, limit: u64) -> Result<Bytes, CollectError> {
    let (mut chunks, mut read) = (body.into_stream(), Vec::new());
    while whole(&String::from_utf8_lossy(&read)).len() < count {
        let Some(chunk) = chunks.try_next().await.map_err(CollectError::Io)? else {
            break;
        };
        read.extend_from_slice(&chunk);
        if u64::try_from(read.len()).is_ok_and(|len| len > limit) {
            return Err(CollectError::TooLarge { limit });
        }
    }
    Ok(read.into())
}

/// What an example tells of an event.
#[derive(Deserialize)]
struct Told {
    event: Json,
    id: Option<String>,
    retry: Option<u64>,
}

/// The events as they are read. What is said of an id and of a time to wait holds for those behind it.
pub(super) fn told<E: Named>(list: &str) -> Vec<Event<E>> {
    let (mut id, mut retry) = (None, None);
    let list: Vec<Told> = super::json(list);
    let events = list.into_iter().map(|told| {
        id = told.id.map(|text| super::scalar(&text)).or(id.take());
        retry = told.retry.map(Duration::from_millis).or(retry);
        Event {
            event: super::json(&told.event.to_string()),
            id: id.clone(),
            retry,
        }
    });
    events.collect()
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, StreamExt as _, stream};

    use super::*;

    const TEXT: &str = ": hi\r\n\r\nid: 1\r\nevent: a\r\ndata: {\"b\": 1}\r\n\r\n:\n\ndata: x\ndata: y\n\ndata: half\n";

    #[test]
    fn only_whole_events_are_there() {
        let events: Vec<Json> = whole(TEXT).into_iter().map(Json::Object).collect();
        let expected = serde_json::json!([
            {"id": "1", "event": "a", "data": {"b": 1}},
            {"data": "x\ny"}
        ]);
        assert_eq!(Json::Array(events), expected);
    }

    #[test]
    fn an_endless_stream_is_read_as_far_as_it_is_wanted() {
        let chunk = Bytes::from_static(b"event: a\ndata: 1\n\n");
        let endless = || Body::stream(None, stream::repeat(chunk.clone()).map(Ok).boxed());
        let read = first(endless(), 3, 1000).now_or_never().expect("is ready");
        assert_eq!(read.expect("three events").len(), 3 * chunk.len());
        let read = first(endless(), 3, 20).now_or_never().expect("is ready");
        assert!(matches!(read, Err(CollectError::TooLarge { limit: 20 })));
    }
}
