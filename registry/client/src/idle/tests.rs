//! On a clock of tokio's that stands until everybody waits.

use futures_util::{FutureExt as _, TryStreamExt as _};
use tokio::time::sleep;

use super::*;
use crate::clock::SystemClock;
use crate::testing::request;

const LIMIT: Duration = Duration::from_secs(10);

/// Takes the whole body, and after a time answers with another.
struct Slow {
    thinks: Duration,
    between: Duration,
}

impl Transport for Slow {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let failed = |error| TransportError::new(TransportErrorKind::Interrupted, error);
        let sent = request.into_body().into_stream().try_collect::<Vec<_>>();
        let sent = sent.await.map_err(failed)?.len();
        sleep(self.thinks).await;
        Ok(Response::new(drops(sent, self.between)))
    }
}

/// A body that comes in chunks, with some time before each.
fn drops(count: usize, between: Duration) -> Body {
    let chunks = stream::iter(0..count).then(move |_| sleep(between).map(|()| Ok("x".into())));
    Body::stream(None, chunks.boxed())
}

/// How many chunks came back of those that were sent, or what went wrong and where.
async fn exchange(
    sent: Duration,
    thinks: Duration,
    answered: Duration,
) -> Result<usize, &'static str> {
    let transport = Slow {
        thinks,
        between: answered,
    };
    let idle = Idle::new(transport, LIMIT, Arc::new(SystemClock::new()));
    let mut request = request("PATCH", "https://r.example/", &[]);
    *request.body_mut() = drops(5, sent);
    let answer = idle.send(request).await.map_err(|error| {
        assert_eq!(error.kind(), TransportErrorKind::Timeout);
        "no answer"
    })?;
    let chunks = answer.into_body().into_stream().try_collect::<Vec<_>>();
    let chunks = chunks.await.map_err(|error| {
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        "broke off"
    })?;
    Ok(chunks.len())
}

#[tokio::test(start_paused = true)]
async fn what_moves_may_take_as_long_as_it_needs() {
    let nearly = LIMIT * 9 / 10;
    assert_eq!(exchange(nearly, nearly, nearly).await, Ok(5));
}

#[tokio::test(start_paused = true)]
async fn what_stands_still_is_given_up() {
    let (none, long) = (Duration::ZERO, 3 * LIMIT);
    assert_eq!(exchange(long, none, none).await, Err("no answer"));
    assert_eq!(exchange(none, long, none).await, Err("no answer"));
    assert_eq!(exchange(none, none, long).await, Err("broke off"));
}
