//! Sets up a registry.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use api_runtime::client::{Caller, HttpTransport, Transport};
use futures_util::lock::Mutex;
use reqwest::Url;

use crate::auth::{Auth, CredentialProvider, Credentials, Realms, is_loopback};
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::idle::Idle;
use crate::progress::{Progress, Watch};
use crate::registry::{Registry, Shared, Wire};
use crate::retry::{Retry, RetryPolicy};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long nothing may move. Some registries copy a whole blob before they answer the request that
/// closes its upload.
const IDLE_TIMEOUT: Duration = Duration::from_mins(2);

/// How often an idle connection is probed.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Settings of a [`Registry`].
#[must_use = "a builder does nothing before it is built"]
pub struct Builder {
    base_url: String,
    credentials: Arc<dyn CredentialProvider>,
    may_be_plain: bool,
    realms: Vec<String>,
    upload_origins: Vec<String>,
    user_agent: String,
    connect_timeout: Duration,
    idle_timeout: Duration,
    retries: RetryPolicy,
    watch: Watch,
    clock: Arc<dyn Clock>,
}

/// Without the URLs: passwords may stand in them until they are refused.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("user_agent", &self.user_agent)
            .field("may_be_plain", &self.may_be_plain)
            .field("connect_timeout", &self.connect_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}

impl Builder {
    pub(crate) fn new(base_url: &str) -> Self {
        Self {
            base_url: base_url.to_owned(),
            credentials: Arc::new(Credentials::Anonymous),
            may_be_plain: false,
            realms: Vec::new(),
            upload_origins: Vec::new(),
            user_agent: concat!("registry-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: CONNECT_TIMEOUT,
            idle_timeout: IDLE_TIMEOUT,
            retries: RetryPolicy::default(),
            watch: Watch::default(),
            clock: SystemClock::shared(),
        }
    }

    /// Credentials, or where they come from. They go to the registry itself, and to the token services
    /// that [`Builder::allow_realm`] names, over TLS; over plain HTTP only within this machine.
    pub fn credentials(mut self, credentials: impl CredentialProvider) -> Self {
        self.credentials = Arc::new(credentials);
        self
    }

    /// Credentials may go over plain HTTP, where everybody on the way can read them.
    pub fn allow_plain_credentials(mut self) -> Self {
        self.may_be_plain = true;
        self
    }

    /// The token service at the scheme, host and port of `url` may see the credentials, if the registry
    /// asks for a login there: `https://auth.docker.io` for `https://registry-1.docker.io`. That of the
    /// registry's own origin always may. One over plain HTTP on another machine is refused when the client
    /// is built, unless [`Builder::allow_plain_credentials`] was called.
    pub fn allow_realm(mut self, url: &str) -> Self {
        self.realms.push(url.to_owned());
        self
    }

    /// Uploads may go to the scheme, host and port of `url`, if the registry names them. They go there
    /// without credentials.
    pub fn allow_upload_origin(mut self, url: &str) -> Self {
        self.upload_origins.push(url.to_owned());
        self
    }

    /// What this program is called, as `User-Agent`. It has no effect on a transport of one's own.
    pub fn user_agent(mut self, name: &str) -> Self {
        name.clone_into(&mut self.user_agent);
        self
    }

    /// How long a connection may take to come about; 30 seconds by default. It has no effect on a
    /// transport of one's own.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long nothing may move on a connection that waits for something; two minutes by default.
    /// There is no limit on a whole transfer.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// How often and how soon things are tried again.
    pub fn retries(mut self, policy: RetryPolicy) -> Self {
        self.retries = policy;
        self
    }

    /// Calls `tell` when something happened. It is called from within transfers, and must be quick.
    pub fn on_progress(mut self, tell: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.watch = Watch::new(tell);
        self
    }

    /// Another clock than the system's, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The registry, over the network.
    pub fn build(self) -> Result<Registry, Error> {
        let client = reqwest::Client::builder()
            .connect_timeout(self.connect_timeout)
            .tcp_keepalive(KEEPALIVE)
            .user_agent(&self.user_agent);
        let transport = HttpTransport::from_builder(client)?;
        self.build_with(transport)
    }

    /// The registry, by a transport of one's own: with other roots or proxies
    /// ([`HttpTransport::from_builder`]), or one that stays within the process.
    pub fn build_with<T: Transport>(self, transport: T) -> Result<Registry<T>, Error> {
        let base = url(&self.base_url)?;
        if base.scheme() != "https" && !self.may_be_plain && !is_loopback(&base) {
            // Whether there are any is known only when they are asked for.
            return self.without_credentials(base, transport);
        }
        self.assemble(base, transport)
    }

    /// Credentials would go over plain HTTP: there must be none.
    fn without_credentials<T: Transport>(
        mut self,
        base: Url,
        transport: T,
    ) -> Result<Registry<T>, Error> {
        self.credentials = Arc::new(Withheld(self.credentials));
        self.assemble(base, transport)
    }

    fn assemble<T: Transport>(self, base: Url, transport: T) -> Result<Registry<T>, Error> {
        let realms = urls(&self.realms)?;
        let is_plain = |realm: &Url| realm.scheme() != "https" && !is_loopback(realm);
        if !self.may_be_plain && realms.iter().any(is_plain) {
            let reason = "credentials would go to a token service over plain HTTP";
            return Err(Error::Setup(reason.to_owned()));
        }
        let realms = Realms::new(base.clone(), realms);
        let upload_origins = urls(&self.upload_origins)?;
        let clock = || Arc::clone(&self.clock);
        let idle = Idle::new(transport, self.idle_timeout, clock());
        let retry = Retry::new(idle, self.retries.clone(), clock(), self.watch.clone());
        let wire = Wire(Auth::new(retry, realms, self.credentials, clock()));
        let api = Caller::with_transport(&self.base_url, wire)?.into();
        let shared = Shared {
            base,
            api,
            upload_origins,
            policy: self.retries,
            clock: self.clock,
            watch: self.watch,
            listing: Mutex::default(),
        };
        Ok(Registry {
            shared: Arc::new(shared),
        })
    }
}

fn urls(texts: &[String]) -> Result<Vec<Url>, Error> {
    texts.iter().map(|text| url(text)).collect()
}

fn url(text: &str) -> Result<Url, Error> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    // What was given may hold a password and is not repeated.
    url.ok_or_else(|| Error::Setup("a URL begins with http:// or https:// and a host".to_owned()))
}

/// Credentials for a registry that everybody on the way would hear.
#[derive(Debug)]
struct Withheld(Arc<dyn CredentialProvider>);

impl CredentialProvider for Withheld {
    fn credentials(
        &self,
        origin: &str,
    ) -> futures_util::future::BoxFuture<
        '_,
        Result<Credentials, Box<dyn std::error::Error + Send + Sync>>,
    > {
        let credentials = self.0.credentials(origin);
        Box::pin(async move {
            match credentials.await? {
                Credentials::Anonymous => Ok(Credentials::Anonymous),
                _ => Err("they would go over plain HTTP, which was not allowed".into()),
            }
        })
    }
}
