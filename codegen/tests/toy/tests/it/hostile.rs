//! Bytes of nobody's making: whatever comes in, an answer of the API goes out.

use axum::body::Body;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use tower::ServiceExt as _;

use super::library::{Library, Porter};

/// Numbers that look like chance and are the same every time (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap_or_default() % limit
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }
}

const METHODS: [&str; 8] = [
    "GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "BREW",
];
const PIECES: [&str; 26] = [
    "/",
    "//",
    "shelves",
    "books",
    "scans",
    "labels",
    "covers",
    "search",
    "a",
    "UPPER",
    "annals",
    "0f",
    ":lend",
    "%2F",
    "%",
    "%ff",
    "%00",
    "%2e%2e",
    "..",
    "panic",
    "broken",
    "9780140449082",
    "?",
    "&",
    "id=1",
    "n=18446744073709551616",
];
const PATHS: [&str; 10] = [
    "/shelves",
    "/shelves?n=2&last=a",
    "/labels/a",
    "/labels/panic",
    "/covers/a",
    "/search",
    "/shelves/a/books/annals",
    "/shelves/a/books/annals:lend",
    "/shelves/a/scans/?id=1",
    "/shelves/a/scans/0f",
];
const HEADERS: [(&str, &[&str]); 9] = [
    ("authorization", &["Bearer all", "Bearer x", ""]),
    (
        "content-type",
        &[
            "application/json",
            "text/plain",
            "image/",
            ";",
            "application/x-www-form-urlencoded",
        ],
    ),
    (
        "range",
        &[
            "bytes=0-",
            "bytes=-",
            "bytes=9-1",
            "bytes=18446744073709551616-",
            "x",
        ],
    ),
    (
        "if-range",
        &["\"", "W/\"\"", "Sun, 06 Nov 1994 08:49:37 GMT"],
    ),
    ("if-none-match", &["*", "\"a\", \"", "W/", ","]),
    ("if-match", &["*", "\"\""]),
    ("x-reader", &["", "a", "a very long name"]),
    ("x-meta-", &["", "x"]),
    ("content-length", &["0", "5", "99999999999999999999"]),
];
const BODIES: [&str; 7] = [
    "",
    "{",
    "{}",
    "[[[[[[[[",
    "words=%",
    "{\"title\":null}",
    "\u{feff}{}",
];

fn request(chance: &mut Chance) -> Option<Request<Body>> {
    let mut path = match chance.below(3) {
        0 => String::from("/"),
        _ => chance.pick(&PATHS).to_owned(),
    };
    for _ in 0..chance.below(6) / 2 * chance.below(4) {
        path.push_str(chance.pick(&PIECES));
        if chance.below(3) > 0 {
            path.push('/');
        }
    }
    let uri: Uri = path.parse().ok()?;
    let mut request = Request::new(Body::from(chance.pick(&BODIES)));
    *request.uri_mut() = uri;
    *request.method_mut() = Method::from_bytes(chance.pick(&METHODS).as_bytes()).ok()?;
    for _ in 0..chance.below(5) {
        let (name, values) = HEADERS[chance.below(HEADERS.len())];
        let value = HeaderValue::from_static(chance.pick(values));
        request
            .headers_mut()
            .append(HeaderName::from_static(name), value);
    }
    Some(request)
}

#[tokio::test]
async fn whatever_comes_in_is_answered_in_the_words_of_the_api() {
    let library = Library::default();
    let router = toy::server::router(library.clone(), Porter(library.clone()));
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut sent, mut good) = (0, 0);
    while sent < 20_000 {
        let Some(request) = request(&mut chance) else {
            continue;
        };
        sent += 1;
        let what = format!(
            "{} {} {:?}",
            request.method(),
            request.uri(),
            request.headers()
        );
        let is_head = request.method() == Method::HEAD;
        let Ok(response) = router.clone().oneshot(request).await;
        assert_eq!(response.headers()["x-library"], "toy/1", "{what}");
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .expect("a body");
        if is_head {
            assert!(body.is_empty(), "{what}");
        } else if status.is_client_error() || status.is_server_error() {
            let body: serde_json::Value =
                serde_json::from_slice(&body).unwrap_or_else(|_| panic!("{what}"));
            assert!(body["errors"][0]["code"].is_string(), "{what}: {body}");
        } else {
            good += 1;
        }
    }
    assert!(good > 100, "only {good} requests of {sent} make sense");
}
