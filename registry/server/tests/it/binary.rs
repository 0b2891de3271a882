//! The binary as an operator meets it: its arguments, its log, its signals, its exit codes.
//!
//! Whatever waits for it waits for [`PATIENCE`] at most: a server that hangs fails its test.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use super::served::{Answer, PATIENCE};

/// The binary, with none of the variables of whoever runs the tests.
pub(crate) fn registry() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_registry"));
    command.env_clear();
    command
}

/// Runs a command to its end. It says little, since nobody reads that before.
pub(crate) fn finished(command: &mut Command) -> Output {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    if end(&mut child).is_none() {
        child.kill().unwrap();
        panic!("it goes on: {:?}", child.wait_with_output());
    }
    child.wait_with_output().unwrap()
}

fn output(arguments: &[&str]) -> Output {
    finished(registry().args(arguments))
}

/// Connects to a server that may hang: neither reading nor writing waits for long.
fn connect(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address.parse().unwrap(), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Waits for the end of a process.
fn end(child: &mut Child) -> Option<ExitStatus> {
    let often = Duration::from_millis(10);
    let tries = PATIENCE.as_millis() / often.as_millis();
    for _ in 0..tries {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        thread::sleep(often);
    }
    None
}

/// What a process logs. It is read as it comes, so that no pipe runs full.
struct Log(Receiver<String>);

impl Log {
    fn new(log: ChildStderr) -> Self {
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let mut log = BufReader::new(log);
            let mut line = String::new();
            while log.read_line(&mut line).is_ok_and(|read| read > 0) {
                // Whoever no longer listens has all that he needs.
                let _ = sender.send(std::mem::take(&mut line));
            }
        });
        Self(lines)
    }

    /// The next line, if there is one.
    fn next(&self) -> Option<String> {
        match self.0.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("it logs nothing, and does not end"),
        }
    }
}

/// A server on a port of its own, its storage in `directory`; killed when a test fails.
pub(crate) struct Server {
    child: Child,
    log: Log,
    /// What it has logged, as far as that was read.
    pub(crate) seen: String,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(directory: &tempfile::TempDir) -> Self {
        let server = Self::start_with(directory, &[("REGISTRY_PORT", "tcp://10.0.0.1:5000")]);
        let seen = &server.seen;
        assert!(seen.contains("REGISTRY_PORT: ignored"), "{seen}");
        server
    }

    /// Starts it with some variables.
    pub(crate) fn start_with(directory: &tempfile::TempDir, variables: &[(&str, &str)]) -> Self {
        let mut command = registry();
        command.arg("serve").envs(variables.iter().copied());
        Self::spawn(command, directory)
    }

    /// Runs a command that ends in serving.
    pub(crate) fn spawn(mut command: Command, directory: &tempfile::TempDir) -> Self {
        let mut child = command
            .current_dir(directory)
            .env("REGISTRY_HTTP_ADDR", "127.0.0.1:0")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Log::new(child.stderr.take().unwrap());
        let mut server = Self {
            child,
            log,
            seen: String::new(),
            address: String::new(),
        };
        server.read_log_to("listening");
        let (_, port) = server.seen.rsplit_once("127.0.0.1:").unwrap();
        let end = port.find(|c: char| !c.is_ascii_digit()).unwrap();
        server.address = format!("127.0.0.1:{}", &port[..end]);
        server
    }

    /// Reads the log to the line that has this text.
    pub(crate) fn read_log_to(&mut self, text: &str) {
        while let Some(line) = self.log.next() {
            self.seen.push_str(&line);
            if line.contains(text) {
                return;
            }
        }
        panic!("it ended without {text}: {}", self.seen);
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let status = end(&mut self.child);
        status.unwrap_or_else(|| panic!("it goes on: {}", self.seen))
    }

    /// Waits for its end, which must be a success, and gives all that it has logged.
    pub(crate) fn ended(mut self) -> String {
        assert!(self.wait().success());
        self.log()
    }

    /// All that one that ends has logged.
    pub(crate) fn log(mut self) -> String {
        while let Some(line) = self.log.next() {
            self.seen.push_str(&line);
        }
        std::mem::take(&mut self.seen)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        self.try_connect().unwrap()
    }

    /// A connection on which nothing takes longer than [`PATIENCE`].
    pub(crate) fn try_connect(&self) -> io::Result<TcpStream> {
        connect(&self.address)
    }

    /// Sends a request on a connection of its own and reads the answer.
    pub(crate) fn ask(&self, line: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = self.connect();
        let length = body.len();
        let head = format!(
            "{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        Answer::parse(&answer)
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Only of use where the test failed; otherwise the process has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_signal_to_stop_drains_and_ends_with_success() {
    for signal in ["TERM", "INT"] {
        let directory = tempfile::tempdir().unwrap();
        let server = Server::start(&directory);
        let mut stream = server.connect();
        stream
            .write_all(b"GET /v2/ HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap();
        let mut answer = [0; 8];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1");
        server.signal(signal);
        let log = server.ended();
        assert!(log.contains(&format!("signal=SIG{signal}")), "{log}");
        assert!(log.contains("msg=stopped"), "{log}");
        assert!(log.contains("method=GET path=/v2/"), "{log}");
    }
}

#[test]
fn a_second_signal_does_not_wait_for_requests() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Server::start(&directory);
    // A body that is not complete keeps its connection through the drain; the server asks for it, so it is
    // known to be waiting.
    let mut stream = server.connect();
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    write!(
        stream,
        "POST /v2/a/blobs/uploads/?digest=sha256:{digest} HTTP/1.1\r\nHost: a\r\n\
         Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    )
    .unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100");
    server.signal("TERM");
    server.read_log_to("msg=draining");
    server.signal("TERM");
    let log = server.ended();
    assert!(log.contains("stopped without waiting"), "{log}");
    // What was cut has its line, too.
    let line = log.lines().find(|line| line.contains("module=access"));
    assert!(line.unwrap().contains(" cut=true "), "{log}");
}

#[test]
fn an_address_that_is_taken_is_named_and_the_start_fails() {
    let directory = tempfile::tempdir().unwrap();
    let first = Server::start(&directory);
    let mut second = registry();
    second
        .arg("serve")
        .current_dir(&directory)
        .env("REGISTRY_HTTP_ADDR", &first.address)
        .env("REGISTRY_STORAGE", "inmemory");
    let second = finished(&mut second);
    assert_eq!(second.status.code(), Some(1));
    let log = String::from_utf8(second.stderr).unwrap();
    assert!(
        log.contains(&format!("cannot listen on {}", first.address)),
        "{log}"
    );
}

#[test]
fn a_configuration_that_is_refused_fails_the_start_with_its_reasons() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c.yml");
    std::fs::write(&path, "version: 0.1\nstorage: inmemory\nhtpp: {}\n").unwrap();
    let refused = output(&["serve", path.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(
        message.contains("c.yml:3:1: htpp: unknown key"),
        "{message}"
    );
    assert!(message.contains("did you mean `http`?"), "{message}");
}

#[test]
fn an_address_that_others_can_reach_is_served_with_a_loud_warning() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = registry()
        .arg("serve")
        .current_dir(&directory)
        .env("REGISTRY_HTTP_ADDR", ":0")
        .env("REGISTRY_STORAGE", "inmemory")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = Log::new(child.stderr.take().unwrap());
    let warned = (0..10).any(|_| {
        let line = log.next();
        line.is_some_and(|line| line.contains("level=warn msg=\"ANYONE"))
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(warned);
}

#[test]
fn version_and_usage_are_printed() {
    for flag in ["--version", "-v"] {
        let version = output(&[flag]);
        assert!(version.status.success());
        assert_eq!(
            version.stdout,
            format!("registry {}\n", env!("CARGO_PKG_VERSION")).as_bytes()
        );
    }
    assert_eq!(output(&["sreve"]).status.code(), Some(2));
}

#[test]
fn requests_and_the_end_do_not_wait_for_whoever_should_read_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let (reading, writing) = io::pipe().unwrap();
    let mut child = registry()
        .arg("serve")
        .current_dir(&directory)
        .env("REGISTRY_HTTP_ADDR", "127.0.0.1:0")
        .env("REGISTRY_STORAGE", "inmemory")
        .stderr(writing)
        .spawn()
        .unwrap();
    // The pipe stays open, and nothing is read behind that line.
    let (found, address) = mpsc::channel();
    thread::spawn(move || {
        let mut log = BufReader::new(reading);
        let mut line = String::new();
        while !line.contains("address=") && log.read_line(&mut line).is_ok_and(|read| read > 0) {}
        let address = line
            .split_once("address=")
            .map(|(_, rest)| rest.split_whitespace().next());
        let _ = found.send((address.flatten().map(str::to_owned), log));
    });
    let told = address.recv_timeout(PATIENCE);
    if told.is_err() {
        child.kill().unwrap();
    }
    let (address, _log) = told.expect("it says within a minute where it listens");
    // The lines of so many requests are several times what a pipe takes.
    let mut stream = connect(&address.expect("it listens")).unwrap();
    let request = "GET /v2/ HTTP/1.1\r\nHost: a\r\n\r\n";
    for number in 1..=2000 {
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n{}") {
            let mut some = [0; 1000];
            let count = stream.read(&mut some);
            let count = count.unwrap_or_else(|error| panic!("request {number}: {error}"));
            assert_ne!(count, 0, "request {number}");
            answer.extend_from_slice(&some[..count]);
        }
    }
    let id = child.id().to_string();
    let killed = Command::new("kill").args(["-s", "TERM", &id]).status();
    assert!(killed.unwrap().success());
    let status = end(&mut child);
    if status.is_none() {
        child.kill().unwrap();
    }
    assert!(status.is_some_and(|status| status.success()), "{status:?}");
}
