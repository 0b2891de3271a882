//! Log lines, in both formats.

use std::sync::{Arc, Mutex};

use registry::config::{Log, LogFormat, LogLevel};
use registry::telemetry::Lines;
use tracing_subscriber::layer::SubscriberExt;

/// The lines that `say` logs, their times cut off.
fn lines(format: LogFormat, say: impl FnOnce()) -> String {
    let written = Arc::new(Mutex::new(String::new()));
    let log = Log {
        level: LogLevel::Info,
        format,
        access_log: true,
        fields: vec![("service".to_owned(), "my registry".to_owned())],
    };
    let sink = Arc::clone(&written);
    let layer = Lines::new(&log, move |line: String| {
        sink.lock().unwrap().push_str(&line);
    });
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, say);
    std::mem::take(&mut *written.lock().unwrap())
}

fn say() {
    let outer = tracing::info_span!(
        "request",
        request_id = "r1",
        repository = tracing::field::Empty
    );
    outer.record("repository", "team/app");
    outer.in_scope(|| tracing::warn!(target: "t", bytes = 7_u64, ok = true, agent = "a\nlevel=error \u{1b}[2J", "slow answer"));
}

#[test]
fn text_lines_are_pairs_with_message_fields_and_spans() {
    let line = lines(LogFormat::Text, say);
    let (time, rest) = line.split_once(' ').unwrap();
    assert!(time.starts_with("time=2") && time.ends_with('Z'), "{time}");
    assert_eq!(
        rest,
        "level=warn msg=\"slow answer\" module=t service=\"my registry\" request_id=r1 repository=team/app \
         bytes=7 ok=true agent=\"a\\nlevel=error \\u001b[2J\"\n"
    );
}

#[test]
fn json_lines_are_one_object_each() {
    let line = lines(LogFormat::Json, say);
    assert_eq!(line.matches('\n').count(), 1);
    let object: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(object["level"], "warn");
    assert_eq!(object["msg"], "slow answer");
    assert_eq!(object["service"], "my registry");
    assert_eq!(object["request_id"], "r1");
    assert_eq!(object["bytes"], 7);
    assert_eq!(object["agent"], "a\nlevel=error \u{1b}[2J");
}
