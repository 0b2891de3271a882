//! Ranges and conditions.

use super::*;
use crate::client::{
    Conditions, Guarded, PartRange, Partial, RangeRequest, Revalidated, guarded, partial,
    revalidated,
};
use crate::{Etag, HttpDate};

async fn part(
    range: &RangeRequest,
    response: http::Response<Body>,
) -> Result<Partial<String>, Error<ReadError>> {
    let fake = Fake::new([response]);
    let reply = fake
        .caller()
        .send(Call::new(&READ, "/things/1".to_owned()).range(range))
        .await?;
    partial(range, reply, decode).await
}

fn bytes(content_range: &str, body: &'static str) -> http::Response<Body> {
    answer(206, &[("Content-Range", content_range)], body)
}

fn tag() -> Etag {
    "\"a\"".parse().unwrap()
}

#[tokio::test]
async fn a_range_is_asked_for_in_three_forms() {
    for (range, text) in [
        (RangeRequest::from(5), "bytes=5-"),
        (RangeRequest::between(5, 9), "bytes=5-9"),
        (RangeRequest::last(3), "bytes=-3"),
    ] {
        let fake = Fake::new([answer(200, &[], "")]);
        let call = Call::new(&READ, "/things/1".to_owned()).range(&range.if_range(&tag()));
        fake.caller().send(call).await.unwrap();
        let seen = &fake.seen()[0];
        assert_eq!(
            (seen.header("range"), seen.header("if-range")),
            (Some(text), Some("\"a\""))
        );
    }
}

#[tokio::test]
async fn a_part_is_the_answer_with_other_bytes() {
    let Partial::Part(part_range, body) =
        part(&RangeRequest::from(7), bytes("bytes 7-9/10", "789"))
            .await
            .unwrap()
    else {
        panic!("is a part")
    };
    assert_eq!(
        (part_range, body.as_str()),
        (
            PartRange {
                first: 7,
                last: 9,
                total: Some(10)
            },
            "789"
        )
    );
    assert_eq!(part_range.len(), 3);
    assert!(matches!(
        part(&RangeRequest::last(5), bytes("bytes 7-9/10", "789")).await,
        Ok(Partial::Part(..))
    ));
}

#[tokio::test]
async fn the_whole_and_nothing_are_answers_too() {
    let range = RangeRequest::from(7);
    assert!(
        matches!(part(&range, answer(200, &[], "all")).await, Ok(Partial::Whole(all)) if all == "all")
    );
    let none = answer(416, &[("Content-Range", "bytes */5")], "");
    assert!(matches!(
        part(&range, none).await,
        Ok(Partial::Unsatisfiable(Some(5)))
    ));
    assert!(matches!(
        part(&range, answer(416, &[], "")).await,
        Ok(Partial::Unsatisfiable(None))
    ));
    assert!(matches!(
        part(&range, answer(404, &[], "")).await,
        Err(Error::Declared(ReadError::Gone(_)))
    ));
}

#[tokio::test]
async fn bytes_from_another_place_are_refused() {
    let range = RangeRequest::between(7, 8);
    for content_range in [
        "",
        "bytes 6-8/10",
        "bytes 7-9/10",
        "bytes */10",
        "items 7-8/10",
        "bytes 8-7/10",
    ] {
        let result = part(&range, bytes(content_range, "78")).await;
        assert!(
            matches!(&result, Err(Error::Decode(error)) if error.place() == "Content-Range"),
            "{result:?}"
        );
    }
    let other_length = answer(
        206,
        &[("Content-Range", "bytes 7-8/10"), ("Content-Length", "3")],
        "789",
    );
    assert!(matches!(
        part(&range, other_length).await,
        Err(Error::Decode(_))
    ));
    let last = RangeRequest::last(1);
    assert!(part(&last, bytes("bytes 7-9/10", "789")).await.is_err());
}

#[tokio::test]
async fn a_part_that_is_shorter_than_it_says_breaks_off() {
    let result = part(&RangeRequest::from(7), bytes("bytes 7-9/10", "78")).await;
    assert!(matches!(result, Err(Error::Transport(_))), "{result:?}");
}

#[tokio::test]
async fn conditions_are_sent_as_they_are_set() {
    let fake = Fake::new([answer(200, &[], "")]);
    let date: HttpDate = "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap();
    let weak: Etag = "W/\"b\"".parse().unwrap();
    let conditions = Conditions::new()
        .if_none_match([&tag(), &weak])
        .if_exists()
        .if_modified_since(date)
        .if_unmodified_since(date);
    fake.caller()
        .send(Call::new(&READ, "/x".to_owned()).conditions(&conditions))
        .await
        .unwrap();
    let seen = &fake.seen()[0];
    assert_eq!(
        (seen.header("if-none-match"), seen.header("if-match")),
        (Some("\"a\", W/\"b\""), Some("*"))
    );
    assert_eq!(
        seen.header("if-modified-since"),
        Some("Sun, 06 Nov 1994 08:49:37 GMT")
    );
    assert_eq!(
        seen.header("if-unmodified-since"),
        Some("Sun, 06 Nov 1994 08:49:37 GMT")
    );
}

async fn reply(response: http::Response<Body>) -> Reply {
    Fake::new([response])
        .caller()
        .send(Call::new(&READ, "/x".to_owned()))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_read_may_find_that_nothing_changed() {
    let not_modified = reply(answer(304, &[("ETag", "\"a\"")], "")).await;
    let Ok(Revalidated::NotModified(not_modified)) = revalidated(not_modified, decode).await else {
        panic!("is 304")
    };
    assert_eq!(not_modified.etag(), Some(tag()));
    let fresh = revalidated(reply(answer(200, &[], "new")).await, decode).await;
    assert!(matches!(fresh, Ok(Revalidated::Fresh(body)) if body == "new"));
    let refused = revalidated(reply(answer(412, &[], "")).await, decode).await;
    assert!(matches!(refused, Ok(Revalidated::Refused)));
}

#[tokio::test]
async fn a_write_may_be_refused_by_its_condition() {
    assert!(matches!(
        guarded(reply(answer(412, &[], "")).await, decode).await,
        Ok(Guarded::Refused)
    ));
    assert!(matches!(
        guarded(reply(answer(200, &[], "x")).await, decode).await,
        Ok(Guarded::Done(_))
    ));
    assert!(
        guarded(reply(answer(404, &[], "")).await, decode)
            .await
            .is_err()
    );
}
