//! What a registry demands in `WWW-Authenticate`, as its client reads it; and where credentials go then.

use std::sync::{Arc, Mutex, PoisonError};

use api_runtime::{Body, form};
use bytes::Bytes;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, Request, Response};
use registry_client::runtime::{Transport, TransportError};
use registry_client::{Credentials, Registry, RetryPolicy};

use crate::block_on;

const HOME: &str = "https://r.example";

/// The user's name, and what must reach nobody but the registry.
const USER: &str = "me";
const SECRET: &str = "canary";

/// The longest value that is put into a URL.
const LONGEST: usize = 1000;

/// Each line is a field of the header. Then the first two are put where they mean something: they are service
/// and scope of a challenge in the way of the grammar, and whatever stands behind it hides nothing of it.
pub fn challenges(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let fields: Vec<&str> = text.lines().take(16).collect();
    let identity = Credentials::IdentityToken(SECRET.to_owned().into());
    for credentials in [Credentials::basic(USER, SECRET.to_owned()), identity] {
        let Some(server) = Server::new(&fields) else {
            return;
        };
        server.check(credentials);
    }
    if let [service, scope, ..] = fields[..] {
        well_formed(&shortened(service), &shortened(scope), &fields);
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

fn well_formed(service: &str, scope: &str, behind: &[&str]) {
    let [quoted_service, quoted_scope] = [service, scope].map(quoted);
    let challenge =
        format!("Bearer realm=\"{HOME}/token\",service={quoted_service} , scope={quoted_scope}");
    let first = format!("{challenge}, {}", behind[0]);
    let fields: Vec<&str> = [first.as_str()]
        .into_iter()
        .chain(behind.iter().copied())
        .collect();
    let Some(server) = Server::new(&fields) else {
        return;
    };
    let asked = server.check(Credentials::basic(USER, SECRET.to_owned()));
    let [_, token, _] = &asked[..] else {
        panic!("{challenge}: {asked:?}")
    };
    let (path, query) = token.split_once('?').unwrap_or((token, ""));
    assert_eq!(path, "/token");
    let query: Vec<(String, String)> =
        form::from_bytes(query.as_bytes()).expect("the client writes a query");
    let all = |name: &str| {
        let values = query.iter().filter(|(key, _)| key == name);
        values.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    assert_eq!(all("service"), [service]);
    assert_eq!(all("account"), [USER]);
    let scopes = all("scope");
    for wanted in scope.split_ascii_whitespace() {
        assert!(is_among(wanted, &scopes), "{wanted}: {scopes:?}");
    }
}

/// As a quoted string of HTTP.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// Whether all actions of a scope are asked for; what has no actions is none.
fn is_among(scope: &str, scopes: &[String]) -> bool {
    let Some((resource, actions)) = scope.rsplit_once(':') else {
        return true;
    };
    let of_resource = scopes.iter().find_map(|one| {
        let (other, actions) = one.rsplit_once(':')?;
        (other == resource).then_some(actions)
    });
    let asked: Vec<&str> = of_resource
        .into_iter()
        .flat_map(|all| all.split(','))
        .collect();
    actions
        .split(',')
        .all(|action| asked.contains(&action) || action.is_empty())
}

/// A registry that demands a login, with its own token service at every path that says nothing of a login.
#[derive(Clone)]
struct Server {
    fields: Vec<HeaderValue>,
    /// Path and query of each request.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// None where HTTP has no such fields.
    fn new(fields: &[&str]) -> Option<Self> {
        let fields = fields
            .iter()
            .map(|field| HeaderValue::from_bytes(field.as_bytes()).ok());
        Some(Self {
            fields: fields.collect::<Option<_>>()?,
            asked: Arc::default(),
        })
    }

    /// What a client asks that wants to know whether this is a registry.
    fn check(self, credentials: Credentials) -> Vec<String> {
        let registry = Registry::builder(HOME)
            .credentials(credentials)
            .retries(RetryPolicy::never())
            .build_with(self.clone());
        let registry = registry.expect("the URL is a good one");
        let _ = block_on(registry.check());
        let asked = std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner));
        // One more with the login, and in between one for a token.
        assert!(asked.len() <= 3, "{asked:?}");
        asked
    }
}

impl Transport for Server {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (head, _) = request.into_parts();
        let origin = (
            head.uri.scheme_str(),
            head.uri.authority().map(http::uri::Authority::as_str),
        );
        assert_eq!(origin, (Some("https"), Some("r.example")), "{}", head.uri);
        let asked = head
            .uri
            .path_and_query()
            .map_or("/", |asked| asked.as_str());
        assert!(!asked.contains(SECRET), "{asked}");
        let is_first = {
            let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(asked.to_owned());
            all.len() == 1
        };
        assert!(!is_first || !head.headers.contains_key(AUTHORIZATION));
        let mut answer = Response::new(Body::from(Bytes::from_static(br#"{"token":"t"}"#)));
        if is_first {
            *answer.status_mut() = http::StatusCode::UNAUTHORIZED;
            for field in &self.fields {
                answer.headers_mut().append(WWW_AUTHENTICATE, field.clone());
            }
        }
        Ok(answer)
    }
}
