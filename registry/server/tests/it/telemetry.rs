//! Log lines, in both formats.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use registry::config::{Log, LogFormat, LogLevel};
use registry::telemetry::{GATHER, Lines, Output};
use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt;

/// What was written, and in how many pieces.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<(String, usize)>>);

impl Written {
    fn take(&self) -> (String, usize) {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.0.lock().unwrap();
        written.0.push_str(std::str::from_utf8(bytes).unwrap());
        written.1 += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn subscriber(format: LogFormat, output: Output) -> impl Subscriber + Send + Sync {
    let fields = [("service", "my registry"), ("request_id", "of nobody")];
    let log = Log {
        level: LogLevel::Info,
        format,
        access_log: true,
        fields: fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
    };
    tracing_subscriber::registry().with(Lines::new(&log, output))
}

/// The lines that `say` logs.
fn lines(format: LogFormat, say: impl FnOnce()) -> String {
    let written = Written::default();
    let subscriber = subscriber(format, Output::new(written.clone()));
    tracing::subscriber::with_default(subscriber, say);
    written.take().0
}

fn say() {
    let outer = tracing::info_span!(
        "request",
        request_id = "r1",
        repository = tracing::field::Empty,
        bytes = 1
    );
    outer.record("repository", "team/app");
    outer.in_scope(|| tracing::warn!(target: "t", bytes = 7_u64, ok = true, agent = "a\nlevel=error \u{1b}[2J\u{9b}\u{202e}\\", "slow \"answer\""));
}

#[test]
fn text_lines_are_pairs_with_message_fields_and_spans() {
    let line = lines(LogFormat::Text, say);
    let (time, rest) = line.split_once(' ').unwrap();
    assert!(time.starts_with("time=2") && time.ends_with('Z'), "{time}");
    assert_eq!(
        rest,
        "level=warn msg=\"slow \\\"answer\\\"\" module=t bytes=7 ok=true \
         agent=\"a\\nlevel=error \\u001b[2J\\u009b\\u202e\\\\\" request_id=r1 repository=team/app \
         service=\"my registry\"\n"
    );
}

#[test]
fn json_lines_are_one_object_each() {
    let line = lines(LogFormat::Json, say);
    assert_eq!(line.matches('\n').count(), 1);
    let object: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(object["level"], "warn");
    assert_eq!(object["msg"], "slow \"answer\"");
    assert_eq!(object["service"], "my registry");
    assert_eq!(object["request_id"], "r1");
    assert_eq!(object["repository"], "team/app");
    assert_eq!(object["bytes"], 7);
    assert_eq!(object["agent"], "a\nlevel=error \u{1b}[2J\u{9b}\u{202e}\\");
    for name in ["bytes", "request_id"] {
        let there = line.matches(&format!("\"{name}\":")).count();
        assert_eq!(there, 1, "{line}");
    }
    let escaped = ["\u{1b}", "\u{9b}", "\u{202e}"];
    assert!(!escaped.iter().any(|text| line.contains(text)), "{line:?}");
}

#[test]
fn lines_of_the_access_log_are_written_together_and_never_behind_later_ones() {
    let written = Written::default();
    let output = Output::new(written.clone());
    let subscriber = subscriber(LogFormat::Text, output.clone());
    tracing::subscriber::with_default(subscriber, || {
        for number in 0..3 {
            tracing::info!(target: "access", number, "request");
        }
        tracing::error!(number = 3, "something else");
        let (text, _) = written.take();
        let numbers = text.lines().map(|line| line.split("number=").nth(1));
        let numbers: Vec<&str> = numbers.map(|text| &text.unwrap()[..1]).collect();
        assert_eq!(numbers, ["0", "1", "2", "3"]);

        // Many more than fit. Slow machines may have the time of some of them run out, too.
        for number in 0..10_000 {
            tracing::info!(target: "access", number, "request");
        }
        output.flush();
        let (text, pieces) = written.take();
        assert_eq!(text.lines().count(), 10_000);
        assert!((2..1000).contains(&pieces), "{pieces}");

        tracing::info!(target: "access", "request");
        let mut waits = 0;
        while written.take().0.is_empty() {
            assert!(waits < 1000, "nobody writes it");
            waits += 1;
            std::thread::sleep(GATHER / 5);
        }
        tracing::info!(target: "access", "the last request");
    });
    drop(output);
    assert!(written.take().0.contains("the last request"));
}
