//! What belongs to the generated `Digest`: its parts, and the hash functions that make and check one.
//!
//! A `Hasher` can be saved at an acknowledged offset and restored in another process, so that a resumed
//! upload is not read again. What is saved is the inner state of the hash over secret-free bytes; it is
//! marked with a version and a checksum, and foreign or damaged bytes are refused.

use std::fmt;

use sha2::Digest as _;
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Sha256, Sha384, Sha512};

use crate::{Algorithm, Digest};

/// The length of the longest digest, `sha512:` and 128 digits.
pub const MAX_LEN: usize = 135;

/// The hash functions that this registry computes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// SHA-256, what everybody uses.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Kind {
    /// All of them; the one to use where nobody asks for another comes first.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// The name in front of the colon.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// By its name; none if it is another function.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    const fn mark(self) -> u8 {
        match self {
            Self::Sha256 => 1,
            Self::Sha384 => 2,
            Self::Sha512 => 3,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Kind> for Algorithm {
    fn from(kind: Kind) -> Self {
        Self::parse(kind.as_str()).expect("the format has the names of these functions")
    }
}

/// Nobody here computes this hash function.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the hash function `{0}` is not supported")]
pub struct Unsupported(String);

impl TryFrom<&Algorithm> for Kind {
    type Error = Unsupported;

    fn try_from(algorithm: &Algorithm) -> Result<Self, Unsupported> {
        Self::parse(algorithm.as_str()).ok_or_else(|| Unsupported(algorithm.to_string()))
    }
}

impl Digest {
    /// The digest of some bytes.
    pub fn of(kind: Kind, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new(kind);
        hasher.update(bytes);
        hasher.digest()
    }

    /// The SHA-256 digest of some bytes.
    pub fn sha256(bytes: &[u8]) -> Self {
        Self::of(Kind::Sha256, bytes)
    }

    /// The name of the hash function: what stands before the colon.
    pub fn algorithm(&self) -> &str {
        self.parts().0
    }

    /// The hexadecimal digits.
    pub fn hex(&self) -> &str {
        self.parts().1
    }

    /// The hash function, if it is computed here.
    pub fn kind(&self) -> Result<Kind, Unsupported> {
        let name = self.algorithm();
        Kind::parse(name).ok_or_else(|| Unsupported(name.to_owned()))
    }

    /// Puts the parts together again, as a storage path has them; none if they are no digest.
    pub fn from_parts(algorithm: &str, hex: &str) -> Option<Self> {
        Self::parse(&format!("{algorithm}:{hex}")).ok()
    }

    fn parts(&self) -> (&str, &str) {
        self.as_str().split_once(':').unwrap_or_default()
    }
}

#[derive(Clone)]
enum State {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

/// Computes a digest of what it is given, and counts it.
#[derive(Clone)]
pub struct Hasher {
    state: State,
    len: u64,
}

impl Hasher {
    /// Of nothing yet.
    pub fn new(kind: Kind) -> Self {
        let state = match kind {
            Kind::Sha256 => State::Sha256(Sha256::new()),
            Kind::Sha384 => State::Sha384(Sha384::new()),
            Kind::Sha512 => State::Sha512(Sha512::new()),
        };
        Self { state, len: 0 }
    }

    /// Goes on with these bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Sha256(hash) => hash.update(bytes),
            State::Sha384(hash) => hash.update(bytes),
            State::Sha512(hash) => hash.update(bytes),
        }
        self.len += bytes.len() as u64;
    }

    /// How many bytes it was given.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether it was given none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Its hash function.
    pub const fn kind(&self) -> Kind {
        match self.state {
            State::Sha256(_) => Kind::Sha256,
            State::Sha384(_) => Kind::Sha384,
            State::Sha512(_) => Kind::Sha512,
        }
    }

    /// The digest of what it was given so far; more may follow.
    #[expect(
        clippy::missing_panics_doc,
        reason = "the digits of a hash always are a digest"
    )]
    pub fn digest(&self) -> Digest {
        let hex = match &self.state {
            State::Sha256(hash) => hex(&hash.clone().finalize()),
            State::Sha384(hash) => hex(&hash.clone().finalize()),
            State::Sha512(hash) => hex(&hash.clone().finalize()),
        };
        Digest::from_parts(self.kind().as_str(), &hex)
            .expect("a hash in lower-case digits is a digest")
    }

    /// Its state, from which `restore` makes it again, here or in another process.
    pub fn save(&self) -> Vec<u8> {
        let mut saved = MAGIC.to_vec();
        saved.push(self.kind().mark());
        saved.extend_from_slice(&self.len.to_le_bytes());
        match &self.state {
            State::Sha256(hash) => saved.extend_from_slice(&hash.serialize()),
            State::Sha384(hash) => saved.extend_from_slice(&hash.serialize()),
            State::Sha512(hash) => saved.extend_from_slice(&hash.serialize()),
        }
        let check = checksum(&saved);
        saved.extend_from_slice(&check);
        saved
    }

    /// Goes on where a saved one was.
    pub fn restore(saved: &[u8]) -> Result<Self, ForeignState> {
        let (body, check) = saved.split_last_chunk().ok_or(ForeignState)?;
        if checksum(body) != *check {
            return Err(ForeignState);
        }
        let rest = body.strip_prefix(MAGIC).ok_or(ForeignState)?;
        let (mark, rest) = rest.split_first().ok_or(ForeignState)?;
        let (len, rest) = rest.split_first_chunk().ok_or(ForeignState)?;
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.mark() == *mark)
            .ok_or(ForeignState)?;
        let state = match kind {
            Kind::Sha256 => State::Sha256(deserialize(rest)?),
            Kind::Sha384 => State::Sha384(deserialize(rest)?),
            Kind::Sha512 => State::Sha512(deserialize(rest)?),
        };
        let len = u64::from_le_bytes(*len);
        Ok(Self { state, len })
    }
}

/// The bytes that are hashed may be anybody's; the state is not shown.
impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher")
            .field("kind", &self.kind())
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

/// Names the format; the digit changes with it, and with what `sha2` serializes.
const MAGIC: &[u8] = b"hash-state 1\n";
const CHECKSUM: usize = 8;

/// These bytes are not a state that `Hasher::save` gave, or not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a saved state of a hash")]
pub struct ForeignState;

fn deserialize<H: SerializableState>(bytes: &[u8]) -> Result<H, ForeignState> {
    let state = SerializedState::<H>::try_from(bytes).map_err(|_| ForeignState)?;
    H::deserialize(&state).map_err(|_| ForeignState)
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let hash = Sha256::digest(bytes);
    let mut check = [0; CHECKSUM];
    check.copy_from_slice(&hash[..CHECKSUM]);
    check
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    let pair = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
    bytes.iter().flat_map(pair).collect()
}

/// Bytes are not those that a digest, or a descriptor, promised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// They have another digest.
    #[error("the digest is {actual}, not {expected}")]
    Digest {
        /// What was promised.
        expected: Digest,
        /// What they have.
        actual: Digest,
    },
    /// There are fewer or more of them. Of too many, counting stops early.
    #[error("the length is {actual}, not {expected}")]
    Length {
        /// What was promised.
        expected: u64,
        /// What came.
        actual: u64,
    },
}

/// Checks bytes against a digest, and a length if one is known, while they pass.
#[derive(Debug, Clone)]
pub struct Verifier {
    expected: Digest,
    expected_len: Option<u64>,
    hasher: Hasher,
}

impl Verifier {
    /// Expects bytes of that digest.
    pub fn new(expected: Digest) -> Result<Self, Unsupported> {
        let hasher = Hasher::new(expected.kind()?);
        Ok(Self {
            expected,
            expected_len: None,
            hasher,
        })
    }

    /// Expects so many bytes, too.
    #[must_use]
    pub fn with_len(mut self, len: u64) -> Self {
        self.expected_len = Some(len);
        self
    }

    /// Takes bytes; more than expected are refused before they are hashed.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Mismatch> {
        let actual = self.hasher.len() + bytes.len() as u64;
        if let Some(expected) = self.expected_len.filter(|expected| actual > *expected) {
            return Err(Mismatch::Length { expected, actual });
        }
        self.hasher.update(bytes);
        Ok(())
    }

    /// How many bytes it took.
    pub const fn len(&self) -> u64 {
        self.hasher.len()
    }

    /// Whether it took none.
    pub const fn is_empty(&self) -> bool {
        self.hasher.is_empty()
    }

    /// Whether what it took is what was promised.
    pub fn verify(self) -> Result<Digest, Mismatch> {
        let actual = self.hasher.len();
        if let Some(expected) = self.expected_len.filter(|expected| actual != *expected) {
            return Err(Mismatch::Length { expected, actual });
        }
        let actual = self.hasher.digest();
        if actual == self.expected {
            Ok(actual)
        } else {
            let expected = self.expected;
            Err(Mismatch::Digest { expected, actual })
        }
    }
}

#[cfg(test)]
mod tests;
