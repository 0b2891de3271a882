//! Log lines, in both formats.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use registry::config::{Log, LogFormat, LogLevel};
use registry::telemetry::{GATHER, Lines, Output, log_panic};
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

fn log(format: LogFormat) -> Log {
    let fields = [("service", "my registry"), ("request_id", "of nobody")];
    Log {
        level: LogLevel::Info,
        format,
        access_log: true,
        fields: fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
    }
}

/// Writes to a sink, until the subscriber and the output are dropped.
fn subscriber(
    format: LogFormat,
    sink: impl Write + Send + 'static,
) -> (impl Subscriber + Send + Sync, Output) {
    let log = log(format);
    let output = Output::new(&log, sink).unwrap();
    let lines = Lines::new(&log, output.clone());
    (tracing_subscriber::registry().with(lines), output)
}

/// The lines that `say` logs.
fn lines(format: LogFormat, say: impl FnOnce()) -> String {
    let written = Written::default();
    let (subscriber, output) = subscriber(format, written.clone());
    tracing::subscriber::with_default(subscriber, say);
    drop(output);
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
fn a_panic_is_a_line_like_any_other() {
    // The hook is that of all tests of this process, so it looks at one thread alone.
    const THREAD: &str = "panics in a test";
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().name() == Some(THREAD) {
            log_panic(panic);
        } else {
            before(panic);
        }
    }));
    let panicking = thread::Builder::new().name(THREAD.to_owned());
    let panicking = panicking.spawn(|| {
        lines(LogFormat::Text, || {
            let number = 7;
            let panicked = std::panic::catch_unwind(|| panic!("a \"bad\"\nnumber {number}"));
            assert!(panicked.is_err());
        })
    });
    let lines = panicking.unwrap().join().unwrap();
    assert_eq!(lines.lines().count(), 1, "{lines}");
    let (_, line) = lines.split_once(' ').unwrap();
    assert!(line.starts_with("level=error msg=panicked "), "{line}");
    assert!(
        line.contains(r#" text="a \"bad\"\nnumber 7" location="#),
        "{line}"
    );
    assert!(line.contains("telemetry.rs:"), "{line}");
    assert!(line.contains(r#" thread="panics in a test""#), "{line}");
}

#[test]
fn lines_of_the_access_log_are_written_together_and_never_behind_later_ones() {
    let written = Written::default();
    let (subscriber, output) = subscriber(LogFormat::Text, written.clone());
    tracing::subscriber::with_default(subscriber, || {
        for number in 0..3 {
            tracing::info!(target: "access", number, "request");
        }
        tracing::error!(number = 3, "something else");
        output.flush();
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
            thread::sleep(GATHER / 5);
        }
        tracing::info!(target: "access", "the last request");
    });
    drop(output);
    assert!(written.take().0.contains("the last request"));
}

/// Takes nothing until it is told to.
struct Stuck<W>(W, mpsc::Receiver<()>);

impl<W: Write> Write for Stuck<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // It fails once nobody can tell any more.
        let _ = self.1.recv();
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[test]
fn lines_that_nobody_takes_hold_nobody_up_and_those_without_room_are_counted() {
    for format in [LogFormat::Text, LogFormat::Json] {
        let written = Written::default();
        let (go, stuck) = mpsc::channel();
        let (subscriber, output) = subscriber(format, Stuck(written.clone(), stuck));
        let filler = "x".repeat(1000);
        let total = 20_000;
        tracing::subscriber::with_default(subscriber, || {
            for number in 0..total {
                if number % 7 == 0 {
                    tracing::info!(number, filler);
                } else {
                    tracing::info!(target: "access", number, filler);
                }
            }
            drop(go);
            output.flush();
            tracing::info!("the first of those behind");
            output.flush();
        });
        let (text, _) = written.take();
        let number = |line: &str| {
            let (_, rest) = line.split_once("number").unwrap();
            let digits = rest.trim_start_matches(['"', ':', '=']);
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap();
            digits[..end].parse::<usize>().unwrap()
        };
        let lines: Vec<&str> = text.lines().collect();
        let [kept @ .., told, last] = &lines[..] else {
            panic!("{text}")
        };
        let numbers: Vec<usize> = kept.iter().copied().map(number).collect();
        assert!(numbers.iter().copied().eq(0..kept.len()), "{numbers:?}");
        assert!((1000..total - 1000).contains(&kept.len()));
        let count = total - kept.len();
        assert!(told.contains(&format!("{count} lines were dropped")));
        assert!(told.contains("my registry"), "{told}");
        assert!(last.contains("the first of those behind"), "{last}");
    }
}
