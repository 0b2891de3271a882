//! Servers without a fault: nothing is found, and everything was asked.

use api_verify::report::human;

use super::server::{api, mock, options, start, verify};

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
async fn nothing_is_found_on_the_mock() {
    let report = verify(&options(mock(api()).await)).await;
    let text = human(&report);
    assert!(report.deviations.is_empty(), "{text}");
    assert!(report.requests > 500, "{text}");
    assert!(report.unseen().is_empty(), "{text}");
}
