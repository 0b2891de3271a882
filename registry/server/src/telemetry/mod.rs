//! Log lines: one event a line, as `key=value` pairs or as a JSON object, on standard error.
//!
//! A line has its time, level, message and module, then its own fields, the id of the request that is being
//! answered, the fields of the spans it stands in (innermost first) and the configured ones; of several with
//! one name the first counts. `line` writes
//! it, `output` hands it on. The access log is events like any other, but there are so many of them that
//! their lines are gathered: a system call for each would cost as much as the request. Hazard: what was
//! gathered is lost when the process is killed, at most [`GATHER`] of it.

mod line;
mod output;
mod request;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Debug;
use std::io;
use std::panic::PanicHookInfo;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat, LogLevel};
use line::Line;
pub use output::Output;
pub(crate) use request::on_behalf;

/// The target of events of the access log.
pub(crate) const ACCESS: &str = "access";

/// Lines of the access log are written when so much time has passed, if not before.
pub const GATHER: Duration = Duration::from_millis(100);

/// Sends all events of this process, and its panics, to standard error. A second call changes nothing.
///
/// # Errors
///
/// The thread that writes them cannot be started.
pub fn install(log: &Log) -> io::Result<Installed> {
    let level = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let output = Output::new(log, io::stderr())?;
    let lines = Lines::new(log, output.clone());
    let subscriber = tracing_subscriber::registry().with(level).with(lines);
    if subscriber.try_init().is_err() {
        tracing::debug!("events are already being logged");
    } else {
        std::panic::set_hook(Box::new(log_panic));
    }
    Ok(Installed(output))
}

/// Makes an event of a panic. What Rust does by itself is to write to standard error, and to wait until that is
/// read. The backtrace is there if `RUST_BACKTRACE` asks for it.
pub fn log_panic(panic: &PanicHookInfo<'_>) {
    let text = panic.payload_as_str().unwrap_or("no message");
    let backtrace = Backtrace::capture();
    let backtrace = match backtrace.status() {
        BacktraceStatus::Captured => Some(backtrace.to_string()),
        _ => None,
    };
    tracing::error!(
        text,
        location = panic.location().map(ToString::to_string),
        thread = thread::current().name(),
        backtrace,
        "panicked"
    );
}

/// That events are logged. What is gathered is written when it is dropped, at the end of the process; if
/// nobody reads it, that waits two seconds at most.
#[derive(Debug)]
#[must_use = "what is gathered at the end of the process would be lost"]
pub struct Installed(Output);

impl Drop for Installed {
    fn drop(&mut self) {
        self.0.flush();
    }
}

/// A layer that makes a line of each event.
#[derive(Debug)]
pub struct Lines {
    format: LogFormat,
    fields: Vec<(String, String)>,
    output: Output,
}

impl Lines {
    /// Lines in the configured format, with the configured fields; each ends with a line feed.
    pub fn new(log: &Log, output: Output) -> Self {
        Self {
            format: log.format,
            fields: log.fields.clone(),
            output,
        }
    }

    fn line<S>(&self, event: &Event<'_>, context: &Context<'_, S>) -> String
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let metadata = event.metadata();
        let mut line = Line::new(self.format);
        line.text("time", &format_args!("{:.6}", Timestamp::now()));
        line.str("level", level(metadata));
        event.record(&mut Message(&mut line));
        line.str("module", metadata.target());
        event.record(&mut Own(&mut line));
        if let Some(id) = request::id() {
            line.str("request_id", id.to_str().unwrap_or_default());
        }
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(Kept(fields)) = span.extensions().get::<Kept>() {
                for (name, value) in fields {
                    line.value(name, value);
                }
            }
        }
        for (name, value) in &self.fields {
            line.str(name, value);
        }
        line.end()
    }
}

impl<S> Layer<S> for Lines
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(
        &self,
        attributes: &span::Attributes<'_>,
        id: &span::Id,
        context: Context<'_, S>,
    ) {
        let mut kept = Kept::default();
        attributes.record(&mut kept);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(kept);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(kept) = span.extensions_mut().get_mut::<Kept>()
        {
            values.record(kept);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let line = self.line(event, &context);
        if event.metadata().target() == ACCESS {
            self.output.gather(&line);
        } else {
            self.output.write(&line);
        }
    }
}

/// The line that stands for those that were dropped.
fn dropped(log: &Log, count: u64) -> String {
    let mut line = Line::new(log.format);
    line.text("time", &format_args!("{:.6}", Timestamp::now()));
    line.str("level", "warn");
    line.text(
        "msg",
        &format_args!("{count} lines were dropped: nobody read them in time"),
    );
    line.str("module", module_path!());
    line.plain("dropped", count);
    for (name, value) in &log.fields {
        line.str(name, value);
    }
    line.end()
}

fn level(metadata: &Metadata<'_>) -> &'static str {
    match *metadata.level() {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// What tracing calls the text of an event.
const MESSAGE: &str = "message";

/// Writes the message of an event alone.
struct Message<'l, 'n>(&'l mut Line<'n>);

impl Visit for Message<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == MESSAGE {
            self.0.text("msg", &format_args!("{value:?}"));
        }
    }
}

/// Writes all else that an event has.
struct Own<'l, 'n>(&'l mut Line<'n>);

impl Visit for Own<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() != MESSAGE {
            self.0.text(field.name(), &format_args!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() != MESSAGE {
            self.0.str(field.name(), value);
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.plain(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.plain(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.plain(field.name(), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.value(field.name(), &Value::from(value));
    }
}

/// The fields of a span, for the lines to come.
#[derive(Debug, Default)]
struct Kept(Vec<(&'static str, Value)>);

impl Kept {
    fn put(&mut self, field: &Field, value: Value) {
        match self.0.iter_mut().find(|(name, _)| *name == field.name()) {
            Some((_, old)) => *old = value,
            None => self.0.push((field.name(), value)),
        }
    }
}

impl Visit for Kept {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, Value::from(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::from(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Value::from(value));
    }
}
