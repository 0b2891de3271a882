//! Bodies: bytes, a stream, or something that can be read from any position.
//!
//! How a body is represented is private, so that kinds can be added without touching whoever makes or
//! reads one. A body with a known length keeps it: a stream that yields more or less is an error, never a
//! message that lies about its length.
//!
//! Hazard: a connection sends what it has when a body has nothing ready, and what it has not sent when its
//! body fails is lost. So a body that fails has nothing ready once before it says so.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use http_body::{Frame, SizeHint};
use http_body_util::BodyDataStream;

/// Chunks of a body as they come.
pub type BodyStream = BoxStream<'static, io::Result<Bytes>>;

/// Something that knows its length and can be read from any position, once.
#[expect(clippy::len_without_is_empty, reason = "nobody asks")]
pub trait RangeSource: Send {
    /// How many bytes there are.
    fn len(&self) -> u64;

    /// The bytes of `range`, which lies within the length.
    fn open(self: Box<Self>, range: Range<u64>) -> Body;
}

/// The body of a request or an answer.
pub struct Body(Kind);

enum Kind {
    Bytes(Bytes),
    Stream {
        remaining: Option<u64>,
        stream: BodyStream,
    },
    Seekable(Box<dyn RangeSource>),
    /// In a box, since it is larger than all others, and bodies are moved often.
    #[cfg(feature = "server")]
    File(Box<crate::file::Region>),
    /// It failed, and says so when it is asked again.
    Failed(io::Error),
}

impl Body {
    /// No bytes.
    pub fn empty() -> Self {
        Self(Kind::Bytes(Bytes::new()))
    }

    /// Bytes as they come, `len` of them where that is known.
    pub fn stream(len: Option<u64>, stream: BodyStream) -> Self {
        Self(Kind::Stream {
            remaining: len,
            stream,
        })
    }

    /// Bytes of which a part can be read without reading the rest.
    pub fn seekable(source: Box<dyn RangeSource>) -> Self {
        Self(Kind::Seekable(source))
    }

    /// The bytes of `range` of a file; none where it is inverted. Where a connection can have the system
    /// send them (see [`transmit`](crate::server::transmit)), they are never read. A file that turns out
    /// shorter is an error of the body. Nobody may write to the file meanwhile.
    #[cfg(feature = "server")]
    pub fn file(file: std::sync::Arc<std::fs::File>, range: Range<u64>) -> Self {
        Self(Kind::File(Box::new(crate::file::Region::new(file, range))))
    }

    /// A body of another library. Trailers are dropped.
    pub fn wrap<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let len = body.size_hint().exact();
        if len == Some(0) && body.is_end_stream() {
            return Self::empty();
        }
        Self::stream(
            len,
            BodyDataStream::new(body).map_err(io::Error::other).boxed(),
        )
    }

    /// How many bytes there are still to come, where that is known.
    #[expect(
        clippy::len_without_is_empty,
        reason = "a length that is not known is neither"
    )]
    pub fn len(&self) -> Option<u64> {
        match &self.0 {
            Kind::Bytes(bytes) => Some(len_of(bytes)),
            Kind::Stream { remaining, .. } => *remaining,
            Kind::Seekable(source) => Some(source.len()),
            #[cfg(feature = "server")]
            Kind::File(region) => Some(region.len()),
            Kind::Failed(_) => None,
        }
    }

    /// The same body once more, where its bytes are in memory, so that a request can be sent again.
    pub fn try_clone(&self) -> Option<Self> {
        match &self.0 {
            Kind::Bytes(bytes) => Some(Self::from(bytes.clone())),
            _ => None,
        }
    }

    /// Whether [`Body::part`] can yield a part of it.
    pub fn is_seekable(&self) -> bool {
        !matches!(self.0, Kind::Stream { .. } | Kind::Failed(_))
    }

    /// The bytes of `range`; the whole body, as the error, where they cannot be had or are not all
    /// there.
    pub fn part(self, range: Range<u64>) -> Result<Self, Self> {
        let is_within = range.start <= range.end && self.len().is_some_and(|len| range.end <= len);
        match self.0 {
            Kind::Seekable(source) if is_within => Ok(source.open(range)),
            #[cfg(feature = "server")]
            Kind::File(region) if is_within => Ok(Self(Kind::File(Box::new(region.part(&range))))),
            Kind::Bytes(bytes) if is_within => {
                let (Ok(start), Ok(end)) =
                    (usize::try_from(range.start), usize::try_from(range.end))
                else {
                    return Err(Self(Kind::Bytes(bytes)));
                };
                Ok(Self(Kind::Bytes(bytes.slice(start..end))))
            }
            kind => Err(Self(kind)),
        }
    }

    /// The same for axum. Of bytes in memory it needs not be told when they are ready and how they fail.
    #[cfg(feature = "server")]
    pub(crate) fn into_axum(self) -> axum::body::Body {
        match self.0 {
            Kind::Bytes(bytes) => axum::body::Body::from(bytes),
            _ => axum::body::Body::new(self),
        }
    }

    /// All bytes, at most `limit` of them. Memory grows with what arrives, not with what was announced.
    pub async fn collect(self, limit: u64) -> Result<Bytes, CollectError> {
        if self.len().is_some_and(|len| len > limit) {
            return Err(CollectError::TooLarge { limit });
        }
        if let Kind::Bytes(bytes) = self.0 {
            return Ok(bytes);
        }
        let mut stream = self.into_stream();
        let (mut first, mut more, mut total) = (Bytes::new(), BytesMut::new(), 0_u64);
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(CollectError::Io)?;
            total = total.saturating_add(len_of(&chunk));
            if total > limit {
                return Err(CollectError::TooLarge { limit });
            }
            if first.is_empty() {
                first = chunk;
            } else {
                // Most bodies are one chunk, which is then not copied.
                if more.is_empty() {
                    more.extend_from_slice(&first);
                }
                more.extend_from_slice(&chunk);
            }
        }
        Ok(if more.is_empty() {
            first
        } else {
            more.freeze()
        })
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match &mut self.0 {
            Kind::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Bytes(bytes) => Poll::Ready(Some(Ok(std::mem::take(bytes)))),
            Kind::Stream { remaining, stream } => {
                let chunk = ready!(stream.as_mut().poll_next(cx));
                let chunk = match chunk {
                    Some(Ok(chunk)) => count(remaining, &chunk).map(|()| Some(chunk)),
                    Some(Err(error)) => Err(error),
                    None if remaining.is_some_and(|remaining| remaining > 0) => {
                        Err(wrong_length("fewer"))
                    }
                    None => Ok(None),
                };
                Poll::Ready(chunk.transpose())
            }
            #[cfg(feature = "server")]
            Kind::File(region) => region.poll_next(cx),
            // A source that opens another source, which then opens itself at the next poll.
            Kind::Seekable(_) | Kind::Failed(_) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    /// The chunks.
    pub fn into_stream(self) -> BodyStream {
        BodyDataStream::new(self).boxed()
    }
}

fn len_of(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// Why a body was not collected.
#[derive(Debug)]
pub enum CollectError {
    /// It has more bytes than were asked for.
    TooLarge {
        /// Most bytes that it might have.
        limit: u64,
    },
    /// It broke off.
    Io(io::Error),
}

impl fmt::Display for CollectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "the body has more than {limit} bytes"),
            Self::Io(_) => f.write_str("the body broke off"),
        }
    }
}

impl StdError for CollectError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::TooLarge { .. } => None,
            Self::Io(error) => Some(error),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Bytes(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Kind::Seekable(_) = self.0
            && let Kind::Seekable(source) =
                std::mem::replace(&mut self.0, Kind::Bytes(Bytes::new()))
        {
            let len = source.len();
            *self = source.open(0..len);
        }
        if let Kind::Failed(_) = self.0
            && let Kind::Failed(error) = std::mem::replace(&mut self.0, Kind::Bytes(Bytes::new()))
        {
            return Poll::Ready(Some(Err(error)));
        }
        match ready!(self.poll_chunk(cx)) {
            Some(Err(error)) => {
                self.0 = Kind::Failed(error);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            chunk => Poll::Ready(chunk.map(|chunk| chunk.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Bytes(bytes) => bytes.is_empty(),
            Kind::Stream { .. } | Kind::Seekable(_) | Kind::Failed(_) => false,
            #[cfg(feature = "server")]
            Kind::File(region) => region.len() == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.len()
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

fn count(remaining: &mut Option<u64>, chunk: &Bytes) -> io::Result<()> {
    if let Some(remaining) = remaining {
        *remaining = remaining
            .checked_sub(len_of(chunk))
            .ok_or_else(|| wrong_length("more"))?;
    }
    Ok(())
}

fn wrong_length(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        format!("the body has {what} bytes than was said"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt, stream};

    fn chunks(chunks: &[&'static str]) -> BodyStream {
        let chunks: Vec<_> = chunks
            .iter()
            .map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())))
            .collect();
        stream::iter(chunks).boxed()
    }

    /// Nothing here waits.
    fn collect(body: Body, limit: u64) -> Result<Bytes, CollectError> {
        let mut collecting = Box::pin(body.collect(limit));
        // Before it fails it is not ready once.
        let mut tries = (0..2).filter_map(|_| collecting.as_mut().now_or_never());
        tries.next().expect("is ready at once")
    }

    struct Source(&'static str);

    impl RangeSource for Source {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn open(self: Box<Self>, range: Range<u64>) -> Body {
            let bytes = Bytes::from_static(self.0.as_bytes());
            Body::from(bytes).part(range).expect("lies within")
        }
    }

    #[test]
    fn chunks_are_joined() {
        assert_eq!(
            collect(Body::stream(None, chunks(&["a", "", "bc", "d"])), 4).unwrap(),
            "abcd"
        );
        assert_eq!(
            collect(Body::stream(Some(1), chunks(&["a"])), 4).unwrap(),
            "a"
        );
        assert_eq!(collect(Body::from("abc"), 3).unwrap(), "abc");
        assert_eq!(collect(Body::empty(), 0).unwrap(), "");
    }

    #[test]
    fn more_than_the_limit_is_refused_with_and_without_a_length() {
        for body in [
            Body::from("abcd"),
            Body::stream(None, chunks(&["ab", "cd"])),
            Body::stream(Some(4), chunks(&["ab", "cd"])),
            Body::stream(Some(u64::MAX), chunks(&[])),
        ] {
            assert!(matches!(
                collect(body, 3),
                Err(CollectError::TooLarge { limit: 3 })
            ));
        }
    }

    #[test]
    fn a_stream_that_does_not_keep_its_length_is_an_error() {
        for (len, parts) in [(3, ["a", "b"]), (1, ["a", "b"])] {
            let error = collect(Body::stream(Some(len), chunks(&parts)), 10).unwrap_err();
            assert!(matches!(error, CollectError::Io(_)), "{error}");
        }
    }

    #[test]
    fn only_what_is_in_memory_can_be_had_twice() {
        let again = Body::from("abc").try_clone().unwrap();
        assert_eq!(collect(again, 3).unwrap(), "abc");
        assert!(Body::stream(Some(1), chunks(&["a"])).try_clone().is_none());
        assert!(Body::seekable(Box::new(Source("a"))).try_clone().is_none());
    }

    #[test]
    fn a_seekable_body_yields_a_part_or_the_whole() {
        let body = || Body::seekable(Box::new(Source("0123456789")));
        assert_eq!(body().len(), Some(10));
        assert_eq!(collect(body(), 10).unwrap(), "0123456789");
        assert_eq!(collect(body().part(2..5).unwrap(), 10).unwrap(), "234");
        assert_eq!(
            collect(Body::from("abc").part(1..3).unwrap(), 10).unwrap(),
            "bc"
        );
        assert!(body().part(2..11).is_err());
        #[expect(clippy::reversed_empty_ranges, reason = "that is the point")]
        let inverted = 5..2;
        assert!(body().part(inverted).is_err());
        assert!(Body::stream(Some(3), chunks(&["abc"])).part(0..1).is_err());
    }
}
