//! What layers around the router see, and what they do to bodies.

use std::convert::Infallible;
use std::io;

use api_runtime::Operation;
use axum::body::Body;
use futures_util::stream;
use http::{Request, Response, StatusCode};
use tower::ServiceExt as _;

use super::library::{Library, Porter};

fn router(library: &Library) -> axum::Router {
    toy::server::router(library.clone(), Porter(library.clone()))
}

fn request(method: &str, path: &str, body: Body) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", "Bearer all")
        .body(body)
        .expect("a request")
}

async fn send(library: &Library, request: Request<Body>) -> Response<Body> {
    let Ok(response) = router(library)
        .oneshot(request)
        .await
        .map_err(|never: Infallible| match never {});
    response
}

/// A body that stands still: a layer in front gives up on it.
fn stalled() -> Body {
    let chunks = [Ok("begin"), Err(io::Error::from(io::ErrorKind::TimedOut))];
    Body::from_stream(stream::iter(chunks))
}

#[tokio::test]
async fn an_answer_tells_its_operation_to_the_layers_outside() {
    let library = Library::default();
    for (method, path, status, operation) in [
        ("GET", "/shelves", 200, Some("list_shelves")),
        ("HEAD", "/shelves/a/books/annals", 404, Some("get_book")),
        ("GET", "/labels/panic", 500, Some("get_label")),
        ("GET", "/labels/UPPER", 400, Some("get_label")),
        ("GET", "/nothing", 404, None),
        ("POST", "/shelves", 405, None),
    ] {
        let response = send(&library, request(method, path, Body::empty())).await;
        let found = response
            .extensions()
            .get::<&'static Operation>()
            .map(|operation| operation.id);
        assert_eq!(
            (response.status().as_u16(), found),
            (status, operation),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_body_that_stands_still_is_a_timeout_however_it_is_read() {
    let library = Library::default();
    for (method, path, media_type) in [
        ("PUT", "/labels/a", "text/plain"),
        ("PATCH", "/shelves/a/books/annals", "application/json"),
        ("POST", "/shelves/a/scans/?id=1", "application/octet-stream"),
    ] {
        let mut request = request(method, path, stalled());
        let media_type = media_type.parse().expect("a header");
        request.headers_mut().insert("content-type", media_type);
        let response = send(&library, request).await;
        assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT, "{path}");
        assert_eq!(response.headers()["connection"], "close", "{path}");
        let body = axum::body::to_bytes(response.into_body(), 1000)
            .await
            .expect("a body");
        let body: serde_json::Value = serde_json::from_slice(&body).expect("an envelope");
        assert_eq!(body["errors"][0]["code"], "CLOSED", "{path}");
    }
    assert_eq!(library.scan("a", "1"), None);
}

#[tokio::test]
async fn a_router_of_ones_own_has_room_beside_the_api() {
    let library = Library::default();
    let router = axum::Router::new().merge(router(&library));
    let router = router.route("/health", axum::routing::get(async || "fine"));
    let health = request("GET", "/health", Body::empty());
    let Ok(response) = router.clone().oneshot(health).await;
    assert_eq!(response.status(), StatusCode::OK);
    let Ok(response) = router
        .oneshot(request("GET", "/shelves", Body::empty()))
        .await;
    assert_eq!(response.status(), StatusCode::OK);
}
