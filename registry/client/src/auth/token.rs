//! Asks a token service for a token.
//!
//! Two protocols exist. With an identity token it is OAuth 2, a POST of a form; otherwise a GET with the
//! scopes in its query, and Basic credentials if there are any. Redirects are not followed: the realm is
//! where credentials may go, not what it points to.

use std::time::Duration;

use api_runtime::client::{Transport, TransportError, TransportErrorKind};
use api_runtime::{Body, CollectError};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Method, Request};
use reqwest::Url;
use serde::Deserialize;

use super::scope::Scopes;
use super::{AuthError, Credentials, basic};
use crate::secret::Secret;

/// What a token lives where its service does not say.
const LIFE: Duration = Duration::from_mins(1);

/// The longest life that is believed.
const LONGEST: Duration = Duration::from_hours(24);

/// The longest answer of a token service, in bytes.
const ANSWER_LIMIT: u64 = 1 << 20;

/// What this program is called there.
const CLIENT_ID: &str = "registry-client";

/// What makes one token another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wanted {
    pub(crate) realm: String,
    pub(crate) service: Option<String>,
    pub(crate) scopes: Scopes,
}

/// A token, and until when it is used.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) secret: Secret,
    until: Duration,
    /// What is to be shown next time in place of the identity token.
    pub(crate) renewed: Option<Secret>,
}

impl Token {
    /// A token that nobody said the life of.
    pub(crate) fn given(secret: Secret, now: Duration) -> Self {
        Self {
            secret,
            until: now + LIFE,
            renewed: None,
        }
    }

    pub(crate) fn is_fresh(&self, now: Duration) -> bool {
        now < self.until
    }
}

#[derive(Deserialize)]
struct Answer {
    token: Option<Secret>,
    access_token: Option<Secret>,
    refresh_token: Option<Secret>,
    expires_in: Option<f64>,
}

/// Asks `realm`, which may be asked. `now` is before the request, since the token's life counts from
/// some moment during it.
pub(crate) async fn ask<T: Transport>(
    transport: &T,
    realm: Url,
    wanted: &Wanted,
    credentials: &Credentials,
    now: Duration,
) -> Result<Token, AuthError> {
    let request = match credentials {
        Credentials::IdentityToken(token) => oauth2(&realm, wanted, token),
        _ => query(realm, wanted, credentials),
    };
    let failed = |error| AuthError::Transport(std::sync::Arc::new(error));
    let answer = transport.send(request.map_err(failed)?).await;
    let answer = answer.map_err(failed)?;
    let status = answer.status().as_u16();
    if status != 200 {
        return Err(AuthError::Refused { status });
    }
    let body = answer.into_body().collect(ANSWER_LIMIT).await;
    let body = body.map_err(|error| match error {
        CollectError::Io(error) => {
            failed(TransportError::new(TransportErrorKind::Interrupted, error))
        }
        CollectError::TooLarge { .. } => AuthError::NoToken("too many bytes"),
    })?;
    let answer: Answer =
        serde_json::from_slice(&body).map_err(|_| AuthError::NoToken("no JSON that is known"))?;
    read(answer, now)
}

fn read(answer: Answer, now: Duration) -> Result<Token, AuthError> {
    let tokens = [answer.token, answer.access_token];
    let secret = tokens
        .into_iter()
        .flatten()
        .find(|token| !token.expose().is_empty())
        .ok_or(AuthError::NoToken("no token in it"))?;
    let life = match answer.expires_in {
        Some(seconds) => Duration::try_from_secs_f64(seconds).unwrap_or_default(),
        None => LIFE,
    };
    let life = life.min(LONGEST);
    // A request that begins just before the end must arrive before it.
    let margin = (life / 10).min(Duration::from_secs(10));
    Ok(Token {
        secret,
        until: now + life.saturating_sub(margin),
        renewed: answer.refresh_token,
    })
}

fn query(
    mut realm: Url,
    wanted: &Wanted,
    credentials: &Credentials,
) -> Result<Request<Body>, TransportError> {
    {
        let mut query = realm.query_pairs_mut();
        if let Some(service) = &wanted.service {
            query.append_pair("service", service);
        }
        for scope in wanted.scopes.texts() {
            query.append_pair("scope", &scope);
        }
        if let Credentials::Basic { user, .. } = credentials {
            query.append_pair("account", user);
        }
    }
    let mut request = request(Method::GET, &realm, Body::empty())?;
    if let Credentials::Basic { user, password } = credentials {
        request
            .headers_mut()
            .insert(AUTHORIZATION, basic(user, password)?);
    }
    Ok(request)
}

fn oauth2(realm: &Url, wanted: &Wanted, token: &Secret) -> Result<Request<Body>, TransportError> {
    let mut form = reqwest::Url::parse("form:").map_err(unsendable)?;
    form.query_pairs_mut()
        .append_pair("grant_type", "refresh_token")
        .append_pair("client_id", CLIENT_ID)
        .append_pair("service", wanted.service.as_deref().unwrap_or_default())
        .append_pair("scope", &wanted.scopes.texts().join(" "))
        .append_pair("refresh_token", token.expose());
    let form = form.query().unwrap_or_default().to_owned();
    let length = HeaderValue::from(form.len());
    let mut request = request(Method::POST, realm, Body::from(form))?;
    let headers = request.headers_mut();
    headers.insert(CONTENT_LENGTH, length);
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    Ok(request)
}

fn request(method: Method, url: &Url, body: Body) -> Result<Request<Body>, TransportError> {
    let mut url = url.clone();
    url.set_fragment(None);
    Request::builder()
        .method(method)
        .uri(url.as_str())
        .header(ACCEPT, "application/json")
        .body(body)
        .map_err(unsendable)
}

fn unsendable(error: impl std::error::Error + Send + Sync + 'static) -> TransportError {
    TransportError::new(TransportErrorKind::Request, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(answer: &str) -> Result<u64, AuthError> {
        let answer = serde_json::from_str(answer).unwrap();
        let now = Duration::from_secs(1000);
        Ok(read(answer, now)?.until.saturating_sub(now).as_secs())
    }

    #[test]
    fn a_token_is_renewed_a_little_before_its_end() {
        assert_eq!(life(r#"{"token": "t", "expires_in": 300}"#).unwrap(), 290);
        assert_eq!(
            life(r#"{"access_token": "t", "expires_in": 10}"#).unwrap(),
            9
        );
        assert_eq!(life(r#"{"token": "t"}"#).unwrap(), 54);
    }

    #[test]
    fn no_life_can_be_said_that_breaks_anything() {
        for seconds in ["0", "-1", "1e300", "-1e300"] {
            let life = life(&format!(r#"{{"token": "t", "expires_in": {seconds}}}"#));
            assert!(life.unwrap() <= LONGEST.as_secs(), "{seconds}");
        }
    }

    #[test]
    fn an_answer_without_a_token_is_an_error() {
        for answer in [
            "{}",
            r#"{"token": ""}"#,
            r#"{"token": null, "access_token": ""}"#,
        ] {
            assert!(
                matches!(life(answer), Err(AuthError::NoToken(_))),
                "{answer}"
            );
        }
    }
}
