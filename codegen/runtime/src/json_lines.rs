//! Streams of values on the wire: JSON in lines, and what all bodies that are written value by value have
//! in common.

use std::io;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::lines::{Ends, Lines};
use crate::{Body, BodyStream, ErrorInfo, ItemError, Items};

/// Reads a JSON value from each line of `body`, each of at most `limit` bytes; blank lines are none.
/// `fault` hears of an error first, and of the code of an unknown tag where that was the reason.
pub(crate) fn read<T: DeserializeOwned + Send + 'static>(
    body: Body,
    limit: u64,
    fault: impl Fn(&ItemError, Option<&'static ErrorInfo>) + Send + 'static,
) -> Items<T> {
    let lines = Lines::new(body, Ends::Lf, limit);
    Items::new(stream::unfold((lines, fault), |(mut lines, fault)| async {
        let item = item(&mut lines).await.map_err(|(error, code)| {
            fault(&error, code);
            error
        });
        Some((item.transpose()?, (lines, fault)))
    }))
}

async fn item<T: DeserializeOwned>(
    lines: &mut Lines,
) -> Result<Option<T>, (ItemError, Option<&'static ErrorInfo>)> {
    while let Some(line) = lines.next().await.map_err(|error| (error, None))? {
        if !line.trim_ascii().is_empty() {
            return crate::unions::noting(|| crate::strict::from_slice(&line))
                .map(Some)
                .map_err(|(error, code)| (ItemError::Malformed(error.into()), code));
        }
    }
    Ok(None)
}

/// Writes each item as JSON in a line of its own. A body has nothing behind the first failure.
pub(crate) fn write<T: Serialize + 'static>(items: Items<T>) -> BodyStream {
    let line = |item: Result<T, ItemError>| {
        let mut line = serde_json::to_vec(&item.map_err(broken)?).map_err(io::Error::other)?;
        line.push(b'\n');
        Ok(Bytes::from(line))
    };
    items.map(line).boxed()
}

/// The error of a body whose items cannot go on.
pub(crate) fn broken(error: ItemError) -> io::Error {
    match error {
        ItemError::Io(error) => error,
        error => io::Error::other(error),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn all<T: DeserializeOwned + Send + 'static>(text: &'static str) -> Vec<Result<T, String>> {
        let items = read(Body::from(text), 8, |_, _| {});
        let items = items.map(|item| item.map_err(|error| error.to_string()));
        items.collect().now_or_never().expect("is ready at once")
    }

    #[test]
    fn each_line_is_an_item_but_a_blank_one() {
        assert_eq!(
            all::<u8>("1\n\n 2 \r\n \t\r\n3"),
            [1, 2, 3].map(Ok::<_, String>)
        );
        assert!(all::<u8>("").is_empty());
    }

    #[test]
    fn a_stream_ends_behind_an_error() {
        for (text, problem) in [
            ("1\nx\n2\n", "expected value"),
            ("1\n12345678901\n2", "an item has more than 8 bytes"),
            ("1\n2 3\n", "trailing characters"),
        ] {
            let items = all::<u8>(text);
            assert_eq!((items.len(), &items[0]), (2, &Ok(1)), "{text}");
            assert!(
                items[1].as_ref().unwrap_err().contains(problem),
                "{items:?}"
            );
        }
    }

    #[test]
    fn each_item_is_a_line_and_a_failure_is_one_of_the_body() {
        let failure = io::Error::other("no more");
        let items = [Ok("a\nb"), Err(failure.into()), Ok("c")];
        let mut lines = Body::stream(None, write(Items::new(stream::iter(items)))).into_stream();
        let mut chunks = Vec::new();
        for _ in 0..9 {
            // Before an error it is not ready once.
            chunks.extend(lines.next().now_or_never().flatten());
        }
        assert_eq!(chunks[0].as_ref().unwrap(), "\"a\\nb\"\n");
        assert_eq!(chunks[1].as_ref().unwrap_err().to_string(), "no more");
        assert_eq!(chunks.len(), 2);
    }
}
