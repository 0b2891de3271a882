//! Log lines: one event a line, as `key=value` pairs or as a JSON object, on standard error.
//!
//! A line has its time, level and message, then the configured fields, the fields of the spans it
//! stands in (outermost first) and its own. Hazard: values come from clients, so whatever could break
//! a line or a terminal is escaped.

use std::fmt::Write as _;
use std::io::Write as _;

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Scope};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, filter::LevelFilter};

use crate::config::{Log, LogFormat, LogLevel};

/// Sends all events of this process to standard error. A second call changes nothing.
pub fn install(log: &Log) {
    let level = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let lines = Lines::new(log, |line| {
        // Nobody is left to tell when the log itself cannot be written.
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    });
    let subscriber = tracing_subscriber::registry().with(lines.with_filter(level));
    if subscriber.try_init().is_err() {
        tracing::debug!("events are already being logged");
    }
}

/// A layer that makes a line of each event and hands it on.
#[derive(Debug)]
pub struct Lines<W> {
    format: LogFormat,
    fields: Vec<(String, Value)>,
    write: W,
}

impl<W: Fn(String)> Lines<W> {
    /// Lines in the configured format, with the configured fields; each ends with a line feed.
    pub fn new(log: &Log, write: W) -> Self {
        let fields = log.fields.iter();
        Self {
            format: log.format,
            fields: fields
                .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
                .collect(),
            write,
        }
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: Fn(String) + 'static,
{
    fn on_new_span(
        &self,
        attributes: &span::Attributes<'_>,
        id: &span::Id,
        context: Context<'_, S>,
    ) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Fields::default();
        line.put("time", Value::from(now()));
        line.put(
            "level",
            Value::from(event.metadata().level().as_str().to_ascii_lowercase()),
        );
        let mut own = Fields::default();
        event.record(&mut own);
        if let Some(message) = own.take("message") {
            line.put("msg", message);
        }
        line.put("module", Value::from(event.metadata().target()));
        for (name, value) in &self.fields {
            line.put(name, value.clone());
        }
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(Scope::from_root)
        {
            if let Some(Fields(fields)) = span.extensions().get::<Fields>() {
                for (name, value) in fields {
                    line.put(name, value.clone());
                }
            }
        }
        for (name, value) in own.0 {
            line.put(&name, value);
        }
        (self.write)(match self.format {
            LogFormat::Json => line.json(),
            LogFormat::Text => line.text(),
        });
    }
}

fn now() -> String {
    let mut text = String::new();
    match SystemTime.format_time(&mut Writer::new(&mut text)) {
        Ok(()) => text,
        Err(_) => "unknown".to_owned(),
    }
}

/// Names with values, in the order in which they came; the last value of a name counts.
#[derive(Debug, Default)]
struct Fields(Vec<(String, Value)>);

impl Fields {
    fn put(&mut self, name: &str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let position = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(position).1)
    }

    fn json(self) -> String {
        // Written by hand to keep the order; serde_json's own map sorts by name.
        let mut line = String::from("{");
        for (index, (name, value)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let name = Value::from(name.as_str());
            // Writing to a String cannot fail.
            let _ = write!(line, "{comma}{name}:{value}");
        }
        line.push_str("}\n");
        line
    }

    fn text(self) -> String {
        let mut line = String::new();
        for (index, (name, value)) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            let _ = match value {
                Value::String(text) if is_plain(text) => write!(line, "{space}{name}={text}"),
                value => write!(line, "{space}{name}={value}"),
            };
        }
        line.push('\n');
        line
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._/:@+,~?%&".contains(c))
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.put(field.name(), Value::from(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), Value::from(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), Value::from(value));
    }
}
