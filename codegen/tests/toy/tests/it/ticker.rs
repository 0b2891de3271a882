//! Streams of events, by hand and with the generated client.

use std::io;
use std::time::Duration;

use api_runtime::client::Backoff;
use api_runtime::{Event, EventId, ItemError, Items, Source};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use toy::client::Client;
use toy::types::*;

use super::client::library;
use super::wire::Server;

type News = Event<FollowTickerOkBodyEvent>;

/// What is told, from behind the last event that was seen; nothing behind the last one.
pub(crate) fn ticker(request: &FollowTicker) -> Result<Option<Items<News>>, Source> {
    let seen = request.last_event_id.as_deref().unwrap_or("0");
    let seen: usize = seen.parse().map_err(Source::new)?;
    let all = match request.of {
        0 => news()?,
        1 => vec![headline("a")],
        2 => vec![headline(&"x".repeat(65))],
        _ => steps()?,
    };
    let rest = all.into_iter().skip(seen).map(Ok);
    let failure = io::Error::other("a secret: /etc/passwd");
    Ok(match request.of {
        1 => Some(Items::new(stream::iter(rest.chain([Err(failure.into())])))),
        // Breaks off behind each event.
        3.. if seen < 3 => Some(Items::new(stream::iter(
            rest.take(1).chain([Err(failure.into())]),
        ))),
        3.. => None,
        _ => Some(Items::new(stream::iter(rest))),
    })
}

fn steps() -> Result<Vec<News>, Source> {
    let steps = ["1", "2", "3"].map(|id| {
        let id: EventId = id.parse().map_err(Source::new)?;
        Ok(headline(id.as_str()).id(id).retry(Duration::ZERO))
    });
    steps.into_iter().collect()
}

fn headline(text: &str) -> News {
    Event::new(FollowTickerOkBodyEvent::Headline(text.to_owned()))
}

fn news() -> Result<Vec<News>, Source> {
    let id = |id: &str| id.parse::<EventId>().map_err(Source::new);
    let visit = Entry::Visit(Slip::new("anna".to_owned(), 2));
    let other = serde_json::json!({"event": "weather", "data": "rain"});
    Ok(vec![
        headline("fire\nid: 7")
            .id(id("1")?)
            .retry(Duration::from_secs(2)),
        Event::new(FollowTickerOkBodyEvent::Entry(visit)).id(id("2")?),
        Event::new(FollowTickerOkBodyEvent::Readers(9)).id(id("3")?),
        Event::new(FollowTickerOkBodyEvent::Other(other)),
    ])
}

const ENTRY: &str = r#"{"type":"visit","data":{"reader":"anna","copies":2}}"#;

#[tokio::test]
async fn each_event_is_lines_of_text_or_of_json() {
    let server = Server::start().await;
    let answer = server.send("GET /news/ticker", b"").await;
    let first = "id: 1\nretry: 2000\nevent: headline\ndata: fire\ndata: id: 7\n\n";
    let second = format!("id: 2\nevent: entry\ndata: {ENTRY}\n\n");
    let rest = "id: 3\nevent: readers\ndata: 9\n\nevent: weather\ndata: rain\n\n";
    assert_eq!(
        (answer.status, answer.text()),
        (200, format!("{first}{second}{rest}"))
    );
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert_eq!(answer.header("content-length"), None);
    let resumed = server.send("GET /news/ticker\nLast-Event-ID: 2", b"").await;
    assert_eq!(resumed.text(), rest);
    let head = server.send("HEAD /news/ticker", b"").await;
    assert_eq!((head.status, head.text().as_str()), (200, ""));
}

async fn told(client: &Client, request: FollowTicker) -> Items<News> {
    match client.follow_ticker(request).await {
        Ok(FollowTickerResponse::Ok(answer)) => answer.body,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_client_goes_on_where_a_connection_has_ended() {
    let (_server, client) = library().await;
    let mut request = FollowTicker::new();
    request.of = 3;
    let backoff = Backoff {
        first: Duration::ZERO,
        ..Backoff::default()
    };
    let events = client.follow_ticker_events(request, backoff);
    let all: Vec<News> = events.try_collect().await.expect("all of it");
    assert_eq!(all, steps().expect("three"));
}

#[tokio::test]
async fn the_client_reads_events_with_their_ids_and_goes_on_behind_them() {
    let (_server, client) = library().await;
    let follow = async |id: Option<String>| {
        let mut request = FollowTicker::new();
        request.last_event_id = id;
        let news: Vec<News> = told(&client, request)
            .await
            .try_collect()
            .await
            .expect("all of it");
        news
    };
    let mut expected = news().expect("news");
    let retry = expected[0].retry;
    for event in &mut expected {
        event.retry = retry;
    }
    expected[3].id = expected[2].id.clone();
    let all = follow(None).await;
    assert_eq!(all, expected);
    let id = all[1].id.clone().map(EventId::into_string);
    let rest: Vec<_> = follow(id)
        .await
        .into_iter()
        .map(|news| news.event)
        .collect();
    let expected: Vec<_> = expected
        .into_iter()
        .skip(2)
        .map(|news| news.event)
        .collect();
    assert_eq!(rest, expected);
    let FollowPastResponse::Ok(past) = client.follow_past(FollowPast::new()).await.expect("past");
    let colours: Vec<_> = past
        .body
        .map_ok(|event| event.event)
        .try_collect()
        .await
        .expect("two");
    let expected = [Colour::Red, Colour::Blue].map(FollowPastOkBodyEvent::Message);
    assert_eq!(colours, expected);
}

#[tokio::test]
async fn a_stream_of_events_that_fails_or_is_too_long_breaks_off() {
    let (_server, client) = library().await;
    for of in [1, 2] {
        let mut request = FollowTicker::new();
        request.of = of;
        let news: Vec<_> = told(&client, request).await.collect().await;
        let last = news.last().expect("an error");
        match of {
            1 => {
                assert_eq!(news.len(), 2);
                assert!(matches!(last, Err(ItemError::Io(_))), "{last:?}");
            }
            _ => assert!(
                matches!(last, Err(ItemError::TooLarge { limit: 64 })),
                "{last:?}"
            ),
        }
    }
}
