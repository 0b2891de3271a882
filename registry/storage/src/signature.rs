//! Signatures, found and stored through the manifests of a repository, whatever these are wrapped in.

use std::sync::Arc;

use bytes::Bytes;
use registry_protocol::{Digest, MediaType, Reference, Tag};

use crate::domain::{
    Answer, Descriptor, ManifestService, PageRequest, PutManifest, ReferrersRequest, Signature,
    SignatureScheme, SignatureService, StoredManifest,
};
use crate::error::{Fault, ManifestError, ManifestInvalid, ManifestPutError};
use crate::manifest::subject_of;

/// How many referrers are asked for at once.
const PAGE: usize = 100;

/// Artifacts that are signatures: those of notation, and of cosign in its forms.
const TYPES: [&str; 2] = [
    "application/vnd.cncf.notary.signature",
    "application/vnd.dev.cosign.artifact.sig.v1+json",
];
/// With a version behind it.
const SIGSTORE_BUNDLE: &str = "application/vnd.dev.sigstore.bundle";

/// The signature service over any manifest service.
#[derive(Debug)]
pub struct Signatures {
    manifests: Arc<dyn ManifestService>,
}

impl Signatures {
    /// Signatures among these manifests.
    pub fn new(manifests: Arc<dyn ManifestService>) -> Self {
        Self { manifests }
    }

    async fn referring(&self, digest: &Digest) -> Result<Vec<Signature>, Fault> {
        let mut signatures = Vec::new();
        let mut request = PageRequest::first(PAGE);
        loop {
            let asked = ReferrersRequest::new(digest.clone(), request);
            let page = self.manifests.referrers(asked).await?;
            let next = page.next().map(|last| last.digest.clone());
            let found = page.items.into_iter().filter(is_signature);
            signatures.extend(found.map(|found| Signature::new(SignatureScheme::Referrer, found)));
            match next {
                Some(last) => request = PageRequest::after(last, PAGE),
                None => return Ok(signatures),
            }
        }
    }

    async fn tagged(&self, digest: &Digest) -> Result<Option<Signature>, Fault> {
        match self.manifests.get_by_tag(&cosign_tag(digest)).await {
            Ok(manifest) => {
                let scheme = SignatureScheme::CosignTag;
                Ok(Some(Signature::new(scheme, manifest.descriptor)))
            }
            Err(ManifestError::Unknown(_) | ManifestError::RepositoryUnknown(_)) => Ok(None),
            Err(ManifestError::Fault(fault)) => Err(fault),
        }
    }
}

fn is_signature(found: &Descriptor) -> bool {
    found.artifact_type.as_ref().is_some_and(|kind| {
        TYPES.contains(&kind.as_str()) || kind.as_str().starts_with(SIGSTORE_BUNDLE)
    })
}

/// The tag under which cosign keeps the signatures of a manifest. That of a sha512 would be longer than a
/// tag may be, and is cut.
fn cosign_tag(digest: &Digest) -> Tag {
    let (algorithm, hex) = (digest.algorithm(), digest.hex());
    let hex = &hex[..hex.len().min(64)];
    Tag::parse(&format!("{algorithm}-{hex}.sig")).expect("it has the characters of a tag")
}

impl SignatureService for Signatures {
    fn get<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Vec<Signature>, Fault> {
        Box::pin(async move {
            let mut signatures = self.referring(digest).await?;
            signatures.extend(self.tagged(digest).await?);
            Ok(signatures)
        })
    }

    fn put<'a>(
        &'a self,
        digest: &'a Digest,
        scheme: SignatureScheme,
        media_type: Option<MediaType>,
        content: Bytes,
    ) -> Answer<'a, StoredManifest, ManifestPutError> {
        Box::pin(async move {
            let reference = match scheme {
                SignatureScheme::CosignTag => Reference::Tag(cosign_tag(digest)),
                SignatureScheme::Referrer if subject_of(&content).as_ref() == Some(digest) => {
                    Reference::Digest(Digest::sha256(&content))
                }
                SignatureScheme::Referrer => {
                    let problem = "its subject is not what it is to sign";
                    return Err(ManifestInvalid::because(problem).into());
                }
            };
            let manifest = PutManifest::new(reference, media_type, content);
            self.manifests.put(manifest).await
        })
    }
}
