//! Which request a line of the log belongs to.
//!
//! A span would tell as much, and cost each request more than all else that is logged of it.

use http::HeaderValue;

tokio::task_local! {
    static REQUEST: HeaderValue;
}

/// Does what a request asks for. The lines that are logged on the way carry its id.
pub(crate) async fn on_behalf<T>(id: HeaderValue, work: impl Future<Output = T>) -> T {
    REQUEST.scope(id, work).await
}

/// The id of the request that is being answered, where one is.
pub(super) fn id() -> Option<HeaderValue> {
    REQUEST.try_with(HeaderValue::clone).ok()
}
