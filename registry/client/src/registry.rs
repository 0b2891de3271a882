//! A registry, and what every call to it has in common.

use std::fmt;
use std::sync::Arc;

use api_runtime::Body;
use api_runtime::client::{Call, Caller, HttpTransport, Reply, Transport, TransportError};
use futures_util::lock::Mutex;
use http::{Request, Response};
use registry_protocol::CheckApi;
use registry_protocol::client::Client;
use reqwest::Url;

use crate::auth::Auth;
use crate::builder::Builder;
use crate::clock::Clock;
use crate::error::Error;
use crate::idle::Idle;
use crate::progress::{Progress, Watch};
use crate::retry::{Budget, Retry, RetryPolicy};

/// A call of an operation: what a request struct says of itself.
macro_rules! call {
    ($operation:ident, $request:expr) => {{
        let request = &$request;
        api_runtime::client::Call::new(&registry_protocol::$operation, request.url().to_string())
            .access(request.access())
    }};
}
pub(crate) use call;

/// A registry to which this program talks. Clones share connections, tokens and settings.
///
/// The methods here are made of the operations of the API, which [`Registry::api`] has one by one. They
/// ask less of an answer than the descriptor promises, because they are for any registry: one that sends
/// no entity tag, or no name of an upload, is as good.
pub struct Registry<T: Transport = HttpTransport> {
    pub(crate) shared: Arc<Shared<T>>,
}

pub(crate) struct Shared<T: Transport> {
    pub(crate) base: Url,
    pub(crate) api: Client<Wire<T>>,
    pub(crate) upload_origins: Vec<Url>,
    pub(crate) policy: RetryPolicy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) watch: Watch,
    /// Who changes a list of referrers that clients keep.
    pub(crate) listing: Mutex<()>,
}

impl Registry {
    /// The registry at `base_url` (`https://host[:port][/prefix]`), without credentials.
    pub fn new(base_url: &str) -> Result<Self, Error> {
        Self::builder(base_url).build()
    }

    /// The registry at `base_url` (`https://host[:port][/prefix]`), with settings.
    pub fn builder(base_url: &str) -> Builder {
        Builder::new(base_url)
    }
}

impl<T: Transport> Registry<T> {
    /// The API, operation by operation. These calls log in and are repeated, too.
    pub fn api(&self) -> &Client<Wire<T>> {
        &self.shared.api
    }

    /// Asks whether this is a registry, and whether it takes the credentials.
    pub async fn check(&self) -> Result<(), Error> {
        let call = call!(CHECK_API, CheckApi::new());
        self.expect(call, &[200]).await.map(drop)
    }

    /// Whether both are the same registry, so that it can take from one repository what is to go into
    /// another.
    pub fn is_same(&self, other: &Registry<impl Transport>) -> bool {
        let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
        let (ours, theirs) = (&self.shared.base, &other.shared.base);
        ours.origin() == theirs.origin() && path(ours) == path(theirs)
    }

    pub(crate) fn caller(&self) -> &Caller<Wire<T>> {
        self.shared.api.caller()
    }

    pub(crate) fn tell(&self, progress: &Progress) {
        self.shared.watch.tell(progress);
    }

    pub(crate) fn budget(&self) -> Budget {
        Budget::new(self.shared.policy.clone(), Arc::clone(&self.shared.clock))
    }

    /// Sends `call`; an answer with another status than these is an error.
    pub(crate) async fn expect(&self, call: Call, statuses: &[u16]) -> Result<Reply, Error> {
        let reply = self.caller().send(call).await?;
        expected(reply, statuses).await
    }

    /// As [`Registry::expect`], but where there is no such thing it is `None`.
    pub(crate) async fn find(&self, call: Call, statuses: &[u16]) -> Result<Option<Reply>, Error> {
        match self.expect(call, statuses).await {
            Ok(reply) => Ok(Some(reply)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The answer, if it has one of these statuses.
pub(crate) async fn expected(reply: Reply, statuses: &[u16]) -> Result<Reply, Error> {
    if statuses.contains(&reply.status()) {
        return Ok(reply);
    }
    Err(reply.undeclared().await.into())
}

impl<T: Transport> Clone for Registry<T> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T: Transport> fmt::Debug for Registry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("base", &self.shared.base.as_str())
            .finish_non_exhaustive()
    }
}

/// What is between the calls and the network: it logs in, tries again, and gives up on a connection
/// where nothing moves.
#[derive(Debug)]
pub struct Wire<T>(pub(crate) Auth<Retry<Idle<T>>>);

impl<T: Transport> Transport for Wire<T> {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        self.0.send(request).await
    }
}
