//! Percent-encoded text as the bytes that it stands for, from both ends and without decoding it as a whole.

use super::{Literals, Node};

/// The bytes that percent-encoded text stands for. A `%` without two hexadecimal digits is itself.
pub(super) fn decoded(text: &[u8]) -> impl Iterator<Item = u8> {
    Places(text).map(|(byte, _)| byte)
}

/// The child by the literal text that a percent-encoded segment stands for.
#[cold]
pub(super) fn literal(literals: Literals, segment: &[u8]) -> Option<&'static Node> {
    let len = decoded(segment).count();
    let index = literals.binary_search_by(|(text, _)| {
        let bytes = || text.bytes().cmp(decoded(segment));
        text.len().cmp(&len).then_with(bytes)
    });
    literals.get(index.ok()?).map(|(_, child)| child)
}

/// What percent-encoded text has between two texts.
#[cold]
pub(super) fn between<'p>(text: &'p [u8], before: &str, after: &str) -> Option<&'p [u8]> {
    let text = text.get(encoded_len(Places(text), before.bytes())?..)?;
    let end = encoded_len(Places(text).rev(), after.bytes().rev())?;
    text.get(..text.len() - end)
}

/// Each byte that percent-encoded text stands for, and how many bytes stand for it; from either end the same.
struct Places<'t>(&'t [u8]);

impl Iterator for Places<'_> {
    type Item = (u8, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let (first, rest) = self.0.split_first()?;
        if let [b'%', high, low, rest @ ..] = self.0
            && let Some(byte) = from_hex(*high, *low)
        {
            self.0 = rest;
            return Some((byte, 3));
        }
        self.0 = rest;
        Some((*first, 1))
    }
}

impl DoubleEndedIterator for Places<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let (last, rest) = self.0.split_last()?;
        // No digit is a `%`, so what looks like an escape from behind is one.
        if let [rest @ .., b'%', high, low] = self.0
            && let Some(byte) = from_hex(*high, *low)
        {
            self.0 = rest;
            return Some((byte, 3));
        }
        self.0 = rest;
        Some((*last, 1))
    }
}

/// How many bytes of encoded text stand for `wanted`, where it begins so.
fn encoded_len(
    mut places: impl Iterator<Item = (u8, usize)>,
    wanted: impl Iterator<Item = u8>,
) -> Option<usize> {
    let mut len = 0;
    for byte in wanted {
        let (found, size) = places.next()?;
        if found != byte {
            return None;
        }
        len += size;
    }
    Some(len)
}

fn from_hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_escapes_stand_for_themselves() {
        let bytes = |text: &[u8]| decoded(text).collect::<Vec<u8>>();
        assert_eq!(bytes(b"%41%4"), b"A%4");
        assert_eq!(bytes(b"%%41%"), b"%A%");
        assert_eq!(bytes(b"%+1%1g%ff"), b"%+1%1g\xff");
        for text in [
            "%41%4", "%%41%", "%4%41", "%%%%", "%41%41", "a%", "%a%0", "",
        ] {
            let places = Places(text.as_bytes());
            let mut back: Vec<u8> = places.rev().map(|(byte, _)| byte).collect();
            back.reverse();
            assert_eq!(bytes(text.as_bytes()), back, "{text}");
        }
    }
}
