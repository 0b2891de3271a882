//! Values that would lead out of the storage if they were ever taken for a path, in every place that a
//! client's text has in a request, over real files.

use super::served::{Served, serve};

const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// What lies beside the storage.
const CANARY: &str = "a file that nobody may read";

/// Two levels up, in all spellings that some program decodes.
const ESCAPES: [&str; 21] = [
    "../../canary",
    "..",
    "%2e%2e%2f%2e%2e%2fcanary",
    "%2E%2E/%2E%2E/canary",
    ".%2e/canary",
    "..%2f..%2fcanary",
    "%252e%252e%252fcanary",
    "..%5c..%5ccanary",
    "..%255ccanary",
    "%c0%ae%c0%ae%c0%afcanary",
    "%e0%80%ae%e0%80%ae/canary",
    "%ef%bc%8e%ef%bc%8e%ef%bc%8fcanary",
    "%u002e%u002e/canary",
    "..%00/canary",
    "canary%00",
    "a%00b",
    "%2fetc%2fpasswd",
    "a%2f..%2f..%2fcanary",
    ".%2f.%2fcanary",
    "a%0d%0aX-Injected:%20yes",
    "~root",
];

/// A registry of files, with a canary beside them.
async fn beside_a_canary() -> (Served, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("canary"), CANARY).unwrap();
    let root = directory.path().join("storage");
    let root = root.to_str().unwrap();
    let rest =
        format!("storage: {{filesystem: {{rootdirectory: '{root}'}}, delete: {{enabled: true}}}}");
    (serve("", &rest).await, directory)
}

fn requests(escape: &str) -> Vec<String> {
    let paths = [
        format!("GET /v2/{escape}/tags/list"),
        format!("GET /v2/{escape}/manifests/v1"),
        format!("PUT /v2/{escape}/manifests/v1"),
        format!("DELETE /v2/{escape}/manifests/v1"),
        format!("GET /v2/{escape}/blobs/{DIGEST}"),
        format!("POST /v2/{escape}/blobs/uploads/?digest={DIGEST}"),
        format!("GET /v2/{escape}/referrers/{DIGEST}"),
        format!("GET /v2/a/manifests/{escape}"),
        format!("PUT /v2/a/manifests/{escape}"),
        format!("DELETE /v2/a/manifests/{escape}"),
        format!("PUT /v2/a/manifests/{DIGEST}?tag={escape}"),
        format!("GET /v2/a/blobs/{escape}"),
        format!("HEAD /v2/a/blobs/{escape}"),
        format!("DELETE /v2/a/blobs/{escape}"),
        format!("GET /v2/a/blobs/sha256:{escape}"),
        format!("POST /v2/a/blobs/uploads/?digest={escape}"),
        format!("POST /v2/a/blobs/uploads/?digest-algorithm={escape}"),
        format!("POST /v2/a/blobs/uploads/?mount={escape}&from=a"),
        format!("POST /v2/a/blobs/uploads/?mount={DIGEST}&from={escape}"),
        format!("GET /v2/a/blobs/uploads/{escape}"),
        format!("PATCH /v2/a/blobs/uploads/{escape}"),
        format!("PUT /v2/a/blobs/uploads/{escape}?digest={DIGEST}"),
        format!("DELETE /v2/a/blobs/uploads/{escape}"),
        format!("GET /v2/a/referrers/{escape}"),
        format!("GET /v2/a/referrers/{DIGEST}?last={escape}"),
        format!("GET /v2/a/referrers/{DIGEST}?artifactType={escape}"),
        format!("GET /v2/a/tags/list?last={escape}"),
        format!("GET /v2/a/tags/list?n={escape}"),
        format!("GET /v2/_catalog?last={escape}"),
    ];
    paths.into()
}

/// All names below a directory.
fn tree(directory: &std::path::Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in directory.read_dir().unwrap() {
        let entry = entry.unwrap();
        names.push(entry.path().display().to_string());
        if entry.file_type().unwrap().is_dir() {
            names.extend(tree(&entry.path()));
        }
    }
    names.sort();
    names
}

#[tokio::test]
async fn no_value_of_a_client_leads_out_of_the_storage_or_leaves_anything_there() {
    let (served, directory) = beside_a_canary().await;
    served.image("a", "v1", b"a layer").await;
    let before = tree(directory.path());
    for escape in ESCAPES {
        for line in requests(escape) {
            let answer = served.ask(&line, "", b"").await;
            assert!(
                (400..500).contains(&answer.status),
                "{line}: {}",
                answer.status
            );
            let shown = String::from_utf8_lossy(&answer.body);
            assert!(!shown.contains(CANARY), "{line}: {shown}");
            assert_eq!(answer.header("x-injected"), None, "{line}");
            let root = directory.path().to_str().unwrap();
            assert!(!shown.contains(root), "{line}: {shown}");
        }
    }
    assert_eq!(tree(directory.path()), before);
    let canary = std::fs::read_to_string(directory.path().join("canary"));
    assert_eq!(canary.unwrap(), CANARY);
}
