//! Logging in, against a registry and a token service that are one function.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use reqwest::Url;

use super::*;
use crate::testing::{Script, Seen, TestClock, answer, request};

const HOME: &str = "https://r.example";
const TAGS: &str = "https://r.example/v2/a/tags/list";
const PULL: &str = "repository:a:pull";

struct Login {
    auth: Auth<Script>,
    script: Script,
    clock: Arc<TestClock>,
}

/// Logs in where a registry answers as `answer` does. `https://login.example` is allowed.
fn login(
    credentials: impl CredentialProvider,
    answer: impl Fn(&Seen) -> Response<Body> + Send + Sync + 'static,
) -> Login {
    let script = Script::new(move |seen| Ok(answer(seen)));
    let clock = Arc::new(TestClock::default());
    let url = |text| Url::parse(text).unwrap();
    let realms = Realms::new(url(HOME), vec![url("https://login.example")]);
    let auth = Auth::new(script.clone(), realms, Arc::new(credentials), clock.clone());
    Login {
        auth,
        script,
        clock,
    }
}

impl Login {
    async fn get(&self, url: &str, access: &[&str]) -> Result<u16, AuthError> {
        self.send(request("GET", url, access)).await
    }

    async fn send(&self, request: Request<Body>) -> Result<u16, AuthError> {
        let answer = self.auth.send(request).await;
        answer
            .map(|answer| answer.status().as_u16())
            .map_err(|error| {
                let source = std::error::Error::source(&error).unwrap();
                source.downcast_ref::<AuthError>().unwrap().clone()
            })
    }

    /// What was asked since the last look: method, URL, and what was shown.
    fn seen(&self) -> Vec<String> {
        let seen = self.script.seen().into_iter();
        seen.map(|seen| {
            let shown = seen.authorization.unwrap_or_else(|| "nothing".to_owned());
            format!("{} with {shown}", seen.line)
        })
        .collect()
    }
}

fn challenged(realm: &str, more: &str) -> Response<Body> {
    let field = format!(r#"Bearer realm="{realm}",service="the registry"{more}"#);
    answer(401, &[("www-authenticate", &field)], "")
}

/// A registry that takes every token but those in `refused`, and a token service that numbers them.
fn numbered(realm: &'static str, refused: &'static [&str]) -> impl Fn(&Seen) -> Response<Body> {
    let issued = AtomicU32::new(0);
    move |seen| {
        if seen.line.contains("/token") {
            let number = issued.fetch_add(1, Ordering::Relaxed) + 1;
            let token = format!(r#"{{"token": "t{number}", "expires_in": 300}}"#);
            return answer(200, &[], &token);
        }
        match seen
            .authorization
            .as_deref()
            .and_then(|shown| shown.strip_prefix("Bearer "))
        {
            Some(token) if !refused.contains(&token) => answer(200, &[], ""),
            _ => challenged(realm, ""),
        }
    }
}

const ASKED: &str = "GET https://r.example/token?service=the+registry&scope=repository%3Aa%3Apull";

#[tokio::test]
async fn the_scope_is_that_of_the_descriptor_and_the_token_is_kept() {
    let login = login(
        Credentials::Anonymous,
        numbered("https://r.example/token", &[]),
    );
    assert_eq!(login.get(TAGS, &[PULL]).await.unwrap(), 200);
    assert_eq!(
        login.seen(),
        [
            format!("GET {TAGS} with nothing"),
            format!("{ASKED} with nothing"),
            format!("GET {TAGS} with Bearer t1"),
        ]
    );
    // From then on each request has a token from the start, one for each set of scopes.
    assert_eq!(login.get(TAGS, &[PULL]).await.unwrap(), 200);
    assert_eq!(login.seen(), [format!("GET {TAGS} with Bearer t1")]);
    let access = ["repository:a:pull,push", "repository:b:pull"];
    assert_eq!(login.get(TAGS, &access).await.unwrap(), 200);
    let asked = "scope=repository%3Aa%3Apull%2Cpush&scope=repository%3Ab%3Apull";
    assert_eq!(
        login.seen(),
        [
            format!("GET https://r.example/token?service=the+registry&{asked} with nothing"),
            format!("GET {TAGS} with Bearer t2"),
        ]
    );
}

#[tokio::test]
async fn those_who_want_one_token_share_one_request() {
    let login = login(
        Credentials::Anonymous,
        numbered("https://r.example/token", &[]),
    );
    login.get(TAGS, &["repository:other:pull"]).await.unwrap();
    login.seen();
    let gets = (0..20).map(|_| login.get(TAGS, &[PULL]));
    for status in futures_util::future::join_all(gets).await {
        assert_eq!(status.unwrap(), 200);
    }
    let seen = login.seen();
    let asked = seen.iter().filter(|line| line.contains("/token"));
    assert_eq!((asked.count(), seen.len()), (1, 21));
}

#[tokio::test]
async fn a_token_that_is_over_is_renewed_before_it_is_used() {
    let login = login(
        Credentials::Anonymous,
        numbered("https://r.example/token", &[]),
    );
    login.get(TAGS, &[PULL]).await.unwrap();
    login.clock.advance(Duration::from_secs(289));
    login.seen();
    login.get(TAGS, &[PULL]).await.unwrap();
    assert_eq!(login.seen(), [format!("GET {TAGS} with Bearer t1")]);
    login.clock.advance(Duration::from_secs(1));
    login.get(TAGS, &[PULL]).await.unwrap();
    assert_eq!(
        login.seen(),
        [
            format!("{ASKED} with nothing"),
            format!("GET {TAGS} with Bearer t2"),
        ]
    );
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    let login = login(
        Credentials::Anonymous,
        numbered("https://r.example/token", &["t1", "t2", "t3", "t4"]),
    );
    // Each call ends after one more attempt, with the 401.
    assert_eq!(login.get(TAGS, &[PULL]).await.unwrap(), 401);
    assert_eq!(login.seen().len(), 3);
    assert_eq!(login.get(TAGS, &[PULL]).await.unwrap(), 401);
    let shown = |token| format!("GET {TAGS} with Bearer {token}");
    assert_eq!(
        login.seen(),
        [shown("t1"), format!("{ASKED} with nothing"), shown("t2")]
    );
}

#[tokio::test]
async fn what_a_challenge_wants_beyond_the_descriptor_is_asked_for_and_remembered() {
    let login = login(Credentials::Anonymous, |seen| {
        if seen.line.contains("/token") {
            let all = seen
                .line
                .contains("scope=repository%3Aa%3Apull&scope=repository%3Aproxied%2Fa%3Apull");
            return answer(
                200,
                &[],
                if all {
                    r#"{"token": "all"}"#
                } else {
                    r#"{"token": "some"}"#
                },
            );
        }
        match seen.authorization.as_deref() {
            Some("Bearer all") => answer(200, &[], ""),
            _ => challenged(
                "https://r.example/token",
                r#",scope="repository:proxied/a:pull""#,
            ),
        }
    });
    assert_eq!(login.get(TAGS, &[PULL]).await.unwrap(), 200);
    assert_eq!(login.seen().len(), 3);
    assert_eq!(login.get(TAGS, &[PULL]).await.unwrap(), 200);
    assert_eq!(login.seen(), [format!("GET {TAGS} with Bearer all")]);
}

#[tokio::test]
async fn a_password_goes_to_an_allowed_token_service_alone() {
    let credentials = || Credentials::basic("me", "secret");
    let allowed = login(credentials(), numbered("https://login.example/token", &[]));
    assert_eq!(allowed.get(TAGS, &[PULL]).await.unwrap(), 200);
    let query = "service=the+registry&scope=repository%3Aa%3Apull&account=me";
    assert_eq!(
        allowed.seen()[1],
        format!("GET https://login.example/token?{query} with Basic bWU6c2VjcmV0")
    );
    for realm in ["https://evil.example/token", "http://login.example/token"] {
        let foreign = login(credentials(), numbered(realm, &[]));
        let error = foreign.get(TAGS, &[PULL]).await.unwrap_err();
        assert!(matches!(error, AuthError::ForeignRealm { .. }), "{error}");
        // Nothing at all was sent there.
        assert_eq!(foreign.seen(), [format!("GET {TAGS} with nothing")]);
    }
}

#[tokio::test]
async fn basic_is_shown_when_the_registry_asks_for_it() {
    let taken = |seen: &Seen| match seen.authorization.as_deref() {
        Some("Basic bWU6c2VjcmV0") => answer(200, &[], ""),
        _ => answer(401, &[("www-authenticate", r#"Basic realm="r""#)], ""),
    };
    let right = login(Credentials::basic("me", "secret"), taken);
    assert_eq!(right.get(TAGS, &[PULL]).await.unwrap(), 200);
    assert_eq!(right.get(TAGS, &[PULL]).await.unwrap(), 200);
    assert_eq!(right.seen().len(), 3);
    // A password that is wrong is not shown twice in a row.
    let wrong = login(Credentials::basic("me", "guess"), taken);
    for expected in [2, 1] {
        assert_eq!(wrong.get(TAGS, &[PULL]).await.unwrap(), 401);
        assert_eq!(wrong.seen().len(), expected);
    }
    let nobody = login(Credentials::Anonymous, taken);
    assert_eq!(nobody.get(TAGS, &[PULL]).await.unwrap(), 401);
    assert_eq!(nobody.seen().len(), 1);
}

#[tokio::test]
async fn an_identity_token_is_posted_and_its_successor_is_shown_next_time() {
    let credentials = Credentials::IdentityToken(Secret::new("first"));
    let login = login(credentials, |seen| {
        if seen.line.starts_with("POST https://login.example/token") {
            let form = std::str::from_utf8(&seen.body).unwrap();
            let shown = form.rsplit("refresh_token=").next().unwrap();
            return answer(
                200,
                &[],
                &format!(r#"{{"access_token": "t", "refresh_token": "after-{shown}"}}"#),
            );
        }
        match seen.authorization {
            Some(_) => answer(200, &[], ""),
            None => challenged("https://login.example/token", ""),
        }
    });
    for name in ["a", "b", "c"] {
        let scope = format!("repository:{name}:pull,push");
        login.get(TAGS, &[&scope]).await.unwrap();
    }
    let seen = login.script.seen();
    let forms: Vec<&str> = seen
        .iter()
        .filter(|seen| seen.line.starts_with("POST"))
        .map(|seen| std::str::from_utf8(&seen.body).unwrap())
        .collect();
    let form = |name, token| {
        format!(
            "grant_type=refresh_token&client_id=registry-client&service=the+registry\
             &scope=repository%3A{name}%3Apull%2Cpush&refresh_token={token}"
        )
    };
    assert_eq!(
        forms,
        [
            form("a", "first"),
            form("b", "after-first"),
            form("c", "after-after-first"),
        ]
    );
}

#[test]
fn a_successor_that_comes_late_replaces_no_newer_one() {
    let token = |text: &str| Credentials::IdentityToken(Secret::new(text));
    let mut state = State::default();
    let mut renew = |asked, given: &str, shown: &str, renewed: &str| {
        let renewed = Some(Secret::new(renewed));
        state.renew(asked, token(given), token(shown), renewed);
        ["x", "y"].map(|given| match state.current(&token(given)) {
            Credentials::IdentityToken(current) => current.expose().to_owned(),
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(renew(2, "x", "x", "x1"), ["x1", "y"]);
    assert_eq!(renew(3, "x", "x1", "x2"), ["x2", "y"]);
    // To the first request, which was slower than two that began later.
    assert_eq!(renew(1, "x", "x", "late"), ["x2", "y"]);
    // Somebody has logged in anew.
    assert_eq!(renew(5, "y", "y", "y1"), ["x", "y1"]);
    assert_eq!(renew(4, "x", "x2", "late"), ["x", "y1"]);
}

/// Has an old password for whoever asks first, who gets it last.
#[derive(Debug, Default)]
struct Changing {
    asked: AtomicU32,
    changed: tokio::sync::Notify,
}

impl CredentialProvider for Arc<Changing> {
    fn credentials(
        &self,
        _origin: &str,
    ) -> futures_util::future::BoxFuture<
        '_,
        Result<Credentials, Box<dyn std::error::Error + Send + Sync>>,
    > {
        let is_first = self.asked.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            if is_first {
                self.changed.notified().await;
                return Ok(Credentials::basic("me", "old"));
            }
            Ok(Credentials::basic("me", "secret"))
        }
        .boxed()
    }
}

#[tokio::test]
async fn a_password_that_comes_late_replaces_no_newer_one() {
    let taken = |seen: &Seen| match seen.authorization.as_deref() {
        Some("Basic bWU6c2VjcmV0") => answer(200, &[], ""),
        _ => answer(401, &[("www-authenticate", r#"Basic realm="r""#)], ""),
    };
    let changing = Arc::new(Changing::default());
    let login = login(Arc::clone(&changing), taken);
    let second = async {
        let status = login.get(TAGS, &[PULL]).await.unwrap();
        changing.changed.notify_one();
        status
    };
    let (first, second) = futures_util::future::join(login.get(TAGS, &[PULL]), second).await;
    assert_eq!((first.unwrap(), second), (200, 200));
    assert_eq!(login.get(TAGS, &[PULL]).await.unwrap(), 200);
    assert_eq!(changing.asked.load(Ordering::Relaxed), 2);
}

#[test]
fn a_password_that_is_refused_late_takes_no_newer_one_with_it() {
    let password = |text: &str| ("me".to_owned(), Secret::new(text));
    let mut state = State::default();
    state.newest(1, password("old"));
    state.newest(2, password("new"));
    state.forget(&password("old"));
    assert_eq!(state.newest(1, password("old")), password("new"));
    state.forget(&password("new"));
    assert!(state.password.is_none());
}

/// Counts how often it is asked.
#[derive(Debug, Clone)]
struct Counting(Credentials, Arc<AtomicU32>);

impl CredentialProvider for Counting {
    fn credentials(
        &self,
        origin: &str,
    ) -> futures_util::future::BoxFuture<
        '_,
        Result<Credentials, Box<dyn std::error::Error + Send + Sync>>,
    > {
        assert_eq!(origin, HOME);
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.credentials(origin)
    }
}

#[tokio::test]
async fn credentials_are_asked_for_when_they_are_needed_and_no_more() {
    let asked = Arc::new(AtomicU32::new(0));
    let counting = Counting(Credentials::basic("me", "secret"), Arc::clone(&asked));
    let taken = |seen: &Seen| match seen.authorization.as_deref() {
        Some("Basic bWU6c2VjcmV0") => answer(200, &[], ""),
        _ => answer(401, &[("www-authenticate", "Basic")], ""),
    };
    let basic = login(counting.clone(), taken);
    let bearer = login(counting, numbered("https://r.example/token", &[]));
    for login in [basic, bearer] {
        for _ in 0..3 {
            assert_eq!(login.get(TAGS, &[PULL]).await.unwrap(), 200);
        }
        assert_eq!(asked.swap(0, Ordering::Relaxed), 1);
    }
}

#[tokio::test]
async fn a_registry_token_is_shown_as_it_is() {
    let credentials = Credentials::RegistryToken(Secret::new("ready"));
    let login = login(
        credentials,
        numbered("https://evil.example/token", &["ready"]),
    );
    assert_eq!(login.get(TAGS, &[PULL]).await.unwrap(), 401);
    assert_eq!(
        login.seen(),
        [
            format!("GET {TAGS} with nothing"),
            format!("GET {TAGS} with Bearer ready"),
        ]
    );
}

#[tokio::test]
async fn a_stream_is_not_sent_again_but_the_next_one_is_let_in() {
    let login = login(
        Credentials::Anonymous,
        numbered("https://r.example/token", &[]),
    );
    let patch = || {
        let mut patch = request("PATCH", "https://r.example/v2/a/blobs/uploads/1", &[PULL]);
        *patch.body_mut() = Body::stream(None, stream::iter([Ok("x".into())]).boxed());
        patch
    };
    assert_eq!(login.send(patch()).await.unwrap(), 401);
    assert_eq!(login.seen().len(), 1);
    assert_eq!(login.send(patch()).await.unwrap(), 200);
    assert_eq!(login.seen().len(), 2);
}

#[tokio::test]
async fn another_host_is_shown_nothing_and_its_challenge_is_not_taken_up() {
    let login = login(
        Credentials::basic("me", "secret"),
        numbered("https://r.example/token", &[]),
    );
    assert_eq!(login.get(TAGS, &[PULL]).await.unwrap(), 200);
    login.seen();
    let mut elsewhere = request("GET", "https://storage.example/x", &[PULL]);
    let info = elsewhere.extensions_mut().get_mut::<CallInfo>().unwrap();
    info.foreign = true;
    assert_eq!(login.send(elsewhere).await.unwrap(), 401);
    assert_eq!(login.seen(), ["GET https://storage.example/x with nothing"]);
}

#[tokio::test]
async fn a_token_service_that_fails_is_an_error_of_its_own() {
    let service = |status, headers: &'static [(&str, &str)], body: &'static str| {
        login(Credentials::Anonymous, move |seen| {
            if seen.line.contains("/token") {
                answer(status, headers, body)
            } else {
                challenged("https://r.example/token", "")
            }
        })
    };
    for status in [401, 403, 404, 500] {
        let error = service(status, &[], "")
            .get(TAGS, &[PULL])
            .await
            .unwrap_err();
        assert!(matches!(error, AuthError::Refused { status: got } if got == status));
    }
    // The password would go wherever it points.
    let moved = service(307, &[("location", "https://evil.example/")], "");
    moved.get(TAGS, &[PULL]).await.unwrap_err();
    assert_eq!(moved.seen().len(), 2);
    for body in ["", "[]", "{}", r#"{"token": "a\r\nb"}"#] {
        let error = service(200, &[], body)
            .get(TAGS, &[PULL])
            .await
            .unwrap_err();
        assert!(matches!(error, AuthError::NoToken(_)), "{body}: {error}");
    }
    let long = Box::leak(" ".repeat((1 << 20) + 1).into_boxed_str());
    let error = service(200, &[], long)
        .get(TAGS, &[PULL])
        .await
        .unwrap_err();
    assert!(
        matches!(error, AuthError::NoToken("too many bytes")),
        "{error}"
    );
}

#[tokio::test]
async fn challenges_that_cannot_be_answered_leave_the_401() {
    for field in ["Negotiate", "Digest realm=\"x\"", "", "Bearer-ish x=y"] {
        let login = login(Credentials::basic("me", "secret"), move |_| {
            answer(401, &[("www-authenticate", field)], "")
        });
        assert_eq!(login.get(TAGS, &[PULL]).await.unwrap(), 401, "{field}");
        assert_eq!(login.seen().len(), 1, "{field}");
    }
}

#[test]
fn secrets_do_not_show() {
    let all = [
        Credentials::basic("me", "canary"),
        Credentials::IdentityToken("canary".into()),
        Credentials::RegistryToken("canary".into()),
    ];
    for credentials in all {
        assert!(!format!("{credentials:?}").contains("canary"));
    }
    let value = basic("me", &Secret::new("canary")).unwrap();
    assert_eq!(format!("{value:?}"), "Sensitive");
}
