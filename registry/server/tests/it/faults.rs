//! Faults of the storage, seen through HTTP: 503 or 507 with the envelope and nothing of the cause, never
//! a wrong "it is not there"; and afterwards everything goes on.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering::SeqCst};

use registry_client::Digest;
use registry_storage::driver::observed::{Call, Observed, Observer};
use registry_storage::driver::{DriverError, Filesystem, FilesystemOptions, Memory, Operation};

use super::served::{Answer, MANIFEST, Served, image, serve_over};

const ENOSPC: i32 = 28;
const EDQUOT: i32 = 122;
const EIO: i32 = 5;
const EMFILE: i32 = 24;
const EROFS: i32 = 30;

/// What no client may ever see of a fault.
const SECRET: &str = "/var/secret/path";

/// No call fails, or all do.
const NEVER: usize = 0;
const ALWAYS: usize = usize::MAX;

/// Faults that are switched on and off while a server runs.
#[derive(Debug, Default)]
struct Switch {
    /// Which call fails, counted from 1.
    at: AtomicUsize,
    calls: AtomicUsize,
    errno: AtomicI32,
}

impl Switch {
    fn set(&self, at: usize, errno: i32) {
        self.calls.store(0, SeqCst);
        self.errno.store(errno, SeqCst);
        self.at.store(at, SeqCst);
    }
}

impl Observer for Switch {
    fn before(&self, call: &Call) -> Result<(), DriverError> {
        let number = self.calls.fetch_add(1, SeqCst) + 1;
        match self.at.load(SeqCst) {
            ALWAYS => Err(fault(call.operation, self.errno.load(SeqCst))),
            at if at == number => Err(fault(call.operation, self.errno.load(SeqCst))),
            _ => Ok(()),
        }
    }

    fn after(&self, _: &Call) -> Result<(), DriverError> {
        Ok(())
    }
}

/// A fault as a driver reports it.
fn fault(operation: Operation, errno: i32) -> DriverError {
    let driver = "faulty";
    let error = io::Error::from_raw_os_error(errno);
    let source = Box::new(io::Error::new(error.kind(), format!("{SECRET}: {error}")));
    match errno {
        ENOSPC | EDQUOT => DriverError::NoSpace {
            operation,
            driver,
            source,
        },
        EROFS => DriverError::ReadOnly {
            operation,
            driver,
            source,
        },
        EMFILE => DriverError::TooManyFiles {
            operation,
            driver,
            source,
        },
        _ => DriverError::Other {
            operation,
            driver,
            source,
        },
    }
}

async fn over_memory() -> (Served, Arc<Switch>) {
    let switch = Arc::new(Switch::default());
    let memory = Arc::new(Memory::default());
    let driver = Observed::new(memory, Arc::clone(&switch));
    (serve_over(Arc::new(driver)).await, switch)
}

/// A registry of files on which every step that changes something fails while an error number is set.
async fn over_files(root: &Path) -> (Served, Arc<AtomicI32>) {
    let errno = Arc::new(AtomicI32::new(0));
    let sees = Arc::clone(&errno);
    let probe = Arc::new(move |_: &_| match sees.load(SeqCst) {
        0 => Ok(()),
        errno => Err(io::Error::from_raw_os_error(errno)),
    });
    let options = FilesystemOptions::new(root).probe(probe);
    let driver = Filesystem::open(options).unwrap();
    (serve_over(Arc::new(driver)).await, errno)
}

/// A request as text.
struct Request {
    line: String,
    headers: String,
    body: String,
}

impl Request {
    fn new(line: String) -> Self {
        Self {
            line,
            headers: String::new(),
            body: String::new(),
        }
    }

    fn with_body(line: String, media_type: &str, body: String) -> Self {
        let length = body.len();
        let headers = format!("Content-Type: {media_type}\r\nContent-Length: {length}\r\n");
        Self {
            line,
            headers,
            body,
        }
    }

    async fn ask(&self, served: &Served) -> Answer {
        let body = self.body.as_bytes();
        served.ask(&self.line, &self.headers, body).await
    }
}

/// Opens an upload, and gives its URL.
async fn start(served: &Served) -> String {
    let answer = served.ask("POST /v2/a/blobs/uploads/", "", b"").await;
    answer.header("location").unwrap()
}

/// What a repository holds for the requests: an image with a referrer, and two uploads that are open.
struct Content {
    manifest: String,
    blob: Digest,
    digest: Digest,
    uploads: [String; 2],
}

impl Content {
    async fn push(served: &Served) -> Self {
        let blob = served.blob("a", b"a layer").await;
        let image = image(&blob, 7);
        let digest = served.manifest("a", "v1", &image).await;
        Self {
            manifest: image.to_string(),
            blob,
            digest: digest.docker_content_digest,
            uploads: [start(served).await, start(served).await],
        }
    }

    fn reads(&self) -> Vec<Request> {
        let Self { blob, digest, .. } = self;
        let lines = [
            format!("GET /v2/a/blobs/{blob}"),
            format!("HEAD /v2/a/blobs/{blob}"),
            "GET /v2/a/manifests/v1".to_owned(),
            "HEAD /v2/a/manifests/v1".to_owned(),
            format!("GET /v2/a/manifests/{digest}"),
            format!("HEAD /v2/a/manifests/{digest}"),
            "GET /v2/a/tags/list".to_owned(),
            "GET /v2/_catalog".to_owned(),
            "GET /v2/a/_oci/ext/discover".to_owned(),
            format!("GET /v2/a/referrers/{digest}"),
            format!("GET {}", self.uploads[0]),
        ];
        lines.into_iter().map(Request::new).collect()
    }

    /// In an order in which all of them succeed.
    fn writes(&self) -> Vec<Request> {
        let Self { blob, digest, .. } = self;
        let bytes = "application/octet-stream";
        let other = Digest::sha256(b"others");
        let with = |line: String, body: &str| Request::with_body(line, bytes, body.to_owned());
        vec![
            with("POST /v2/a/blobs/uploads/".to_owned(), ""),
            with(format!("POST /v2/a/blobs/uploads/?mount={blob}&from=a"), ""),
            with(
                format!("POST /v2/b/blobs/uploads/?digest={other}"),
                "others",
            ),
            with(format!("PATCH {}", self.uploads[0]), "oth"),
            with(format!("PUT {}?digest={other}", self.uploads[1]), "others"),
            Request::with_body(
                "PUT /v2/a/manifests/v2".to_owned(),
                MANIFEST,
                self.manifest.clone(),
            ),
            Request::new("DELETE /v2/a/manifests/v1".to_owned()),
            Request::new(format!("DELETE /v2/a/manifests/{digest}")),
            Request::new(format!("DELETE /v2/a/blobs/{blob}")),
        ]
    }
}

/// That a fault was answered as one, and nothing is told of it.
fn check(answer: &Answer, statuses: &[u16], request: &Request) {
    let text = format!("{answer:?} {}", String::from_utf8_lossy(&answer.body));
    assert!(
        statuses.contains(&answer.status),
        "{}: {text}",
        request.line
    );
    if !request.line.starts_with("HEAD ") {
        assert_eq!(answer.code(), "UNAVAILABLE", "{}", request.line);
    }
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    assert_eq!(body["errors"][0].get("detail"), None, "{text}");
    for never in [SECRET, "os error", "No space", "faulty", "docker/registry"] {
        assert!(!text.contains(never), "{}: {text}", request.line);
    }
}

#[tokio::test]
async fn a_storage_that_fails_is_answered_with_503_or_507_and_serves_again_when_it_works_again() {
    for errno in [ENOSPC, EDQUOT, EIO, EMFILE, EROFS] {
        let (served, switch) = over_memory().await;
        let content = Content::push(&served).await;
        for (requests, is_write) in [(content.reads(), false), (content.writes(), true)] {
            for request in requests {
                let full = is_write && matches!(errno, ENOSPC | EDQUOT);
                // Even a write begins with reading, which needs no space.
                let statuses: &[u16] = if full { &[503, 507] } else { &[503] };
                switch.set(ALWAYS, errno);
                check(&request.ask(&served).await, statuses, &request);
                assert!(switch.calls.load(SeqCst) > 0, "{}", request.line);
                switch.set(NEVER, 0);
                let answer = request.ask(&served).await;
                assert!(answer.status < 300, "{}: {answer:?}", request.line);
            }
        }
        served.stop().await;
    }
}

#[tokio::test]
async fn whatever_call_of_a_read_fails_the_answer_is_the_right_one_or_a_fault() {
    let (served, switch) = over_memory().await;
    let content = Content::push(&served).await;
    for request in content.reads() {
        switch.set(NEVER, 0);
        let expected = request.ask(&served).await;
        let mut number = 1;
        loop {
            switch.set(number, EIO);
            let answer = request.ask(&served).await;
            if answer.status >= 500 {
                check(&answer, &[503], &request);
            } else {
                assert_eq!(answer.status, expected.status, "{}", request.line);
                assert_eq!(answer.body, expected.body, "{}: {number}", request.line);
            }
            if switch.calls.load(SeqCst) < number {
                break;
            }
            number += 1;
            assert!(number < 100, "{} has no end", request.line);
        }
        assert!(number > 1, "{} never fails", request.line);
    }
}

#[tokio::test]
async fn a_disk_that_takes_no_more_is_answered_with_503_or_507_and_what_is_there_is_still_read() {
    let root = tempfile::tempdir().unwrap();
    let (served, errno) = over_files(root.path()).await;
    let content = Content::push(&served).await;
    for (code, status) in [
        (ENOSPC, 507),
        (EDQUOT, 507),
        (EIO, 503),
        (EMFILE, 503),
        (EROFS, 503),
    ] {
        for request in content.writes() {
            errno.store(code, SeqCst);
            let answer = request.ask(&served).await;
            errno.store(0, SeqCst);
            // A blob that is mounted where it lies already needs nothing of the disk.
            if answer.status != 201 || !request.line.contains("mount=") {
                let takes_away = request.line.starts_with("DELETE ");
                check(&answer, &[if takes_away { 503 } else { status }], &request);
            }
        }
        for request in content.reads() {
            errno.store(code, SeqCst);
            let answer = request.ask(&served).await;
            errno.store(0, SeqCst);
            assert!(answer.status < 300, "{}: {answer:?}", request.line);
        }
    }
    for request in content.writes() {
        let answer = request.ask(&served).await;
        assert!(answer.status < 300, "{}: {answer:?}", request.line);
    }
}

#[tokio::test]
async fn a_storage_that_cannot_tell_whether_a_blob_is_there_is_no_unknown_upload() {
    let (served, switch) = over_memory().await;
    let blob = served.blob("a", b"a layer").await;
    let line = format!("PUT /v2/a/blobs/uploads/gone?digest={blob}");
    let request = Request::new(line);
    assert_eq!(request.ask(&served).await.status, 201);
    for number in 1..=2 {
        switch.set(number, EIO);
        check(&request.ask(&served).await, &[503], &request);
    }
}
