//! Events as a client reads them (`write` writes them).
//!
//! What is said of an id and of a time to wait holds once its block has ended, and once its line has; with an
//! event or without (HTML, section 9.2.6). Hazard: an event without an end must not fill the memory, so the limit
//! of a line is that of the data of an event, too.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;

use super::{Event, EventId, LastId, Named, Said, malformed};
use crate::lines::{Ends, Lines};
use crate::{Body, ItemError, Items, Json, Scalar};

/// The name of an event that has none.
const UNNAMED: &str = "message";

/// What a line may have beside its value: the longest name of a field, a colon, and a space.
const FIELD: u64 = 7;

/// Whether the data of an event is a text, where its name is a declared one.
fn declared<E: Named>(name: &str) -> Option<bool> {
    let mut names = E::NAMES.iter();
    names
        .find(|(known, _)| *known == name)
        .map(|(_, is_text)| *is_text)
}

/// Reads events, none of which has more than `limit` bytes of data, nor a line of more. Those of unknown
/// names are kept or passed over as the union says. `said` is what was said before, and is kept up to date.
pub(crate) fn read<E: Named + Send + 'static>(
    body: Body,
    limit: u64,
    said: Said,
) -> Items<Event<E>> {
    let reader = Reader {
        lines: Lines::new(body, Ends::Any, limit.saturating_add(FIELD)),
        limit,
        is_first: true,
        id: said.now().0,
        said,
    };
    Items::new(stream::unfold(reader, |mut reader| async {
        Some((reader.event().await.transpose()?, reader))
    }))
}

struct Reader {
    lines: Lines,
    limit: u64,
    is_first: bool,
    /// It holds once the block that says it has ended.
    id: LastId,
    said: Said,
}

impl Reader {
    async fn event<E: Named>(&mut self) -> Result<Option<Event<E>>, ItemError> {
        while let Some((name, data)) = self.block().await? {
            if let Some(event) = typed(&name, data)? {
                let (id, retry) = self.said.now();
                let id = id.known().cloned();
                return Ok(Some(Event { event, id, retry }));
            }
        }
        Ok(None)
    }

    /// Name and data of the next event that has data. One without its end is none.
    async fn block(&mut self) -> Result<Option<(String, String)>, ItemError> {
        let (mut name, mut data) = (String::new(), None);
        while let Some(line) = self.line().await? {
            let line = std::str::from_utf8(&line).map_err(malformed)?;
            let mark = std::mem::take(&mut self.is_first).then_some('\u{feff}');
            let line = mark
                .and_then(|mark| line.strip_prefix(mark))
                .unwrap_or(line);
            if line.is_empty() {
                self.said.id(self.id.clone());
                let name = std::mem::take(&mut name);
                let Some(data) = data.take() else { continue };
                let is_named = !name.is_empty();
                return Ok(Some((
                    if is_named { name } else { UNNAMED.to_owned() },
                    data,
                )));
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => value.clone_into(&mut name),
                "data" => self.append(&mut data, value)?,
                _ => self.note(field, value),
            }
        }
        Ok(None)
    }

    async fn line(&mut self) -> Result<Option<Bytes>, ItemError> {
        self.lines.next().await.map_err(|error| match error {
            ItemError::TooLarge { .. } => ItemError::TooLarge { limit: self.limit },
            error => error,
        })
    }

    fn append(&self, data: &mut Option<String>, value: &str) -> Result<(), ItemError> {
        let (data, end) = match data {
            None => (data.insert(String::new()), ""),
            Some(data) => (data, "\n"),
        };
        data.push_str(end);
        data.push_str(value);
        if u64::try_from(data.len()).is_ok_and(|len| len > self.limit) {
            return Err(ItemError::TooLarge { limit: self.limit });
        }
        Ok(())
    }

    /// Keeps what holds for later events, too. Other fields, and comments, mean nothing.
    fn note(&mut self, field: &str, value: &str) {
        match field {
            "id" if value.is_empty() => self.id = LastId::Gone,
            "id" => {
                // Nobody can ask by one that no header can hold.
                if let Ok(id) = EventId::parse(value) {
                    self.id = LastId::Known(id);
                }
            }
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                if let Ok(millis) = value.parse() {
                    self.said.retry(Duration::from_millis(millis));
                }
            }
            _ => {}
        }
    }
}

fn typed<E: Named>(name: &str, data: String) -> Result<Option<E>, ItemError> {
    let data = match declared::<E>(name) {
        None if !E::OPEN => return Ok(None),
        Some(false) => serde_json::from_str(&data).map_err(malformed)?,
        _ => Json::String(data),
    };
    serde_json::from_value(serde_json::json!({"event": name, "data": data}))
        .map(Some)
        .map_err(malformed)
}
