//! Pulling over good lines and bad ones, and from registries that send something else.

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::Response;
use registry_client::digest::Mismatch;
use registry_client::{Body, Digest, Error};

use crate::line::{Cut, Line};
use crate::script::{Script, Seen, answer, broken};
use crate::served::{blob, builder, bytes, name, serve};

#[tokio::test]
async fn a_blob_comes_back_as_it_was() {
    let served = serve().await;
    for len in [0, 1, 100_000] {
        let bytes = bytes(len);
        let digest = blob(&served.registry, "a", &bytes).await;
        let mut file = tokio::io::BufWriter::new(Vec::new());
        let stream = served
            .registry
            .pull_blob_sized(&name("a"), &digest, len as u64)
            .await;
        let stream = stream.unwrap();
        assert_eq!(stream.size(), Some(len as u64));
        assert_eq!(stream.write_to(&mut file).await.unwrap(), len as u64);
        assert_eq!(file.into_inner(), bytes);
    }
    let none = Digest::sha256(b"none");
    let error = served
        .registry
        .pull_blob(&name("a"), &none)
        .await
        .unwrap_err();
    assert!(
        error.is_not_found() && error.has_code("BLOB_UNKNOWN"),
        "{error}"
    );
    served.stop().await;
}

#[tokio::test]
async fn a_pull_that_is_cut_again_and_again_goes_on_where_it_was() {
    let served = serve().await;
    let bytes = bytes(5 << 20);
    let digest = blob(&served.registry, "a", &bytes).await;
    let cut = Cut {
        up: usize::MAX,
        down: 700_000,
    };
    let line = Line::to(&served.host, cut, usize::MAX).await;
    let registry = builder(&line.host).build().unwrap();
    let stream = registry.pull_blob(&name("a"), &digest).await.unwrap();
    assert_eq!(stream.bytes(1 << 30).await.unwrap(), bytes);
    assert!(line.cuts() >= 7, "{}", line.cuts());
    served.stop().await;
}

#[tokio::test]
async fn no_more_is_taken_into_memory_than_was_allowed() {
    let served = serve().await;
    let digest = blob(&served.registry, "a", &bytes(1000)).await;
    let stream = served
        .registry
        .pull_blob(&name("a"), &digest)
        .await
        .unwrap();
    let error = stream.bytes(999).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 999 }), "{error}");
    served.stop().await;
}

/// Pulls ten bytes, `0123456789`, from a registry that answers as `answer` does.
async fn pulled(
    answer: impl FnMut(&Seen) -> Response<Body> + Send + 'static,
) -> (Result<Bytes, Error>, Vec<String>) {
    let script = Script::new(answer);
    let digest = Digest::sha256(b"0123456789");
    let bytes = match script.registry().pull_blob(&name("a"), &digest).await {
        Ok(stream) => stream.bytes(100).await,
        Err(error) => Err(error),
    };
    (bytes, script.lines())
}

#[tokio::test]
async fn wrong_bytes_never_end_well() {
    for body in ["0123456780", "012345678", "01234567890", ""] {
        let (bytes, _) = pulled(move |_| answer(200, &[], body)).await;
        let error = bytes.unwrap_err();
        assert!(matches!(error, Error::Mismatch(_)), "{body}: {error}");
    }
}

#[tokio::test]
async fn the_error_comes_behind_the_last_byte_and_nothing_after_it() {
    let script = Script::new(|_| answer(200, &[], "012345678x"));
    let digest = Digest::sha256(b"0123456789");
    let mut stream = script
        .registry()
        .pull_blob(&name("a"), &digest)
        .await
        .unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), "012345678x");
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(
        matches!(error, Error::Mismatch(Mismatch::Digest { .. })),
        "{error}"
    );
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_size_that_is_not_the_one_of_the_descriptor_is_refused_at_the_head() {
    let script = Script::new(|_| answer(200, &[("content-length", "10")], "0123456789"));
    let digest = Digest::sha256(b"0123456789");
    let error = script
        .registry()
        .pull_blob_sized(&name("a"), &digest, 11)
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Mismatch(Mismatch::Length {
                expected: 11,
                actual: 10
            })
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_resumed_pull_is_tied_to_the_entity_tag() {
    let (bytes, _) = pulled(|seen| match seen.header("range") {
        "" => broken(
            200,
            &[("etag", "\"e\""), ("content-length", "10")],
            &"0123".into(),
        ),
        "bytes=4-" => {
            assert_eq!(seen.header("if-range"), "\"e\"");
            answer(206, &[("content-range", "bytes 4-9/10")], "456789")
        }
        other => panic!("{other}"),
    })
    .await;
    assert_eq!(bytes.unwrap(), "0123456789");
}

#[tokio::test]
async fn a_registry_without_ranges_is_listened_to_again() {
    let mut times = 0;
    let (bytes, lines) = pulled(move |_| {
        times += 1;
        match times {
            1 => broken(200, &[], &"0123".into()),
            2 => broken(200, &[], &"012".into()),
            3 => broken(200, &[], &"0123456".into()),
            _ => answer(200, &[], "0123456789"),
        }
    })
    .await;
    assert_eq!((bytes.unwrap(), lines.len()), ("0123456789".into(), 4));
}

#[tokio::test]
async fn a_part_that_is_not_the_one_asked_for_is_refused() {
    for range in [
        "bytes 3-9/10",
        "bytes 4-9/11",
        "bytes 4-8/9",
        "items 4-9/10",
        "",
    ] {
        let (bytes, _) = pulled(move |seen| match seen.header("range") {
            "" => broken(200, &[("content-length", "10")], &"0123".into()),
            _ => answer(206, &[("content-range", range)], "456789"),
        })
        .await;
        let error = bytes.unwrap_err();
        assert!(
            matches!(error, Error::Unexpected(_) | Error::Mismatch(_)),
            "{range}: {error}"
        );
    }
}

#[tokio::test]
async fn an_end_that_was_cut_off_behind_the_last_byte_is_an_end() {
    let (bytes, _) = pulled(|seen| match seen.header("range") {
        "" => broken(200, &[], &"0123456789".into()),
        _ => answer(416, &[("content-range", "bytes */10")], ""),
    })
    .await;
    assert_eq!(bytes.unwrap(), "0123456789");
}

#[tokio::test]
async fn a_blob_that_goes_away_in_between_is_an_error() {
    let (bytes, _) = pulled(|seen| match seen.header("range") {
        "" => broken(200, &[("content-length", "10")], &"0123".into()),
        _ => answer(404, &[], ""),
    })
    .await;
    assert!(bytes.unwrap_err().is_not_found());
}

#[tokio::test]
async fn cuts_without_an_end_are_given_up() {
    let (bytes, lines) = pulled(|seen| match seen.header("range") {
        "" => broken(200, &[("content-length", "10")], &"0123".into()),
        _ => broken(206, &[("content-range", "bytes 4-9/10")], &Bytes::new()),
    })
    .await;
    let error = bytes.unwrap_err();
    assert!(
        matches!(error, Error::GaveUp { failures: 50, .. }),
        "{error}"
    );
    assert_eq!(lines.len(), 50);
}

#[tokio::test]
async fn a_blob_that_lies_elsewhere_is_fetched_there_and_resumed_from_its_own_url() {
    let mut signature = 0;
    let (bytes, lines) = pulled(move |seen| {
        if seen.line.starts_with("GET /v2/") {
            signature += 1;
            let location = format!("https://storage.example/x?signature={signature}");
            return answer(307, &[("location", &location)], "");
        }
        assert_eq!(seen.header("authorization"), "");
        match seen.header("range") {
            "" => broken(200, &[("content-length", "10")], &"0123".into()),
            _ => answer(206, &[("content-range", "bytes 4-9/10")], "456789"),
        }
    })
    .await;
    assert_eq!(bytes.unwrap(), "0123456789");
    let stored = |number| format!("GET storage.example/x?signature={number}");
    assert_eq!([&lines[1], &lines[3]], [&stored(1), &stored(2)]);
}

#[tokio::test]
async fn a_blob_is_not_fetched_without_tls_where_the_registry_has_it() {
    let (bytes, lines) =
        pulled(|_| answer(307, &[("location", "http://storage.example/x")], "")).await;
    bytes.unwrap_err();
    assert_eq!(lines.len(), 1);
}
