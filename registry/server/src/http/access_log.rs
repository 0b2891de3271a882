//! The access log: an event for each request, once its answer is complete or given up.
//!
//! It says what was asked, by operation and repository, and what became of it. Hazard: what a client sends
//! may be secret. Of the URL the path alone is told, never the query nor what stands before the host, and
//! of the headers `User-Agent` alone.

use std::borrow::Cow;
use std::sync::Arc;

use api_runtime::{Operation, percent};
use http::header::USER_AGENT;
use http::{HeaderValue, Method, Request, Response, Uri};
use tokio::time::Instant;
use tracing::Level;

use super::layers::RequestId;
use crate::telemetry::ACCESS;

/// More of a header is not told.
const LONGEST_HEADER: usize = 256;

/// What is kept of a request until its answer is complete.
pub(super) struct Entry {
    start: Instant,
    id: RequestId,
    remote: Arc<str>,
    method: Method,
    uri: Uri,
    user_agent: Option<HeaderValue>,
    answer: Option<Answered>,
}

/// What is known of an answer.
struct Answered {
    status: u16,
    operation: Option<&'static Operation>,
    /// How many bytes of its body were sent, and whether that was all; nothing while it is on its way.
    sent: Option<(u64, bool)>,
}

impl Entry {
    /// Begins an entry, if anybody is going to read it.
    pub(super) fn begin<B>(request: &Request<B>, remote: Arc<str>, id: &RequestId) -> Option<Self> {
        tracing::enabled!(target: ACCESS, Level::INFO).then(|| Self {
            start: Instant::now(),
            id: id.clone(),
            remote,
            method: request.method().clone(),
            uri: request.uri().clone(),
            user_agent: request.headers().get(USER_AGENT).cloned(),
            answer: None,
        })
    }

    /// The head of the answer is known.
    pub(super) fn answered<B>(&mut self, response: &Response<B>) {
        self.answer = Some(Answered {
            status: response.status().as_u16(),
            operation: response.extensions().get::<&'static Operation>().copied(),
            sent: None,
        });
    }

    /// The answer is over: so many bytes of its body, all of them or not.
    pub(super) fn sent(mut self, bytes: u64, is_whole: bool) {
        if let Some(answer) = &mut self.answer {
            answer.sent = Some((bytes, is_whole));
        }
    }
}

/// The event is made where the entry is dropped, so that a request whose client left has one too.
impl Drop for Entry {
    fn drop(&mut self) {
        let answer = self.answer.as_ref();
        let operation = answer.and_then(|answer| answer.operation);
        let sent = answer.and_then(|answer| answer.sent);
        let user_agent = self.user_agent.as_ref();
        let user_agent = user_agent.map(|value| beginning(value.as_bytes()));
        let path = self.uri.path();
        let repository = operation.and_then(|operation| repository(operation, path));
        tracing::info!(
            target: ACCESS,
            request_id = self.id.as_str(),
            operation = operation.map(|operation| operation.id),
            repository = repository.as_deref(),
            remote = &*self.remote,
            method = self.method.as_str(),
            path,
            status = answer.map(|answer| answer.status),
            bytes = sent.map(|(bytes, _)| bytes),
            cut = (!sent.is_some_and(|(_, is_whole)| is_whole)).then_some(true),
            microseconds = u64::try_from(self.start.elapsed().as_micros()).ok(),
            user_agent = user_agent.as_deref(),
            "request"
        );
    }
}

/// The value of a header, as far as it is told.
fn beginning(value: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(&value[..value.len().min(LONGEST_HEADER)])
}

/// The name of the repository in the path of a request: what stands where the template has `{name}`.
fn repository<'p>(operation: &Operation, path: &'p str) -> Option<Cow<'p, str>> {
    let (before, after) = operation.template.split_once("{name}")?;
    // A prefix of the path may stand before the template; the name holds anything, so the end is counted.
    let segments = |text: &str| text.trim_end_matches('/').matches('/').count();
    let mut name = path.trim_end_matches('/');
    for _ in 0..segments(after) {
        name = name.rsplit_once('/')?.0;
    }
    let (_, name) = name.split_once(before)?;
    percent::decode(name).ok()
}

#[cfg(test)]
mod tests {
    use registry_protocol::{GET_BLOB, LIST_REPOSITORIES, LIST_TAGS, START_UPLOAD};

    use super::*;

    #[test]
    fn the_name_of_a_repository_is_found_in_the_path() {
        for (operation, path, name) in [
            (&GET_BLOB, "/v2/team/app/blobs/sha256:ab", Some("team/app")),
            (&GET_BLOB, "/at/v2/a/blobs/blobs/x", Some("a/blobs")),
            (&LIST_TAGS, "/v2/team%2Fapp/tags/list", Some("team/app")),
            (&LIST_TAGS, "/v2/a%GG/tags/list", None),
            (&START_UPLOAD, "/v2/a/blobs/uploads/", Some("a")),
            (&START_UPLOAD, "/v2/a/blobs/uploads", Some("a")),
            (&LIST_REPOSITORIES, "/v2/_catalog", None),
        ] {
            let found = repository(operation, path);
            assert_eq!(found.as_deref(), name, "{path}");
        }
    }
}
