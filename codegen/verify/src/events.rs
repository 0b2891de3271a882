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
    blocks(text).filter(|event| !event.all("data").is_empty())
}

/// What stands between empty lines.
fn blocks(text: &str) -> impl Iterator<Item = Event<'_>> {
    // What is behind the last empty line is no event yet.
    let whole = text.rfind("\n\n").map_or("", |end| &text[..end]);
    whole.split("\n\n").map(|lines| Event { lines })
}

/// The name of an event that has nothing but its name: readers pass over it.
pub(crate) fn unheard(text: &str) -> Option<&str> {
    let mut silent = blocks(text).filter(|event| event.all("data").is_empty());
    silent.find_map(|event| event.all("event").pop())
}

/// Whether a text ends within an event: readers pass over it.
pub(crate) fn is_unfinished(text: &str) -> bool {
    let lines = text.rsplit("\n\n").next().unwrap_or_default();
    !Event { lines }.all("data").is_empty()
}

/// The text of a stream whose lines may end in CRLF, in LF, or in CR, and which may begin with a mark of its order
/// of bytes.
pub(crate) fn text(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
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
    #[test]
    fn what_nobody_hears_is_seen() {
        let text = |bytes: &str| text(bytes.as_bytes());
        let whole = text("\u{feff}data: a\n\nid: 7\n\n: still here\n\nevent: b\ndata\n\n");
        assert_eq!(events(&whole).count(), 2);
        assert_eq!((unheard(&whole), is_unfinished(&whole)), (None, false));
        assert_eq!(unheard(&text("data: a\n\nevent: b\nid: 1\n\n")), Some("b"));
        assert!(is_unfinished(&text("data: a\n\ndata: b\n")));
        assert!(!is_unfinished(&text("data: a\n\n: still here\n")));
    }
}
