//! Every snippet of the documents is run: command lines by a shell, Rust as the tests are compiled.
//!
//! `generated/snippets.rs` is rendered from the descriptor by `snippets.txt`, and a test of api-codegen
//! compares it. Each snippet gets a server of its own where all is there that the samples name.

use std::path::PathBuf;
use std::process::Command;

use toy::client::Client;
use toy::types::*;

use super::wire::Server;

#[path = "../../src/generated/snippets.rs"]
#[rustfmt::skip]
#[allow(deprecated, unused_imports, unused_mut, clippy::all, clippy::pedantic, clippy::print_stdout, clippy::cognitive_complexity, reason = "it is what people are shown, and is looked at by eye")]
mod generated;

/// What may go wrong, for people who use `?`.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Where the documents say that the server is.
const DOCUMENTED: &str = "http://127.0.0.1:8080";

/// What no library here does, whoever asks.
const NEVER: (&str, &str, &str) = ("look_out", "404", "Dark");

/// A server with all that the snippets ask for.
async fn library() -> Server {
    let server = Server::start().await;
    let book = br#"{"title": "Annals", "pages": 7, "kind": "history"}"#;
    server.library.put_scan("history/rome", "0a1b", b"pages");
    for (head, body) in [
        (
            "PUT /labels/history/rome\nContent-Type: text/plain",
            &b"Rome"[..],
        ),
        (
            "PUT /covers/history/rome\nContent-Type: image/png",
            &b"a picture"[..],
        ),
        (
            "PUT /shelves/history/rome/books/annals\nContent-Type: application/json",
            &book[..],
        ),
    ] {
        let answer = server.send(head, body).await;
        assert!(answer.status < 300, "{answer:?}");
    }
    server
}

/// An empty folder of its own, with the file that the samples send.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("snippets")
        .join(name);
    std::fs::create_dir_all(&folder).expect("a folder for files");
    std::fs::write(folder.join("data.bin"), "bytes").expect("a file");
    folder
}

/// Runs a command line; what it said where it failed.
async fn shell(id: &str, command: String) -> Result<(), String> {
    let folder = folder(id);
    let output = tokio::task::spawn_blocking(move || {
        Command::new("sh")
            .args([
                "-ec",
                &format!("{command} --fail --silent --show-error --max-time 20"),
            ])
            .env("TOKEN", "all")
            .current_dir(&folder)
            .output()
            .expect("a shell")
    });
    let output = output.await.expect("it does not panic");
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_line_of_the_documents_succeeds() {
    for (id, command) in generated::CURL {
        let server = library().await;
        let here = command.replace(DOCUMENTED, &format!("http://{}", server.address));
        assert_ne!(here, *command, "{id} names the server");
        match shell(id, here).await {
            Err(failure) if *id == NEVER.0 => assert!(failure.contains(NEVER.1), "{failure}"),
            done => assert_eq!(done, Ok(()), "{id}; is curl there?"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_piece_of_rust_in_the_documents_succeeds() {
    assert!(folder("rust").join("data.bin").ends_with("rust/data.bin"));
    for (id, _) in generated::CURL {
        let server = library().await;
        let caller = api_runtime::client::Caller::new(&format!("http://{}", server.address))
            .and_then(|caller| caller.with_header("Authorization", "Bearer all"))
            .expect("a good URL");
        match generated::send(id, Client::from(caller)).await {
            Err(failure) if *id == NEVER.0 => {
                assert!(format!("{failure:?}").contains(NEVER.2));
            }
            sent => assert!(sent.is_ok(), "{id}: {sent:?}"),
        }
    }
}

#[tokio::test]
async fn the_client_of_the_documents_is_one() {
    let client = generated::client("all").await.expect("a good URL");
    assert!(format!("{client:?}").starts_with("Client"));
}
