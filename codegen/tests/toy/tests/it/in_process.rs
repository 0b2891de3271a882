//! The generated client against the generated router in one process, without a socket.

use api_runtime::client::{Caller, ServiceTransport, TransportErrorKind};
use api_runtime::server::Settings;
use api_runtime::{Body, Verbatim};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use toy::client::Client;
use toy::types::*;

use super::library::{Library, Porter};

type Local = Client<ServiceTransport<axum::Router>>;

fn client(settings: Settings, base: &str) -> Local {
    let library = Library::default();
    let router = toy::server::router_with(library.clone(), Porter(library), settings);
    Caller::with_transport(base, ServiceTransport::new(router))
        .and_then(|caller| caller.with_header("Authorization", "Bearer all"))
        .expect("a good base")
        .into()
}

#[tokio::test]
async fn values_and_streams_reach_the_service_and_come_back() {
    let client = client(Settings::default(), "http://localhost");
    let shelf = || Shelf::parse("history/rome").expect("a good name");
    let book = Book::new("Annals".to_owned(), 7, Kind::Novel);
    let bytes = br#"{"title": "Annals", "pages": 7, "kind": "novel"}"#;
    let body = Verbatim::new(book, Bytes::from_static(bytes));
    let key = BookKey::parse("annals").expect("a good name");
    let PutBookResponse::Created(created) = client
        .put_book(PutBook::new(shelf(), key, body))
        .await
        .expect("is put there");
    // What a server names is relative to the host that the client knows.
    let scan = || ScanId::parse("1").expect("a good name");
    assert_eq!(
        created.location.as_str(),
        "/shelves/history/rome/books/annals"
    );
    let chunks = stream::iter(["01234", "56789"]).map(|chunk| Ok(Bytes::from(chunk)));
    let sent = SendScan::new(shelf(), scan(), Body::stream(Some(10), chunks.boxed()));
    client.send_scan(sent).await.expect("is sent");
    let answer = client.get_scan(GetScan::new(shelf(), scan())).await;
    let Ok(GetScanResponse::Ok(answer)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(
        answer.body.collect(10).await.expect("is whole"),
        "0123456789"
    );
}

#[tokio::test]
async fn the_service_sees_a_request_as_if_it_had_arrived() {
    let service = tower::service_fn(|request: http::Request<Body>| async move {
        let uri = request.uri().to_string();
        let host = request.headers()["host"].to_str().map(str::to_owned);
        let text = format!("{uri} at {}", host.expect("is text"));
        Ok::<_, std::convert::Infallible>(http::Response::new(axum::body::Body::from(text)))
    });
    let transport = ServiceTransport::new(service);
    let caller = Caller::with_transport("http://h:1/base", transport).expect("a good base");
    let reply = caller.fetch("/x?y=%2F", None).await.expect("an answer");
    assert_eq!(reply.text(None).await.expect("a text"), "/x?y=%2F at h:1");
}

#[tokio::test]
async fn what_the_service_says_of_itself_is_an_error_of_the_transport() {
    let service = tower::service_fn(|_: http::Request<Body>| async {
        Err::<http::Response<axum::body::Body>, _>(std::io::Error::other("is ill"))
    });
    let transport = ServiceTransport::new(service);
    let client = Client::with_transport("http://h", transport).expect("a good base");
    let error = client
        .list_shelves(ListShelves::new())
        .await
        .expect_err("there is no answer");
    let api_runtime::client::Error::Transport(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.kind(), TransportErrorKind::Other);
}
