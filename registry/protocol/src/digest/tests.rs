//! Known answers, and states that are saved, restored and tampered with.

use super::{Hasher, Kind, MAX_LEN, Mismatch, Unsupported, Verifier};
use crate::{Algorithm, Digest};

const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// From FIPS 180: the digests of `abc`.
const ABC: [&str; 3] = [
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "sha384:cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
];

#[test]
fn each_function_gives_the_known_answer() {
    for (kind, expected) in Kind::ALL.into_iter().zip(ABC) {
        assert_eq!(Digest::of(kind, b"abc").as_str(), expected);
    }
    assert_eq!(Digest::sha256(b"").as_str(), EMPTY);
}

#[test]
fn a_digest_is_taken_apart_and_put_together() {
    for ((kind, text), digits) in Kind::ALL.into_iter().zip(ABC).zip([64, 96, 128]) {
        let digest = Digest::parse(text).unwrap();
        assert_eq!(digest.kind(), Ok(kind));
        assert_eq!(digest.algorithm(), kind.as_str());
        assert_eq!(digest.hex().len(), digits);
        assert!(text.len() <= MAX_LEN);
        let again = Digest::from_parts(digest.algorithm(), digest.hex());
        assert_eq!(again, Some(digest));
    }
    assert_eq!(Digest::from_parts("sha256", "ABC"), None);
    assert_eq!(
        Digest::from_parts("md5", "d41d8cd98f00b204e9800998ecf8427e"),
        None
    );
}

#[test]
fn an_algorithm_and_a_kind_name_the_same() {
    for kind in Kind::ALL {
        assert_eq!(Kind::try_from(&Algorithm::from(kind)), Ok(kind));
        assert_eq!(Kind::parse(kind.as_str()), Some(kind));
    }
    assert_eq!(Kind::parse("sha1"), None);
    let unsupported = Unsupported("sha1".to_owned());
    assert_eq!(
        unsupported.to_string(),
        "the hash function `sha1` is not supported"
    );
}

#[test]
fn a_hash_goes_on_where_it_was_saved_at_every_offset() {
    let bytes: Vec<u8> = (0..=255).cycle().take(300).collect();
    for kind in Kind::ALL {
        let whole = Digest::of(kind, &bytes);
        for offset in 0..bytes.len() {
            let (head, tail) = bytes.split_at(offset);
            let mut hasher = Hasher::new(kind);
            hasher.update(head);
            let mut restored = Hasher::restore(&hasher.save()).unwrap();
            assert_eq!((restored.kind(), restored.len()), (kind, offset as u64));
            assert_eq!(restored.digest(), hasher.digest());
            restored.update(tail);
            assert_eq!(restored.digest(), whole);
        }
    }
}

#[test]
fn a_saved_state_with_any_bit_changed_is_refused() {
    let mut hasher = Hasher::new(Kind::Sha256);
    hasher.update(b"something");
    let saved = hasher.save();
    for index in 0..saved.len() {
        let mut changed = saved.clone();
        changed[index] ^= 1;
        assert!(
            Hasher::restore(&changed).is_err(),
            "byte {index} was not looked at"
        );
    }
}

#[test]
fn a_saved_state_that_is_cut_or_longer_is_refused() {
    let saved = Hasher::new(Kind::Sha512).save();
    for len in 0..saved.len() {
        assert!(Hasher::restore(&saved[..len]).is_err());
    }
    let longer = [saved.as_slice(), b"x"].concat();
    assert!(Hasher::restore(&longer).is_err());
    assert!(Hasher::restore(b"sha\x03\x6a\x09\xe6\x67 as another program saves it").is_err());
}

#[test]
fn a_state_of_another_version_is_refused_though_its_checksum_is_right() {
    let saved = Hasher::new(Kind::Sha256).save();
    let body = &saved[..saved.len() - super::CHECKSUM];
    let mut other = [b"hash-state 2\n", &body[super::MAGIC.len()..]].concat();
    other.extend_from_slice(&super::checksum(&other.clone()));
    assert!(Hasher::restore(&other).is_err());
}

#[test]
fn a_verifier_takes_the_right_bytes_in_any_pieces() {
    let mut verifier = Verifier::new(Digest::parse(ABC[2]).unwrap())
        .unwrap()
        .with_len(3);
    assert!(verifier.is_empty());
    for piece in [&b"a"[..], b"", b"bc"] {
        verifier.write(piece).unwrap();
    }
    assert_eq!(verifier.len(), 3);
    assert_eq!(verifier.verify().unwrap().as_str(), ABC[2]);
}

#[test]
fn a_verifier_refuses_other_bytes_and_says_what_they_are() {
    let mut verifier = Verifier::new(Digest::parse(EMPTY).unwrap()).unwrap();
    verifier.write(b"abc").unwrap();
    let mismatch = verifier.verify().unwrap_err();
    let expected = format!("the digest is {}, not {EMPTY}", ABC[0]);
    assert_eq!(mismatch.to_string(), expected);
}

#[test]
fn a_verifier_refuses_too_many_bytes_at_once_and_too_few_at_the_end() {
    let verifier = Verifier::new(Digest::parse(ABC[0]).unwrap())
        .unwrap()
        .with_len(3);
    let mut long = verifier.clone();
    let mismatch = Mismatch::Length {
        expected: 3,
        actual: 4,
    };
    assert_eq!(long.write(b"abcd"), Err(mismatch));
    let mut short = verifier;
    short.write(b"ab").unwrap();
    let mismatch = Mismatch::Length {
        expected: 3,
        actual: 2,
    };
    assert_eq!(short.verify(), Err(mismatch));
}
