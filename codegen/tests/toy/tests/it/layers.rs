//! What layers around the router see, and what they do to bodies.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex};

use api_runtime::Operation;
use api_runtime::server::{RouteTemplate, Settings, TellOperation};
use axum::body::Body;
use axum::middleware::Next;
use futures_util::stream;
use http::{Request, Response, StatusCode};
use tower::ServiceExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

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
async fn an_answer_tells_its_operation_to_the_layers_outside_that_ask() {
    let library = Library::default();
    for (method, path, status, operation) in [
        ("GET", "/shelves", 200, Some("list_shelves")),
        ("HEAD", "/shelves/a/books/annals", 404, Some("get_book")),
        ("GET", "/labels/panic", 500, Some("get_label")),
        ("GET", "/labels/UPPER", 400, Some("get_label")),
        ("GET", "/nothing", 404, None),
        ("POST", "/shelves", 405, None),
    ] {
        let mut request = request(method, path, Body::empty());
        let told = |response: &Response<Body>| {
            let operation = response.extensions().get::<&'static Operation>();
            operation.map(|operation| operation.id)
        };
        let response = send(&library, self::request(method, path, Body::empty())).await;
        assert_eq!(told(&response), None, "{method} {path}");
        request.extensions_mut().insert(TellOperation);
        let response = send(&library, request).await;
        assert_eq!(
            (response.status().as_u16(), told(&response)),
            (status, operation),
            "{method} {path}"
        );
    }
}

/// What a metric is labelled with: the operation, and the template of its path.
type Label = (Option<&'static str>, Option<&'static str>);

fn label(request: &Request<Body>) -> Label {
    let operation = request.extensions().get::<&'static Operation>();
    let template = request.extensions().get::<RouteTemplate>();
    (
        operation.map(|operation| operation.id),
        template.map(|RouteTemplate(template)| *template),
    )
}

#[tokio::test]
async fn layers_inside_know_the_operation_before_it_is_called() {
    let library = Library::default();
    let labels: Arc<Mutex<Vec<Label>>> = Arc::default();
    let seen = Arc::clone(&labels);
    let count = move |request: Request<Body>, next: Next| {
        let label = label(&request);
        seen.lock().expect("nobody panics").push(label);
        next.run(request)
    };
    let settings = Settings::default().prefix("/v1");
    let router = toy::server::router_layered(
        library.clone(),
        Porter(library.clone()),
        settings,
        |router| {
            router
                .route("/health", axum::routing::get(async || "fine"))
                .layer(axum::middleware::from_fn(count))
        },
    );
    let book = Some("/shelves/{shelf}/books/{book}");
    for (method, path, status, label) in [
        (
            "GET",
            "/v1/shelves",
            200,
            (Some("list_shelves"), Some("/shelves")),
        ),
        (
            "GET",
            "/v1/shelves/a/books/annals",
            404,
            (Some("get_book"), book),
        ),
        (
            "HEAD",
            "/v1/shelves/a/b/books/odes",
            404,
            (Some("get_book"), book),
        ),
        ("GET", "/v1/shelves/a/books/annals?x=%zz", 400, (None, book)),
        ("POST", "/v1/shelves/a/books/annals", 405, (None, book)),
        ("GET", "/v1/nothing", 404, (None, None)),
        ("GET", "/shelves", 404, (None, None)),
        ("GET", "/health", 200, (None, None)),
    ] {
        let request = request(method, path, Body::empty());
        let Ok(response) = router.clone().oneshot(request).await;
        let seen = labels.lock().expect("nobody panics").pop();
        assert_eq!(
            (response.status().as_u16(), seen),
            (status, Some(label)),
            "{method} {path}"
        );
    }
    assert_eq!(toy::types::GET_BOOK.access, ["shelf:{shelf}:read"]);
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

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_fault_is_logged_with_its_cause_and_its_request_and_a_refusal_is_not() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone());
    let _guard = subscriber.finish().set_default();
    let library = Library::default();
    for (path, status, logged) in [
        ("/labels/broken", 500, Some("a secret")),
        ("/labels/panic", 500, Some("panicked: a secret")),
        ("/labels/nowhere", 404, None),
        ("/labels/UPPER", 400, None),
    ] {
        log.0.lock().expect("nobody panics").clear();
        let mut request = request("GET", path, Body::empty());
        request
            .headers_mut()
            .insert("x-request-id", "r17".parse().expect("a header"));
        let response = send(&library, request).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
        let text = String::from_utf8(log.0.lock().expect("nobody panics").clone()).expect("text");
        match logged {
            None => assert_eq!(text, "", "{path}"),
            Some(cause) => {
                for word in ["ERROR", cause, "get_label", "r17"] {
                    assert!(text.contains(word), "{path}: {word} is not in {text}");
                }
            }
        }
    }
}
