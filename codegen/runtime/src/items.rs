//! Bodies that are streams of values, read and written one by one.
//!
//! Nothing is read ahead: who does not ask for the next item lets the sender wait. Hazard: a stream that
//! fails must not look complete, so its failure is an error of the body, which breaks the connection off.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};

/// Values as they come. After an error it ends.
#[must_use = "nothing is read or sent before the stream is polled"]
pub struct Items<T>(Option<BoxStream<'static, Result<T, ItemError>>>);

impl<T> Items<T> {
    /// The items of `items`, up to an error.
    pub fn new(items: impl Stream<Item = Result<T, ItemError>> + Send + 'static) -> Self {
        Self(Some(items.boxed()))
    }

    /// The next value; `None` at the end, and after an error.
    pub async fn next(&mut self) -> Option<Result<T, ItemError>> {
        StreamExt::next(self).await
    }
}

impl<T: Send + 'static> From<Vec<T>> for Items<T> {
    fn from(items: Vec<T>) -> Self {
        Self::new(stream::iter(items.into_iter().map(Ok)))
    }
}

impl<T> Stream for Items<T> {
    type Item = Result<T, ItemError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(items) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let item = ready!(items.as_mut().poll_next(cx));
        if !matches!(item, Some(Ok(_))) {
            self.0 = None;
        }
        Poll::Ready(item)
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}

/// Why a stream of items ended before its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ItemError {
    /// The body broke off. What makes items says by it that it cannot go on.
    #[error("the stream broke off")]
    Io(#[from] io::Error),
    /// An item is larger than one may be.
    #[error("an item has more than {limit} bytes")]
    TooLarge {
        /// Most bytes of an item.
        limit: u64,
    },
    /// An item is not what was declared.
    #[error("an item cannot be read: {0}")]
    Malformed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

#[cfg(test)]
mod tests {
    use super::{Items, io, stream};

    #[tokio::test]
    async fn items_come_one_by_one_until_an_error() {
        let items = [Ok(1), Err(io::Error::other("broken").into()), Ok(3)];
        let mut items: Items<u32> = Items::new(stream::iter(items));
        assert_eq!(items.next().await.unwrap().unwrap(), 1);
        assert!(items.next().await.unwrap().is_err());
        assert!(items.next().await.is_none());
    }
}
