//! `tags.yaml`: the tags of a repository.

use api_runtime::Location;
use api_runtime::server::Context;
use registry_protocol::server::Tags;
use registry_protocol::{
    AfterTag, ListTags, ListTagsError, ListTagsResponse, ListTagsUrl, Tag, TagList, TagPage,
};

use super::{Registry, failures, pages};

impl Tags for Registry {
    async fn list_tags(
        &self,
        _cx: Context,
        request: ListTags,
    ) -> Result<ListTagsResponse, ListTagsError> {
        let ListTags { name, ns, last, n } = request;
        let manifests = self.repository::<ListTagsError>(&name)?.manifests();
        let size = pages::size(n.as_ref(), self.options.pages.tags);
        let tags = manifests
            .tags(pages::request(last.and_then(after), size))
            .await
            .map_err(failures::repository::<ListTagsError>)?;
        let next = pages::next(&tags);
        let page = TagPage::new(TagList::new(name.clone(), tags.items));
        Ok(match next {
            Some(last) => page.link(Location::from(ListTagsUrl {
                name,
                ns,
                last: Some(last.into()),
                n: pages::again(size),
            })),
            None => page,
        }
        .into())
    }
}

/// The tag behind which a list begins, if it does not begin at its beginning.
fn after(last: AfterTag) -> Option<Tag> {
    match last {
        AfterTag::Tag(tag) => Some(tag),
        AfterTag::ListStart(_) => None,
    }
}
