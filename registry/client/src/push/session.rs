//! The requests of one upload.

use std::pin::pin;
use std::time::Duration;

use api_runtime::client::{Call, CallError, Head, Reply, Transport, Undeclared};
use api_runtime::{Body, Location};
use futures_util::future::select;
use registry_protocol::digest::Kind;
use registry_protocol::{
    AppendUpload, ByteSpan, CancelUpload, CompleteUpload, GetUpload, GetUploadUrl, MountBlob, Name,
    StartUpload, UploadId,
};

use super::body::{Sending, body};
use super::place::{Held, held};
use super::{Push, SMALL};
use crate::error::Error;
use crate::progress::Progress;
use crate::registry::{call, expected};

const BYTES: &str = "application/octet-stream";

/// So long whoever has failed waits at most for the registry to hear of it.
const CANCELLING: Duration = Duration::from_secs(5);

/// An open upload, as far as it is known.
#[derive(Debug)]
pub(super) struct Session {
    location: Location<GetUploadUrl>,
    /// For the request structs alone; where requests go, the location says.
    uuid: UploadId,
    /// Where the next byte goes.
    pub(super) offset: u64,
    /// The registry said `0-0`, and the offset is a guess.
    pub(super) is_guess: bool,
    /// The upload may hold something that did not come from the last answer.
    pub(super) is_resumed: bool,
    /// How many bytes the connection took of the last request.
    pub(super) taken: u64,
    /// The request that closes it was sent.
    pub(super) was_closed: bool,
    least_chunk: u64,
}

/// What became of the beginning.
pub(super) enum Begun {
    Mounted,
    Session(Session),
}

/// What became of one request.
pub(super) enum Step {
    More,
    Done,
}

/// Why a request got no further.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing helps.
    Fatal(Error),
    /// No answer.
    Cut(Error),
    /// An answer that is no success.
    Answer(Box<Undeclared>),
}

impl<T: Transport> Push<'_, T> {
    pub(super) async fn start(&self) -> Result<Session, Error> {
        let mut request = StartUpload::new(self.name.clone());
        let kind = self.digest.kind()?;
        if kind != Kind::default() {
            request.digest_algorithm = Some(kind.into());
        }
        let call = call!(START_UPLOAD, request);
        let reply = self.registry.expect(call, &[202]).await?;
        self.session(reply.head())
    }

    pub(super) async fn mount(&self, from: &Name) -> Result<Begun, Error> {
        let mut request = MountBlob::new(self.name.clone(), self.digest.clone());
        request.from = Some(from.clone());
        let call = call!(MOUNT_BLOB, request);
        let reply = self.registry.expect(call, &[201, 202]).await?;
        if reply.status() == 201 {
            return Ok(Begun::Mounted);
        }
        Ok(Begun::Session(self.session(reply.head())?))
    }

    fn session(&self, head: &Head) -> Result<Session, Error> {
        let location = self.location(head)?;
        let location = location.ok_or_else(|| Error::unexpected("an upload that is nowhere"))?;
        let uuid = head.header_optional("Docker-Upload-UUID").ok().flatten();
        let unnamed = || UploadId::parse("unnamed").map_err(Error::unexpected);
        let least = head.header_optional("OCI-Chunk-Min-Length").ok().flatten();
        Ok(Session {
            location,
            uuid: uuid.map_or_else(unnamed, Ok)?,
            offset: 0,
            is_guess: false,
            is_resumed: false,
            taken: 0,
            was_closed: false,
            least_chunk: least.unwrap_or_default(),
        })
    }

    /// Where an answer sends the next request: within the registry, or where the caller allowed.
    fn location(&self, head: &Head) -> Result<Option<Location<GetUploadUrl>>, Error> {
        let location = head.location_optional::<GetUploadUrl>("Location");
        let Some(location) = location.map_err(Error::unexpected)? else {
            return Ok(None);
        };
        let shared = &self.registry.shared;
        let url = shared.base.join(location.as_str());
        let origin = url.map_err(Error::unexpected)?.origin();
        let is_ours = shared.base.origin() == origin;
        if is_ours
            || shared
                .upload_origins
                .iter()
                .any(|url| url.origin() == origin)
        {
            return Ok(Some(location));
        }
        Err(Error::ForeignLocation {
            location: location.to_string(),
        })
    }

    /// Sends what comes next.
    pub(super) async fn step(&self, session: &mut Session) -> Result<Step, Failure> {
        let left = self.source.size() - session.offset;
        let is_whole = session.offset == 0 && !session.is_guess && left <= SMALL;
        if is_whole && self.chunk.is_none_or(|chunk| left <= chunk) {
            let sending = Sending::default();
            let body = self.body(0, left, &sending).await?;
            return self.close(session, body, &sending).await;
        }
        if left == 0 {
            return self
                .close(session, Body::empty(), &Sending::default())
                .await;
        }
        let chunk = self
            .chunk
            .map_or(left, |chunk| chunk.max(session.least_chunk).clamp(1, left));
        self.append(session, chunk).await.map(|()| Step::More)
    }

    /// The `len` bytes from `offset` on.
    async fn body(&self, offset: u64, len: u64, sending: &Sending) -> Result<Body, Failure> {
        let stream = self.source.open(offset).await;
        let stream = stream.map_err(|error| Failure::Fatal(Error::Source(error)))?;
        let watch = self.registry.shared.watch.clone();
        let (digest, total) = (self.digest.clone(), self.source.size());
        let moved = move |bytes| {
            watch.tell(&Progress::Moved {
                digest: digest.clone(),
                bytes: offset + bytes,
                total: Some(total),
            });
        };
        Ok(body(stream, len, sending.clone(), moved))
    }

    /// Appends `len` bytes.
    async fn append(&self, session: &mut Session, len: u64) -> Result<(), Failure> {
        let end = session.offset + len;
        let sending = Sending::default();
        let body = self.body(session.offset, len, &sending).await?;
        let request = AppendUpload::new(self.name.clone(), session.uuid.clone(), Body::empty());
        let mut call = call!(APPEND_UPLOAD, request).stream(BYTES, body);
        // To a new upload everything is sent as most clients do; else the position is checked.
        if self.chunk.is_some() || session.is_resumed {
            let span = ByteSpan::parse(&format!("{}-{}", session.offset, end - 1));
            let span = span.map_err(|error| Failure::Fatal(Error::unexpected(error)))?;
            call = call.header("Content-Range", &span);
        }
        let reply = self.send(session, call, &[202, 201, 204], &sending).await?;
        if let Some(location) = self.location(reply.head()).map_err(Failure::Fatal)? {
            session.location = location;
        }
        session.is_guess = false;
        let before = session.offset;
        session.offset = match held(reply.head()) {
            Some(Held::Bytes(bytes)) if bytes <= self.source.size() => bytes,
            _ => end,
        };
        if session.offset <= before {
            let why = "an upload that takes bytes and does not grow";
            return Err(Failure::Fatal(Error::unexpected(why)));
        }
        session.is_resumed |= session.offset != end;
        Ok(())
    }

    /// Sends what is left and closes the upload.
    async fn close(
        &self,
        session: &mut Session,
        body: Body,
        sending: &Sending,
    ) -> Result<Step, Failure> {
        let digest = self.digest.clone();
        let request = CompleteUpload::new(
            self.name.clone(),
            session.uuid.clone(),
            digest,
            Body::empty(),
        );
        let mut call = call!(COMPLETE_UPLOAD, request);
        if body.len() != Some(0) {
            call = call.stream(BYTES, body);
        }
        session.was_closed = true;
        self.send(session, call, &[201, 200, 204], sending).await?;
        Ok(Step::Done)
    }

    async fn send(
        &self,
        session: &mut Session,
        call: Call,
        statuses: &[u16],
        sending: &Sending,
    ) -> Result<Reply, Failure> {
        let caller = self.registry.caller().at(&session.location);
        let failed = |error: CallError| match (sending.fault(), error) {
            (Some(fault), _) => Failure::Fatal(Error::Source(fault)),
            (None, CallError::Undeclared(answer)) => Failure::Answer(answer),
            (None, error) => Failure::Cut(error.into()),
        };
        let reply = caller.send(call).await;
        session.taken = sending.taken();
        let reply = reply.map_err(failed)?;
        if statuses.contains(&reply.status()) {
            return Ok(reply);
        }
        Err(failed(reply.undeclared().await))
    }

    /// Asks the registry how much the upload holds; `None` if it knows nothing of it.
    pub(super) async fn ask(&self, session: &mut Session) -> Result<Option<Held>, Error> {
        let request = GetUpload::new(self.name.clone(), session.uuid.clone());
        let caller = self.registry.caller().at(&session.location);
        let reply = caller.send(call!(GET_UPLOAD, request)).await?;
        match reply.status() {
            // Some registries have uploads and no status of them.
            400 | 404 | 405 | 410 => return Ok(None),
            _ => {}
        }
        let reply = expected(reply, &[204, 200, 202]).await?;
        self.told(session, reply.head())
    }

    /// Takes over what an answer says of the upload.
    pub(super) fn told(&self, session: &mut Session, head: &Head) -> Result<Option<Held>, Error> {
        if let Some(location) = self.location(head)? {
            session.location = location;
        }
        Ok(held(head))
    }

    /// Drops the upload, if that can be done at once; the registry will do it anyway.
    pub(super) async fn cancel(&self, session: &Session) {
        let request = CancelUpload::new(self.name.clone(), session.uuid.clone());
        let caller = self.registry.caller().at(&session.location);
        let sent = pin!(caller.send(call!(CANCEL_UPLOAD, request)));
        // Nobody is interested in the answer: there is an error already, and whoever waits for it.
        drop(select(sent, self.registry.shared.clock.sleep(CANCELLING)).await);
    }
}
