//! Sends calls: knows the API's base URL and what goes with every request.
//!
//! Default headers, credentials above all, go to the base's own scheme, host and port only. A call may
//! still lead elsewhere, because a server named another place in a location or a redirect; the request
//! there is bare, and marked as foreign for the transports below.

use std::fmt;
use std::sync::Arc;

use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request};
use reqwest::Url;

use super::redirect::Trip;
use super::target::{Base, with_query_of};
use super::{
    Call, CallError, HttpTransport, RangeRequest, Reply, Transport, TransportError,
    TransportErrorKind,
};
use crate::{Body, Location};

/// Sends calls to one API. Clones share the transport.
pub struct Caller<T: Transport = HttpTransport> {
    shared: Arc<Shared<T>>,
    /// Takes the place of the path of every call.
    at: Option<Place>,
}

struct Shared<T> {
    base: Base,
    headers: HeaderMap,
    keys: Keys,
    transport: T,
}

/// Makes up keys by which servers know a repetition.
type Keys = Arc<dyn Fn() -> String + Send + Sync>;

#[derive(Clone, Debug)]
enum Place {
    /// What a server sent.
    Text(String),
    /// Path and query of one of the API's operations, behind the base.
    Operation(String),
}

impl Caller {
    /// A caller of the API at `base_url` (`http://host[:port][/prefix]`) over the network.
    pub fn new(base_url: &str) -> Result<Self, TransportError> {
        Self::with_transport(base_url, HttpTransport::new()?)
    }
}

impl<T: Transport> Caller<T> {
    /// A caller of the API at `base_url` by a transport of one's own.
    pub fn with_transport(base_url: &str, transport: T) -> Result<Self, TransportError> {
        let base = Base::parse(base_url)?;
        let shared = Arc::new(Shared {
            base,
            headers: HeaderMap::new(),
            keys: Arc::new(|| uuid::Uuid::new_v4().to_string()),
            transport,
        });
        Ok(Self { shared, at: None })
    }

    /// The same caller with a header that goes with each request to the API's own host. A call that sets
    /// the header itself has its own value.
    pub fn with_header(self, name: &str, value: &str) -> Result<Self, TransportError>
    where
        T: Clone,
    {
        let refused = |error| TransportError::new(TransportErrorKind::Request, error);
        let name =
            HeaderName::from_bytes(name.as_bytes()).map_err(|error| refused(error.into()))?;
        let mut value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|error| refused(Box::<dyn std::error::Error + Send + Sync>::from(error)))?;
        value.set_sensitive(true);
        let mut headers = self.shared.headers.clone();
        headers.append(name, value);
        Ok(self.changed(|shared| shared.headers = headers))
    }

    /// The same caller with keys of `new` where an operation has a header by which its server knows a
    /// repetition and the caller of it gives none. Otherwise they are random UUIDs. Two calls must never
    /// have the same.
    #[must_use]
    pub fn with_keys(self, new: impl Fn() -> String + Send + Sync + 'static) -> Self
    where
        T: Clone,
    {
        self.changed(|shared| shared.keys = Arc::new(new))
    }

    fn changed(self, change: impl FnOnce(&mut Shared<T>)) -> Self
    where
        T: Clone,
    {
        let mut shared = Shared {
            base: self.shared.base.clone(),
            headers: self.shared.headers.clone(),
            keys: Arc::clone(&self.shared.keys),
            transport: self.shared.transport.clone(),
        };
        change(&mut shared);
        Self {
            shared: Arc::new(shared),
            at: self.at,
        }
    }

    /// A caller whose calls go to `location` instead of the path that they would have. The query of the
    /// location is kept; parameters of the call are added, and win over those of the same name.
    #[must_use]
    pub fn at<U: fmt::Display>(&self, location: &Location<U>) -> Self {
        let place = match location.typed() {
            Some(url) => Place::Operation(url.to_string()),
            None => Place::Text(location.as_str().to_owned()),
        };
        Self {
            shared: Arc::clone(&self.shared),
            at: Some(place),
        }
    }

    /// The transport.
    pub fn transport(&self) -> &T {
        &self.shared.transport
    }

    /// Sends `call`. An answer is an answer whatever its status is.
    pub async fn send(&self, call: Call) -> Result<Reply, CallError> {
        let url = match &self.at {
            None => self.shared.base.operation(&call.path_and_query)?,
            Some(Place::Operation(path)) => {
                with_query_of(self.shared.base.operation(path)?, &call.path_and_query)
            }
            Some(Place::Text(text)) => {
                with_query_of(self.shared.base.location(text)?, &call.path_and_query)
            }
        };
        self.send_to(url, call).await
    }

    /// Fetches what a server pointed to, such as the location of a declared redirect: a plain GET, with
    /// default headers only where the URL is on the API's own host. Redirects are followed.
    pub async fn fetch(&self, url: &str, range: Option<&RangeRequest>) -> Result<Reply, CallError> {
        let url = self.shared.base.location(url)?;
        let mut call = Call::to(Method::GET, String::new());
        if let Some(range) = range {
            call = call.range(range);
        }
        self.send_to(url, call).await
    }

    /// Whether `url` is on the API's own host.
    pub(super) fn is_home(&self, url: &Url) -> bool {
        self.shared.base.is_home(url)
    }

    /// Sends `call` to `url`, whatever path it was made for.
    pub(super) async fn send_to(&self, url: Url, mut call: Call) -> Result<Reply, CallError> {
        call.fill_key(&*self.shared.keys);
        let operation = call.operation;
        let mut trip = Trip::new(&call, !self.shared.base.is_home(&url));
        let mut request = call.into_request(&url, trip.foreign())?;
        let mut url = url;
        loop {
            if !trip.foreign() {
                self.add_defaults(request.headers_mut());
            }
            announce_empty(&mut request);
            let response = self.shared.transport.send(request).await?;
            let Some(next) = trip.next(&url, &response)? else {
                return Ok(Reply::new(operation, trip.foreign(), url, response));
            };
            url = next;
            request = trip.request(&url)?;
        }
    }

    fn add_defaults(&self, headers: &mut HeaderMap) {
        for name in self.shared.headers.keys() {
            if !headers.contains_key(name) {
                for value in self.shared.headers.get_all(name) {
                    headers.append(name.clone(), value.clone());
                }
            }
        }
    }
}

/// A request that could have a body says that it has none: many servers want the length.
fn announce_empty(request: &mut Request<Body>) {
    let takes_body = matches!(
        *request.method(),
        Method::POST | Method::PUT | Method::PATCH
    );
    if takes_body && request.body().len() == Some(0) {
        request
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
}

impl<T: Transport> Clone for Caller<T> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            at: self.at.clone(),
        }
    }
}

impl<T: Transport> fmt::Debug for Caller<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("base", &self.shared.base)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
