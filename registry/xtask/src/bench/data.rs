//! What is pushed and pulled: bytes that do not compress, each item with its digest before the clock starts.
//!
//! An item is the start of one shared buffer and 64 bytes of its own, so that a gigabyte is hashed once
//! and still no two items are the same blob.

use std::fmt::Write as _;
use std::io::IoSlice;

use sha2::{Digest, Sha256};

use super::Result;
use super::http::{self, Connection};

/// The repository that is read.
pub(super) const REPOSITORY: &str = "bench/app";
/// The repository with many tags.
pub(super) const TAGS: &str = "bench/tags";
/// The tag of the manifest that is read.
pub(super) const TAG: &str = "latest";
/// The media type of that manifest.
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// How many bytes of an item are its own.
const OWN: usize = 64;

/// Bytes that look random, the same in every run.
pub(super) fn noise(length: usize) -> Vec<u8> {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        // Xorshift: quick, and nothing compresses it.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Items of one length.
#[derive(Clone)]
pub(super) struct Items<'b> {
    shared: &'b [u8],
    hashed: Sha256,
}

impl<'b> Items<'b> {
    /// Items of `length` bytes, at least 64 and at most 64 more than `noise` has.
    pub(super) fn new(noise: &'b [u8], length: usize) -> Self {
        let shared = &noise[..length - OWN];
        let hashed = Sha256::new_with_prefix(shared);
        Self { shared, hashed }
    }

    pub(super) fn item(&self, number: u64) -> Item<'b> {
        let mut own = [b'.'; OWN];
        own[..8].copy_from_slice(&number.to_le_bytes());
        let mut hash = self.hashed.clone();
        hash.update(own);
        Item {
            shared: self.shared,
            own,
            digest: digest(hash),
        }
    }
}

fn digest(hash: Sha256) -> String {
    let mut text = String::from("sha256:");
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A blob to be pushed.
pub(super) struct Item<'b> {
    shared: &'b [u8],
    own: [u8; OWN],
    pub(super) digest: String,
}

impl Item<'_> {
    pub(super) fn length(&self) -> u64 {
        (self.shared.len() + OWN) as u64
    }

    fn blob(&self) -> Blob {
        Blob {
            digest: self.digest.clone(),
            length: self.length(),
        }
    }

    /// Its pieces of at most `size` bytes, each in two parts.
    fn pieces(&self, size: usize) -> impl Iterator<Item = [&[u8]; 2]> {
        let whole = self.shared.len() + OWN;
        (0..whole).step_by(size).map(move |from| {
            let to = (from + size).min(whole);
            let middle = self.shared.len();
            [
                &self.shared[from.min(middle)..to.min(middle)],
                &self.own[from.max(middle) - middle..to.max(middle) - middle],
            ]
        })
    }

    /// Pushes it by POST and one PUT.
    pub(super) fn push(&self, connection: &mut Connection, repository: &str) -> Result<()> {
        let location = start(connection, repository)?;
        let head = http::request_with(
            "PUT",
            &self.last(&location),
            self.length(),
            "Content-Type: application/octet-stream\r\n",
        );
        connection.send_all(&mut [
            IoSlice::new(&head),
            IoSlice::new(self.shared),
            IoSlice::new(&self.own),
        ])?;
        connection.expect(201)?;
        Ok(())
    }

    /// Pushes it by POST, a PATCH for each `size` bytes, and a PUT without a body.
    pub(super) fn push_in_chunks(
        &self,
        connection: &mut Connection,
        repository: &str,
        size: usize,
    ) -> Result<()> {
        let mut location = start(connection, repository)?;
        let mut at = 0;
        for [shared, own] in self.pieces(size) {
            let length = (shared.len() + own.len()) as u64;
            let lines = format!(
                "Content-Type: application/octet-stream\r\nContent-Range: {at}-{}\r\n",
                at + length - 1
            );
            let head = http::request_with("PATCH", &location, length, &lines);
            connection.send_all(&mut [
                IoSlice::new(&head),
                IoSlice::new(shared),
                IoSlice::new(own),
            ])?;
            location = next(connection.expect(202)?)?;
            at += length;
        }
        let request = http::request_with("PUT", &self.last(&location), 0, "");
        connection.exchange(&request, 201)?;
        Ok(())
    }

    fn last(&self, location: &str) -> String {
        let sign = if location.contains('?') { '&' } else { '?' };
        format!("{location}{sign}digest={}", self.digest)
    }
}

/// Starts an upload; gives the path to go on with.
fn start(connection: &mut Connection, repository: &str) -> Result<String> {
    let path = format!("/v2/{repository}/blobs/uploads/");
    let request = http::request_with("POST", &path, 0, "");
    next(connection.exchange(&request, 202)?)
}

fn next(head: http::Head) -> Result<String> {
    let location = head.location.ok_or("an upload without a Location")?;
    Ok(http::path_of(&location).to_owned())
}

/// A blob that was pushed.
#[derive(Debug, Clone, Default)]
pub(super) struct Blob {
    pub(super) digest: String,
    pub(super) length: u64,
}

impl Blob {
    pub(super) fn path(&self) -> String {
        format!("/v2/{REPOSITORY}/blobs/{}", self.digest)
    }

    /// Pulls `path` and compares what comes with this blob.
    fn check(&self, connection: &mut Connection, path: &str) -> Result<()> {
        connection.send(&http::request("GET", path))?;
        let head = connection.head()?;
        let mut hash = Sha256::new();
        connection.body(head.length, |piece| hash.update(piece))?;
        if head.status == 200 && digest(hash) == self.digest {
            return Ok(());
        }
        Err(format!("{path} is not what was pushed: status {}", head.status).into())
    }
}

/// What a server that is read from has.
#[derive(Debug, Clone, Default)]
pub(super) struct Seed {
    pub(super) large: Blob,
    pub(super) medium: Blob,
    pub(super) small: Blob,
    /// Blobs that are pulled from a cold cache.
    pub(super) cold: Vec<Blob>,
    pub(super) manifest: Blob,
    /// How many tags the repository of tags has.
    pub(super) tags: usize,
    text: String,
}

/// How much is put there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) large: usize,
    pub(super) cold: usize,
    pub(super) cold_blobs: u64,
    pub(super) tags: usize,
}

/// The lengths of the other blobs.
pub(super) const MEDIUM: usize = 16 << 20;
const SMALL: usize = 4 << 10;

impl Seed {
    /// Pushes everything over `connection` and returns what there is now.
    pub(super) fn push(connection: &mut Connection, noise: &[u8], sizes: Sizes) -> Result<Self> {
        let one = |connection: &mut Connection, length, number| {
            let item = Items::new(noise, length).item(number);
            item.push(connection, REPOSITORY)?;
            Ok::<_, super::Error>(item.blob())
        };
        let large = one(connection, sizes.large, 0)?;
        let medium = one(connection, MEDIUM, 0)?;
        let small = one(connection, SMALL, 0)?;
        let mut cold = Vec::new();
        if sizes.cold_blobs > 0 {
            let items = Items::new(noise, sizes.cold);
            for number in 1..=sizes.cold_blobs {
                let item = items.item(number);
                item.push(connection, REPOSITORY)?;
                cold.push(item.blob());
            }
        }
        let text = manifest(&small);
        let seed = Self {
            large,
            medium,
            small,
            cold,
            manifest: Blob {
                digest: digest(Sha256::new_with_prefix(&text)),
                length: text.len() as u64,
            },
            tags: sizes.tags,
            text,
        };
        seed.put_manifest(connection, REPOSITORY, TAG)?;
        if seed.tags > 0 {
            Items::new(noise, SMALL).item(0).push(connection, TAGS)?;
            for number in 0..seed.tags {
                seed.put_manifest(connection, TAGS, &tag(number))?;
            }
        }
        Ok(seed)
    }

    /// Pulls what is read most and compares it, so that nobody is fast by sending something else.
    pub(super) fn check(&self, connection: &mut Connection) -> Result<()> {
        for blob in [&self.large, &self.medium, &self.small] {
            blob.check(connection, &blob.path())?;
        }
        for reference in [TAG, &self.manifest.digest] {
            self.manifest.check(connection, &manifest_path(reference))?;
        }
        Ok(())
    }

    fn put_manifest(&self, connection: &mut Connection, repository: &str, tag: &str) -> Result<()> {
        let path = format!("/v2/{repository}/manifests/{tag}");
        let lines = format!("Content-Type: {MANIFEST}\r\n");
        let mut request = http::request_with("PUT", &path, self.manifest.length, &lines);
        request.extend_from_slice(self.text.as_bytes());
        connection.exchange(&request, 201)?;
        Ok(())
    }
}

/// The path of the manifest that is read, by its tag or digest.
pub(super) fn manifest_path(reference: &str) -> String {
    format!("/v2/{REPOSITORY}/manifests/{reference}")
}

/// A tag of the repository with many.
pub(super) fn tag(number: usize) -> String {
    format!("t{number:05}")
}

fn manifest(blob: &Blob) -> String {
    let Blob { digest, length } = blob;
    let of = |kind: &str| {
        format!(
            "{{\"mediaType\":\"application/vnd.oci.image.{kind}\",\"digest\":\"{digest}\",\"size\":{length}}}"
        )
    };
    format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"{MANIFEST}\",\"config\":{},\"layers\":[{}]}}",
        of("config.v1+json"),
        of("layer.v1.tar")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_an_item_is_that_of_its_bytes() {
        let noise = noise(5000);
        let item = Items::new(&noise, 3000).item(7);
        let bytes: Vec<u8> = [item.shared, &item.own].concat();
        assert_eq!(bytes.len(), 3000);
        assert_eq!(item.digest, digest(Sha256::new_with_prefix(&bytes)));
        assert_ne!(item.digest, Items::new(&noise, 3000).item(8).digest);
    }

    #[test]
    fn the_pieces_of_an_item_are_its_bytes_at_every_size() {
        let noise = noise(1000);
        let item = Items::new(&noise, 1000).item(1);
        let bytes: Vec<u8> = [item.shared, &item.own].concat();
        for size in [1, 63, 64, 65, 100, 936, 937, 999, 1000, 2000] {
            let pieces: Vec<u8> = item.pieces(size).flat_map(|piece| piece.concat()).collect();
            assert_eq!(pieces, bytes, "{size}");
            assert!(item.pieces(size).all(|[a, b]| a.len() + b.len() <= size));
        }
    }
}
