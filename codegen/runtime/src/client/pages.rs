//! Lists in pages, as one stream: a `Link` header (RFC 8288) chains them, or what is in their bodies.
//!
//! A page is fetched when it is asked for. Each is fetched once: a page that was there before is an
//! error, and so is a link to another host, which must not see what the API's own gets. After an error
//! the stream ends.

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
use crate::{Operation, Scalar};

/// The pages of a list.
#[must_use = "nothing is fetched before the stream is polled"]
pub struct Pages<R, E>(BoxStream<'static, Result<R, Error<E>>>);

impl<R, E> Pages<R, E> {
    /// The next page; `None` at the end, and after an error.
    pub async fn next(&mut self) -> Option<Result<R, Error<E>>> {
        self.0.next().await
    }
}

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

/// What comes after a page whose body leads to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing.
    End,
    /// A page, that of the request as it is now.
    Page,
    /// A page that cannot be asked for, and why not.
    Refused(&'static str),
}

impl Next {
    /// Puts the token `next` into the query. None, or an empty one, is the end.
    pub fn token<V: Scalar + Clone>(next: Option<&V>, query: &mut Option<V>) -> Self {
        match next {
            Some(next) if !next.to_text().is_empty() => {
                *query = Some(next.clone());
                Self::Page
            }
            _ => Self::End,
        }
    }

    /// Puts the key of the last item into the query, where there are more.
    pub fn last_item<V: Clone>(
        more: Option<&bool>,
        key: Option<&V>,
        query: &mut Option<V>,
    ) -> Self {
        match (more, key) {
            (Some(true), Some(key)) => {
                *query = Some(key.clone());
                Self::Page
            }
            (Some(true), None) => Self::Refused("says that there are more, but has no last item"),
            _ => Self::End,
        }
    }
}

/// The pages that begin with the answer to `request`, which `write` makes a call of; `decode` reads each,
/// and `next` makes of the request that of the page after it.
pub fn pages_by<T, Q, R, E, D, F>(
    caller: Caller<T>,
    request: Q,
    write: impl Fn(Q) -> Call + Send + Sync + 'static,
    decode: D,
    next: impl Fn(&mut Q, &R) -> Next + Send + Sync + 'static,
) -> Pages<R, E>
where
    T: Transport,
    Q: Clone + Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
    D: Fn(Reply) -> F + Send + Sync + 'static,
    F: Future<Output = Result<R, Error<E>>> + Send + 'static,
{
    let turn = Turn {
        caller,
        request,
        seen: BTreeSet::new(),
        status: 0,
    };
    let how = Arc::new((write, decode, next));
    let pages = stream::try_unfold(
        (turn, Next::Page, how),
        |(mut turn, step, how)| async move {
            let (write, decode, next) = &*how;
            let Some(reply) = turn.fetch(step, write).await? else {
                return Ok(None);
            };
            turn.status = reply.status();
            let page = decode(reply).await?;
            let step = next(&mut turn.request, &page);
            Ok(Some((page, (turn, step, how))))
        },
    );
    Pages(pages.boxed())
}

/// Where a walk through pages is.
struct Turn<T: Transport, Q> {
    caller: Caller<T>,
    request: Q,
    /// Paths and queries of the pages that were there.
    seen: BTreeSet<String>,
    /// Status of the page before.
    status: u16,
}

impl<T: Transport, Q: Clone> Turn<T, Q> {
    async fn fetch<E>(
        &mut self,
        step: Next,
        write: &(impl Fn(Q) -> Call + Sync),
    ) -> Result<Option<Reply>, Error<E>> {
        let refused = |why| Err(DecodeError::new(self.status, "body", why).into());
        match step {
            Next::End => Ok(None),
            Next::Refused(why) => refused(why),
            Next::Page => {
                let call = write(self.request.clone());
                if !self.seen.insert(call.path_and_query.clone()) {
                    return refused("leads to a page that was there before");
                }
                Ok(Some(self.caller.send(call).await?))
            }
        }
    }
}
