//! What follows from a failure: go on, begin again, be content, or give up.

use std::time::Duration;

use api_runtime::client::{Transport, Undeclared};

use super::Push;
use super::place::{Held, held};
use super::session::{Failure, Session};
use crate::error::{Error, Refused};
use crate::retry::{is_temporary, retry_after};

/// What is worth another question, in bytes.
const MUCH: u64 = 1 << 20;

/// How often a registry is asked again.
const PATIENCE: u32 = 3;

/// How to go on.
#[derive(Debug)]
pub(super) enum Recovered {
    /// From the session's offset.
    Resumed,
    /// The blob is there.
    Done,
    /// With another upload.
    Gone(Error),
}

/// What an answer calls for.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It says itself where to go on.
    Told,
    /// Ask how much arrived.
    Ask,
    /// The upload is no more.
    Gone,
    /// It will not get better.
    Fatal,
}

impl<T: Transport> Push<'_, T> {
    pub(super) async fn recover(
        &mut self,
        session: &mut Session,
        failure: Failure,
    ) -> Result<Recovered, Error> {
        session.is_resumed = true;
        match failure {
            Failure::Cut(error) if error.is_temporary() => {
                self.ask_after(session, None, error).await
            }
            Failure::Fatal(error) | Failure::Cut(error) => Err(error),
            Failure::Answer(answer) => self.answered(session, answer).await,
        }
    }

    async fn answered(
        &mut self,
        session: &mut Session,
        answer: Box<Undeclared>,
    ) -> Result<Recovered, Error> {
        let verdict = verdict(&answer);
        let unix = self.registry.shared.clock.unix();
        let asked = retry_after(answer.head().headers(), unix);
        let told = held(answer.head());
        let why = Error::from(Box::new(Refused::from(*answer)));
        match (verdict, told) {
            (Verdict::Fatal, _) => Err(why),
            (Verdict::Gone, _) => self.gone(session, why).await,
            (Verdict::Told, Some(held)) => {
                if let Some(refused) = why.refused() {
                    self.told(session, refused.answer().head())?;
                }
                self.spend(session.offset, asked, why).await?;
                Ok(self.go_on(session, held, true))
            }
            (Verdict::Told | Verdict::Ask, _) => self.ask_after(session, asked, why).await,
        }
    }

    /// Waits, and asks how much arrived.
    async fn ask_after(
        &mut self,
        session: &mut Session,
        asked: Option<Duration>,
        why: Error,
    ) -> Result<Recovered, Error> {
        let was_refused = why.status() == Some(416);
        let why = self.spend(session.offset, asked, why).await?;
        match self.ask_twice(session).await? {
            Some(held) => Ok(self.go_on(session, held, was_refused)),
            None => self.gone(session, why).await,
        }
    }

    /// Asks how much arrived, and asks again if much was sent and nothing of it is there. A registry that
    /// has not noticed yet that the connection is gone, or is still writing what came over it, knows of
    /// less than it has; whoever went on at once would send all of that again.
    async fn ask_twice(&self, session: &mut Session) -> Result<Option<Held>, Error> {
        let mut held = self.ask(session).await?;
        let shared = &self.registry.shared;
        for time in 1..=PATIENCE {
            let is_news = match held {
                Some(Held::Bytes(bytes)) => bytes > session.offset,
                Some(Held::NoneOrOne) => false,
                None => true,
            };
            if is_news || session.taken < MUCH {
                break;
            }
            let wait = shared.policy.delay(time, &*shared.clock);
            shared.clock.sleep(wait).await;
            held = self.ask(session).await?;
        }
        Ok(held)
    }

    /// The upload is no more. If it was to be closed, that may be why.
    async fn gone(&self, session: &Session, why: Error) -> Result<Recovered, Error> {
        if session.was_closed {
            let found = self.registry.stat_blob(self.name, self.digest).await?;
            if found.is_some() {
                return Ok(Recovered::Done);
            }
        }
        Ok(Recovered::Gone(why))
    }

    /// Goes on behind what the upload holds. `was_refused` says that the last offset was not the right one.
    fn go_on(&self, session: &mut Session, held: Held, was_refused: bool) -> Recovered {
        match held {
            Held::Bytes(bytes) if bytes > self.source.size() => {
                let why = "an upload holds more than was sent";
                return Recovered::Gone(Error::unexpected(why));
            }
            Held::Bytes(bytes) => {
                session.offset = bytes;
                session.is_guess = false;
            }
            // Begin at 0; if that is refused, the first byte is there.
            Held::NoneOrOne => {
                let was_none = was_refused && session.is_guess && session.offset == 0;
                session.offset = u64::from(was_none).min(self.source.size());
                session.is_guess = true;
            }
        }
        Recovered::Resumed
    }
}

fn verdict(answer: &Undeclared) -> Verdict {
    let has = |code| answer.errors().iter().any(|error| error.code == code);
    match answer.status() {
        416 => Verdict::Told,
        404 | 410 => Verdict::Gone,
        400 if has("BLOB_UPLOAD_INVALID") || has("BLOB_UPLOAD_UNKNOWN") => Verdict::Gone,
        // Less arrived than was sent, or than somebody in between made of it.
        400 if has("SIZE_INVALID") => Verdict::Ask,
        // The next request logs in again.
        401 => Verdict::Ask,
        status if is_temporary(status) => Verdict::Ask,
        _ => Verdict::Fatal,
    }
}
