//! `manifests.yaml`: manifests by tag or digest.

use api_runtime::server::Context;
use api_runtime::{Etag, Location, Source, media};
use registry_protocol::server::Manifests;
use registry_protocol::{
    DeleteManifest, DeleteManifestAccepted, DeleteManifestError, DeleteManifestResponse,
    GetManifest, GetManifestError, GetManifestOk, GetManifestResponse, GetManifestUrl,
    ManifestInvalid, MediaType, PutManifest, PutManifestCreated, PutManifestError,
    PutManifestResponse, PutManifestTooManyTagsFailure, Reference, TagInvalid,
};
use registry_storage::domain;

use super::{Registry, failures};

/// With so many tags a manifest may be pushed at once; each is several files.
const MOST_TAGS: usize = 100;

impl Manifests for Registry {
    async fn get_manifest(
        &self,
        _cx: Context,
        request: GetManifest,
    ) -> Result<GetManifestResponse, GetManifestError> {
        let manifests = self
            .repository::<GetManifestError>(&request.name)?
            .manifests();
        let manifest = manifests
            .get_by_reference(&request.reference)
            .await
            .map_err(failures::manifest::<GetManifestError>)?;
        let digest = manifest.descriptor.digest;
        let etag = Etag::strong(digest.as_str()).map_err(Source::from)?;
        let media_type = manifest.descriptor.media_type.into_string();
        Ok(GetManifestOk::new(digest, etag, media_type, manifest.content).into())
    }

    async fn put_manifest(
        &self,
        cx: Context,
        request: PutManifest,
    ) -> Result<PutManifestResponse, PutManifestError> {
        let manifests = self
            .repository::<PutManifestError>(&request.name)?
            .manifests();
        let media_type = request
            .content_type
            .as_deref()
            .map(media_type)
            .transpose()?;
        let by_digest = matches!(request.reference, Reference::Digest(_));
        let further = request.tag.unwrap_or_default();
        if further.len() > MOST_TAGS {
            let reason = format!("there are more than {MOST_TAGS}");
            let error = TagInvalid {
                parameter: Some("tag".to_owned()),
                reason: Some(reason),
            };
            return Err(PutManifestTooManyTagsFailure::new(error).into());
        }
        let asked = !further.is_empty();
        let manifest = domain::PutManifest::new(request.reference, media_type, request.body)
            .tagged(further.iter().cloned())
            .provided(condition(cx));
        let stored = manifests
            .put(manifest)
            .await
            .map_err(failures::manifest_put::<PutManifestError>)?;
        let digest = stored.descriptor.digest;
        let location = GetManifestUrl::new(request.name, Reference::from(digest.clone()));
        let mut answer = PutManifestCreated::new(Location::from(location), digest);
        if let Some(subject) = stored.subject {
            answer = answer.oci_subject(subject);
        }
        if asked {
            // By digest all tags that were set are those of the parameter, each once.
            answer = answer.oci_tag(if by_digest { stored.tags } else { further });
        }
        Ok(answer.into())
    }

    async fn delete_manifest(
        &self,
        cx: Context,
        request: DeleteManifest,
    ) -> Result<DeleteManifestResponse, DeleteManifestError> {
        let manifests = self
            .repository::<DeleteManifestError>(&request.name)?
            .manifests();
        manifests
            .delete_if(&request.reference, condition(cx))
            .await
            .map_err(failures::manifest_delete::<DeleteManifestError>)?;
        Ok(DeleteManifestAccepted.into())
    }
}

/// The conditions of a request, if it has any, on the entity tag of what is there.
fn condition(cx: Context) -> Option<domain::Condition> {
    cx.is_conditional().then(|| {
        domain::Condition::new(move |there| {
            let etag = there.and_then(|digest| Etag::strong(digest.as_str()).ok());
            cx.precondition(etag.as_ref(), None).is_ok()
        })
    })
}

/// A media type without its parameters, which are neither stored nor sent back.
fn media_type(text: &str) -> Result<MediaType, ManifestInvalid> {
    let essence = media::Media::parse(text).map(|media| media.essence());
    essence
        .and_then(|essence| MediaType::parse(&essence))
        .map_err(|_| ManifestInvalid {
            parameter: None,
            reason: Some("its media type is malformed".to_owned()),
        })
}
