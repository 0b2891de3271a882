//! Sends again what may be sent again.
//!
//! A request is repeated only if its body is in memory, and either nothing of it was done (no connection
//! came about, or the answer is 429 or 503) or doing it twice is the same as once. That is what its
//! method says: GET, HEAD, PUT, DELETE. Two kinds of operation differ: to open an upload twice leaves an
//! empty one behind, which costs nothing; and what belongs to an open upload is never repeated here,
//! since `push` has to ask first how much of it arrived; nor is the end of an upload that failed, for which
//! nobody should have to wait.
//!
//! `Retry-After` is honoured. Where it asks for more patience than the policy has, the answer is
//! returned, and whoever asked decides.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use api_runtime::Body;
use api_runtime::client::{CallInfo, Transport, TransportError, TransportErrorKind};
use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, Request, Response};
use registry_protocol::{APPEND_UPLOAD, CANCEL_UPLOAD, COMPLETE_UPLOAD, MOUNT_BLOB, START_UPLOAD};

use crate::clock::Clock;
use crate::progress::{Progress, Watch};

/// How often and how soon something is tried again.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often it is tried in all; 1 is never again.
    pub attempts: u32,
    /// What is waited after the first failure, about; after each further one it is twice as long.
    pub first: Duration,
    /// What is waited at most, about.
    pub longest: Duration,
    /// The longest `Retry-After` that is waited for.
    pub patience: Duration,
}

impl Default for RetryPolicy {
    /// Five attempts, from a quarter of a second to 20 seconds apart, and a patience of a minute.
    fn default() -> Self {
        Self {
            attempts: 5,
            first: Duration::from_millis(250),
            longest: Duration::from_secs(20),
            patience: Duration::from_mins(1),
        }
    }
}

impl RetryPolicy {
    /// Nothing is tried again.
    pub fn never() -> Self {
        Self {
            attempts: 1,
            ..Self::default()
        }
    }

    /// What is waited after so many failures: twice as long each time, less up to a half by chance, so
    /// that those who failed together do not come back together.
    pub(crate) fn delay(&self, failures: u32, clock: &dyn Clock) -> Duration {
        let doubled = 1_u32
            .checked_shl(failures.saturating_sub(1))
            .unwrap_or(u32::MAX);
        let full = self.first.saturating_mul(doubled).min(self.longest);
        full.mul_f64(0.5 + clock.chance() / 2.0)
    }

    /// What is waited before the next attempt; `None` if there is none.
    pub(crate) fn next(
        &self,
        failures: u32,
        asked: Option<Duration>,
        clock: &dyn Clock,
    ) -> Option<Duration> {
        if failures >= self.attempts || asked.is_some_and(|asked| asked > self.patience) {
            return None;
        }
        Some(self.delay(failures, clock).max(asked.unwrap_or_default()))
    }
}

/// A transport that tries again.
pub(crate) struct Retry<T> {
    inner: T,
    policy: RetryPolicy,
    clock: Arc<dyn Clock>,
    watch: Watch,
}

impl<T> Retry<T> {
    pub(crate) fn new(inner: T, policy: RetryPolicy, clock: Arc<dyn Clock>, watch: Watch) -> Self {
        Self {
            inner,
            policy,
            clock,
            watch,
        }
    }

    /// What is waited before the request is sent again; `None` if it is not.
    fn wait(
        &self,
        outcome: &Result<Response<Body>, TransportError>,
        failures: u32,
        is_idempotent: bool,
    ) -> Option<Duration> {
        let asked = match outcome {
            Ok(answer) if was_refused(answer.status().as_u16()) => {
                retry_after(answer.headers(), self.clock.unix())
            }
            Ok(answer) if is_idempotent && is_temporary(answer.status().as_u16()) => None,
            Err(error) if error.kind() == TransportErrorKind::Connect => None,
            Err(error) if is_idempotent && is_temporary_error(error.kind()) => None,
            _ => return None,
        };
        self.policy.next(failures, asked, &*self.clock)
    }
}

impl<T: Transport> Transport for Retry<T> {
    async fn send(&self, mut request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let mut failures = 0;
        loop {
            let is_idempotent = is_idempotent(&request);
            let again = is_idempotent.and_then(|_| copy(&request));
            let outcome = self.inner.send(request).await;
            failures += 1;
            let wait = self.wait(&outcome, failures, is_idempotent.unwrap_or_default());
            let (Some(next), Some(wait)) = (again, wait) else {
                return outcome;
            };
            // The connection is free only when the answer is gone.
            drop(outcome);
            self.watch.tell(&Progress::Retrying {
                failures,
                after: wait,
            });
            self.clock.sleep(wait).await;
            request = next;
        }
    }
}

impl<T> fmt::Debug for Retry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// The same request, if its body is in memory.
pub(crate) fn copy(request: &Request<Body>) -> Option<Request<Body>> {
    let mut copy = Request::new(request.body().try_clone()?);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    *copy.extensions_mut() = request.extensions().clone();
    Some(copy)
}

/// Whether doing it twice is doing it once; `None` where it is not repeated even after a refusal.
fn is_idempotent(request: &Request<Body>) -> Option<bool> {
    let info = request.extensions().get::<CallInfo>();
    let operation = info.and_then(|info| info.operation);
    let is = |id| operation.is_some_and(|operation| operation.id == id);
    if is(APPEND_UPLOAD.id) || is(COMPLETE_UPLOAD.id) || is(CANCEL_UPLOAD.id) {
        return None;
    }
    let by_method = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::PUT | Method::DELETE
    );
    Some(by_method || is(START_UPLOAD.id) || is(MOUNT_BLOB.id))
}

/// Whether nothing was done.
fn was_refused(status: u16) -> bool {
    matches!(status, 429 | 503)
}

/// Whether an answer says that another attempt may go better.
pub(crate) fn is_temporary(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// Whether another attempt may have an answer.
pub(crate) fn is_temporary_error(kind: TransportErrorKind) -> bool {
    matches!(
        kind,
        TransportErrorKind::Connect | TransportErrorKind::Timeout | TransportErrorKind::Interrupted
    )
}

/// What an answer asks to wait: seconds, or a date.
pub(crate) fn retry_after(headers: &HeaderMap, unix: Duration) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let date = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(date.saturating_sub(unix))
}

/// How often one transfer may still fail. It is renewed when the transfer gets on, so that a long one
/// over a bad line ends, and one that stands still does too.
pub(crate) struct Budget {
    policy: RetryPolicy,
    clock: Arc<dyn Clock>,
    failures: u32,
    /// Where the transfer was when this budget was renewed.
    since: u64,
}

/// How many bytes are getting on.
const STEP: u64 = 1 << 20;

impl Budget {
    pub(crate) fn new(policy: RetryPolicy, clock: Arc<dyn Clock>) -> Self {
        Self {
            policy,
            clock,
            failures: 0,
            since: 0,
        }
    }

    /// Waits after a failure at the position `at`. `Err` has the number of failures, and means the end.
    pub(crate) async fn spend(&mut self, at: u64, asked: Option<Duration>) -> Result<(), u32> {
        if at >= self.since.saturating_add(STEP) {
            self.since = at;
            self.failures = 0;
        }
        self.failures += 1;
        let Some(wait) = self.policy.next(self.failures, asked, &*self.clock) else {
            return Err(self.failures);
        };
        self.clock.sleep(wait).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
