//! Regions as bytes and as windows, of files that are there, cold, and cut.

use std::io::Write as _;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::offer::{during, is_marker};
use super::*;
use crate::{Body, CollectError};

fn content(length: usize) -> Vec<u8> {
    (0..=250_u8).cycle().take(length).collect()
}

fn file(content: &[u8]) -> Arc<File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content).unwrap();
    Arc::new(file)
}

async fn read(body: Body) -> Result<Bytes, CollectError> {
    body.collect(u64::MAX).await
}

#[tokio::test]
async fn a_region_is_the_bytes_of_its_range() {
    let content = content(3 * WINDOW + 5);
    let file = file(&content);
    let end = content.len();
    for (start, end) in [
        (0, end),
        (0, 0),
        (1, 2),
        (WINDOW - 1, WINDOW + 1),
        (7, 2 * WINDOW + 7),
        (end - 1, end),
        (end, end),
    ] {
        let body = Body::file(file.clone(), start as u64..end as u64);
        assert_eq!(body.len(), Some((end - start) as u64));
        assert_eq!(http_body::Body::is_end_stream(&body), start == end);
        assert_eq!(read(body).await.unwrap(), content[start..end]);
    }
    #[expect(clippy::reversed_empty_ranges, reason = "that is the point")]
    let inverted = 5..2;
    assert_eq!(read(Body::file(file, inverted)).await.unwrap(), "");
}

#[tokio::test]
async fn a_part_of_a_region_counts_from_its_start() {
    let file = file(b"0123456789");
    let body = || Body::file(file.clone(), 2..8);
    assert!(body().is_seekable());
    let part = body().part(1..5).unwrap().part(1..3).unwrap();
    assert_eq!(read(part).await.unwrap(), "45");
    assert_eq!(read(body().part(0..6).unwrap()).await.unwrap(), "234567");
    assert!(body().part(2..7).is_err());
}

#[tokio::test]
async fn a_file_that_is_cut_is_an_error_and_never_a_shorter_body() {
    for length in [0, 10, WINDOW, WINDOW + 1, 3 * WINDOW - 1] {
        let file = file(&content(length));
        let outcome = read(Body::file(file, 0..3 * WINDOW as u64)).await;
        let Err(CollectError::Io(error)) = outcome else {
            panic!("{length} bytes were taken for more: {outcome:?}")
        };
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}

#[tokio::test]
async fn a_file_that_is_not_in_memory_is_read_as_well() {
    let content = content(10 * WINDOW + 1);
    let file = file(&content);
    file.sync_all().unwrap();
    #[cfg(target_os = "linux")]
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    let body = Body::file(file, 0..content.len() as u64);
    assert_eq!(read(body).await.unwrap(), content);
}

#[test]
fn a_region_is_read_where_there_is_no_runtime() {
    let content = content(WINDOW + 1);
    let mut region = Region::new(file(&content), 0..content.len() as u64);
    let mut cx = Context::from_waker(Waker::noop());
    let mut read = Vec::new();
    // It is pending once after each window.
    for _ in 0..4 {
        match region.poll_next(&mut cx) {
            Poll::Ready(Some(bytes)) => read.extend_from_slice(&bytes.unwrap()),
            Poll::Ready(None) => break,
            Poll::Pending => {}
        }
    }
    assert_eq!(read, content);
}

#[tokio::test]
async fn who_offers_to_send_windows_is_given_them_and_markers_for_bytes() {
    let content = content(WINDOW + 10);
    let mut region = Region::new(file(&content), 0..content.len() as u64);
    let mut next = || {
        let mut cx = Context::from_waker(Waker::noop());
        region.poll_next(&mut cx)
    };
    let (polled, window) = during(&mut next);
    let Poll::Ready(Some(Ok(marker))) = polled else {
        panic!("what is in memory is there at once: {polled:?}")
    };
    assert!(is_marker(&marker) && marker.len() == WINDOW);
    assert!(is_marker(&marker.slice(1..)), "a part of it is known, too");
    assert_eq!(window.unwrap().range, 0..WINDOW as u64);
    // Without an offer it goes on with bytes.
    let Poll::Ready(Some(Ok(bytes))) = next() else {
        panic!("the rest is there")
    };
    assert!(!is_marker(&bytes));
    assert_eq!(bytes, content[WINDOW..]);
    assert!(matches!(during(&mut next), (Poll::Ready(None), None)));
    assert!(!is_marker(b"") && !is_marker(&[0; 9]));
}

#[test]
fn an_offer_takes_one_window_and_ends_with_the_poll_whatever_happens_in_it() {
    let file = file(b"0123456789");
    let give = || {
        let (file, range) = (file.clone(), 0..10);
        offer::give(|| Window { file, range })
    };
    assert!(give().is_none());
    let (given, window) = during(|| [give(), give()]);
    assert!(given[0].is_some() && given[1].is_none() && window.is_some());
    assert!(give().is_none());
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        during(|| -> () { panic!("in a body") });
    }));
    assert!(panicked.is_err() && give().is_none());
    // An offer within another one is its own.
    let ((inner, window), outer) = during(|| during(give));
    assert!(inner.is_some() && window.is_some() && outer.is_none());
}
