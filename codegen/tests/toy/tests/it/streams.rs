//! Streams of values (events: `ticker`): lines of JSON, over a socket and in one process.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use api_runtime::client::{Caller, Error, ServiceTransport};
use api_runtime::server::Context;
use api_runtime::{Event, ItemError, Items, Source};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use toy::client::Client;
use toy::server::News;
use toy::types::*;

use super::client::library;
use super::letters::{answered, letters};
use super::library::{Library, Porter};
use super::ticker::ticker;
use super::wire::Server;

impl News for Library {
    async fn follow_log(
        &self,
        _: Context,
        request: FollowLog,
    ) -> Result<FollowLogResponse, FollowLogError> {
        let entries: Items<Entry> = match request.from {
            0 => vec![visit(), Entry::Failure("no ink".to_owned())].into(),
            1 => {
                let failure = io::Error::other("a secret: /etc/passwd");
                Items::new(stream::iter([
                    Ok(visit()),
                    Err(failure.into()),
                    Ok(visit()),
                ]))
            }
            2 => {
                let endless = Endless(self.clone(), AtomicUsize::new(0));
                Items::new(stream::repeat_with(move || {
                    endless.1.fetch_add(1, Ordering::Relaxed);
                    Ok(visit())
                }))
            }
            3 => vec![visit(), Entry::Failure("x".repeat(99))].into(),
            _ => return Err(Asleep.into()),
        };
        Ok(FollowLogOk::new(entries).into())
    }

    async fn follow_ticker(
        &self,
        _: Context,
        request: FollowTicker,
    ) -> Result<FollowTickerResponse, FollowTickerError> {
        Ok(match ticker(&request)? {
            Some(events) => FollowTickerOk::new(events).into(),
            None => FollowTickerNoContent::new().into(),
        })
    }

    async fn follow_past(
        &self,
        _: Context,
        _: FollowPast,
    ) -> Result<FollowPastResponse, FollowPastError> {
        let events = [Colour::Red, Colour::Blue].map(FollowPastOkBodyEvent::Message);
        let events = events.map(|event| Ok(Event::new(event)));
        Ok(FollowPastOk::new(Items::new(stream::iter(events))).into())
    }

    async fn write_log(
        &self,
        _: Context,
        request: WriteLog,
    ) -> Result<WriteLogResponse, WriteLogError> {
        let (mut entries, mut count) = (request.body, 0);
        while let Some(entry) = entries.try_next().await.map_err(Source::new)? {
            self.note("an entry".to_owned());
            match entry {
                Entry::Visit(slip) => count += slip.copies,
                Entry::Failure(_) => return Err(Asleep.into()),
            }
        }
        Ok(WriteLogWritten::new(count).into())
    }

    async fn read_letters(
        &self,
        _: Context,
        request: ReadLetters,
    ) -> Result<ReadLettersResponse, ReadLettersError> {
        letters(&request)
    }

    async fn write_letter(
        &self,
        _: Context,
        request: WriteLetter,
    ) -> Result<WriteLetterResponse, WriteLetterError> {
        Ok(WriteLetterOk::new(answered(request.body)).into())
    }
}

/// Says how many entries were asked for when nobody wants more.
struct Endless(Library, AtomicUsize);

impl Drop for Endless {
    fn drop(&mut self) {
        let count = self.1.load(Ordering::Relaxed);
        self.0.note(format!("stopped after {count}"));
    }
}

fn visit() -> Entry {
    Entry::Visit(Slip::new("anna".to_owned(), 2))
}

const VISIT: &str = r#"{"type":"visit","data":{"reader":"anna","copies":2}}"#;

fn from(from: u32) -> FollowLog {
    let mut request = FollowLog::new();
    request.from = from;
    request
}

async fn follow(client: &Client, at: u32) -> Items<Entry> {
    let FollowLogResponse::Ok(answer) = client.follow_log(from(at)).await.expect("a log");
    answer.body
}

#[tokio::test]
async fn each_value_is_a_line() {
    let (server, client) = library().await;
    let answer = server.send("GET /news/log", b"").await;
    let lines = format!("{VISIT}\n{{\"type\":\"failure\",\"data\":\"no ink\"}}\n");
    assert_eq!((answer.status, answer.text()), (200, lines));
    assert_eq!(answer.header("content-type"), Some("application/jsonl"));
    assert_eq!(answer.header("content-length"), None);
    let entries: Vec<Entry> = follow(&client, 0).await.try_collect().await.expect("all");
    assert_eq!(entries, [visit(), Entry::Failure("no ink".to_owned())]);
    let head = client.head_follow_log(from(2)).await.expect("a head");
    assert_eq!(head.head.status(), 200);
}

#[tokio::test]
async fn before_the_first_value_a_failure_is_an_answer() {
    let (_server, client) = library().await;
    let error = client.follow_log(from(9)).await.unwrap_err();
    assert!(matches!(error, Error::Declared(FollowLogError::Asleep(_))));
}

#[tokio::test]
async fn behind_the_first_value_a_failure_breaks_the_connection_off() {
    let (server, client) = library().await;
    let mut stream = TcpStream::connect(server.address).await.expect("listens");
    let request =
        b"GET /news/log?from=1 HTTP/1.1\r\nHost: library.test\r\nAuthorization: Bearer all\r\n\r\n";
    stream.write_all(request).await.expect("is sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).expect("is text");
    assert!(answer.contains(&format!("{VISIT}\n")), "{answer}");
    assert!(!answer.ends_with("0\r\n\r\n"), "{answer}");
    assert!(!answer.contains("secret"), "{answer}");

    let mut entries = follow(&client, 1).await;
    assert_eq!(
        entries.next().await.expect("one").expect("is whole"),
        visit()
    );
    let error = entries.next().await.expect("an error").unwrap_err();
    assert!(matches!(error, ItemError::Io(_)), "{error:?}");
    assert!(entries.next().await.is_none());
}

#[tokio::test]
async fn a_value_that_is_too_large_ends_the_stream() {
    let (_server, client) = library().await;
    let mut entries = follow(&client, 3).await;
    assert!(entries.next().await.expect("one").is_ok());
    let error = entries.next().await.expect("an error").unwrap_err();
    assert!(
        matches!(error, ItemError::TooLarge { limit: 64 }),
        "{error:?}"
    );
    assert!(entries.next().await.is_none());
}

#[tokio::test]
async fn a_client_that_stops_listening_stops_the_server() {
    let (server, client) = library().await;
    let mut entries = follow(&client, 2).await;
    assert!(entries.next().await.expect("one").is_ok());
    drop(entries);
    server.settled(2).await;
    assert!(server.library.calls()[1].starts_with("stopped after "));
}

#[tokio::test]
async fn nothing_is_made_before_it_is_asked_for() {
    let library = Library::default();
    let router = toy::server::router(library.clone(), Porter(library.clone()));
    let caller = Caller::with_transport("http://localhost", ServiceTransport::new(router))
        .and_then(|caller| caller.with_header("Authorization", "Bearer all"))
        .expect("a good base");
    let client: Client<_> = caller.into();
    let FollowLogResponse::Ok(answer) = client.follow_log(from(2)).await.expect("a log");
    let entries: Vec<_> = answer.body.take(3).try_collect().await.expect("three");
    assert_eq!(entries.len(), 3);
    assert_eq!(library.calls()[1..], ["stopped after 3"]);
}

#[tokio::test]
async fn the_server_reads_line_by_line() {
    let server = Server::start().await;
    let write = |body: String| {
        let server = &server;
        async move {
            let head = "POST /news/log\nContent-Type: application/x-ndjson";
            server.send(head, body.as_bytes()).await
        }
    };
    for (body, count) in [
        (String::new(), "0"),
        (format!("{VISIT}\n{VISIT}\n"), "4"),
        (format!("\n{VISIT}\r\n \r\n{VISIT}"), "4"),
    ] {
        let answer = write(body).await;
        assert_eq!(
            (answer.status, answer.header("x-count")),
            (200, Some(count))
        );
    }
    for (body, status, code) in [
        (format!("{VISIT}\nx\n{VISIT}\n"), 400, "NO_SUCH_QUESTION"),
        (format!("{VISIT}\n{{}}\n"), 400, "NO_SUCH_QUESTION"),
        (format!("{VISIT}\n{VISIT:80}\n"), 413, "SCAN_TOO_LARGE"),
        ("x".repeat(80), 413, "SCAN_TOO_LARGE"),
        (r#"{"type":"failure","data":""}"#.to_owned(), 409, "ASLEEP"),
    ] {
        let answer = write(body).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.codes(), [code]);
    }
    let answer = server
        .send("POST /news/log\nContent-Type: text/plain", b"x")
        .await;
    assert_eq!(answer.status, 415);
}

#[tokio::test]
async fn a_request_that_breaks_off_is_none_that_ends() {
    let server = Server::start().await;
    let chunk = format!("{:x}\r\n{VISIT}\n\r\n", VISIT.len() + 1);
    let head = "POST /news/log\nContent-Type: application/jsonl\nTransfer-Encoding: chunked";
    let whole = server
        .send(head, format!("{chunk}0\r\n\r\n").as_bytes())
        .await;
    assert_eq!(whole.header("x-count"), Some("2"));
    let head = "POST /news/log HTTP/1.1\r\nHost: library.test\r\nAuthorization: Bearer all\r\n\
                Content-Type: application/jsonl\r\nTransfer-Encoding: chunked";
    let mut stream = TcpStream::connect(server.address).await.expect("listens");
    stream
        .write_all(format!("{head}\r\n\r\n{chunk}").as_bytes())
        .await
        .expect("is sent");
    server.settled(4).await;
    stream.shutdown().await.expect("is open");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).expect("is text");
    assert!(!answer.contains("200 OK"), "{answer}");
}

#[tokio::test]
async fn the_client_sends_each_value_when_it_is_there() {
    let (server, client) = library().await;
    let (send, receive) = tokio::sync::mpsc::channel::<Result<Entry, ItemError>>(1);
    let entries = stream::unfold(receive, |mut receive| async {
        Some((receive.recv().await?, receive))
    });
    let call = tokio::spawn(async move {
        let request = WriteLog::new(Items::new(entries));
        client.write_log(request).await
    });
    // Access is asked for first.
    for count in 2..4 {
        send.send(Ok(visit())).await.expect("is wanted");
        server.settled(count).await;
    }
    drop(send);
    let WriteLogResponse::Written(written) = call.await.expect("ends").expect("is written");
    assert_eq!(written.count, 4);
}

#[tokio::test]
async fn a_client_that_cannot_go_on_has_not_written_all() {
    let (_server, client) = library().await;
    let entries = [Ok(visit()), Err(io::Error::other("no more").into())];
    let request = WriteLog::new(Items::new(stream::iter(entries)));
    let error = client.write_log(request).await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
}
