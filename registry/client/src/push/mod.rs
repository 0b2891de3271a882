//! Pushes blobs, and goes on where a transfer was cut.
//!
//! A blob goes into an upload, and the upload keeps what arrived. After a failure the registry is asked
//! how much that is; after 416 it has said so. Where the upload is gone a new one is begun, a few times.
//! The request that closes the upload may have been done although its answer was lost: then the upload is
//! gone and the blob is there, which is as good as the answer.
//!
//! [`session`] has the requests of one upload, [`recover`] what follows from their failures.

mod body;
mod place;
mod recover;
mod session;

use std::time::Duration;

use api_runtime::client::Transport;
use registry_protocol::{Digest, Name};

use crate::error::Error;
use crate::progress::Progress;
use crate::registry::Registry;
use crate::retry::Budget;
use crate::source::Source;
use recover::Recovered;
use session::{Begun, Session, Step};

/// A blob up to this size is sent with the request that closes its upload, in bytes.
const SMALL: u64 = 1 << 20;

/// How often an upload is begun again.
const MAX_RESTARTS: u32 = 3;

/// How a blob is pushed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PushOptions {
    /// Ask first whether the repository has the blob; on by default.
    pub check: bool,
    /// A repository of the same registry that may have the blob. It is taken from there if the registry
    /// can do that, and sent otherwise.
    pub mount_from: Option<Name>,
    /// Send chunks of about so many bytes, one request each, instead of all that is left in one request.
    /// A chunk is longer where the registry asks for longer ones. Some proxies limit the length of a
    /// request; otherwise one request is quicker, and no less safe.
    pub chunk: Option<u64>,
}

impl Default for PushOptions {
    fn default() -> Self {
        Self {
            check: true,
            mount_from: None,
            chunk: None,
        }
    }
}

/// How a blob came to be where it was to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pushed {
    /// Its bytes were sent.
    Sent,
    /// It was taken from another repository.
    Mounted,
    /// It was there.
    Present,
}

impl<T: Transport> Registry<T> {
    /// Pushes the blob that `source` has under its digest. The registry computes the digest, and refuses
    /// other bytes.
    pub async fn push_blob(
        &self,
        name: &Name,
        digest: &Digest,
        source: &dyn Source,
        options: &PushOptions,
    ) -> Result<Pushed, Error> {
        let here = || digest.clone();
        if options.check && self.stat_blob(name, digest).await?.is_some() {
            self.tell(&Progress::Present { digest: here() });
            return Ok(Pushed::Present);
        }
        let push = Push {
            registry: self,
            name,
            digest,
            source,
            chunk: options.chunk,
            budget: self.budget(),
        };
        let pushed = push.run(options.mount_from.as_ref()).await?;
        if let (Pushed::Mounted, Some(from)) = (pushed, options.mount_from.clone()) {
            let digest = here();
            self.tell(&Progress::Mounted { digest, from });
        }
        self.tell(&Progress::Done { digest: here() });
        Ok(pushed)
    }
}

/// One blob on its way.
struct Push<'a, T: Transport> {
    registry: &'a Registry<T>,
    name: &'a Name,
    digest: &'a Digest,
    source: &'a dyn Source,
    chunk: Option<u64>,
    budget: Budget,
}

/// How it went with one upload.
enum Outcome {
    Done,
    /// The registry knows nothing of the upload any more.
    Gone(Error),
}

impl<T: Transport> Push<'_, T> {
    async fn run(mut self, mount_from: Option<&Name>) -> Result<Pushed, Error> {
        let mut begun = match mount_from {
            Some(from) => self.mount(from).await?,
            None => Begun::Session(self.start().await?),
        };
        let mut restarts = 0;
        loop {
            let mut session = match begun {
                Begun::Mounted => return Ok(Pushed::Mounted),
                Begun::Session(session) => session,
            };
            match self.drive(&mut session).await {
                Ok(Outcome::Done) => return Ok(Pushed::Sent),
                Ok(Outcome::Gone(why)) => {
                    restarts += 1;
                    if restarts > MAX_RESTARTS {
                        return Err(gave_up(restarts, why));
                    }
                    self.spend(0, None, why).await?;
                }
                Err(error) => {
                    self.cancel(&session).await;
                    return Err(error);
                }
            }
            begun = Begun::Session(self.start().await?);
        }
    }

    /// Sends everything to one upload, and closes it.
    async fn drive(&mut self, session: &mut Session) -> Result<Outcome, Error> {
        loop {
            let failure = match self.step(session).await {
                Ok(Step::More) => continue,
                Ok(Step::Done) => return Ok(Outcome::Done),
                Err(failure) => failure,
            };
            match self.recover(session, failure).await? {
                Recovered::Resumed => self.registry.tell(&Progress::Resumed {
                    digest: self.digest.clone(),
                    offset: session.offset,
                }),
                Recovered::Done => return Ok(Outcome::Done),
                Recovered::Gone(why) => return Ok(Outcome::Gone(why)),
            }
        }
    }

    /// Waits after the failure `why` at the position `at`, and gives it back if it is not the last.
    async fn spend(
        &mut self,
        at: u64,
        asked: Option<Duration>,
        why: Error,
    ) -> Result<Error, Error> {
        match self.budget.spend(at, asked).await {
            Ok(()) => Ok(why),
            Err(1) => Err(why),
            Err(failures) => Err(gave_up(failures, why)),
        }
    }
}

fn gave_up(failures: u32, last: Error) -> Error {
    let last = Box::new(last);
    Error::GaveUp { failures, last }
}
