//! Servers without a fault: nothing is found, and everything was asked.

use api_verify::report::human;

use super::server::{options, start, verify};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_found_on_a_generated_server() {
    let report = verify(&options(start().await)).await;
    let text = human(&report);
    assert!(report.deviations.is_empty(), "{text}");
    assert_eq!(report.stopped, None);
    assert!(report.requests > 500, "{text}");
    // This one fails always.
    assert_eq!(report.unseen(), ["look_out"], "{text}");
}
