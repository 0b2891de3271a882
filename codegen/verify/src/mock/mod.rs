//! A server that answers as the descriptor says: the author's examples, and else values that are made up.
//!
//! It keeps nothing, so that the same request has the same answer always. What a generated server refuses it
//! refuses, too: it reads requests by the same rules as the tests (`contract`). `Prefer: example=NAME` asks for
//! an example of the operation, `Prefer: status=CODE` for an answer with this status (RFC 7240).

mod conditions;
mod events;
mod reply;

use std::convert::Infallible;
use std::io;

use api_codegen::model::{Api, Rejection};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::contract::{Contract, Reading};
use crate::message::{Payload, Request};
use reply::{Mock, Reply};

/// Most bytes of a body that are read. What is longer counts as of this length.
const MOST: usize = (8 << 20) + 2;

/// Most connections at a time.
const CONNECTIONS: usize = 1024;

/// Answers requests until nobody polls it any more.
pub async fn serve(api: &Api, listener: TcpListener) -> io::Result<()> {
    let mock = Mock {
        contract: Contract::new(api),
    };
    let mut connections = FuturesUnordered::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((stream, _)) => connections.push(connection(&mock, stream)),
                // A client that is gone before it was taken is nobody's fault.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(error),
            },
            Some(()) = connections.next() => {}
        }
    }
}

async fn connection(mock: &Mock<'_>, stream: TcpStream) {
    let service =
        service_fn(
            |request| async move { Ok::<_, Infallible>(response(answer(mock, request).await)) },
        );
    // A client that breaks off has its reasons.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(mock: &Mock<'_>, request: hyper::Request<Incoming>) -> Reply {
    let (head, body) = request.into_parts();
    let mut request = Request {
        method: head.method.as_str().to_owned(),
        target: head
            .uri
            .path_and_query()
            .map_or_else(String::new, ToString::to_string),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect(),
        body: Payload::None,
    };
    let length = request
        .header("content-length")
        .and_then(|length| length.parse().ok());
    let is_chunked = request.header("transfer-encoding").is_some();
    request.body = match length {
        Some(length) => Payload::Announced(length),
        None if is_chunked => Payload::Chunked(vec![b' ']),
        None => Payload::None,
    };
    // What the head alone decides is answered before a byte of the body is read.
    match mock.contract.read(&request) {
        Reading::Refused(refused) if refused.rejection != Rejection::BadBody => {
            return mock.refusal(&refused, length.is_some() || is_chunked);
        }
        _ => {}
    }
    request.body = match (length, read(body).await) {
        (None, _) if !is_chunked => Payload::None,
        (None, bytes) => Payload::Chunked(bytes),
        (Some(_), bytes) => Payload::Whole(bytes),
    };
    match mock.contract.read(&request) {
        Reading::Refused(refused) => mock.refusal(&refused, false),
        Reading::Taken(taken) => mock.success(&taken, &request),
    }
}

/// The bytes of a body, as far as they are of interest.
async fn read(body: Incoming) -> Vec<u8> {
    let mut body = Limited::new(body, MOST);
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame.map(Frame::into_data) {
            Ok(Ok(data)) => bytes.extend_from_slice(&data),
            Ok(Err(_)) => {}
            Err(error) => {
                // One that is broken is judged as far as it came.
                if error.is::<LengthLimitError>() {
                    bytes.resize(MOST, 0);
                }
                break;
            }
        }
    }
    bytes
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    // The length of an example is that of all of it, of which this may be a range.
    let is_known = !reply.body.is_empty();
    let mut response = Response::new(Full::new(reply.body.into()));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if is_known && name.eq_ignore_ascii_case("content-length") {
            continue;
        }
        // A sample that no header can hold is left out.
        if let (Ok(name), Ok(value)) = (
            http::HeaderName::from_bytes(name.as_bytes()),
            http::HeaderValue::from_bytes(value.as_bytes()),
        ) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
