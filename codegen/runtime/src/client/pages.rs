//! Lists in pages that a `Link` header (RFC 8288) chains, as one stream.
//!
//! A page is fetched when it is asked for. Each is fetched once: a link to a page that was there before
//! is an error, and so is one to another host, which must not see what the API's own gets. After an
//! error the stream ends.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream, Stream};
use http::HeaderMap;
use reqwest::Url;

use super::{Call, Caller, DecodeError, Error, Reply, Transport};
use crate::Operation;

/// The pages of a list.
#[must_use = "nothing is fetched before the stream is polled"]
pub struct Pages<R, E>(BoxStream<'static, Result<R, Error<E>>>);

impl<R, E> Stream for Pages<R, E> {
    type Item = Result<R, Error<E>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl<R, E> fmt::Debug for Pages<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

/// The pages that begin with the answer to `call`; `decode` reads each, and the link with the relation
/// `rel` leads to the next.
pub fn pages<T, R, E, D, F>(
    caller: Caller<T>,
    call: Call,
    rel: &'static str,
    decode: D,
) -> Pages<R, E>
where
    T: Transport,
    R: Send + 'static,
    E: Send + 'static,
    D: Fn(Reply) -> F + Send + Sync + 'static,
    F: Future<Output = Result<R, Error<E>>> + Send + 'static,
{
    let walk = Walk {
        operation: call.operation,
        headers: call.headers.clone(),
        access: Arc::clone(&call.access),
        seen: BTreeSet::new(),
        caller,
        rel,
    };
    let pages = stream::try_unfold(
        (walk, Step::First(Box::new(call)), Arc::new(decode)),
        |(mut walk, step, decode)| async {
            let Some(reply) = walk.fetch(step).await? else {
                return Ok(None);
            };
            let next = walk.next(&reply);
            let page = decode(reply).await?;
            Ok(Some((page, (walk, next, decode))))
        },
    );
    Pages(pages.boxed())
}

enum Step {
    First(Box<Call>),
    Page(Url),
    Refused(DecodeError),
    End,
}

/// What the requests of all pages have in common.
struct Walk<T: Transport> {
    caller: Caller<T>,
    operation: Option<&'static Operation>,
    headers: HeaderMap,
    access: Arc<[String]>,
    rel: &'static str,
    seen: BTreeSet<String>,
}

impl<T: Transport> Walk<T> {
    async fn fetch<E>(&mut self, step: Step) -> Result<Option<Reply>, Error<E>> {
        match step {
            Step::First(call) => Ok(Some(self.caller.send(*call).await?)),
            Step::Page(url) => {
                let mut call = Call::to(http::Method::GET, String::new());
                call.operation = self.operation;
                call.headers = self.headers.clone();
                call.access = Arc::clone(&self.access);
                Ok(Some(self.caller.send_to(url, call).await?))
            }
            Step::Refused(error) => Err(error.into()),
            Step::End => Ok(None),
        }
    }

    /// Where the page after `reply` is. That it may not be fetched is said after this page.
    fn next(&mut self, reply: &Reply) -> Step {
        let head = reply.head();
        self.seen.insert(head.url().to_owned());
        let refused =
            |why: &'static str| Step::Refused(DecodeError::new(head.status(), "Link", why));
        match head.next(self.rel) {
            Ok(None) => Step::End,
            Ok(Some(url)) if !self.caller.is_home(&url) => refused("leads to another host"),
            Ok(Some(url)) if !self.seen.insert(url.as_str().to_owned()) => {
                refused("leads to a page that was there before")
            }
            Ok(Some(url)) => Step::Page(url),
            Err(error) => Step::Refused(error),
        }
    }
}
