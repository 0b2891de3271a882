//! Pushing over good lines and bad ones.

use std::io::Write as _;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use registry_client::digest::Kind;
use registry_client::{Digest, Error, FileSource, Progress, PushOptions, Pushed, Registry};

use crate::line::{Cut, Line};
use crate::served::{Served, blob, builder, bytes, name, serve, serve_with};

const NEVER: usize = usize::MAX;

fn chunks(size: u64) -> PushOptions {
    let mut options = PushOptions::default();
    options.chunk = Some(size);
    options
}

async fn pulled(served: &Served, digest: &Digest) -> Bytes {
    let stream = served.registry.pull_blob(&name("a"), digest).await.unwrap();
    stream.bytes(1 << 30).await.unwrap()
}

#[tokio::test]
async fn every_way_of_sending_ends_with_the_same_bytes() {
    let served = serve().await;
    for len in [0, 1, 2, 1000, (1 << 20) + 1] {
        let bytes = bytes(len);
        for (kind, options) in [
            (Kind::Sha256, PushOptions::default()),
            (Kind::Sha384, chunks(1)),
            (Kind::Sha512, chunks(400_000)),
        ] {
            if options.chunk == Some(1) && len > 2 {
                continue;
            }
            let digest = Digest::of(kind, &bytes);
            let pushed = served
                .registry
                .push_blob(&name("a"), &digest, &bytes, &options)
                .await;
            assert_eq!(pushed.unwrap(), Pushed::Sent, "{len} {kind}");
            assert_eq!(pulled(&served, &digest).await, bytes, "{len} {kind}");
        }
    }
    served.stop().await;
}

#[tokio::test]
async fn a_file_is_pushed_as_it_lies_there() {
    let served = serve().await;
    let bytes = bytes(3 << 20);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    let source = FileSource::open(file.path()).await.unwrap();
    let digest = Digest::sha256(&bytes);
    let push = |options| {
        let (registry, digest, source) = (&served.registry, &digest, &source);
        async move {
            registry
                .push_blob(&name("a"), digest, source, &options)
                .await
        }
    };
    assert_eq!(push(PushOptions::default()).await.unwrap(), Pushed::Sent);
    assert_eq!(pulled(&served, &digest).await, bytes);
    assert_eq!(push(PushOptions::default()).await.unwrap(), Pushed::Present);
    // A file that became shorter is not the registry's fault, and is not tried again.
    file.as_file().set_len(2 << 20).unwrap();
    let mut unchecked = PushOptions::default();
    unchecked.check = false;
    let error = push(unchecked).await.unwrap_err();
    assert!(matches!(error, Error::Source(_)), "{error}");
    served.stop().await;
}

#[tokio::test]
async fn other_bytes_than_promised_are_refused_and_leave_nothing() {
    let served = serve().await;
    let digest = Digest::sha256(b"other");
    for len in [10, 2 << 20] {
        let pushed = served
            .registry
            .push_blob(&name("a"), &digest, &bytes(len), &PushOptions::default())
            .await;
        let error = pushed.unwrap_err();
        assert!(error.has_code("DIGEST_INVALID"), "{error}");
        let found = served
            .registry
            .stat_blob(&name("a"), &digest)
            .await
            .unwrap();
        assert_eq!(found, None);
    }
    served.stop().await;
}

#[tokio::test]
async fn a_blob_is_mounted_where_that_can_be_done_and_sent_where_not() {
    let served = serve().await;
    let bytes = bytes(5000);
    let digest = blob(&served.registry, "a", &bytes).await;
    for (from, expected) in [("a", Pushed::Mounted), ("nowhere", Pushed::Sent)] {
        let other = Digest::of(Kind::Sha512, &bytes);
        let digest = if expected == Pushed::Mounted {
            &digest
        } else {
            &other
        };
        let mut options = PushOptions::default();
        options.mount_from = Some(name(from));
        let pushed = served
            .registry
            .push_blob(&name("b"), digest, &bytes, &options)
            .await;
        assert_eq!(pushed.unwrap(), expected, "{from}");
        assert!(
            served
                .registry
                .stat_blob(&name("b"), digest)
                .await
                .unwrap()
                .is_some()
        );
    }
    served.stop().await;
}

/// Pushes over a line that cuts `times` connections; what came to pass, and how often it was cut.
async fn cut(served: &Served, cut: Cut, times: usize, len: usize, options: &PushOptions) -> usize {
    let bytes = bytes(len);
    let digest = Digest::sha256(&bytes);
    let line = Line::to(&served.host, cut, times).await;
    let registry = builder(&line.host).build().unwrap();
    let pushed = registry
        .push_blob(&name("a"), &digest, &bytes, options)
        .await;
    assert_eq!(pushed.unwrap(), Pushed::Sent);
    assert_eq!(pulled(served, &digest).await, bytes);
    let deleted = served.registry.delete_blob(&name("a"), &digest).await;
    assert!(deleted.unwrap());
    line.cuts()
}

#[tokio::test]
async fn a_push_that_is_cut_again_and_again_goes_on_where_it_was() {
    let root = tempfile::tempdir().unwrap();
    let storage = format!(
        "storage: {{filesystem: {{rootdirectory: {}}}, delete: {{enabled: true}}}}",
        root.path().display()
    );
    for served in [serve().await, serve_with(&storage).await] {
        let up = Cut {
            up: 700_000,
            down: NEVER,
        };
        let in_one = PushOptions::default();
        // Were it to begin again each time, it would never end.
        let cuts = cut(&served, up, NEVER, 5 << 20, &in_one).await;
        assert!(cuts >= 7, "{cuts}");
        let cuts = cut(&served, up, NEVER, 5 << 20, &chunks(300_000)).await;
        assert!(cuts >= 7, "{cuts}");
        served.stop().await;
    }
}

#[tokio::test]
async fn a_push_survives_each_answer_that_is_lost() {
    let served = serve().await;
    // A connection is cut within the first answer, the second, and so on: each request has its turn.
    for down in (1..3000).step_by(97) {
        let lost = Cut { up: NEVER, down };
        cut(&served, lost, 1, 5000, &PushOptions::default()).await;
        cut(&served, lost, 2, 5000, &chunks(2000)).await;
        cut(&served, lost, 3, (1 << 20) + 1, &PushOptions::default()).await;
    }
    served.stop().await;
}

#[tokio::test]
async fn a_line_that_lets_nothing_through_is_given_up() {
    let served = serve().await;
    let dead = Cut { up: 0, down: 0 };
    let line = Line::to(&served.host, dead, NEVER).await;
    let mut few = crate::served::hasty();
    few.attempts = 3;
    let registry = builder(&line.host).retries(few).build().unwrap();
    let bytes = bytes(10);
    let digest = Digest::sha256(&bytes);
    let error = registry
        .push_blob(&name("a"), &digest, &bytes, &PushOptions::default())
        .await
        .unwrap_err();
    assert!(error.is_temporary(), "{error}");
    assert_eq!(line.cuts(), 3);
    served.stop().await;
}

#[tokio::test]
async fn progress_is_told_from_beginning_to_end() {
    let served = serve().await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let teller = Arc::clone(&told);
    let tell = move |progress: &Progress| teller.lock().unwrap().push(progress.clone());
    let registry: Registry = builder(&served.host).on_progress(tell).build().unwrap();
    let bytes = bytes(3000);
    let digest = Digest::sha256(&bytes);
    for _ in 0..2 {
        let pushed = registry
            .push_blob(&name("a"), &digest, &bytes, &chunks(1000))
            .await;
        pushed.unwrap();
    }
    let texts: Vec<String> = std::mem::take(&mut *told.lock().unwrap())
        .into_iter()
        .map(|progress| match progress {
            Progress::Moved { bytes, total, .. } => format!("{bytes} of {total:?}"),
            Progress::Present { .. } => "present".to_owned(),
            Progress::Done { .. } => "done".to_owned(),
            other => format!("{other:?}"),
        })
        .collect();
    let expected = ["1000", "2000", "3000"].map(|bytes| format!("{bytes} of Some(3000)"));
    assert_eq!(texts[..3], expected);
    assert_eq!(texts[3..], ["done", "present"]);
    served.stop().await;
}
