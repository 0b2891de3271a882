//! The client against a transport that never leaves the process, and against bytes on a socket.

mod calls;
mod failures;
mod follow;
mod network;
mod pages;
mod parts;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};

use super::{
    Bare, Call, CallInfo, Caller, DeclaredError, Error, Failure, One, ReadFailure, Reads, Repeated,
    Reply, Transport, TransportError, Whole,
};
use crate::{
    Body, Conditional, Envelope, ErrorCode, ErrorInfo, Json, NonEmpty, Operation, Template,
    WireError,
};

/// What a test sees of a request.
#[derive(Debug)]
struct Seen {
    method: String,
    url: String,
    headers: HeaderMap,
    body: Bytes,
    foreign: bool,
    access: Vec<String>,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("tests send text"))
    }
}

/// Answers from a list, and remembers what it was asked.
#[derive(Clone, Default)]
struct Fake {
    answers: Arc<Mutex<VecDeque<Response<Body>>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Fake {
    fn new(answers: impl IntoIterator<Item = Response<Body>>) -> Self {
        let answers = answers.into_iter().collect();
        Self {
            answers: Arc::new(Mutex::new(answers)),
            seen: Arc::default(),
        }
    }

    fn caller(&self) -> Caller<Self> {
        Caller::with_transport("http://home:1/base", self.clone()).expect("a good base")
    }

    fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

impl Transport for Fake {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (parts, body) = request.into_parts();
        let info = parts
            .extensions
            .get::<CallInfo>()
            .expect("each request says what it is");
        let seen = Seen {
            method: parts.method.to_string(),
            url: parts.uri.to_string(),
            headers: parts.headers,
            foreign: info.foreign,
            access: info.access.to_vec(),
            body: body.collect(1000).await.expect("bodies of tests are short"),
        };
        self.seen.lock().unwrap().push(seen);
        Ok(self
            .answers
            .lock()
            .unwrap()
            .pop_front()
            .expect("the test has an answer"))
    }
}

/// An answer with a status, headers and a body.
fn answer(status: u16, headers: &[(&str, &str)], body: &'static str) -> Response<Body> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response
        .body(Body::from(body))
        .expect("answers of tests are good")
}

static GONE_INFO: ErrorInfo = ErrorInfo {
    code: "GONE",
    status: 404,
    message: "gone",
    rejection_detail: false,
    docs: None,
};
static BAD_INFO: ErrorInfo = ErrorInfo {
    code: "BAD",
    status: 400,
    message: "bad",
    rejection_detail: false,
    docs: None,
};
static PART_INFO: ErrorInfo = ErrorInfo {
    code: "PART",
    status: 400,
    message: "part",
    rejection_detail: false,
    docs: None,
};

static ENVELOPE: Envelope = Envelope {
    name: "test",
    shape: crate::EnvelopeShape::Json {
        template: &Template::Object(&[(
            "errors",
            Template::Array(&[Template::Object(&[
                ("code", Template::Code),
                ("detail", Template::Detail),
            ])]),
        )]),
        media_type: "application/json",
    },
    rejections: [&GONE_INFO; 15],
};

static READ: Operation = operation("read", "GET");
static WRITE: Operation = operation("write", "PUT");

const fn operation(id: &'static str, method: &'static str) -> Operation {
    Operation {
        id,
        group: "things",
        method,
        template: "/things/{id}",
        access: &[],
        head: true,
        conditional: Some(Conditional::Read),
        ranges: true,
        idempotency: None,
        deprecation: None,
        sunset: None,
        envelope: &ENVELOPE,
    }
}

#[derive(Debug, PartialEq)]
struct Gone;

#[derive(Debug, PartialEq)]
struct Bad(String);

#[derive(Debug, PartialEq)]
struct Part(u64);

impl ErrorCode for Gone {
    const INFO: &'static ErrorInfo = &GONE_INFO;

    fn detail(&self) -> Option<Json> {
        None
    }

    fn from_detail(_: Option<&Json>) -> Option<Self> {
        Some(Self)
    }
}

impl ErrorCode for Bad {
    const INFO: &'static ErrorInfo = &BAD_INFO;

    fn detail(&self) -> Option<Json> {
        Some(Json::from(self.0.as_str()))
    }

    fn from_detail(detail: Option<&Json>) -> Option<Self> {
        Some(Self(detail?.as_str()?.to_owned()))
    }
}

impl ErrorCode for Part {
    const INFO: &'static ErrorInfo = &PART_INFO;

    fn detail(&self) -> Option<Json> {
        Some(Json::from(self.0))
    }

    fn from_detail(detail: Option<&Json>) -> Option<Self> {
        detail?.as_u64().map(Self)
    }
}

/// What an operation of the tests can fail with, as generated code has it.
#[derive(Debug, PartialEq)]
enum ReadError {
    Gone(Gone),
    Bad(Bad),
    Part(NonEmpty<Part>),
    Slow(Slow),
    Lost,
}

/// A failure with a header and without a body.
#[derive(Debug, PartialEq)]
struct Slow {
    after: u32,
}

impl ReadFailure for Slow {
    const CODES: &'static [&'static ErrorInfo] = &[];

    fn read(failure: &Failure, _: &WireError) -> Option<Self> {
        Some(Self {
            after: failure.head().header("Retry-After").ok()?,
        })
    }
}

impl DeclaredError for ReadError {
    const ENVELOPE: &'static Envelope = &ENVELOPE;
    const FAILURES: &'static [&'static dyn Reads<Self>] = &[
        &One(404, Self::Gone),
        &One(400, Self::Bad),
        &Repeated(400, Self::Part),
        &Whole(429, Self::Slow),
        &Bare(410, || Self::Lost),
    ];

    fn status(&self) -> u16 {
        match self {
            Self::Gone(_) => 404,
            Self::Bad(_) | Self::Part(_) => 400,
            Self::Slow(_) => 429,
            Self::Lost => 410,
        }
    }
}

/// The body of a success as text, as generated code decodes it.
async fn decode(reply: Reply) -> Result<String, Error<ReadError>> {
    match reply.status() {
        200 => Ok(reply.text(Some(64)).await?),
        _ => Err(reply.failure().await),
    }
}

async fn read(
    answers: impl IntoIterator<Item = Response<Body>>,
) -> Result<String, Error<ReadError>> {
    let call = Call::new(&READ, "/things/1".to_owned());
    decode(Fake::new(answers).caller().send(call).await?).await
}
