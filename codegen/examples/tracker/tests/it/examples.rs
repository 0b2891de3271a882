//! The examples of the descriptor: what the tracker answers, and what the client sends and understands.

use api_runtime::axum::Router;
use api_runtime::client::{Caller, ServiceTransport};
use api_runtime::testing::Server;
use tracker::client::Client;
use tracker::examples::{self, EXAMPLES};
use tracker::types::*;

use super::now;

const BASE: &str = "http://localhost";

fn client(app: &Router, token: &str) -> Client<ServiceTransport<Router>> {
    Caller::with_transport(BASE, ServiceTransport::new(app.clone()))
        .and_then(|caller| caller.with_header("Authorization", &format!("Bearer {token}")))
        .expect("a good URL")
        .into()
}

fn label(text: &str) -> Label {
    Label::parse(text).expect("a label")
}

/// What the examples are about: a lamp, with a comment, a key and paint.
async fn filled() -> Router {
    let app = tracker::app(now).expect("good names");
    let anna = client(&app, "anna-token");
    let mut lamp = NewIssue::new("The lamp flickers".to_owned());
    lamp.text = Some("Since Monday.".to_owned());
    lamp.priority = Priority::Urgent;
    lamp.labels = Some(vec![label("bug")]);
    lamp.assignee = Some(Login::parse("ben").expect("a name"));
    lamp.due = Some("2026-12-24".parse().expect("a day"));
    let mut key = NewIssue::new("A second key".to_owned());
    key.priority = Priority::Low;
    key.labels = Some(vec![label("wish")]);
    let paint = NewIssue::new("Paint is missing".to_owned());
    for (issue, name) in [(lamp, "lamp"), (key, "key"), (paint, "paint")] {
        let mut request = CreateIssue::new(issue);
        request.idempotency_key = Some(IdempotencyKey::parse(name).expect("a key"));
        anna.create_issue(request).await.expect("is created");
    }
    let lamp = IssueNumber::new(1).expect("a number");
    let comment = AddComment::new(lamp, AddCommentBody::new("Mine, too.".to_owned()));
    let ben = client(&app, "ben-token");
    ben.add_comment(comment).await.expect("may comment");
    app
}

#[tokio::test]
async fn the_tracker_answers_as_its_examples_say() {
    let transport = ServiceTransport::new(filled().await);
    let nobody = Server::new(BASE, transport.clone());
    let [anna, ben] = ["anna", "ben"].map(|name| {
        let token = format!("Bearer {name}-token");
        Server::new(BASE, transport.clone()).with_header("Authorization", &token)
    });
    for example in EXAMPLES {
        let server = match example.answer.status {
            401 => &nobody,
            403 => &ben,
            _ => &anna,
        };
        let checked = server.check(example).await;
        checked.unwrap_or_else(|mismatch| panic!("{mismatch}"));
    }
}

#[tokio::test]
async fn the_client_says_and_understands_what_the_examples_say() {
    assert_eq!(examples::client().await, []);
}
