//! What is sent: URLs, headers, bodies, redirects, locations.

use std::collections::BTreeMap;

use super::*;
use crate::client::{Bodiless, TransportErrorKind};
use crate::{Location, Style};

fn call() -> Call {
    Call::new(&READ, "/things/1?n=2".to_owned())
}

#[tokio::test]
async fn a_call_goes_to_the_operation_behind_the_base() {
    let fake = Fake::new([answer(200, &[], "ok")]);
    let list = [1_u32, 2];
    let call = call()
        .access(vec!["things:1:read".to_owned()])
        .header("X-Id", &7_u32)
        .header_optional("X-None", &None::<u32>)
        .header_list("X-List", &list, Style::Comma)
        .header_list_optional("X-Lines", &Some(list.to_vec()), Style::Repeat)
        .header_prefix("X-Meta-", "", &BTreeMap::from([("a".to_owned(), true)]));
    fake.caller().send(call).await.unwrap();
    let seen = &fake.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.url.as_str()),
        ("GET", "http://home:1/base/things/1?n=2")
    );
    assert_eq!(seen.access, ["things:1:read"]);
    assert_eq!(
        (seen.header("x-id"), seen.header("x-none")),
        (Some("7"), None)
    );
    assert_eq!(
        (seen.header("x-list"), seen.header("x-meta-a")),
        (Some("1, 2"), Some("true"))
    );
    assert_eq!(seen.headers.get_all("x-lines").iter().count(), 2);
}

#[tokio::test]
async fn a_body_has_its_media_type_and_an_empty_one_its_length() {
    let fake = Fake::new([
        answer(201, &[], ""),
        answer(201, &[], ""),
        answer(201, &[], ""),
    ]);
    let write = || Call::new(&WRITE, "/things/1".to_owned());
    fake.caller()
        .send(write().json("application/json", &vec![1, 2]))
        .await
        .unwrap();
    fake.caller()
        .send(write().form("application/x-www-form-urlencoded", &[("a", "b c")]))
        .await
        .unwrap();
    fake.caller().send(write()).await.unwrap();
    let seen = fake.seen();
    assert_eq!(
        (seen[0].header("content-type"), &seen[0].body[..]),
        (Some("application/json"), &b"[1,2]"[..])
    );
    assert_eq!(&seen[1].body[..], b"a=b+c");
    assert_eq!(
        (
            seen[2].header("content-length"),
            seen[2].header("content-type")
        ),
        (Some("0"), None)
    );
}

#[tokio::test]
async fn what_http_does_not_allow_is_an_error_and_not_sent() {
    let fake = Fake::default();
    for call in [
        call().header_text("X", "a\r\nb"),
        call().header_text("a b", "x"),
    ] {
        let error = fake.caller().send(call).await.unwrap_err();
        let crate::client::CallError::Transport(error) = error else {
            panic!("{error}")
        };
        assert_eq!(error.kind(), TransportErrorKind::Request);
        assert!(error.is_unsent());
    }
    assert!(
        fake.caller()
            .send(Call::new(&READ, "/things/..".to_owned()))
            .await
            .is_err()
    );
    assert!(fake.seen().is_empty());
}

#[tokio::test]
async fn a_list_that_would_be_read_as_another_one_is_an_error_and_not_sent() {
    let fake = Fake::default();
    let texts =
        |items: &[&str]| -> Vec<String> { items.iter().map(|item| (*item).to_owned()).collect() };
    let none = texts(&[]);
    for (call, told) in [
        (
            call().query_list("q", &none, Style::Repeat),
            "`q`: an empty list",
        ),
        (
            call().query_list("q", &texts(&[""]), Style::Comma),
            "`q`: a list of one empty item",
        ),
        (
            call().query_list("q", &texts(&["a b"]), Style::Space),
            "`q`: an item with a space",
        ),
        (
            call().query_list("q", &texts(&["a|b"]), Style::Pipe),
            "`q`: an item with a `|`",
        ),
        (
            call().header_list("X-L", &texts(&["a,b"]), Style::Comma),
            "`X-L`: no item",
        ),
        (
            call().header_list("X-L", &texts(&["a,b"]), Style::Repeat),
            "`X-L`: no item",
        ),
        (
            call().header_list("X-L", &texts(&["a", " b"]), Style::Comma),
            "`X-L`: no item",
        ),
        (
            call().header_list_optional("X-L", &Some(texts(&["a", ""])), Style::Repeat),
            "`X-L`: no item",
        ),
    ] {
        let error = fake.caller().send(call).await.unwrap_err();
        let crate::client::CallError::Transport(error) = error else {
            panic!("{error}")
        };
        assert!(error.is_unsent());
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let text = format!("{error} {}", cause.unwrap_or_default());
        assert!(text.contains(told), "{text}");
    }
    assert!(fake.seen().is_empty());
}

#[tokio::test]
async fn lists_that_say_what_they_are_come_as_they_were_sent() {
    let fake = Fake::new([answer(
        200,
        &[("X-None", ""), ("X-Quoted", r#"299 - "a, b", c"#)],
        "",
    )]);
    let items = ["a,b".to_owned(), "c".to_owned()];
    let call = call()
        .query_list("q", &items, Style::Comma)
        .query_list_optional("q", &Some(Vec::<String>::new()), Style::Repeat)
        .header_list("X-None", &[] as &[String], Style::Comma);
    let reply = fake.caller().send(call).await.unwrap();
    assert_eq!(fake.seen()[0].header("x-none"), Some(""));
    let (head, _) = reply.into_parts();
    let none: Vec<String> = head.header_list("X-None", Style::Comma).unwrap();
    assert_eq!(none, [""; 0]);
    let quoted: Vec<String> = head.header_list("X-Quoted", Style::Comma).unwrap();
    assert_eq!(quoted, [r#"299 - "a, b""#, "c"]);
}

#[tokio::test]
async fn a_location_takes_the_place_of_the_path() {
    let fake = Fake::new([
        answer(200, &[], ""),
        answer(200, &[], ""),
        answer(200, &[], ""),
    ]);
    let caller = fake
        .caller()
        .with_header("Authorization", "secret")
        .unwrap();
    for location in ["/up/1?state=a%2fb", "http://other/up"] {
        let location = Location::<String>::from_text(location);
        caller.at(&location).send(call()).await.unwrap();
    }
    caller
        .at(&Location::from("/things/9".to_owned()))
        .send(call())
        .await
        .unwrap();
    let seen = fake.seen();
    assert_eq!(seen[0].url, "http://home:1/up/1?state=a%2fb&n=2");
    assert_eq!(
        (seen[0].header("authorization"), seen[0].foreign),
        (Some("secret"), false)
    );
    assert_eq!(seen[1].url, "http://other/up?n=2");
    assert_eq!(
        (seen[1].header("authorization"), seen[1].foreign),
        (None, true)
    );
    assert_eq!(seen[2].url, "http://home:1/base/things/9?n=2");
}

#[tokio::test]
async fn another_host_gets_no_credentials_and_does_not_win_them_back() {
    let fake = Fake::new([
        answer(307, &[("Location", "https://cdn/x")], ""),
        answer(302, &[("Location", "http://home:1/base/y")], ""),
        answer(302, &[("Location", "https://home:1/base/y")], ""),
        answer(200, &[], "bytes"),
    ]);
    let caller = fake
        .caller()
        .with_header("Authorization", "secret")
        .unwrap();
    let call = || {
        call()
            .header_text("X-Token", "t")
            .header_text("Range", "bytes=1-")
    };
    // The second redirect leads from https to http.
    assert!(caller.send(call()).await.is_err());
    let seen = fake.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(
        (seen[0].header("authorization"), seen[0].header("x-token")),
        (Some("secret"), Some("t"))
    );
    assert_eq!(
        (seen[1].header("authorization"), seen[1].header("x-token")),
        (None, None)
    );
    assert_eq!(
        (seen[1].header("range"), seen[1].foreign),
        (Some("bytes=1-"), true)
    );
    let reply = caller.send(call()).await.unwrap();
    assert_eq!(reply.head().url(), "https://home:1/base/y");
    assert!(reply.head().is_foreign());
}

#[tokio::test]
async fn redirects_end_and_a_write_is_never_sent_again() {
    let round = || answer(307, &[("Location", "/again")], "");
    let fake = Fake::new((0..20).map(|_| round()));
    assert!(fake.caller().send(call()).await.is_err());
    assert_eq!(fake.seen().len(), crate::client::MAX_REDIRECTS + 1);
    let fake = Fake::new([round(), round()]);
    assert_eq!(
        fake.caller()
            .send(Call::new(&WRITE, "/w".to_owned()))
            .await
            .unwrap()
            .status(),
        307
    );
    assert_eq!(
        fake.caller()
            .send(call().keep_redirects())
            .await
            .unwrap()
            .status(),
        307
    );
    assert_eq!(fake.seen().len(), 2);
}

#[tokio::test]
async fn headers_of_an_answer_have_their_types() {
    let headers = [
        ("X-Size", "7"),
        ("X-Bad", "x"),
        ("X-List", "1, 2,"),
        ("X-List", "3"),
        ("X-Meta-A", "1"),
        ("Location", "up/1"),
        ("Content-Length", "12"),
        ("Link", "<?n=2>; rel=next"),
    ];
    let fake = Fake::new([answer(200, &headers, "")]);
    let reply = fake.caller().send(call().head()).await.unwrap();
    let (head, _) = reply.into_parts();
    assert_eq!(fake.seen()[0].method, "HEAD");
    assert_eq!(head.header::<u64>("X-Size").unwrap(), 7);
    assert_eq!(head.header_optional::<u64>("X-None").unwrap(), None);
    assert_eq!(
        head.header_list::<u32>("X-List", Style::Repeat).unwrap(),
        [1, 2, 3]
    );
    assert_eq!(
        head.header_list_optional::<u32>("X-None", Style::Comma)
            .unwrap(),
        None
    );
    assert_eq!(head.header_prefix::<u32>("X-Meta-", "").unwrap()["a"], 1);
    assert_eq!(head.content_length(), Some(12));
    let location: Location<String> = head.location("Location").unwrap();
    assert_eq!(location.as_str(), "http://home:1/base/things/up/1");
    let next: Option<Location<String>> = head.link_optional("Link", "next").unwrap();
    assert_eq!(next.unwrap().as_str(), "http://home:1/base/things/1?n=2");
    assert!(head.link::<String>("Link", "prev").is_err());
    assert!(head.has(&["X-Size", "location"]) && !head.has(&["X-Size", "X-None"]));
    for error in [
        head.header::<u64>("X-Bad").unwrap_err(),
        head.header::<u64>("X-None").unwrap_err(),
    ] {
        assert_eq!(error.status(), 200);
        assert!(error.place().starts_with("X-"), "{error}");
    }
    let bodiless = Bodiless { answer: (), head };
    assert!(!format!("{bodiless:?}").contains("up/1"));
}
