//! Values that contain values of their own kind, and a stream of events that is one of two bodies.

use std::time::Duration;

use api_runtime::client::Backoff;
use api_runtime::{Event, EventId, Items, Source};
use futures_util::TryStreamExt as _;
use toy::types::*;

use super::client::library;
use super::wire::Server;

/// Who writes, from the first on.
const WRITERS: [&str; 3] = ["anna", "bert", "cleo"];

fn letter(text: &str) -> Letter {
    Letter::new(text.to_owned(), None)
}

/// What the library writes back.
pub(crate) fn answered(letter: Letter) -> Letter {
    let mut answer = Letter::new("thank you".to_owned(), None);
    answer.answers = Some(Box::new(letter));
    answer
}

/// The letters as they are wanted. As events one comes on each connection, until all are seen.
pub(crate) fn letters(request: &ReadLetters) -> Result<ReadLettersResponse, ReadLettersError> {
    if request.accept == ReadLettersOkBodyAccept::Json {
        let all = WRITERS.map(letter).into();
        return Ok(ReadLettersOk::new(ReadLettersOkBody::Json(all)).into());
    }
    let seen = request.last_event_id.as_deref().unwrap_or("0");
    let seen: usize = seen.parse().map_err(Source::new)?;
    let Some(text) = WRITERS.get(seen) else {
        return Ok(ReadLettersNoContent::new().into());
    };
    let id: EventId = (seen + 1).to_string().parse().map_err(Source::new)?;
    let event = Event::new(ReadLettersOkBodyEventsEvent::Letter(letter(text)));
    let events: Items<_> = vec![event.id(id).retry(Duration::ZERO)].into();
    Ok(ReadLettersOk::new(ReadLettersOkBody::Events(events)).into())
}

#[tokio::test]
async fn what_contains_its_own_kind_goes_there_and_comes_back() {
    let (_server, client) = library().await;
    let titled = |title: &str| Wish::Titled(Titled::new(title.to_owned()));
    let other = Wish::Not(Not::new(titled("Rome")));
    let both = Wish::Both(Both::new(titled("Annals"), other));
    let mut first = Letter::new("help".to_owned(), Some(both));
    for _ in 0..5 {
        first = answered(first);
    }
    let request = WriteLetter::new(first.clone());
    let WriteLetterResponse::Ok(answer) = client.write_letter(request).await.expect("an answer");
    assert_eq!(answer.body, answered(first));
}

#[test]
fn what_may_be_null_has_its_default_where_it_is_absent() {
    let read = |copies: &str| {
        let text = format!(r#"{{"text":"help","wish":null{copies}}}"#);
        serde_json::from_str::<Letter>(&text).map(|letter| letter.copies)
    };
    assert_eq!(read("").ok(), Some(Some(1)));
    assert_eq!(read(r#","copies":null"#).ok(), Some(None));
    assert_eq!(read(r#","copies":9"#).ok(), Some(Some(9)));
    assert!(read(r#","copies":10"#).is_err());
}

#[test]
fn what_is_constant_has_to_be_said_unless_it_is_optional() {
    let not = Not::new(Wish::Titled(Titled::new("Rome".to_owned())));
    assert!(not.sure, "nobody has to set it");
    let written = serde_json::to_value(&not).expect("an object");
    assert_eq!(written["sure"], true);
    assert!(serde_json::from_value::<Not>(written.clone()).is_ok());
    for sure in [None, Some(false)] {
        let mut other = written.clone();
        match sure {
            Some(sure) => other["sure"] = sure.into(),
            None => drop(other.as_object_mut().and_then(|not| not.remove("sure"))),
        }
        assert!(serde_json::from_value::<Not>(other).is_err(), "{sure:?}");
    }
    let sealed = |json: &str| serde_json::from_str::<Letter>(json).map(|letter| letter.sealed);
    assert_eq!(sealed(r#"{"text":"","wish":null}"#).ok(), Some(None));
    let there = r#"{"text":"","wish":null,"sealed":true}"#;
    assert_eq!(sealed(there).ok(), Some(Some(true)));
    assert!(sealed(&there.replace("true", "false")).is_err());
    assert_eq!(letter("").sealed, None);
}

#[tokio::test]
async fn what_is_nested_without_end_is_refused() {
    let server = Server::start().await;
    let count = 200;
    let text = r#"{"text":"a","wish":null,"answers":"#.repeat(count) + "0" + &"}".repeat(count);
    let head = "POST /news/letters\nContent-Type: application/json";
    // As large as it may be, and deeper than any reader goes.
    assert!(text.len() > 4096);
    let answer = server.send(head, text.as_bytes()).await;
    assert_eq!(answer.status, 413);
    let deep = r#"{"text":"","answers":"#.repeat(150) + "0" + &"}".repeat(150);
    assert!(deep.len() < 4096);
    let answer = server.send(head, deep.as_bytes()).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn events_that_are_one_of_two_bodies_are_followed_over_connections() {
    let (_server, client) = library().await;
    let answer = client.read_letters(ReadLetters::new()).await;
    let Ok(ReadLettersResponse::Ok(answer)) = answer else {
        panic!("{answer:?}");
    };
    let ReadLettersOkBody::Json(all) = answer.body else {
        panic!("{answer:?}");
    };
    let backoff = Backoff {
        first: Duration::ZERO,
        ..Backoff::default()
    };
    let events = client.read_letters_events(ReadLetters::new(), backoff);
    let events: Vec<Event<ReadLettersOkBodyEventsEvent>> = events.try_collect().await.expect("all");
    let ids = events
        .iter()
        .map(|event| event.id.as_ref().map(EventId::as_str));
    assert_eq!(ids.collect::<Vec<_>>(), [Some("1"), Some("2"), Some("3")]);
    let letters = events.into_iter().map(|event| {
        let ReadLettersOkBodyEventsEvent::Letter(letter) = event.event;
        letter
    });
    assert_eq!(letters.collect::<Vec<_>>(), all);
}
