//! Servers without a fault: nothing is found, and everything was asked.

use api_verify::report::human;
use tokio::net::TcpListener;

use super::server::{api, options, start, verify};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_found_on_the_mock() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("is bound");
    let served = tokio::spawn(async move { api_verify::mock::serve(&api(), listener).await });
    let report = verify(&options(address)).await;
    let text = human(&report);
    assert!(report.deviations.is_empty(), "{text}");
    assert!(report.requests > 500, "{text}");
    assert!(report.unseen().is_empty(), "{text}");
    served.abort();
}
