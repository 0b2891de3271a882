//! What is written is read, and what others write is read as HTML says.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use serde::{Deserialize, Serialize};

use super::*;
use crate::{Body, Items, Json};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data")]
enum Closed {
    #[serde(rename = "message")]
    Words(String),
    Count(u32),
    Pair(Vec<u8>),
}

impl Named for Closed {
    const NAMES: &'static [(&'static str, bool)] =
        &[("message", true), ("Count", false), ("Pair", false)];
    const OPEN: bool = false;

    fn parts(&self) -> Result<(String, String), ItemError> {
        match self {
            Self::Words(data) => super::text("message", data),
            Self::Count(data) => super::json("Count", data),
            Self::Pair(data) => super::json("Pair", data),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Open {
    Other(Json),
}

impl Named for Open {
    const NAMES: &'static [(&'static str, bool)] = &[];
    const OPEN: bool = true;

    fn parts(&self) -> Result<(String, String), ItemError> {
        let Self::Other(event) = self;
        super::other(event)
    }
}

fn words(text: &str) -> Closed {
    Closed::Words(text.to_owned())
}

fn all<E: Named + Send + 'static>(text: &str, limit: u64) -> Vec<Result<Event<E>, String>> {
    let items = read(Body::from(text.to_owned()), limit, Said::default());
    let items = items.map(|item| item.map_err(|error| error.to_string()));
    items.collect().now_or_never().expect("is ready at once")
}

fn events(text: &str) -> Vec<Closed> {
    let all = all::<Closed>(text, 99).into_iter();
    all.map(|event| event.unwrap().event).collect()
}

fn written<E: Named + Send + 'static>(event: Event<E>) -> io::Result<String> {
    let mut chunks = write(Items::new(stream::iter([Ok(event)])));
    let chunk = chunks.next().now_or_never().flatten();
    // Before an error it is not ready once.
    let chunk = chunk.or_else(|| chunks.next().now_or_never().flatten());
    chunk
        .unwrap()
        .map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
}

#[test]
fn what_is_written_is_read() {
    for (event, text) in [
        (words("a"), "event: message\ndata: a\n\n"),
        (words(""), "event: message\ndata: \n\n"),
        (
            words(" a\n\nid: 7"),
            "event: message\ndata:  a\ndata: \ndata: id: 7\n\n",
        ),
        (words("\n"), "event: message\ndata: \ndata: \n\n"),
        (Closed::Count(7), "event: Count\ndata: 7\n\n"),
        (Closed::Pair(vec![1, 2]), "event: Pair\ndata: [1,2]\n\n"),
    ] {
        assert_eq!(written(Event::new(event.clone())).unwrap(), text);
        assert_eq!(events(text), [event]);
    }
    let break_of_another_kind = written(Event::new(words("a\r\nb\rid: 1"))).unwrap();
    assert_eq!(events(&break_of_another_kind), [words("a\nb\nid: 1")]);
}

#[test]
fn an_id_and_a_time_to_wait_hold_until_there_are_others() {
    let id: EventId = "a 7".parse().unwrap();
    let event = Event::new(words("x"))
        .id(id.clone())
        .retry(Duration::from_millis(1500));
    let text = written(event.clone()).unwrap();
    assert_eq!(text, "id: a 7\nretry: 1500\nevent: message\ndata: x\n\n");
    let more = "data: y\n\nid: \u{e4}\nretry: 1s\ndata: z\n\nid: b\n\ndata: last\n\n";
    let all = all::<Closed>(&format!("{text}{more}"), 99);
    let ids: Vec<Option<&str>> = all
        .iter()
        .map(|event| event.as_ref().unwrap().id.as_ref().map(EventId::as_str))
        .collect();
    assert_eq!(ids, [Some("a 7"), Some("a 7"), Some("a 7"), Some("b")]);
    assert_eq!(all[0], Ok(event));
    assert!(
        all.iter()
            .all(|event| event.as_ref().unwrap().retry == Some(Duration::from_millis(1500)))
    );
    for hostile in [
        "",
        "a\nb",
        "a\rdata: x",
        "a\0",
        " a",
        "a ",
        "\u{e4}",
        "a\tb",
    ] {
        assert!(hostile.parse::<EventId>().is_err(), "{hostile:?}");
    }
}

#[test]
fn a_block_that_is_no_event_says_what_holds_behind_it() {
    let second = Duration::from_secs(1);
    let known = |id: &str| LastId::Known(id.parse().unwrap());
    for (text, id, retry) in [
        ("retry: 1000\n\n", LastId::Unsaid, Some(second)),
        // A wait holds from its line on, an id only once its block has ended.
        ("id: 7\nretry: 1000\n", LastId::Unsaid, Some(second)),
        ("id: 7\n\n: hi\n\n", known("7"), None),
        ("id: 7\n\nid\n\n", LastId::Gone, None),
        ("id\n\nid: \u{e4}\n\n", LastId::Gone, None),
        (
            "id: 7\nid: \u{e4}\n\nretry: 99999999999999999999\n\n",
            known("7"),
            None,
        ),
        ("id: 8\nevent: unknown\ndata: x\n\n", known("8"), None),
    ] {
        let said = Said::default();
        let items: Items<Event<Closed>> = read(Body::from(text.to_owned()), 99, said.clone());
        assert_eq!(items.count().now_or_never(), Some(0), "{text}");
        let (last, wait) = said.now();
        assert_eq!((last, wait), (id, retry), "{text}");
    }
}

#[test]
fn lines_end_in_all_ways_and_what_is_no_field_is_passed_over() {
    let text = "\u{feff}data:a\r\n\r\n: a comment\revent: Count\rdata: 7\r\rdata\n\nevent: Count\n\nid\ndata: b\nfoo: x\n\ndata: cut off";
    assert_eq!(
        events(text),
        [words("a"), Closed::Count(7), words(""), words("b")]
    );
    assert_eq!(
        events("data: a\n\n:\n\n:\n\ndata: b\n\n"),
        [words("a"), words("b")]
    );
    assert!(events("").is_empty());
}

#[test]
fn events_of_other_names_are_passed_over_or_kept() {
    let text = "event: other\ndata: {\ndata: x\n\nevent: Count\ndata: 1\n\n";
    assert_eq!(events(text), [Closed::Count(1)]);
    let all = all::<Open>(text, 99);
    let kept = Open::Other(serde_json::json!({"event": "other", "data": "{\nx"}));
    assert_eq!(all[0], Ok(Event::new(kept.clone())));
    assert_eq!(
        written(Event::new(kept)).unwrap(),
        "event: other\ndata: {\ndata: x\n\n"
    );
    for hostile in ["a\nb", "a\rb", "\0"] {
        let other = Open::Other(serde_json::json!({"event": hostile, "data": "x"}));
        assert!(written(Event::new(other)).is_err(), "{hostile:?}");
    }
}

#[test]
fn a_stream_ends_behind_what_cannot_be_read() {
    for (text, problem) in [
        ("event: Count\ndata: x\n\ndata: b\n\n", "expected value"),
        ("event: Pair\ndata: {}\n\ndata: b\n\n", "invalid type"),
        ("data: 1234567890123\n\ndata: b\n\n", "more than 12 bytes"),
        ("data: 123456\ndata: 123456\n\n", "more than 12 bytes"),
        ("id: 12345678901234567890\n\n", "more than 12 bytes"),
    ] {
        let all = all::<Closed>(text, 12);
        assert_eq!(all.len(), 1, "{text}");
        let error = all[0].as_ref().unwrap_err();
        assert!(error.contains(problem), "{error}");
    }
    assert_eq!(
        all::<Closed>("data: 123456789012\n\n", 12),
        [Ok(Event::new(words("123456789012")))]
    );
}

#[tokio::test]
async fn a_stream_on_which_nothing_happens_says_that_it_is_there() {
    let quiet = stream::pending::<io::Result<Bytes>>().boxed();
    let comments: Vec<_> = kept_alive(quiet, Duration::from_millis(1))
        .take(2)
        .collect()
        .await;
    assert!(
        comments
            .iter()
            .all(|chunk| chunk.as_ref().unwrap() == ":\n\n")
    );
    let busy = stream::iter([Ok(Bytes::from_static(b"data: a\n\n"))]).boxed();
    let chunks: Vec<_> = kept_alive(busy, Duration::from_mins(10)).collect().await;
    assert_eq!(chunks.len(), 1);
}
