//! The documents of an API, served beside it.
//!
//! They are part of the program, rendered when it was built, so they say what this very program does.
//! Redirects are relative, as somebody else may have put a path before this one.

use std::future::ready;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::{MethodRouter, get};
use http::header::{CONTENT_TYPE, LOCATION, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};

/// The page for browsers.
const PAGE: &str = "html/index.html";

/// A rendered document.
#[derive(Clone, Copy, Debug)]
pub struct Document {
    /// Its path below the others: `html/index.html`.
    pub name: &'static str,
    /// What it says.
    pub content: &'static [u8],
}

/// Serves documents below `prefix` (`/docs`), which itself leads to the page for browsers.
pub fn documents(prefix: &str, files: &'static [Document]) -> Router {
    let prefix = prefix.trim_end_matches('/');
    let page = files.iter().find(|file| file.name == PAGE);
    let page = page.or(files.first()).map_or("", |file| file.name);
    let page = page.strip_suffix("index.html").unwrap_or(page);
    let fetch = move |Path(name): Path<String>| ready(document(&name, files));
    let router = Router::new()
        .route(&format!("{prefix}/"), leading_to(page.to_owned()))
        .route(&format!("{prefix}/{{*name}}"), get(fetch));
    match prefix.rsplit_once('/') {
        Some((_, folder)) => router.route(prefix, leading_to(format!("{folder}/{page}"))),
        None => router,
    }
}

fn leading_to(place: String) -> MethodRouter {
    get(move || {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::TEMPORARY_REDIRECT;
        if let Ok(place) = HeaderValue::try_from(&place) {
            answer.headers_mut().insert(LOCATION, place);
        }
        ready(answer)
    })
}

fn document(name: &str, files: &[Document]) -> Response<Body> {
    let is_meant = |file: &&Document| {
        let rest = file.name.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || (name.ends_with('/') && rest == "index.html"))
    };
    let Some(file) = files.iter().find(is_meant) else {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::NOT_FOUND;
        return answer;
    };
    let mut answer = Response::new(Body::from(file.content));
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(media_type(file.name)),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

/// By the ending of a name.
fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("md") => "text/markdown; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("yaml") => "application/yaml",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    const FILES: &[Document] = &[
        Document {
            name: "api.md",
            content: b"# A",
        },
        Document {
            name: "html/index.html",
            content: b"<p>A",
        },
    ];

    /// Status, place or media type, and body.
    async fn answer(router: Router, path: &str) -> (u16, String, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let of = answer
            .headers()
            .get(LOCATION)
            .or(answer.headers().get(CONTENT_TYPE));
        let of = of
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, of, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_prefix_leads_to_the_page_and_names_to_their_documents() {
        for (prefix, path, expected) in [
            ("/docs", "/docs", (307, "docs/html/", "")),
            ("/docs/", "/docs/", (307, "html/", "")),
            ("/a/docs", "/a/docs", (307, "docs/html/", "")),
            (
                "/docs",
                "/docs/html/",
                (200, "text/html; charset=utf-8", "<p>A"),
            ),
            (
                "/docs",
                "/docs/html/index.html",
                (200, "text/html; charset=utf-8", "<p>A"),
            ),
            (
                "/docs",
                "/docs/api.md",
                (200, "text/markdown; charset=utf-8", "# A"),
            ),
            ("/docs", "/docs/api.m", (404, "", "")),
            ("/docs", "/docs/html", (404, "", "")),
            ("", "/", (307, "html/", "")),
            ("", "/api.md", (200, "text/markdown; charset=utf-8", "# A")),
        ] {
            let (status, of, body) = answer(documents(prefix, FILES), path).await;
            assert_eq!(
                (status, of.as_str(), body.as_str()),
                expected,
                "{prefix} {path}"
            );
        }
    }

    #[tokio::test]
    async fn without_a_page_the_first_document_stands_for_it() {
        let (status, place, _) = answer(documents("/docs", &FILES[..1]), "/docs").await;
        assert_eq!((status, place.as_str()), (307, "docs/api.md"));
        assert_eq!(answer(documents("/docs", &[]), "/docs/x").await.0, 404);
    }
}
