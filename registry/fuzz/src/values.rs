//! The formats of the API: what is accepted is written back as it came, and is what the protocol allows.

use std::fmt::{Debug, Display};
use std::sync::LazyLock;

use api_runtime::Scalar;
use regex::Regex;
use registry_protocol::{
    Algorithm, ArtifactType, Digest, MediaType, Name, Reference, Tag, UploadId,
};
use registry_storage::driver::{Key, MAX_KEY, MAX_SEGMENT};

/// From the protocol, not from the descriptor.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    whole(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*")
});
static TAG: LazyLock<Regex> = LazyLock::new(|| whole("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}"));
static DIGEST: LazyLock<Regex> =
    LazyLock::new(|| whole("sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}"));

fn whole(pattern: &str) -> Regex {
    Regex::new(&format!(r"\A(?:{pattern})\z")).expect("a legal pattern")
}

/// Takes a text as each kind of value.
pub fn values(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let text = &*text;
    let name = round_trip::<Name>(text);
    assert_eq!(name.is_some(), text.len() <= 255 && NAME.is_match(text));
    let tag = round_trip::<Tag>(text);
    assert_eq!(tag.is_some(), TAG.is_match(text));
    let digest = round_trip::<Digest>(text);
    assert_eq!(digest.is_some(), DIGEST.is_match(text));
    if let Some(digest) = &digest {
        let parts = Digest::from_parts(digest.algorithm(), digest.hex());
        assert_eq!(parts.as_ref(), Some(digest));
    }
    let reference = Reference::parse(text).ok();
    assert_eq!(reference.is_some(), tag.is_some() || digest.is_some());
    round_trip::<UploadId>(text);
    round_trip::<Algorithm>(text);
    round_trip::<ArtifactType>(text);
    if let Some(media_type) = round_trip::<MediaType>(text) {
        assert!(!media_type.as_str().contains([';', ' ', '\r', '\n']));
    }
    key(text);
}

fn round_trip<T: Scalar + Display + Debug + PartialEq>(text: &str) -> Option<T> {
    let value = T::parse(text).ok()?;
    assert_eq!(value.to_string(), text);
    assert_eq!(value.to_text(), text);
    Some(value)
}

/// A key of the storage is one way to spell one path, and leads nowhere but down.
fn key(text: &str) {
    let Ok(key) = Key::parse(text) else {
        return;
    };
    assert_eq!(key.as_str(), text);
    assert!(text.len() <= MAX_KEY);
    assert!(
        key.segments()
            .all(|it| it.len() <= MAX_SEGMENT && it != "." && it != "..")
    );
    assert_eq!(Key::from_segments(key.segments()).as_ref(), Ok(&key));
    let parent = key.parent().expect("what was parsed is not the root");
    assert!(key.is_below(&parent));
    let name = key.name().expect("what was parsed has a name");
    assert_eq!(parent.child(name).as_ref(), Ok(&key));
}
