//! The binary as an operator meets it: its arguments, its log, its signals, its exit codes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};

use super::served::Answer;

/// The binary, with none of the variables of whoever runs the tests.
pub(crate) fn registry() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_registry"));
    command.env_clear();
    command
}

fn output(arguments: &[&str]) -> Output {
    registry().args(arguments).output().unwrap()
}

/// A server on a port of its own, its storage in `directory`; killed when a test fails.
pub(crate) struct Server {
    child: Child,
    log: BufReader<ChildStderr>,
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
        let log = BufReader::new(child.stderr.take().unwrap());
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
        loop {
            let before = self.seen.len();
            let read = self.log.read_line(&mut self.seen).unwrap();
            assert_ne!(read, 0, "it ended without {text}: {}", self.seen);
            if self.seen[before..].contains(text) {
                return;
            }
        }
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Waits for its end, which must be a success, and gives all that it has logged.
    pub(crate) fn ended(mut self) -> String {
        assert!(self.child.wait().unwrap().success());
        self.log()
    }

    /// All that one that ends has logged.
    pub(crate) fn log(mut self) -> String {
        self.log.read_to_string(&mut self.seen).unwrap();
        std::mem::take(&mut self.seen)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
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
        let mut stream = TcpStream::connect(&server.address).unwrap();
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
    let mut stream = TcpStream::connect(&server.address).unwrap();
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
    let second = registry()
        .arg("serve")
        .current_dir(&directory)
        .env("REGISTRY_HTTP_ADDR", &first.address)
        .env("REGISTRY_STORAGE", "inmemory")
        .output()
        .unwrap();
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
    let log = BufReader::new(child.stderr.take().unwrap());
    let warned = log
        .lines()
        .map_while(Result::ok)
        .take(10)
        .any(|line| line.contains("level=warn msg=\"ANYONE"));
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
