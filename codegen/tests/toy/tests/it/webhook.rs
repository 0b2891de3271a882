//! A webhook, there and back: the generated client sends it, and the generated server and others answer with
//! statuses of a class.
//!
//! The code is the generator's golden for `data/pass/webhook.yaml`; that it is what the generator yields is
//! tested there.

#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, dead_code, unreachable_pub, reason = "what users get is looked at by eye")]
#[path = "../../../data/golden/webhook.types.rs"]
mod types;

#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, dead_code, unreachable_pub, reason = "what users get is looked at by eye")]
#[path = "../../../data/golden/webhook.server.rs"]
mod server;

#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, dead_code, unreachable_pub, reason = "what users get is looked at by eye")]
#[path = "../../../data/golden/webhook.client.rs"]
mod client;

#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, dead_code, unreachable_pub, reason = "what users get is looked at by eye")]
#[path = "../../../data/golden/webhook.examples.rs"]
mod examples;

use api_runtime::SuccessStatus;
use api_runtime::client::{Caller, Error};
use api_runtime::server::{AllowAll, Context, Settings};
use axum::Router;
use axum::routing::post;
use http::StatusCode;

use super::wire::serve;
use client::Client;
use server::Calls;
use types::*;

/// Answers by the status that it is told.
#[derive(Clone, Copy)]
struct Receiver(SuccessStatus);

impl Calls for Receiver {
    async fn tell(&self, _: Context, request: Tell) -> Result<TellResponse, TellError> {
        if request.body == "what?" {
            return Err(Refused.into());
        }
        Ok(TellSuccess::new(self.0).into())
    }

    async fn ring(&self, _: Context, _: Ring) -> Result<RingResponse, RingError> {
        Ok(RingHeard::new(self.0).into())
    }
}

/// A client of a server on a socket, which has one URL with a path of its own.
async fn served(router: Router) -> Client {
    let address = serve(Router::new().nest("/hooks/in", router)).await;
    let url = format!("http://{address}/hooks/in");
    Client::from(Caller::new(&url).expect("a good URL"))
}

/// What the client makes of the answer of a receiver that was generated.
async fn told(status: u16) -> Result<TellResponse, Error<TellError>> {
    let status = SuccessStatus::new(status).expect("is a success");
    let settings = Settings::default();
    let client = served(server::router_with(Receiver(status), AllowAll, settings)).await;
    client.tell(Tell::new("hello".to_owned())).await
}

#[tokio::test]
async fn any_status_of_the_class_goes_there_and_back() {
    for status in [201, 202, 204, 206, 299] {
        let answer = told(status).await;
        let Ok(TellResponse::Success(answer)) = answer else {
            panic!("{status}: {answer:?}");
        };
        assert_eq!(answer.status.get(), status);
    }
}

#[tokio::test]
async fn a_class_is_not_answered_by_the_status_of_an_answer_that_says_more() {
    // A client would look for the body.
    let answer = told(200).await;
    let Err(Error::Undeclared(answer)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(answer.status(), 500);
}

#[tokio::test]
async fn a_failure_beside_a_class_is_that_failure() {
    let settings = Settings::default();
    let receiver = Receiver(SuccessStatus::OK);
    let client = served(server::router_with(receiver, AllowAll, settings)).await;
    let answer = client.tell(Tell::new("what?".to_owned())).await;
    assert!(
        matches!(&answer, Err(Error::Declared(TellError::Refused(_)))),
        "{answer:?}"
    );
}

/// What the client makes of the answers of somebody else.
async fn answered(status: u16, body: &'static str) -> Client {
    let status = StatusCode::from_u16(status).expect("a status");
    let answer = move || async move { (status, [("location", "/elsewhere")], body) };
    served(Router::new().route("/", post(answer))).await
}

#[tokio::test]
async fn what_a_receiver_adds_to_a_class_is_not_looked_at() {
    let client = answered(202, "thank you").await;
    let answer = client.tell(Tell::new("hello".to_owned())).await;
    let Ok(TellResponse::Success(answer)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(answer.status, SuccessStatus::ACCEPTED);
}

#[tokio::test]
async fn a_status_of_its_own_comes_before_the_class() {
    let client = answered(200, "thank you").await;
    let answer = client.tell(Tell::new("hello".to_owned())).await;
    let Ok(TellResponse::Ok(answer)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(answer.body, "thank you");
    // One that says nothing more is told by its status alone.
    let receiver = Receiver(SuccessStatus::NO_CONTENT);
    let settings = Settings::default();
    let client = served(server::router_with(receiver, AllowAll, settings)).await;
    let answer = client.ring(Ring::new()).await;
    assert!(
        matches!(answer, Ok(RingResponse::NoContent(_))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn what_is_outside_the_class_is_no_success() {
    for status in [302, 304, 404] {
        let client = answered(status, "").await;
        let answer = client.tell(Tell::new("hello".to_owned())).await;
        let Err(Error::Undeclared(answer)) = answer else {
            panic!("{status}: {answer:?}");
        };
        assert_eq!(answer.status(), status);
    }
}

#[tokio::test]
async fn examples_name_a_status_of_the_class() {
    let all: Vec<u16> = examples::EXAMPLES
        .iter()
        .map(|one| one.answer.status)
        .collect();
    assert_eq!(all, [202, 200]);
    assert_eq!(examples::client().await, []);
}
