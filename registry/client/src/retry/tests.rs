//! What is sent again, how often, and after what time.

use std::sync::atomic::{AtomicU32, Ordering};

use api_runtime::Operation;
use futures_util::{StreamExt as _, stream};

use super::*;
use crate::testing::{Script, TestClock, answer, request};

/// Fails `failures` times with what `fail` gives, then answers 200. How often it was sent, and the outcome.
async fn sent(
    request: Request<Body>,
    failures: u32,
    fail: impl Fn() -> Result<Response<Body>, TransportError> + Send + Sync + 'static,
) -> (usize, Result<u16, TransportError>, Vec<Duration>) {
    let left = AtomicU32::new(failures);
    let script = Script::new(move |_| {
        let is_over = left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_err();
        if is_over {
            Ok(answer(200, &[], ""))
        } else {
            fail()
        }
    });
    let clock = Arc::new(TestClock::default());
    let policy = RetryPolicy::default();
    let retry = Retry::new(script.clone(), policy, clock.clone(), Watch::default());
    let outcome = retry.send(request).await;
    let status = outcome.map(|answer| answer.status().as_u16());
    (script.seen().len(), status, clock.slept())
}

fn of(operation: &'static Operation) -> Request<Body> {
    let mut request = request(operation.method, "https://r.example/v2/", &[]);
    let info = request.extensions_mut().get_mut::<CallInfo>().unwrap();
    info.operation = Some(operation);
    request
}

fn failed(kind: TransportErrorKind) -> Result<Response<Body>, TransportError> {
    Err(TransportError::new(kind, "is broken"))
}

#[tokio::test]
async fn what_may_be_done_twice_is_sent_again_after_a_lost_answer() {
    use registry_protocol as api;
    for (operation, is_repeated) in [
        (&api::GET_BLOB, true),
        (&api::GET_UPLOAD, true),
        (&api::PUT_MANIFEST, true),
        (&api::DELETE_MANIFEST, true),
        (&api::START_UPLOAD, true),
        (&api::MOUNT_BLOB, true),
        (&api::UPLOAD_BLOB, false),
        (&api::APPEND_UPLOAD, false),
        (&api::COMPLETE_UPLOAD, false),
        (&api::CANCEL_UPLOAD, false),
    ] {
        let expected = if is_repeated { 2 } else { 1 };
        for kind in [TransportErrorKind::Interrupted, TransportErrorKind::Timeout] {
            let (times, ..) = sent(of(operation), 1, move || failed(kind)).await;
            assert_eq!(times, expected, "{} {kind:?}", operation.id);
        }
        for status in [408, 500, 502, 504] {
            let (times, ..) = sent(of(operation), 1, move || Ok(answer(status, &[], ""))).await;
            assert_eq!(times, expected, "{} {status}", operation.id);
        }
    }
}

#[tokio::test]
async fn what_was_not_done_is_sent_again_whatever_it_is() {
    let post = || of(&registry_protocol::UPLOAD_BLOB);
    let connect = || failed(TransportErrorKind::Connect);
    assert_eq!(sent(post(), 1, connect).await.0, 2);
    for status in [429, 503] {
        assert_eq!(
            sent(post(), 1, move || Ok(answer(status, &[], ""))).await.0,
            2
        );
    }
}

#[tokio::test]
async fn an_answer_that_will_not_change_is_the_answer() {
    let get = || of(&registry_protocol::GET_BLOB);
    for status in [400, 401, 403, 404, 405, 416, 501, 507] {
        let (times, outcome, _) = sent(get(), 1, move || Ok(answer(status, &[], ""))).await;
        assert_eq!((times, outcome.unwrap()), (1, status));
    }
    for kind in [
        TransportErrorKind::Request,
        TransportErrorKind::Redirect,
        TransportErrorKind::Other,
    ] {
        assert_eq!(sent(get(), 1, move || failed(kind)).await.0, 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_stream_is_never_sent_twice() {
    let mut put = of(&registry_protocol::PUT_MANIFEST);
    *put.body_mut() = Body::stream(None, stream::empty().boxed());
    let (times, outcome, _) = sent(put, 1, || Ok(answer(503, &[], ""))).await;
    assert_eq!((times, outcome.unwrap()), (1, 503));
}

#[tokio::test]
async fn attempts_end_and_are_further_and_further_apart() {
    let get = of(&registry_protocol::GET_BLOB);
    let (times, outcome, slept) = sent(get, 100, || Ok(answer(503, &[], ""))).await;
    assert_eq!((times, outcome.unwrap()), (5, 503));
    // Three quarters of 250, 500, 1000 and 2000 milliseconds.
    let millis: Vec<u128> = slept.iter().map(Duration::as_millis).collect();
    assert_eq!(millis, [187, 375, 750, 1500]);
}

#[tokio::test]
async fn retry_after_is_waited_for_up_to_a_minute() {
    for (value, waited) in [
        ("7", Some(7)),
        (" 60 ", Some(60)),
        // The clock of the test began a billion seconds after 1970.
        ("Sun, 09 Sep 2001 01:46:50 GMT", Some(10)),
        ("61", None),
        ("Mon, 10 Sep 2001 01:46:40 GMT", None),
        ("18446744073709551615", None),
    ] {
        let get = of(&registry_protocol::GET_BLOB);
        let limited = move || Ok(answer(429, &[("retry-after", value)], ""));
        let (times, outcome, slept) = sent(get, 1, limited).await;
        let expected = waited.map(Duration::from_secs);
        assert_eq!(slept.first().copied(), expected, "{value}");
        let status = if waited.is_some() { 200 } else { 429 };
        assert_eq!(
            (times, outcome.unwrap()),
            (1 + slept.len(), status),
            "{value}"
        );
    }
}

#[tokio::test]
async fn a_retry_after_that_cannot_be_read_or_is_over_does_no_harm() {
    for value in ["soon", "-1", "", "Sun, 09 Sep 2001 01:46:00 GMT"] {
        let get = of(&registry_protocol::GET_BLOB);
        let limited = move || Ok(answer(429, &[("retry-after", value)], ""));
        let (times, _, slept) = sent(get, 1, limited).await;
        assert_eq!((times, slept[0].as_millis()), (2, 187), "{value}");
    }
}

#[test]
fn no_number_of_failures_is_too_many_to_compute_a_delay() {
    let policy = RetryPolicy {
        attempts: u32::MAX,
        ..RetryPolicy::default()
    };
    let clock = TestClock::default();
    for failures in [0, 1, 31, 32, 33, u32::MAX - 1] {
        let delay = policy.next(failures, None, &clock).unwrap();
        assert!(delay <= policy.longest, "{failures}");
    }
}

#[tokio::test]
async fn a_transfer_that_gets_on_may_fail_more_often() {
    let clock = Arc::new(TestClock::default());
    let mut budget = Budget::new(RetryPolicy::default(), clock);
    for at in (0..20).map(|step| step * STEP) {
        budget.spend(at, None).await.unwrap();
    }
    for _ in 0..3 {
        budget.spend(20 * STEP - 1, None).await.unwrap();
    }
    assert_eq!(budget.spend(20 * STEP - 1, None).await, Err(5));
}
