//! `referrers.yaml`: what is attached to a manifest.

use api_runtime::Location;
use api_runtime::server::Context;
use registry_protocol::server::Referrers;
use registry_protocol::{
    Descriptor, Filter, Index, ListReferrers, ListReferrersError, ListReferrersResponse,
    ListReferrersUrl, ReferrerPage,
};
use registry_storage::domain::{self, ReferrersRequest};

use super::{Registry, failures, pages};

/// The media type of the list, which says it itself, too.
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

impl Referrers for Registry {
    async fn list_referrers(
        &self,
        _cx: Context,
        request: ListReferrers,
    ) -> Result<ListReferrersResponse, ListReferrersError> {
        // A repository that is not served has no referrers, as one that was never pushed to.
        let Ok(repository) = self.namespace.repository(&request.name) else {
            return Ok(ReferrerPage::new(index(Vec::new())).into());
        };
        let page = pages::request(request.last.clone(), self.options.pages.referrers);
        let wanted = ReferrersRequest::new(request.digest.clone(), page)
            .of_type(request.artifact_type.clone());
        let found = repository
            .manifests()
            .referrers(wanted)
            .await
            .map_err(failures::fault::<ListReferrersError>)?;
        let next = found.next().map(|last| last.digest.clone());
        let mut answer = ReferrerPage::new(index(found.items));
        if request.artifact_type.is_some() {
            answer = answer.oci_filters_applied(vec![Filter::ArtifactType]);
        }
        if let Some(last) = next {
            answer = answer.link(Location::from(ListReferrersUrl {
                last: Some(last),
                ..request.url()
            }));
        }
        Ok(answer.into())
    }
}

fn index(descriptors: Vec<domain::Descriptor>) -> Index {
    let mut index = Index::new(descriptors.into_iter().map(on_the_wire).collect());
    index.media_type = Some(INDEX.to_owned());
    index
}

fn on_the_wire(descriptor: domain::Descriptor) -> Descriptor {
    Descriptor {
        media_type: descriptor.media_type,
        digest: descriptor.digest,
        size: descriptor.size,
        artifact_type: descriptor.artifact_type,
        annotations: (!descriptor.annotations.is_empty()).then_some(descriptor.annotations),
    }
}
