//! Where an upload stands, as a registry writes it.

use api_runtime::client::Head;
use http::header::RANGE;

/// How much an upload holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// So many bytes.
    Bytes(u64),
    /// None, or one: both are written `0-0`.
    NoneOrOne,
}

/// What the `Range` of an answer says: the positions of the first byte and the last, without a unit. Some
/// registries write one.
pub(super) fn held(head: &Head) -> Option<Held> {
    parse(head.headers().get(RANGE)?.to_str().ok()?)
}

fn parse(text: &str) -> Option<Held> {
    let text = text.trim();
    let span = text.strip_prefix("bytes=").unwrap_or(text);
    let (first, last) = span.split_once('-')?;
    match (first.parse().ok()?, last.parse::<u64>().ok()?) {
        (0, 0) => Some(Held::NoneOrOne),
        (0_u64, last) => last.checked_add(1).map(Held::Bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_byte_is_one_behind_the_last() {
        assert_eq!(parse("0-1023"), Some(Held::Bytes(1024)));
        assert_eq!(parse("bytes=0-9"), Some(Held::Bytes(10)));
        assert_eq!(parse("0-0"), Some(Held::NoneOrOne));
    }

    #[test]
    fn what_says_nothing_of_the_beginning_says_nothing() {
        for text in ["", "1-2", "0-", "-1", "x", "0-18446744073709551615"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
