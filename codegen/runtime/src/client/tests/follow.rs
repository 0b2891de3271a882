//! A stream of events that goes on where a connection has ended.

use std::io;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;

use super::*;
use crate::client::{Backoff, Following, LastId, TransportErrorKind, follow, resume};
use crate::events::Named;
use crate::{Event, EventId, ItemError, Items};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "event", content = "data")]
enum News {
    #[serde(rename = "count")]
    Count(u32),
}

impl Named for News {
    const NAMES: &'static [(&'static str, bool)] = &[("count", false)];
    const OPEN: bool = false;

    fn parts(&self) -> Result<(String, String), ItemError> {
        let Self::Count(count) = self;
        crate::events::json("count", count)
    }
}

/// At once, and as often as it says.
fn tries(tries: u32) -> Backoff {
    Backoff {
        first: Duration::ZERO,
        longest: Duration::ZERO,
        tries,
    }
}

/// What generated code reads an answer by.
async fn events(reply: Reply) -> Result<Option<Items<Event<News>>>, Error<ReadError>> {
    match reply.status() {
        200 => Ok(Some(reply.events(Some(64)))),
        204 => Ok(None),
        _ => Err(reply.failure().await),
    }
}

fn following<T: Transport>(caller: Caller<T>, backoff: Backoff) -> Following<News, ReadError> {
    following_from(None, caller, backoff)
}

/// Events behind one that was seen before.
fn following_from<T: Transport>(
    seen: Option<u32>,
    caller: Caller<T>,
    backoff: Backoff,
) -> Following<News, ReadError> {
    let write = |mut seen: Option<u32>, last: &LastId| {
        resume(last, &mut seen)?;
        let call = Call::new(&READ, "/news".to_owned());
        Ok(call.header_optional("Last-Event-ID", &seen))
    };
    follow(caller, seen, backoff, write, events)
}

/// What was counted before the end, and what that was.
async fn counted(news: Following<News, ReadError>) -> (Vec<u32>, Option<Error<ReadError>>) {
    let all: Vec<_> = news.collect().await;
    let (mut counts, mut end) = (Vec::new(), None);
    for event in all {
        match event.map(|event| event.event) {
            Ok(News::Count(count)) => counts.push(count),
            Err(error) => end = Some(error),
        }
    }
    (counts, end)
}

fn ids(seen: &[Seen]) -> Vec<Option<&str>> {
    seen.iter()
        .map(|seen| seen.header("last-event-id"))
        .collect()
}

/// Events, behind which the connection breaks.
fn breaking(text: &'static str) -> Response<Body> {
    let chunks = [
        Ok(Bytes::from_static(text.as_bytes())),
        Err(io::Error::other("gone")),
    ];
    Response::new(Body::stream(None, stream::iter(chunks).boxed()))
}

#[tokio::test]
async fn it_goes_on_behind_the_last_id_until_an_answer_has_no_events() {
    let fake = Fake::new([
        breaking("id: 1\nretry: 0\nevent: count\ndata: 1\n\nid: 2\nevent: count\nda"),
        answer(503, &[], "by a proxy"),
        answer(
            200,
            &[],
            "event: count\ndata: 2\n\nid: 3\nevent: count\ndata: 3\n\n",
        ),
        answer(204, &[], ""),
    ]);
    let news = following(fake.caller(), tries(2));
    let all: Vec<Event<News>> = news.try_collect().await.unwrap();
    let told = all.iter().map(|event| {
        let News::Count(count) = event.event;
        let id = event.id.as_ref().map(EventId::as_str);
        (count, id, event.retry)
    });
    let zero = Some(Duration::ZERO);
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (1, Some("1"), zero),
            // An id and a wait hold beyond the connection on which they came.
            (2, Some("1"), zero),
            (3, Some("3"), zero),
        ]
    );
    let seen = fake.seen();
    assert_eq!(ids(&seen), [None, Some("1"), Some("1"), Some("3")]);
}

#[tokio::test(start_paused = true)]
async fn what_is_said_without_an_event_holds_for_the_next_connection() {
    let fake = Fake::new([
        breaking("retry: 90000\n\nid: 1\n\n"),
        breaking("id\n\nretry: 5000"),
        breaking("retry: 3000\n"),
        answer(204, &[], ""),
    ]);
    let begun = tokio::time::Instant::now();
    let (counts, end) = counted(following(fake.caller(), tries(9))).await;
    assert!(counts.is_empty() && end.is_none(), "{end:?}");
    assert_eq!(ids(&fake.seen()), [None, Some("1"), None, None]);
    // 90 s, 90 s again as a line without its end says nothing, and 3 s: no longer than the server asks for.
    assert_eq!(begun.elapsed().as_secs(), 183);
}

#[tokio::test]
async fn the_id_of_the_request_holds_until_the_server_says_another_one_or_takes_it_away() {
    let fake = Fake::new([
        answer(503, &[], "by a proxy"),
        breaking("event: count\ndata: 6\n\nid\n"),
        breaking("id\n\n"),
        breaking(": nothing yet\n\n"),
        breaking("id: 7\n\n"),
        answer(204, &[], ""),
    ]);
    let (counts, end) = counted(following_from(Some(5), fake.caller(), tries(9))).await;
    assert!(counts == [6] && end.is_none(), "{counts:?}, {end:?}");
    let (five, seven) = (Some("5"), Some("7"));
    assert_eq!(ids(&fake.seen()), [five, five, five, None, None, seven]);
}

#[tokio::test]
async fn a_declared_failure_ends_it() {
    let gone = r#"{"errors": [{"code": "GONE"}]}"#;
    let fake = Fake::new([
        answer(200, &[], "id: 7\nevent: count\ndata: 7\n\n"),
        answer(404, &[], gone),
    ]);
    let (counts, end) = counted(following(fake.caller(), tries(9))).await;
    assert_eq!(counts, [7]);
    assert!(
        matches!(end, Some(Error::Declared(ReadError::Gone(_)))),
        "{end:?}"
    );
    assert_eq!(fake.seen().len(), 2);
}

#[tokio::test]
async fn what_stays_is_not_tried_again() {
    for (answers, what) in [
        (
            answer(200, &[], "id: 1\nevent: count\ndata: one\n\n"),
            "body",
        ),
        (answer(200, &[], "id: a\nevent: count\ndata: 1\n\n"), "id"),
        (answer(500, &[], ""), "undeclared"),
    ] {
        let fake = Fake::new([answers]);
        let (_, end) = counted(following(fake.caller(), tries(9))).await;
        let found = match &end {
            Some(Error::Decode(error)) => error.place(),
            Some(Error::Undeclared(_)) => "undeclared",
            _ => "nothing",
        };
        assert_eq!(found, what, "{end:?}");
        assert_eq!(fake.seen().len(), 1);
    }
}

#[tokio::test]
async fn tries_without_an_event_are_counted_from_the_last_event_on() {
    let none = || answer(200, &[], ": nothing yet\n\n");
    let one = answer(200, &[], "event: count\ndata: 1\n\n");
    let fake = Fake::new([none(), none(), one, none(), none()]);
    let (counts, end) = counted(following(fake.caller(), tries(2))).await;
    assert_eq!((counts, fake.seen().len()), (vec![1], 5));
    let Some(Error::Transport(error)) = &end else {
        panic!("{end:?}");
    };
    assert_eq!(error.kind(), TransportErrorKind::Interrupted);
}

/// Never gets through.
#[derive(Clone)]
struct Nobody(TransportErrorKind, Arc<Mutex<usize>>);

impl Transport for Nobody {
    async fn send(&self, _: Request<Body>) -> Result<Response<Body>, TransportError> {
        *self.1.lock().unwrap() += 1;
        Err(TransportError::new(self.0, "nobody is there"))
    }
}

#[tokio::test]
async fn no_connection_is_tried_again_and_a_bad_request_is_not() {
    for (kind, expected) in [
        (TransportErrorKind::Connect, 4),
        (TransportErrorKind::Timeout, 4),
        (TransportErrorKind::Request, 1),
        (TransportErrorKind::Redirect, 1),
    ] {
        let nobody = Nobody(kind, Arc::default());
        let caller = Caller::with_transport("http://home:1", nobody.clone()).unwrap();
        let (_, end) = counted(following(caller, tries(3))).await;
        assert!(
            matches!(&end, Some(Error::Transport(error)) if error.kind() == kind),
            "{end:?}"
        );
        assert_eq!(*nobody.1.lock().unwrap(), expected, "{kind:?}");
    }
}
