//! Logging in to a real registry behind a gate.

use bytes::Bytes;
use registry_client::{
    AuthError, CopyOptions, Credentials, Digest, Error, PushOptions, Pushed, Registry, Repository,
    copy,
};

use crate::gate::Gate;
use crate::script::{Script, answer};
use crate::served::{bytes, hasty, image, name, serve, tag};

fn behind(gate: &Gate, credentials: Credentials) -> Registry<Gate> {
    Registry::builder("https://gate.example")
        .credentials(credentials)
        .allow_realm("https://login.example")
        .retries(hasty())
        .build_with(gate.clone())
        .unwrap()
}

fn me() -> Credentials {
    Credentials::basic("me", "secret")
}

#[tokio::test]
async fn everything_works_behind_a_gate_with_one_token_for_each_scope() {
    let served = serve().await;
    let manifest = image(&served.registry, "from", &tag("v1"), &bytes(2 << 20)).await;
    let gate = Gate::to(&served.host, usize::MAX);
    let registry = behind(&gate, me());
    registry.check().await.unwrap();
    let (from, to) = (name("from"), name("to"));
    let repository = |name| Repository {
        registry: &registry,
        name,
    };
    let copied = copy(
        repository(&from),
        &tag("v1"),
        repository(&to),
        &tag("v2"),
        &CopyOptions::default(),
    )
    .await;
    assert_eq!(copied.unwrap().digest, Digest::sha256(&manifest));
    let pulled = registry.pull_manifest(&to, &tag("v2")).await.unwrap();
    assert_eq!(pulled.bytes, manifest);
    assert!(registry.delete_manifest(&to, &tag("v2")).await.unwrap());
    let asked = gate.state(|state| std::mem::take(&mut state.asked));
    let mut scopes: Vec<&str> = asked
        .iter()
        .map(|(query, _)| query.split_once("scope=").map_or("", |(_, scope)| scope))
        .collect();
    scopes.sort_unstable();
    let account = "account=me";
    assert_eq!(
        scopes,
        [
            "",
            &format!("repository%3Afrom%3Apull&{account}"),
            // To mount from one into the other.
            &format!("repository%3Afrom%3Apull&scope=repository%3Ato%3Apull%2Cpush&{account}"),
            &format!("repository%3Ato%3Adelete&{account}"),
            &format!("repository%3Ato%3Apull%2Cpush&{account}"),
            &format!("repository%3Ato%3Apull&{account}"),
        ]
    );
    // The first request alone did not know how it is done.
    assert_eq!(gate.state(|state| state.refused), 1);
    served.stop().await;
}

#[tokio::test]
async fn a_push_outlives_its_tokens() {
    let served = serve().await;
    // Each token is good for three requests, then it is refused, streams and all.
    let gate = Gate::to(&served.host, 3);
    let registry = behind(&gate, me());
    let bytes = bytes(2 << 20);
    let digest = Digest::sha256(&bytes);
    let mut options = PushOptions::default();
    options.chunk = Some(200_000);
    let pushed = registry
        .push_blob(&name("a"), &digest, &bytes, &options)
        .await;
    assert_eq!(pushed.unwrap(), Pushed::Sent);
    assert!(gate.state(|state| state.refused) >= 3);
    let stream = registry.pull_blob(&name("a"), &digest).await.unwrap();
    assert_eq!(stream.bytes(1 << 30).await.unwrap(), bytes);
    served.stop().await;
}

#[tokio::test]
async fn a_token_that_never_works_ends_with_the_refusal() {
    let served = serve().await;
    let gate = Gate::to(&served.host, 0);
    let registry = behind(&gate, me());
    let error = registry.check().await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(gate.state(|state| state.refused), 2);
    served.stop().await;
}

#[tokio::test]
async fn a_wrong_password_is_told_from_a_broken_service() {
    let served = serve().await;
    let gate = Gate::to(&served.host, usize::MAX);
    let registry = behind(&gate, Credentials::basic("me", "guess"));
    let error = registry.check().await.unwrap_err();
    assert!(
        matches!(error, Error::Auth(AuthError::Refused { status: 401 })),
        "{error}"
    );
    assert!(error.is_unauthorized());
    served.stop().await;
}

#[tokio::test]
async fn a_realm_that_nobody_allowed_sees_nothing() {
    let challenge = r#"Bearer realm="https://evil.example/token",service="r""#;
    let script = Script::new(move |_| answer(401, &[("www-authenticate", challenge)], ""));
    let registry = Registry::builder("https://r.example")
        .credentials(me())
        .build_with(script.clone())
        .unwrap();
    let error = registry.check().await.unwrap_err();
    assert!(
        matches!(error, Error::Auth(AuthError::ForeignRealm { .. })),
        "{error}"
    );
    assert_eq!(script.lines(), ["GET /v2/"]);
}

#[tokio::test]
async fn a_password_does_not_travel_in_the_open_unless_it_is_said() {
    let challenge = r#"Basic realm="r""#;
    let script = Script::new(move |seen| match seen.header("authorization") {
        "" => answer(401, &[("www-authenticate", challenge)], ""),
        _ => answer(200, &[], "{}"),
    });
    let builder = || Registry::builder("http://r.example").credentials(me());
    let closed = builder().build_with(script.clone()).unwrap();
    let error = closed.check().await.unwrap_err();
    assert!(
        matches!(error, Error::Auth(AuthError::Credentials(_))),
        "{error}"
    );
    assert_eq!(script.lines().len(), 1);
    let open = builder().allow_plain_credentials();
    open.build_with(script.clone())
        .unwrap()
        .check()
        .await
        .unwrap();
    // On this machine nobody listens.
    let local = Registry::builder("http://localhost:5000").credentials(me());
    local.build_with(script).unwrap().check().await.unwrap();
}

#[tokio::test]
async fn an_upload_at_an_allowed_place_is_sent_without_credentials() {
    let script = Script::new(|seen| {
        let shown = seen.header("authorization");
        match seen.line.split(' ').collect::<Vec<_>>()[..] {
            ["POST" | "GET" | "HEAD", _] if shown.is_empty() => {
                answer(401, &[("www-authenticate", "Basic realm=\"r\"")], "")
            }
            ["POST", _] => answer(202, &[("location", "https://up.example/1")], ""),
            ["PUT", place] if place.starts_with("up.example/1?digest=") => {
                assert_eq!(shown, "");
                answer(201, &[], "")
            }
            _ => answer(404, &[], ""),
        }
    });
    let registry = Registry::builder("https://r.example")
        .credentials(me())
        .allow_upload_origin("https://up.example")
        .build_with(script)
        .unwrap();
    let bytes = Bytes::from_static(b"0123456789");
    let pushed = registry
        .push_blob(
            &name("a"),
            &Digest::sha256(&bytes),
            &bytes,
            &PushOptions::default(),
        )
        .await;
    assert_eq!(pushed.unwrap(), Pushed::Sent);
}
