//! A stream of events, over as many connections as it takes.
//!
//! A connection that has ended is taken up again behind the last id that there was (`Last-Event-ID`; HTML,
//! section 9.2.3), that of the request to begin with, after the time that the server asked for last, with an event
//! or without, and after a longer one each time that nothing came. The end of an answer is not that of the events:
//! who has no more of them answers without events, 204 as a rule. A failure that the operation declares ends it,
//! too. What an error stands for that a later try may not have is no error before all tries are used up: no
//! connection, one that broke, and 502, 503 and 504 that are not declared.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{self, BoxStream, Stream};
use futures_util::{StreamExt, TryStreamExt};

use super::{
    Call, CallError, Caller, DecodeError, Error, Reply, Transport, TransportError,
    TransportErrorKind,
};
use crate::events::{LastId, Said};
use crate::{Event, Invalid, ItemError, Items, Scalar};

/// How long to wait before a stream of events is taken up again, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait, where the server asks for none. Each try in vain doubles it.
    pub first: Duration,
    /// The longest wait. One that the server asks for may be longer.
    pub longest: Duration,
    /// Most tries in a row that bring no event.
    pub tries: u32,
}

impl Default for Backoff {
    /// From a second up to a minute, ten times.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_mins(1),
            tries: 10,
        }
    }
}

impl Backoff {
    /// The wait after `vain` tries that brought nothing, where the server asked for `retry`.
    fn wait(&self, vain: u32, retry: Option<Duration>) -> Duration {
        let first = retry.unwrap_or(self.first);
        let longer = first.saturating_mul(2_u32.saturating_pow(vain));
        longer.min(self.longest.max(first))
    }
}

/// Events of one connection after the other.
#[must_use = "nothing is asked for before the stream is polled"]
pub struct Following<E, F>(BoxStream<'static, Result<Event<E>, Error<F>>>);

impl<E, F> Stream for Following<E, F> {
    type Item = Result<Event<E>, Error<F>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl<E, F> fmt::Debug for Following<E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Following").finish_non_exhaustive()
    }
}

/// Writes what was said of the last id into its header, which has that of the request.
pub fn resume<V: Scalar>(last: &LastId, header: &mut Option<V>) -> Result<(), Invalid> {
    match last {
        LastId::Unsaid => {}
        LastId::Gone => *header = None,
        LastId::Known(id) => *header = Some(V::parse(id.as_str())?),
    }
    Ok(())
}

/// The events that `request` asks for. `write` makes a call of it that goes on behind the last id; `read` takes the
/// events out of an answer, and yields none of one that has none.
pub fn follow<T, Q, E, F, R>(
    caller: Caller<T>,
    request: Q,
    backoff: Backoff,
    write: impl Fn(Q, &LastId) -> Result<Call, Invalid> + Send + Sync + 'static,
    read: impl Fn(Reply) -> R + Send + Sync + 'static,
) -> Following<E, F>
where
    T: Transport,
    Q: Clone + Send + Sync + 'static,
    E: Send + 'static,
    F: Send + 'static,
    R: Future<Output = Result<Option<Items<Event<E>>>, Error<F>>> + Send + 'static,
{
    let line = Line {
        caller,
        request,
        backoff,
        open: None,
        said: Said::default(),
        vain: 0,
    };
    let how = Arc::new((write, read));
    let events = stream::try_unfold((line, how), |(mut line, how)| async move {
        let (write, read) = &*how;
        let event = line.next(write, read).await?;
        Ok(event.map(|event| (event, (line, how))))
    });
    Following(events.boxed())
}

/// Where a stream is.
struct Line<T: Transport, Q, E> {
    caller: Caller<T>,
    request: Q,
    backoff: Backoff,
    /// The events of the connection that there is.
    open: Option<Items<Event<E>>>,
    said: Said,
    /// Connections since the last event that have ended.
    vain: u32,
}

impl<T: Transport, Q: Clone, E> Line<T, Q, E> {
    async fn next<F, R>(
        &mut self,
        write: &(impl Fn(Q, &LastId) -> Result<Call, Invalid> + Sync),
        read: &(impl Fn(Reply) -> R + Sync),
    ) -> Result<Option<Event<E>>, Error<F>>
    where
        R: Future<Output = Result<Option<Items<Event<E>>>, Error<F>>> + Send,
    {
        loop {
            let Some(events) = &mut self.open else {
                let (last, retry) = self.said.now();
                if self.vain > 0 {
                    tokio::time::sleep(self.backoff.wait(self.vain - 1, retry)).await;
                }
                let call = write(self.request.clone(), &last).map_err(refused)?;
                match connect(&self.caller, call, &self.said, read).await {
                    Ok(Some(events)) => self.open = Some(events),
                    Ok(None) => return Ok(None),
                    Err(error) => self.ended(error)?,
                }
                continue;
            };
            match events.try_next().await {
                Ok(Some(event)) => {
                    self.vain = 0;
                    return Ok(Some(event));
                }
                Ok(None) => self.ended(broken("the answer ended").into())?,
                Err(ItemError::Io(error)) => self.ended(broken(error).into())?,
                Err(error) => return Err(DecodeError::new(200, "body", error).into()),
            }
        }
    }

    /// A connection has ended, or there was none. An error is one that stays, or that was there too often.
    fn ended<F>(&mut self, why: Error<F>) -> Result<(), Error<F>> {
        self.open = None;
        if !is_passing(&why) || self.vain >= self.backoff.tries {
            return Err(why);
        }
        self.vain += 1;
        Ok(())
    }
}

async fn connect<T, E, F, R>(
    caller: &Caller<T>,
    call: Call,
    said: &Said,
    read: &(impl Fn(Reply) -> R + Sync),
) -> Result<Option<Items<Event<E>>>, Error<F>>
where
    T: Transport,
    R: Future<Output = Result<Option<Items<Event<E>>>, Error<F>>> + Send,
{
    read(caller.send(call).await?.going_on(said.clone())).await
}

/// Whether it may be another time that there is no such error.
fn is_passing<F>(error: &Error<F>) -> bool {
    match error {
        Error::Transport(error) => matches!(
            error.kind(),
            TransportErrorKind::Connect
                | TransportErrorKind::Timeout
                | TransportErrorKind::Interrupted
        ),
        Error::Undeclared(answer) => matches!(answer.status(), 502..=504),
        Error::Declared(_) | Error::Decode(_) => false,
    }
}

fn broken(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TransportError {
    TransportError::new(TransportErrorKind::Interrupted, why)
}

/// The server has sent an id that is none of the type of its header.
fn refused<F>(error: Invalid) -> Error<F> {
    let error: CallError = DecodeError::new(200, "id", error).into();
    error.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_up_to_the_longest_and_is_no_shorter_than_the_server_asks_for() {
        let backoff = Backoff::default();
        let seconds = |vain, retry: Option<u64>| {
            let retry = retry.map(Duration::from_secs);
            backoff.wait(vain, retry).as_secs()
        };
        let found = [0, 1, 2, 5, 6, u32::MAX].map(|vain| seconds(vain, None));
        assert_eq!(found, [1, 2, 4, 32, 60, 60]);
        assert_eq!([0, 1, 9].map(|vain| seconds(vain, Some(20))), [20, 40, 60]);
        assert_eq!([0, 1, 9].map(|vain| seconds(vain, Some(90))), [90; 3]);
        assert_eq!(seconds(40, Some(0)), 0);
    }
}
