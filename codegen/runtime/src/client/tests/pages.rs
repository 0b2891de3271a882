//! Pages that a Link header chains.

use futures_util::{StreamExt, TryStreamExt};

use super::*;
use crate::client::{Pages, pages};

fn walk(fake: &Fake) -> Pages<String, ReadError> {
    let caller = fake
        .caller()
        .with_header("Authorization", "secret")
        .unwrap();
    let call = Call::new(&READ, "/list?n=1".to_owned())
        .header_text("X-Id", "7")
        .access(vec!["a".to_owned()]);
    pages(caller, call, "next", decode)
}

fn page(link: &str, body: &'static str) -> http::Response<Body> {
    answer(200, &[("Link", link)], body)
}

#[tokio::test]
async fn all_pages_come_in_order_by_relative_and_absolute_links() {
    let fake = Fake::new([
        page("</base/list?n=1&last=a>; rel=\"next\"", "a"),
        page(
            "<http://home:1/base/list?last=b>; rel=next, </first>; rel=first",
            "b",
        ),
        page("<?last=c>; rel=next", "c"),
        answer(200, &[], "d"),
    ]);
    assert_eq!(
        walk(&fake).try_collect::<Vec<_>>().await.unwrap(),
        ["a", "b", "c", "d"]
    );
    let seen = fake.seen();
    let urls: Vec<&str> = seen.iter().map(|seen| seen.url.as_str()).collect();
    assert_eq!(
        urls,
        [
            "http://home:1/base/list?n=1",
            "http://home:1/base/list?n=1&last=a",
            "http://home:1/base/list?last=b",
            "http://home:1/base/list?last=c",
        ]
    );
    for request in &seen {
        assert_eq!(
            (request.header("x-id"), request.header("authorization")),
            (Some("7"), Some("secret"))
        );
        assert_eq!(request.access, ["a"]);
    }
}

#[tokio::test]
async fn nothing_is_fetched_before_it_is_asked_for() {
    let fake = Fake::new([page("</base/list?last=a>; rel=next", "a")]);
    let mut pages = walk(&fake);
    assert!(fake.seen().is_empty());
    assert_eq!(pages.next().await.unwrap().unwrap(), "a");
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn a_circle_is_an_error_behind_its_last_page() {
    let fake = Fake::new([
        page("</base/list?last=a>; rel=next", "a"),
        page("</base/list?n=1>; rel=next", "b"),
    ]);
    let mut pages = walk(&fake);
    assert_eq!(pages.next().await.unwrap().unwrap(), "a");
    assert_eq!(pages.next().await.unwrap().unwrap(), "b");
    let error = pages.next().await.unwrap().unwrap_err();
    assert!(
        matches!(&error, Error::Decode(error) if error.place() == "Link"),
        "{error:?}"
    );
    assert!(pages.next().await.is_none());
    let fake = Fake::new([page("<?n=1>; rel=next", "a")]);
    assert_eq!(walk(&fake).collect::<Vec<_>>().await.len(), 2);
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn another_host_and_another_scheme_are_never_asked() {
    for link in [
        "<http://other:1/base/list>",
        "<https://home:1/base/list>",
        "<//other/x>",
        "<file:///x>",
        "<http://home:2/>",
    ] {
        let fake = Fake::new([page(&format!("{link}; rel=next"), "a")]);
        let all = walk(&fake).collect::<Vec<_>>().await;
        assert!(
            matches!(all.as_slice(), [Ok(_), Err(Error::Decode(_))]),
            "{link}: {all:?}"
        );
        assert_eq!(fake.seen().len(), 1, "{link}");
    }
}

#[tokio::test]
async fn a_failure_ends_the_stream() {
    let fake = Fake::new([
        page("<?last=a>; rel=next", "a"),
        answer(404, &[("Link", "<?last=b>; rel=next")], ""),
    ]);
    let all = walk(&fake).collect::<Vec<_>>().await;
    assert!(
        matches!(
            all.as_slice(),
            [Ok(_), Err(Error::Declared(ReadError::Gone(_)))]
        ),
        "{all:?}"
    );
}
