//! The whole API, driven with arbitrary requests: no answer is a fault of the server, every refusal has
//! its envelope, and what is given out under a digest has that digest.
//!
//! An input is text, so that it can be written by hand: requests, separated by lines of `---`. A request is
//! a line of method and path, lines of headers, an empty line, a body. A path that begins with `@` goes on
//! where the last `Location` ended.

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt as _;
use registry_protocol::Digest;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::block_on;

/// So many requests are sent at most.
const REQUESTS: usize = 16;

/// In memory, so that nothing can fail but by a mistake.
const CONFIGURATION: &str = "version: 0.1\nstorage: {inmemory: {}, delete: {enabled: true}}\n";

/// Sends the requests of an input to a new registry.
pub fn requests(bytes: &[u8]) {
    block_on(async {
        let config = registry::config::parse(CONFIGURATION, "fuzz.yml");
        let config = config.expect("the configuration is a good one").config;
        let router = registry::router(&config).await;
        let router = router.expect("a storage in memory can be opened");
        let mut location = String::new();
        for request in split(bytes, b"\n---\n").take(REQUESTS) {
            let Some(request) = parse(request, &location) else {
                continue;
            };
            if let Some(next) = ask(&router, request).await {
                location = next;
            }
        }
    });
}

/// The pieces between separators.
fn split<'b>(bytes: &'b [u8], separator: &'static [u8]) -> impl Iterator<Item = &'b [u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let bytes = rest?;
        let at = bytes
            .windows(separator.len())
            .position(|it| it == separator);
        rest = at.map(|at| &bytes[at + separator.len()..]);
        Some(&bytes[..at.unwrap_or(bytes.len())])
    })
}

/// A request, unless it is one that never comes as far as the router.
fn parse(bytes: &[u8], location: &str) -> Option<Request<Bytes>> {
    let mut parts = split(bytes, b"\n\n");
    let head = String::from_utf8_lossy(parts.next()?).into_owned();
    let body = bytes.get(head.len() + 2..).unwrap_or_default();
    let mut lines = head.lines();
    let (method, target) = lines.next()?.split_once(' ')?;
    let target = match target.strip_prefix('@') {
        Some(rest) => format!("{location}{rest}"),
        None => target.to_owned(),
    };
    let mut request = Request::new(Bytes::copy_from_slice(body));
    *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
    *request.uri_mut() = Uri::try_from(target).ok()?;
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let value = HeaderValue::from_str(value.trim()).ok()?;
        request.headers_mut().append(name, value);
    }
    // The length is that of the body: hyper sees to it.
    request.headers_mut().remove(CONTENT_LENGTH);
    if !request.headers().contains_key(TRANSFER_ENCODING) && !body.is_empty() {
        let length = HeaderValue::from(body.len());
        request.headers_mut().insert(CONTENT_LENGTH, length);
    }
    Some(request)
}

/// Sends a request and judges the answer; gives the `Location` in it.
async fn ask(router: &Router, request: Request<Bytes>) -> Option<String> {
    let (parts, body) = request.into_parts();
    let sent = Request::from_parts(parts.clone(), Body::from(body));
    let answer = router.clone().oneshot(sent).await;
    let (head, body) = answer.unwrap_or_else(|never| match never {}).into_parts();
    let body = body.collect().await;
    let body = body.expect("what lies in memory can be read").to_bytes();
    let answer = Response::from_parts(head, body);
    judge(&parts, &answer);
    let location = answer.headers().get(LOCATION)?.to_str().ok()?;
    Some(location.to_owned())
}

fn judge(request: &Parts, answer: &Response<Bytes>) {
    let (status, body) = (answer.status(), answer.body());
    let what = format!("{} {}: {answer:?}", request.method, request.uri);
    assert!(!status.is_server_error(), "{what}");
    let is_head = request.method == Method::HEAD;
    if is_head || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        assert!(body.is_empty(), "{what}");
        return;
    }
    if let Some(length) = answer.headers().get(CONTENT_LENGTH) {
        assert_eq!(
            length.to_str().ok(),
            Some(&*body.len().to_string()),
            "{what}"
        );
    }
    if status.is_client_error() {
        assert!(is_envelope(answer), "{what}");
    }
    let digest = answer.headers().get("docker-content-digest");
    let digest = digest.and_then(|it| Digest::parse(it.to_str().ok()?).ok());
    if let Some(digest) = digest
        && request.method == Method::GET
        && status == StatusCode::OK
    {
        let kind = digest.kind().expect("what is stored has a known hash");
        assert_eq!(Digest::of(kind, body), digest, "{what}");
    }
}

/// Whether an answer says what went wrong, in the form that clients read.
fn is_envelope(answer: &Response<Bytes>) -> bool {
    let media_type = answer.headers().get(CONTENT_TYPE);
    let is_json = media_type.is_some_and(|it| it.as_bytes().starts_with(b"application/json"));
    let Ok(document) = serde_json::from_slice::<Value>(answer.body()) else {
        return false;
    };
    let errors = document.get("errors").and_then(Value::as_array);
    let is_text = |error: &Value, key| error.get(key).is_some_and(Value::is_string);
    is_json
        && errors.is_some_and(|errors| {
            let mut all = errors.iter();
            !errors.is_empty() && all.all(|it| is_text(it, "code") && is_text(it, "message"))
        })
}
