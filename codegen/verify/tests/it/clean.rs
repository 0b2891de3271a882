//! Servers without a fault: nothing is found, and everything was asked.

use std::path::Path;

use api_verify::report::human;

use super::proxy::{self, Fault};
use super::server::{api, loaded, mock, options, start, verify};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_nobody_knows_is_told_so() {
    let mut options = options(start().await);
    options.headers.clear();
    let report = verify(&options).await;
    let text = human(&report);
    assert!(report.denied > 100, "{text}");
    assert!(text.contains("`--header` adds credentials"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_found_on_a_generated_server() {
    let report = verify(&options(start().await)).await;
    let text = human(&report);
    assert!(report.deviations.is_empty(), "{text}");
    assert_eq!(report.stopped, None);
    assert!(report.requests > 500, "{text}");
    // Without credentials are only those tests that leave them out.
    assert_eq!(report.denied, 0, "{text}");
    // This one fails always.
    assert_eq!(report.unseen(), ["look_out"], "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_found_where_two_events_have_the_same_id() {
    // The first two have the id 1, behind which is the third one, with the id 2.
    let shared = Fault {
        request: |head| {
            let head = head.replace("Last-Event-ID: 2\r\n", "Last-Event-ID: 3\r\n");
            head.replace("Last-Event-ID: 1\r\n", "Last-Event-ID: 2\r\n")
        },
        reply: |_, reply| {
            reply.replace("id: 2\n", "id: 1\n");
            reply.replace("id: 3\n", "id: 2\n");
        },
    };
    let mut options = options(proxy::start(start().await, shared).await);
    options.only = vec!["follow_ticker".to_owned()];
    let report = verify(&options).await;
    assert!(report.deviations.is_empty(), "{}", human(&report));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_found_on_the_mock() {
    let report = verify(&options(mock(api()).await)).await;
    let text = human(&report);
    assert!(report.deviations.is_empty(), "{text}");
    assert!(report.requests > 500, "{text}");
    assert!(report.unseen().is_empty(), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_found_on_the_mock_of_any_descriptor() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/pass");
    let files = std::fs::read_dir(folder).expect("a folder");
    let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
    let is_spec = |name: &str| Path::new(name).extension().is_some_and(|ext| ext == "yaml");
    let specs = names.filter(|name| is_spec(name));
    let mut specs: Vec<String> = specs
        .map(|name| format!("tests/data/pass/{name}"))
        .collect();
    specs.push("cli/template".to_owned());
    assert!(specs.len() > 10, "{specs:?}");
    for spec in specs {
        let api = loaded(&spec);
        let options = options(mock(loaded(&spec)).await);
        let report = api_verify::verify(&api, &options).await;
        let report = report.expect("the mock is there");
        assert!(report.deviations.is_empty(), "{spec}\n{}", human(&report));
    }
}
