//! The lines of a body that is still arriving, each in memory, all of them never.
//!
//! Hazard: a line without an end must not fill the memory, so each has a limit that holds while it
//! arrives.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use crate::{Body, BodyStream, ItemError};

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// LF, or CR LF.
    Lf,
    /// LF, CR LF, or CR alone.
    Any,
}

/// Splits a body into lines.
pub(crate) struct Lines {
    /// Nothing once the end has been seen.
    chunks: Option<BodyStream>,
    ends: Ends,
    limit: usize,
    buffer: BytesMut,
    /// How many bytes of the buffer are known to hold no end of a line.
    scanned: usize,
    /// The last line ended with CR, to which an LF may belong.
    after_cr: bool,
}

impl Lines {
    /// The lines of `body`, none of more than `limit` bytes.
    pub(crate) fn new(body: Body, ends: Ends, limit: u64) -> Self {
        Self {
            chunks: Some(body.into_stream()),
            ends,
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            buffer: BytesMut::new(),
            scanned: 0,
            after_cr: false,
        }
    }

    /// The next line without its end; nothing after the last one, which may lack its end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, ItemError> {
        loop {
            if let Some(bytes) = self.ended() {
                return self.checked(bytes);
            }
            // CR before LF is no part of the line.
            if self.buffer.len() > self.limit.saturating_add(1) {
                return Err(self.too_large());
            }
            let chunk = match &mut self.chunks {
                Some(chunks) => chunks.next().await,
                None => None,
            };
            if let Some(chunk) = chunk {
                self.buffer.extend_from_slice(&chunk?);
                continue;
            }
            self.chunks = None;
            self.scanned = 0;
            let rest = self.buffer.split().freeze();
            return if rest.is_empty() {
                Ok(None)
            } else {
                self.checked(rest)
            };
        }
    }

    fn checked(&self, bytes: Bytes) -> Result<Option<Bytes>, ItemError> {
        if bytes.len() > self.limit {
            return Err(self.too_large());
        }
        Ok(Some(bytes))
    }

    fn too_large(&self) -> ItemError {
        ItemError::TooLarge {
            limit: u64::try_from(self.limit).unwrap_or(u64::MAX),
        }
    }

    /// A whole line, where the buffer holds one.
    fn ended(&mut self) -> Option<Bytes> {
        if self.after_cr && !self.buffer.is_empty() {
            self.after_cr = false;
            if self.buffer[0] == b'\n' {
                bytes::Buf::advance(&mut self.buffer, 1);
            }
        }
        let is_end = |byte: &u8| *byte == b'\n' || (*byte == b'\r' && self.ends == Ends::Any);
        let Some(at) = self.buffer[self.scanned..].iter().position(is_end) else {
            self.scanned = self.buffer.len();
            return None;
        };
        let mut line = self.buffer.split_to(self.scanned + at + 1).freeze();
        self.scanned = 0;
        self.after_cr = line.last() == Some(&b'\r');
        line.truncate(line.len() - 1);
        if self.ends == Ends::Lf && line.last() == Some(&b'\r') {
            line.truncate(line.len() - 1);
        }
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, stream};

    use super::*;

    fn lines(chunks: &[&'static str], ends: Ends, limit: u64) -> Result<Vec<String>, ItemError> {
        let chunks: Vec<_> = chunks
            .iter()
            .map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())))
            .collect();
        let mut lines = Lines::new(
            Body::stream(None, stream::iter(chunks).boxed()),
            ends,
            limit,
        );
        let mut all = Vec::new();
        while let Some(line) = lines.next().now_or_never().expect("is ready at once")? {
            all.push(String::from_utf8(line.to_vec()).unwrap());
        }
        Ok(all)
    }

    #[test]
    fn lines_end_with_lf_or_cr_lf_wherever_a_chunk_ends() {
        for chunks in [
            &["a\nb\r\n\nc"][..],
            &["a", "\nb\r", "\n", "\n", "c"],
            &["", "a\n", "b\r\n\n", "", "c"],
        ] {
            for ends in [Ends::Lf, Ends::Any] {
                assert_eq!(lines(chunks, ends, 9).unwrap(), ["a", "b", "", "c"]);
            }
        }
        assert_eq!(lines(&["a\rb\n"], Ends::Lf, 9).unwrap(), ["a\rb"]);
        assert_eq!(
            lines(&["a\rb\r", "c\r\r\n", "d"], Ends::Any, 9).unwrap(),
            ["a", "b", "c", "", "d"]
        );
        assert!(lines(&[], Ends::Lf, 9).unwrap().is_empty());
    }

    #[test]
    fn a_line_over_the_limit_is_refused_with_and_without_an_end() {
        assert_eq!(
            lines(&["ab\r\nabc\n", "abc"], Ends::Lf, 3).unwrap().len(),
            3
        );
        for chunks in [&["abcd\n"][..], &["ab", "cd\n"], &["abcd"], &["abcde", "f"]] {
            for ends in [Ends::Lf, Ends::Any] {
                let error = lines(chunks, ends, 3).unwrap_err();
                assert!(matches!(error, ItemError::TooLarge { limit: 3 }), "{error}");
            }
        }
    }
}
