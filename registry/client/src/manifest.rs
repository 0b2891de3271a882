//! Manifests: small, in memory, and never taken on trust.
//!
//! Asked for by digest, the bytes must have that digest; asked for by tag, they must have the one that the
//! registry names. What kind of document it is stands in `Content-Type`, and once more in the document,
//! and both must say the same: else one could be passed off as the other.

use api_runtime::CollectError;
use api_runtime::client::{Call, Head, Transport, TransportError, TransportErrorKind};
use bytes::Bytes;
use registry_protocol::digest::{Kind, Mismatch};
use registry_protocol::{
    DeleteBlob, DeleteManifest, Digest, GetManifest, MediaType, Name, PutManifest, Reference,
};
use serde::Deserialize;

use crate::error::Error;
use crate::progress::Progress;
use crate::registry::{Registry, call};

/// The longest manifest, in bytes: what every registry must take.
pub const MANIFEST_LIMIT: u64 = 4 << 20;

/// An image of OCI.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// An index of OCI: several manifests, one for each platform.
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// An image of Docker.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// What Docker has in place of an index.
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// What is asked for. Anything else is taken, too, if it is all there is.
const ACCEPT: [&str; 5] = [
    OCI_INDEX,
    OCI_MANIFEST,
    DOCKER_LIST,
    DOCKER_MANIFEST,
    "*/*;q=0.5",
];

/// A manifest as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Manifest {
    /// Its digest.
    pub digest: Digest,
    /// What it is.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A manifest without its bytes: what a descriptor says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ManifestHead {
    /// Its digest.
    pub digest: Digest,
    /// What it is.
    pub media_type: String,
    /// How many bytes it has.
    pub size: u64,
}

/// A manifest that was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushedManifest {
    /// Its digest.
    pub digest: Digest,
    /// The manifest that it refers to. `None` from a registry that keeps no list of referrers, even if the
    /// manifest has a subject; it was then added to the list that clients keep, under a tag.
    pub subject: Option<Digest>,
}

/// The field that nearly every kind of manifest has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kinded {
    media_type: Option<String>,
}

impl<T: Transport> Registry<T> {
    /// Pulls a manifest, at most [`MANIFEST_LIMIT`] bytes of it.
    pub async fn pull_manifest(
        &self,
        name: &Name,
        reference: &Reference,
    ) -> Result<Manifest, Error> {
        let call = call!(GET_MANIFEST, get(name, reference));
        let reply = self.expect(accepting(call), &[200]).await?;
        let (head, body) = reply.into_parts();
        let bytes = body.collect(MANIFEST_LIMIT).await;
        let bytes = bytes.map_err(|error| match error {
            CollectError::TooLarge { limit } => Error::TooLarge { limit },
            CollectError::Io(error) => {
                TransportError::new(TransportErrorKind::Interrupted, error).into()
            }
        })?;
        let digest = verified(reference, named(&head)?, &bytes)?;
        let media_type = kind(&head, &bytes)?;
        Ok(Manifest {
            digest,
            media_type,
            bytes,
        })
    }

    /// What a tag or a digest stands for; `None` if there is no such manifest. Where the registry does not
    /// name a digest, the manifest is pulled to compute it.
    pub async fn head_manifest(
        &self,
        name: &Name,
        reference: &Reference,
    ) -> Result<Option<ManifestHead>, Error> {
        let call = call!(GET_MANIFEST, get(name, reference)).head();
        let Some(reply) = self.find(accepting(call), &[200]).await? else {
            return Ok(None);
        };
        let head = reply.head();
        let digest = match reference {
            Reference::Digest(digest) => Some(digest.clone()),
            Reference::Tag(_) => named(head)?,
        };
        let media_type = head.content_type().ok().map(|text| essence(&text));
        if let (Some(digest), Some(media_type), Some(size)) =
            (digest, media_type, head.content_length())
        {
            return Ok(Some(ManifestHead {
                digest,
                media_type,
                size,
            }));
        }
        let manifest = self.pull_manifest(name, reference).await?;
        Ok(Some(ManifestHead {
            size: manifest.bytes.len() as u64,
            digest: manifest.digest,
            media_type: manifest.media_type,
        }))
    }

    /// Stores a manifest under a tag, or under its digest alone. What it refers to must be there before. If
    /// it has a subject, and the registry keeps no list of referrers, it is added to the index that clients
    /// keep in its place: an error may mean that only this failed, and to push it again is what helps.
    pub async fn push_manifest(
        &self,
        name: &Name,
        reference: &Reference,
        media_type: &MediaType,
        bytes: Bytes,
    ) -> Result<PushedManifest, Error> {
        let pushed = self
            .put_manifest(name, reference, media_type, bytes.clone())
            .await?;
        if pushed.subject.is_none() {
            self.add_referrer(name, &pushed.digest, media_type.as_str(), &bytes)
                .await?;
        }
        self.tell(&Progress::Done {
            digest: pushed.digest.clone(),
        });
        Ok(pushed)
    }

    /// Stores a manifest, and nothing more.
    pub(crate) async fn put_manifest(
        &self,
        name: &Name,
        reference: &Reference,
        media_type: &MediaType,
        bytes: Bytes,
    ) -> Result<PushedManifest, Error> {
        let kind = match reference {
            Reference::Digest(digest) => digest.kind()?,
            Reference::Tag(_) => Kind::default(),
        };
        let digest = Digest::of(kind, &bytes);
        if let Reference::Digest(expected) = reference {
            matching(expected, &digest)?;
        }
        let request = PutManifest::new(name.clone(), reference.clone(), Bytes::new());
        let call = call!(PUT_MANIFEST, request).bytes(media_type.as_str(), bytes);
        let reply = self.expect(call, &[201, 200, 202]).await?;
        let head = reply.head();
        if let Some(actual) = named(head)?.filter(|actual| actual.algorithm() == digest.algorithm())
        {
            matching(&digest, &actual)?;
        }
        Ok(PushedManifest {
            digest,
            subject: head.header_optional("OCI-Subject").ok().flatten(),
        })
    }

    /// Deletes a tag, or by digest a manifest with all its tags. Whether there was one: a deletion whose
    /// answer was lost and that is repeated finds nothing. If it has a subject, and the registry keeps no list
    /// of referrers, it is taken out of the index that clients keep in its place: an error may mean that only
    /// this failed.
    pub async fn delete_manifest(&self, name: &Name, reference: &Reference) -> Result<bool, Error> {
        // Under its digest it stays when a tag is deleted, and is a referrer as before.
        let Reference::Digest(digest) = reference else {
            return self.delete_only(name, reference).await;
        };
        let subject = self.subject_of_listed(name, reference).await?;
        let was_there = self.delete_only(name, reference).await?;
        if let Some(subject) = subject {
            self.remove_referrer(name, &subject, digest).await?;
        }
        Ok(was_there)
    }

    async fn delete_only(&self, name: &Name, reference: &Reference) -> Result<bool, Error> {
        let request = DeleteManifest::new(name.clone(), reference.clone());
        let call = call!(DELETE_MANIFEST, request);
        Ok(self.find(call, &[202, 200, 204]).await?.is_some())
    }

    /// Takes a blob out of a repository. Whether there was one.
    pub async fn delete_blob(&self, name: &Name, digest: &Digest) -> Result<bool, Error> {
        let request = DeleteBlob::new(name.clone(), digest.clone());
        let call = call!(DELETE_BLOB, request);
        Ok(self.find(call, &[202, 200, 204]).await?.is_some())
    }
}

fn get(name: &Name, reference: &Reference) -> GetManifest {
    GetManifest::new(name.clone(), reference.clone())
}

fn accepting(call: Call) -> Call {
    ACCEPT
        .iter()
        .fold(call, |call, kind| call.header_text("Accept", kind))
}

/// The digest that an answer names.
fn named(head: &Head) -> Result<Option<Digest>, Error> {
    head.header_optional("Docker-Content-Digest")
        .map_err(Error::unexpected)
}

/// The digest of `bytes`, which must be the one that was asked for and the one that was named.
fn verified(reference: &Reference, named: Option<Digest>, bytes: &Bytes) -> Result<Digest, Error> {
    let asked = match reference {
        Reference::Digest(digest) => Some(digest),
        Reference::Tag(_) => None,
    };
    for expected in asked.into_iter().chain(&named) {
        matching(expected, &Digest::of(expected.kind()?, bytes))?;
    }
    let digest = asked.cloned().or(named);
    Ok(digest.unwrap_or_else(|| Digest::sha256(bytes)))
}

fn matching(expected: &Digest, actual: &Digest) -> Result<(), Error> {
    if expected == actual {
        return Ok(());
    }
    let (expected, actual) = (expected.clone(), actual.clone());
    Err(Mismatch::Digest { expected, actual }.into())
}

/// What the document is. Where the registry knows no better than that it is JSON, the document tells.
fn kind(head: &Head, bytes: &Bytes) -> Result<String, Error> {
    let said = head.content_type().ok().map(|text| essence(&text));
    let said = said.filter(|said| {
        !matches!(
            said.as_str(),
            "" | "application/json" | "text/plain" | "application/octet-stream"
        )
    });
    let own = serde_json::from_slice::<Kinded>(bytes).ok();
    let own = own.and_then(|document| document.media_type);
    match (said, own) {
        (Some(said), Some(own)) if said != own => Err(Error::unexpected(format!(
            "a manifest is sent as {said:?} and says that it is {own:?}"
        ))),
        (Some(kind), _) | (None, Some(kind)) => Ok(kind),
        (None, None) => Err(Error::unexpected("a manifest that does not say what it is")),
    }
}

/// A media type without its parameters.
fn essence(text: &str) -> String {
    let essence = text.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}
