//! The examples of the descriptor: what the registry answers, and what the client sends and understands.

use api_runtime::testing::Example;
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
    let uploads = [
        upload(&served).await,
        upload(&served).await,
        upload(&served).await,
    ];
    let mut all = EXAMPLES.to_vec();
    all.sort_by_key(|example| rank(example.operation.id));
    for example in &all {
        let checked = match upload_of(example) {
            Some(index) => {
                let query = example
                    .target
                    .find('?')
                    .map_or("", |at| &example.target[at..]);
                let target = format!("{}{query}", uploads[index]);
                tested.check_at(example, &target).await
            }
            None => tested.check(example).await,
        };
        checked.unwrap_or_else(|mismatch| panic!("{mismatch}"));
    }
    served.stop().await;
}

/// What is read must have been pushed, what is counted must not have been pushed yet, and what is deleted is not
/// asked for any more.
fn rank(id: &str) -> usize {
    const FIRST: [&str; 3] = ["upload_blob", "put_manifest", "list_repositories"];
    const LAST: [&str; 6] = [
        "append_upload",
        "get_upload",
        "complete_upload",
        "cancel_upload",
        "delete_blob",
        "delete_manifest",
    ];
    let place = |list: &[&str]| list.iter().position(|one| *one == id);
    place(&FIRST)
        .or(place(&LAST).map(|place| FIRST.len() + 1 + place))
        .unwrap_or(FIRST.len())
}

/// Which upload an example goes on with: one in chunks, one in a stream, one that is given up.
fn upload_of(example: &Example) -> Option<usize> {
    match (example.operation.id, example.name) {
        ("append_upload", "as_much_as_comes") | ("complete_upload", "the_third_byte") => Some(1),
        ("cancel_upload", "given_up") => Some(2),
        (_, "unknown") => None,
        ("append_upload" | "get_upload" | "complete_upload", _) => Some(0),
        _ => None,
    }
}

#[tokio::test]
async fn the_client_says_and_understands_what_the_examples_say() {
    assert_eq!(examples::client().await, []);
}
