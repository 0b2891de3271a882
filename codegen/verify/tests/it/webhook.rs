//! Receivers of a webhook, which may answer with any status of a class.

use std::net::SocketAddr;

use api_codegen::model::Api;
use api_verify::report::human;
use api_verify::{Deviation, Kind, Options, Report, Target};
use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::server::{answer as answer_of, listen, loaded, mock};

fn api() -> Api {
    loaded("tests/data/pass/webhook.yaml")
}

/// Tests the server at an address with requests that ring, and have this header.
async fn verify(address: SocketAddr, header: (&str, &str)) -> Report {
    let mut options = Options::new(Target::parse(&format!("http://{address}")).expect("a URL"));
    let (name, value) = header;
    options.headers.push((name.to_owned(), value.to_owned()));
    options.only = vec!["ring".to_owned()];
    let report = api_verify::verify(&api(), &options).await;
    report.expect("the server is there")
}

/// A receiver that takes every POST with this status.
async fn receiver(status: u16) -> SocketAddr {
    let answer = move |request: Request| async move { answer(&request, status) };
    let (listener, address) = listen().await;
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    address
}

fn answer(request: &Request, status: u16) -> Response {
    let fault = (StatusCode::INTERNAL_SERVER_ERROR, "it is out of order");
    if request.uri().path() != "/" {
        return fault.into_response();
    }
    if request.method() != Method::POST {
        return (
            StatusCode::METHOD_NOT_ALLOWED,
            [(header::ALLOW, "POST")],
            fault.1,
        )
            .into_response();
    }
    let status = StatusCode::from_u16(status).expect("a status");
    // What it says besides is its own affair.
    (status, "thank you").into_response()
}

/// What was expected and what came, where a status was wrong.
fn undeclared(report: &Report) -> Vec<(&str, &str)> {
    let of_it = |one: &&Deviation| one.kind == Kind::Status;
    let found = report.deviations.iter().filter(of_it);
    found
        .map(|one| (one.expected.as_str(), one.got.as_str()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_may_answer_with_any_status_of_the_class() {
    for status in [202, 204, 299] {
        let report = verify(receiver(status).await, ("X-Nothing", "1")).await;
        let found = undeclared(&report);
        let of_class = |(expected, _): &&(&str, &str)| expected.contains("2xx");
        assert_eq!(found.iter().find(of_class), None, "{}", human(&report));
        assert!(report.unseen().is_empty(), "{}", human(&report));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_outside_the_class_is_found() {
    let report = verify(receiver(302).await, ("X-Nothing", "1")).await;
    assert!(
        undeclared(&report).contains(&("one of 204, 2xx", "302 thank you")),
        "{}",
        human(&report)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mock_answers_with_the_status_of_the_class_that_is_preferred() {
    let address = mock(api()).await;
    let report = verify(address, ("Prefer", "status=207")).await;
    assert!(report.deviations.is_empty(), "{}", human(&report));
    let got = answer_of(address, "POST /\nX-Bell: 1\nPrefer: status=207").await;
    assert!(got.starts_with("HTTP/1.1 207 "), "{got}");
}
