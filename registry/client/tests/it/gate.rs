//! A gate in front of the real server that lets through who has a token, and the service that gives them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use http::header::{AUTHORIZATION, HOST};
use http::{Method, Request, Response, Uri};
use registry_client::Body;
use registry_client::runtime::{HttpTransport, Transport, TransportError};

use crate::script::answer;

/// `https://gate.example`, and its token service `https://login.example`.
#[derive(Clone)]
pub(crate) struct Gate {
    server: String,
    line: HttpTransport,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
pub(crate) struct State {
    /// Tokens, with their scopes and how often each may still be used.
    tokens: BTreeMap<String, (Vec<String>, usize)>,
    /// What the service was asked, and what it was shown.
    pub(crate) asked: Vec<(String, String)>,
    /// Requests that did not get through.
    pub(crate) refused: usize,
    /// How often a token may be used.
    pub(crate) uses: usize,
}

impl Gate {
    pub(crate) fn to(server: &str, uses: usize) -> Self {
        let state = State {
            uses,
            ..State::default()
        };
        Self {
            server: server.to_owned(),
            line: HttpTransport::new().unwrap(),
            state: Arc::new(Mutex::new(state)),
        }
    }

    pub(crate) fn state<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut self.state.lock().unwrap())
    }

    /// Whether the request may pass.
    fn lets_in(&self, request: &Request<Body>) -> bool {
        let shown = shown(request);
        let path = request.uri().path().trim_start_matches("/v2/");
        let name = ["/manifests/", "/blobs/", "/tags/"]
            .iter()
            .find_map(|part| path.split_once(part))
            .map(|(name, _)| name);
        let action = match *request.method() {
            Method::GET | Method::HEAD => "pull",
            Method::DELETE if !path.contains("/uploads/") => "delete",
            _ => "push",
        };
        self.state(|state| {
            let token = shown.strip_prefix("Bearer ").unwrap_or_default();
            let Some((scopes, uses @ 1..)) = state.tokens.get_mut(token) else {
                return false;
            };
            *uses -= 1;
            let Some(name) = name else {
                return true;
            };
            scopes.iter().any(|scope| {
                let actions = scope.strip_prefix(&format!("repository:{name}:"));
                actions.is_some_and(|actions| actions.split(',').any(|one| one == action))
            })
        })
    }

    fn give(&self, request: &Request<Body>) -> Response<Body> {
        let query = request.uri().query().unwrap_or_default();
        let shown = shown(request);
        self.state(|state| {
            state.asked.push((query.to_owned(), shown.clone()));
            // Base64 of `me:secret`.
            if shown != "Basic bWU6c2VjcmV0" {
                return answer(401, &[], "");
            }
            let scopes = query
                .split('&')
                .filter_map(|pair| pair.strip_prefix("scope="));
            let scopes = scopes.map(|scope| {
                let scope = scope.replace("%3A", ":").replace("%2C", ",");
                scope.replace("%2F", "/")
            });
            let token = format!("t{}", state.asked.len());
            state
                .tokens
                .insert(token.clone(), (scopes.collect(), state.uses));
            answer(
                200,
                &[],
                format!(r#"{{"token": "{token}", "expires_in": 300}}"#),
            )
        })
    }
}

impl Transport for Gate {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        if request.uri().host() == Some("login.example") {
            return Ok(self.give(&request));
        }
        assert_eq!(request.uri().host(), Some("gate.example"));
        if !self.lets_in(&request) {
            self.state(|state| state.refused += 1);
            let challenge = r#"Bearer realm="https://login.example/token",service="gate""#;
            return Ok(answer(401, &[("www-authenticate", challenge)], ""));
        }
        let (mut parts, body) = request.into_parts();
        parts.headers.remove(AUTHORIZATION);
        parts.headers.remove(HOST);
        let path = parts.uri.path_and_query().unwrap();
        parts.uri = format!("http://{}{path}", self.server)
            .parse::<Uri>()
            .unwrap();
        self.line.send(Request::from_parts(parts, body)).await
    }
}

fn shown(request: &Request<Body>) -> String {
    let shown = request.headers().get(AUTHORIZATION);
    let shown = shown.map(|value| value.to_str().unwrap().to_owned());
    shown.unwrap_or_default()
}
