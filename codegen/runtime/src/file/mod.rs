//! A region of an open file as a body.
//!
//! Whoever polls it within an [`offer`] gets no bytes but is given the file and the range, to have the
//! system send them. Everybody else gets bytes, which are read on the spot, since the way to a blocking
//! thread costs more than to copy what the system has in memory; `ahead` sees to it that it has. The
//! hazard is a file that ends before its region: an error, never fewer bytes than were said.

mod ahead;
pub(crate) mod offer;

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};

use ahead::Ahead;
use offer::Window;

/// What is read or sent at once. Less costs more processor time per byte, more makes others wait for it.
pub(crate) const WINDOW: usize = 256 * 1024;

/// What is left of a region of a file.
pub(crate) struct Region {
    file: Arc<File>,
    rest: Range<u64>,
    ahead: Ahead,
    /// What was read last. Once nobody else has it, its memory is used again.
    last: Bytes,
    /// Bytes were read since others had their turn.
    is_due: bool,
}

impl Region {
    /// The bytes of `range`; none where it is inverted.
    pub(crate) fn new(file: Arc<File>, range: Range<u64>) -> Self {
        Self {
            file,
            rest: range.start..range.end.max(range.start),
            ahead: Ahead::default(),
            last: Bytes::new(),
            is_due: false,
        }
    }

    /// How many bytes there are still to come.
    pub(crate) fn len(&self) -> u64 {
        self.rest.end - self.rest.start
    }

    /// The bytes of `range`, which counts from the start of this region and lies within it.
    pub(crate) fn part(self, range: &Range<u64>) -> Self {
        let start = self.rest.start;
        Self::new(self.file, start + range.start..start + range.end)
    }

    /// The next bytes, or a marker of as many bytes that were given away.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let window = self.rest.start..self.rest.end.min(self.rest.start + WINDOW as u64);
        if window.is_empty() {
            return Poll::Ready(None);
        }
        if let Err(error) = ready!(self.ahead.poll_ready(cx, &self.file, &window)) {
            return Poll::Ready(Some(Err(error)));
        }
        let given = offer::give(|| Window {
            file: Arc::clone(&self.file),
            range: window.clone(),
        });
        let bytes = match given {
            Some(marker) => Ok(marker),
            None if std::mem::take(&mut self.is_due) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            None => self.read(&window),
        };
        if bytes.is_ok() {
            self.rest.start = window.end;
        }
        Poll::Ready(Some(bytes))
    }

    fn read(&mut self, window: &Range<u64>) -> io::Result<Bytes> {
        let length = usize::try_from(window.end - window.start).unwrap_or(WINDOW);
        let mut bytes = std::mem::take(&mut self.last)
            .try_into_mut()
            .unwrap_or_else(|_| BytesMut::new());
        // Zeroes are written the first time alone.
        bytes.resize(length, 0);
        let read = self.file.read_exact_at(&mut bytes, window.start);
        read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => cut_short(),
            _ => error,
        })?;
        self.last = bytes.freeze();
        self.is_due = true;
        Ok(self.last.clone())
    }
}

/// The file ends before its region does.
pub(crate) fn cut_short() -> io::Error {
    let error = "the file is shorter than it was";
    io::Error::new(io::ErrorKind::UnexpectedEof, error)
}

#[cfg(test)]
mod tests;
