//! The names of everything in storage; no other file spells one.
//!
//! ```text
//! docker/registry/v2/
//!   blobs/<algorithm>/<2 hex>/<hex>/data
//!   repositories/<name>/
//!     _layers/<algorithm>/<hex>/link
//!     _manifests/revisions/<algorithm>/<hex>/link
//!     _manifests/tags/<tag>/current/link
//!     _manifests/tags/<tag>/index/<algorithm>/<hex>/link
//!     _uploads/<id>/{data,startedat,hashstates/<algorithm>/<offset>}
//!     _starts/<id>                 becomes `startedat` with the first bytes to be kept  (ours)
//!     _referrers/<algorithm>/<hex>/<algorithm>/<hex>/link     subject, then referrer   (ours)
//!     _mediatypes/<algorithm>/<hex>/type                      of a revision            (ours)
//! ```
//!
//! distribution passes over directories of a repository that begin with `_` and that it does not know, and
//! no component of a repository's name begins with `_`.

use registry_protocol::digest::Kind;
use registry_protocol::{Digest, Name, Tag, UploadId};

use crate::driver::Key;

const ROOT: [&str; 3] = ["docker", "registry", "v2"];
const LAYERS: &str = "_layers";
const MANIFESTS: &str = "_manifests";
const REVISIONS: &str = "revisions";
const TAGS: &str = "tags";
const CURRENT: &str = "current";
const INDEX: &str = "index";
const UPLOADS: &str = "_uploads";
const STARTS: &str = "_starts";
const HASH_STATES: &str = "hashstates";
const REFERRERS: &str = "_referrers";
const MEDIA_TYPES: &str = "_mediatypes";
const LINK: &str = "link";

fn parts(digest: &Digest) -> [&str; 2] {
    [digest.algorithm(), digest.hex()]
}

fn key<'a>(segments: impl IntoIterator<Item = &'a str>) -> Key {
    Key::from_segments(ROOT.into_iter().chain(segments))
        .expect("names, tags, digests and upload ids consist of segments, and are short")
}

fn in_repository<'a>(name: &'a Name, rest: &[&'a str]) -> Key {
    let name = name.as_str().split('/');
    key(["repositories"]
        .into_iter()
        .chain(name)
        .chain(rest.iter().copied()))
}

/// The directories that a storage has whatever is in it, from the top down.
pub(crate) fn fixed() -> Vec<Key> {
    let above = (1..=ROOT.len()).map(|length| Key::from_segments(ROOT.into_iter().take(length)));
    let above = above.map(|key| key.expect("short segments are a key"));
    let algorithms = Kind::ALL.map(|kind| key(["blobs", kind.as_str()]));
    above
        .chain([key(["blobs"]), key(["repositories"])])
        .chain(algorithms)
        .collect()
}

/// The content of a digest, whoever has it.
pub(crate) fn blob_data(digest: &Digest) -> Key {
    let [algorithm, hex] = parts(digest);
    key(["blobs", algorithm, &hex[..2.min(hex.len())], hex, "data"])
}

/// The directory of what is named like this or longer: of all repositories, for the empty text. None
/// where directories lie deeper than any name could.
pub(crate) fn below_repositories(name: &str) -> Option<Key> {
    let name = name.split('/').filter(|segment| !segment.is_empty());
    let segments = ["repositories"].into_iter().chain(name);
    Key::from_segments(ROOT.into_iter().chain(segments)).ok()
}

/// The directories that a repository has once something was pushed to it.
pub(crate) fn repository_marks(name: &Name) -> [Key; 2] {
    [MANIFESTS, LAYERS].map(|mark| in_repository(name, &[mark]))
}

/// A blob in a repository: its directory.
pub(crate) fn layer(name: &Name, digest: &Digest) -> Key {
    let [algorithm, hex] = parts(digest);
    in_repository(name, &[LAYERS, algorithm, hex])
}

/// A blob in a repository: the link that makes it one.
pub(crate) fn layer_link(name: &Name, digest: &Digest) -> Key {
    let [algorithm, hex] = parts(digest);
    in_repository(name, &[LAYERS, algorithm, hex, LINK])
}

/// A manifest in a repository: its directory.
pub(crate) fn revision(name: &Name, digest: &Digest) -> Key {
    let [algorithm, hex] = parts(digest);
    in_repository(name, &[MANIFESTS, REVISIONS, algorithm, hex])
}

/// A manifest in a repository: the link that makes it one.
pub(crate) fn revision_link(name: &Name, digest: &Digest) -> Key {
    let [algorithm, hex] = parts(digest);
    in_repository(name, &[MANIFESTS, REVISIONS, algorithm, hex, LINK])
}

/// The media type of a manifest, where its content does not tell: its directory.
pub(crate) fn media_type(name: &Name, digest: &Digest) -> Key {
    let [algorithm, hex] = parts(digest);
    in_repository(name, &[MEDIA_TYPES, algorithm, hex])
}

/// The media type of a manifest, where its content does not tell: the file that does.
pub(crate) fn media_type_record(name: &Name, digest: &Digest) -> Key {
    let [algorithm, hex] = parts(digest);
    in_repository(name, &[MEDIA_TYPES, algorithm, hex, "type"])
}

/// The tags of a repository.
pub(crate) fn tags(name: &Name) -> Key {
    in_repository(name, &[MANIFESTS, TAGS])
}

/// A tag: its directory.
pub(crate) fn tag(name: &Name, tag: &Tag) -> Key {
    in_repository(name, &[MANIFESTS, TAGS, tag.as_str()])
}

/// The manifest at which a tag points.
pub(crate) fn tag_current(name: &Name, tag: &Tag) -> Key {
    in_repository(name, &[MANIFESTS, TAGS, tag.as_str(), CURRENT, LINK])
}

/// A manifest at which a tag points or pointed.
pub(crate) fn tag_index(name: &Name, tag: &Tag, digest: &Digest) -> Key {
    let [algorithm, hex] = parts(digest);
    let tag = tag.as_str();
    in_repository(name, &[MANIFESTS, TAGS, tag, INDEX, algorithm, hex, LINK])
}

/// The manifests attached to a subject, those with digests of one algorithm: a directory per hash.
pub(crate) fn referrers_of(name: &Name, subject: &Digest, kind: Kind) -> Key {
    let [of, hex] = parts(subject);
    in_repository(name, &[REFERRERS, of, hex, kind.as_str()])
}

/// That a manifest is attached to a subject: the directory.
pub(crate) fn referrer(name: &Name, subject: &Digest, referrer: &Digest) -> Key {
    let ([of, subject], [algorithm, hex]) = (parts(subject), parts(referrer));
    in_repository(name, &[REFERRERS, of, subject, algorithm, hex])
}

/// That a manifest is attached to a subject: the link.
pub(crate) fn referrer_link(name: &Name, subject: &Digest, referrer: &Digest) -> Key {
    let ([of, subject], [algorithm, hex]) = (parts(subject), parts(referrer));
    in_repository(name, &[REFERRERS, of, subject, algorithm, hex, LINK])
}

/// Where the uploads of a repository are: a directory for each, or a file while nothing of it was kept.
pub(crate) fn of_uploads(name: &Name) -> [Key; 2] {
    [UPLOADS, STARTS].map(|directory| in_repository(name, &[directory]))
}

/// When an upload was started of which nothing was kept yet; the file that makes it exist.
pub(crate) fn upload_start(name: &Name, id: &UploadId) -> Key {
    in_repository(name, &[STARTS, id.as_str()])
}

/// An upload: its directory.
pub(crate) fn upload(name: &Name, id: &UploadId) -> Key {
    in_repository(name, &[UPLOADS, id.as_str()])
}

/// The bytes of an upload.
pub(crate) fn upload_data(name: &Name, id: &UploadId) -> Key {
    in_repository(name, &[UPLOADS, id.as_str(), "data"])
}

/// When an upload was started of which something was kept; the file that makes it exist.
pub(crate) fn upload_started_at(name: &Name, id: &UploadId) -> Key {
    in_repository(name, &[UPLOADS, id.as_str(), "startedat"])
}

/// The saved states of an upload's hash: a directory per algorithm.
pub(crate) fn all_hash_states(name: &Name, id: &UploadId) -> Key {
    in_repository(name, &[UPLOADS, id.as_str(), HASH_STATES])
}

/// The saved states of an upload's hash, with one algorithm: a file per offset.
pub(crate) fn hash_states(name: &Name, id: &UploadId, kind: Kind) -> Key {
    in_repository(name, &[UPLOADS, id.as_str(), HASH_STATES, kind.as_str()])
}

/// The saved state of an upload's hash at an offset.
pub(crate) fn hash_state(name: &Name, id: &UploadId, kind: Kind, offset: u64) -> Key {
    let (kind, offset) = (kind.as_str(), offset.to_string());
    in_repository(name, &[UPLOADS, id.as_str(), HASH_STATES, kind, &offset])
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const REPOSITORY: &str = "docker/registry/v2/repositories/team/blobs/app";

    fn digest() -> Digest {
        Digest::parse(&format!("sha256:{HEX}")).unwrap()
    }

    fn name() -> Name {
        Name::parse("team/blobs/app").unwrap()
    }

    #[test]
    fn the_names_are_those_of_distribution() {
        let (name, digest) = (name(), digest());
        let (v1, id) = (Tag::parse("v1").unwrap(), UploadId::parse("u-1").unwrap());
        let expected = [
            (
                blob_data(&digest),
                format!("docker/registry/v2/blobs/sha256/e3/{HEX}/data"),
            ),
            (
                layer_link(&name, &digest),
                format!("{REPOSITORY}/_layers/sha256/{HEX}/link"),
            ),
            (
                revision_link(&name, &digest),
                format!("{REPOSITORY}/_manifests/revisions/sha256/{HEX}/link"),
            ),
            (
                tag_current(&name, &v1),
                format!("{REPOSITORY}/_manifests/tags/v1/current/link"),
            ),
            (
                tag_index(&name, &v1, &digest),
                format!("{REPOSITORY}/_manifests/tags/v1/index/sha256/{HEX}/link"),
            ),
            (
                upload_data(&name, &id),
                format!("{REPOSITORY}/_uploads/u-1/data"),
            ),
            (
                upload_started_at(&name, &id),
                format!("{REPOSITORY}/_uploads/u-1/startedat"),
            ),
            (
                hash_state(&name, &id, Kind::Sha512, 17),
                format!("{REPOSITORY}/_uploads/u-1/hashstates/sha512/17"),
            ),
        ];
        for (key, text) in expected {
            assert_eq!(key.as_str(), text);
        }
    }

    #[test]
    fn the_longest_of_everything_is_still_a_key() {
        let long = "a".repeat(255);
        let digest = Digest::parse(&format!("sha512:{}", "0".repeat(128))).unwrap();
        for name in [long.clone(), "a/".repeat(127) + "a"] {
            let name = Name::parse(&name).unwrap();
            referrer_link(&name, &digest, &digest);
            tag_index(&name, &Tag::parse(&"_".repeat(128)).unwrap(), &digest);
            let id = UploadId::parse(&"=".repeat(128).replacen('=', "0", 1)).unwrap();
            hash_state(&name, &id, Kind::Sha512, u64::MAX);
            upload_start(&name, &id);
        }
    }

    #[test]
    fn no_name_of_a_repository_reaches_into_another_one() {
        for illegal in [
            "_layers",
            "a/_manifests",
            "a/_uploads/b",
            "a//b",
            "a/../b",
            ".",
        ] {
            assert!(Name::parse(illegal).is_err(), "{illegal}");
        }
    }
}
