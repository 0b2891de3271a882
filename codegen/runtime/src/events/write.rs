//! Events as a server sends them (`read` reads them).
//!
//! Hazard: a name with a line break would be a field of its own, so `Named::parts` refuses one.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::{Event, Named};
use crate::json_lines::broken;
use crate::{BodyStream, ItemError, Items};

/// Writes each event. A body has nothing behind the first failure.
pub(crate) fn write<E: Named + 'static>(events: Items<Event<E>>) -> BodyStream {
    let text = events.map(|event| text(&event.map_err(broken)?).map_err(broken));
    text.boxed()
}

fn text<E: Named>(event: &Event<E>) -> Result<Bytes, ItemError> {
    let (name, data) = event.event.parts()?;
    let mut text = String::new();
    if let Some(id) = &event.id {
        push(&mut text, "id", id.as_str());
    }
    if let Some(retry) = event.retry {
        push(&mut text, "retry", &retry.as_millis().to_string());
    }
    push(&mut text, "event", &name);
    for line in data.replace("\r\n", "\n").split(['\n', '\r']) {
        push(&mut text, "data", line);
    }
    text.push('\n');
    Ok(text.into())
}

fn push(text: &mut String, field: &str, value: &str) {
    text.push_str(field);
    text.push_str(": ");
    text.push_str(value);
    text.push('\n');
}

/// The same with a comment whenever nothing was sent for a while, so that nobody on the way takes the
/// connection for a dead one.
pub(crate) fn kept_alive(chunks: BodyStream, every: Duration) -> BodyStream {
    let chunks = stream::unfold(chunks, move |mut chunks| async move {
        match tokio::time::timeout(every, chunks.next()).await {
            Ok(chunk) => Some((chunk?, chunks)),
            Err(_) => Some((Ok(Bytes::from_static(b":\n\n")), chunks)),
        }
    });
    chunks.boxed()
}
