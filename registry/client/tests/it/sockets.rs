//! Logging in over real connections: a registry, a token service and a storage, each on a port of its own.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::AUTHORIZATION;
use registry_client::{AuthError, Credentials, Digest, Error, Registry};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::served::name;

/// A server that answers as a function does, until it is dropped.
struct Host {
    origin: String,
    /// Path and query of each request, and what it was shown.
    seen: Arc<Mutex<Vec<(String, String)>>>,
    running: JoinHandle<()>,
}

impl Host {
    async fn new(answer: impl Fn(&str, &str) -> Response + Clone + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let see = Arc::clone(&seen);
        let service = axum::Router::new().fallback(move |request: Request| {
            let shown = request.headers().get(AUTHORIZATION);
            let shown = shown.map_or("", |value| value.to_str().unwrap()).to_owned();
            let path = request.uri().to_string();
            let response = answer(&path, &shown);
            see.lock().unwrap().push((path, shown));
            async move { response }
        });
        let running = tokio::spawn(async move {
            axum::serve(listener, service).await.unwrap();
        });
        Self {
            origin,
            seen,
            running,
        }
    }

    fn seen(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.running.abort();
    }
}

fn answer(status: u16, header: (&str, &str), body: &'static str) -> Response {
    let response = Response::builder()
        .status(status)
        .header(header.0, header.1);
    response.body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn credentials_reach_the_allowed_token_service_and_nobody_else() {
    let storage = Host::new(|_, _| answer(200, ("x", "y"), "0123456789")).await;
    let login = Host::new(|_, _| answer(200, ("x", "y"), r#"{"token": "t"}"#)).await;
    let (stored, realm) = (storage.origin.clone(), login.origin.clone());
    let server = Host::new(move |_, shown| {
        if shown == "Bearer t" {
            return answer(307, ("location", &format!("{stored}/signed")), "");
        }
        let challenge = format!(r#"Bearer realm="{realm}/token",service="r""#);
        answer(401, ("www-authenticate", &challenge), "")
    })
    .await;
    let builder =
        || Registry::builder(&server.origin).credentials(Credentials::basic("me", "secret"));
    let digest = Digest::sha256(b"0123456789");

    // Another port is another origin.
    let closed = builder().build().unwrap();
    let error = closed.pull_blob(&name("a"), &digest).await.unwrap_err();
    assert!(
        matches!(error, Error::Auth(AuthError::ForeignRealm { .. })),
        "{error}"
    );
    assert_eq!(login.seen(), []);
    server.seen();

    let open = builder().allow_realm(&login.origin).build().unwrap();
    let stream = open.pull_blob(&name("a"), &digest).await.unwrap();
    assert_eq!(stream.bytes(10).await.unwrap(), "0123456789");
    let path = format!("/v2/a/blobs/{digest}");
    let shown = |path: &str, shown: &str| (path.to_owned(), shown.to_owned());
    assert_eq!(server.seen(), [shown(&path, ""), shown(&path, "Bearer t")]);
    let token = "/token?service=r&scope=repository%3Aa%3Apull&account=me";
    assert_eq!(login.seen(), [shown(token, "Basic bWU6c2VjcmV0")]);
    assert_eq!(storage.seen(), [shown("/signed", "")]);
}
