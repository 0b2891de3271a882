//! Bodies of the type `text/event-stream` (HTML, section 9.2): events with a name, each with data.
//!
//! What an event is in code is a union with the tag `event` and the content `data`. Data that is a text
//! stands there as it is, other data as JSON. A line break in a text is one between lines of data, so CR
//! becomes LF. Hazard: a name or an id with a line break would be a field of its own; ids cannot have one,
//! and names are looked at.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Invalid, ItemError, Json, Scalar};

/// One event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<E> {
    /// What happened.
    pub event: E,
    /// By what one asks later for what comes behind. Where events are read: the last one that was
    /// said.
    pub id: Option<EventId>,
    /// How long to wait before asking again when the connection is lost. Where events are read: what was
    /// said last.
    pub retry: Option<Duration>,
}

impl<E> Event<E> {
    /// An event without an id.
    pub fn new(event: E) -> Self {
        Self {
            event,
            id: None,
            retry: None,
        }
    }

    /// With an id.
    #[must_use]
    pub fn id(mut self, id: EventId) -> Self {
        self.id = Some(id);
        self
    }

    /// With a time to wait before asking again, in whole milliseconds.
    #[must_use]
    pub fn retry(mut self, retry: Duration) -> Self {
        self.retry = Some(retry);
        self
    }
}

/// The id of an event: what the header `Last-Event-ID` can hold, so visible ASCII, with spaces within.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(String);

impl EventId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, by value.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Scalar for EventId {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let is_fine = !text.is_empty()
            && text.trim() == text
            && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if is_fine {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("is no id that a header can hold"))
        }
    }

    fn write(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

impl std::str::FromStr for EventId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The union of the events of one stream.
pub trait Named: DeserializeOwned {
    /// The names of its events, and whether their data is a text.
    const NAMES: &'static [(&'static str, bool)];

    /// Events of other names are kept, their data as a text.
    const OPEN: bool;

    /// Its name and its data.
    fn parts(&self) -> Result<(String, String), ItemError>;
}

/// An event whose data is a text.
pub fn text<V: Serialize>(name: &str, data: &V) -> Result<(String, String), ItemError> {
    match serde_json::to_value(data).map_err(malformed)? {
        Json::String(text) => Ok((name.to_owned(), text)),
        _ => Err(malformed("the data of an event that is no text")),
    }
}

/// An event whose data is JSON.
pub fn json<V: Serialize>(name: &str, data: &V) -> Result<(String, String), ItemError> {
    let data = serde_json::to_string(data).map_err(malformed)?;
    Ok((name.to_owned(), data))
}

/// An event of another name.
pub fn other(event: &Json) -> Result<(String, String), ItemError> {
    let name = event.get("event").and_then(Json::as_str);
    let Some(name) = name.filter(|name| !name.contains(char::is_control)) else {
        return Err(malformed("an event without a name, or with a broken one"));
    };
    Ok(match event.get("data") {
        None => (name.to_owned(), String::new()),
        Some(Json::String(text)) => (name.to_owned(), text.clone()),
        Some(json) => (name.to_owned(), json.to_string()),
    })
}

fn malformed(problem: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ItemError {
    ItemError::Malformed(problem.into())
}

#[cfg(feature = "client")]
pub(crate) use read::read;
#[cfg(feature = "client")]
pub use said::LastId;
#[cfg(feature = "client")]
pub(crate) use said::Said;
#[cfg(feature = "server")]
pub(crate) use write::{kept_alive, write};

#[cfg(feature = "client")]
mod read;
#[cfg(feature = "client")]
mod said;
#[cfg(test)]
#[cfg(all(feature = "server", feature = "client"))]
mod tests;
#[cfg(feature = "server")]
mod write;
