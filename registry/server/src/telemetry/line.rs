//! The text of one line.
//!
//! It is written as it goes, without a structure in between, since a line of the access log comes with
//! every request. Hazard: values come from clients. Whatever could break a line or steer a terminal is
//! escaped as JSON escapes it, in both formats; that takes in more characters than JSON itself asks for.

use std::fmt::{Display, Write};

use serde_json::Value;

use crate::config::LogFormat;

/// A line that is being written.
pub(super) struct Line<'n> {
    format: LogFormat,
    text: String,
    /// The names that are there; the first value of a name counts.
    names: Vec<&'n str>,
}

impl<'n> Line<'n> {
    pub(super) fn new(format: LogFormat) -> Self {
        let mut text = String::with_capacity(512);
        if format == LogFormat::Json {
            text.push('{');
        }
        let names = Vec::with_capacity(16);
        Self {
            format,
            text,
            names,
        }
    }

    /// Adds a text.
    pub(super) fn text(&mut self, name: &'n str, value: &(impl Display + ?Sized)) {
        if !self.name(name) {
            return;
        }
        let start = self.text.len();
        let mut escaping = Escaping {
            text: &mut self.text,
            is_plain: true,
        };
        // Writing to a String cannot fail; what a value says of itself may, and then is cut short.
        let _ = write!(escaping, "{value}");
        let is_plain = escaping.is_plain && self.text.len() > start;
        if self.format == LogFormat::Json || !is_plain {
            self.text.insert(start, '"');
            self.text.push('"');
        }
    }

    /// Adds what needs no quotes in either format.
    pub(super) fn plain(&mut self, name: &'n str, value: impl Display) {
        if self.name(name) {
            let _ = write!(self.text, "{value}");
        }
    }

    /// Adds a text that needs no formatting.
    pub(super) fn str(&mut self, name: &'n str, value: &str) {
        if !self.name(name) {
            return;
        }
        let is_plain = !value.is_empty() && value.bytes().all(is_plain);
        let is_quoted = self.format == LogFormat::Json || !is_plain;
        if is_quoted {
            self.text.push('"');
        }
        if is_plain {
            self.text.push_str(value);
        } else {
            escape(&mut self.text, value);
        }
        if is_quoted {
            self.text.push('"');
        }
    }

    /// Adds a value of any kind.
    pub(super) fn value(&mut self, name: &'n str, value: &Value) {
        match value {
            Value::String(text) => self.str(name, text),
            value => self.plain(name, value),
        }
    }

    /// The line, with its line feed.
    pub(super) fn end(mut self) -> String {
        if self.format == LogFormat::Json {
            self.text.push('}');
        }
        self.text.push('\n');
        self.text
    }

    /// Begins a field, unless there is one of that name.
    fn name(&mut self, name: &'n str) -> bool {
        if self.names.contains(&name) {
            return false;
        }
        let is_first = self.names.is_empty();
        self.names.push(name);
        match self.format {
            LogFormat::Json => {
                self.text.push_str(if is_first { "\"" } else { ",\"" });
                escape(&mut self.text, name);
                self.text.push_str("\":");
            }
            LogFormat::Text => {
                if !is_first {
                    self.text.push(' ');
                }
                escape(&mut self.text, name);
                self.text.push('=');
            }
        }
        true
    }
}

/// Escapes what is written to it, and sees whether that would do without quotes.
struct Escaping<'t> {
    text: &'t mut String,
    is_plain: bool,
}

impl Write for Escaping<'_> {
    fn write_str(&mut self, value: &str) -> std::fmt::Result {
        if value.bytes().all(is_plain) {
            self.text.push_str(value);
        } else {
            self.is_plain = false;
            escape(self.text, value);
        }
        Ok(())
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'%' | b'&' | b'+'..=b':' | b'?' | b'@' | b'_' | b'~')
}

fn escape(text: &mut String, value: &str) {
    if value.bytes().all(is_plain) {
        text.push_str(value);
        return;
    }
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            character if steers(character) => {
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            character => text.push(character),
        }
    }
}

/// Controls of both ranges, line ends that are none in ASCII, and what turns the direction of writing. All
/// of them lie in the first plane, so that four digits tell them.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
}
