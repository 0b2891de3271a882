//! The usual transport against bytes on a socket.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::*;
use crate::client::{CallError, TransportErrorKind};

/// A server of one connection: `serve` gets it.
async fn server<F, R>(
    serve: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> (Caller, tokio::task::JoinHandle<R>)
where
    F: Future<Output = R> + Send + 'static,
    R: Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    let task = tokio::spawn(async move { serve(listener.accept().await.unwrap().0).await });
    (Caller::new(&url).unwrap(), task)
}

/// Reads up to the end of a head; returns it, and what came behind.
async fn head(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            return (String::from_utf8(bytes).unwrap().to_ascii_lowercase(), body);
        }
        let count = stream.read_buf(&mut bytes).await.unwrap();
        assert!(count > 0, "the head is not complete");
    }
}

fn get() -> Call {
    Call::new(&READ, "/things/a%2Fb?x=%3A".to_owned())
}

#[tokio::test]
async fn a_get_has_no_body_and_its_answer_arrives_in_pieces() {
    let (go_on, wait) = oneshot::channel::<()>();
    let (caller, task) = server(move |mut stream| async move {
        let (head, _) = head(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
            .await
            .unwrap();
        wait.await.unwrap();
        stream.write_all(b"def").await.unwrap();
        head
    })
    .await;
    let reply = caller.send(get()).await.unwrap();
    assert_eq!(reply.head().content_length(), Some(6));
    let mut body = reply.into_body().into_stream();
    assert_eq!(body.next().await.unwrap().unwrap(), "abc");
    go_on.send(()).unwrap();
    assert_eq!(body.try_collect::<Vec<_>>().await.unwrap().concat(), b"def");
    let head = task.await.unwrap();
    assert!(
        head.starts_with("get /api/things/a%2fb?x=%3a http/1.1\r\n"),
        "{head}"
    );
    assert!(
        !head.contains("content-length") && !head.contains("transfer-encoding"),
        "{head}"
    );
}

#[tokio::test]
async fn a_body_of_known_length_says_it_and_another_is_chunked() {
    let chunks =
        || stream::iter(["ab", "cd"].map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())))).boxed();
    for (len, expected) in [
        (Some(4), "content-length: 4\r\n"),
        (None, "transfer-encoding: chunked\r\n"),
    ] {
        let (caller, task) = server(|mut stream| async move {
            let (head, mut body) = head(&mut stream).await;
            let is_done = |body: &[u8]| body == b"abcd" || body.ends_with(b"0\r\n\r\n");
            while !is_done(&body) {
                assert!(stream.read_buf(&mut body).await.unwrap() > 0);
            }
            stream
                .write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
                .await
                .unwrap();
            head
        })
        .await;
        let call = Call::new(&WRITE, "/things/1".to_owned())
            .stream("text/plain", Body::stream(len, chunks()));
        assert_eq!(caller.send(call).await.unwrap().status(), 201);
        let head = task.await.unwrap();
        assert!(
            head.starts_with("put ") && head.contains(expected),
            "{head}"
        );
        assert!(head.contains("content-type: text/plain\r\n"), "{head}");
    }
}

#[tokio::test]
async fn an_empty_put_says_that_it_is_empty() {
    let (caller, task) = server(|mut stream| async move {
        let (head, _) = head(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
            .await
            .unwrap();
        head
    })
    .await;
    caller
        .send(Call::new(&WRITE, "/things/1".to_owned()))
        .await
        .unwrap();
    assert!(task.await.unwrap().contains("content-length: 0\r\n"));
}

#[tokio::test]
async fn the_answer_to_head_has_a_length_and_no_body() {
    let (caller, _task) = server(|mut stream| async move {
        head(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            .await
            .unwrap();
        stream
    })
    .await;
    let reply = caller.send(get().head()).await.unwrap();
    assert_eq!(reply.head().content_length(), Some(1000));
    assert_eq!(reply.bytes(None).await.unwrap(), "");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_interrupted() {
    let (caller, _task) = server(|mut stream| async move {
        head(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            .await
            .unwrap();
    })
    .await;
    let reply = caller.send(get()).await.unwrap();
    let CallError::Transport(error) = reply.bytes(None).await.unwrap_err() else {
        panic!("broke off")
    };
    assert_eq!(error.kind(), TransportErrorKind::Interrupted);
    assert!(!error.is_unsent());
}

#[tokio::test]
async fn rubbish_is_no_answer() {
    let (caller, _task) = server(|mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"SSH-2.0-OpenSSH\r\n\r\n").await.unwrap();
    })
    .await;
    assert!(matches!(
        caller.send(get()).await,
        Err(CallError::Transport(_))
    ));
}

#[tokio::test]
async fn without_a_server_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let Err(CallError::Transport(error)) = Caller::new(&url).unwrap().send(get()).await else {
        panic!("nobody is there")
    };
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert!(error.is_unsent());
    assert!(!format!("{error:?}").contains("%2F"));
}

#[tokio::test]
async fn an_early_answer_ends_a_long_upload() {
    let (caller, _task) = server(|mut stream| async move {
        head(&mut stream).await;
        let body = r#"{"errors":[{"code":"GONE"}]}"#;
        let answer = format!(
            "HTTP/1.1 404 Not Found\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream
    })
    .await;
    let endless = stream::repeat_with(|| Ok(Bytes::from_static(&[0; 1024]))).then(|chunk| async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        chunk
    });
    let call = Call::new(&WRITE, "/things/1".to_owned())
        .stream("text/plain", Body::stream(None, endless.boxed()));
    let reply = tokio::time::timeout(Duration::from_secs(10), caller.send(call))
        .await
        .expect("is answered")
        .unwrap();
    assert!(matches!(
        reply.failure::<ReadError>().await,
        Error::Declared(ReadError::Gone(_))
    ));
}
