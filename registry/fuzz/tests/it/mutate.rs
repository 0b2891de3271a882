//! Changes inputs at random: the same changes on every run.

/// Bytes that mean something to one grammar or another, and some that mean nothing to any.
const MARKS: &[u8] = b"{}[]()<>:;,.-+?&*!|/\\'\"%@`#=~^$ \t\r\n0179azAZ_\0\x7f\x80\xff\xc3";

/// Texts at the edges of what programs count with.
const EDGES: &[&str] = &[
    "0",
    "-1",
    "127",
    "255",
    "65536",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e999",
    "null",
    "%2F",
    "%00",
    "..",
    "\u{feff}",
    "\u{2028}",
];

/// Numbers that look random (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new() -> Self {
        Self(2026)
    }

    /// A number below `sides`; 0 where there is none.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides.max(1) as u64).unwrap()
    }

    /// A piece of some bytes, seldom a long one.
    fn piece(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let start = self.roll(bytes.len() + 1);
        let most = [4, 40, 400][self.roll(3)];
        start..(start + self.roll(most)).min(bytes.len())
    }
}

/// An input with one to four changes; `other` is another one, to take pieces from.
pub(crate) fn mutate(dice: &mut Dice, input: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=dice.roll(4) {
        let piece = dice.piece(&bytes);
        let new = match dice.roll(6) {
            0 => Vec::new(),
            1 => vec![MARKS[dice.roll(MARKS.len())]],
            2 => EDGES[dice.roll(EDGES.len())].as_bytes().to_vec(),
            3 => bytes[piece.clone()].repeat(1 + dice.roll(8)),
            4 => other[dice.piece(other)].to_vec(),
            _ => bytes[dice.piece(&bytes)].to_vec(),
        };
        // Half of the time it comes in addition.
        let place = if dice.roll(2) == 0 {
            piece.start..piece.start
        } else {
            piece
        };
        bytes.splice(place, new);
    }
    bytes
}
