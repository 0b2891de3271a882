//! What becomes of answers that are no success.

use futures_util::StreamExt;

use super::*;
use crate::client::{ANSWER_LIMIT, CallError, FAILURE_LIMIT};

#[tokio::test]
async fn status_and_code_decide_together() {
    let gone = r#"{"errors":[{"code":"GONE"}]}"#;
    let error = read([answer(404, &[], gone)]).await.unwrap_err();
    assert_eq!(error.declared(), Some(&ReadError::Gone(Gone)));
    assert_eq!(error.status(), Some(404));
    let error = read([answer(400, &[], gone)]).await.unwrap_err();
    let Error::Undeclared(undeclared) = error else {
        panic!("{error:?}")
    };
    assert_eq!(
        (undeclared.status(), undeclared.errors()[0].code.as_ref()),
        (400, "GONE")
    );
    assert_eq!(undeclared.body(), gone);
    assert_eq!(
        undeclared.to_string(),
        "an answer that is not declared: status 400, GONE"
    );
}

#[tokio::test]
async fn the_first_error_that_is_declared_counts_and_repeated_ones_are_collected() {
    let body = r#"{"errors":[{"code":"NEW"},{"code":"PART","detail":1},{"code":"GONE"},{"code":"PART","detail":2}]}"#;
    let error = read([answer(400, &[], body)]).await.unwrap_err();
    let Error::Declared(ReadError::Part(parts)) = error else {
        panic!("{error:?}")
    };
    assert_eq!(Vec::from(parts), [Part(1), Part(2)]);
}

#[tokio::test]
async fn a_detail_that_lacks_something_is_undeclared() {
    for body in [
        r#"{"errors":[{"code":"BAD"}]}"#,
        r#"{"errors":[{"code":"PART","detail":"x"}]}"#,
    ] {
        assert!(
            matches!(
                read([answer(400, &[], body)]).await,
                Err(Error::Undeclared(_))
            ),
            "{body}"
        );
    }
    let error = read([answer(
        400,
        &[],
        r#"{"errors":[{"code":"BAD","detail":"why"}]}"#,
    )])
    .await
    .unwrap_err();
    assert_eq!(
        error.declared(),
        Some(&ReadError::Bad(Bad("why".to_owned())))
    );
}

#[tokio::test]
async fn without_a_body_a_status_that_has_one_code_means_it() {
    let error = read([answer(404, &[], "")]).await.unwrap_err();
    assert_eq!(error.declared(), Some(&ReadError::Gone(Gone)));
    assert!(matches!(
        read([answer(400, &[], "")]).await,
        Err(Error::Undeclared(_))
    ));
}

#[tokio::test]
async fn a_failure_may_have_headers() {
    let error = read([answer(429, &[("Retry-After", "30")], "<html>")])
        .await
        .unwrap_err();
    assert_eq!(error.declared(), Some(&ReadError::Slow(Slow { after: 30 })));
    assert!(matches!(
        read([answer(429, &[], "")]).await,
        Err(Error::Undeclared(_))
    ));
}

#[tokio::test]
async fn what_is_not_declared_stays_as_it_is() {
    for status in [204, 304, 418, 502] {
        let error = read([answer(status, &[("X", "y")], "<html>")])
            .await
            .unwrap_err();
        let Error::Undeclared(undeclared) = error else {
            panic!("{error:?}")
        };
        assert_eq!(
            (undeclared.status(), undeclared.body().as_ref()),
            (status, &b"<html>"[..])
        );
        assert_eq!(undeclared.head().headers()["x"], "y");
        assert!(undeclared.errors().is_empty());
    }
    let fake = Fake::new([answer(500, &[], r#"{"errors":[{"code":"A\u0007"}]}"#)]);
    let reply = fake
        .caller()
        .send(Call::new(&READ, "/x".to_owned()))
        .await
        .unwrap();
    let CallError::Undeclared(undeclared) = reply.undeclared().await else {
        panic!("is an answer")
    };
    assert!(undeclared.to_string().ends_with(r"A\u{7}"), "{undeclared}");
}

#[tokio::test]
async fn what_is_read_into_memory_is_bounded() {
    let endless = || {
        let chunk = Bytes::from(vec![b' '; 1 << 16]);
        Body::stream(
            None,
            futures_util::stream::repeat_with(move || Ok(chunk.clone())).boxed(),
        )
    };
    let reply = |status: u16| {
        http::Response::builder()
            .status(status)
            .body(endless())
            .unwrap()
    };
    let error = read([reply(200)]).await.unwrap_err();
    assert!(
        matches!(&error, Error::Decode(error) if error.place() == "body"),
        "{error:?}"
    );
    let error = read([reply(500)]).await.unwrap_err();
    assert!(
        matches!(&error, Error::Undeclared(answer) if answer.body().is_empty()),
        "{error:?}"
    );
    const { assert!(FAILURE_LIMIT < ANSWER_LIMIT) };
}

#[tokio::test]
async fn a_success_that_cannot_be_read_says_where() {
    let fake = Fake::new([
        answer(200, &[], "{"),
        answer(200, &[], "[1]"),
        answer(200, &[], "a=1"),
    ]);
    let mut replies = Vec::new();
    for _ in 0..3 {
        replies.push(
            fake.caller()
                .send(Call::new(&READ, "/x".to_owned()))
                .await
                .unwrap(),
        );
    }
    let [broken, good, form] = replies.try_into().expect("are three");
    let CallError::Decode(error) = broken.json::<Json>(None).await.unwrap_err() else {
        panic!("is no JSON")
    };
    assert_eq!((error.status(), error.place()), (200, "body"));
    let verbatim = good.verbatim::<Vec<u8>>(None).await.unwrap();
    assert_eq!(
        (verbatim.value, &verbatim.bytes[..]),
        (vec![1], &b"[1]"[..])
    );
    assert_eq!(
        form.form::<Vec<(String, u8)>>(None).await.unwrap(),
        [("a".to_owned(), 1)]
    );
}
