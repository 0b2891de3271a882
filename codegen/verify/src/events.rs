//! What has come of a stream of events (HTML, section 9.2).
//!
//! `judge` looks at what the events say, `follow` at where they go on, and the mock goes on behind one of its own.

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event<'t> {
    /// Its lines, without the empty one that ends it.
    pub(crate) lines: &'t str,
}

/// The events of a text that have come as a whole, and are more than comments.
pub(crate) fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    // What is behind the last empty line is no event yet.
    let whole = text.rfind("\n\n").map_or("", |end| &text[..end]);
    let blocks = whole.split("\n\n").map(|lines| Event { lines });
    blocks.filter(|event| !event.all("data").is_empty())
}

/// The text of a stream whose lines may end in CRLF, in LF, or in CR.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .replace("\r\n", "\n")
        .replace('\r', "\n")
}

impl<'t> Event<'t> {
    fn all(&self, name: &str) -> Vec<&'t str> {
        let lines = self.lines.lines();
        let fields = lines.map(|line| line.split_once(':').unwrap_or((line, "")));
        let values = fields.filter(|(own, _)| *own == name);
        values
            .map(|(_, value)| value.strip_prefix(' ').unwrap_or(value))
            .collect()
    }

    /// Its name.
    pub(crate) fn name(&self) -> &'t str {
        self.all("event").pop().unwrap_or("message")
    }

    /// Its data.
    pub(crate) fn data(&self) -> String {
        self.all("data").join("\n")
    }

    /// Its id, by which a client says that it is the last one it has seen.
    pub(crate) fn id(&self) -> Option<&'t str> {
        self.all("id").pop().filter(|id| !id.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_ends_with_an_empty_line() {
        let text = text(
            b"id: 1\r\nevent:a\r\ndata: b\r\ndata\r\ndata:  c\r\n\r\ndata:d\r\r: still here\n\ndata: d\n",
        );
        let events: Vec<Event<'_>> = events(&text).collect();
        assert_eq!(events.len(), 2);
        assert_eq!((events[0].name(), events[0].id()), ("a", Some("1")));
        assert_eq!(events[0].data(), "b\n\n c");
        assert_eq!(events[1].data(), "d");
    }
}
