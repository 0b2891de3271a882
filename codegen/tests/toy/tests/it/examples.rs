//! Examples are tests: of the server, of the client, and each of them fails where it should.

use api_runtime::Body;
use api_runtime::client::{ServiceTransport, Transport, TransportError};
use api_runtime::server::Settings;
use api_runtime::testing::{Example, Mismatch, Play, Server};
use http::{Request, Response};
use toy::client::Client;
use toy::examples::{self, EXAMPLES};
use toy::types::*;

use super::library::{Library, Porter};

type Local = Server<ServiceTransport<axum::Router>>;

fn server(library: Library) -> Local {
    let porter = Porter(library.clone());
    let router = toy::server::router_with(library, porter, Settings::default());
    Server::new("http://localhost", ServiceTransport::new(router))
        .with_header("Authorization", "Bearer all")
}

/// Those that need something to be there, behind those that put it there.
fn in_order() -> Vec<&'static Example> {
    let puts = |example: &&&Example| matches!(example.operation.method, "PUT" | "POST");
    let first = EXAMPLES.iter().filter(puts).copied();
    let rest = EXAMPLES.iter().filter(|example| !puts(example)).copied();
    let mut all: Vec<&Example> = first.chain(rest).collect();
    // One lends what was put there before.
    all.sort_by_key(|example| example.operation.id == "lend_book");
    all
}

#[tokio::test]
async fn the_server_answers_as_its_examples_say() {
    let library = Library::default();
    let server = server(library);
    let examples = in_order();
    assert!(examples.len() >= 15, "{}", examples.len());
    for example in examples {
        server
            .check(example)
            .await
            .unwrap_or_else(|mismatch| panic!("{mismatch}"));
    }
}

#[tokio::test]
async fn the_client_says_and_understands_what_the_examples_say() {
    assert_eq!(examples::client().await, []);
}

/// The answers of a server with something in them exchanged.
#[derive(Clone)]
struct Wrong(ServiceTransport<axum::Router>, fn(Vec<u8>) -> Vec<u8>);

impl Transport for Wrong {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (mut head, body) = self.0.send(request).await?.into_parts();
        let bytes = body.collect(1 << 20).await.expect("is whole");
        head.headers.remove("x-days");
        let wrong: &'static [u8] = Box::leak((self.1)(bytes.to_vec()).into_boxed_slice());
        Ok(Response::from_parts(
            head,
            api_runtime::testing::body(wrong),
        ))
    }
}

async fn mismatch(example: &Example, change: fn(Vec<u8>) -> Vec<u8>) -> Mismatch {
    let library = Library::default();
    server(library.clone())
        .check(&examples::PUT_BOOK_ANNALS)
        .await
        .expect("is put there");
    let porter = Porter(library.clone());
    let router = toy::server::router_with(library, porter, Settings::default());
    let wrong = Wrong(ServiceTransport::new(router), change);
    let server = Server::new("http://localhost", wrong).with_header("Authorization", "Bearer all");
    server.check(example).await.expect_err("it is wrong")
}

fn replaced(bytes: Vec<u8>, old: &str, new: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes).expect("is text");
    assert!(text.contains(old), "{text}");
    text.replace(old, new).into_bytes()
}

#[tokio::test]
async fn a_wrong_answer_fails_the_test_of_the_server_with_what_is_wrong() {
    let found = mismatch(&examples::GET_BOOK_ANNALS, |bytes| {
        replaced(bytes, "Annals", "Anals")
    })
    .await;
    let told = found.to_string();
    assert_eq!(
        told,
        r#"get_book, annals: answer: body/title: expected "Annals", got "Anals""#
    );
    let found = mismatch(&examples::GET_BOOK_ANNALS, |bytes| {
        replaced(bytes, "8", "\"8\"")
    })
    .await;
    assert_eq!(
        found.what, "answer: body/pages",
        "its kind is compared though it varies"
    );
    let found = mismatch(&examples::GET_BOOK_ANNALS, |bytes| {
        replaced(bytes, "{", "{\"more\":1,")
    })
    .await;
    assert_eq!(
        (found.what.as_str(), found.got.as_str()),
        ("answer: body/more", "1")
    );
    let found = mismatch(&examples::GET_BOOK_A_GAP, |bytes| {
        replaced(bytes, "UNKNOWN_BOOK", "UNKNOWN")
    })
    .await;
    assert!(found.what.ends_with("/code"), "{found}");
    let found = mismatch(&examples::LEND_BOOK_TO_ANNA, |bytes| bytes).await;
    assert_eq!(found.what, "answer: the header `X-Days`");
}

#[tokio::test]
async fn another_status_fails_the_test_of_the_server() {
    let found = server(Library::default())
        .check(&examples::GET_LABEL_OF_ROME)
        .await
        .expect_err("there is no label yet");
    assert_eq!(
        (found.what.as_str(), found.expected.as_str()),
        ("answer: the status", "200")
    );
    assert!(found.got.starts_with("404"), "{found}");
}

fn book(title: &str) -> Book {
    Book::new(title.to_owned(), 8, Kind::History)
}

async fn put(play: &Play, shelf: &str, body: api_runtime::Verbatim<Book>) -> Result<(), Mismatch> {
    let client = Client::from(play.caller()?);
    let key = BookKey::parse("annals").expect("a good name");
    let shelf = Shelf::parse(shelf).expect("a good name");
    let answer = client.put_book(PutBook::new(shelf, key, body)).await;
    assert!(answer.is_ok(), "{answer:?}");
    play.sent()
}

#[tokio::test]
async fn a_wrong_request_fails_the_test_of_the_client_with_what_is_wrong() {
    let bytes = |text: &'static str| bytes::Bytes::from_static(text.as_bytes());
    let play = Play::new(&examples::PUT_BOOK_ANNALS);
    assert_eq!(play.sent().expect_err("nothing was sent").got, "none");

    let good = r#"{"kind": "history", "title": "Annals", "pages": 8}"#;
    let body = || api_runtime::Verbatim::new(book("Annals"), bytes(good));
    assert_eq!(put(&play, "history/rome", body()).await, Ok(()));

    let found = put(&play, "history", body())
        .await
        .expect_err("another path");
    assert_eq!(found.what, "client: path and query");

    // As a serialisation would do it that drops a field, or writes one in another way.
    for (wrong, what) in [
        (r#"{"title": "Annals", "pages": 8}"#, "client: body/kind"),
        (
            r#"{"kind": "history", "title": "Annals", "pages": "8"}"#,
            "client: body/pages",
        ),
    ] {
        let body = api_runtime::Verbatim::new(book("Annals"), bytes(wrong));
        let found = put(&play, "history/rome", body)
            .await
            .expect_err("another body");
        assert_eq!(found.what, what);
    }
}

#[tokio::test]
async fn a_wrong_value_of_an_answer_fails_the_test_of_the_client() {
    let play = Play::new(&examples::GET_BOOK_ANNALS);
    let found = play
        .same("the body", &book("Anals"), &book("Annals"))
        .expect_err("another title");
    assert!(found.got.contains("Anals"), "{found}");
    let failed = play.failed(&"UNKNOWN_SHELF: the shelf is not here", "UNKNOWN_BOOK");
    assert_eq!(
        failed.expect_err("another code").what,
        "client: the failure"
    );
}

#[tokio::test]
async fn of_what_an_example_leaves_out_the_client_sends_the_default() {
    let example = &examples::FOLLOW_LOG_AN_EVENING;
    assert_eq!(example.target, "/news/log", "the server is asked as it is");
    let play = Play::new(example);
    let client = Client::from(play.caller().expect("a good base"));
    let answer = client.follow_log(FollowLog::new()).await;
    assert!(answer.is_ok(), "{answer:?}");
    let found = play.sent().expect_err("it says more than the example");
    assert_eq!(
        (found.what.as_str(), found.got.as_str()),
        ("client: path and query", "/news/log?from=0")
    );
}
