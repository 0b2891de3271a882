//! Logs in: a transport that answers the challenges of a registry.
//!
//! The first 401 of a registry says how it wants to be talked to, and that is remembered; from then on
//! each request carries what it needs from the start. Scopes come from the descriptor, with this
//! request's values put in ([`CallInfo::access`]); what a challenge names beyond them is added, and
//! remembered too. A request is sent again once, and only if its body is in memory; whoever sends a stream
//! gets the 401, finds a new token when he tries again, and knows better from where.
//!
//! The hazard is in `realm`: where credentials may go. A request to a foreign host gets none.

mod cache;
mod challenge;
mod credentials;
mod error;
mod realm;
mod scope;
mod token;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use api_runtime::Body;
use api_runtime::client::{CallInfo, Transport, TransportError, TransportErrorKind};
use base64::Engine as _;
use futures_util::future::FutureExt as _;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};

pub use credentials::{CredentialProvider, Credentials};
pub use error::AuthError;
pub(crate) use realm::{Realms, is_loopback};

use crate::clock::Clock;
use crate::retry::copy;
use crate::secret::Secret;
use cache::Cache;
use scope::Scopes;
use token::{Token, Wanted};

/// A transport that logs in.
pub(crate) struct Auth<T>(Arc<Shared<T>>);

struct Shared<T> {
    inner: T,
    realms: Realms,
    provider: Arc<dyn CredentialProvider>,
    clock: Arc<dyn Clock>,
    tokens: Cache,
    state: Mutex<State>,
}

/// What was learned.
#[derive(Default)]
struct State {
    scheme: Option<Scheme>,
    /// How often the credentials were asked for. Of two answers that of the later question counts, in
    /// whatever order they come.
    asked: u64,
    /// The user and the password that are shown, as long as they are not refused, and from which question
    /// they are.
    password: Option<(u64, Password)>,
    /// What a registry wants beyond what the descriptor says.
    more: BTreeMap<Scopes, Scopes>,
    /// What is shown in place of an identity token.
    renewed: Option<Renewed>,
}

/// A user and a password.
type Password = (String, Secret);

/// What the token service gave in place of an identity token.
struct Renewed {
    /// From which question the identity token is.
    asked: u64,
    given: Secret,
    current: Secret,
}

/// How many sets of scopes are learned.
const MOST_LEARNED: usize = 1000;

/// How a registry wants to be talked to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Scheme {
    Basic,
    Bearer {
        realm: String,
        service: Option<String>,
    },
}

/// What a request was sent with.
enum Shown {
    Nothing,
    Password(Password),
    Token(Wanted, Token),
}

impl<T: Transport> Auth<T> {
    pub(crate) fn new(
        inner: T,
        realms: Realms,
        provider: Arc<dyn CredentialProvider>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Shared {
            inner,
            realms,
            provider,
            clock,
            tokens: Cache::default(),
            state: Mutex::default(),
        }))
    }

    async fn send_home(
        &self,
        mut request: Request<Body>,
        scopes: Scopes,
    ) -> Result<Response<Body>, TransportError> {
        let shared = &self.0;
        let again = copy(&request);
        let known = shared.learned(|state| state.scheme.clone());
        let shown = match &known {
            Some(scheme) => self.show(&mut request, scheme, &scopes).await?,
            None => Shown::Nothing,
        };
        let answer = shared.inner.send(request).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        match &shown {
            Shown::Nothing => {}
            Shown::Token(wanted, token) => shared.tokens.forget(wanted, token),
            // The same would be shown again.
            Shown::Password(refused) => {
                shared.learned(|state| state.forget(refused));
                return Ok(answer);
            }
        }
        let Some(scheme) = shared.learn(answer.headers(), &scopes) else {
            return Ok(answer);
        };
        let Some(mut again) = again else {
            return Ok(answer);
        };
        match self.show(&mut again, &scheme, &scopes).await? {
            Shown::Nothing => Ok(answer),
            Shown::Password(_) | Shown::Token(..) => {
                drop(answer);
                shared.inner.send(again).await
            }
        }
    }

    /// Puts into a request what the scheme wants.
    async fn show(
        &self,
        request: &mut Request<Body>,
        scheme: &Scheme,
        scopes: &Scopes,
    ) -> Result<Shown, TransportError> {
        let (shown, value) = match scheme {
            Scheme::Basic => {
                let Some(shown) = self.0.password().await.map_err(no_login)? else {
                    return Ok(Shown::Nothing);
                };
                let value = basic(&shown.0, &shown.1)?;
                (Shown::Password(shown), value)
            }
            Scheme::Bearer { realm, service } => {
                let wanted = Wanted {
                    realm: realm.clone(),
                    service: service.clone(),
                    scopes: self.0.learned(|state| state.wanted(scopes)),
                };
                let token = self.token(&wanted).await.map_err(no_login)?;
                let value = bearer(&token.secret)?;
                (Shown::Token(wanted, token), value)
            }
        };
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(shown)
    }

    async fn token(&self, wanted: &Wanted) -> Result<Token, AuthError> {
        let now = self.0.clock.now();
        let fetch = || {
            let (shared, wanted) = (Arc::clone(&self.0), wanted.clone());
            async move { shared.fetch(&wanted, now).await }.boxed()
        };
        self.0.tokens.get(wanted, now, fetch).await
    }
}

impl<T: Transport> Shared<T> {
    /// Asks the token service, if it may be asked.
    async fn fetch(&self, wanted: &Wanted, now: Duration) -> Result<Token, AuthError> {
        let (asked, given) = self.credentials().await?;
        if let Credentials::RegistryToken(token) = given {
            return Ok(Token::given(token, now));
        }
        let has_credentials = given != Credentials::Anonymous;
        let realm = self.realms.check(&wanted.realm, has_credentials)?;
        let shown = self.learned(|state| state.current(&given));
        let token = token::ask(&self.inner, realm, wanted, &shown, now).await?;
        self.learned(|state| state.renew(asked, given, shown, token.renewed.clone()));
        Ok(token)
    }
}

impl<T> Shared<T> {
    fn learned<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn password(&self) -> Result<Option<Password>, AuthError> {
        if let Some((_, known)) = self.learned(|state| state.password.clone()) {
            return Ok(Some(known));
        }
        let (asked, Credentials::Basic { user, password }) = self.credentials().await? else {
            return Ok(None);
        };
        Ok(Some(
            self.learned(|state| state.newest(asked, (user, password))),
        ))
    }

    /// The credentials, and the number of the question for them.
    async fn credentials(&self) -> Result<(u64, Credentials), AuthError> {
        let asked = self.learned(|state| {
            state.asked += 1;
            state.asked
        });
        let credentials = self.provider.credentials(&self.realms.home()).await;
        let credentials = credentials.map_err(|error| AuthError::Credentials(error.into()))?;
        Ok((asked, credentials))
    }

    /// Learns from a 401 how to go on.
    fn learn(&self, headers: &HeaderMap, scopes: &Scopes) -> Option<Scheme> {
        let fields = headers.get_all(WWW_AUTHENTICATE).iter();
        let challenges: Vec<_> = fields
            .filter_map(|field| std::str::from_utf8(field.as_bytes()).ok())
            .flat_map(challenge::parse)
            .collect();
        let of = |scheme: &str| challenges.iter().find(|one| one.scheme == scheme);
        let scheme = if let Some(bearer) = of("bearer") {
            let more = bearer.parameter("scope").unwrap_or_default();
            self.learned(|state| state.add(scopes, more));
            Scheme::Bearer {
                realm: bearer.parameter("realm").unwrap_or_default().to_owned(),
                service: bearer.parameter("service").map(str::to_owned),
            }
        } else {
            of("basic").map(|_| Scheme::Basic)?
        };
        self.learned(|state| state.scheme = Some(scheme.clone()));
        Some(scheme)
    }
}

impl State {
    /// Adds what a challenge names to what is wanted for `scopes`.
    fn add(&mut self, scopes: &Scopes, more: &str) {
        let mut all = self.wanted(scopes);
        all.add_all(more);
        if all == *scopes {
            return;
        }
        if self.more.len() >= MOST_LEARNED {
            self.more.clear();
        }
        self.more.insert(scopes.clone(), all);
    }

    fn wanted(&self, scopes: &Scopes) -> Scopes {
        self.more.get(scopes).unwrap_or(scopes).clone()
    }

    /// Remembers a password, unless there is a newer one; that one then.
    fn newest(&mut self, asked: u64, password: Password) -> Password {
        match &self.password {
            Some((newer, known)) if *newer > asked => known.clone(),
            _ => self.password.insert((asked, password)).1.clone(),
        }
    }

    /// Forgets a password that was not accepted, unless there is another one already.
    fn forget(&mut self, refused: &Password) {
        self.password.take_if(|(_, known)| known == refused);
    }

    /// What is shown in place of these credentials.
    fn current(&self, given: &Credentials) -> Credentials {
        match (given, &self.renewed) {
            (Credentials::IdentityToken(token), Some(renewed)) if *token == renewed.given => {
                Credentials::IdentityToken(renewed.current.clone())
            }
            _ => given.clone(),
        }
    }

    /// Remembers what is shown next time in place of what was shown now. What answers an earlier request
    /// than that from which something newer is known comes too late.
    fn renew(
        &mut self,
        asked: u64,
        given: Credentials,
        shown: Credentials,
        renewed: Option<Secret>,
    ) {
        let (Credentials::IdentityToken(given), Credentials::IdentityToken(shown), Some(current)) =
            (given, shown, renewed)
        else {
            return;
        };
        let is_news = self.renewed.as_ref().is_none_or(|known| {
            if known.given == given {
                known.current == shown
            } else {
                known.asked < asked
            }
        });
        if is_news {
            self.renewed = Some(Renewed {
                asked,
                given,
                current,
            });
        }
    }
}

impl<T: Transport> Transport for Auth<T> {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let info = request.extensions().get::<CallInfo>();
        let home = info.filter(|info| !info.foreign);
        match home.map(|info| Scopes::of(&info.access)) {
            Some(scopes) if !request.headers().contains_key(AUTHORIZATION) => {
                self.send_home(request, scopes).await
            }
            _ => self.0.inner.send(request).await,
        }
    }
}

impl<T> fmt::Debug for Auth<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("realms", &self.0.realms)
            .finish_non_exhaustive()
    }
}

/// The value of `Authorization` for a user and a password.
pub(crate) fn basic(user: &str, password: &Secret) -> Result<HeaderValue, TransportError> {
    let pair = format!("{user}:{}", password.expose());
    let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
    secret(&format!("Basic {encoded}"))
}

fn bearer(token: &Secret) -> Result<HeaderValue, TransportError> {
    secret(&format!("Bearer {}", token.expose()))
}

fn secret(text: &str) -> Result<HeaderValue, TransportError> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| no_login(AuthError::NoToken("characters that no header may hold")))?;
    value.set_sensitive(true);
    Ok(value)
}

fn no_login(error: AuthError) -> TransportError {
    TransportError::new(TransportErrorKind::Other, error)
}

#[cfg(test)]
mod tests;
