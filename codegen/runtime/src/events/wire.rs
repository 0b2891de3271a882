//! Events as they are sent: written for a server, read for a client.
//!
//! Hazard: an event without an end must not fill the memory, so the limit of a line is that of the data of
//! an event, too.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::{Event, EventId, Named, malformed};
use crate::json_lines::broken;
use crate::lines::{Ends, Lines};
use crate::{Body, BodyStream, ItemError, Items, Json, Scalar};

/// The name of an event that has none.
const UNNAMED: &str = "message";

/// What a line may have beside its value: the longest name of a field, a colon, and a space.
const FIELD: u64 = 7;

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

/// Whether the data of an event is a text, where its name is a declared one.
fn declared<E: Named>(name: &str) -> Option<bool> {
    let mut names = E::NAMES.iter();
    names
        .find(|(known, _)| *known == name)
        .map(|(_, is_text)| *is_text)
}

/// The same with a comment whenever nothing was sent for a while, so that nobody on the way takes the
/// connection for a dead one.
#[cfg(feature = "server")]
pub(crate) fn kept_alive(chunks: BodyStream, every: Duration) -> BodyStream {
    let chunks = stream::unfold(chunks, move |mut chunks| async move {
        match tokio::time::timeout(every, chunks.next()).await {
            Ok(chunk) => Some((chunk?, chunks)),
            Err(_) => Some((Ok(Bytes::from_static(b":\n\n")), chunks)),
        }
    });
    chunks.boxed()
}

/// Reads events, none of which has more than `limit` bytes of data, nor a line of more. Those of unknown
/// names are kept or passed over as the union says.
pub(crate) fn read<E: Named + Send + 'static>(body: Body, limit: u64) -> Items<Event<E>> {
    let reader = Reader {
        lines: Lines::new(body, Ends::Any, limit.saturating_add(FIELD)),
        limit,
        is_first: true,
        id: None,
        retry: None,
    };
    Items::new(stream::unfold(reader, |mut reader| async {
        Some((reader.event().await.transpose()?, reader))
    }))
}

struct Reader {
    lines: Lines,
    limit: u64,
    is_first: bool,
    id: Option<EventId>,
    retry: Option<Duration>,
}

impl Reader {
    async fn event<E: Named>(&mut self) -> Result<Option<Event<E>>, ItemError> {
        while let Some((name, data)) = self.block().await? {
            if let Some(event) = typed(&name, data)? {
                let (id, retry) = (self.id.clone(), self.retry);
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
            // One that no header can hold is none: nobody can ask by it.
            "id" => self.id = EventId::parse(value).ok(),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                let millis = value.parse().ok();
                self.retry = millis.map(Duration::from_millis).or(self.retry);
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

#[cfg(test)]
mod tests {
    use std::io;

    use futures_util::FutureExt;
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "event", content = "data")]
    enum Closed {
        #[serde(rename = "message")]
        Words(String),
        Count(u32),
        Pair(Vec<u8>),
    }

    impl Named for Closed {
        const NAMES: &'static [(&'static str, bool)] =
            &[("message", true), ("Count", false), ("Pair", false)];
        const OPEN: bool = false;

        fn parts(&self) -> Result<(String, String), ItemError> {
            match self {
                Self::Words(data) => super::super::text("message", data),
                Self::Count(data) => super::super::json("Count", data),
                Self::Pair(data) => super::super::json("Pair", data),
            }
        }
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Open {
        Other(Json),
    }

    impl Named for Open {
        const NAMES: &'static [(&'static str, bool)] = &[];
        const OPEN: bool = true;

        fn parts(&self) -> Result<(String, String), ItemError> {
            let Self::Other(event) = self;
            super::super::other(event)
        }
    }

    fn words(text: &str) -> Closed {
        Closed::Words(text.to_owned())
    }

    fn all<E: Named + Send + 'static>(text: &str, limit: u64) -> Vec<Result<Event<E>, String>> {
        let items = read(Body::from(text.to_owned()), limit);
        let items = items.map(|item| item.map_err(|error| error.to_string()));
        items.collect().now_or_never().expect("is ready at once")
    }

    fn events(text: &str) -> Vec<Closed> {
        let all = all::<Closed>(text, 99).into_iter();
        all.map(|event| event.unwrap().event).collect()
    }

    fn written<E: Named + Send + 'static>(event: Event<E>) -> io::Result<String> {
        let mut chunks = write(Items::new(stream::iter([Ok(event)])));
        let chunk = chunks.next().now_or_never().flatten();
        // Before an error it is not ready once.
        let chunk = chunk.or_else(|| chunks.next().now_or_never().flatten());
        chunk
            .unwrap()
            .map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn what_is_written_is_read() {
        for (event, text) in [
            (words("a"), "event: message\ndata: a\n\n"),
            (words(""), "event: message\ndata: \n\n"),
            (
                words(" a\n\nid: 7"),
                "event: message\ndata:  a\ndata: \ndata: id: 7\n\n",
            ),
            (words("\n"), "event: message\ndata: \ndata: \n\n"),
            (Closed::Count(7), "event: Count\ndata: 7\n\n"),
            (Closed::Pair(vec![1, 2]), "event: Pair\ndata: [1,2]\n\n"),
        ] {
            assert_eq!(written(Event::new(event.clone())).unwrap(), text);
            assert_eq!(events(text), [event]);
        }
        let break_of_another_kind = written(Event::new(words("a\r\nb\rid: 1"))).unwrap();
        assert_eq!(events(&break_of_another_kind), [words("a\nb\nid: 1")]);
    }

    #[test]
    fn an_id_and_a_time_to_wait_hold_until_there_are_others() {
        let id: EventId = "a 7".parse().unwrap();
        let event = Event::new(words("x"))
            .id(id.clone())
            .retry(Duration::from_millis(1500));
        let text = written(event.clone()).unwrap();
        assert_eq!(text, "id: a 7\nretry: 1500\nevent: message\ndata: x\n\n");
        let more = "data: y\n\nid: \u{e4}\nretry: 1s\ndata: z\n\nid: b\n\ndata: last\n\n";
        let all = all::<Closed>(&format!("{text}{more}"), 99);
        let ids: Vec<Option<&str>> = all
            .iter()
            .map(|event| event.as_ref().unwrap().id.as_ref().map(EventId::as_str))
            .collect();
        assert_eq!(ids, [Some("a 7"), Some("a 7"), None, Some("b")]);
        assert_eq!(all[0], Ok(event));
        assert!(
            all.iter()
                .all(|event| event.as_ref().unwrap().retry == Some(Duration::from_millis(1500)))
        );
        for hostile in [
            "",
            "a\nb",
            "a\rdata: x",
            "a\0",
            " a",
            "a ",
            "\u{e4}",
            "a\tb",
        ] {
            assert!(hostile.parse::<EventId>().is_err(), "{hostile:?}");
        }
    }

    #[test]
    fn lines_end_in_all_ways_and_what_is_no_field_is_passed_over() {
        let text = "\u{feff}data:a\r\n\r\n: a comment\revent: Count\rdata: 7\r\rdata\n\nevent: Count\n\nid\ndata: b\nfoo: x\n\ndata: cut off";
        assert_eq!(
            events(text),
            [words("a"), Closed::Count(7), words(""), words("b")]
        );
        assert_eq!(
            events("data: a\n\n:\n\n:\n\ndata: b\n\n"),
            [words("a"), words("b")]
        );
        assert!(events("").is_empty());
    }

    #[test]
    fn events_of_other_names_are_passed_over_or_kept() {
        let text = "event: other\ndata: {\ndata: x\n\nevent: Count\ndata: 1\n\n";
        assert_eq!(events(text), [Closed::Count(1)]);
        let all = all::<Open>(text, 99);
        let kept = Open::Other(serde_json::json!({"event": "other", "data": "{\nx"}));
        assert_eq!(all[0], Ok(Event::new(kept.clone())));
        assert_eq!(
            written(Event::new(kept)).unwrap(),
            "event: other\ndata: {\ndata: x\n\n"
        );
        for hostile in ["a\nb", "a\rb", "\0"] {
            let other = Open::Other(serde_json::json!({"event": hostile, "data": "x"}));
            assert!(written(Event::new(other)).is_err(), "{hostile:?}");
        }
    }

    #[test]
    fn a_stream_ends_behind_what_cannot_be_read() {
        for (text, problem) in [
            ("event: Count\ndata: x\n\ndata: b\n\n", "expected value"),
            ("event: Pair\ndata: {}\n\ndata: b\n\n", "invalid type"),
            ("data: 1234567890123\n\ndata: b\n\n", "more than 12 bytes"),
            ("data: 123456\ndata: 123456\n\n", "more than 12 bytes"),
            ("id: 12345678901234567890\n\n", "more than 12 bytes"),
        ] {
            let all = all::<Closed>(text, 12);
            assert_eq!(all.len(), 1, "{text}");
            let error = all[0].as_ref().unwrap_err();
            assert!(error.contains(problem), "{error}");
        }
        assert_eq!(
            all::<Closed>("data: 123456789012\n\n", 12),
            [Ok(Event::new(words("123456789012")))]
        );
    }

    #[cfg(feature = "server")]
    #[tokio::test]
    async fn a_stream_on_which_nothing_happens_says_that_it_is_there() {
        let quiet = stream::pending::<io::Result<Bytes>>().boxed();
        let comments: Vec<_> = kept_alive(quiet, Duration::from_millis(1))
            .take(2)
            .collect()
            .await;
        assert!(
            comments
                .iter()
                .all(|chunk| chunk.as_ref().unwrap() == ":\n\n")
        );
        let busy = stream::iter([Ok(Bytes::from_static(b"data: a\n\n"))]).boxed();
        let chunks: Vec<_> = kept_alive(busy, Duration::from_mins(10)).collect().await;
        assert_eq!(chunks.len(), 1);
    }
}
