//! The examples of the descriptor: what the registry answers, and what the client sends and understands.

use registry_client::runtime::HttpTransport;
use registry_client::{Name, StartUpload, StartUploadResponse};
use registry_protocol::examples::{self, EXAMPLES};

use super::served::{Served, in_memory};

/// What the examples are about: three repositories beside the one that they push to.
async fn filled() -> Served {
    let served = in_memory().await;
    for tag in ["20.04", "22.04", "24.04"] {
        served.image("library/ubuntu", tag, b"ubuntu").await;
    }
    served.image("library/debian", "12", b"debian").await;
    served
}

/// Where an upload goes that was just opened.
async fn upload(served: &Served) -> String {
    let name = Name::parse("team/app").unwrap();
    let started = served.client.start_upload(StartUpload::new(name)).await;
    let StartUploadResponse::Accepted(started) = started.unwrap();
    let location = started.location.as_str();
    let base = format!("http://{}", served.address);
    location.strip_prefix(&base).unwrap_or(location).to_owned()
}

#[tokio::test]
async fn the_registry_answers_as_its_examples_say() {
    let served = filled().await;
    let transport = HttpTransport::new().unwrap();
    let base = format!("http://{}", served.address);
    let tested = api_runtime::testing::Server::new(&base, transport);
    let upload = upload(&served).await;
    // What is read must have been pushed, what is counted must not have been pushed yet.
    let first = ["upload_blob", "put_manifest", "list_repositories"];
    let rank = |id: &str| {
        first
            .iter()
            .position(|one| *one == id)
            .unwrap_or(first.len())
    };
    let mut all = EXAMPLES.to_vec();
    all.sort_by_key(|example| rank(example.operation.id));
    for example in &all {
        let checked = match example.operation.id {
            "append_upload" => tested.check_at(example, &upload).await,
            _ => tested.check(example).await,
        };
        checked.unwrap_or_else(|mismatch| panic!("{mismatch}"));
    }
    assert!(all.len() >= 11, "{}", all.len());
    served.stop().await;
}

#[tokio::test]
async fn the_client_says_and_understands_what_the_examples_say() {
    assert_eq!(examples::client().await, []);
}
